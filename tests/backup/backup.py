#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Backups and restores while others write, killed at every step and at random
moments, with a full disk and cut connections: what is restored is what was
backed up, no file with a final name is ever half, and the database is the old
one or the new one, whole. Disks are small tmpfs mounts, which need root.

    backup.py --engine sqlite|postgresql [--full] [--seed N]

--full: more random moments, and databases of 1 GB.
"""
import argparse
import glob
import hashlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import harness  # noqa: E402
import servers  # noqa: E402

MIGRATIONS = {
    "V001__accounts.sql": "-- migrate:up\nCREATE TABLE accounts (id integer PRIMARY KEY, name text NOT NULL, data text);\n"
                          "CREATE TABLE ledger (id integer PRIMARY KEY, amount integer NOT NULL);\n"
                          "CREATE TABLE total (one integer PRIMARY KEY, amount integer NOT NULL, entries integer NOT NULL);\n"
                          "INSERT INTO total VALUES (1, 0, 0);\nCREATE INDEX accounts_name ON accounts (name);\n"
                          "CREATE VIEW rich AS SELECT id FROM accounts WHERE id > 10;\n"
                          "-- migrate:down\nDROP VIEW rich; DROP TABLE total; DROP TABLE ledger; DROP TABLE accounts;\n",
    "V002__later.sql": "-- migrate:up\nCREATE TABLE later (id integer PRIMARY KEY);\nINSERT INTO accounts VALUES (-1, 'later', NULL);\n"
                       "-- migrate:down\nDROP TABLE later;\nDELETE FROM accounts WHERE id = -1;\n",
}
FILL = {
    "sqlite": "INSERT INTO accounts WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d) "
              "SELECT i, 'name ' || i, hex(randomblob(%d)) FROM c",
    "postgresql": "INSERT INTO accounts SELECT i, 'name ' || i, (SELECT string_agg(md5(format('%%s of %%s', g, i)), '') "
                  "FROM generate_series(1, %d) g) FROM generate_series(1, %d) i",
}


def check(tap, name, conditions, result=None):
    """conditions: {what: whether it holds}; one test."""
    wrong = [what for what, holds in conditions.items() if not holds]
    return tap.result(not wrong, name, "\n".join(wrong + ([str(result)] if result else [])))


class Writer(threading.Thread):
    """Moves money all the time: in each transaction the total and the ledger change together."""
    writers = 0

    def __init__(self, place, db):
        super().__init__(daemon=True)
        self.place, self.db, self.stop, self.commits, self.error = place, db, threading.Event(), 0, None

    def statements(self, n):
        return ["INSERT INTO ledger VALUES (%d, %d)" % (n, n % 100),
                "UPDATE total SET amount = amount + %d, entries = entries + 1" % (n % 100)]

    def run(self):
        Writer.writers += 1
        n = 10 ** 6 * Writer.writers  # no two of them write the same rows
        try:
            (self.lite if self.place.engine_name == "sqlite" else self.pg)(n)
        except Exception as e:  # told by the test that waits for us
            self.error = e

    def lite(self, n):
        import sqlite3
        connection = sqlite3.connect(self.place.engine.path(self.db), timeout=60, isolation_level=None)
        while not self.stop.is_set():
            n += 1
            connection.execute("BEGIN IMMEDIATE")
            for sql in self.statements(n):
                connection.execute(sql)
            connection.execute("COMMIT")
            self.commits += 1
            time.sleep(0.002)
        connection.close()

    def pg(self, n):
        psql = [os.path.join(servers.bin_dir(), "psql"), "-X", "-q", "-d", self.place.engine.url(self.db)]
        process = subprocess.Popen(psql, stdin=subprocess.PIPE, text=True, env=servers.clean_env(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not self.stop.is_set():
                n += 1
                process.stdin.write("BEGIN; %s; COMMIT;\n" % "; ".join(self.statements(n)))
                process.stdin.flush()
                self.commits += 1
                time.sleep(0.002)
        except BrokenPipeError:
            pass  # a restore ended the session
        finally:
            process.kill()
            process.wait()

    def __enter__(self):
        self.start()
        while self.commits < 5 and self.is_alive():
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.join(60)


class Scene:
    def __init__(self, place, tap, program, seed):
        self.place, self.engine, self.tap, self.program = place, place.engine, tap, program
        self.random = random.Random(seed)
        self.folder = place.migrations("project", MIGRATIONS)
        self.backups = os.path.join(self.folder, "backups")
        self.serial = 0

    def run(self, db, *arguments, **env):
        timeout = env.pop("timeout", 120)
        return harness.run([self.program, "--url", self.engine.url(db), "--dir", "migrations", "-o", "json"] + list(arguments),
                           self.folder, timeout, **env)

    def start(self, db, *arguments, **env):
        return harness.start([self.program, "--url", self.engine.url(db), "--dir", "migrations", "-o", "json"] +
                             list(arguments), self.folder, **env)

    def good(self, db, *arguments, **env):
        result = self.run(db, *arguments, **env)
        if result.status != 0:
            raise RuntimeError(str(result))
        return json.loads(result.out)

    def fresh(self, rows=400, size=500, wal=False):
        """A database at version 001 with data in it."""
        self.serial += 1
        db = "db%d" % self.serial
        self.engine.create(db)
        self.good(db, "up", "--to", "001")
        numbers = (rows, size // 2) if self.engine.name == "sqlite" else (max(1, size // 32), rows)
        if self.engine.name == "sqlite":
            import sqlite3
            connection = sqlite3.connect(self.engine.path(db))
            if wal:
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(FILL["sqlite"] % numbers)
            connection.commit()
            connection.close()
        else:
            self.place.cluster.psql(FILL["postgresql"] % numbers, db)
        return db

    def checksums(self, db):
        """Rows of the tables that the writer leaves alone, and whether what it writes belongs together."""
        if self.place.cluster:
            rows = repr(self.engine.query(db, "SELECT count(*), sum(hashtextextended(ROW(a.*)::text, 7)::numeric) FROM accounts a"))
        else:
            import sqlite3
            h, connection = hashlib.sha256(), sqlite3.connect(self.engine.path(db), timeout=30)
            for row in connection.execute("SELECT id, name, data FROM accounts ORDER BY id"):
                h.update(repr(row).encode())
            connection.close()
            rows = h.hexdigest()
        total = self.engine.query(db, "SELECT amount, entries FROM total")[0]
        ledger = self.engine.query(db, "SELECT coalesce(sum(amount), 0), count(*) FROM ledger")[0]
        return rows, [int(n) for n in total] == [int(n) for n in ledger], int(total[1])

    # ---- what must hold at any time ----

    def final_files(self, folder=None):
        return sorted(os.path.basename(p) for p in glob.glob(os.path.join(folder or self.backups, "*"))
                      if not p.endswith(".json"))

    def half_files(self, folder=None):
        """Files with a final name that are not what their manifest says."""
        wrong = []
        for name in self.final_files(folder):
            path = os.path.join(folder or self.backups, name)
            try:
                with open(path + ".json") as f:
                    manifest = json.load(f)
                with open(path, "rb") as f:
                    data = f.read()
                if manifest["sha256"] != "sha256:" + hashlib.sha256(data).hexdigest() or manifest["bytes"] != len(data):
                    wrong.append(name)
            except (OSError, ValueError) as e:
                wrong.append("%s: %s" % (name, e))
        return wrong

    def leftovers(self):
        """What a run should have removed: temporary files, scratch databases."""
        found = [p for folder in (self.backups, self.place.folder, self.folder)
                 for p in glob.glob(os.path.join(folder, ".whimbrel-*"))]
        if self.place.cluster:
            found += [d for d, in self.engine.query("postgres", "SELECT datname FROM pg_database "
                                                                "WHERE datname LIKE 'whimbrel%'")]
        return found

    def drop(self, db):
        self.engine.drop(db)
        if self.place.cluster:
            for name, in self.engine.query("postgres", "SELECT datname FROM pg_database WHERE datname LIKE '%s_before%%'" % db):
                self.engine.drop(name)
        else:
            for path in glob.glob(os.path.join(self.place.folder, db + "_before*")):
                os.unlink(path)


# ---- scenes -----------------------------------------------------------------------------


def round_trip(s, wal):
    db = s.fresh(wal=wal)
    mode = ", WAL" if wal else ""
    was = s.engine.fingerprint(db)
    taken = s.good(db, "backup", "round%d" % s.serial, "--verify", "restore")
    mode_bits = {p: os.stat(p).st_mode & 0o777 for p in glob.glob(os.path.join(s.backups, "round*"))}
    check(s.tap, "backup, proved by restoring it" + mode, {
        "rows compared: %s" % taken["compared_rows"]: taken["compared_rows"] >= 400,
        "modes: %s" % mode_bits: set(mode_bits.values()) == {0o600},
        "half files: %s" % s.half_files(): not s.half_files()})
    s.good(db, "up")
    changed = s.engine.fingerprint(db)
    done = s.good(db, "restore", taken["name"], "--yes")
    s.tap.result(changed != was, "the migration after it changed the database" + mode)
    check(s.tap, "restored: definitions and rows are identical" + mode, {
        harness.difference(was, s.engine.fingerprint(db)): s.engine.fingerprint(db) == was,
        "left over: %s" % s.leftovers(): not s.leftovers()})
    status, history = s.good(db, "status"), s.good(db, "history")
    acts = [(h["action"], h["version"]) for h in history["history"]]
    check(s.tap, "restored: version 001, and the history knows what happened since" + mode, {
        "current %s" % status["current"]: status["current"] == "001",
        "history %s" % acts: acts[0][0] == "restore" and ("up", "002") in acts and ("backup", None) in acts,
        "carried over %s" % done["history_entries"]: done["history_entries"] >= 2})
    kept = done["kept"]
    kept_db = kept if s.place.cluster else os.path.basename(kept)[:-3]
    check(s.tap, "the database that was replaced is kept" + mode,
          {"it differs from what it was": s.engine.fingerprint(kept_db) == changed})
    s.good(db, "up")
    s.tap.result(s.good(db, "status")["pending"] == [], "after it `up` goes on" + mode)
    again = s.good(db, "restore", taken["name"], "--yes", "--drop-old")
    s.tap.result(again["kept"] is None and s.engine.fingerprint(db) == was, "restored once more, nothing kept" + mode)
    s.engine.drop(db)
    s.good(db, "restore", taken["name"], "--yes")
    s.tap.result(s.engine.fingerprint(db) == was, "restored where the database was missing" + mode)
    s.drop(db)


def while_writing(s, wal, rows=20000, size=1000):
    db = s.fresh(rows, size, wal)
    mode = " (%d MB%s)" % (rows * size // 10 ** 6, ", WAL" if wal else "")
    was = s.checksums(db)[0]
    with Writer(s.place, db) as writer:
        before = writer.commits
        taken = s.good(db, "backup", "writing%d" % s.serial, "--verify", "list", timeout=1200)
        during = writer.commits - before
    check(s.tap, "a writer commits while the backup is taken" + mode, {
        "commits: %d" % during: during > 0, "writer: %s" % writer.error: writer.error is None})
    with Writer(s.place, db) as writer:
        proved = s.run(db, "backup", "proved%d" % s.serial, "--verify", "restore", timeout=1200)
    check(s.tap, "proved by restoring it, with a writer" + mode, {"exit %s" % proved.status: proved.status == 0}, proved)
    with Writer(s.place, db) as writer:
        done = s.run(db, "restore", taken["name"], "--yes", timeout=1200)
    check(s.tap, "restored with a writer at work" + mode, {
        "exit %s" % done.status: done.status == 0, "writer: %s" % writer.error: writer.error is None}, done)
    if s.place.cluster:  # the writer's session was ended; what it wrote into the new database comes later or never
        got = s.checksums(db)
        check(s.tap, "what was backed up is of one moment" + mode, {
            "rows differ": got[0] == was, "ledger and total differ": got[1], "entries %d" % got[2]: got[2] > 0})
    else:
        got = s.checksums(db)
        check(s.tap, "what was backed up is of one moment" + mode, {"rows differ": got[0] == was, "ledger and total differ": got[1]})
    for name in (taken["name"], "proved%d" % s.serial):
        for path in glob.glob(os.path.join(s.backups, name + "*")):
            os.unlink(path)
    s.drop(db)


def count_steps(s, db, *arguments):
    path = os.path.join(s.place.folder, "steps")
    s.good(db, *arguments, WHIMBREL_FAULT_STEP="count@any:0", WHIMBREL_FAULT_COUNT=path)
    with open(path) as f:
        return int(f.read())


def kills(s, times):
    """Killed at each step, and at random moments."""
    db = s.fresh(6000, 1000)
    was = s.engine.fingerprint(db)
    steps = count_steps(s, db, "backup", "counted", "--verify", "restore")
    started = time.monotonic()
    s.good(db, "backup", "timed", "--verify", "restore")
    seconds = time.monotonic() - started
    s.tap.note("a backup has %d steps and takes %.2f s" % (steps, seconds))
    moments = [("step %d" % n, {"WHIMBREL_FAULT_STEP": "kill@before:%d" % n}, None) for n in range(1, steps + 1)]
    moments += [("a random moment", {}, s.random.uniform(0.01, seconds)) for _ in range(times)]
    for number, (name, env, after) in enumerate(moments):
        killed(s, db, ["backup", "kill%d" % number, "--verify", "restore"], env, after)
        wrong = {"half: %s" % s.half_files(): not s.half_files(), "the database has changed": s.engine.fingerprint(db) == was}
        for path in glob.glob(os.path.join(s.backups, "after*")):
            os.unlink(path)
        again = s.run(db, "backup", "after%d" % number, "--verify", "restore")
        wrong["next: exit %s\n%s" % (again.status, again)] = again.status == 0
        wrong["left over: %s" % s.leftovers()] = not s.leftovers()
        check(s.tap, "backup killed at " + name, wrong)
    restore_kills(s, db, was, times)
    s.drop(db)


def killed(s, db, arguments, env, after):
    process = s.start(db, *arguments, **env)
    if after is not None:
        time.sleep(after)
        process.kill()
    harness.finish(process)


def restore_kills(s, db, was, times):
    s.good(db, "backup", "base")
    s.good(db, "up")
    new = s.engine.fingerprint(db)
    steps = count_steps(s, db, "restore", "base", "--yes")
    s.good(db, "up")
    started = time.monotonic()
    s.good(db, "restore", "base", "--yes", "--drop-old")
    seconds = time.monotonic() - started
    s.tap.note("a restore has %d steps and takes %.2f s" % (steps, seconds))
    moments = [("step %d" % n, {"WHIMBREL_FAULT_STEP": "kill@before:%d" % n}, None) for n in range(1, steps + 1)]
    moments += [("a random moment", {}, s.random.uniform(0.01, seconds)) for _ in range(times)]
    for name, env, after in moments:
        s.good(db, "up")
        killed(s, db, ["restore", "base", "--yes"], env, after)
        now = s.engine.fingerprint(db)
        wrong = {"neither old nor new:\n" + harness.difference(new, now): now in (was, new)}
        again = s.run(db, "restore", "base", "--yes", "--drop-old")
        wrong["next: exit %s\n%s" % (again.status, again)] = again.status == 0
        wrong["not restored"] = s.engine.fingerprint(db) == was
        wrong["left over: %s" % s.leftovers()] = not s.leftovers()
        check(s.tap, "restore killed at " + name, wrong)
        kept = [p for p in glob.glob(os.path.join(s.place.folder, db + "_before*"))]
        for path in kept:
            os.unlink(path)


def damaged(s):
    db = s.fresh()
    taken = s.good(db, "backup", "good")
    was = s.engine.fingerprint(db)
    path = os.path.join(s.folder, taken["file"])
    bad = os.path.join(s.backups, "bad" + os.path.splitext(path)[1])
    shutil.copy(path, bad)
    shutil.copy(path + ".json", bad + ".json")
    with open(bad, "r+b") as f:
        f.seek(os.path.getsize(bad) // 2)
        byte = f.read(1)
        f.seek(-1, os.SEEK_CUR)
        f.write(bytes([byte[0] ^ 1]))
    result = s.run(db, "restore", "bad", "--yes")
    check(s.tap, "a file with one bit turned is refused", {
        "exit %s" % result.status: result.status == 4, "code": result.error().get("code") == "WB_ECHECKSUM",
        "the database has changed": s.engine.fingerprint(db) == was}, result)
    os.unlink(bad + ".json")
    result = s.run(db, "restore", "bad", "--yes")
    check(s.tap, "a file without its manifest is refused", {"exit %s" % result.status: result.status == 4}, result)
    with open(bad, "r+b") as f:
        f.truncate(os.path.getsize(bad) // 2)
    result = s.run(db, "restore", "bad", "--yes", "--unverified")
    check(s.tap, "half a file is refused, manifest or not", {
        "exit %s" % result.status: result.status not in (0, 70),
        "the database has changed": s.engine.fingerprint(db) == was, "left over: %s" % s.leftovers(): not s.leftovers()}, result)
    os.unlink(bad)
    os.unlink(path + ".json")
    result = s.run(db, "restore", "good", "--yes", "--unverified", "--drop-old")
    check(s.tap, "--unverified restores without a manifest", {
        "exit %s" % result.status: result.status == 0, "rows": s.engine.fingerprint(db) == was}, result)
    os.unlink(path)
    s.drop(db)


class Disk:
    """A small file system of its own."""

    def __init__(self, folder, megabytes):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm" % megabytes, "tmpfs", folder], check=True)

    def grow(self, megabytes):
        subprocess.run(["mount", "-o", "remount,size=%dm" % megabytes, self.folder], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if subprocess.run(["umount", self.folder], check=False).returncode != 0:
            subprocess.run(["umount", "-l", self.folder], check=False)


def told(result):
    error = result.error()
    return "space" in " ".join(str(error.get(k, "")) for k in ("code", "message", "detail", "hint")).lower() or \
        error.get("code") == "WB_EDISKFULL"


def full_backup_disk(s):
    db = s.fresh(8000, 1000)
    was = s.engine.fingerprint(db)
    with Disk(os.path.join(s.place.folder, "small"), 2) as disk:
        result = s.run(db, "backup", "--backup-dir", disk.folder)
        check(s.tap, "no room for the backup: refused, no file, the database untouched", {
            "exit %s" % result.status: result.status == 3, "not told": told(result),
            "files: %s" % os.listdir(disk.folder): os.listdir(disk.folder) == [],
            "changed": s.engine.fingerprint(db) == was}, result)
        disk.grow(200)
        result = s.run(db, "backup", "--backup-dir", disk.folder)
        check(s.tap, "with room again it is taken", {"exit %s" % result.status: result.status == 0,
                                                      "half": not s.half_files(disk.folder)}, result)
    s.drop(db)


def full_database_disk(s):
    """No room to build the database that is restored."""
    db = s.fresh(8000, 1000)
    s.good(db, "backup", "roomy")
    with Disk(os.path.join(s.place.folder, "narrow"), 200) as disk:
        home = Home(s, db, disk)
        home.run("up")
        was = home.engine.fingerprint(home.db)
        home.fill()
        result = home.run("restore", home.file, "--yes")
        now = home.engine.fingerprint(home.db)
        check(s.tap, "no room for the restored database: refused, the old one is whole", {
            "exit %s" % result.status: result.status == 3, "not told": told(result), harness.difference(was, now): now == was,
            "left over: %s" % home.leftovers(): not home.leftovers()}, result)
        home.make_room()
        result = home.run("restore", home.file, "--yes", "--drop-old")
        check(s.tap, "with room again it is restored", {"exit %s" % result.status: result.status == 0,
                                                        "still the old one": home.engine.fingerprint(home.db) != was}, result)
        home.leave()
    s.drop(db)


class Home:
    """A database on a disk of its own: an SQLite file there, or a tablespace."""

    def __init__(self, s, db, disk):
        self.s, self.disk, self.file = s, disk, "roomy"
        self.filler = os.path.join(disk.folder, "filler")
        if s.place.cluster:
            self.engine, self.db = s.engine, "narrow"
            owned = os.path.join(disk.folder, "ts")
            os.mkdir(owned)
            if os.geteuid() == 0:
                shutil.chown(owned, servers.SUPERUSER)
            s.place.cluster.psql("CREATE TABLESPACE narrow LOCATION '%s'" % owned)
            s.place.cluster.psql('CREATE DATABASE narrow TEMPLATE "%s" TABLESPACE narrow' % db)
            s.good("narrow", "backup", "narrow")  # its archive names the tablespace
            self.file = "narrow"
        else:
            self.engine, self.db = harness.Sqlite(disk.folder), "app"
            shutil.copy(s.engine.path(db), self.engine.path("app"))

    def run(self, *arguments):
        return harness.run([self.s.program, "--url", self.engine.url(self.db), "--dir", "migrations", "-o", "json"] +
                           list(arguments), self.s.folder)

    def leftovers(self):
        return self.s.leftovers() + glob.glob(os.path.join(self.disk.folder, ".whimbrel-*"))

    def fill(self):
        if self.s.place.cluster:  # pages that are only in memory find their place first
            self.s.place.cluster.psql("CHECKPOINT")
        free = os.statvfs(self.disk.folder)
        with open(self.filler, "wb") as f:
            f.write(b"\0" * max(0, free.f_bavail * free.f_frsize - 4 * 1024 * 1024))

    def make_room(self):
        os.unlink(self.filler)

    def leave(self):
        if self.s.place.cluster:
            for name, in self.engine.query("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'narrow%'"):
                self.engine.drop(name)
            self.s.place.cluster.psql("DROP TABLESPACE narrow")


def runs(s):
    """backup: before, and the way back after a failure."""
    with open(os.path.join(s.folder, "whimbrel.yaml"), "w") as f:
        f.write("backup: before\nbackup_dir: kept\n")
    kept = os.path.join(s.folder, "kept")
    db = s.fresh()
    count = len(s.final_files(kept))
    done = s.good(db, "up")
    nothing = s.good(db, "up")
    check(s.tap, "backup: before takes one before a run that has something to do, and only then", {
        "result: %s" % done.get("backup"): bool(done.get("backup")), "files": len(s.final_files(kept)) == count + 1,
        "nothing to do": nothing.get("backup") is None})
    for command in ("down", "redo"):
        s.good(db, "up")
        before = len(s.final_files(kept))
        s.good(db, command)
        s.tap.result(len(s.final_files(kept)) == before + 1, "%s takes one, too" % command)
    s.good(db, "up")
    s.good(db, "down")
    with open(os.path.join(s.folder, "plain.yaml"), "w") as f:
        f.write("backup: off\n")
    blocked = s.run(db, "up", "--config", "plain.yaml", WHIMBREL_BACKUP_DIR="/proc/none")
    s.tap.result(blocked.status == 0, "without the setting nothing is taken", str(blocked))
    s.good(db, "down")
    blocked = s.run(db, "up", WHIMBREL_BACKUP_DIR="/proc/none")
    check(s.tap, "no backup, no run", {"exit %s" % blocked.status: blocked.status not in (0, 70),
                                       "applied": s.good(db, "status")["current"] == "001"}, blocked)
    os.unlink(os.path.join(s.folder, "whimbrel.yaml"))
    go_back(s, db)
    s.drop(db)


def go_back(s, db):
    was = s.engine.fingerprint(db)
    path = os.path.join(s.folder, "migrations/V003__broken.sql")
    with open(path, "w") as f:
        f.write("-- migrate:up\nINSERT INTO nowhere VALUES (1);\n-- migrate:down\nSELECT 1;\n")
    failed = s.run(db, "up", "--on-failure", "restore")
    answer = json.loads(failed.out)
    now = s.engine.fingerprint(db)
    actions = [(h["action"], h["result"], h["version"]) for h in s.good(db, "history")["history"]]
    check(s.tap, "--on-failure restore goes back to the backup", {
        "exit %s" % failed.status: failed.status == 3, "restored": answer.get("restored") is True,
        harness.difference(was, now): now == was, "history: %s" % actions: ("up", "failed", "003") in actions and
        actions[0][0] == "restore", "rolled back": all(m["rolled_back"] for m in answer["applied"])}, failed)
    again = s.run(db, "up", "--to", "002", "--on-failure", "restore")
    failed = s.run(db, "up", "--on-failure", "restore")
    check(s.tap, "where nothing was applied before the failure, nothing is restored", {
        "exit %s" % failed.status: failed.status == 3, "restored": json.loads(failed.out).get("restored") is False,
        "first: exit %s" % again.status: again.status == 0}, failed)
    os.unlink(path)


# ---- PostgreSQL alone ---------------------------------------------------------------------


def wait_for(what, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.02)
    return False


def session(s, application):
    rows = s.engine.query("postgres", "SELECT pid FROM pg_stat_activity WHERE application_name LIKE '%s%%'" % application)
    return rows[0][0] if rows else None


def cut_connections(s):
    db = s.fresh(20000, 1000)
    was = s.engine.fingerprint(db)
    holder = subprocess.Popen([os.path.join(servers.bin_dir(), "psql"), "-X", "-q", "-d", s.engine.url(db)], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=servers.clean_env())
    holder.stdin.write("BEGIN; LOCK TABLE accounts;\n")
    holder.stdin.flush()
    wait_for(lambda: s.engine.query(db, "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted "
                                        "AND relation = 'accounts'::regclass"))
    secret = s.engine.url(db).replace("user=postgres", "user=postgres&password=sesame")
    process = harness.start([s.program, "--url", secret, "-o", "json", "backup", "cut"], s.folder)
    wait_for(lambda: session(s, "whimbrel backup"))
    seen = [line for line in subprocess.run(["ps", "-eo", "args"], stdout=subprocess.PIPE, text=True).stdout.splitlines()
            if "pg_dump" in line and "--format" in line]
    environ = b"".join(open("/proc/%s/environ" % p, "rb").read() for p in
                       subprocess.run(["pgrep", "-f", "pg_dump --format=custom"], stdout=subprocess.PIPE, text=True).stdout.split())
    check(s.tap, "pg_dump gets the password by its environment, not by its arguments", {
        "seen: %s" % seen: len(seen) >= 1 and not any("sesame" in line for line in seen),
        "environment": b"PGPASSWORD=sesame" in environ})
    s.place.cluster.psql("SELECT pg_terminate_backend(%s)" % session(s, "whimbrel backup"))
    result = harness.finish(process)
    holder.kill()
    holder.wait()
    check(s.tap, "the connection of pg_dump is cut: told, no file", {
        "exit %s" % result.status: result.status == 6, "files": "cut.dump" not in s.final_files(),
        "left over: %s" % s.leftovers(): not s.leftovers(), "changed": s.engine.fingerprint(db) == was,
        "password shown": "sesame" not in result.out + result.err}, result)
    s.good(db, "backup", "whole")
    s.good(db, "up")
    new = s.engine.fingerprint(db)
    process = s.start(db, "restore", "whole", "--yes")
    pid = None

    def filling():
        nonlocal pid
        pid = session(s, "whimbrel restore")
        return pid
    if wait_for(filling):
        s.place.cluster.psql("SELECT pg_terminate_backend(%s)" % pid)
    result = harness.finish(process)
    check(s.tap, "the connection of pg_restore is cut: told, the old database is whole", {
        "never seen": pid is not None, "exit %s" % result.status: result.status == 6,
        harness.difference(new, s.engine.fingerprint(db)): s.engine.fingerprint(db) == new,
        "left over: %s" % s.leftovers(): not s.leftovers()}, result)
    for n in range(1, 12):
        result = s.run(db, "backup", "drop%d" % n, WHIMBREL_FAULT="drop@before:%d" % n)
        if result.status == 0:
            break
        check(s.tap, "our own connection is cut before call %d: no half file" % n, {
            "exit %s" % result.status: result.status == 6, "half: %s" % s.half_files(): not s.half_files()}, result)
    s.drop(db)


def busy_database(s):
    """Clients that connect again at once do not keep a restore from its end."""
    db = s.fresh()
    s.good(db, "backup", "busy")
    stop, seen = threading.Event(), []

    def client():
        while not stop.is_set():
            r = subprocess.run([os.path.join(servers.bin_dir(), "psql"), "-X", "-q", "-d", s.engine.url(db), "-c", "SELECT pg_sleep(30)"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=servers.clean_env())
            seen.append(r.returncode)
    threads = [threading.Thread(target=client, daemon=True) for _ in range(4)]
    for t in threads:
        t.start()
    wait_for(lambda: len(s.engine.query("postgres", "SELECT 1 FROM pg_stat_activity WHERE datname = '%s'" % db)) >= 4)
    result = s.run(db, "restore", "busy", "--yes")
    stop.set()
    s.place.cluster.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE '%s%%'" % db)
    for t in threads:
        t.join(40)
    check(s.tap, "restored while clients connect again and again", {
        "exit %s" % result.status: result.status == 0, "sessions ended: %d" % len(seen): len(seen) >= 4}, result)
    s.drop(db)


def tools(s):
    db = s.fresh()
    folder = os.path.join(s.place.folder, "old")
    os.makedirs(folder)
    for name in ("pg_dump", "pg_restore"):
        path = os.path.join(folder, name)
        with open(path, "w") as f:
            f.write("#!/bin/sh\necho '%s (PostgreSQL) 9.6.24'\n" % name)
        os.chmod(path, 0o755)
    old = s.run(db, "backup", WHIMBREL_PG_BIN=folder)
    none = s.run(db, "backup", WHIMBREL_PG_BIN="/nonexistent")
    check(s.tap, "a pg_dump older than the server is refused by name", {
        "exit %s" % old.status: old.status == 4, "message": "9.6.24" in old.error().get("message", "") and
        "too old" in old.error().get("message", "")}, old)
    check(s.tap, "a missing pg_dump is told with what to install", {
        "exit %s" % none.status: none.status == 4, "hint": "postgresql-client" in none.error().get("hint", "")}, none)
    s.drop(db)


# ---- sizes ------------------------------------------------------------------------------------


def memory(s, db, *arguments):
    """Peak of resident memory of the program itself, in MB, and its seconds."""
    started, peak = time.monotonic(), 0
    process = s.start(db, *arguments)
    while process.poll() is None:
        try:
            with open("/proc/%d/status" % process.pid) as f:
                peak = max([peak] + [int(line.split()[1]) for line in f if line.startswith("VmHWM")])
        except OSError:
            pass
        time.sleep(0.01)
    result = harness.finish(process)
    if result.status != 0:
        raise RuntimeError(str(result))
    return peak / 1024, time.monotonic() - started


def large(s, megabytes):
    db = s.fresh(megabytes * 1000, 960)
    with Writer(s.place, db):
        rss, seconds = memory(s, db, "backup", "large")
    was = s.checksums(db)[0]
    s.tap.note("backup of %d MB: %.1f s, %.1f MB of memory" % (megabytes, seconds, rss))
    s.tap.result(rss <= 32, "a backup of %d MB needs at most 32 MB of memory" % megabytes, "%.1f MB" % rss)
    rss, seconds = memory(s, db, "restore", "large", "--yes", "--drop-old")
    s.tap.note("restore of %d MB: %.1f s, %.1f MB of memory" % (megabytes, seconds, rss))
    s.tap.result(rss <= 32, "a restore of %d MB needs at most 32 MB of memory" % megabytes, "%.1f MB" % rss)
    got = s.checksums(db)
    check(s.tap, "%d MB restored: rows are identical, and of one moment" % megabytes, {"rows": got[0] == was, "ledger": got[1]})
    s.drop(db)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, choices=["sqlite", "postgresql"])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="names of scenes, separated by commas")
    a = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    tap, program = harness.Tap(), harness.program("WHIMBREL_FAULTS", "build-faults")
    lite = a.engine == "sqlite"
    with harness.Workplace(a.engine) as place:
        s = Scene(place, tap, program, a.seed)
        scenes = {"round_trip": lambda: [round_trip(s, wal) for wal in ((False, True) if lite else (False,))],
                  "while_writing": lambda: [while_writing(s, wal) for wal in ((False, True) if lite else (False,))],
                  "kills": lambda: kills(s, 40 if a.full else 6), "damaged": lambda: damaged(s), "runs": lambda: runs(s),
                  "full_backup_disk": lambda: full_backup_disk(s), "full_database_disk": lambda: full_database_disk(s),
                  "large": lambda: large(s, 1000 if a.full else 60)}
        if not lite:
            scenes.update({"cut_connections": lambda: cut_connections(s), "busy_database": lambda: busy_database(s),
                           "tools": lambda: tools(s)})
        for name, scene in scenes.items():
            if a.only and name not in a.only.split(","):
                continue
            try:
                scene()
            except Exception as e:  # the scenes that follow are worth running
                tap.result(False, name + " goes to its end", "%s: %s" % (type(e).__name__, e))
    return tap.finish()


sys.exit(main())
