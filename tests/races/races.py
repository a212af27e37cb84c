#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many start `up` at once, and each migration runs exactly once.

Every migration adds a row to `ran`, which has no key: running one twice shows.
Everybody must end with 0 (done, or nothing to do) or 5 (busy); nobody hangs, no
deadlock is seen by the server, and the next `up` finds nothing to do. Variants:
plain; two versions of the program together; hosts whose clocks are an hour
apart; and on PostgreSQL concurrent index builds and a transaction pooler.

    races.py --engine sqlite|postgresql [--full] [--rounds N] [--processes N] [--seed N]
"""
import argparse
import glob
import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import harness  # noqa: E402

SIZE = 6


def ran(n):
    return "INSERT INTO ran (n) VALUES (%d);" % n


def files(concurrent):
    """V001…V006; the third and fifth build an index, concurrently where asked."""
    made = {"V001__ran.sql": "-- migrate:up\nCREATE TABLE ran (n integer NOT NULL);\n"
                             "CREATE TABLE things (id integer PRIMARY KEY, name text NOT NULL);\n%s\n" % ran(1)}
    for n in range(2, SIZE + 1):
        body = "INSERT INTO things SELECT %d + max(n), 'thing' FROM ran;" % (n * 1000)
        if n in (3, 5):
            body = "CREATE INDEX %sthings_%d ON things (name, id);" % ("CONCURRENTLY " if concurrent else "", n)
        made["V%03d__step.sql" % n] = "-- migrate:up\n%s\n%s\n" % (body, ran(n))
    return made


def fake_clock(seconds):
    """The environment of a host whose wall clock is this far off."""
    found = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    if not found:
        sys.exit("races.py: libfaketime is not installed")
    return {"LD_PRELOAD": found[0], "FAKETIME": "%+d" % seconds, "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1"}


class Race:
    def __init__(self, place, tap, processes):
        self.place, self.engine, self.tap, self.processes = place, place.engine, tap, processes
        self.program = harness.program("WHIMBREL_FAULTS", "build-faults")
        self.other = harness.program("WHIMBREL_OTHER", "build-other")
        self.plain = place.migrations("plain", files(False))
        self.concurrent = place.migrations("concurrent", files(True))

    def round(self, name, number, folder, choose, url=None, direct=False):
        """choose(i) gives program and environment of process i, url(db, i) its address; with `direct`, the server's own
        address beside it."""
        db = "race"
        self.engine.create(db)
        started = []
        for i in range(self.processes):
            program, env = choose(i)
            if direct:
                env = dict(env, WHIMBREL_DIRECT_URL=self.engine.url(db))
            env = dict(env, DATABASE_URL=url(db, i) if url else self.engine.url(db))
            argv = [program, "--dir", "migrations", "-o", "json", "up"]
            started.append(harness.start(argv, folder, **env))
        results = [harness.finish(p, 180) for p in started]
        problems = [str(r) for r in results if r.status not in (0, 5)]
        done = sum(r.status == 0 for r in results)
        applied = [m["version"] for r in results if r.status == 0 for m in json.loads(r.out)["applied"]]
        if sorted(applied) != ["%03d" % n for n in range(1, SIZE + 1)]:
            problems.append("told as applied: %s" % sorted(applied))
        rows = sorted(int(row[0]) for row in self.engine.query(db, "SELECT n FROM ran"))
        if rows != list(range(1, SIZE + 1)):
            problems.append("rows of migrations: %s" % rows)
        last = harness.run([self.program, "--url", self.engine.url(db), "--dir", "migrations", "-o", "json", "up"], folder)
        if last.status != 0 or json.loads(last.out)["applied"]:
            problems.append("afterwards: %s" % last)
        problems += self.server_problems()
        return self.tap.result(not problems, "%s, round %d: %d of %d done, the others busy" %
                               (name, number, done, self.processes), "\n".join(problems[:5]))

    def overtaken(self, number):
        """A first run without the pooler where one behind it has made the table of leases, but not committed."""
        db = "race"
        self.engine.create(db)
        journal = harness.run([self.program, "--url", self.engine.url(db), "init", "--journal-sql"], self.plain).out
        schema, leases = journal[:journal.index("COMMENT ON TABLE")].split("$whimbrel$\n;", 1)
        self.engine.query(db, schema + "$whimbrel$")
        other = harness.start(["psql", "-X", "-v", "ON_ERROR_STOP=1", "-d", self.engine.url(db), "-c",
                               "BEGIN;\n%s\nSELECT pg_sleep(1);\nCOMMIT" % leases], self.plain)
        while other.poll() is None and not self.engine.query(
                db, "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(1)%' AND wait_event = 'PgSleep'"):
            pass
        up = harness.run([self.program, "--url", self.engine.url(db), "--dir", "migrations", "up"], self.plain)
        problems = [str(r) for r in (up, harness.finish(other)) if r.status != 0]
        return self.tap.result(not problems, "first run overtaken by one behind the pooler, round %d" % number,
                               "\n".join(problems))

    def server_problems(self):
        if not self.place.cluster:
            return []
        with open(self.place.cluster.log, errors="replace") as f:
            return [line.strip() for line in f if "deadlock detected" in line]

    def variants(self):
        clocks = [{}, fake_clock(3600)]
        own = lambda i: (self.program, {})  # noqa: E731
        both = lambda i: ((self.program, self.other)[i % 2], {})  # noqa: E731
        apart = lambda i: (self.program, clocks[i % 2])  # noqa: E731
        yield "at once", self.plain, own, {}
        yield "two versions", self.plain, both, {}
        yield "clocks an hour apart", self.plain, apart, {}
        if self.place.cluster:
            pooled = {"url": lambda db, _: self.place.cluster.url(db, pooled=True)}
            halves = {"url": lambda db, i: self.place.cluster.url(db, pooled=i % 2 == 0)}
            yield "concurrent index builds", self.concurrent, own, {}
            yield "through a transaction pooler", self.plain, own, pooled
            yield "pooler, clocks an hour apart", self.plain, apart, pooled
            yield "pooler, two versions", self.plain, both, pooled
            yield "every other one through the pooler", self.plain, own, halves
            yield "pooler, concurrent index builds", self.concurrent, own, dict(pooled, direct=True)
            yield "every other one through the pooler, concurrent index builds", self.concurrent, own, dict(halves, direct=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, choices=["sqlite", "postgresql"])
    parser.add_argument("--full", action="store_true", help="50 rounds of each variant")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--processes", type=int, default=20)
    parser.add_argument("--only", help="variants whose name holds this")
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    rounds = a.rounds or (50 if a.full else 2)
    random.seed(a.seed)
    tap = harness.Tap()
    options = {} if a.engine == "sqlite" else {"pooled": True}
    with harness.Workplace(a.engine, **options) as place:
        race = Race(place, tap, a.processes)
        for name, folder, choose, how in race.variants():
            if a.only and a.only not in name:
                continue
            for number in range(1, rounds + 1):
                race.round(name, number, folder, choose, **how)
        for number in range(1, rounds + 1):
            if a.engine == "postgresql" and (not a.only or a.only in "overtaken"):
                race.overtaken(number)
    return tap.finish()


sys.exit(main())
