# SPDX-License-Identifier: Apache-2.0
"""The tools whose histories are adopted: how each is got, the files it wants,
how it is run, and what it says of itself. Used by real.py, and to make the
fixtures that adopt.py restores."""
import glob
import json
import os
import re
import shutil
import subprocess

DBMATE, GOOSE, MIGRATE, FLYWAY, TERN = "2.36.0", "v3.28.0", "v4.20.1", "10.22.0", "v2.3.4"
LIQUIBASE = (("org.liquibase", "liquibase-core", "4.29.2"), ("info.picocli", "picocli", "4.7.6"),
             ("org.yaml", "snakeyaml", "2.2"), ("org.postgresql", "postgresql", "42.7.4"),
             ("org.xerial", "sqlite-jdbc", "3.46.1.3"))

TABLES = ("people", "towns", "rivers", "lakes")


def create(name):
    return "CREATE TABLE %s (id integer PRIMARY KEY, name text);\n" % name


def drop(name):
    return "DROP TABLE %s;\n" % name


class Unavailable(Exception):
    """Why a tool cannot take part."""


def output(argv, cwd, **env):
    full = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    full.update(env)
    result = subprocess.run(argv, cwd=cwd, env=full, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, errors="replace")
    if result.returncode != 0:
        raise RuntimeError("%s: exit %d\n%s" % (" ".join(argv)[:200], result.returncode, result.stdout[-2000:]))
    return result.stdout


def need(program):
    path = shutil.which(program)
    if not path:
        raise Unavailable("%s is not installed" % program)
    return path


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    return path


class Tool:
    """`db` below is an object with url, path (SQLite), host, port, name."""
    engines = ("sqlite", "postgresql")
    table = "schema_migrations"
    baseline = False  # its files are no SQL that Whimbrel reads

    def __init__(self, cache):
        self.cache = cache
        self.path = self.get()

    def dir(self, folder):
        """What --dir is pointed at."""
        return os.path.join(folder, "migrations")

    def prepare(self, folder, db):
        """Before the first migration."""

    def add(self, folder, number, db):
        """The files of the number-th migration, from 1."""
        name = TABLES[number - 1]
        write(folder, "migrations/" + self.file(number, name), self.text(number, name))

    def ours(self, folder, number):
        """A new migration after the adoption, in a form that Whimbrel reads; its version."""
        self.add(folder, number, None)
        return self.version(number)


class Sections(Tool):
    up_mark, down_mark = "-- migrate:up\n", "-- migrate:down\n"

    def text(self, number, name):
        return self.up_mark + create(name) + "\n" + self.down_mark + drop(name)


class Dbmate(Sections):
    name = "dbmate"

    def get(self):
        folder = os.path.join(self.cache, "dbmate-" + DBMATE)
        path = os.path.join(folder, "package/bin/dbmate")
        if not os.path.exists(path):
            need("npm")
            os.makedirs(folder, exist_ok=True)
            output(["npm", "pack", "--silent", "@dbmate/linux-x64@" + DBMATE], folder)
            output(["tar", "xzf", glob.glob(folder + "/*.tgz")[0]], folder)
            os.chmod(path, 0o755)
        return path

    def version(self, number):
        return "2024010100000%d" % number

    def file(self, number, name):
        return "%s_%s.sql" % (self.version(number), name)

    def run(self, folder, db, *words):
        url = "sqlite:" + db.path if db.engine == "sqlite" else db.url
        return output([self.path, "--url", url, "--migrations-dir", "migrations", "--no-dump-schema"] + list(words),
                      folder)

    def up(self, folder, db):
        self.run(folder, db, "up")

    def applied(self, folder, db):
        return re.findall(r"\[X\] (\d+)_", self.run(folder, db, "status"))


class GoTool(Tool):
    def get(self):
        path = os.path.join(self.cache, "bin", self.program)
        if not os.path.exists(path):
            need("go")
            output(["go", "install"] + self.install, self.cache, GOBIN=os.path.join(self.cache, "bin"))
        return path


