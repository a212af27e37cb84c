#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tables of SQLite built anew by ALTER TABLE: nothing may be lost.

Each scenario (rebuild_scenarios.py) is a database and a migration. Before and
after it every row of every table is read, with row numbers, types and exact
values, every definition, foreign key, counter; only what the statement asks for
may differ. The file must be sound, no foreign key broken that was not, and what
the new schema promises must hold. Then the same migration is killed, and its
connection cut, at driver calls before, during and after each (with --full at
every one), and run again: it must come to the same. Where there is a way back,
it is gone as well. The one with a great many rows is killed also at moments
spread over its whole run, in the midst of what is a single call. With --full it
comes twice: with few rows at every point of every call, and with all of them once
in each state that a call can leave the file in.

    rebuilds.py [--full] [--only TEXT] [--points N] [--seed N]
"""
import argparse
import collections
import concurrent.futures
import hashlib
import os
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import harness  # noqa: E402
import rebuild_scenarios  # noqa: E402

ACTIONS, POINTS = ("kill", "drop"), ("before", "sent", "after")
ROWS = {False: 20000, True: 1000000}
SAMPLE = 4  # points of each scenario, without --full
MOMENTS = {False: 2, True: 40}  # at which the one with a great many rows is killed
MANY = 50000  # rows of which a digest is kept


class Failed(Exception):
    """What was not as it must be."""


def q(name):
    return '"' + name.replace('"', '""') + '"'


# ---- everything that is in a file ----------------------------------------------------------------


class Reader:
    def __init__(self, path):
        self.c = sqlite3.connect(path, timeout=30)
        self.c.text_factory = bytes

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.c.close()

    def texts(self, sql):
        return [tuple(x.decode() if isinstance(x, bytes) else x for x in row) for row in self.c.execute(sql)]

    def objects(self):
        """Of the users', in the order in which they were made."""
        return self.texts("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL "
                          "AND tbl_name NOT LIKE 'whimbrel\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")

    def columns(self, table):
        return [row[0] for row in self.texts("SELECT name FROM pragma_table_xinfo(%s) WHERE hidden <> 1" % quoted(table))]

    def form(self, table):
        return self.texts("SELECT type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = %s" % quoted(table))[0]

    def keys(self, table):
        """Foreign keys, without their numbers, which say only in which order they were written."""
        groups = collections.defaultdict(list)
        for row in self.texts("SELECT * FROM pragma_foreign_key_list(%s)" % quoted(table)):
            groups[row[0]].append(row[1:])
        return sorted(repr(v) for v in groups.values())

    def rows(self, table, columns, number):
        """Each row with its number, each value with its type, as bytes where it is text."""
        values = ", ".join("typeof(%s), %s" % (q(c), q(c)) for c in columns)
        sql = "SELECT %s FROM %s" % (", ".join(x for x in (number, values) if x) or "1", q(table))
        if number and self.c.execute("SELECT count(*) FROM %s" % q(table)).fetchone()[0] > MANY:
            return self.digest(sql + " ORDER BY " + number)
        return sorted((tuple(map(repr, row)) for row in self.c.execute(sql)))

    def digest(self, sql):
        n, digest = 0, hashlib.sha256()
        for row in self.c.execute(sql):
            n += 1
            digest.update(repr(row).encode())
        return "%d rows, %s" % (n, digest.hexdigest())


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def number_of(form, columns):
    """What the row's number can be called; None where it has none that could be kept."""
    if form[1]:
        return None
    return next((n for n in ("rowid", "_rowid_", "oid") if n not in [c.lower() for c in columns]), None)


