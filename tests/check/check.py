#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Suites of checks on real databases. On sound data every check passes; on
data that is broken in one way exactly the check for it fails, with its
severity, exit status and details, on one connection and on four. What cannot
be run is critical. Nothing a suite says changes anything. On PostgreSQL also
SARK's suite, check by check, and how long it takes.

    check.py --engine sqlite|postgresql [--full] [--seed N] [--only TEXT]
"""
import argparse
import json
import os
import sqlite3
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lib"))
import harness  # noqa: E402

AUTO = {"sqlite": "integer PRIMARY KEY AUTOINCREMENT", "postgresql": "serial PRIMARY KEY"}
SCHEMA = """
CREATE TABLE owners (id integer PRIMARY KEY, name text);
CREATE TABLE items (id %(auto)s, owner_id integer CONSTRAINT items_owner REFERENCES owners (id) ON DELETE CASCADE,
	code text, level text, qty integer, note text);
CREATE UNIQUE INDEX items_code ON items (code, level) WHERE note = 'unique';
CREATE INDEX items_owner_id ON items (owner_id);
CREATE TABLE old_items (id integer PRIMARY KEY);
CREATE VIEW item_names AS SELECT code FROM items;
%(trigger)s
INSERT INTO owners VALUES (1, 'ada'), (2, 'grace');
INSERT INTO items (owner_id, code, level, qty, note) VALUES (1, 'a', 'low', 1, 'x'), (1, 'b', 'high', 2, 'y'),
	(2, 'c', 'low', 3, NULL), (NULL, 'd', 'low', 4, 'z');
