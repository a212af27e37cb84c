#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Migrations that take tables, columns and rows away, with `trash: on`, killed or cut off
at every driver call of `up` (before sending, after sending, after the reply), and run
to their end again: the undo leads back to what was there before, row by row, and the
trash is empty but for what the undo itself has set aside.

    trash_killed.py --engine sqlite|postgresql [--full] [--seed N]
"""
import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../lib"), HERE]
import harness  # noqa: E402
import trash  # noqa: E402
import undo_killed  # noqa: E402

SAMPLE = {"sqlite": 40, "postgresql": 16}
FIRST = """CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL, town VARCHAR(20));
CREATE INDEX people_name ON people (name);
CREATE TABLE pets (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES people (id));
CREATE TABLE plain (a INTEGER UNIQUE, b VARCHAR(9) DEFAULT 'x');
CREATE TABLE log (line VARCHAR(20));
INSERT INTO people VALUES (1, 'Ada', 'Ur'), (2, 'Bob', NULL);
INSERT INTO pets VALUES (7, 1), (8, NULL);
INSERT INTO plain VALUES (1, 'one'), (NULL, NULL);
INSERT INTO log VALUES ('a'), ('a');
"""
FILES = {
    "V002__table.sql": "DROP TABLE plain;\nCREATE TABLE plain (other INTEGER);\n",
    "V003__column.sql": "ALTER TABLE people DROP COLUMN name;\nALTER TABLE people ADD COLUMN nick VARCHAR(9);\n",
    "V004__rows.sql": "DELETE FROM log;\nDROP TABLE pets;\n",
}


class Killed(undo_killed.Killed):
    FIRST, FILES, STEPS = FIRST, FILES, {}

    def __init__(self, place, side, program):
        super().__init__(place, side, program)
        with open(os.path.join(self.folder, "whimbrel.yaml"), "w") as f:
            f.write("trash: on\n")

    def one(self, spec):
        wrong = super().one(spec)
        left = self.side.stores(self.db)
        # `down` itself has set aside the values of the column that had come.
        left = left[1:] if left and left[0].endswith("_people") else left
        return wrong + (["left in the trash: %r" % left] if left and not wrong else [])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, choices=sorted(SAMPLE))
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    program = harness.program("WHIMBREL_FAULTS", "build-faults")
    with harness.Workplace(options.engine) as place:
        side = (trash.Sqlite if options.engine == "sqlite" else trash.Postgres)(place)
        sys.exit(undo_killed.run(Killed(place, side, program), SAMPLE[options.engine], options))


if __name__ == "__main__":
    main()
