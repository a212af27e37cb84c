#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Backfill sections of migrations: by rules and by statements in batches, as part
of `up`. Killed and cut off at every driver call, the next `up` ends where an
undisturbed one does; no row is written twice.

    backfill.py --engine sqlite|postgresql [--full | --points N] [--seed N]
"""
import argparse
import concurrent.futures
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import harness  # noqa: E402

ROWS = 37
FIRST = """
CREATE TABLE src (id int PRIMARY KEY, name text, n int);
CREATE TABLE pairs (a int, b int, n int);
"""
# `seen` tells how often a row was written: once, however often the run was killed.
SECOND = """-- migrate:expand
CREATE TABLE dst (id int PRIMARY KEY, name text NOT NULL, seen int NOT NULL DEFAULT 0);
ALTER TABLE pairs ADD COLUMN seen int;
-- migrate:backfill rules:../rules.yaml#copy
-- migrate:backfill table:pairs key:a,b batch_size:5
UPDATE pairs SET seen = coalesce(seen, 0) + 1, n = n * 10 WHERE whimbrel_batch(a, b);
INSERT INTO log SELECT 'pair', count(*) FROM pairs AS p WHERE whimbrel_batch (p.a, p.b);
-- migrate:contract
UPDATE log SET n = -1 WHERE what = 'contract';
-- migrate:down
DROP TABLE dst;
ALTER TABLE pairs DROP COLUMN seen;
"""
RULES = """
rules:
  - id: copy
    source: src
    key: id
    target: dst
    same_columns: [id, name]
    on_conflict: update
    conflict_key: id
    set: { seen: dst.seen + 1 }
    batch_size: 6
    on_error: collect
  - id: other
    source: nowhere
    key: id
    target: dst
    same_columns: [id, name]