class GolangMigrate(GoTool):
    name, program = "golang-migrate", "migrate"
    install = ["-tags", "postgres sqlite3", "github.com/golang-migrate/migrate/v4/cmd/migrate@" + MIGRATE]

    def version(self, number):
        return "000%d" % number

    def add(self, folder, number, db):
        name = TABLES[number - 1]
        write(folder, "migrations/%s_%s.up.sql" % (self.version(number), name), create(name))
        write(folder, "migrations/%s_%s.down.sql" % (self.version(number), name), drop(name))

    def run(self, folder, db, *words):
        url = "sqlite3://" + db.path if db.engine == "sqlite" else db.url
        return output([self.path, "-path", "migrations", "-database", url] + list(words), folder)

    def up(self, folder, db):
        self.run(folder, db, "up")

    def applied(self, folder, db):
        last = int(re.search(r"^(\d+)", self.run(folder, db, "version"), re.M).group(1))
        return [self.version(n) for n in range(1, last + 1)]


class Goose(GoTool, Sections):
    name, program, table = "goose", "goose", "goose_db_version"
    install = ["github.com/pressly/goose/v3/cmd/goose@" + GOOSE]
    up_mark, down_mark = "-- +goose Up\n", "-- +goose Down\n"

    def version(self, number):
        return "0000%d" % number

    def file(self, number, name):
        return "%s_%s.sql" % (self.version(number), name)

    def run(self, folder, db, *words):
        where = ["sqlite3", db.path] if db.engine == "sqlite" else ["postgres", db.url]
        return output([self.path, "-dir", "migrations"] + where + list(words), folder)

    def up(self, folder, db):
        self.run(folder, db, "up")

    def applied(self, folder, db):
        lines = [l for l in self.run(folder, db, "status").splitlines() if "--" in l and "Pending" not in l]
        return [m.group(1) for m in (re.search(r"-- (\d+)_", l) for l in lines) if m]


class Flyway(Tool):
    name, table = "flyway", "flyway_schema_history"

    def get(self):
        folder = os.path.join(self.cache, "flyway")
        path = os.path.join(folder, "flyway-%s/flyway" % FLYWAY)
        if not os.path.exists(path):
            need("mvn")
            output(["mvn", "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
                    "-Dartifact=org.flywaydb:flyway-commandline:%s:tar.gz:linux-x64" % FLYWAY,
                    "-DoutputDirectory=" + folder], self.cache)
            output(["tar", "xzf", glob.glob(folder + "/*.tar.gz")[0]], folder)
        return path

    def version(self, number):
        return str(number)

    def add(self, folder, number, db):
        name = TABLES[number - 1]
        write(folder, "migrations/V%d__%s.sql" % (number, name), "\ufeff" * (number == 2) + create(name))
        if number == 2:
            write(folder, "migrations/R__all_names.sql",
                  "DROP VIEW IF EXISTS all_names;\nCREATE VIEW all_names AS SELECT name FROM people;\n")

    def run(self, folder, db, *words):
        if db.engine == "sqlite":
            where = ["-url=jdbc:sqlite:" + db.path]
        else:
            where = ["-url=jdbc:postgresql://127.0.0.1:%s/%s" % (db.port, db.name), "-user=postgres", "-password=x"]
        return output([self.path] + where + ["-locations=filesystem:" + self.dir(folder)] + list(words), folder)

    def up(self, folder, db):
        self.run(folder, db, "migrate")

    def applied(self, folder, db):
        text = self.run(folder, db, "info", "-outputType=json")
        rows = json.loads(text[text.index("{"):])["migrations"]
        return [r["version"] or "R__all_names" for r in rows if r["state"] == "Success"]


class Sqlx(Tool):
    name, table = "sqlx", "_sqlx_migrations"

    def get(self):
        path = os.path.join(self.cache, "cargo/bin/sqlx")
        if not os.path.exists(path):
            need("cargo")
            output(["cargo", "install", "sqlx-cli", "--locked", "--no-default-features", "--features",
                    "sqlite,postgres", "--version", "0.8.6", "--root", os.path.join(self.cache, "cargo")], self.cache)
        return path

    def version(self, number):
        return "2024010100000%d" % number

    def file(self, number, name):
        return "%s_%s.sql" % (self.version(number), name)

    def text(self, number, name):
        return create(name)

    def run(self, folder, db, *words):
        return output([self.path] + list(words) + ["--source", "migrations", "--database-url",
                                                   "sqlite:" + db.path if db.engine == "sqlite" else db.url], folder)

    def up(self, folder, db):
        if db.engine == "sqlite":
            open(db.path, "a").close()
        self.run(folder, db, "migrate", "run")

    def applied(self, folder, db):
        return re.findall(r"^(\d+)/installed", re.sub(r"\x1b\[[0-9;]*m", "", self.run(folder, db, "migrate", "info")),
                          re.M)


