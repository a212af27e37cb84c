#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adoption of databases that the tools themselves once made (fixtures/, kept by
real.py --fixtures; Atlas's from its documented table), and of what goes wrong
with them: changed files, half-done versions, several histories, both tools at
work.

    adopt.py --engine sqlite|postgresql [--only NAME]...
"""
import argparse
import json
import os
import shutil
import sys
import time
import zlib

import places
from places import harness

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures")
CHECKED = ("flyway", "sqlx", "refinery", "atlas", "sqitch", "graphile-migrate")


def equal(wanted, got, what):
    if wanted != got:
        raise AssertionError("%s: wanted %r, got %r" % (what, wanted, got))


def write(path, text, mode="w"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, mode) as f:
        f.write(text)


def read(path):
    with open(path, newline="") as f:
        return f.read()


class Fixture:
    """A database restored from what the tool left, and a copy of its folder."""
    serial = 0

    def __init__(self, place, tool, restore=True):
        Fixture.serial += 1
        top = os.path.join(FIXTURES, tool)
        with open(os.path.join(top, place.engine_name + ".json")) as f:
            self.said = json.load(f)
        self.tool, self.place = tool, place
        name = "f%d_%s" % (Fixture.serial, tool.replace("-", "_"))
        self.db = places.Database(place, name)
        self.folder = os.path.join(place.folder, "files-" + name)
        shutil.copytree(os.path.join(top, "files"), self.folder)
        self.dir = os.path.join(self.folder, self.said["dir"])
        os.makedirs(self.dir, exist_ok=True)
        if restore:
            self.db.script(read(os.path.join(top, place.engine_name + ".sql")))
        beside = os.path.join(top, place.engine_name + ".beside.sql")
        if os.path.exists(beside):
            other = places.Database.__new__(places.Database)
            other.engine, other.path = "sqlite", os.path.join(os.path.dirname(self.db.path), "sqitch.db")
            other.script(read(beside))
            self.registry = other
        else:
            self.registry = self.db
        self.w = places.Whimbrel(self.db, self.folder, self.dir)

    def refused(self, status, code, *words):
        result = self.w.run(*words)
        equal((status, code), (result.status, result.error().get("code")), str(result))
        return result.error()

    def numbered(self, name):
        """A next file in the family of the folder."""
        files = sorted(f for f in os.listdir(self.dir) if f.endswith(".sql") and f[0] in "V0123456789")
        if not files or self.said["baseline"]:
            return "20260101000001_%s.sql" % name
        last = files[-1].split("__")[0].split("_")[0]
        number = "%0*d" % (len(last.lstrip("V")), int(last.lstrip("V")) + 1)
        if last.startswith("V"):
            return "V%s__%s.sql" % (number, name)
        return "%s_%s%s" % (number, name, ".up.sql" if ".up." in files[-1] or ".down." in files[-1] else ".sql")

    def next(self, name, text):
        file = self.numbered(name)
        write(os.path.join(self.dir, file), text)
        return file.lstrip("V").split("_")[0]


class Tests:
    def __init__(self, tap, place, only):
        self.tap, self.place, self.only = tap, place, only

    def test(self, name, function, *args):
        if self.only and not any(o in name for o in self.only):
            return
        name = "%s: %s" % (self.place.engine_name, name)
        try:
            function(*args)
            self.tap.result(True, name)
        except (AssertionError, RuntimeError, KeyError, IndexError, ValueError) as e:
            self.tap.result(False, name, "%s: %s" % (type(e).__name__, e))

    def fixture(self, tool):
        return Fixture(self.place, tool)

    # ---- every tool -------------------------------------------------------------

    def whole(self, tool):
        f = self.fixture(tool)
        before = f.db.dump()
        dry = f.w.json("adopt", "--dry-run")
        equal(tool, dry["tool"], "told by its shape")
        equal(before, f.db.dump(), "a dry run changes nothing")
        equal([], f.w.json("status")["applied"], "no journal")
        equal(tool, f.w.json("adopt", "--dry-run", "--from", tool)["tool"], "by its name")
        real = f.w.json("adopt")
        equal([m["version"] for m in dry["migrations"]], [m["version"] for m in real["migrations"]], "as foretold")
        equal(before, f.db.dump(), "the tool's tables are only read")
        status = f.w.json("status")
        if f.said["baseline"]:
            equal(["baseline"], [m["state"] for m in status["applied"]], "states")
            equal(True, f.said["applied"][-1] in status["current"], status["current"])
        else:
            equal(sorted(f.said["applied"]), sorted(m["version"] for m in status["applied"]), "what the tool says")
            equal({"applied"}, {m["state"] for m in status["applied"]}, "states")
        equal({tool}, {m["origin"] for m in status["applied"]}, "origin")
        equal(([], []), (status["pending"], status["problems"]), "pending, problems")
        if tool in CHECKED:
            equal({"verified"}, {m["checksum"] for m in real["migrations"] if m["state"] != "baseline"}, "checksums")
        equal(0, f.w.json("adopt")["recorded"], "adopting twice")
        version = f.next("onward", "CREATE TABLE onward (id integer);\n")
        equal([version], [m["version"] for m in f.w.json("up")["applied"]], "up goes on")
        equal(["0"], f.db.column("SELECT count(*) FROM onward"), "its table")
        equal(version, f.w.json("status")["current"], "current")
        equal(0, f.w.json("adopt")["recorded"], "adopting after up")

    def history(self, tool):
        f = self.fixture(tool)
        f.w.json("adopt")
        rows = f.w.json("history")["history"]
        equal("adopt", rows[0]["action"], "the act")
        equal(len([v for v in f.said["applied"]]) if tool not in ("alembic", "golang-migrate", "tern") else 1,
              len([r for r in rows if r["action"] == "up"]), "lines of the tool's own")

    def killed(self):
        """Killed at the calls to the database: all of it is recorded, or nothing, and the next adoption goes through."""
        f = self.fixture("goose")
        before, count, killed = f.db.dump(), os.path.join(f.folder, "count"), 0
        f.w.program = harness.program("WHIMBREL_FAULTS", "build-asan")
        f.w.run("adopt", WHIMBREL_FAULT="count@any:0", WHIMBREL_FAULT_COUNT=count)
        calls, stride = int(read(count)), 1 if self.place.engine_name == "sqlite" else 3
        for start, point in enumerate(("before", "sent", "after")):
            for n in range(1 + start % stride, calls + 1, stride):
                g = self.fixture("goose")
                g.w.program = f.w.program
                killed += g.w.run("adopt", WHIMBREL_FAULT="kill@%s:%d" % (point, n)).status == -9
                equal(True, len(g.w.json("status")["applied"]) in (0, 2), "rows after kill@%s:%d" % (point, n))
                g.w.json("adopt")
                equal(before, g.db.dump(), "the database")
                equal(2, len(g.w.json("status")["applied"]), "rows")
                if self.place.engine_name == "postgresql":
                    equal(["1"], g.db.column("SELECT count(*) FROM whimbrel.migration_runs"), "adoptions")
        equal(True, killed > 10, "it was killed %d times in %d calls" % (killed, calls))

    def times(self):
        f = self.fixture("atlas")
        rows = f.w.json("adopt")["migrations"]
        equal(["2024-01-02T03:04:05.678901Z", "2024-01-02T03:04:06.000000Z"], [m["applied_at"] for m in rows], "told")
        rows = f.w.json("status")["applied"]
        equal([("2024-01-02T03:04:05.678901Z", 2), ("2024-01-02T03:04:06.000000Z", 3)],
              [(m["applied_at"], m["execution_ms"]) for m in rows], "recorded")

    def changed(self, tool, file, edit):
        f = self.fixture(tool)
        path = os.path.join(f.folder, file)
        text = read(path)
        write(path, edit(text))
        equal("WB_ECHECKSUM", f.refused(4, "WB_ECHECKSUM", "adopt")["code"], "refused")
        dry = f.w.run("adopt", "--dry-run")
        equal(1, dry.status, str(dry))
        seen = json.loads(dry.out)
        equal(True, seen["changed"] >= 1, "named by the dry run")
        equal([], f.w.json("status")["applied"], "nothing recorded")
        equal(True, f.w.json("adopt", "--accept-changed")["recorded"] > 0, "accepted")

    def registry(self):
        """Sqitch's change ids cover what the registry says, scripts or none."""
        f = self.fixture("sqitch")
        shutil.rmtree(os.path.join(f.folder, "deploy"))
        equal({"verified"}, {m["checksum"] for m in f.w.json("adopt", "--dry-run")["migrations"]
                             if m["state"] == "history"}, "by ids alone")
        schema = "" if self.place.engine_name == "sqlite" else "sqitch."
        f.registry.script("UPDATE %schanges SET planner_name = 'Mallory' WHERE change = 'people';" % schema)
        f.refused(4, "WB_ECHECKSUM", "adopt")

    def line_ends(self, tool, file):
        f = self.fixture(tool)
        path = os.path.join(f.folder, file)
        write(path, read(path).replace("\n", "\r\n").encode(), "wb")
        equal(0, f.w.json("adopt")["changed"], "changed")

    def no_files(self, tool):
        """An empty folder: one baseline, and a note that this may be the wrong folder."""
        f = self.fixture(tool)
        shutil.rmtree(f.dir)
        os.makedirs(f.dir)
        seen = f.w.json("adopt")
        equal(1, len(f.w.json("status")["applied"]), "rows")
        equal(True, any("Is it the folder" in n or "is it the folder" in n for n in seen["notes"]), seen["notes"])

    def gap(self):
        """A lost file between others is a gap, not a baseline."""
        f = self.fixture("dbmate")
        f.db.script("INSERT INTO schema_migrations VALUES ('20240101000003');")
        os.unlink(os.path.join(f.dir, "20240101000002_towns.sql"))
        states = {m["version"]: m["state"] for m in f.w.json("adopt")["migrations"]}
        equal({"20240101000001": "applied", "20240101000002": "missing", "20240101000003": "missing"}, states, "states")
        equal([], f.w.json("status")["problems"], "problems")

    # ---- half done -----------------------------------------------------------------

    def dirty(self, tool, sql, status=4, code="WB_ESTATE"):
        f = self.fixture(tool)
        f.registry.script(sql)
        f.refused(status, code, "adopt")
        equal([], f.w.json("status")["applied"], "nothing recorded")

    def partial(self):
        """Atlas stopped after two of three statements: up goes on with the third."""
        f = self.fixture("atlas")
        schema = "atlas_schema_revisions." if self.place.engine_name != "sqlite" else ""
        f.db.script("CREATE TABLE rivers (id integer PRIMARY KEY, name text);\n"
                    "CREATE INDEX rivers_name ON rivers (name);\n"
                    "INSERT INTO %satlas_schema_revisions VALUES ('20240101000003', 'rivers', 2, 2, 3, '2024-01-03 "
                    "00:00:00+00:00', 1000000, 'syntax error', 'CREATE TABLE lakes', "
                    "'lGu3uEtyYHj7ZM8vnsAyhpxbLdjjC0AbOgqGFwjwR28=', '[\"h1:a\",\"h1:b\"]', 'Atlas');" % schema)
        shutil.copy(os.path.join(FIXTURES, "atlas/later/20240101000003_rivers.sql"), f.dir)
        seen = f.w.json("adopt")["migrations"][-1]
        equal(("failed", "verified"), (seen["state"], seen["checksum"]), "the half")
        status = f.w.json("status")
        equal(["failed"], [p["kind"] for p in status["problems"]], "problems")
        f.w.json("up")
        equal(["0"], f.db.column("SELECT count(*) FROM lakes"), "the third statement")
        equal([], f.w.json("status")["problems"], "problems afterwards")

    def partial_edited(self):
        """A statement that is done may not be edited before going on."""
        f = self.fixture("atlas")
        schema = "atlas_schema_revisions." if self.place.engine_name != "sqlite" else ""
        f.db.script("CREATE TABLE rivers (id integer PRIMARY KEY, name text);\n"
                    "INSERT INTO %satlas_schema_revisions VALUES ('20240101000003', 'rivers', 2, 1, 3, '2024-01-03 "
                    "00:00:00+00:00', 1000000, 'syntax error', 'CREATE INDEX', "
                    "'lGu3uEtyYHj7ZM8vnsAyhpxbLdjjC0AbOgqGFwjwR28=', null, 'Atlas');" % schema)
        path = os.path.join(f.dir, "20240101000003_rivers.sql")
        shutil.copy(os.path.join(FIXTURES, "atlas/later/20240101000003_rivers.sql"), path)
        f.w.json("adopt")
        write(path, read(path).replace("rivers (id", "rivers (key"))
        f.refused(4, "WB_ECHECKSUM", "up")
        write(path, read(path).replace("rivers (key", "rivers (id").replace("lakes (id", "lakes (depth integer, id"))
        f.w.json("up")
        equal(["0"], f.db.column("SELECT count(depth) FROM lakes"), "the mended statement")

    # ---- which one ---------------------------------------------------------------------

    def ambiguous(self):
        f = self.fixture("dbmate")
        f.db.script("CREATE TABLE goose_db_version (id integer PRIMARY KEY, version_id integer, is_applied %s, tstamp "
                    "timestamp);" % ("integer" if self.place.engine_name == "sqlite" else "boolean"))
        error = f.refused(64, "WB_EUSAGE", "adopt")
        equal(True, "--from" in error["hint"] and "goose" in error["detail"], error)
        equal("dbmate", f.w.json("adopt", "--from", "dbmate")["tool"], "named")

    def two_tables(self):
        f = self.fixture("goose")
        f.db.script("CREATE TABLE other_version AS SELECT * FROM goose_db_version;")
        error = f.refused(64, "WB_EUSAGE", "adopt")
        equal(True, "--table" in error["hint"], error)
        equal("other_version", f.w.json("adopt", "--table", "other_version")["table"], "the table")

    def renamed(self):
        """A table of one column and another name is nobody's, until the user says whose."""
        f = self.fixture("dbmate")
        f.db.script("ALTER TABLE schema_migrations RENAME TO versions_of_mine;")
        f.refused(64, "WB_ENOTFOUND", "adopt")
        equal(2, f.w.json("adopt", "--from", "dbmate")["recorded"], "recorded")

    def nothing(self):
        f = Fixture(self.place, "dbmate", restore=False)
        f.db.script("CREATE TABLE people (id integer PRIMARY KEY, version text);")
        f.refused(64, "WB_ENOTFOUND", "adopt")
        f.refused(64, "WB_ENOTFOUND", "adopt", "--from", "flyway")

    def own_rows(self):
        f = Fixture(self.place, "dbmate", restore=False)
        f.w.json("up")
        f.db.script("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);\n"
                    "INSERT INTO schema_migrations VALUES ('20240101000001');")
        f.refused(4, "WB_EREFUSED", "adopt")

    # ---- both tools -----------------------------------------------------------------------

    def gone_on(self):
        f = self.fixture("goose")
        f.w.json("adopt")
        f.next("third", "-- +goose Up\nCREATE TABLE third (id integer);\n")
        f.next("fourth", "-- +goose Up\nCREATE TABLE fourth (id integer);\n")
        applied = "1" if self.place.engine_name == "sqlite" else "true"
        f.db.script("CREATE TABLE third (id integer);\nINSERT INTO goose_db_version (version_id, is_applied) VALUES "
                    "(3, %s);" % applied)
        f.refused(4, "WB_EREFUSED", "up")
        equal(1, f.w.json("adopt")["recorded"], "recorded")
        equal(["00004"], [m["version"] for m in f.w.json("up")["applied"]], "applied")

    def dropped(self):
        """Whoever has switched may drop the old table."""
        f = self.fixture("goose")
        f.w.json("adopt")
        f.db.script("DROP TABLE goose_db_version;")
        version = f.next("third", "-- +goose Up\nCREATE TABLE third (id integer);\n")
        equal([version], [m["version"] for m in f.w.json("up")["applied"]], "applied")

    def down(self):
        """What was adopted can be reverted, with the file gone, too."""
        f = self.fixture("dbmate")
        f.w.json("adopt")
        os.unlink(os.path.join(f.dir, "20240101000002_towns.sql"))
        f.w.json("down")
        tables = f.db.dump()
        equal((True, False), ("people" in tables, " towns" in tables), "tables")
        equal(["20240101000001"], [m["version"] for m in f.w.json("status")["applied"]], "applied")

    def flyway_kinds(self):
        """Code, undone, deleted and baseline rows, and a repeatable one that changed."""
        f = self.fixture("flyway")
        true = "1" if self.place.engine_name == "sqlite" else "true"
        row = "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, " \
              "installed_by, execution_time, success) VALUES (%s, 'me', 5, " + true + ");\n"
        f.db.script(row % "10, '3', 'code', 'JDBC', 'db.V3__code', NULL" +
                    row % "11, '4', 'gone', 'SQL', 'V4__gone.sql', 17" +
                    row % "12, '4', 'gone', 'DELETE', 'V4__gone.sql', 17" +
                    row % "13, '5', 'back', 'SQL', 'V5__back.sql', 17" +
                    row % "14, '5', 'back', 'UNDO_SQL', 'U5__back.sql', 17")
        path = os.path.join(f.dir, "R__all_names.sql")
        write(path, read(path) + "-- more\n")
        states = {m["version"]: m["state"] for m in f.w.json("adopt")["migrations"]}
        equal({"1": "applied", "2": "applied", "3": "missing", "R__all_names": "applied"}, states, "states")
        equal(["R__all_names"], [m["version"] for m in f.w.json("status")["pending"]], "runs again")
        f.w.json("up")
        equal([], f.w.json("status")["pending"], "pending")

    # ---- locks (PostgreSQL) ------------------------------------------------------------------

    def key(self, f):
        crc = zlib.crc32
        name = f.db.name
        java = 0
        for c in '"public"."flyway_schema_history"':
            java = (java * 31 + ord(c)) & 0xffffffff
        fnv = 2166136261
        for c in b"atlas_migrate_execute":
            fnv = (fnv * 16777619 & 0xffffffff) ^ c
        return {"flyway": 77431708279161 + (java - 2**32 if java >= 2**31 else java),
                "golang-migrate": crc(b"public\0schema_migrations\0/" + name.encode()) * 1486364155 & 0xffffffff,
                "goose": 4097083626, "sqitch": 75474063, "tern": 9628173550095224,
                "sqlx": 0x3d32ad9e * crc(name.encode()), "rails": 2053462845 * crc(name.encode()),
                "graphile-migrate": 4727445306447283, "atlas": fnv}[f.tool]

    def held(self, f):
        return f.db.column("SELECT (classid::int8 << 32) | objid::int8 FROM pg_locks WHERE locktype = 'advisory' AND "
                           "granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")

    def locks(self, tool):
        f = self.fixture(tool)
        f.w.json("adopt")
        equal([], self.held(f), "locks after adopt")
        key = self.key(f)
        f.next("slow", "SELECT pg_sleep(0.8);\n")
        holder = harness.start(["psql", "-X", "-q", "-d", f.db.ours, "-c",
                                "SELECT pg_advisory_lock(%d)" % key, "-c", "SELECT pg_sleep(3)"], f.folder)
        self.until(lambda: str(key) in self.held(f), "the tool's lock")
        f.refused(5, "WB_EBUSY", "up", "--lock-wait", "0s")
        holder.terminate()
        harness.finish(holder)
        self.until(lambda: not self.held(f), "the tool's lock to be free")
        up = harness.start(f.w.argv("up"), f.folder)
        self.until(lambda: str(key) in self.held(f), "our holding the tool's lock")
        result = harness.finish(up)
        equal(0, result.status, str(result))
        equal([], self.held(f), "locks afterwards")

    def concurrent_index(self):
        """Around a concurrent index the tool's lock is free: whoever waits for it would block the index for ever."""
        f = self.fixture("golang-migrate")
        f.w.json("adopt")
        key = self.key(f)
        f.next("index", "SELECT pg_sleep(1);\nCREATE INDEX CONCURRENTLY people_name ON people (name);\n"
                        "SELECT pg_sleep(0.5);\n")
        up = harness.start(f.w.argv("up"), f.folder)
        self.until(lambda: str(key) in self.held(f), "our holding the tool's lock")
        waiting = harness.start(["psql", "-X", "-q", "-d", f.db.ours, "-c", "SELECT pg_advisory_lock(%d)" % key, "-c",
                                 "SELECT pg_sleep(0.2)"], f.folder)
        result = harness.finish(up, 30)
        equal(0, result.status, str(result))
        equal(0, harness.finish(waiting, 30).status, "who waited got it")
        equal(["t"], f.db.column("SELECT indisvalid FROM pg_index WHERE indexrelid = 'people_name'::regclass"), "index")

    @staticmethod
    def until(what, name):
        end = time.monotonic() + 20
        while not what():
            if time.monotonic() > end:
                raise AssertionError("waited 20 s for " + name)
            time.sleep(0.05)

    # ---- all ------------------------------------------------------------------------------------

    def run(self):
        engine = self.place.engine_name
        have = [t for t in sorted(os.listdir(FIXTURES)) if os.path.exists(os.path.join(FIXTURES, t, engine + ".sql"))]
        for tool in have:
            self.test("%s, from its history to the next migration" % tool, self.whole, tool)
            self.test("%s, its history" % tool, self.history, tool)
        self.test("killed at any point, it is recorded whole or not at all", self.killed)
        self.test("times are the tool's own, in UTC", self.times)
        more = lambda text: text + "-- edited\n"
        for tool, file, edit in (
                ("flyway", "migrations/V1__people.sql", lambda t: t.replace("name", "nom")),
                ("sqlx", "migrations/20240101000001_people.sql", more),
                ("refinery", "migrations/V2__towns.sql", more),
                ("atlas", "migrations/20240101000001_people.sql", more),
                ("sqitch", "deploy/towns.sql", more),
                ("graphile-migrate", "migrations/committed/000001-people.sql", more)):
            if tool in have:
                self.test("%s: a changed file is reported" % tool, self.changed, tool, file, edit)
        self.test("sqitch: a registry that was edited is reported", self.registry)
        self.test("flyway: line ends do not matter", self.line_ends, "flyway", "migrations/V1__people.sql")
        self.test("sqlx: line ends changed by git do not matter", self.line_ends, "sqlx",
                  "migrations/20240101000001_people.sql")
        for tool in ("dbmate", "golang-migrate", "flyway"):
            self.test("%s: without files, one baseline" % tool, self.no_files, tool)
        self.test("dbmate: a lost file is a gap", self.gap)
        self.test("golang-migrate: dirty is refused", self.dirty, "golang-migrate",
                  "UPDATE schema_migrations SET dirty = %s;" % ("1" if engine == "sqlite" else "true"))
        false = "0" if engine == "sqlite" else "false"
        self.test("flyway: a failed version is refused", self.dirty, "flyway",
                  "UPDATE flyway_schema_history SET success = %s WHERE version = '2';" % false)
        self.test("sqlx: an unfinished version is refused", self.dirty, "sqlx",
                  "UPDATE _sqlx_migrations SET success = %s WHERE description = 'towns';" % false)
        self.test("liquibase: at work is busy", self.dirty, "liquibase",
                  "UPDATE databasechangeloglock SET locked = %s, lockedby = 'me';" % (
                      "1" if engine == "sqlite" else "true"), 5, "WB_EBUSY")
        self.test("atlas: half a file is carried over and finished", self.partial)
        self.test("atlas: of half a file, only what is not done may be mended", self.partial_edited)
        self.test("two tools: the user names one", self.ambiguous)
        self.test("two tables: the user names one", self.two_tables)
        self.test("a renamed table", self.renamed)
        self.test("no history at all", self.nothing)
        self.test("a journal with migrations of its own", self.own_rows)
        self.test("what the tool did afterwards is noticed", self.gone_on)
        self.test("the old table may be dropped", self.dropped)
        self.test("an adopted migration can be reverted", self.down)
        self.test("flyway: every kind of row", self.flyway_kinds)
        if engine == "postgresql":
            for tool in ("flyway", "golang-migrate", "goose", "sqlx", "rails", "tern", "graphile-migrate", "atlas",
                         "sqitch"):
                self.test("%s: its lock is held beside ours" % tool, self.locks, tool)
            self.test("its lock is free around a concurrent index", self.concurrent_index)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", required=True, choices=["sqlite", "postgresql"])
    parser.add_argument("--only", action="append")
    a, _ = parser.parse_known_args()
    tap = harness.Tap()
    with harness.Workplace(a.engine) as place:
        Tests(tap, place, a.only).run()
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