"""
SEEN = {"sqlite": "SELECT * FROM %s ORDER BY 1, 2", "postgresql": "SELECT * FROM %s ORDER BY 1 NULLS FIRST, 2 NULLS FIRST"}


class Failed(Exception):
    """What was not as it must be."""


class Test:
    def __init__(self, place, tap):
        self.place, self.engine, self.tap = place, place.engine, tap
        self.program = harness.program("WHIMBREL_FAULTS", "build-faults")
        self.number = 0
        self.journal = "whimbrel_" if self.engine.name == "sqlite" else "whimbrel."

    def folder(self, second=SECOND, rules=RULES):
        self.number += 1
        folder = self.place.migrations("m%d" % self.number, {"V001__first.sql": FIRST, "V002__second.sql": second})
        if rules:
            self.write(folder, "rules.yaml", rules)
        return folder

    @staticmethod
    def write(folder, name, text):
        with open(os.path.join(folder, name), "w") as f:
            f.write(text)

    def sql(self, db, sql):
        if self.engine.name == "sqlite":
            import sqlite3
            connection = sqlite3.connect(self.engine.path(db), timeout=30)
            connection.executescript(sql)
            connection.close()
        else:
            self.engine.cluster.psql(sql, db)

    def fresh(self, folder, db, more=""):
        """The first migration is applied, and there are rows."""
        self.engine.create(db)
        self.expect(self.run(folder, db, "up", "--to", "001"), 0)
        values = ", ".join("(%d, %s, %d)" % (i, "NULL" if i == 13 else "'n%d'" % i, i) for i in range(1, ROWS + 1))
        pairs = ", ".join("(%d, %d, %d)" % (i // 3, i, i) for i in range(1, ROWS))
        self.sql(db, "CREATE TABLE log (what text, n int); INSERT INTO src VALUES %s; INSERT INTO pairs VALUES %s; "
                     "INSERT INTO pairs VALUES (4, NULL, 99), (NULL, NULL, 98);%s" % (values, pairs, more))

    def run(self, folder, db, *argv, **env):
        return harness.run([self.program, "--url", self.engine.url(db), "-o", "json"] + list(argv), folder, **env)

    @staticmethod
    def expect(result, *statuses):
        if result.status not in statuses:
            raise Failed("exit %s, wanted %s\n%s" % (result.status, " or ".join(map(str, statuses)), result))
        return result

    def state(self, db):
        lines = []
        for table in ("dst", "pairs", "log"):
            lines += ["%s: %r" % (table, row) for row in self.engine.query(db, SEEN[self.engine.name] % table)]
        rejects = "SELECT rule, row_key, reason FROM %stransform_rejects ORDER BY 1, 2" % self.journal
        lines += ["reject: %r" % (row,) for row in self.engine.query(db, rejects)]
        records = "SELECT version, state FROM %sschema_migrations ORDER BY 1" % self.journal
        lines += ["record: %r" % (row,) for row in self.engine.query(db, records)]
        for version, state, *cursor in self.engine.query(
                db, "SELECT version, state, cursor FROM %smigration_steps WHERE version LIKE '002%%' ORDER BY 1, ordinal" %
                self.journal):
            lines.append("%s %s: %s" % (version, state, " ".join((cursor[0] or "").split("|")[0].split()[:4])))
        return "\n".join(lines)

    def one(self, db, sql):
        return "|".join(str(v) for v in self.engine.query(db, sql)[0])

    def case(self, name, work):
        try:
            work()
            self.tap.result(True, name)
        except (Failed, RuntimeError, KeyError, ValueError) as e:
            self.tap.result(False, name, "%s: %s" % (type(e).__name__, e))

    @staticmethod
    def same(wanted, got):
        if wanted != got:
            raise Failed("wanted %s\n got %s" % (wanted, got))

    # ---- what it does -------------------------------------------------------------------------

    def all_of_it(self):
        folder = self.folder()
        self.fresh(folder, "db")
        plan = json.loads(self.expect(self.run(folder, "db", "plan"), 0).out)
        steps = {s["id"]: s for s in plan["steps"]}
        self.same(["backfill", "backfill", "backfill"], [steps["002.%d" % i]["kind"] for i in (3, 4, 5)])
        self.same("rule copy fills dst from src, updating what is there, in batches", steps["002.3"]["notes"][0])
        if "5 rows of pairs" not in " ".join(steps["002.4"]["notes"]):
            raise Failed(steps["002.4"])
        result = self.expect(self.run(folder, "db", "up"), 0)
        if "1 of %d rows were rejected" % ROWS not in result.err:
            raise Failed("no word of the row that was rejected\n%s" % result)
        self.same("%d|1|1" % (ROWS - 1), self.one("db", "SELECT count(*), min(seen) + 1, max(seen) + 1 FROM dst"))
        self.same("%d|1|1" % (ROWS + 1), self.one("db", "SELECT count(*), min(seen), max(seen) FROM pairs"))
        self.same("0", self.one("db", "SELECT count(*) FROM pairs WHERE n % 10 <> 0"))
        # Pieces of five, and then the two rows whose key is not whole.
        self.same("9|%d|2" % (ROWS + 1), self.one("db", "SELECT count(*), sum(n), min(CASE WHEN n = 2 THEN 2 END) FROM log"))
        self.same("002|1", self.one("db", "SELECT max(version), count(*) FROM %smigration_history WHERE version LIKE '002%%'" %
                                    self.journal))
        self.expect(self.run(folder, "db", "up"), 0)
        # Back, and again: it begins anew.
        self.expect(self.run(folder, "db", "down", "--yes"), 0)
        self.sql("db", "DELETE FROM log;")
        self.expect(self.run(folder, "db", "up"), 0)
        self.same("%d" % (ROWS - 1), self.one("db", "SELECT count(*) FROM dst"))
        self.same("%d" % (ROWS + 1), self.one("db", "SELECT sum(n) FROM log"))

    def failing(self):
        """A batch fails: what came before it is done, and is not done again."""
        folder = self.folder()
        self.fresh(folder, "db", "CREATE TABLE stop (id int CHECK (id <> 5));")
        second = SECOND.replace("INSERT INTO log SELECT 'pair'", "INSERT INTO stop SELECT DISTINCT a FROM pairs WHERE "
                                "whimbrel_batch(a, b) AND a = 5;\nINSERT INTO log SELECT 'pair'")
        self.write(os.path.join(folder, "migrations"), "V002__second.sql", second)
        result = self.expect(self.run(folder, "db", "up"), 3)
        error = result.error()
        self.same(7, error.get("line"))
        if "a batch of the backfill failed" not in error["message"] or not error["file"].endswith("V002__second.sql"):
            raise Failed(result)
        done = int(self.one("db", "SELECT count(*) FROM pairs WHERE seen = 1"))
        if not 0 < done < ROWS:
            raise Failed("%d rows were done before" % done)
        self.same("failed|%d" % 3, self.one("db", "SELECT state, statements_done FROM %sschema_migrations WHERE version = '002'" %
                                            self.journal))
        self.sql("db", "DROP TABLE stop; CREATE TABLE stop (id int);")
        self.expect(self.run(folder, "db", "up"), 0)
        self.same("1|1", self.one("db", "SELECT min(seen), max(seen) FROM pairs"))
        self.same("0|0", self.one("db", "SELECT min(seen), max(seen) FROM dst"))

    def changed(self):
        """Rules that were changed while they were half done."""
        once = RULES.replace("on_conflict: update", "on_conflict: ignore").replace("    set: { seen: dst.seen + 1 }\n", "") \
            .replace("on_error: collect", "on_error: stop")
        folder = self.folder(rules=once)
        self.fresh(folder, "db")
        self.expect(self.run(folder, "db", "up"), 3)  # the row without a name
        self.write(folder, "rules.yaml", once.replace("    batch_size: 6\n", "    batch_size: 6\n    filter: name IS NOT NULL\n"))
        result = self.expect(self.run(folder, "db", "up"), 4)
        if "resume --retry" not in result.error().get("hint", ""):
            raise Failed(result)
        self.expect(self.run(folder, "db", "resume", "--retry"), 0)
        self.same("%d" % (ROWS - 1), self.one("db", "SELECT count(*) FROM dst"))

    def refused(self):
        """Before anything runs."""
        wrong = {
            "table:pairs": "in the order of which key",
            "rules:x.yaml batch_size:5": "in the file of rules",
            "table:pairs key:a": "which rows a batch",
        }
        for options, words in wrong.items():
            folder = self.folder(SECOND.replace("table:pairs key:a,b batch_size:5", options))
            self.engine.create("db")
            result = self.expect(self.run(folder, "db", "up"), 65)
            if words not in result.out:
                raise Failed(result)
        for text, words in (("-- migrate:up key:a\nSELECT 1;", "are for backfill sections"),
                            ("-- migrate:backfill rules:../rules.yaml\nSELECT 1;", "has no statements"),
                            ("-- migrate:backfill table:pairs key:a\nUPDATE pairs SET n = 1;", "which rows a batch"),
                            ("-- migrate:backfill rules:../gone.yaml", "gone.yaml"),
                            ("-- migrate:backfill rules:../rules.yaml#gone", "gone")):
            folder = self.folder(text)
            self.engine.create("db")
            result = self.run(folder, "db", "up")
            if result.status not in (64, 65, 66) or words not in result.out:
                raise Failed("%s\n%s" % (text, result))
            count = "SELECT count(*) FROM %s" % ("sqlite_master WHERE name = 'src'" if self.engine.name == "sqlite"
                                                 else "pg_tables WHERE tablename = 'src'")
            self.same("0", self.one("db", count))
            self.expect(self.run(folder, "db", "validate"), 1, 65)
        folder = self.folder()
        self.fresh(folder, "db")
        self.expect(self.run(folder, "db", "up", "--transaction", "all"), 4)
        result = self.expect(self.run(folder, "db", "up", "--dry-run=rollback"), 0, 1)
        if "commits each of its batches" not in result.out:
            raise Failed(result)

    # ---- killed ----------------------------------------------------------------------------------

    def undisturbed(self):
        self.killed = self.folder()
        self.fresh(self.killed, "fresh")
        self.engine.clone("fresh", "done")
        count = os.path.join(self.place.folder, "count")
        self.expect(self.run(self.killed, "done", "up", WHIMBREL_FAULT="count@any:0", WHIMBREL_FAULT_COUNT=count), 0)
        with open(count) as f:
            calls = max(int(n) for n in f.read().split())
        return calls, self.state("done")

    def attempt(self, number, spec, wanted):
        action, point, n = spec
        db, name = "try%d" % number, "%s@%s:%d" % spec
        try:
            self.engine.clone("fresh", db)
            result = self.expect(self.run(self.killed, db, "up", WHIMBREL_FAULT=name), -9, 6, 0)
            if result.status != 0 or action == "kill":
                self.expect(self.run(self.killed, db, "up"), 0)
            if self.state(db) != wanted:
                raise Failed(harness.difference(wanted, self.state(db)))
            self.tap.result(True, name)
        except (Failed, RuntimeError) as e:
            self.tap.result(False, name, str(e))
        finally:
            self.engine.drop(db)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), required=True)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--points", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    tap = harness.Tap()
    with harness.Workplace(a.engine) as place:
        test = Test(place, tap)
        test.case("rules and statements run as part of up", test.all_of_it)
        test.case("a batch that fails", test.failing)
        test.case("rules changed half way", test.changed)
        test.case("refused before anything runs", test.refused)
        calls, wanted = test.undisturbed()
        points = [(action, point, n) for n in range(1, calls + 1) for action in ("kill", "drop")
                  for point in ("before", "sent", "after")]
        chosen = points if a.full else harness.sample(points, a.points, a.seed)
        tap.note("%d driver calls; %d of %d points, seed %d" % (calls, len(chosen), len(points), a.seed))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for future in [pool.submit(test.attempt, i, spec, wanted) for i, spec in enumerate(chosen)]:
                future.result()
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
