#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Migrations without a down part, killed or cut off at every driver call of `up`
(before sending, after sending, after the reply), and run to their end again: the
undo that is stored then leads back to what was there before, or there is none
and the reason is given. A wrong one is never stored.

    undo_killed.py --engine sqlite|postgresql [--full] [--seed N]
"""
import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../lib"), HERE]
import harness  # noqa: E402
import undo  # noqa: E402

SAMPLE = {"sqlite": 60, "postgresql": 24}
FIRST = """CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(20), town VARCHAR(20));
CREATE INDEX people_name ON people (name);
CREATE VIEW names AS SELECT id, name FROM people;
CREATE TABLE nobody (id INTEGER PRIMARY KEY, what VARCHAR(9) DEFAULT 'x');
INSERT INTO people VALUES (1, 'Ada', 'Ur'), (2, 'Bob', NULL);
"""
# Text alone; the schema before and after; with renames; if something is not there; in several steps.
FILES = {
    "V002__makes.sql": "CREATE TABLE more (id INTEGER PRIMARY KEY);\nCREATE INDEX people_town ON people (town);\nINSERT INTO more VALUES (1);\n",
    "V003__alters.sql": "ALTER TABLE people ALTER COLUMN name SET NOT NULL;\nDROP INDEX people_name;\nDROP TABLE nobody;\n",
    "V004__renames.sql": "ALTER TABLE people RENAME COLUMN town TO place;\nDROP VIEW names;\nCREATE VIEW names AS SELECT name FROM people;\n",
    "V005__asks.sql": "CREATE TABLE IF NOT EXISTS people (i INTEGER);\nCREATE TABLE IF NOT EXISTS others (i INTEGER);\n",
}
STEPS = {"V006__steps.sql": "CREATE INDEX CONCURRENTLY people_place ON people (place);\nALTER TABLE people ADD COLUMN age integer;\n"
                            "CREATE INDEX CONCURRENTLY IF NOT EXISTS people_age ON people (age);\n",
         "V007__more_steps.sql": "DROP INDEX CONCURRENTLY people_place;\nCREATE INDEX CONCURRENTLY people_place ON people (place, name);\n"}


class Killed(undo.Bench):
    FIRST, FILES, STEPS = FIRST, FILES, STEPS

    def __init__(self, place, side, program):
        super().__init__(place, side, program, self.FIRST, False)
        files = dict(self.FILES, **(self.STEPS if self.engine.name == "postgresql" else {}))
        for name, text in files.items():
            with open(os.path.join(self.folder, "migrations", name), "w") as f:
                f.write(text)
        self.versions = ["%03d" % (i + 1) for i in range(len(files) + 1)]
        self.states = {}

    def fault(self, spec, **env):
        return harness.run([self.program, "up", "-o", "json"], self.folder, DATABASE_URL=self.engine.url(self.db), WHIMBREL_FAULT=spec, **env)

    def learn(self):
        """What the schema and the rows are after each version, and how many calls `up` makes."""
        self.fresh()
        self.states["001"] = (self.objects(), self.rows())
        for version in self.versions[1:]:
            up = self.whimbrel("up", "-q", "--to", version)
            if up.status:
                raise RuntimeError(str(up))
            self.states[version] = (self.objects(), self.rows())
        self.fresh()
        count = os.path.join(self.place.folder, "calls")
        self.fault("count@any:0", WHIMBREL_FAULT_COUNT=count)
        with open(count) as f:
            return int(f.read())

    def one(self, spec):
        self.fresh()
        hurt = self.fault(spec)
        if hurt.status not in (-9, 6, 0):
            return ["exit %s" % hurt]
        for _ in range(4):
            up = self.whimbrel("up", "-o", "json")
            if up.status == 0:
                break
        if up.status:
            return ["it does not go on: %s" % up]
        wrong = []
        for version in reversed(self.versions[:-1]):
            down = self.whimbrel("down", "-o", "json")
            if down.status == 4 and "interrupted" in (down.error().get("detail") or ""):
                self.refused_ones += 1
                break
            if down.status:
                return ["down to %s: %s" % (version, down)]
            objects, rows = self.states[version]
            wrong += ["at %s: %s" % (version, w) for w in self.compare(objects, self.objects())]
            if rows != self.rows():
                wrong.append("at %s: rows: %s" % (version, harness.difference(rows, self.rows())))
            if wrong:
                break
        return wrong


def run(bench, sample, options):
    tap = harness.Tap()
    bench.refused_ones = 0
    calls = bench.learn()
    points = [("kill" if (n + k) % 3 else "drop") + "@%s:%d" % (point, n)
              for n in range(1, calls + 1) for k, point in enumerate(("before", "sent", "after"))]
    chosen = points if options.full else harness.sample(points, sample, options.seed)
    for spec in chosen:
        try:
            wrong = bench.one(spec)
        except Exception as e:
            wrong = ["%s: %s" % (type(e).__name__, e)]
        tap.result(not wrong, spec, "\n".join(wrong))
    tap.note("%d of %d points of %d calls; %d times no undo, with the reason" % (len(chosen), len(points), calls, bench.refused_ones))
    return tap.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, choices=sorted(SAMPLE))
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    program = harness.program("WHIMBREL_FAULTS", "build-faults")
    with harness.Workplace(options.engine) as place:
        side = (undo.Sqlite if options.engine == "sqlite" else undo.Postgres)(place)
        sys.exit(run(Killed(place, side, program), SAMPLE[options.engine], options))


if __name__ == "__main__":
    main()
