# SPDX-License-Identifier: Apache-2.0
"""Queries, each on a table of its own, with the index that is known to be the best
for it, and others that are as good. `best` is what stands behind CREATE INDEX …
ON table; None: no index helps, and none may be recommended. `equal`: patterns of
what is as good; what matches neither is measured against the best."""

PADDING = "md5(i::text) || md5((i * 7)::text) AS note"


def rows(n, columns, padding=PADDING):
    return "SELECT i AS id, %s, %s FROM generate_series(1, %d) i" % (columns, padding, n)


def case(name, data, query, best, equal=(), params=None, more="", writes=False, table=None):
    table = table or "t_" + name
    return {"name": name, "table": table, "setup": "CREATE TABLE %s AS %s;\nALTER TABLE %s ADD PRIMARY KEY (id);\n%s" %
            (table, data, table, more.replace("{t}", table)),
            "query": query.replace("{t}", table), "best": best, "equal": equal, "params": params or {}, "writes": writes}


N = 20000

POSTGRESQL = [
    case("equal", rows(N, "i % 4000 AS customer"), "SELECT * FROM {t} WHERE customer = :c", "(customer)",
         params={"c": 77}),
    case("two_equal", rows(N, "i % 40 AS tenant, (i * 7) % 3001 AS ref"),
         "SELECT * FROM {t} WHERE tenant = :t AND ref = :r", "(ref, tenant)", [r"^\((ref|tenant)(, (ref|tenant))?\)"],
         params={"t": 7, "r": 49}),
    case("equal_range", rows(N, "i % 200 AS device, timestamp '2026-01-01' + i * interval '1 minute' AS at"),
         "SELECT * FROM {t} WHERE device = :d AND at >= '2026-01-20' AND at < '2026-01-21'", "(device, at)",
         params={"d": 5}),
    case("range", rows(N, "(i * 7919) % 100000 AS amount"), "SELECT * FROM {t} WHERE amount > :a", "(amount)",
         params={"a": 99900}),
    case("order_limit", rows(N, "timestamp '2026-01-01' + ((i * 7919) % 40009) * interval '1 minute' AS created"),
         "SELECT * FROM {t} ORDER BY created DESC LIMIT 10", "(created)"),
    case("equal_order_limit",
         rows(N, "i % 20 AS author, timestamp '2026-01-01' + ((i * 7919) % 40009) * interval '1 minute' AS created"),
         "SELECT * FROM {t} WHERE author = :u ORDER BY created DESC LIMIT 5", "(author, created)", [r"^\(created\)$"],
         params={"u": 3}),
    case("mixed_order", rows(N, "i % 5 AS prio, (i * 7919) % 40009 AS due"),
         "SELECT * FROM {t} ORDER BY prio DESC, due LIMIT 20", "(prio DESC, due)", [r"^\(prio, due DESC\)"]),
    case("three", rows(N, "i % 10 AS a, (i / 10) % 10 AS b, (i * 7919) % 40009 AS c"),
         "SELECT * FROM {t} WHERE a = :a AND b = :b ORDER BY c LIMIT 10", "(a, b, c)", [r"^\(b, a, c\)"],
         params={"a": 4, "b": 6}),
    case("in_list", rows(N, "i % 5000 AS code"), "SELECT * FROM {t} WHERE code IN (5, 77, 4999)", "(code)"),
    case("join", rows(N, "i % 4000 AS parent"),
         "SELECT p.name, c.note FROM {t}_p p JOIN {t} c ON c.parent = p.id WHERE p.name = :n", "(parent)",
         params={"n": "name 17"},
         more="CREATE TABLE {t}_p AS SELECT i AS id, 'name ' || i AS name FROM generate_series(0, 3999) i;"
              "ALTER TABLE {t}_p ADD PRIMARY KEY (id); CREATE INDEX ON {t}_p (name);"),
    case("exists", rows(N, "i % 4000 AS owner, i % 50 = 0 AS flag"),
         "SELECT o.id FROM {t}_o o WHERE o.id < 20 AND EXISTS (SELECT 1 FROM {t} x WHERE x.owner = o.id AND x.note LIKE 'z%')",
         "(owner)", [r"^\(owner\b", r"^\(note"],
         more="CREATE TABLE {t}_o AS SELECT i AS id FROM generate_series(0, 3999) i; ALTER TABLE {t}_o ADD PRIMARY KEY (id);"),
    case("part_truth", rows(N, "i % 200 <> 0 AS done"),
         "SELECT * FROM {t} WHERE NOT done AND note > 'e' ORDER BY note LIMIT 20", "(note) WHERE NOT done",
         [r"WHERE NOT done$", r"^\(done, note\)"]),
    case("part_null", rows(N, "CASE WHEN i % 300 = 0 THEN NULL ELSE i END AS assigned"),
         "SELECT * FROM {t} WHERE assigned IS NULL", "(assigned) WHERE assigned IS NULL",
         [r"WHERE assigned IS NULL$", r"^\(assigned\)"]),
    case("part_constant",
         rows(N, "CASE WHEN i % 250 = 0 THEN 'failed' ELSE 'done' END AS state, (i * 7919) % 40009 AS created"),
         "SELECT * FROM {t} WHERE state = 'failed' ORDER BY created DESC LIMIT 20", "(created) WHERE state = 'failed'",
         [r"WHERE state = 'failed'", r"^\(state(, created)?\)"]),
    case("covering", rows(N, "i % 20 AS account, i % 1000 AS amount"),
         "SELECT sum(amount) FROM {t} WHERE account = :a", "(account) INCLUDE (amount)",
         [r"^\(account, amount\)", r"^\(account\) INCLUDE"], params={"a": 3}),
    case("lower", rows(N, "'User' || i || '@Example.org' AS email"),
         "SELECT * FROM {t} WHERE lower(email) = :e", "(lower(email))", params={"e": "user77@example.org"}),
    case("date_trunc", rows(N, "timestamp '2026-01-01' + i * interval '1 minute' AS at"),
         "SELECT count(*) FROM {t} WHERE date_trunc('day', at) = '2026-01-07'", "(date_trunc('day', at))",
         [r"date_trunc\('day'"]),
    case("json_contains", rows(N, "jsonb_build_object('kind', 'k' || i % 2000, 'n', i) AS doc"),
         "SELECT * FROM {t} WHERE doc @> '{\"kind\": \"k77\"}'", "USING gin (doc jsonb_path_ops)"),
    case("json_key", rows(N, "CASE WHEN i % 800 = 0 THEN jsonb_build_object('rare', i) ELSE jsonb_build_object('n', i) END AS doc"),
         "SELECT * FROM {t} WHERE doc ? 'rare'", "USING gin (doc)", [r"WHERE doc \? 'rare'"]),
    case("json_field", rows(N, "jsonb_build_object('sku', 's' || i, 'n', i) AS doc"),
         "SELECT * FROM {t} WHERE doc ->> 'sku' = :s", "((doc ->> 'sku'))", [r"doc ->> 'sku'"], params={"s": "s4711"}),
    case("array_contains", rows(N, "ARRAY['t' || i % 2000, 'u' || i % 7] AS tags"),
         "SELECT * FROM {t} WHERE tags @> ARRAY['t77']", "USING gin (tags)"),
    case("array_overlaps", rows(N, "ARRAY['t' || i % 2000, 'u' || i % 7] AS tags"),
         "SELECT * FROM {t} WHERE tags && ARRAY['t77', 't78']", "USING gin (tags)"),
    case("text_search",
         rows(15000, "'a word ' || i || CASE WHEN i % 500 = 0 THEN ' zebra' ELSE ' horse' END AS body"),
         "SELECT * FROM {t} WHERE to_tsvector('english', body) @@ to_tsquery('english', 'zebra')",
         "USING gin (to_tsvector('english', body))", [r"gin \(to_tsvector\('english'"]),
    case("brin", rows(120000, "timestamp '2026-01-01' + i * interval '10 seconds' AS at"),
         "SELECT count(note) FROM {t} WHERE at >= '2026-01-05' AND at < '2026-01-05 06:00'", "USING brin (at)",
         [r"^\(at\)", r"brin"]),
    case("prefix", rows(N, "md5(i::text) AS name"), "SELECT * FROM {t} WHERE name LIKE 'abc1%'", "(name text_pattern_ops)",
         [r"^\(name"]),
    case("newest", rows(N, "i % 10 AS sensor, (i * 7919) % 40009 AS at"), "SELECT max(at) FROM {t} WHERE sensor = :s",
         "(sensor, at)", params={"s": 3}),
    case("either", rows(N, "i % 4000 AS a, (i * 7) % 4001 AS b"), "SELECT * FROM {t} WHERE a = :a OR b = :b", "(a)",
         [r"^\((a|b)\)$"], params={"a": 5, "b": 9}),
    case("small", rows(200, "i % 50 AS x"), "SELECT * FROM {t} WHERE x = :x", None, params={"x": 5}),
    case("most", rows(N, "i % 10 <> 0 AS flag"), "SELECT count(note) FROM {t} WHERE flag", None),
    case("there", rows(N, "i % 4000 AS a, i % 3 AS b"), "SELECT * FROM {t} WHERE a = :a", None, params={"a": 5},
         more="CREATE INDEX {t}_there ON {t} (a, b);"),
]
# A quick sample: one of each sort.
SAMPLE = ["equal_order_limit", "part_constant", "lower", "json_contains", "join", "there"]