ALEMBIC_ENV = """import sqlalchemy, os
from alembic import context
url = context.config.get_main_option("sqlalchemy.url")
if context.is_offline_mode():
    context.configure(url=url, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    with sqlalchemy.create_engine(url).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""
ALEMBIC_IDS = ("1975ea83b712", "ae1027a6acf0", "27c6a30d7c24", "3b1f0c2d4e5f")


class Alembic(Tool):
    name, table, baseline = "alembic", "alembic_version", True

    def get(self):
        path = os.path.join(self.cache, "venv/bin/alembic")
        if not os.path.exists(path):
            output(["python3", "-m", "venv", os.path.join(self.cache, "venv")], self.cache)
            output([os.path.join(self.cache, "venv/bin/pip"), "install", "-q", "alembic", "psycopg2-binary"],
                   self.cache)
        return path

    def prepare(self, folder, db):
        url = "sqlite:///" + db.path if db.engine == "sqlite" else "postgresql+psycopg2://postgres@127.0.0.1:%s/%s" % (
            db.port, db.name)
        write(folder, "alembic.ini", "[alembic]\nscript_location = %(here)s/alembic\nsqlalchemy.url = " + url + "\n")
        write(folder, "alembic/env.py", ALEMBIC_ENV)
        write(folder, "alembic/script.py.mako", "")

    def add(self, folder, number, db):
        name, rev = TABLES[number - 1], ALEMBIC_IDS[number - 1]
        down = repr(ALEMBIC_IDS[number - 2]) if number > 1 else "None"
        write(folder, "alembic/versions/%s_%s.py" % (rev, name),
              '"""create %s"""\nfrom alembic import op\nimport sqlalchemy as sa\nrevision = %r\ndown_revision = %s\n'
              'def upgrade():\n    op.create_table(%r, sa.Column("id", sa.Integer, primary_key=True), '
              'sa.Column("name", sa.Text))\ndef downgrade():\n    op.drop_table(%r)\n' %
              (name, rev, down, name, name))

    def ours(self, folder, number):
        return new_numbered(folder, number)

    def up(self, folder, db):
        output([self.path, "upgrade", "head"], folder)

    def applied(self, folder, db):
        return re.findall(r"^([0-9a-f]{12})", output([self.path, "current"], folder), re.M)


def new_numbered(folder, number):
    version = "20260101%06d" % number
    write(folder, "migrations/%s_%s.sql" % (version, TABLES[number - 1]), create(TABLES[number - 1]))
    return version


class Refinery(Tool):
    name, table = "refinery", "refinery_schema_history"

    def get(self):
        path = os.path.join(self.cache, "cargo/bin/refinery")
        if not os.path.exists(path):
            need("cargo")
            output(["cargo", "install", "refinery_cli", "--locked", "--no-default-features", "--features",
                    "sqlite-bundled,postgresql", "--root", os.path.join(self.cache, "cargo")], self.cache)
        return path

    def version(self, number):
        return str(number)

    def file(self, number, name):
        return "V%d__%s.sql" % (number, name)

    def text(self, number, name):
        return create(name)

    def prepare(self, folder, db):
        if db.engine == "sqlite":
            open(db.path, "a").close()
            text = '[main]\ndb_type = "Sqlite"\ndb_path = "%s"\n' % db.path
        else:
            text = ('[main]\ndb_type = "Postgres"\ndb_host = "127.0.0.1"\ndb_port = "%s"\ndb_user = "postgres"\n'
                    'db_pass = "x"\ndb_name = "%s"\n' % (db.port, db.name))
        write(folder, "refinery.toml", text)

    def up(self, folder, db):
        output([self.path, "migrate", "-c", "refinery.toml", "-p", "migrations"], folder)

    def applied(self, folder, db):
        return db.column("SELECT version FROM refinery_schema_history ORDER BY version")


class Tern(GoTool, Tool):
    name, program, table, engines = "tern", "tern", "schema_version", ("postgresql",)
    install = ["github.com/jackc/tern/v2@" + TERN]

    def version(self, number):
        return "00%d" % number

    def file(self, number, name):
        return "%s_%s.sql" % (self.version(number), name)

    def text(self, number, name):
        return create(name) + "\n---- create above / drop below ----\n\n" + drop(name)

    def run(self, folder, db, *words):
        return output([self.path] + list(words) + ["--migrations", "migrations", "--conn-string", db.url], folder)

    def up(self, folder, db):
        self.run(folder, db, "migrate")

    def applied(self, folder, db):
        last = int(re.search(r"version:\s+(\d+) of", self.run(folder, db, "status")).group(1))
        return [self.version(n) for n in range(1, last + 1)]


class Graphile(Tool):
    name, table, engines, baseline = "graphile-migrate", "migrations", ("postgresql",), True

    def get(self):
        path = os.path.join(self.cache, "npm/node_modules/.bin/graphile-migrate")
        if not os.path.exists(path):
            need("npm")
            os.makedirs(os.path.join(self.cache, "npm"), exist_ok=True)
            output(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", ".",
                    "graphile-migrate@1.4.1"], os.path.join(self.cache, "npm"))
        return path

    def env(self, db):
        base = "postgres://postgres@127.0.0.1:%s/" % db.port
        return {"DATABASE_URL": base + db.name, "SHADOW_DATABASE_URL": base + db.name + "_shadow",
                "ROOT_DATABASE_URL": base + "postgres"}

    def prepare(self, folder, db):
        db.create_also(db.name + "_shadow")
        write(folder, ".gmrc", "{}\n")
        write(folder, "migrations/current.sql", "")
        os.makedirs(os.path.join(folder, "migrations/committed"), exist_ok=True)

    def add(self, folder, number, db):
        write(folder, "migrations/current.sql", "--! Message: %s\n\n%s" % (TABLES[number - 1], create(
            TABLES[number - 1]).replace("TABLE", "TABLE IF NOT EXISTS")))
        output([self.path, "commit"], folder, **self.env(db))

    def slow(self, folder, db):
        """A commit applies what it commits, to the shadow and then to the database itself."""
        output([self.path, "commit"], folder, **self.env(db))

    def dir(self, folder):
        return os.path.join(folder, "sql")

    def ours(self, folder, number):
        version = "20260101%06d" % number
        write(folder, "sql/%s_%s.sql" % (version, TABLES[number - 1]), create(TABLES[number - 1]))
        return version

    def up(self, folder, db):
        output([self.path, "migrate"], folder, **self.env(db))

    def applied(self, folder, db):
        return [f[:-4] for f in db.column("SELECT filename FROM graphile_migrate.migrations ORDER BY filename")]


class Sqitch(Tool):
    name, table, baseline = "sqitch", "changes", True

    def get(self):
        return need("sqitch")

    def target(self, db):
        if db.engine == "sqlite":
            return "db:sqlite:" + db.path
        return "db:pg://postgres@127.0.0.1:%s/%s" % (db.port, db.name)

    def run(self, folder, *words):
        return output([self.path] + list(words), folder, SQITCH_FULLNAME="Ada Lovelace", HOME=folder,
                      SQITCH_EMAIL="ada@example.org")

    def prepare(self, folder, db):
        self.run(folder, "init", "land", "--uri", "https://example.org/land/", "--engine",
                 "sqlite" if db.engine == "sqlite" else "pg")

    def add(self, folder, number, db):
        name = TABLES[number - 1]
        requires = ["--requires", TABLES[number - 2]] if number > 1 else []
        self.run(folder, "add", name, "-n", "Creates %s." % name, *requires)
        write(folder, "deploy/%s.sql" % name, "-- Deploy land:%s\n\nBEGIN;\n\n%s\nCOMMIT;\n" % (name, create(name)))
        write(folder, "revert/%s.sql" % name, "BEGIN;\n\n%s\nCOMMIT;\n" % drop(name))
        write(folder, "verify/%s.sql" % name, "SELECT 1;\n")

    def ours(self, folder, number):
        return new_numbered(folder, number)

    def up(self, folder, db):
        self.run(folder, "deploy", self.target(db))

    def applied(self, folder, db):
        text = self.run(folder, "log", self.target(db), "--event", "deploy", "--format", "format:%n@%h", "--abbrev",
                        "7", "--no-color", "--no-headers", "--reverse")
        return [line.strip() for line in text.splitlines() if "@" in line]


class Liquibase(Tool):
    name, table, baseline = "liquibase", "databasechangelog", True

    def get(self):
        lib = os.path.join(self.cache, "liquibase/lib")
        if not glob.glob(lib + "/liquibase-core*.jar"):
            need("mvn")
            items = "".join("<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version>"
                            "</dependency>" % d for d in LIQUIBASE)
            write(self.cache, "liquibase/pom.xml", "<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId>"
                  "<artifactId>x</artifactId><version>1</version><dependencies>%s</dependencies></project>" % items)
            output(["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"],
                   os.path.join(self.cache, "liquibase"))
        need("java")
        return lib

    def add(self, folder, number, db):
        sets = "".join('<changeSet id="%d" author="ada"><comment>%s</comment><createTable tableName="%s"><column '
                       'name="id" type="int"><constraints primaryKey="true"/></column></createTable></changeSet>'
                       % (n, TABLES[n - 1], TABLES[n - 1]) for n in range(1, number + 1))
        write(folder, "changelog.xml", '<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog" '
              'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="'
              'http://www.liquibase.org/xml/ns/dbchangelog '
              'http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">%s</databaseChangeLog>' % sets)

    def ours(self, folder, number):
        return new_numbered(folder, number)

    def run(self, folder, db, *words):
        if db.engine == "sqlite":
            where = ["--url=jdbc:sqlite:" + db.path]
        else:
            where = ["--url=jdbc:postgresql://127.0.0.1:%s/%s" % (db.port, db.name), "--username=postgres",
                     "--password=x"]
        return output(["java", "-cp", self.path + "/*",
                       "liquibase.integration.commandline.LiquibaseCommandLine"] + list(words) +
                      ["--changelog-file=changelog.xml"] + where, folder)

    def up(self, folder, db):
        self.run(folder, db, "update")

    def applied(self, folder, db):
        return ["%s::%s" % tuple(row) for row in db.rows("SELECT id, author FROM databasechangelog "
                                                         "ORDER BY orderexecuted")]


RAILS = """require "active_record"
ActiveRecord::Migration.verbose = false
ActiveRecord::Base.establish_connection(%s)
context = ActiveRecord::MigrationContext.new("migrations", ActiveRecord::SchemaMigration)
if ARGV[0] == "up"
  context.migrate
