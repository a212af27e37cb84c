# SPDX-License-Identifier: Apache-2.0
"""What the crash, race and disk-full tests share: TAP, the two engines with
databases that can be copied, and running the program."""
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading

import servers

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
JOURNAL = "whimbrel"


def program(variable, folder):
    path = os.path.abspath(os.environ.get(variable) or os.path.join(ROOT, folder, "whimbrel"))
    if not os.access(path, os.X_OK):
        sys.exit("%s is not there: scripts/build %s (or set %s)" % (path, folder, variable))
    return path


class Tap:
    """Counts and prints; thread safe. The plan comes last, as TAP allows."""

    def __init__(self):
        self.count, self.failures, self.lock = 0, 0, threading.Lock()

    def note(self, text):
        with self.lock:
            print("\n".join("# " + line for line in text.splitlines()), flush=True)

    def result(self, passed, name, why=""):
        with self.lock:
            self.count += 1
            self.failures += not passed
            print("%s %d - %s" % ("ok" if passed else "not ok", self.count, name))
            if not passed:
                print("\n".join("#   " + line for line in why.splitlines()), flush=True)
        return passed

    def finish(self):
        print("1..%d" % self.count, flush=True)
        return 1 if self.failures or not self.count else 0


class Result:
    def __init__(self, argv, status, out, err):
        self.argv, self.status, self.out, self.err = argv, status, out, err

    def error(self):
        """The error object of -o json, or nothing."""
        try:
            return json.loads(self.out).get("error") or {}
        except (ValueError, AttributeError):
            return {}

    def __str__(self):
        return "%s: exit %s\n%s\n%s" % (" ".join(self.argv[1:]), self.status, self.out[-1500:], self.err[-1500:])


def environment(**more):
    env = {k: v for k, v in servers.clean_env().items() if not k.startswith("WHIMBREL") and k != "DATABASE_URL"}
    env.update(more)
    return env


def start(argv, cwd, **env):
    return subprocess.Popen(argv, cwd=cwd, env=environment(**env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, errors="replace")


def finish(process, timeout=120):
    try:
        out, err = process.communicate(timeout=timeout)
        return Result(process.args, process.returncode, out, err)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        return Result(process.args, "hung for %d s" % timeout, out, err)


def run(argv, cwd, timeout=120, **env):
    return finish(start(argv, cwd, **env), timeout)


class Sqlite:
    """Databases are files in one folder; copying one is copying its files."""
    name = "sqlite"

    def __init__(self, folder):
        self.folder = folder

    def path(self, db):
        return os.path.join(self.folder, db + ".db")

    def url(self, db):
        return "sqlite://" + self.path(db)

    def create(self, db):
        self.drop(db)

    def drop(self, db):
        for suffix in ("", "-journal", "-wal", "-shm", ".whimbrel-lock"):
            if os.path.exists(self.path(db) + suffix):
                os.unlink(self.path(db) + suffix)

    def clone(self, source, db):
        self.drop(db)
        for suffix in ("", "-journal", "-wal"):
            if os.path.exists(self.path(source) + suffix):
                shutil.copy(self.path(source) + suffix, self.path(db) + suffix)

    def query(self, db, sql):
        connection = sqlite3.connect(self.path(db), timeout=30)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def fingerprint(self, db):
        """Everything but the journal: definitions, rows, and that the file is sound."""
        lines = ["integrity: %s" % self.query(db, "PRAGMA integrity_check")[0][0],
                 "foreign keys broken: %d" % len(self.query(db, "PRAGMA foreign_key_check"))]
        objects = self.query(db, "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master "
                                 "WHERE tbl_name NOT LIKE '%s\\_%%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%%' ESCAPE '\\' "
                                 "ORDER BY type, name" % JOURNAL)
        for kind, name, table, sql in objects:
            lines.append("%s %s on %s: %s" % (kind, name, table, sql))
            if kind == "table":
                lines += sorted("%s: %r" % (name, row) for row in self.query(db, 'SELECT * FROM "%s"' % name))
        return "\n".join(lines)


class Postgres:
    """Databases of one private cluster; copying one is CREATE DATABASE … TEMPLATE."""
    name = "postgresql"

    def __init__(self, cluster):
        self.cluster = cluster

    def url(self, db):
        return self.cluster.url(db)

    def create(self, db):
        self.drop(db)
        self.cluster.create_database(db)

    def drop(self, db):
        self.cluster.drop_database(db)

    def clone(self, source, db):
        self.drop(db)
        self.cluster.psql('CREATE DATABASE "%s" TEMPLATE "%s"' % (db, source))

    def query(self, db, sql):
        return [tuple(line.split("|")) for line in self.cluster.psql(sql, db).splitlines()]

    def fingerprint(self, db):
        definitions = self.cluster.dump(db, "-s", "--exclude-schema=" + JOURNAL)
        rows = self.cluster.dump(db, "-a", "--inserts", "--exclude-schema=" + JOURNAL)
        lines = [line for line in definitions.splitlines() if line and not line.startswith(("--", "\\"))]
        lines += sorted(line for line in rows.splitlines() if line.startswith("INSERT"))
        # A dump leaves invalid indexes out.
        lines += ["invalid index %s" % row for row in
                  self.query(db, "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid OR NOT indisready")]
        return "\n".join(lines)


def difference(wanted, got):
    """The first lines in which two fingerprints differ."""
    a, b = wanted.splitlines(), got.splitlines()
    gone = [line for line in a if line not in set(b)][:6]
    new = [line for line in b if line not in set(a)][:6]
    if not gone and not new:
        return "the same lines in another order or number (%d and %d)" % (len(a), len(b))
    return "\n".join(["missing: " + line for line in gone] + ["unexpected: " + line for line in new])


class Workplace:
    """A temporary folder, and the engine in it, gone afterwards."""

    def __init__(self, engine, **cluster_options):
        self.engine_name, self.cluster_options = engine, cluster_options

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="wb-test-")
        self.cluster = None
        if self.engine_name == "sqlite":
            self.engine = Sqlite(self.folder)
        else:
            folder = os.path.join(self.folder, "pg")
            os.chmod(self.folder, 0o755)
            pooled = self.cluster_options.pop("pooled", False)
            self.cluster = servers.Cluster(folder).create(**self.cluster_options).start()
            if pooled:
                self.cluster.pool_start()
            self.engine = Postgres(self.cluster)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        return self

    def __exit__(self, *_):
        if self.cluster:
            self.cluster.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def migrations(self, name, files):
        """A project folder with migrations/; its path."""
        folder = os.path.join(self.folder, name)
        os.makedirs(os.path.join(folder, "migrations"))
        for file, text in files.items():
            with open(os.path.join(folder, "migrations", file), "w") as f:
                f.write(text)
        return folder


def sample(items, count, seed):
    """At most count of them, the same for the same seed, in their order."""
    if len(items) <= count:
        return items
    chosen = sorted(random.Random(seed).sample(range(len(items)), count))
    return [items[i] for i in chosen]
