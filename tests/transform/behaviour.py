#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What rules do beside SARK's map: thresholds, policies, changed rules, order,
events, dry runs, cancelling, concurrent writers, and what is refused.

    behaviour.py --engine sqlite|postgresql
"""
import argparse
import json
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import harness  # noqa: E402

SCHEMA = """
CREATE TABLE src (id int PRIMARY KEY, name text, n int);
CREATE TABLE dst (id int PRIMARY KEY, name text NOT NULL CHECK (name <> 'forbidden'), n int);
"""
RULE = """
rules:
  - id: copy
    source: src
    key: id
    target: dst
    same_columns: [id, name, n]
"""


class Test:
    def __init__(self, place, tap):
        self.place, self.engine, self.tap = place, place.engine, tap
        self.program = harness.program("WHIMBREL", "build-asan")
        self.number = 0

    def sql(self, sql):
        if self.engine.name == "sqlite":
            import sqlite3
            connection = sqlite3.connect(self.engine.path("db"), timeout=30)
            connection.executescript(sql)
            connection.close()
        else:
            self.engine.cluster.psql(sql, "db")

    def value(self, sql):
        return "|".join(str(v) for v in self.engine.query("db", sql)[0])

    def fresh(self, rules, rows=100, extra=""):
        self.number += 1
        self.engine.create("db")
        self.folder = os.path.join(self.place.folder, "t%d" % self.number)
        os.makedirs(self.folder)
        self.rules(rules)
        values = ", ".join("(%d, 'n%d', %d)" % (i, i, i) for i in range(1, rows + 1))
        self.sql(SCHEMA + "INSERT INTO src VALUES " + values + ";" + extra)

    def rules(self, text):
        with open(os.path.join(self.folder, "rules.yaml"), "w") as f:
            f.write(text)

    def argv(self, *more):
        return [self.program, "--url", self.engine.url("db"), "-o", "json", "transform", "rules.yaml"] + list(more)

    def run(self, *more):
        result = harness.run(self.argv(*more), self.folder)
        try:
            answer = json.loads(result.out)
        except ValueError:
            answer = {}
        self.last = result
        return result.status, {r["rule_id"]: r for r in answer.get("results", [])}, answer

    def check(self, passed, name):
        self.tap.result(passed, name, str(self.last))

    # ---- policies ----

    def thresholds(self):
        policy = "    batch_size: 10\n    on_error: %s\n    max_errors: %s\n"
        bad = "UPDATE src SET name = 'forbidden' WHERE id IN (15, 25, 35);"
        self.fresh(RULE + policy % ("continue", 2), extra=bad)
        status, rules, _ = self.run()
        self.check(status == 3 and rules["copy"]["failed"] == 3 and rules["copy"]["state"] == "failed" and
                   "more than max_errors" in rules["copy"]["message"], "a number of rejects stops the rule")
        done = self.value("SELECT count(*) FROM dst")
        self.rules(RULE + policy % ("continue", 3))
        status, rules, _ = self.run()
        self.check(status == 1 and rules["copy"]["resumed"] and rules["copy"]["processed"] == 100 and int(done) < 97 and
                   self.value("SELECT count(*) FROM dst") == "97", "with a higher limit the same rule goes on")
        self.fresh(RULE + policy % ("collect", "2%"), extra=bad)
        status, rules, _ = self.run()
        self.check(status == 3 and rules["copy"]["failed"] == 3, "a share of the rows stops the rule")
        self.fresh(RULE + policy % ("collect", "3%"), extra=bad)
        self.check(self.run()[0] == 1, "no more than the share does not")

    def conflicts(self):
        there = "INSERT INTO dst VALUES (5, 'was', 0);"
        self.fresh(RULE, extra=there)
        status, rules, _ = self.run()
        self.check(status == 3 and "id 5" in rules["copy"]["message"].replace("'", "") and self.value("SELECT count(*) FROM dst") == "5",
                   "fail: the row is named, those before it are there")
        self.fresh(RULE + "    on_conflict: ignore\n", extra=there)
        status, rules, _ = self.run()
        self.check(status == 0 and (rules["copy"]["successful"], rules["copy"]["ignored"]) == (99, 1) and
                   self.value("SELECT name FROM dst WHERE id = 5") == "was", "ignore: what is there stays")
        self.fresh(RULE + "    on_conflict: update\n    conflict_key: id\n    set: { n: dst.n + excluded.n }\n", extra=there)
        status, rules, _ = self.run()
        self.check(status == 0 and self.value("SELECT name, n FROM dst WHERE id = 5") == "was|5", "update: what is set, and no more")

    # ---- changed rules ----

    def changed(self):
        self.fresh(RULE + "    batch_size: 10\n", extra="UPDATE src SET name = 'forbidden' WHERE id = 50;")
        self.check(self.run()[0] == 3, "the first run stops")
        self.rules(RULE + "    batch_size: 10\n    filter: n <> 50\n")
        status, _, _ = self.run()
        self.check(status == 4 and "--restart" in self.last.out, "a changed rule is refused half done")
        self.check(self.run("--restart")[0] == 3, "begun anew it meets its own rows")
        upsert = "    on_conflict: update\n    conflict_key: id\n"
        self.fresh(RULE + upsert, extra="UPDATE src SET name = 'forbidden' WHERE id = 50;")
        self.run()
        self.rules(RULE + upsert + "    filter: n <> 50\n")
        status, rules, _ = self.run()
        self.check(status == 0 and rules["copy"]["processed"] == 99 and not rules["copy"]["resumed"],
                   "one that updates begins anew by itself")

    # ---- order ----

    def order(self):
        many = "rules:\n" + "".join(
            "  - { id: %s, source: src, key: id, same_columns: [name], filter: n < 0%s }\n" % (i, more)
            for i, more in (("a", ", depends: [c]"), ("b", ", priority: 5"), ("c", ", priority: 200"), ("d", "")))
        self.fresh(many)
        status, rules, _ = self.run()
        self.check(status == 0 and list(rules) == ["b", "d", "c", "a"], "priority, and what is depended on first")
        status, rules, _ = self.run("--only", "a,b")
        self.check(status == 0 and list(rules) == ["b", "a"], "only those that are asked for")
        self.fresh(many.replace("priority: 200", "depends: [a]"))
        status, _, _ = self.run()
        self.check(status == 65 and "a -> c -> a" in self.last.out.replace("c -> a -> c", "a -> c -> a"), "a circle is an error")
        broken = many.replace("id: c, source: src", "id: c, source: nowhere")
        self.fresh(broken)
        status, rules, _ = self.run()
        self.check(status == 3 and rules["c"]["state"] == "failed" and rules["a"]["state"] == "skipped" and
                   rules["d"]["state"] == "done", "a rule that fails stops what comes after it")
        self.fresh(broken.replace("b, source", "z, depends: [d], source"))
        status, rules, _ = self.run("--continue-on-error")
        self.check(status == 3 and rules["z"]["state"] == "done" and rules["a"]["state"] == "skipped",
                   "--continue-on-error goes on with those that do not need it")

    # ---- looking on ----

    def events(self):
        self.fresh(RULE + "    batch_size: 40\n")
        self.run("--events", "events.json")
        with open(os.path.join(self.folder, "events.json")) as f:
            events = [json.loads(line) for line in f]
        ours = ("transformation_", "rule_", "batch_") # beside them: locks, and signs of life where a database is slow
        names = [e["event"] for e in events if e["event"].startswith(ours)]
        wanted = ["transformation_started", "rule_started"] + ["batch_started", "batch_completed"] * 3 + [
            "rule_completed", "transformation_completed"]
        batches = [e for e in events if e["event"] == "batch_started"]
        self.check(names == wanted and [(e["batch"], e["batches"], e["offset"], e["batch_size"]) for e in batches] ==
                   [(1, 3, 0, 40), (2, 3, 40, 40), (3, 3, 80, 20)], "events, and what they say")

    def dry_run(self):
        checks = "    checks: [{ original: n <> 7 }, { transformed: transformed.name <> 'n9', message: nine }]\n"
        self.fresh(RULE + checks)
        status, rules, answer = self.run("--dry-run")
        copy = rules["copy"]
        self.check(status == 1 and (copy["total"], copy["successful"], copy["failed"], copy["would_stop"]) == (100, 98, 2, True)
                   and answer["requires_downtime"] and self.value("SELECT count(*) FROM dst") == "0",
                   "a dry run counts rows and rejects, and says that it would stop")
        self.rules(RULE + checks + "    on_error: collect\n    max_errors: 2\n")
        status, rules, answer = self.run("--dry-run")
        self.check(status == 0 and answer["successful"] == 98 and answer["failed"] == 2 and not rules["copy"]["would_stop"],
                   "rows that would be collected stop no dry run")
        self.rules(RULE + checks + "    on_error: collect\n    max_errors: 1\n")
        self.check(self.run("--dry-run")[0] == 1, "unless there are more than may be")
        self.rules(RULE + checks)
        status, rules, _ = self.run()
        self.check(status == 3 and [(e["row"].strip("'"), e["error"]) for e in rules["copy"]["errors"]] == [("7", "n <> 7")], "stop: at the first that fails a check")
        self.check(self.run("--no-checks", "--restart")[0] == 0, "--no-checks")

    # ---- stopping and others ----

    def cancelled(self):
        self.fresh(RULE + "    batch_size: 10\n    pause: 50ms\n", rows=1000)
        process = harness.start(self.argv(), self.folder)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and int(self.value("SELECT count(*) FROM dst")) < 50:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        self.last = harness.finish(process)
        done = int(self.value("SELECT count(*) FROM dst"))
        self.check(self.last.status == 143 and done % 10 == 0 and done < 1000, "a signal stops it between batches")
        self.rules(RULE + "    batch_size: 500\n")
        status, rules, _ = self.run()
        self.check(status == 0 and rules["copy"]["resumed"] and rules["copy"]["processed"] == 1000 and
                   self.value("SELECT count(*) FROM dst") == "1000", "and the next run goes on, with another size")

    def in_place(self):
        self.fresh("""