else
  puts context.get_all_versions
end
"""


class Rails(Tool):
    name, baseline = "rails", True

    def get(self):
        output([need("ruby"), "-e", 'require "active_record"; require "sqlite3"; require "pg"'], self.cache)
        return need("ruby")

    def prepare(self, folder, db):
        if db.engine == "sqlite":
            where = '{adapter: "sqlite3", database: "%s"}' % db.path
        else:
            where = '{adapter: "postgresql", host: "127.0.0.1", port: %s, username: "postgres", database: "%s"}' % (
                db.port, db.name)
        write(folder, "run.rb", RAILS % where)

    def add(self, folder, number, db):
        name = TABLES[number - 1]
        write(folder, "migrations/2024010100000%d_create_%s.rb" % (number, name),
              "class Create%s < ActiveRecord::Migration[6.1]\n  def change\n    create_table(:%s) { |t| t.string "
              ":name }\n  end\nend\n" % (name.capitalize(), name))

    def ours(self, folder, number):
        return new_numbered(folder, number)

    def up(self, folder, db):
        output([self.path, "run.rb", "up"], folder)

    def applied(self, folder, db):
        return output([self.path, "run.rb", "status"], folder).split()


TOOLS = (Dbmate, GolangMigrate, Flyway, Goose, Sqlx, Alembic, Rails, Refinery, Tern, Graphile, Sqitch, Liquibase)