def state(path, s):
    """What must be equal before and after."""
    result = {}
    with Reader(path) as r:
        objects = r.objects()
        for kind, name, table, sql in objects:
            if "%s %s" % (kind, name) in s.objects:
                continue
            if kind != "table" or name not in s.tables:
                result["%s %s on %s" % (kind, name, table)] = sql
            if kind != "table":
                continue
            left_out = s.columns.get(name, [])
            columns = [c for c in r.columns(name) if c not in left_out]
            result["columns of " + name] = columns
            form = r.form(name)
            result["form of " + name] = form
            if not s.keys:
                result["keys of " + name] = r.keys(name)
            number = None if s.rowids and name in s.tables else number_of(form, r.columns(name))
            result["rows of " + name] = r.rows(name, columns, number)
        result["triggers in order"] = [o[1] for o in objects if o[0] == "trigger"]
        if "counters" not in s.objects and any(o[1] == "sqlite_sequence" for o in r.texts("SELECT type, name FROM sqlite_master")):
            result["counters"] = sorted(r.texts("SELECT name, seq FROM sqlite_sequence WHERE name NOT LIKE 'whimbrel%'"))
        result["broken references"] = sorted(map(repr, r.texts("PRAGMA foreign_key_check")))
        result["integrity"] = r.texts("PRAGMA integrity_check")
        result["encoding"] = r.texts("PRAGMA encoding")
    return result


def compare(wanted, got):
    for key in sorted(set(wanted) | set(got)):
        a, b = wanted.get(key), got.get(key)
        if key == "counters" and a is None and b == []:
            continue
        if a != b:
            raise Failed("%s\nwas: %s\nis:  %s" % (key, str(a)[:1500], str(b)[:1500]))


# ---- one scenario ------------------------------------------------------------------------------------