rules:
  - id: double
    source: src
    key: id
    columns: { n: n * 2 }
    filter: n <= 50
    batch_size: 7
""")
        status, rules, answer = self.run()
        self.check(status == 0 and rules["double"]["successful"] == 50 and rules["double"]["in_place"] and
                   not answer["requires_downtime"] and self.value("SELECT sum(n) FROM src") == str(5050 + 1275),
                   "in place, each row once")

    def others(self):
        """Commands of migrations take no notice of what transform has journaled."""
        self.fresh(RULE, extra="UPDATE src SET name = 'forbidden' WHERE id = 50;")
        os.makedirs(os.path.join(self.folder, "migrations"))
        with open(os.path.join(self.folder, "migrations", "001_a.sql"), "w") as f:
            f.write("CREATE TABLE later (x int);\n")
        self.check(self.run()[0] == 3, "a rule fails")
        common = [self.program, "--url", self.engine.url("db"), "-o", "json"]
        for command in (["status"], ["up"], ["resume"], ["validate"]):
            self.last = harness.run(common + command, self.folder)
            self.check(self.last.status == 0, command[0] + " beside it")
        self.last = harness.run([self.program, "--url", self.engine.url("db"), "--dir", "migrations", "diff", self.engine.url("db"),
                                 "migrations"], self.folder)
        self.check("transform_rejects" not in self.last.out, "our tables are no difference")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), required=True)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    tap = harness.Tap()
    with harness.Workplace(a.engine) as place:
        test = Test(place, tap)
        for part in (test.thresholds, test.conflicts, test.changed, test.order, test.events, test.dry_run, test.cancelled,
                     test.in_place, test.others):
            part()
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
