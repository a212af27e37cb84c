#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adoption of databases made by the tools themselves. A tool that cannot be had
is named and left to adopt.py, which works on dumps that the tools once made.

    real.py [--cache DIR] [--only TOOL]... [--engine sqlite|postgresql]... [--fixtures DIR]

--fixtures keeps what the tools made as files for adopt.py.
"""
import argparse
import json
import os
import pickle
import shutil
import socket
import subprocess
import sys
import time

import places
import tools
from places import harness

CACHE = os.path.expanduser("~/.cache/whimbrel-adopt")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def equal(wanted, got, what):
    if wanted != got:
        raise AssertionError("%s: wanted %r, got %r" % (what, wanted, got))


class Case:
    """One tool on one engine: a database with two of its migrations."""

    def __init__(self, tap, place, tool):
        self.tap, self.place, self.tool = tap, place, tool
        self.label = "%s on %s" % (tool.name, place.engine_name)
        name = tool.name.replace("-", "_")
        self.folder = os.path.join(place.folder, "work-" + name)
        os.makedirs(self.folder)
        self.db = places.Database(place, name)
        tool.prepare(self.folder, self.db)
        for number in (1, 2):
            tool.add(self.folder, number, self.db)
        tool.up(self.folder, self.db)
        os.makedirs(tool.dir(self.folder), exist_ok=True)
        self.w = places.Whimbrel(self.db, self.folder, tool.dir(self.folder))

    def test(self, name, function):
        try:
            function()
            return self.tap.result(True, "%s: %s" % (self.label, name))
        except (AssertionError, RuntimeError, ValueError, KeyError) as e:
            return self.tap.result(False, "%s: %s" % (self.label, name), "%s: %s" % (type(e).__name__, e))

    # ---- what is asked ----

    def told_apart(self):
        self.before, self.said = self.db.dump(), self.tool.applied(self.folder, self.db)
        seen = self.w.json("adopt", "--dry-run")
        equal(self.tool.name, seen["tool"], "the tool")
        equal([], [m for m in seen["migrations"] if m["checksum"] == "changed"], "changed files")
        equal(self.before, self.db.dump(), "the database after a dry run")
        equal(0, len(self.w.json("status")["applied"]), "journal after a dry run")

    def agrees(self):
        seen = self.w.json("adopt")
        equal(self.before, self.db.dump(), "the database but for the journal")
        status = self.w.json("status")
        if self.tool.baseline:
            equal(1, len(status["applied"]), "rows")
            told = [h["version"] for h in self.w.json("history")["history"] if h["action"] == "up"]
            for version in self.said:
                if version.split("@")[0] not in told and version not in told:
                    raise AssertionError("%s is not in the history: %r" % (version, told))
            equal(True, self.said[-1] in status["current"], "the newest in %s" % status["current"])
        else:
            equal(sorted(self.said), sorted(m["version"] for m in status["applied"]), "applied")
        equal({self.tool.name}, {m["origin"] for m in status["applied"]}, "origin")
        equal([], status["pending"] + [p for p in status["problems"] if not p.get("warning")], "pending, problems")
        equal(True, seen["recorded"] > 0, "recorded")

    def verified(self):
        seen = self.w.json("adopt")["migrations"]
        equal({"verified"}, {m["checksum"] for m in seen if m["state"] in ("applied", "history")}, "checksums")

    def again(self):
        equal(0, self.w.json("adopt")["recorded"], "recorded by adopting again")

    def unharmed(self):
        self.tool.up(self.folder, self.db)
        equal(self.said, self.tool.applied(self.folder, self.db), "what the tool says of itself")
        equal(self.before, self.db.dump(), "the database")

    def goes_on(self):
        # The next table of a tool with files of its own form is still the tool's to make.
        version = self.tool.ours(self.folder, 4 if self.tool.baseline else 3)
        result = self.w.json("up")
        equal([version], [m["version"] for m in result["applied"]], "applied by up")
        equal(version, self.w.json("status")["current"], "current")
        table = "lakes" if self.tool.baseline else "rivers"
        equal(["0"], self.db.column("SELECT count(*) FROM " + table), "its table")

    def gone_on(self):
        """The tool is used once more: up notices, and adopt takes that over."""
        if self.tool.baseline:
            self.tool.add(self.folder, 3, self.db)
        else: # the file that we applied is not the tool's to apply
            aside = os.path.join(self.folder, "aside")
            os.makedirs(aside)
            for f in os.listdir(self.w.migrations):
                if "rivers" in f:
                    shutil.move(os.path.join(self.w.migrations, f), aside)
            self.tool.add(self.folder, 4, self.db)
        if self.tool.name == "tern":
            return # it refuses a gap in its numbers
        self.tool.up(self.folder, self.db)
        if not self.tool.baseline:
            for f in os.listdir(os.path.join(self.folder, "aside")):
                shutil.move(os.path.join(self.folder, "aside", f), self.w.migrations)
        tools.write(self.w.migrations, self.next_name(), "CREATE TABLE seas (id integer);\n")
        refused = self.w.run("up")
        equal((4, "WB_EREFUSED"), (refused.status, refused.error().get("code")), "up: %s" % refused)
        equal(1, self.w.json("adopt")["recorded"], "recorded")
        self.w.json("up")
        equal(["0"], self.db.column("SELECT count(*) FROM seas"), "its table")

    def next_name(self):
        if self.tool.baseline:
            return "20260101000007_seas.sql"
        name = sorted(f for f in os.listdir(self.w.migrations) if "rivers" in f)[-1]
        for old, new in (("3_rivers", "7_seas"), ("V3__rivers", "V7__seas")):
            name = name.replace(old, new)
        return name.replace(".down.sql", ".up.sql")

    def run(self):
        if not self.test("told by its shape, and left alone by a dry run", self.told_apart):
            return
        if not self.test("status agrees with the tool's own", self.agrees):
            return
        if self.tool.name in ("flyway", "sqlx", "refinery", "sqitch", "graphile-migrate"):
            self.test("every checksum verified", self.verified)
        self.test("adopting again does nothing", self.again)
        self.test("the tool still runs unharmed", self.unharmed)
        self.test("up goes on with a new migration", self.goes_on)
        self.test("what the tool applies afterwards is noticed and taken over", self.gone_on)


# ---- --write-sql ----------------------------------------------------------------

def rendered(tap, place, tool):
    """Alembic's migrations as files: adopted one by one, and they build the same database."""
    label = "%s on %s: --write-sql" % (tool.name, place.engine_name)
    folder = os.path.join(place.folder, "sql-" + tool.name)
    name = tool.name.replace("-", "_") + "_sql"
    os.makedirs(folder)
    db = places.Database(place, name)
    try:
        tool.prepare(folder, db)
        for number in (1, 2):
            tool.add(folder, number, db)
        tool.up(folder, db)
        os.environ["PATH"] = os.path.join(tool.cache, "venv/bin") + ":" + os.environ["PATH"]
        w = places.Whimbrel(db, folder, os.path.join(folder, "sql"))
        seen = w.json("adopt", "--write-sql", "--files", folder)
        equal(2, len(seen["written"]), "written")
        equal(["applied", "applied"], [m["state"] for m in seen["migrations"]], "states")
        equal(["people", "towns"], [os.path.basename(p)[5:-4].replace("create_", "") for p in seen["written"]], "names")
        fresh = places.Database(place, name + "_fresh")
        equal(2, len(places.Whimbrel(fresh, folder, w.migrations).json("up")["applied"]), "applied to a new database")
        for table in ("people", "towns"):
            equal(["0"], fresh.column("SELECT count(*) FROM " + table), table)
        equal(0, w.json("adopt", "--write-sql", "--files", folder)["recorded"], "again")
        tap.result(True, label)
    except (AssertionError, RuntimeError) as e:
        tap.result(False, label, str(e))


