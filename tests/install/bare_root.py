#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Debian packages, for real: built, looked over by lintian, installed into a
minimal Debian 12 in a folder, where every command of docs/quickstart.md is run,
and removed again, which must leave nothing. Then packaging/Containerfile, whose
steps are run in such roots as a container engine would. Needs root, debootstrap
and the network; without them it fails.

    bare_root.py [--base FOLDER]    FOLDER: keeps the minimal Debian there for the next time
"""
import argparse
import glob
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/lib"))
import servers  # noqa: E402
from harness import Tap  # noqa: E402

BARE = os.path.join(ROOT, "scripts/bare-root")
# Kept by dpkg, apt and ldconfig for themselves; nothing of a package.
OWN = re.compile(r"^/(proc|sys|dev|tmp|run)(/|$)|^/var/(lib/(dpkg|apt)|cache|log)(/|$)|^/etc/ld\.so\.cache$|^/srv(/|$)")


def call(argv, **kw):
    return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", **kw)


class Bare:
    """A root of its own, copied from the base."""

    def __init__(self, base, name, work):
        self.path = os.path.join(work, name)
        subprocess.run(["cp", "-a", "--reflink=auto", base, self.path], check=True)

    def run(self, script):
        return call([BARE, "run", self.path, script])

    def must(self, script):
        result = self.run(script)
        if result.returncode:
            raise RuntimeError("%s\n%s" % (script, result.stdout[-3000:]))
        return result.stdout

    def write(self, path, text):
        full = self.path + path
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as f:
            f.write(text)

    def leave(self):
        call([BARE, "leave", self.path])

    def files(self):
        self.leave()
        found = set()
        for top, folders, names in os.walk(self.path):
            inside = top[len(self.path):] or "/"
            folders[:] = [d for d in folders if not OWN.match(os.path.join(inside, d))]
            found |= {p for p in (os.path.join(inside, n) for n in names + folders) if not OWN.match(p)}
        return found


# ---- building and lintian ---------------------------------------------------------------


def packages(tap, work):
    dist = os.path.join(work, "dist")
    made = call(["scripts/make-deb", dist], cwd=ROOT)
    debs = {os.path.basename(p).split("_")[0]: p for p in glob.glob(dist + "/*.deb") if "-dbgsym" not in p}
    wanted = {"whimbrel", "whimbrel-postgres", "libwhimbrel0", "libwhimbrel-dev"}
    tap.result(made.returncode == 0 and set(debs) == wanted, "deb: %s" % ", ".join(sorted(wanted)), made.stdout)
    return debs


def field(deb, name):
    return call(["dpkg-deb", "-f", deb, name]).stdout.strip()


def dependencies(tap, debs):
    def names(package):
        return {d.split()[0] for d in field(debs[package], "Depends").split(", ")}
    tap.result(names("libwhimbrel0") == {"libc6", "libsqlite3-0"}, "deb: the library depends on SQLite and libc alone",
               str(names("libwhimbrel0")))
    tap.result(names("whimbrel") == {"libc6", "libsqlite3-0", "libjansson4", "libyaml-0-2"},
               "deb: the program does not depend on PostgreSQL", str(names("whimbrel")))
    tap.result({"libc6", "libpq5"} <= names("whimbrel-postgres"), "deb: the module does", str(names("whimbrel-postgres")))


def lintian(tap, debs, work):
    told = call(["lintian", "--allow-root", "--fail-on", "error"] + sorted(debs.values()))
    tap.result(told.returncode == 0 and "\nE: " not in "\n" + told.stdout, "lintian: no error", told.stdout)
    tap.note(told.stdout.strip() or "lintian says nothing")
    # That silence means something: a package without its copyright is reported.
    broken = os.path.join(work, "broken")
    subprocess.run(["dpkg-deb", "-R", debs["whimbrel"], broken], check=True)
    os.unlink(os.path.join(broken, "usr/share/doc/whimbrel/copyright"))
    subprocess.run(["dpkg-deb", "-b", "--root-owner-group", broken, broken + ".deb"], check=True, stdout=subprocess.DEVNULL)
    told = call(["lintian", "--allow-root", "--fail-on", "error", broken + ".deb"])
    tap.result(told.returncode != 0 and "E: " in told.stdout, "lintian: a damaged package is an error", told.stdout)


# ---- the quick start -----------------------------------------------------------------------


def sections():
    """{heading: {language: text of its blocks}}"""
    with open(os.path.join(ROOT, "docs/quickstart.md"), encoding="utf-8") as f:
        parts = re.split(r"(?m)^## (.*)$", f.read())[1:]
    return {title: {language: "\n".join(re.findall(r"```%s\n(.*?)```" % language, body, re.S)) for language in ("sh", "sql", "c")}
            for title, body in zip(parts[::2], parts[1::2])}


def quick_start(tap, bare, port):
    docs = sections()
    one = "CREATE TABLE users (id bigint PRIMARY KEY);\n"
    for title in ("SQLite", "PostgreSQL", "In CI and at deployment", "An existing database"):
        home = "/srv/" + re.sub(r"\W", "_", title)
        script = docs[title]["sh"]
        before = ""
        if title == "PostgreSQL":
            script = re.sub(r"=postgres://\S+", "='postgres://postgres@127.0.0.1:%d/quick?sslmode=disable'" % port, script)
            bare.write(home + "/migrations/V002__nickname.sql", docs[title]["sql"])
        if title != "SQLite":
            bare.write(home + "/migrations/V001__users.sql", one)
        if title == "In CI and at deployment":
            before = ("export DATABASE_URL=sqlite:app.db; git init -q -b main .; git config user.email a@b.example;"
                      "git config user.name a; git add -A; git commit -qm one; git update-ref refs/remotes/origin/main HEAD\n")
        if title == "An existing database":
            before = "export DATABASE_URL=sqlite:app.db; sqlite3 app.db 'CREATE TABLE users (id bigint PRIMARY KEY)'\n"
            bare.write(home + "/migrations/V002__towns.sql", "CREATE TABLE towns (id bigint PRIMARY KEY);\n")
        ran = bare.run("mkdir -p %s; cd %s; export HOME=%s\nset -x\n%s%s" % (home, home, home, before, script))
        tap.result(ran.returncode == 0 and len(script.split("\n")) > 2 and "Applied" in ran.stdout,
                   "bare root: quick start, %s" % title, ran.stdout)
    bare.write("/srv/c/app.c", "#include <sqlite3.h>\n" + docs["In a C program"]["c"] +
               "\nint main(void)\n{\n\tsqlite3 *db;\n\treturn sqlite3_open(\"app.db\", &db) || migrate(db) || sqlite3_close(db);\n}\n")
    ran = bare.run("cd /srv/c; cc -Wall -Werror -o app app.c $(pkg-config --cflags --libs whimbrel sqlite3); ./app; ./app;"
                   "sqlite3 app.db 'SELECT count(*) FROM notes'; ldd app")
    tap.result(ran.returncode == 0 and "libwhimbrel.so.0" in ran.stdout, "bare root: quick start, in a C program", ran.stdout)
    ran = bare.run("cd /srv/c; cp -r /usr/share/doc/libwhimbrel-dev/examples ex; cd ex; make -s; ./embed notes.db")
    tap.result(ran.returncode == 0, "bare root: the packaged examples build and run", ran.stdout)


def install_and_remove(tap, base, work, debs, port):
    bare = Bare(base, "packages", work)
    os.makedirs(bare.path + "/srv/debs")
    for deb in debs.values():
        shutil.copy(deb, bare.path + "/srv/debs")
    install = "export DEBIAN_FRONTEND=noninteractive; apt-get install -y -qq --no-install-recommends /srv/debs/*.deb"
    remove = "dpkg --purge %s" % " ".join(sorted(debs))
    bare.must("apt-get update -qq; export DEBIAN_FRONTEND=noninteractive;"
              "apt-get install -y -qq --no-install-recommends git gcc libc6-dev pkgconf sqlite3 make")
    never = {p for p in bare.files() if "whimbrel" in p}
    bare.must(install)  # brings the dependencies, which stay
    bare.must(remove)
    before = bare.files()
    bare.must(install)
    told = bare.must("whimbrel --version; dpkg --audit; man -w whimbrel 2>/dev/null || test -s /usr/share/man/man1/whimbrel.1.gz")
    tap.result("whimbrel 0" in told, "bare root: the packages install", told)
    quick_start(tap, bare, port)
    bare.must("dpkg -r libwhimbrel-dev whimbrel-postgres")
    without = bare.run("cd /srv/SQLite/app; whimbrel --url postgres://x@127.0.0.1:%d/quick status" % port)
    lite = bare.run("cd /srv/SQLite/app; whimbrel --url sqlite:app.db status")
    tap.result(without.returncode == 4 and "whimbrel-postgres.so" in without.stdout and lite.returncode == 0,
               "bare root: without whimbrel-postgres, SQLite works and PostgreSQL says what is missing", without.stdout)
    bare.must(remove)
    after = bare.files()
    left = sorted(after - before) + sorted(p for p in after if "whimbrel" in p and p not in never)
    tap.result(not left and not before - after, "bare root: removal leaves nothing, and takes nothing else",
               "\n".join(left + sorted(before - after)))
    call([BARE, "remove", bare.path])


# ---- the Containerfile ---------------------------------------------------------------------------


def instructions():
    with open(os.path.join(ROOT, "packaging/Containerfile"), encoding="utf-8") as f:
        text = re.sub(r"(?m)^#.*\n", "", f.read())
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            verb, _, rest = line.strip().partition(" ")
            yield verb, rest.strip()


def copy_source(target):
    """What .containerignore leaves: the files that git knows or would add."""
    listed = call(["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard"], cwd=ROOT).stdout.split("\n")
    for name in filter(None, listed):
        if os.path.isfile(os.path.join(ROOT, name)):
            os.makedirs(os.path.dirname(os.path.join(target, name)), exist_ok=True)
            shutil.copy2(os.path.join(ROOT, name), os.path.join(target, name))


class Stage:
    def __init__(self, bare):
        self.bare, self.folder, self.user, self.entry, self.command = bare, "/", None, [], []

    def shell(self, script):
        script = "mkdir -p %s; cd %s; %s" % (self.folder, self.folder, script)
        if self.user:
            script = "setpriv --reuid %s --regid %s --clear-groups sh -ec %s" % (self.user, self.user, shlex.quote(script))
        return self.bare.run("export DEBIAN_FRONTEND=noninteractive; " + script)

    def copy(self, rest, stages):
        words = rest.split()
        source = stages[words.pop(0).partition("=")[2]] if words[0].startswith("--from=") else None
        target = self.bare.path + os.path.normpath(os.path.join(self.folder, words[-1]))
        os.makedirs(target, exist_ok=True)
        if not source:
            return copy_source(target)
        for pattern in words[:-1]:
            found = glob.glob(source.bare.path + pattern)
            if not found:
                raise RuntimeError("COPY: nothing matches " + pattern)
            for path in found:
                shutil.copy2(path, target)


def build_image(base, work):
    stages, stage, told = {}, None, ""
    for verb, rest in instructions():
        if verb == "FROM":
            name = rest.split()[2] if " AS " in rest else "final"
            stage = stages[name] = Stage(Bare(base, "stage-" + name, work))
        elif verb == "WORKDIR":
            stage.folder = rest
        elif verb == "USER":
            stage.user = rest
        elif verb == "COPY":
            stage.copy(rest, stages)
        elif verb == "RUN":
            ran = stage.shell(rest)
            told += "RUN %s\n%s" % (rest, ran.stdout[-2000:])
            if ran.returncode:
                return None, told
        elif verb in ("ENTRYPOINT", "CMD"):
            setattr(stage, {"ENTRYPOINT": "entry", "CMD": "command"}[verb], json.loads(rest))
        else:
            return None, "the test does not know %s" % verb
    return stages, told


def containerfile(tap, base, work, cluster):
    stages, told = build_image(base, work)
    if not tap.result(stages is not None, "container: every step of the Containerfile", told):
        return
    final = stages["final"]
    final.bare.write("/app/migrations/V001__a.sql", "CREATE TABLE a (id bigint PRIMARY KEY);\n")
    cluster.create_database("image")
    url = "postgres://postgres@127.0.0.1:%s/image?sslmode=disable" % cluster.port()
    ran = final.shell("export DATABASE_URL='%s'; id -u; %s" % (url, shlex.join(final.entry + final.command)))
    tap.result(ran.returncode == 0 and ran.stdout.startswith("10001"), "container: its command migrates, not as root", ran.stdout)
    ran = final.shell("export DATABASE_URL='%s'; %s" % (url, shlex.join(final.entry + ["status", "--exit-code"])))
    tap.result(ran.returncode == 0, "container: another command can be given", ran.stdout)
    tools = [t for t in ("gcc", "make", "meson", "ninja") if final.bare.run("command -v " + t).returncode == 0]
    tap.result(not tools, "container: nothing of the build is in the image", str(tools))
    for stage in stages.values():
        call([BARE, "remove", stage.bare.path])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base")
    a = parser.parse_args()
    tap = Tap()
    work = tempfile.mkdtemp(prefix="wb-bare-")
    os.chmod(work, 0o755)
    base = os.path.abspath(a.base or os.path.join(work, "base"))
    try:
        made = call([BARE, "make", base])
        if tap.result(made.returncode == 0, "bare root: debootstrap", made.stdout):
            debs = packages(tap, work)
            dependencies(tap, debs)
            lintian(tap, debs, work)
            with socket.socket() as s:
                s.bind(("127.0.0.1", 0))
                port = s.getsockname()[1]
            with servers.cluster(tcp=port) as cluster:
                install_and_remove(tap, base, work, debs, port)
                containerfile(tap, base, work, cluster)
    except (RuntimeError, OSError, subprocess.CalledProcessError, KeyError) as e:
        tap.result(False, "went through to the end", repr(e).replace("\\n", "\n"))
    finally:
        for path in glob.glob(work + "/*"):
            if os.path.isdir(path) and os.path.isdir(path + "/usr"):
                call([BARE, "remove", path])
        if not any(line.split()[1].startswith(work) for line in open("/proc/mounts", encoding="utf-8")):
            shutil.rmtree(work, ignore_errors=True)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