class Scenario:
    def __init__(self, place, number, s, tap):
        self.place, self.engine, self.s, self.tap, self.number = place, place.engine, s, tap, number
        self.faults, self.program = harness.program("WHIMBREL_FAULTS", "build-faults"), harness.program("WHIMBREL", "build-asan")
        head = "-- migrate:up%s\n" % (" " + s.options if s.options else "")
        down = "\n-- migrate:down\n%s\n" % s.down if s.down else ""
        self.folder = place.migrations("s%d" % number, {"V001__alter.sql": head + s.up + "\n" + down})
        self.base = "base%d" % number

    def make(self):
        self.engine.drop(self.base)
        c = sqlite3.connect(self.engine.path(self.base), isolation_level=None)
        try:
            for p in self.s.pragmas:
                c.execute("PRAGMA " + p)
            c.executescript(self.s.setup)
        finally:
            c.close()

    def run(self, program, db, *arguments, **env):
        return harness.run(self.argv(program, db, *arguments), self.folder, timeout=600, **env)

    def argv(self, program, db, *arguments):
        return [program, "--url", self.engine.url(db), "--dir", "migrations", "-o", "json"] + list(arguments)

    def expect(self, result, *statuses):
        if result.status not in statuses:
            raise Failed("exit %s, wanted %s\n%s" % (result.status, " or ".join(map(str, statuses)), result))
        return result

    def promises(self, db):
        """What must be so afterwards."""
        with Reader(self.engine.path(db)) as r:
            for sql, value in self.s.after:
                got = r.texts(sql)
                if not got or got[0][0] != value:
                    raise Failed("%s gives %r, not %r" % (sql, got, value))
        for statements, wanted in ((self.s.refused, False), (self.s.accepted, True)):
            for sql in statements:
                self.attempt(db, sql, wanted)

    def attempt(self, db, sql, wanted):
        copy = db + "x"
        self.engine.clone(db, copy)
        c = sqlite3.connect(self.engine.path(copy))
        try:
            c.execute("PRAGMA foreign_keys = ON")
            try:
                c.execute(sql)
                c.commit()
                error = None
            except sqlite3.DatabaseError as e:
                error = e
        finally:
            c.close()
            self.engine.drop(copy)
        if wanted != (error is None):
            raise Failed("%s: %s" % (sql, error or "was not refused"))

    def undisturbed(self):
        self.make()
        db = "done%d" % self.number
        self.engine.clone(self.base, db)
        self.before = state(self.engine.path(db), self.s)
        self.expect(self.run(self.program, db, "validate"), 0)
        self.expect(self.run(self.program, db, "up"), 0)
        self.after = state(self.engine.path(db), self.s)
        compare(self.before, self.after)
        self.promises(db)
        if self.s.down:
            back = "back%d" % self.number
            self.engine.clone(db, back)
            self.expect(self.run(self.program, back, "down"), 0)
            compare(self.before, state(self.engine.path(back), self.s))
            self.engine.drop(back)

    # ---- disturbed

    def calls(self):
        db, count = "count%d" % self.number, os.path.join(self.place.folder, "calls%d" % self.number)
        self.engine.clone(self.base, db)
        self.expect(self.run(self.faults, db, "up", WHIMBREL_FAULT="count@any:0", WHIMBREL_FAULT_COUNT=count), 0)
        self.engine.drop(db)
        with open(count) as f:
            return max(int(n) for n in f.read().split())

    def strike(self, n, action, point):
        what = "%s@%s:%d" % (action, point, n)
        self.survive("strike%d_%d_%s_%s" % (self.number, n, action, point), what,
                     lambda db: self.run(self.faults, db, "up", WHIMBREL_FAULT=what))

    def kill_after(self, seconds):
        def up(db):
            process = harness.start(self.argv(self.faults, db, "up"), self.folder)
            time.sleep(seconds)
            process.kill()
            return harness.finish(process)
        self.survive("moment%d_%d" % (self.number, seconds * 1e6), "killed after %.3f s" % seconds, up)

    def survive(self, db, what, disturbed):
        self.engine.clone(self.base, db)
        try:
            first = self.expect(disturbed(db), -9, 6, 0)
            again = first if first.status == 0 else self.expect(self.run(self.faults, db, "up"), 0)
            try:
                compare(self.after, state(self.engine.path(db), self.s))
                if not self.s.big:
                    self.promises(db)
            except Failed as e:
                raise Failed("%s, then exit %s and %s: %s" % (what, first.status, again.status, e))
        finally:
            self.engine.drop(db)

    def points(self, calls):
        every = [(n, action, point) for n in range(1, calls + 1) for action in ACTIONS for point in POINTS]
        # A call is over when it counts as sent, and what it left is what is there before the next.
        return [p for p in every if not self.s.big or p[2] == "before" or p[0] == calls and p[2] == "after"]

    def strikes(self, count, seed):
        calls = self.calls()
        every = self.points(calls)
        chosen = harness.sample(every, count, seed + self.number) if count else every
        self.together(self.strike, chosen)
        return len(chosen), calls

    def moments(self, count):
        """Killed at any time of its run, also while rows are copied and indexes built."""
        db = "timed%d" % self.number
        self.engine.clone(self.base, db)
        started = time.monotonic()
        self.expect(self.run(self.faults, db, "up"), 0)
        whole = time.monotonic() - started
        self.engine.drop(db)
        self.together(self.kill_after, [(whole * (i + 0.5) / count,) for i in range(count)])
        return whole

    def together(self, work, arguments):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(work, *a) for a in arguments]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)  # one that fails is enough
                raise

    def go(self, count, moments, seed):
        try:
            self.undisturbed()
            self.tap.result(True, self.s.name)
        except (Failed, sqlite3.Error) as e:
            self.tap.result(False, self.s.name, "%s\n%s" % (e, self.s.up))
            return
        try:
            n, calls = self.strikes(count, seed)
            self.tap.result(True, "%s: killed and cut off %d times, at any of %d driver calls" % (self.s.name, n, calls))
            if self.s.big:
                whole = self.moments(moments)
                self.tap.result(True, "%s: killed at %d moments of its %.1f s" % (self.s.name, moments, whole))
        except (Failed, sqlite3.Error) as e:
            self.tap.result(False, self.s.name + ": killed and cut off", str(e))
        finally:
            for db in (self.base, "done%d" % self.number):
                self.engine.drop(db)


def scenarios(rows, full):
    found = rebuild_scenarios.scenarios(rows or ROWS[False])
    if full:
        found += [s for s in rebuild_scenarios.scenarios(rows or ROWS[True]) if s.big]
        for s in found[:-1]:
            s.big = False
        found[-1].name += ", all of them"
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--points", type=int)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    tap = harness.Tap()
    count = a.points if a.points is not None else 0 if a.full else SAMPLE
    with harness.Workplace("sqlite") as place:
        for i, s in enumerate(scenarios(a.rows, a.full)):
            if a.only in s.name:
                Scenario(place, i, s, tap).go(count, a.points if a.points is not None else MOMENTS[a.full], a.seed)
    sys.exit(tap.finish())


if __name__ == "__main__":
    main()