SERIES = "WITH RECURSIVE g (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < %d) "


def lite(name, columns, query, best, equal=(), params=None, more="", n=20000):
    table = "t_" + name
    setup = "CREATE TABLE %s AS %s SELECT i AS id, %s, hex(i * 7919) || hex(i * 104729) AS note FROM g;\n%s" % (
        table, SERIES % n, columns, more.replace("{t}", table))
    return {"name": name, "table": table, "setup": setup, "query": query.replace("{t}", table), "best": best,
            "equal": equal, "params": params or {}, "writes": False}


SQLITE = [
    lite("equal", "i % 4000 AS customer", "SELECT * FROM {t} WHERE customer = :c", "(customer)", params={"c": 77}),
    lite("equal_range", "i % 20 AS device, (i * 7919) % 40009 AS at",
         "SELECT * FROM {t} WHERE device = :d AND at BETWEEN 100 AND 200", "(device, at)", [r"^\(at"], params={"d": 5}),
    lite("equal_order_limit", "i % 20 AS author, (i * 7919) % 40009 AS created",
         "SELECT x.* FROM {t} AS x WHERE x.author = :u ORDER BY x.created DESC LIMIT 5", "(author, created)",
         [r"^\(created\)$"], params={"u": 3}),
    lite("join", "CAST(i % 4000 AS INTEGER) AS parent", "SELECT p.name, c.note FROM {t}_p p JOIN {t} c ON c.parent = p.id WHERE p.name = :n",
         "(parent)", [r"^\(parent"], params={"n": "name 17"},
         more="CREATE TABLE {t}_p (id INTEGER PRIMARY KEY, name TEXT UNIQUE); INSERT INTO {t}_p " + SERIES % 4000 +
              "SELECT i, 'name ' || i FROM g;"),
    lite("part", "CASE WHEN i % 250 = 0 THEN 'failed' ELSE 'done' END AS state, (i * 7919) % 40009 AS created",
         "SELECT * FROM {t} WHERE state = 'failed' ORDER BY created DESC LIMIT 20", "(created) WHERE state = 'failed'",
         [r"WHERE state = 'failed'", r"^\(state(, created)?\)"]),
    lite("lower", "'User' || i AS email", "SELECT * FROM {t} WHERE lower(email) = :e", "(lower(email))", params={"e": "user77"}),
    lite("covering", "i % 20 AS account, i % 1000 AS amount", "SELECT sum(amount) FROM {t} WHERE account = :a",
         "(account, amount)", params={"a": 3}),
    lite("there", "i % 4000 AS a, i % 3 AS b", "SELECT * FROM {t} WHERE a = :a", None, params={"a": 5},
         more="CREATE INDEX {t}_there ON {t} (a, b);"),
]
SQLITE_SAMPLE = ["equal_order_limit", "part", "lower", "there"]