INSERT INTO old_items VALUES (1), (2), (3), (4);
"""
TRIGGER = {
    "sqlite": "CREATE TRIGGER items_touch AFTER UPDATE ON items BEGIN SELECT 1; END;",
    "postgresql": """CREATE FUNCTION touch(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER items_touch BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TYPE mood AS ENUM ('sad', 'ok');"""}
CONSTRAINT = {"sqlite": "items_owner", "postgresql": "items_owner"}

SUITE = """
suite: kinds
groups:
  schema:
    severity: critical
    checks:
      - { name: tables, message: "missing {table}", exists: { tables: [owners, items, old_items] } }
      - { name: columns, exists: { columns: { items: [id, owner_id, code, level, qty] } } }
      - { name: indexes, severity: warning, exists: { indexes: { items: [items_owner_id, items_code] } } }
      - { name: triggers, exists: { triggers: { items: [items_touch] } } }
      - { name: constraints, exists: { constraints: { items: ["%(constraint)s"] } } }
      - { name: views, exists: { views: item_names } }
      - { name: absent, absent: { tables: [legacy], columns: { items: [old_code, older_code] }, triggers: { owners: [items_touch] } } }
%(more)s
      - name: index
        severity: warning
        index: { name: items_code, table: items, unique: true, partial: true, method: btree, columns: [code, level] }
  data:
    checks:
      - { name: counts, counts: { of: { v1: old_items, v2: SELECT count(*) FROM items } } }
      - { name: within, severity: warning, counts: { of: { v1: old_items, v2: items }, within: 50%% } }
      - name: no_rows
        message: "{count} of {code}"
        no_rows: SELECT id, code FROM items WHERE qty < 0 ORDER BY id;
      - { name: all_rows, all_rows: { table: items, satisfy: "code <> '' -- must be", where: id > 0 } }
      - { name: ratio, ratio: { table: items, satisfy: note IS NOT NULL, at_least: 50%%, at_most: 99%% } }
      - { name: allowed, allowed: { table: items, column: level, values: [low, high], nulls: false } }
      - { name: unique, unique: { table: items, columns: [code, level] } }
      - { name: sequence, sequence: { table: items, column: id } }
      - { name: sql, sql: { query: "SELECT sum(qty) AS total, 1 AS one FROM items WHERE qty > 0", at_least: 1, at_most: 100 } }
      - { name: truth, sql: SELECT count(*) = 2 FROM owners }
      - { name: equals, sql: { query: SELECT name FROM owners WHERE id = 1, equals: ada } }
      - { name: command, command: [sh, -c, "./look; exit $?"] }
  relationships:
    severity: critical
    checks:
      - { name: foreign_keys, foreign_keys: { table: items, column: owner_id, references: owners } }
      - { name: all_foreign_keys, severity: error, foreign_keys: all }
      - { name: cascade, severity: warning, cascade: { table: items, column: owner_id, references: owners } }
  fidelity:
    checks:
      - { name: checksum, checksum: "SELECT id, code, qty FROM items WHERE id <= 4" }
"""

# What breaks it, and what then fails; the script of the command as it then is.
REBUILD = "rebuild"
BREAKS = [
    ("tables", "DROP TABLE old_items", {"tables": 2, "counts": 2, "within": 2}, {"table": "old_items"}),
    ("columns", "ALTER TABLE items DROP COLUMN qty", {"columns": 2, "no_rows": 2, "sql": 2, "checksum": 2},
     {"table": "items", "missing_columns": ["qty"]}),
    ("indexes", "DROP INDEX items_owner_id", {"indexes": 0}, {"table": "items", "missing_indexes": ["items_owner_id"]}),
    ("triggers", {"sqlite": "DROP TRIGGER items_touch", "postgresql": "DROP TRIGGER items_touch ON items"}, {"triggers": 2},
     {"table": "items", "missing_triggers": ["items_touch"]}),
    ("views", "DROP VIEW item_names", {"views": 2}, {"name": "item_names"}),
    ("absent", "CREATE TABLE legacy (id integer)", {"absent": 2}, {"table": "legacy"}),
    ("absent", "ALTER TABLE items ADD COLUMN old_code text", {"absent": 2}, {"table": "items", "present_columns": ["old_code"]}),
    ("index", "DROP INDEX items_code; CREATE UNIQUE INDEX items_code ON items (code, level)", {"index": 0}, {"index": "items_code"}),
    ("index", "DROP INDEX items_code; CREATE INDEX items_code ON items (code, level) WHERE note = 'unique'", {"index": 0}, {}),
    ("index", "DROP INDEX items_code; CREATE UNIQUE INDEX items_code ON items (code) WHERE note = 'unique'", {"index": 0}, {}),
    ("counts", "DELETE FROM old_items WHERE id = 4", {"counts": 1}, {"v1": 3, "v2": 4, "diff": 1}),
    ("within", "DELETE FROM old_items WHERE id > 1", {"counts": 1, "within": 0}, {"v1": 1, "v2": 4, "diff": 3}),
    ("no_rows", "UPDATE items SET qty = -1 WHERE id = 2", {"no_rows": 1, "checksum": 1}, {"count": 1, "sample": ["2, b"]}),
    ("all_rows", "UPDATE items SET code = '' WHERE id = 3", {"all_rows": 1, "checksum": 1},
     {"table": "items", "count": 1, "sample_ids": ["3"]}),
    ("all_rows", "UPDATE items SET code = NULL WHERE id = 3", {"all_rows": 1, "checksum": 1}, {"count": 1, "sample_ids": ["3"]}),
    ("ratio", "UPDATE items SET note = NULL", {"ratio": 1}, {"matching": 0, "total": 4, "percentage": 0.0}),
    ("ratio", "UPDATE items SET note = 'w' WHERE note IS NULL", {"ratio": 1}, {"matching": 4, "total": 4, "percentage": 100.0}),
    ("allowed", "UPDATE items SET level = 'odd' WHERE id < 3", {"allowed": 1},
     {"table": "items", "column": "level", "count": 2, "values": ["odd"]}),
    ("allowed", "UPDATE items SET level = NULL WHERE id = 1", {"allowed": 1}, {"count": 1, "values": ["NULL"]}),
    ("unique", "UPDATE items SET code = 'a' WHERE id = 3", {"unique": 1, "checksum": 1},
     {"columns": ["code", "level"], "count": 1, "sample": ["a, low"]}),
    ("sequence", {"sqlite": "UPDATE sqlite_sequence SET seq = 2 WHERE name = 'items'", "postgresql":
                  "SELECT setval('items_id_seq', 2)"}, {"sequence": 1}, {"table": "items", "next_value": 3, "max_value": 4}),
    ("sequence", {"sqlite": "UPDATE sqlite_sequence SET seq = 3 WHERE name = 'items'", "postgresql":
                  "SELECT setval('items_id_seq', 4, false)"}, {"sequence": 1}, {"next_value": 4, "max_value": 4}),
    ("sql", "UPDATE items SET qty = 200 WHERE id = 1", {"sql": 1, "checksum": 1}, {"value": 209, "expected": "at least 1, at most 100"}),
    ("truth", "INSERT INTO owners VALUES (3, 'alan')", {"truth": 1}, {}),
    ("equals", "UPDATE owners SET name = 'Ada' WHERE id = 1", {"equals": 1}, {"value": "Ada", "expected": "ada"}),
    ("foreign_keys", "UPDATE items SET owner_id = 9 WHERE id = 1", {"foreign_keys": 2, "all_foreign_keys": 1},
     {"table": "items", "columns": ["owner_id"], "references": "owners", "count": 1, "sample_ids": ["1"]}),
    ("cascade", {"sqlite": (REBUILD, "items", "ON DELETE CASCADE", "ON DELETE SET NULL"), "postgresql":
                 "ALTER TABLE items DROP CONSTRAINT items_owner, ADD CONSTRAINT items_owner FOREIGN KEY (owner_id) "
                 "REFERENCES owners (id) ON DELETE SET NULL"}, {"cascade": 0}, {"on_delete": "SET NULL", "expected": "CASCADE"}),
    ("cascade", {"sqlite": (REBUILD, "items", "CONSTRAINT items_owner REFERENCES owners (id) ON DELETE CASCADE", ""), "postgresql":
                 "ALTER TABLE items DROP CONSTRAINT items_owner"}, {"cascade": 0, "constraints": 2}, {"on_delete": None}),
    ("checksum", "UPDATE items SET code = 'A' WHERE id = 1", {"checksum": 1}, {"rows": 4, "rows_before": 4}),
    ("checksum", "DELETE FROM items WHERE id = 4; DELETE FROM old_items WHERE id = 4", {"checksum": 1}, {"rows": 3, "rows_before": 4}),
]
BREAKS_POSTGRES = [
    ("functions", "DROP FUNCTION touch(integer)", {"functions": 2}, {"name": "touch(integer)"}),
    ("sequences", "ALTER TABLE items ALTER id DROP DEFAULT; DROP SEQUENCE items_id_seq", {"sequences": 2, "sequence": 2},
     {"name": "items_id_seq"}),
    ("types", "DROP TYPE mood", {"types": 2}, {"name": "mood"}),
    ("index", "DROP INDEX items_code; CREATE INDEX items_code ON items USING hash (code)", {"index": 0}, {"index": "items_code"}),
]
MORE = {"sqlite": "", "postgresql": """
      - { name: functions, exists: { functions: [touch, touch(integer)] } }
      - { name: sequences, exists: { sequences: items_id_seq } }
      - { name: types, exists: { types: mood } }"""}

# What cannot be run: each is critical, and its name is in no list of what has passed.
CANNOT = [
    ("a table that is not there", "no_rows: SELECT * FROM nowhere"),
    ("a column that is not there", "all_rows: { table: items, satisfy: nothing > 0 }"),
    ("a quoted column that is not there", "unique: { table: items, column: nothing }"),
    ("a quoted column of another table", "allowed: { table: items, column: name, values: [a] }"),
    ("a foreign key on nothing", "foreign_keys: { table: items, column: nothing, references: owners }"),
    ("a reference to nothing", "foreign_keys: { table: items, column: owner_id, references: nowhere }"),
    ("a count that is none", "counts: { of: { a: items, b: SELECT 'x' } }"),
    ("a query without a row", "sql: SELECT 1 WHERE 1 = 2"),
    ("a limit on a text", "sql: { query: SELECT 'x', at_least: 1 }"),
    ("a sequence that is not there", "sequence: { table: owners }"),
    ("a checksum without one before", "checksum: SELECT 1"),
    ("a program that is not there", "command: [./nothing]"),
    ("a program that dies", "command: [sh, -c, kill -9 $$]"),
    ("a program that could not look", "command: [sh, -c, exit 2]"),
    ("a program that speaks nonsense", "command: [sh, -c, \"echo '{nonsense'\"]"),
    ("a program that takes too long", "timeout: 300ms\n        command: [sleep, 20]"),
    ("a division by zero", "ratio: { query: \"SELECT 'a', 'b'\", at_least: 1% }"),
]
SLOW = {"sqlite": "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT count(*) FROM n",
        "postgresql": "SELECT pg_sleep(20)"}

# What would change something: refused when the suite is read (65), or by the database.
REFUSED = ["DELETE FROM items", "SELECT 1; DELETE FROM items", "SELECT 1; COMMIT", "COMMIT", "PRAGMA query_only = OFF",
           "SET transaction_read_only = off", "EXPLAIN ANALYZE DELETE FROM items", "CREATE TABLE x (a int)", "VACUUM INTO 'copy.db'",
           "ATTACH 'other.db' AS o", "BEGIN", "SELECT 'open", "INSERT INTO owners VALUES (9, 'x') RETURNING id"]
STOPPED = {"sqlite": ["WITH x AS (SELECT 1) SELECT * FROM nowhere, x"],
           "postgresql": ["WITH x AS (INSERT INTO owners VALUES (9, 'x') RETURNING id) SELECT * FROM x",
                          "SELECT nextval('items_id_seq')", "SELECT set_config('transaction_read_only', 'off', true)",
                          "SELECT setval('items_id_seq', 1)", "SELECT * INTO copied FROM items",
                          "SELECT id FROM items FOR UPDATE"]}


def script(engine, db, sql):
    if engine.name == "postgresql":
        engine.cluster.psql("SET session_replication_role = replica;\n" + sql, db)
        return
    connection = sqlite3.connect(engine.path(db), isolation_level=None)
    try:
        if isinstance(sql, tuple):
            _, table, old, new = sql
            connection.execute("PRAGMA writable_schema = ON")
            text = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
            assert old in text, text
            connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (text.replace(old, new), table))
        else:
            connection.executescript(sql)
    finally:
        connection.close()


class Checker:
    def __init__(self, place, tap, whimbrel):
        self.place, self.engine, self.tap, self.whimbrel = place, place.engine, tap, whimbrel

    def write(self, name, text):
        path = os.path.join(self.place.folder, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def check(self, db, suite, *options, form="json"):
        return harness.run([self.whimbrel, "--url", self.engine.url(db), "-o", form, "check", suite] + list(options),
                           self.place.folder)


def failing(result):
    report = json.loads(result.out)
    return {i["check_name"]: i for i in reversed(report["issues"]) if i["outcome"] in ("failed", "could_not_run")}, report


def prepare(c):
    engine = c.engine
    engine.create("sound")
    script(engine, "sound", SCHEMA % {"auto": AUTO[engine.name], "trigger": TRIGGER[engine.name]})
    text = SUITE % {"more": MORE[engine.name], "constraint": CONSTRAINT[engine.name]}
    suite = c.write("kinds.yaml", text)
    look = c.write("look", "#!/bin/sh\n[ -n \"$DATABASE_URL\" ] || exit 3\n[ -e bad ] || exit 0\n"
                   "echo '{\"message\":\"seen\",\"severity\":\"error\",\"details\":{\"n\":2,\"l\":[\"a\"]}}'\n"
                   "echo '{\"message\":\"by the way\",\"severity\":\"info\"}'\nexit 1\n")
    os.chmod(look, 0o755)
    saved = os.path.join(c.place.folder, "before.json")
    result = c.check("sound", suite, "--save", saved)
    ok = result.status == 0 and not failing(result)[0]
    c.tap.result(ok, "on sound data everything passes, and checksums are saved", str(result))
    return suite, saved


def every_kind(c, suite, saved, only):
    tested = set()
    engine = c.engine
    for at, (name, sql, wanted, details) in enumerate(BREAKS + (BREAKS_POSTGRES if engine.name == "postgresql" else [])):
        sql = sql[engine.name] if isinstance(sql, dict) else sql
        tested |= set(wanted)
        if only and only not in name:
            continue
        engine.clone("sound", "broken")
        script(engine, "broken", sql)
        result = c.check("broken", suite, "--against", saved, "--jobs", "4" if at % 2 else "1")
        found, report = failing(result)
        got = found.get(name, {}).get("details", {})
        status = max(wanted.values())
        same = set(found) == set(wanted) and result.status == status
        same = same and all(k in got and got[k] == v for k, v in details.items())
        same = same and report["total_checks"] == report["passed_checks"] + report["failed_checks"] + report["skipped_checks"]
        c.tap.result(same, "%s: %s" % (name, str(sql).replace("\n", " ")[:90]),
                     "wanted %s, exit %d, details %s\ngot %s, exit %s\n%s" % (wanted, status, details, sorted(found), result.status,
                                                                         json.dumps(found, indent=1)[:3000]))
    names = {i["check_name"] for i in json.loads(c.check("sound", suite, "--against", saved).out)["issues"]}
    if not only:
        c.tap.result(names - tested == {"command"}, "every check of the suite has data that breaks it", str(names - tested))


def command(c, suite, saved):
    c.write("bad", "")
    result = c.check("sound", suite, "--against", saved)
    found, _ = failing(result)
    os.unlink(os.path.join(c.place.folder, "bad"))
    c.tap.result(set(found) == {"command"} and result.status == 1 and found["command"]["message"] == "seen"
                 and found["command"]["details"] == {"n": 2, "l": ["a"]}, "command: a program's lines are findings", str(result))


def one_check(text):
    return "suite: one\ngroups:\n  g:\n    checks:\n      - name: one\n        severity: info\n        %s\n" % text


def cannot_run(c):
    for name, text in CANNOT + [("a query that takes too long", "timeout: 300ms\n        no_rows: " + SLOW[c.engine.name])]:
        start = time.monotonic()
        result = c.check("sound", c.write("one.yaml", one_check(text)))
        took = time.monotonic() - start
        found, report = failing(result) if result.out else ({}, {})
        issue = found.get("one", {})
        c.tap.result(result.status == 2 and issue.get("outcome") == "could_not_run" and issue.get("severity") == "critical" and
                     report["passed_checks"] == 0 and report["not_run_checks"] == 1 and took < 10,
                     "could not run, and says so: " + name, "%.1f s\n%s" % (took, result))


def changes_nothing(c):
    before = c.engine.fingerprint("sound")
    for sql in REFUSED:
        result = c.check("sound", c.write("one.yaml", one_check("no_rows: " + json.dumps(sql))))
        c.tap.result(result.status == 65 and result.error().get("line") == 5, "refused when it is read: " + sql, str(result))
    for sql in STOPPED[c.engine.name]:
        result = c.check("sound", c.write("one.yaml", one_check("no_rows: " + json.dumps(sql))))
        c.tap.result(result.status == 2, "stopped by the database: " + sql, str(result))
    c.tap.result(c.engine.fingerprint("sound") == before, "nothing has changed")


def choosing(c, suite, saved):
    for options, groups in ((["--quick"], {"schema", "relationships", "fidelity"}), (["--full"], None), (["--schema"], {"schema"}),
                            (["--data"], {"data"}), (["--relationships"], {"relationships"}),
                            (["--group", "fidelity,schema"], {"fidelity", "schema"}), (["--schema", "--data"], {"schema", "data"})):
        result = c.check("sound", suite, "--against", saved, *options)
        got = {i["group"] for i in json.loads(result.out)["issues"]}
        wanted = groups or {"schema", "data", "relationships", "fidelity"}
        c.tap.result(got == wanted and result.status == 0, " ".join(options) + " runs its groups and no other", str(result))
    for options, status in ((["--group", "nowhere"], 64), (["--quick", "--full"], 64), (["--save", "x", "--against", "y"], 64)):
        result = c.check("sound", suite, *options)
        c.tap.result(result.status == status, "wrong usage: " + " ".join(options), str(result))


NEEDS = """
suite: needs
groups:
  g:
    checks:
      - { name: first, severity: warning, exists: { tables: %s } }
      - { name: second, needs: first, no_rows: SELECT * FROM nowhere }
      - { name: third, needs: [second], sql: SELECT 1 }
      - { name: fourth, sql: SELECT 1 }
"""


def needs(c):
    for jobs in ("1", "4"):
        result = c.check("sound", c.write("needs.yaml", NEEDS % "nowhere"), "--jobs", jobs)
        report = json.loads(result.out)
        c.tap.result(result.status == 0 and [i["outcome"] for i in report["issues"]] == ["failed", "skipped", "skipped", "passed"] and
                     report["skipped_checks"] == 2 and report["passed_checks"] == 1,
                     "what needs a check that fails is skipped, not passed (jobs %s)" % jobs, str(result))
    result = c.check("sound", c.write("needs.yaml", NEEDS % "items"))
    c.tap.result(result.status == 2, "and is run when that passes", str(result))


def formats(c, suite, saved):
    c.engine.clone("sound", "broken")
    script(c.engine, "broken", "DELETE FROM old_items WHERE id = 4; DROP TABLE owners%s" %
           (" CASCADE" if c.engine.name == "postgresql" else ""))
    keys = {"suite", "start_time", "end_time", "duration_seconds", "total_checks", "passed_checks", "failed_checks", "issues"}
    result = c.check("broken", suite, "--against", saved)
    report = json.loads(result.out)
    c.tap.result(keys <= set(report) and all({"severity", "check_name", "message", "details", "timestamp"} <= set(i)
                                             for i in report["issues"]), "JSON has the keys of the contract", str(result))
    for form, wanted in (("text", "FAILED: "), ("markdown", "| critical | tables |"), ("junit", "<failure type=\"error\""),
                         ("junit", "<error type=\"critical\""), ("sarif", '"ruleId": "counts"'), ("github", "::error file=")):
        result = c.check("broken", suite, "--against", saved, form=form)
        c.tap.result(result.status == 2 and wanted in result.out, "%s: %s" % (form, wanted), str(result))
    result = c.check("sound", suite, suite, "--quick", "--group", "schema")
    c.tap.result(len(json.loads(result.out)["suites"]) == 2, "several suites are one JSON", str(result))


MOMENT = """
suite: moment
groups:
  g:
    checks:
      - { name: slow, sql: SELECT pg_sleep(2)::text = '' }
      - { name: rows, needs: slow, counts: { of: { rows: owners, wanted: SELECT 2 } } }
"""


def moment(c):
    """What is written while several connections look is seen by none of them."""
    for jobs, status in (("2", 0), ("1", 1)):
        c.engine.clone("sound", "moving")
        process = harness.start([c.whimbrel, "--url", c.engine.url("moving"), "-o", "json", "check",
                                 c.write("moment.yaml", MOMENT), "--jobs", jobs], c.place.folder)
        time.sleep(1)
        script(c.engine, "moving", "INSERT INTO owners VALUES (3, 'alan')")
        result = harness.finish(process)
        c.tap.result(result.status == status, "one moment for all of --jobs, one for each check without (%s)" % jobs, str(result))


GATE = """
suite: gate
groups: { g: { checks: [ { name: slow, sql: "SELECT pg_sleep(7)::text = ''" } ] } }
"""


def lease(c):
    """Behind a transaction pooler the lease is renewed while a suite runs before a migration, whoever names it."""
    for number, (config, heading) in enumerate((("check_before: [gate.yaml]\n", ""), ("", "-- migrate:require suite:../gate.yaml\n"))):
        folder = c.place.migrations("lease%d" % number, {"V001__t.sql": heading + "-- migrate:up\nCREATE TABLE t (a int);\n"})
        for name, text in (("gate.yaml", GATE), ("whimbrel.yaml", config)):
            with open(os.path.join(folder, name), "w") as f:
                f.write(text)
        c.engine.create("leased")
        process = harness.start([c.whimbrel, "up", "-o", "json", "--url", c.place.cluster.url("leased", pooled=True)], folder)
        seen = set()
        while process.poll() is None:
            time.sleep(0.3)
            try:
                seen.update(c.engine.query("leased", "SELECT heartbeat_at FROM whimbrel.migration_locks WHERE owner IS NOT NULL AND "
                                                     "NOT EXISTS (SELECT FROM pg_tables WHERE tablename = 't')"))
            except RuntimeError:
                pass # it is not made yet
        result = harness.finish(process)
        c.tap.result(result.status == 0 and len(seen) >= 2, "the lease is renewed while a suite runs: " +
                     (config or heading).strip(), "%s\n%s" % (seen, result))


# ---- SARK ----------------------------------------------------------------------------------------------

SARK_BREAKS = [
    ("schema.table_exists", "DROP TABLE principal_budgets", 2, {"table": "principal_budgets"}, {"schema.columns_exist"}),
    ("schema.columns_exist", "ALTER TABLE principal_budgets DROP COLUMN daily_budget", 2,
     {"table": "principal_budgets", "missing_columns": ["daily_budget"]}, set()),
    ("schema.indexes_exist", "DROP INDEX ix_cost_tracking_principal", 0,
     {"table": "cost_tracking", "missing_indexes": ["ix_cost_tracking_principal"]}, set()),
    ("schema.index_gin_resources", "DROP INDEX ix_resources_metadata_gin; CREATE INDEX ix_resources_metadata_gin ON resources (metadata)",
     0, {"index": "ix_resources_metadata_gin"}, set()),
    ("schema.index_gin_capabilities", "DROP INDEX ix_capabilities_metadata_gin; CREATE INDEX ix_capabilities_metadata_gin ON "
     "capabilities USING gin (input_schema)", 0, {"table": "capabilities"}, set()),
    ("schema.index_btree", "DROP INDEX ix_resources_protocol; CREATE INDEX ix_resources_protocol ON resources USING hash (protocol)", 0,
     {"index": "ix_resources_protocol"}, set()),
    ("schema.index_partial", "DROP INDEX ix_federation_nodes_enabled; CREATE INDEX ix_federation_nodes_enabled ON "
     "federation_nodes (enabled)", 0, {"index": "ix_federation_nodes_enabled"}, set()),
    ("data.v1_tables_missing", "DROP TABLE mcp_tools", 0, {"table": "mcp_tools"}, set()),
    ("data.server_count_mismatch", "INSERT INTO resources VALUES ('x', 'x', 'mcp', 'x', 'low', '{\"a\":1}')", 1,
     {"v1_count": 100, "v2_count": 101, "diff": 1}, set()),
    ("data.tool_count_mismatch", "DELETE FROM capabilities WHERE name = 'edge-deep'", 1, {"v1_count": 460, "v2_count": 459, "diff": 1}, set()),
    ("data.orphaned_capabilities", "UPDATE capabilities SET resource_id = 'gone' WHERE name = 'edge-deep'", 2, {"count": 1},
     {"relationships.broken_fk_capabilities_resources", "data.tool_count_mismatch"}),
    ("relationships.broken_fk_capabilities_resources", "INSERT INTO capabilities (id, resource_id, name) VALUES ('lost', 'gone', 'x')", 2,
     {"sample_ids": ["lost"]}, {"data.orphaned_capabilities"}),
    ("data.null_resource_fields", "ALTER TABLE resources ALTER endpoint DROP NOT NULL; UPDATE resources SET endpoint = NULL WHERE "
     "name = 'server-3'", 1, {"count": 1}, set()),
    ("data.null_capability_fields", "ALTER TABLE capabilities ALTER name DROP NOT NULL; UPDATE capabilities SET name = NULL WHERE "
     "name IN ('edge-deep', 'edge-level')", 1, {"count": 2}, set()),
    ("data.metadata_sparse", "UPDATE resources SET metadata = '{}' WHERE name < 'server-6'", 0, {"total": 100}, set()),
    ("relationships.cascade_delete_missing", "ALTER TABLE capabilities DROP CONSTRAINT capabilities_resource_id_fkey, ADD "
     "FOREIGN KEY (resource_id) REFERENCES resources (id)", 0, {"on_delete": "NO ACTION"}, set()),
    ("business.invalid_sensitivity_levels", "UPDATE resources SET sensitivity_level = 'secret' WHERE name IN ('server-1', 'server-2')", 1,
     {"count": 2}, set()),
    ("business.unknown_protocols", "UPDATE resources SET protocol = 'soap' WHERE id IN ('http-1', 'grpc-1')", 0, {"protocols": ["soap"]},
     set()),
]


EXAMPLE = os.path.join(HERE, "../../examples/sark")


def sark_step(c, db, *command, **env):
    result = harness.run([c.whimbrel, "--url", c.engine.url(db), "-q"] + list(command), EXAMPLE, timeout=1800,
                         WHIMBREL_ENV="development", **env)
    if result.status != 0:
        raise RuntimeError(str(result))


def sark_database(c, db, servers, others=True):
    """As the example makes it: v1 with rows, v2, what the rules make of v1, and rows of other protocols."""
    def family(name, *more):
        sark_step(c, db, "--dir", name, "up", *more, WHIMBREL_PROJECT=name, SERVERS=str(servers))
    c.engine.create(db)
    sark_step(c, db, "up", "--to", "005")
    family("generator", "--to", "001")
    family("mend")
    sark_step(c, db, "up")
    sark_step(c, db, "transform", "rules/v2.yaml")
    if others:
        family("generator")
    script(c.engine, db, "ANALYZE")


def sark(c, full):
    suite = os.path.join(EXAMPLE, "checks/v2.yaml")
    sark_database(c, "sark", 100)
    result = c.check("sark", suite)
    names = [i["check_name"] for i in json.loads(result.out)["issues"]]
    c.tap.result(result.status == 0 and len(names) == 18 and "schema.table_valid" in names and "data.server_count_valid" in names
                 and "data.metadata_populated" in names, "SARK: sound data passes all 18 checks", str(result))
    for name, sql, status, details, also in SARK_BREAKS:
        c.engine.clone("sark", "broken")
        script(c.engine, "broken", sql)
        result = c.check("broken", suite, "--jobs", "2")
        found, _ = failing(result)
        got = found.get(name, {}).get("details", {})
        c.tap.result(set(found) == {name} | also and result.status == status and all(got.get(k) == v for k, v in details.items()),
                     "SARK: " + name, "%s\n%s" % (sorted(found), result))
    c.tap.result({b[0] for b in SARK_BREAKS} == {i["check_name"] for i in json.loads(c.check("sark", suite).out)["issues"]} ^
                 {"schema.table_valid", "schema.table_exists", "data.server_count_valid", "data.server_count_mismatch",
                  "data.tool_count_valid", "data.tool_count_mismatch", "data.metadata_populated", "data.metadata_sparse"},
                 "SARK: every check has data that breaks it")
    timing(c, suite, 100000 if full else 10000)


def timing(c, suite, servers):
    sark_database(c, "large", servers, others=False)
    for options, limit in ((["--quick"], 2.0), (["--full"], 10.0)):
        took = None
        for _ in range(3): # others may be at work on the machine
            start = time.monotonic()
            result = c.check("large", suite, *options)
            took = min(took or 3600.0, time.monotonic() - start)
        c.tap.result(result.status == 0 and took < limit, "SARK: %d servers, %s in %.2f s (limit %.0f s)" %
                     (servers, options[0], took, limit), str(result))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), required=True)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", default="")
    a = parser.parse_args()
    tap = harness.Tap()
    options = {} if a.engine == "sqlite" else {"pooled": True}
    with harness.Workplace(a.engine, **options) as place:
        c = Checker(place, tap, harness.program("WHIMBREL", "build-asan"))
        suite, saved = prepare(c)
        every_kind(c, suite, saved, a.only)
        if not a.only:
            command(c, suite, saved)
            cannot_run(c)
            changes_nothing(c)
            choosing(c, suite, saved)
            needs(c)
            formats(c, suite, saved)
        if a.engine == "postgresql" and not a.only:
            moment(c)
            lease(c)
        if a.engine == "postgresql" and (not a.only or a.only in "sark"):
            sark(c, a.full)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