# ---- locks -------------------------------------------------------------------------

# dbmate, Alembic, refinery, Liquibase and the command lines of goose and sqlx take no advisory lock.
SLOW = {"flyway": ("migrations/V4__slow.sql", "SELECT pg_sleep(4);\n"),
        "golang-migrate": ("migrations/0004_slow.up.sql", "SELECT pg_sleep(4);\n"),
        "tern": ("migrations/003_slow.sql", "SELECT pg_sleep(4);\n"),
        "rails": ("migrations/20240101000009_slow.rb", "class Slow < ActiveRecord::Migration[6.1]\n  def up\n    "
                  "execute \"SELECT pg_sleep(4)\"\n  end\nend\n"),
        "sqitch": ("deploy/slow.sql", "SELECT pg_sleep(4);\n"),
        "graphile-migrate": ("migrations/current.sql", "")}


def advisory(db):
    return set(db.column("SELECT (classid::int8 << 32) | objid::int8 FROM pg_locks WHERE locktype = 'advisory' AND "
                         "granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"))


def wait_for(what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = what()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("nothing within %d s" % seconds)


def collide(tap, place, tool):
    """Both at once: while the tool works, up says busy; while up works, it holds the very lock of the tool."""
    label = "%s on %s: both at once do not collide" % (tool.name, place.engine_name)
    folder = os.path.join(place.folder, "lock-" + tool.name)
    os.makedirs(folder)
    db = places.Database(place, tool.name.replace("-", "_") + "_lock")
    try:
        tool.prepare(folder, db)
        for number in (1, 2):
            tool.add(folder, number, db)
        tool.up(folder, db)
        own = os.path.join(folder, "own")
        os.makedirs(own)
        for f in os.listdir(tool.dir(folder)) if os.path.isdir(tool.dir(folder)) else []:
            if not f.endswith(".rb"):
                shutil.copy(os.path.join(tool.dir(folder), f), own)
        w = places.Whimbrel(db, folder, own)
        w.json("adopt")
        name, text = SLOW[tool.name]
        if tool.name == "sqitch":
            tool.run(folder, "add", "slow", "-n", "slow")
        if tool.name == "graphile-migrate":
            tools.write(folder, name, "--! Message: slow\n\nSELECT pg_sleep(4);\n")
        else:
            tools.write(folder, name, text)
        slow = os.path.basename(name)
        if tool.baseline:
            slow = "20260101000005_slow.sql"
        tools.write(own, slow.replace(".rb", ".sql"), "SELECT pg_sleep(4);\n")
        code = "import sys; sys.path.insert(0, %r); import pickle; tool, folder, db = pickle.load(sys.stdin.buffer); " \
               "getattr(tool, 'slow', tool.up)(folder, db)" % os.path.dirname(os.path.abspath(__file__))
        light = pickle.loads(pickle.dumps(tool))
        db_light = places.Database.__new__(places.Database)
        db_light.__dict__ = {k: v for k, v in db.__dict__.items() if k != "place"}
        process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        process.stdin.write(pickle.dumps((light, folder, db_light)))
        process.stdin.close()
        wait_for(lambda: db.column("SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(4)%' AND "
                                   "state = 'active' AND pid <> pg_backend_pid() AND datname = current_database()"))
        theirs = advisory(db)
        busy = w.run("up", "--lock-wait", "0s")
        out = process.stdout.read().decode()
        if process.wait() != 0:
            raise AssertionError(out)
        equal((5, "WB_EBUSY"), (busy.status, busy.error().get("code")), "up beside it: %s" % busy)
        w.json("adopt")
        tools.write(own, slow.replace("slow", "calm").replace("V4", "V5").replace("0004", "0005").replace(
            "003_", "004_").replace("09_", "10_").replace("05_", "06_").replace(".rb", ".sql"), "SELECT pg_sleep(3);\n")
        up = harness.start(w.argv("up"), folder)
        held = wait_for(lambda: (lambda k: k if theirs <= k else None)(advisory(db)))
        result = harness.finish(up)
        equal(0, result.status, str(result))
        equal(set(), advisory(db), "locks afterwards")
        tap.result(bool(held and theirs), label, "no advisory lock was seen")
    except (AssertionError, RuntimeError) as e:
        tap.result(False, label, str(e))


# ---- fixtures ------------------------------------------------------------------------

def keep(place, tool, case, folder):
    """The dump, the files and what the tool says, for adopt.py."""
    top = os.path.join(folder, tool.name)
    files = os.path.join(top, "files")
    if not os.path.exists(files):
        os.makedirs(top, exist_ok=True)
        skip = shutil.ignore_patterns("*.ini", "*.toml", "run.rb", ".gmrc", "sqitch.conf", "__pycache__", "sql")
        shutil.copytree(case.folder, files, ignore=skip)
    tools.write(top, place.engine_name + ".sql", case.db.dump())
    beside = os.path.join(os.path.dirname(case.db.path), "sqitch.db") if place.engine_name == "sqlite" else ""
    if os.path.exists(beside):
        other = places.Database.__new__(places.Database)
        other.engine, other.path = "sqlite", beside
        tools.write(top, "sqlite.beside.sql", other.dump())
    said = {"applied": tool.applied(case.folder, case.db), "dir": os.path.relpath(tool.dir(case.folder), case.folder),
            "baseline": tool.baseline}
    tools.write(top, place.engine_name + ".json", json.dumps(said, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", default=os.environ.get("WHIMBREL_TOOLS", CACHE))
    parser.add_argument("--only", action="append")
    parser.add_argument("--engine", action="append")
    parser.add_argument("--fixtures")
    a = parser.parse_args()
    os.makedirs(a.cache, exist_ok=True)
    tap = harness.Tap()
    found = []
    for kind in tools.TOOLS:
        if a.only and kind.name not in a.only:
            continue
        try:
            found.append(kind(a.cache))
        except (tools.Unavailable, RuntimeError, OSError) as e:
            tap.note("%s cannot be had: %s" % (kind.name, str(e).splitlines()[0]))
    tap.note("Atlas cannot be had from a registry: adopt.py tests it from its documented table")
    for engine in a.engine or ("sqlite", "postgresql"):
        options = {} if engine == "sqlite" else {"tcp": free_port()}
        with harness.Workplace(engine, **options) as place:
            for tool in found:
                if engine not in tool.engines:
                    continue
                try:
                    case = Case(tap, place, tool)
                except RuntimeError as e:
                    tap.result(False, "%s on %s: a database made by the tool" % (tool.name, engine), str(e))
                    continue
                if a.fixtures:
                    keep(place, tool, case, a.fixtures)
                    continue
                case.run()
                if tool.name in ("alembic", "sqitch", "graphile-migrate"):
                    rendered(tap, place, tool)
                if engine == "postgresql" and SLOW.get(tool.name):
                    collide(tap, place, tool)
    return tap.finish() if not a.fixtures else 0


if __name__ == "__main__":
    sys.exit(main())
