#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pairs of made-up schemas, A and B: what `diff` writes turns A into B and B
into A. After it was run, diff finds nothing (twice), rows are what they were in
every column that both have alike, and the engine's own checks are content.

    pairs.py --engine sqlite|postgresql [--full] [--seed N]
"""
import argparse
import copy
import os
import random
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import harness  # noqa: E402
import servers  # noqa: E402

PAIRS = {"sqlite": (40, 500), "postgresql": (12, 500)}
ROWS = 5
ODD = ["plain", "Upper", "with space", 'quo"te', "select", "ünïcode", "a.b"]


def q(name):
    return '"%s"' % name.replace('"', '""')


def in_transaction(text):
    """What `diff --sql` prints is one already."""
    return text if text.startswith(("BEGIN;", "PRAGMA ")) else "BEGIN;\n" + text + "\nCOMMIT;"


# ---- one engine each ------------------------------------------------------------------

class Sqlite:
    TYPES = ["INTEGER", "TEXT", "REAL", "NUMERIC(10, 2)", "VARCHAR(20)", "BLOB", ""]
    COLLATE = ["NOCASE", "RTRIM"]
    PART = "length(%s) > 0"

    def __init__(self, folder):
        self.folder, self.number = folder, 0

    def create(self, statements):
        self.number += 1
        path = os.path.join(self.folder, "db%d.sqlite" % self.number)
        self.run(path, statements)
        return path

    def run(self, path, statements):
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("PRAGMA foreign_keys = OFF")
        try:
            db.execute("BEGIN")
            for statement in statements:
                db.execute(statement)
            db.execute("COMMIT")
        finally:
            db.close()

    def script(self, path, text):
        db = sqlite3.connect(path, isolation_level=None)
        try:
            db.executescript("PRAGMA foreign_keys = OFF;\n" + in_transaction(text))
        finally:
            db.close()

    def query(self, path, sql):
        db = sqlite3.connect(path)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def problems(self, path):
        return self.query(path, "PRAGMA foreign_key_check") + [
            r for r in self.query(path, "PRAGMA integrity_check") if r != ("ok",)]

    def url(self, path):
        return "sqlite:" + path

    def drop(self, path):
        os.unlink(path)


class Postgres:
    TYPES = ["integer", "bigint", "text", "numeric(10,2)", "character varying(20)", "double precision"]
    COLLATE = ['"C"', '"POSIX"']
    PART = "length(%s::text) > 0"

    def __init__(self, cluster):
        self.cluster, self.number = cluster, 0

    def create(self, statements):
        self.number += 1
        name = "pair%d" % self.number
        self.cluster.create_database(name)
        self.script(name, ";\n".join(statements) + ";")
        return name

    def script(self, name, text):
        self.cluster.psql(in_transaction(text), name)

    def query(self, name, sql):
        out = self.cluster.psql(sql, name)
        return [tuple(line.split("|")) for line in out.splitlines()]

    def problems(self, name):
        return self.query(name, "SELECT conname FROM pg_constraint WHERE NOT convalidated UNION ALL "
                                "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")

    def url(self, name):
        return self.cluster.url(name)

    def drop(self, name):
        self.cluster.drop_database(name)


# ---- schemas as data ---------------------------------------------------------------------

class Maker:
    def __init__(self, rng, engine):
        self.rng, self.engine = rng, engine
        self.lite = isinstance(engine, Sqlite)
        self.serial = 0

    def name(self, prefix):
        self.serial += 1
        odd = self.rng.choice(ODD) if self.rng.random() < 0.2 else ""
        return "%s%d%s" % (prefix, self.serial, odd)

    def column(self):
        c = {"name": self.name("c"), "type": self.rng.choice(self.engine.TYPES)}
        self.vary_column(c)
        return c

    def vary_column(self, c):
        r = self.rng
        c["not_null"] = r.random() < 0.3
        c["default"] = r.choice([None, None, "7", "'7'", "-1", "(3 + 4)"])
        text = c["type"] in ("TEXT", "text", "VARCHAR(20)", "character varying(20)")
        c["collate"] = r.choice(self.engine.COLLATE) if text and r.random() < 0.2 else None
        c["check"] = r.random() < 0.15
        if c["default"] == "'7'" and not text and not self.lite:
            c["default"] = "7"
        if c["type"] == "BLOB":
            c["default"] = None

    def table(self, others):
        r = self.rng
        t = {"name": self.name("t"), "columns": [self.column() for _ in range(r.randint(1, 6))],
             "key": r.choice(["auto", "plain", "none", "pair"]), "strict": False, "unique": [], "indexes": [],
             "foreign": [], "trigger": r.random() < 0.3, "view": r.random() < 0.4, "generated": r.random() < 0.2,
             "without_rowid": False, "named": r.random() < 0.5}
        if self.lite:
            t["without_rowid"] = t["key"] in ("plain", "pair") and r.random() < 0.3
        self.parts(t, others)
        return t

    def parts(self, t, others):
        r, names = self.rng, [c["name"] for c in t["columns"]]
        if r.random() < 0.3:
            t["unique"].append(r.choice(names))
        for _ in range(r.randint(0, 3)):
            t["indexes"].append({"name": self.name("i"), "columns": r.sample(names, r.randint(1, min(2, len(names)))),
                                 "unique": False, "where": r.random() < 0.3, "desc": r.random() < 0.3,
                                 "expression": r.random() < 0.2})
        keyed = [o["name"] for o in others if o["key"] in ("auto", "plain")]
        if keyed and r.random() < 0.5:
            t["foreign"].append({"table": r.choice(keyed),
                                 "action": r.choice(["", " ON DELETE CASCADE", " ON UPDATE CASCADE ON DELETE SET NULL"]),
                                 "deferred": r.random() < 0.3})

    def schema(self):
        tables = []
        for _ in range(self.rng.randint(1, 4)):
            tables.append(self.table(tables))
        return tables

    # Another schema, not far away.
    def changed(self, schema):
        b, r = copy.deepcopy(schema), self.rng
        for _ in range(r.randint(1, 5)):
            if not b:
                break
            t = r.choice(b)
            r.choice([self.add_column, self.drop_column, self.change_column, self.change_parts, self.change_kind,
                      self.add_table, self.drop_table, self.flip])(b, t)
        return b

    def add_column(self, b, t):
        t["columns"].insert(self.rng.randint(0, len(t["columns"])), self.column())

    def drop_column(self, b, t):
        if len(t["columns"]) < 2:
            return
        gone = t["columns"].pop(self.rng.randrange(len(t["columns"])))["name"]
        t["unique"] = [u for u in t["unique"] if u != gone]
        t["indexes"] = [i for i in t["indexes"] if gone not in i["columns"]]

    def change_column(self, b, t):
        c = self.rng.choice(t["columns"])
        if self.rng.random() < 0.5:
            c["type"] = self.rng.choice(self.engine.TYPES)
        self.vary_column(c)

    def change_parts(self, b, t):
        t["unique"], t["indexes"] = [], []
        keep = t["foreign"]
        self.parts(t, [])
        t["foreign"] = keep if self.rng.random() < 0.6 else []

    def change_kind(self, b, t):
        if any(f["table"] == t["name"] for o in b for f in o["foreign"]):
            return
        t["key"] = self.rng.choice(["auto", "plain", "none", "pair"])
        t["without_rowid"] = self.lite and t["key"] in ("plain", "pair") and self.rng.random() < 0.3

    def add_table(self, b, t):
        b.append(self.table(b))

    def drop_table(self, b, t):
        b.remove(t)
        for o in b:
            o["foreign"] = [f for f in o["foreign"] if f["table"] != t["name"]]

    def flip(self, b, t):
        what = self.rng.choice(["trigger", "view", "generated", "named"])
        t[what] = not t[what]

    # ---- as SQL --------------------------------------------------------------------------

    def column_sql(self, c):
        text = q(c["name"]) + (" " + c["type"] if c["type"] else "")
        text += " COLLATE " + c["collate"] if c["collate"] else ""
        text += " DEFAULT " + c["default"] if c["default"] else ""
        text += " NOT NULL" if c["not_null"] else ""
        text += " CHECK (%s <> 'never')" % self.as_text(c["name"]) if c["check"] else ""
        return text

    def as_text(self, name):
        return "CAST(%s AS TEXT)" % q(name) if self.lite else "%s::text" % q(name)

    def key_sql(self, t):
        if t["key"] == "auto":
            return ["id INTEGER PRIMARY KEY AUTOINCREMENT" if self.lite else
                    "id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"]
        if t["key"] == "plain":
            return ["id INTEGER NOT NULL PRIMARY KEY"]
        return ["id INTEGER NOT NULL"] if t["key"] == "pair" else ["id INTEGER"]

    def table_sql(self, t):
        parts = self.key_sql(t) + [self.column_sql(c) for c in t["columns"]]
        if t["generated"]:
            parts.append("made %s GENERATED ALWAYS AS (id + 1) STORED" % ("INTEGER" if self.lite else "bigint"))
        parts += ["ref%d INTEGER" % i for i in range(len(t["foreign"]))]
        if t["key"] == "pair":
            parts.append("PRIMARY KEY (id, %s)" % q(t["columns"][0]["name"]))
        for n, u in enumerate(t["unique"]):
            parts.append(("CONSTRAINT %s " % q("u%d %s" % (n, t["name"])) if t["named"] else "") + "UNIQUE (%s)" % q(u))
        for n, f in enumerate(t["foreign"]):
            parts.append("FOREIGN KEY (ref%d) REFERENCES %s (id)%s%s" % (
                n, q(f["table"]), f["action"], " DEFERRABLE INITIALLY DEFERRED" if f["deferred"] else ""))
        return "CREATE TABLE %s (\n  %s\n)%s" % (q(t["name"]), ",\n  ".join(parts),
                                                " WITHOUT ROWID" if t["without_rowid"] else "")

    def index_sql(self, t, i):
        columns = [q(c) + (" DESC" if i["desc"] else "") for c in i["columns"]]
        if i["expression"]:
            columns.append("(%s)" % (self.as_text(i["columns"][0]) + " || 'x'"))
        where = " WHERE id > 0" if i["where"] else ""
        return "CREATE INDEX %s ON %s (%s)%s" % (q(i["name"]), q(t["name"]), ", ".join(columns), where)

    def trigger_sql(self, t):
        name = q("trg " + t["name"])
        if self.lite:
            return ["CREATE TRIGGER %s AFTER UPDATE OF id ON %s WHEN NEW.id < 0 BEGIN SELECT RAISE(ABORT, 'no; never'); "
                    "END" % (name, q(t["name"]))]
        function = q("f " + t["name"])
        return ["CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$" % function,
                "CREATE TRIGGER %s BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION %s()" % (name, q(t["name"]), function)]

    def statements(self, schema):
        out = [self.table_sql(t) for t in schema]
        for t in schema:
            out += [self.index_sql(t, i) for i in t["indexes"]]
            if t["view"]:
                out.append("CREATE VIEW %s AS SELECT id, count(*) AS n FROM %s GROUP BY id" % (q("v " + t["name"]), q(t["name"])))
                out.append("CREATE VIEW %s AS SELECT id FROM %s WHERE n > 0" % (q("w " + t["name"]), q("v " + t["name"])))
            if t["trigger"]:
                out += self.trigger_sql(t)
        return out

    # ---- rows ---------------------------------------------------------------------------

    def can_have_rows(self, t, target):
        """Would rows stop the change for a good reason: a new column that needs a value of its own for each?"""
        new = next((x for x in target if x["name"] == t["name"]), None)
        if not new:
            return True
        old = {c["name"] for c in t["columns"]}
        for n, c in enumerate(new["columns"]):
            fresh = c["name"] not in old
            keyed = c["name"] in new["unique"] or (new["key"] == "pair" and n == 0)
            if fresh and (keyed or c["not_null"] and not c["default"]):
                return False
            if fresh and not self.lite and c["not_null"]:
                return False
        return True

    def rows(self, schema, target):
        out, full = [], {t["name"] for t in schema if self.can_have_rows(t, target)}
        for t in schema:
            # A row refers to rows of the table it needs.
            if t["name"] not in full or any(f["table"] not in full for f in t["foreign"]):
                full.discard(t["name"])
                continue
            names = ["id"] + [q(c["name"]) for c in t["columns"]] + ["ref%d" % i for i in range(len(t["foreign"]))]
            for n in range(1, ROWS + 1):
                values = [str(n)] * len(names)
                out.append("INSERT INTO %s (%s) VALUES (%s)" % (q(t["name"]), ", ".join(names), ", ".join(values)))
        return out


def alike(a, b):
    """Per table the columns that both have, of one type."""
    for t in a:
        other = next((x for x in b if x["name"] == t["name"]), None)
        if other:
            types = {c["name"]: c["type"] for c in other["columns"]}
            yield t["name"], ["id"] + [c["name"] for c in t["columns"] if types.get(c["name"]) == c["type"]]


def contents(engine, db, columns):
    return {t: engine.query(db, "SELECT %s FROM %s ORDER BY 1" % (", ".join(q(c) for c in cs), q(t))) for t, cs in columns}


def diff(program, engine, a, b, *options):
    return subprocess.run([program, "diff", engine.url(a), engine.url(b)] + list(options), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)


def go(program, engine, maker, start, goal):
    """From one to the other; a list of what is wrong."""
    a = engine.create(maker.statements(start) + maker.rows(start, goal))
    b = engine.create(maker.statements(goal))
    wrong = []
    try:
        columns = list(alike(start, goal))
        before = contents(engine, a, columns)
        sql = diff(program, engine, a, b, "--sql", "--allow-destructive")
        if sql.returncode not in (0, 1, 2):
            return ["diff --sql: %d %s" % (sql.returncode, sql.stderr)]
        try:
            engine.script(a, sql.stdout)
        except Exception as e:  # the statement that failed is what the reader wants
            return ["the SQL failed: %s\n%s" % (e, sql.stdout)]
        for x, y in ((a, b), (b, a)):
            again = diff(program, engine, x, y)
            if again.returncode != 0:
                wrong.append("still different (%d):\n%s%s\nafter\n%s" % (again.returncode, again.stdout, again.stderr,
                                                                         sql.stdout))
        after = contents(engine, a, columns)
        wrong += ["rows of %s: %s, were %s\n%s" % (t, after[t], before[t], sql.stdout) for t in before if after[t] != before[t]]
        wrong += ["the engine finds: %s" % (p,) for p in engine.problems(a)]
    finally:
        engine.drop(a)
        engine.drop(b)
    return wrong


def pair(program, engine, seed):
    maker = Maker(random.Random(seed), engine)
    a = maker.schema()
    b = maker.changed(a)
    wrong = go(program, engine, maker, a, b) + go(program, engine, maker, b, a)
    if wrong:
        wrong.append("A:\n%s\nB:\n%s" % (";\n".join(maker.statements(a)), ";\n".join(maker.statements(b))))
    return wrong


def run(program, engine, n, seed):
    tap = harness.Tap()
    for i in range(n):
        wrong = pair(program, engine, seed + i)
        tap.result(not wrong, "pair %d" % (seed + i), "\n".join(wrong))
    return tap.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", required=True, choices=sorted(PAIRS))
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", type=int)
    a = parser.parse_args()
    program = os.environ.get("WHIMBREL") or os.path.abspath("build/whimbrel")
    n = a.pairs or PAIRS[a.engine][a.full]
    with tempfile.TemporaryDirectory() as folder:
        if a.engine == "sqlite":
            sys.exit(run(program, Sqlite(folder), n, a.seed))
        with servers.cluster() as cluster:
            sys.exit(run(program, Postgres(cluster), n, a.seed))


if __name__ == "__main__":
    main()
