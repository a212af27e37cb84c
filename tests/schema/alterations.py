#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Databases that somebody alters by hand. On a freshly migrated one no drift is
told, for a fixture of every kind of object and for every example. After each
alteration `drift` names exactly that difference, whoever reads its alerts sees
it open, the SQL it gives undoes it, and then there is neither drift nor alert.
Every kind, and every attribute that occurs in the fixture, has an alteration.

    alterations.py --engine sqlite|postgresql [--full] [--seed N] [--only TEXT]
"""
import argparse
import glob
import importlib
import json
import os
import re
import shutil
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import harness  # noqa: E402

ROOT = harness.ROOT
SAMPLE = {"sqlite": 1000, "postgresql": 45}
FIELDS = ("type", "kind", "object", "attribute", "expected", "actual")
# What Debian's servers do not have.
ELSEWHERE = {"hypertable", "continuous aggregate"}


def text_of(path):
    with open(os.path.join(ROOT, path)) as f:
        return f.read()


def kinds():
    return re.findall(r'^\s*X\(\w+, "([^"]+)"', text_of("src/model/kinds.h"), re.M)


# ---- one engine each ------------------------------------------------------------------

class Sqlite:
    COPIES = True  # of what was migrated once: each alteration meets the texts that people wrote
    ALERTS = "whimbrel_schema_drift_alerts"

    def __init__(self, place):
        self.engine = place.engine

    def fixture(self):
        return importlib.import_module("alterations_sqlite").FIXTURE

    def run(self, db, sql):
        """A script, or for (table, old, new) the table made anew with this in its text, as people do it by hand."""
        connection = sqlite3.connect(self.engine.path(db), isolation_level=None)
        try:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.executescript(sql.removeprefix(".bail on\n")) if isinstance(sql, str) else self.rebuild(connection, *sql)
        finally:
            connection.close()

    def rebuild(self, db, table, old, new):
        text = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
        others = [r[0] for r in db.execute("SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND type IN ('index', 'trigger') "
                                           "AND sql IS NOT NULL", (table,))]
        if old not in text:
            raise ValueError("%r is not in %r" % (old, text))
        kept = [r[1] for r in db.execute("PRAGMA table_xinfo(%s)" % table) if r[6] == 0]
        db.execute("PRAGMA legacy_alter_table = ON")
        db.execute("BEGIN")
        db.execute("ALTER TABLE %s RENAME TO old_one" % table)
        for kind, name in db.execute("SELECT type, name FROM sqlite_schema WHERE tbl_name = 'old_one' AND sql IS NOT NULL "
                                     "AND type IN ('index', 'trigger')").fetchall():
            db.execute("DROP %s %s" % (kind, name))
        db.execute(text.replace(old, new, 1))
        has = [r[1] for r in db.execute("PRAGMA table_xinfo(%s)" % table) if r[6] == 0]
        both = ", ".join(c for c in kept if c in has)
        db.execute("INSERT INTO %s (%s) SELECT %s FROM old_one" % (table, both, both))
        db.execute("DROP TABLE old_one")
        for sql in others:
            db.execute(sql)
        db.execute("COMMIT")

    def left_scratch(self):
        return []

    def rows(self, db, sql):
        return self.engine.query(db, sql)

    def drop(self, db):
        self.engine.drop(db)


class Postgres:
    COPIES = False  # a copy has no subscription; so each alteration meets what undoing the last one has left
    ALERTS = "whimbrel.schema_drift_alerts"

    def __init__(self, place):
        self.engine, self.cluster = place.engine, place.cluster
        self.cluster.psql('CREATE ROLE guest LOGIN; CREATE ROLE "Odd TO "" Role"')

    def fixture(self):
        return text_of("tests/unit/driver_pg/all_kinds.sql") + text_of("tests/schema/spare_kinds.sql")

    def run(self, db, sql):
        self.cluster.psql(sql if sql.rstrip().endswith(";") else sql + ";", db)

    def left_scratch(self):
        return self.cluster.psql("SELECT datname FROM pg_database WHERE datname LIKE 'whimbrel_scratch%'")

    def rows(self, db, sql):
        out = self.cluster.psql("SELECT json_agg(to_json(x)) FROM (%s) x" % sql, db)
        return [tuple(r.values()) for r in json.loads(out)] if out else []

    def drop(self, db):
        """One with a subscription cannot be dropped."""
        for (name,) in self.rows(db, "SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid "
                                     "WHERE datname = current_database()"):
            self.run(db, 'ALTER SUBSCRIPTION "%s" SET (slot_name = NONE); DROP SUBSCRIPTION "%s"' % (name, name))
        self.cluster.drop_database(db)


# ---- one database, altered again and again -----------------------------------------------

class Bench:
    def __init__(self, place, side, program):
        self.place, self.side, self.program = place, side, program
        self.folder = place.migrations("project", {"V001__all.sql": side.fixture()})
        with open(os.path.join(self.folder, "whimbrel.yaml"), "w") as f:
            f.write("snapshots: true\n")
        self.number, self.db, self.steps, self.ready = 0, None, 0, None

    def whimbrel(self, *arguments, cwd=None, **env):
        return harness.run([self.program] + list(arguments), cwd or self.folder, **env)

    def here(self, *arguments):
        return self.whimbrel(*arguments, DATABASE_URL=self.side.engine.url(self.db))

    def fresh(self):
        """A newly migrated database; what is wrong with it already."""
        if self.db:
            self.side.drop(self.db)
        self.number += 1
        self.db = "altered%d" % self.number
        if self.ready:
            self.side.engine.clone(self.ready, self.db)
            return []
        self.side.engine.create(self.db)
        up = self.here("up", "-q")
        if self.side.COPIES:
            self.ready = "ready"
            self.side.engine.clone(self.db, self.ready)
        return [] if up.status == 0 else [str(up)]

    def quiet(self, *options):
        drift = self.here("drift", *options)
        return [] if drift.status == 0 else [str(drift)]

    def drift(self, *options):
        result = self.here("drift", "-o", "json", *options)
        answer = json.loads(result.out) if result.out.startswith("{") else {}
        return result, answer if "differences" in answer else None

    def alerts(self):
        return sorted(self.side.rows(self.db, "SELECT kind, object, attribute, coalesce(expected_value, '(none)') AS e, "
                                              "coalesce(actual_value, '(none)') AS a FROM %s WHERE resolved_at IS NULL"
                                              % self.side.ALERTS))

    def script(self, answer):
        """Sometimes the one that people paste, else the one that programs put together."""
        self.steps += 1
        if self.steps % 4 == 0:
            return self.here("drift", "--sql", "--allow-destructive").out
        return "BEGIN;\n%s%s\nCOMMIT;\n" % (answer.get("begin") or "", "".join(c["sql"] for c in answer["changes"]))

    def alter(self, sql, wanted):
        """What is wrong: nothing, one hopes."""
        self.side.run(self.db, sql)
        result, answer = self.drift("--record")
        if not answer:
            return [str(result)]
        wrong = []
        got = [tuple(d[f] for f in FIELDS) for d in answer["differences"]]
        if sorted(got, key=str) != sorted(wanted, key=str):
            wrong.append("named %s\nwanted %s" % (got, wanted))
        critical = answer["destroys"] or any(d["severity"] == "critical" for d in answer["differences"])
        if result.status != (2 if critical else 1):
            wrong.append("exit status %s" % result.status)
        open_ones = sorted((k, o, a or "", e or "(none)", c or "(none)") for _, k, o, a, e, c in wanted)
        if self.alerts() != open_ones:
            wrong.append("alerts %s\nwanted %s" % (self.alerts(), open_ones))
        return wrong or self.undo(answer)

    def undo(self, answer):
        sql = self.script(answer)
        try:
            self.side.run(self.db, sql)
        except Exception as e:  # the statement that failed is what the reader wants
            return ["the SQL failed: %s\n%s" % (e, sql)]
        wrong = self.quiet("--record")
        if self.alerts():
            wrong.append("alerts are left: %s" % (self.alerts(),))
        return [w + "\nafter\n" + sql for w in wrong]


def one(bench, tap, sql, wanted):
    try:
        wrong = bench.alter(sql, wanted)
    except Exception as e:
        wrong = ["the alteration failed: %s" % e]
    name = sql if isinstance(sql, str) else "%s: %s -> %s" % sql
    tap.result(not wrong, re.sub(r"[\s#]+", " ", name)[:150], "\n".join(wrong))
    if wrong or bench.ready:
        bench.fresh()


# ---- is everything altered? -----------------------------------------------------------------

def uncovered(bench, module):
    """Attributes of the fixture that no alteration changes, kinds of which none is missing or unexpected."""
    objects = json.loads(bench.here("snapshot", "-o", "json").out)["objects"]
    told = {(d[0], d[1], d[3]) for _, wanted in module.ALTERATIONS for d in wanted}
    left = set()
    for o in objects:
        for kind_of_difference in ("missing", "unexpected"):
            if (kind_of_difference, o["kind"], None) not in told:
                left.add("%s %s" % (kind_of_difference, o["kind"]))
        left |= {"%s of %s" % (a, o["kind"]) for a in o["attributes"] if ("changed", o["kind"], a) not in told}
    return sorted(left - set(module.NOT_ALTERED)), {o["kind"] for o in objects}


def examples(engine):
    """Folders of migrations of the examples: (project folder, its migrations)."""
    for folder in sorted(glob.glob(os.path.join(ROOT, "examples/*/"))):
        for found, _, files in sorted(os.walk(folder)):
            if any(re.match(r"[VR0-9].*\.sql$", f) for f in files) and "migrations" in found:
                of_sqlite = "sqlite" in found
                if of_sqlite == (engine == "sqlite"):
                    yield os.path.relpath(found, ROOT), found


def example(bench, path):
    bench.side.engine.create("example")
    folder = os.path.join(bench.place.folder, "example-" + os.path.basename(os.path.dirname(path)))
    shutil.copytree(path, os.path.join(folder, "migrations"))
    with open(os.path.join(folder, "whimbrel.yaml"), "w") as f:
        f.write('snapshots: true\nvariables: { batch_size: "1000", batch_pause: "0" }\n')
    wrong = []
    for command in (["up", "-q"], ["drift"], ["drift", "--replay"]):
        result = bench.whimbrel(*command, cwd=folder, DATABASE_URL=bench.side.engine.url("example"))
        wrong += [str(result)] if result.status else []
    bench.side.engine.drop("example")
    return "\n".join(wrong)


def run(place, side, options, program):
    tap = harness.Tap()
    module = importlib.import_module("alterations_" + options.engine)
    bench = Bench(place, side(place), program)
    wrong = bench.fresh()
    tap.result(not wrong and not bench.quiet(), "freshly migrated, no drift", "\n".join(wrong))
    tap.result(not bench.quiet("--replay"), "nor when the migrations are run again")
    left = bench.side.left_scratch()
    tap.result(not left, "which leaves no scratch database behind, although it had a subscription", str(left))
    left, there = uncovered(bench, module)
    tap.result(not left, "each attribute has its alteration", "\n".join(left))
    if options.engine == "postgresql":
        missing = set(kinds()) - there - ELSEWHERE - {"virtual table"}
        tap.result(not missing, "each kind is in the fixture", "\n".join(missing))
    for name, path in examples(options.engine):
        wrong = example(bench, path)
        tap.result(not wrong, "%s, freshly migrated: no drift" % name, wrong)
    chosen = [a for a in module.ALTERATIONS if not options.only or options.only in str(a)]
    if not options.full and not options.only:
        chosen = harness.sample(chosen, SAMPLE[options.engine], options.seed)
    for sql, wanted in chosen:
        one(bench, tap, sql, wanted)
    bench.side.drop(bench.db)
    return tap.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, choices=sorted(SAMPLE))
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="alterations with this text in them")
    options = parser.parse_args()
    program = harness.program("WHIMBREL", "build-asan")
    with harness.Workplace(options.engine) as place:
        sys.exit(run(place, Sqlite if options.engine == "sqlite" else Postgres, options, program))


if __name__ == "__main__":
    main()
