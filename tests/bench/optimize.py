#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""optimize killed while it builds: the next one goes on with the plan that was
begun, clears away what was left half built, and ends with exactly the indexes of
a run that nobody killed. Killed while it makes its copy: no copy is left behind.

    optimize.py --engine sqlite|postgresql [--full] [--seed N]
"""
import argparse
import json
import os
import random
import sqlite3
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lib"))
import harness  # noqa: E402

ROWS = {"sqlite": 60000, "postgresql": 120000}
TABLE = {
    "postgresql": "CREATE TABLE events AS SELECT i AS id, i % 5000 AS customer, md5(i::text) AS code, (i * 7919) % 250007 AS at, "
                  "md5((i * 3)::text) AS note FROM generate_series(1, %d) i; ALTER TABLE events ADD PRIMARY KEY (id); ANALYZE;",
    "sqlite": "CREATE TABLE events (id INTEGER PRIMARY KEY, customer INTEGER, code TEXT, at INTEGER, note TEXT); "
              "INSERT INTO events WITH RECURSIVE g (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < %d) "
              "SELECT i, i % 5000, hex(i * 104729), (i * 7919) % 120011, hex(i * 15485863) FROM g; ANALYZE;"}
SUITE = {
    "suite": "events",
    "queries": {
        "of_customer": {"sql": "SELECT * FROM events WHERE customer = :c", "params": {"c": 77}},
        "by_code": {"sql": "SELECT * FROM events WHERE code = :k", "params": {"k": "x"}},
        "newest": {"sql": "SELECT * FROM events ORDER BY at DESC LIMIT 10"},
    }}
COLUMNS = ["at", "code", "customer"]


class Place:
    def __init__(self, place, program, seed):
        self.place, self.program, self.engine = place, program, place.engine
        self.lite = self.engine.name == "sqlite"
        self.random = random.Random(seed)
        self.suite = os.path.join(place.folder, "suite.yaml")
        with open(self.suite, "w") as f:
            json.dump(SUITE, f)
        self.engine.create("original")
        self.script("original", TABLE[self.engine.name].replace("%d", str(ROWS[self.engine.name])))

    def script(self, db, sql):
        if self.lite:
            connection = sqlite3.connect(self.engine.path(db))
            connection.executescript(sql)
            connection.close()
        else:
            self.place.cluster.psql(sql, db)

    def argv(self, db, *more):
        return [self.program, "--url", self.engine.url(db), "optimize", self.suite, "--prove", "copy", "-o", "json"] + list(more)

    def run(self, db, *more):
        return harness.run(self.argv(db, *more), self.place.folder, timeout=600, TMPDIR=self.place.folder)

    def steps(self, db):
        table = "whimbrel_migration_steps" if self.lite else "whimbrel.migration_steps"
        try:
            return [tuple(r) for r in self.engine.query(db, "SELECT version, state FROM %s ORDER BY version" % table)]
        except (RuntimeError, sqlite3.Error):
            return []

    def indexes(self, db):
        """First column of each index, and whether it is whole."""
        if self.lite:
            names = self.engine.query(db, "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'events'")
            return sorted((self.engine.query(db, "SELECT name FROM pragma_index_info('%s')" % n)[0][0], "t") for (n,) in names)
        return sorted(self.engine.query(db, "SELECT pg_get_indexdef(indexrelid, 1, true), indisvalid FROM pg_index "
                                            "WHERE indrelid = 'events'::regclass AND NOT indisprimary"))

    def left_behind(self):
        if self.lite:
            return [n for n in os.listdir(self.place.folder) if "whimbrel" in n and not n.endswith("-lock")]
        return self.place.cluster.psql("SELECT datname FROM pg_database WHERE datname LIKE 'whimbrel\\_%'").split()


def wait_for(process, condition, seconds=300):
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.004)
    return False


def whole(tap, p):
    """Nobody kills it: what it does, says, and does not do twice."""
    p.engine.clone("original", "plain")
    r = p.run("plain", "--dry-run")
    said = json.loads(r.out) if r.status == 0 else {}
    tap.result(r.status == 0 and len(said["steps"]) == 3 and not p.indexes("plain"),
               "%s: --dry-run plans three indexes and makes none" % p.engine.name, str(r))
    r = p.run("plain")
    done = json.loads(r.out) if r.status == 0 else {}
    ok = r.status == 0 and [s["state"] for s in done["steps"]] == ["done"] * 3 and all(s["gained"] for s in done["steps"])
    tap.result(ok, "%s: three steps done, each gained" % p.engine.name, str(r))
    tap.result(p.indexes("plain") == [(c, "t") for c in COLUMNS], "%s: three indexes, whole" % p.engine.name,
               str(p.indexes("plain")))
    again = p.run("plain")
    tap.result(again.status == 0 and not json.loads(again.out)["steps"], "%s: nothing to do the second time" % p.engine.name,
               str(again))
    tap.result(not p.left_behind(), "%s: no copy is left" % p.engine.name, str(p.left_behind()))


def killed(tap, p, number):
    """Killed once or more while steps run, at another moment each time."""
    db = "killed_%d" % number
    p.engine.clone("original", db)
    kills = 0
    for round_ in range(3):
        process = harness.start(p.argv(db), p.place.folder, TMPDIR=p.place.folder)
        done = sum(s[1] == "done" for s in p.steps(db))
        met = wait_for(process, lambda: any(s[1] == "running" for s in p.steps(db)) or
                       sum(s[1] == "done" for s in p.steps(db)) > done)
        if met:
            time.sleep(p.random.random() * 0.15)
            process.kill()
            kills += 1
        harness.finish(process)
    r = p.run(db)
    name = "%s: killed %d times, then whole (%d)" % (p.engine.name, kills, number)
    said = json.loads(r.out) if r.status == 0 else {}
    ok = kills > 0 and r.status == 0 and p.indexes(db) == [(c, "t") for c in COLUMNS]
    states = {s[1] for s in p.steps(db)}
    tap.result(ok and states == {"done"}, name, "%s\n%s\n%s\n%s" % (r, p.indexes(db), p.steps(db), said.get("resumed")))


def copying(tap, p):
    """Killed while there is a copy: the next run removes it."""
    p.engine.clone("original", "copying")
    process = harness.start(p.argv("copying"), p.place.folder, TMPDIR=p.place.folder)
    met = wait_for(process, p.left_behind)
    process.kill()
    harness.finish(process)
    left = p.left_behind()
    r = p.run("copying", "--dry-run")
    tap.result(bool(met and left) and r.status == 0 and not p.left_behind(),
               "%s: the copy of a killed run is removed by the next" % p.engine.name, "%s\n%s\n%s" % (left, p.left_behind(), r))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], required=True)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    tap = harness.Tap()
    with harness.Workplace(a.engine) as place:
        p = Place(place, harness.program("WHIMBREL", "build-asan"), a.seed)
        whole(tap, p)
        copying(tap, p)
        for i in range(10 if a.full else 1):
            killed(tap, p, i + 1)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
