#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the tokens of SQLite's statements tell, and what sqlite3 itself has seen
them do, agree: over the statements of unit/driver/operations.txt, the SQLite
cases of lint, migrations of other tests, and those below. For statements that
stand alone the tables they name are made first. What is refused, and what must
never be, stands at the end.

    mock.py [--only PART] [--show]"""
import argparse
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lib"))
sys.path.insert(0, os.path.join(HERE, "../safety"))
sys.path.insert(0, os.path.join(HERE, "../schema"))
import harness  # noqa: E402
import rebuild_scenarios  # noqa: E402
import undo_sqlite  # noqa: E402

ROOT = os.path.join(HERE, "../..")
# Statements that change what is there or that sqlite3 sees as more than one thing.
MORE = """
CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT, n INT DEFAULT 0);
CREATE TABLE log (what TEXT, at TEXT DEFAULT CURRENT_TIMESTAMP);
CREATE VIEW names AS SELECT id, b FROM a WHERE n > 0;
CREATE TRIGGER a_log AFTER INSERT ON a BEGIN INSERT INTO log (what) VALUES (new.b); DELETE FROM log WHERE at < 0; END;
CREATE TRIGGER names_in INSTEAD OF INSERT ON names BEGIN INSERT INTO a (b) VALUES (new.b); END;
INSERT INTO a (b) VALUES ('x') ON CONFLICT (id) DO UPDATE SET n = n + 1;
INSERT OR REPLACE INTO a (id, b) SELECT id, b FROM names;
INSERT INTO names (b) VALUES ('y');
REPLACE INTO a (id, b) VALUES (1, 'z');
WITH old AS (SELECT id FROM a WHERE n = 0) DELETE FROM a WHERE id IN (SELECT id FROM old);
WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3) INSERT INTO log (what) SELECT i FROM c;
UPDATE a SET n = (SELECT count(*) FROM log) WHERE b IS NOT NULL;
UPDATE a SET b = log.what FROM log WHERE log.at = a.n;
UPDATE OR IGNORE main.a SET (b, n) = ('q', 2);
DELETE FROM log;
DELETE FROM a WHERE id = 1 RETURNING b;
CREATE TABLE copy AS SELECT a.b, log.at FROM a, log;
CREATE TABLE one AS SELECT b FROM a;
CREATE TEMP TABLE small AS SELECT * FROM one;
INSERT INTO one SELECT b FROM small UNION SELECT what FROM log;
INSERT INTO one SELECT b FROM (SELECT b FROM a);
INSERT INTO one VALUES ((SELECT max(what) FROM log));
CREATE UNIQUE INDEX one_b ON one (b) WHERE b > '';
CREATE INDEX IF NOT EXISTS one_b ON one (b);
ALTER TABLE one RENAME TO two;
ALTER TABLE two RENAME COLUMN b TO c;
ALTER TABLE two ADD COLUMN d INT;
DROP INDEX one_b;
ALTER TABLE two DROP COLUMN c;
DROP TABLE IF EXISTS two;
DROP TABLE IF EXISTS two;
DROP VIEW names;
DROP TRIGGER a_log;
DROP TABLE a;
CREATE VIRTUAL TABLE words USING fts5 (word, tokenize = 'porter');
INSERT INTO words (word) VALUES ('a');
DROP TABLE words;
CREATE TABLE "it's" ("a b" INT, [c d] TEXT, `e` TEXT);
INSERT INTO "it's" ("a b", [c d]) VALUES (1, 'FROM log');
SELECT "a b" FROM "it's" WHERE [c d] = 'x' -- FROM log
;
SELECT count(*) FROM log l JOIN "it's" i ON i.e = l.what;
SELECT (SELECT what FROM log) FROM "it's";
VALUES (1), (2);
SELECT 1;
EXPLAIN QUERY PLAN SELECT * FROM log;
PRAGMA user_version = 3;
ANALYZE;
ANALYZE log;
REINDEX;
REINDEX log;
"""


class Statements:
    """What the program `operations --mock` says of a text."""

    def __init__(self, program):
        self.program = program

    def of(self, text):
        done = subprocess.run([self.program, "sqlite", "--mock"], input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=harness.environment())
        if done.returncode:
            raise RuntimeError(done.stderr)
        return json.loads(done.stdout)


def schema_for(statement):
    """Statements that make what it names, as sqlite3 asks for it; None: it is never content."""
    tables, extra = {}, []

    def ddl():
        return ["CREATE TABLE %s (%s)" % (name, ", ".join('"%s"' % c for c in columns)) for name, columns in tables.items()] + extra

    for _ in range(40):
        db = sqlite3.connect(":memory:")
        try:
            for one in ddl():
                db.execute(one)
            db.execute("EXPLAIN " + statement)
            return ddl()
        except sqlite3.Error as e:
            m = str(e)
        finally:
            db.close()
        found = [re.match(p, m) for p in (r"no such table: (?:main\.)?(.+)", r"table (.+) has no column named (.+)", r"no such column: (?:.*\.)?(.+)",
                                          r"unknown column \"(.+)\"", r"no such index: (.+)", r"no such view: (.+)", r"no such trigger: (.+)",
                                          r"cannot (?:create INSTEAD OF trigger on table|modify): (.+)")]
        names = ['"%s"' % f.group(1).strip('"') if f else None for f in found]
        if found[0]:
            tables.setdefault(names[0], ["x"])
        elif found[1]:
            tables.setdefault(names[1].replace("main.", ""), []).append(found[1].group(2))
        elif found[2] or found[3]:
            column = (found[2] or found[3]).group(1).strip('"')
            open_ = [t for t, columns in tables.items() if column not in columns]
            if not open_:
                return None
            tables[open_[0]].append(column)
        elif found[4]:
            tables["of_index"] = ["x"]
            extra.append("CREATE INDEX %s ON of_index (x)" % names[4])
        elif found[5]:
            extra.append("CREATE VIEW %s AS SELECT 1" % names[5])
        elif found[6]:
            tables["of_trigger"] = ["x"]
            extra.append("CREATE TRIGGER %s AFTER DELETE ON of_trigger BEGIN SELECT 1; END" % names[6])
        else:
            return None
    return None


def listed():
    with open(os.path.join(ROOT, "tests/unit/driver/operations.txt"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith(("#", "\t")):
                yield line.rstrip("\n").rstrip(";")


def cases():
    with open(os.path.join(ROOT, "tests/lint/cases/sqlite.sql"), encoding="utf-8") as f:
        for case in re.split(r"^-- case: .*$", f.read(), flags=re.M)[1:]:
            yield case


def corpora():
    """Migrations that other tests run: (name, what is there, what is done). sqlite3, or Whimbrel, takes them all."""
    for text, _ in undo_sqlite.CASES:
        yield "undo", undo_sqlite.FIXTURE, text
    for one in rebuild_scenarios.scenarios(10):
        yield "rebuilds", one.setup, one.up


def compare(tap, name, results, least):
    """Nothing had to be corrected, and sqlite3 has spoken of at least so many."""
    wrong = [r["statement"] + "\n  is " + json.dumps([[o.get(k) for k in ("op", "kind", "table", "object", "other")] for o in r["operations"]])
             for r in results if r.get("tried", {}).get("corrected") or "error" in r.get("tried", {})]
    taken = sum(r["tried"]["verdict"] == "taken" for r in results)
    if SHOW:
        for r in results:
            if r["tried"]["verdict"] != "taken":
                print("# %-9s %s: %s" % (r["tried"]["verdict"], r["statement"][:70].replace("\n", " "), r["tried"]["message"]))
    tap.result(not wrong and taken >= least, "%s: %d statements, sqlite3 has spoken of %d, and the tokens tell the same" % (name, len(results), taken),
               "\n".join(wrong) + "\nwanted at least %d" % least)


def alone(statements):
    results = []
    for statement in listed():
        before = schema_for(statement) or []
        results.append(statements.of(";\n".join(before + [statement]))[-1])
    return results


REFUSED = [
    # schema, statement, verdict, where, message
    ("", "CREATE TABEL t (a)", "wrong", 7, 'near "TABEL": syntax error'),
    ("", "SELECT a FROM", "wrong", 13, "incomplete input"),
    ("", "ALTER TABLE t ALTER COLUMN c FLY", "wrong", 29, 'near "FLY": syntax error'),
    ("CREATE TABLE t (a);", "INSERT INTO t (b) VALUES (1)", "refused", 15, "table t has no column named b"),
    ("CREATE TABLE t (a);", "SELECT b FROM t", "refused", 7, "no such column: b"),
    ("CREATE TABLE t (a);", "INSERT INTO t (a) VALUES (1, 2)", "refused", None, "2 values for 1 columns"),
    ("CREATE TABLE t (a);", "CREATE TABLE t (b)", "refused", 13, "table t already exists"),
    ("CREATE TABLE t (a); CREATE INDEX i ON t (a);", "CREATE INDEX i ON t (a)", "refused", 13, "index i already exists"),
    ("CREATE TABLE t (a);", "ALTER TABLE t ADD COLUMN a INT", "refused", None, "the table t has a column a already"),
    ("CREATE TABLE t (a);", "ALTER TABLE t ALTER COLUMN b SET NOT NULL", "refused", 27, "the table t has no column b"),
    ("CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t;", "ALTER TABLE t RENAME COLUMN b TO c", "refused", None, 'no such column: "b"'),
    ("CREATE TABLE t (a); DROP TABLE t; CREATE TABLE t (b);", "UPDATE t SET a = 1", "refused", 13, "no such column: a"),
    ("CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t;", "DROP TABLE v", "refused", None, "use DROP VIEW to delete view v"),
    ("CREATE TABLE t (a, b UNIQUE); ALTER TABLE t DROP COLUMN b;", "SELECT b FROM t", "refused", 7, "no such column: b"),
    ("CREATE TABLE t (a); ALTER TABLE t ADD COLUMN b TEXT UNIQUE;", "SELECT c FROM t", "refused", 7, "no such column: c"),
    ("CREATE TABLE a (x); INSERT INTO a (x) VALUES (1); CREATE TABLE b (y);", "INSERT INTO b (x) VALUES (1)", "refused", 15,
     "table b has no column named x"),
    ("CREATE TABLE a (x); CREATE INDEX i ON a (x); CREATE TABLE b (y);", "CREATE INDEX k ON b (x)", "refused", 21, "no such column: x"),
    ("CREATE TABLE a (x); CREATE TABLE b (x);", "CREATE TABLE a (y)", "refused", 13, "table a already exists"),
    ("CREATE TABLE a (x); ALTER TABLE a ADD y; CREATE TABLE b (x); ALTER TABLE b ADD z;", "UPDATE b SET y = 1", "refused", 13, "no such column: y"),
    ("CREATE TABLE a (x); UPDATE a SET x = 1; CREATE TABLE b (x); DROP TABLE b; CREATE TABLE b (y);", "UPDATE b SET x = 1", "refused", 13,
     "no such column: x"),
    ("CREATE TABLE t AS SELECT 1 AS a;", "SELECT b FROM t", "refused", 7, "no such column: b"),
]
# None of these may be refused: what they name may be there at run time.
NEVER = [
    "INSERT INTO elsewhere (a) VALUES (1)",
    "CREATE INDEX i ON elsewhere (a, b)",
    "ALTER TABLE elsewhere ADD COLUMN c INT; SELECT c, d FROM elsewhere",
    "ALTER TABLE elsewhere ALTER COLUMN c SET NOT NULL; ALTER TABLE elsewhere DROP CONSTRAINT k",
    "CREATE TABLE IF NOT EXISTS t (a); SELECT b FROM t",
    "CREATE TABLE t (a); SELECT mine(a), theirs(1, 2) FROM t ORDER BY a COLLATE ours",
    "CREATE TABLE t (a TEXT COLLATE ours CHECK (valid(a))); INSERT INTO t (a) VALUES ('x')",
    "CREATE VIRTUAL TABLE g USING mine (a, b); SELECT a, b FROM g",
    "CREATE VIRTUAL TABLE g USING fts5 (a, tokenize = mine); SELECT a FROM g; INSERT INTO g (g) VALUES ('rebuild')",
    "ATTACH 'other.db' AS other; INSERT INTO other.t SELECT * FROM main.u; SELECT x FROM y",
    "CREATE TABLE t (a); ATTACH 'other.db' AS other; SELECT b FROM t",
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'x'; CREATE TABLE t (a); SELECT b FROM t",
    "DELETE FROM sqlite_sequence WHERE name = 't'; DELETE FROM sqlite_stat1",
    "CREATE VIEW v AS SELECT a FROM elsewhere; SELECT a, b FROM v",
    "CREATE TABLE t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO elsewhere VALUES (new.a); END; INSERT INTO t VALUES (1)",
    "CREATE TABLE t AS SELECT * FROM elsewhere; SELECT b FROM t",
    "CREATE TABLE n AS WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i FROM c; SELECT i FROM n",
    "SAVEPOINT s; CREATE TABLE t (a); ROLLBACK TO s; RELEASE s",
    "PRAGMA table_info(t); SELECT * FROM pragma_table_info('t')",
    "SELECT load_extension('x')",
    "DROP INDEX i; DROP VIEW v; DROP TRIGGER g; DROP TABLE t; REINDEX i",
    "ALTER TABLE t RENAME TO t_old; CREATE TABLE t (a); INSERT INTO t (a) SELECT b FROM t_old; DROP TABLE t_old",
]
# None of these may be done on the mock.
NOT_DONE = [
    "ATTACH '%s' AS other", "VACUUM INTO '%s'", "CREATE TABLE t AS SELECT writefile('%s', 'x') AS a", "PRAGMA temp_store_directory = '%s'",
    "SELECT load_extension('%s')", "CREATE TABLE t AS SELECT load_extension('%s') AS a", "CREATE VIRTUAL TABLE temp.c USING csv (filename = '%s')",
]


def refusals(tap, statements):
    for schema, statement, verdict, where, message in REFUSED:
        last = statements.of(schema + "\n" + statement)[-1]["tried"]
        good = last["verdict"] == verdict and last["message"] == message and (where is None or last["offset"] == where)
        tap.result(good, "%s: %s" % (verdict, statement), json.dumps(last))
    for text in NEVER:
        bad = [r for r in statements.of(text) if r["tried"]["verdict"] in ("refused", "wrong") or "error" in r["tried"]]
        tap.result(not bad, "not refused: " + text, json.dumps(bad))


def harmless(tap, statements):
    with tempfile.TemporaryDirectory(prefix="wb-mock-") as folder:
        for text in NOT_DONE:
            path = os.path.join(folder, "evil")
            statements.of(text % path)
            tap.result(not os.path.exists(path), "does nothing outside: " + text, "there is " + path)


def main():
    global SHOW
    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--seed")
    a = parser.parse_args()
    SHOW = a.show
    whimbrel = harness.program("WHIMBREL", "build-asan")
    statements = Statements(os.environ.get("OPERATIONS") or os.path.join(os.path.dirname(whimbrel), "tests/operations/operations"))
    tap = harness.Tap()
    if a.only in (None, "listed"):
        compare(tap, "statements of operations.txt", alone(statements), 54)
    if a.only in (None, "cases"):
        compare(tap, "cases of lint", [r for case in cases() for r in statements.of(case)], 40)
    if a.only in (None, "corpora"):
        for corpus in ("undo", "rebuilds"):
            results = []
            for name, before, text in corpora():
                results += statements.of(before + "\n;\n" + text) if name == corpus else []
            compare(tap, "migrations of the tests of " + corpus, results, len(results) * 9 // 10)
            bad = [r["statement"] + ": " + r["tried"]["message"] for r in results if r["tried"]["verdict"] in ("refused", "wrong")]
            tap.result(not bad, "none of them is refused", "\n".join(bad))
    if a.only in (None, "more"):
        compare(tap, "statements that do several things", statements.of(MORE), MORE.count(";\n") - 6)
    if a.only in (None, "refusals"):
        refusals(tap, statements)
        harmless(tap, statements)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
