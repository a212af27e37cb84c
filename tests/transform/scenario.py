# SPDX-License-Identifier: Apache-2.0
"""A small world that meets everything a rule can meet: rows that fail checks,
constraints, foreign keys and a trigger-free NOT NULL, rows without a key, a
composite key, a table changed in place, a query as source, and a program."""
import os

SCHEMA = {
    "sqlite": """
CREATE TABLE servers (id INTEGER PRIMARY KEY, name TEXT, command TEXT, endpoint TEXT, level TEXT);
CREATE TABLE tools (server INTEGER, n INTEGER, name TEXT, price INTEGER);
CREATE TABLE resources (id TEXT PRIMARY KEY, name TEXT NOT NULL, endpoint TEXT NOT NULL, level TEXT NOT NULL,
  seen INTEGER NOT NULL DEFAULT 0);
CREATE TABLE capabilities (id TEXT PRIMARY KEY, resource TEXT NOT NULL REFERENCES resources (id), name TEXT NOT NULL,
  price INTEGER CHECK (price <> 13));
CREATE TABLE words (server INTEGER NOT NULL, word TEXT NOT NULL CHECK (length(word) < 12), PRIMARY KEY (server, word));
""",
    "postgresql": """
CREATE TABLE servers (id int PRIMARY KEY, name text, command text, endpoint text, level text);
CREATE TABLE tools (server int, n int, name text, price int);
CREATE INDEX ON tools (server, n);
CREATE TABLE resources (id text PRIMARY KEY, name text NOT NULL, endpoint text NOT NULL, level text NOT NULL,
  seen int NOT NULL DEFAULT 0);
CREATE TABLE capabilities (id text PRIMARY KEY, resource text NOT NULL REFERENCES resources (id)
  DEFERRABLE INITIALLY DEFERRED, name text NOT NULL, price int CHECK (price <> 13));
CREATE TABLE words (server int NOT NULL, word text NOT NULL CHECK (length(word) < 12), PRIMARY KEY (server, word));
""",
}

RULES = """
rules:
  - id: capabilities
    query: SELECT t.server, t.n, t.name, t.price FROM tools t
    key: [server, n]
    target: capabilities
    columns:
      id: "'t' || original.server || '-' || original.n"
      resource: "'s' || original.server"
    same_columns: [name, price]
    on_conflict: update
    conflict_key: id
    depends: servers
    batch_size: %(batch)d
    on_error: collect
  - id: servers
    source: servers
    key: id
    target: resources
    columns:
      id: "'s' || original.id"
      endpoint: coalesce(original.command, original.endpoint) -- the first of them
      level: lower(level)
    same_columns: name
    filter: original.level IS NOT NULL
    checks:
      - { original: "original.name <> 'bad'", message: a bad name }
      - { transformed: "transformed.level <> 'none' AND transformed.id = 's' || original.id", message: no level }
    on_conflict: update
    conflict_key: id
    set: { seen: resources.seen + 1 }
    set_new: [name, endpoint, level]
    batch_size: %(batch)d
    on_error: collect
    rejects: bad_rows
  - id: names
    source: servers
    key: id
    columns: { name: "original.name || '!'" }
    filter: original.name NOT LIKE '%%!'
    batch_size: %(batch)d
    depends: [servers, words]
  - id: words
    source: servers
    key: id
    target: words
    command: [python3, -u, words.py]
    fields: [server, word]
    on_conflict: ignore
    conflict_key: [server, word]
    batch_size: %(batch)d
    on_error: collect
"""

WORDS = """
import json, sys
for line in sys.stdin:
    row = json.loads(line)
    words = sorted(set((row["name"] or "").split()))
    if "refuse" in words:
        print(json.dumps({"error": "refused: \\u00e9\\u20ac"}))
    elif not words:
        print("null")
    else:
        print(json.dumps([{"server": row["id"], "word": w} for w in words]))
"""


def rows(count):
    """Statements that fill the source tables; the same for every engine."""
    servers, tools = [], []
    for i in range(1, count + 1):
        name = "bad" if i % 17 == 0 else "refuse it" if i % 19 == 0 else "" if i % 23 == 0 else \
            "extraordinarily long" if i % 29 == 0 else "server %d \u00fc" % i
        command = "NULL" if i % 3 else "'run %d'" % i
        endpoint = "NULL" if i % 13 == 0 else "'http://%d'" % i
        level = "NULL" if i % 31 == 0 else "'none'" if i % 37 == 0 else "'HIGH'"
        servers.append("(%d, '%s', %s, %s, %s)" % (i, name, command, endpoint, level))
        for n in range(1, 3):
            tools.append("(%s, %s, 'tool %d', %d)" % (i, "NULL" if i % 41 == 0 and n == 2 else n, n, 13 if i % 11 == 0 else i))
    tools.append("(NULL, 7, 'lost', 1)")
    return ("INSERT INTO servers VALUES " + ", ".join(servers) + ";\nINSERT INTO tools VALUES " + ", ".join(tools) + ";")


def folder(place, name, batch):
    path = os.path.join(place.folder, name)
    os.makedirs(path)
    with open(os.path.join(path, "rules.yaml"), "w") as f:
        f.write(RULES % {"batch": batch})
    with open(os.path.join(path, "words.py"), "w") as f:
        f.write(WORDS)
    return path


def fill(engine, db, count):
    engine.create(db)
    sql = SCHEMA[engine.name] + rows(count)
    if engine.name == "sqlite":
        import sqlite3
        connection = sqlite3.connect(engine.path(db))
        connection.executescript(sql)
        connection.close()
    else:
        engine.cluster.psql(sql, db)


TABLES = ("servers", "tools", "resources", "capabilities", "words")
REJECTS = "SELECT rule, row_key, reason, row_data FROM %s ORDER BY 1, 2"


def journal(engine):
    return "whimbrel_" if engine.name == "sqlite" else "whimbrel."


def state(engine, db):
    """Everything that has to be the same however a run went: rows, rejects, and the counts of the rules."""
    lines = []
    for table in TABLES:
        lines += ["%s: %r" % (table, row) for row in engine.query(db, "SELECT * FROM %s ORDER BY 1, 2" % table)]
    for table in ("bad_rows", journal(engine) + "transform_rejects"):
        lines += ["%s: %r" % (table.split(".")[-1], row) for row in engine.query(db, REJECTS % table)]
    for version, state_, *cursor in engine.query(
            db, "SELECT version, state, cursor FROM %smigration_steps ORDER BY 1" % journal(engine)):
        lines.append("%s %s: %s" % (version, state_, " ".join((cursor[0] or "").split("|")[0].split()[:4])))
    return "\n".join(lines)


def is_over(engine, db):
    """Has the newest run got to its end?"""
    catalog = "sqlite_master WHERE name" if engine.name == "sqlite" else "pg_tables WHERE schemaname || '_' || tablename"
    if not engine.query(db, "SELECT 1 FROM %s = 'whimbrel_migration_runs'" % catalog):
        return False
    order = "rowid" if engine.name == "sqlite" else "seq"
    rows = engine.query(db, "SELECT coalesce(result, '') FROM %smigration_runs ORDER BY %s DESC LIMIT 1" % (journal(engine), order))
    return bool(rows) and rows[0][0] == "ok"
