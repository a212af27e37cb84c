# SPDX-License-Identifier: Apache-2.0
"""What rebuilds.py goes through: databases with something in them that a table
built anew could lose, and the ALTER TABLE that makes Whimbrel build it anew."""


class S:
    """setup runs before, by sqlite3 itself; up is the migration. Everything is compared but what is told here:
    tables (built anew), columns (new, gone, or with other values: {table: names}), objects ("index i", "counters": gone or new),
    keys (foreign keys of the tables differ), rowids (differ). after: queries and the value each must give; refused and
    accepted: statements tried on a copy, with foreign keys on."""

    def __init__(self, name, setup, up, tables=("t",), columns=None, objects=(), keys=False, rowids=False, after=(),
                 refused=(), accepted=(), pragmas=(), options="", down=None, big=False):
        self.name, self.setup, self.up, self.tables = name, setup, up, tables
        self.columns, self.objects, self.keys, self.rowids = columns or {}, set(objects), keys, rowids
        self.after, self.refused, self.accepted = after, refused, accepted
        self.pragmas, self.options, self.down, self.big = pragmas, options, down, big


T = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER);" \
    "INSERT INTO t VALUES (1, 'one', 10), (3, 'three', 30), (7, NULL, NULL);"
CHILDREN = "CREATE TABLE c (id INTEGER PRIMARY KEY, t INTEGER %s);" \
           "INSERT INTO c VALUES (1, 1), (2, 3), (3, 7), (4, NULL);"
NEW_TYPE = "ALTER TABLE t ALTER COLUMN b TYPE BIGINT;"
CHECK = "ALTER TABLE t ADD CONSTRAINT k CHECK (b IS NULL OR b > 0);"
BIG = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "


def child(action):
    return T + CHILDREN % ("DEFAULT 1 REFERENCES t (id) " + action)


def scenarios(rows):
    return [
        # ---- ALTER COLUMN -----------------------------------------------------------------------------
        S("type of another affinity", T, "ALTER TABLE t ALTER COLUMN b TYPE TEXT;", columns={"t": ["b"]},
          after=[("SELECT group_concat(typeof(b)) FROM t", "text,text,null"), ("SELECT b FROM t WHERE id = 3", "30")]),
        S("type of the same affinity", T, NEW_TYPE, after=[("SELECT type FROM pragma_table_info('t') WHERE name = 'b'", "BIGINT")],
          down="ALTER TABLE t ALTER COLUMN b TYPE INTEGER;"),
        S("SET DATA TYPE with a length", T, "ALTER TABLE t ALTER a SET DATA TYPE varchar (20) COLLATE nocase;",
          after=[("SELECT type FROM pragma_table_info('t') WHERE name = 'a'", "varchar(20)"),
                 ("SELECT count(*) FROM t WHERE a = 'ONE'", 1)]),
        S("type of a key: no alias of the rowid any more", T + "CREATE INDEX i ON t (a);", "ALTER TABLE t ALTER id TYPE TEXT;",
          columns={"t": ["id"]}, after=[("SELECT group_concat(typeof(id)) FROM t", "text,text,text")]),
        S("type that makes an alias of the rowid", "CREATE TABLE t (k INT PRIMARY KEY, a); INSERT INTO t VALUES (5, 'x'), (2, 'y');",
          "ALTER TABLE t ALTER k TYPE INTEGER;", rowids=True, after=[("SELECT group_concat(rowid) FROM t", "2,5")]),
        S("SET NOT NULL", T + "DELETE FROM t WHERE a IS NULL;", "ALTER TABLE t ALTER COLUMN a SET NOT NULL;",
          refused=["INSERT INTO t (b) VALUES (1)"], down="ALTER TABLE t ALTER COLUMN a DROP NOT NULL;"),
        S("SET NOT NULL after the rows were mended", T, "UPDATE t SET a = 'none' WHERE a IS NULL;\nALTER TABLE t ALTER COLUMN a SET NOT NULL;",
          columns={"t": ["a"]}, refused=["INSERT INTO t (b) VALUES (1)"]),
        S("DROP NOT NULL, which had a conflict clause", "CREATE TABLE t (id INTEGER PRIMARY KEY, a NOT NULL ON CONFLICT REPLACE DEFAULT 4);"
          "INSERT INTO t VALUES (1, NULL), (2, 'x');", "ALTER TABLE t ALTER a DROP NOT NULL;", accepted=["INSERT INTO t (a) VALUES (NULL)"]),
        S("SET DEFAULT", T, "ALTER TABLE t ALTER COLUMN a SET DEFAULT 'it''s';", accepted=["INSERT INTO t (id) VALUES (100)"],
          after=[("SELECT dflt_value FROM pragma_table_info('t') WHERE name = 'a'", "'it''s'")],
          down="ALTER TABLE t ALTER COLUMN a DROP DEFAULT;"),
        S("SET DEFAULT, an expression", T, "ALTER TABLE t ALTER COLUMN b SET DEFAULT (abs(-7) + (3 * 2));",
          after=[("SELECT dflt_value FROM pragma_table_info('t') WHERE name = 'b'", "abs(-7) + (3 * 2)")]),
        S("DROP DEFAULT", "CREATE TABLE t (id INTEGER PRIMARY KEY, a DEFAULT CURRENT_TIMESTAMP); INSERT INTO t (id) VALUES (1), (9);",
          "ALTER TABLE t ALTER a DROP DEFAULT;", after=[("SELECT dflt_value FROM pragma_table_info('t') WHERE name = 'a'", None)]),
        # ---- constraints -----------------------------------------------------------------------------------
        S("ADD CONSTRAINT CHECK", T, CHECK, refused=["INSERT INTO t (b) VALUES (-1)"], accepted=["INSERT INTO t (b) VALUES (1)"],
          down="ALTER TABLE t DROP CONSTRAINT k;"),
        S("ADD CHECK without a name", T, "ALTER TABLE t ADD CHECK (a <> 'never; '')');", refused=["INSERT INTO t (a) VALUES ('never; '')')"]),
        S("ADD CONSTRAINT UNIQUE", T, "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a COLLATE NOCASE, b);",
          refused=["INSERT INTO t (a, b) VALUES ('ONE', 10)"], down="ALTER TABLE t DROP CONSTRAINT u;"),
        S("ADD FOREIGN KEY", T + "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (10), (30);",
          "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES p (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;", keys=True,
          refused=["INSERT INTO t (b) VALUES (11)"], down="ALTER TABLE t DROP CONSTRAINT f;"),
        S("ADD PRIMARY KEY of text", "CREATE TABLE t (a TEXT, b); INSERT INTO t (rowid, a, b) VALUES (4, 'x', 1), (9, 'y', x'00');",
          "ALTER TABLE t ADD PRIMARY KEY (a);", refused=["INSERT INTO t (a) VALUES ('x')"]),
        S("ADD PRIMARY KEY that becomes the row's number", "CREATE TABLE t (a INTEGER, b); INSERT INTO t (rowid, a, b) VALUES (4, 70, 1), (9, 3, 2);",
          "ALTER TABLE t ADD CONSTRAINT pk PRIMARY KEY (a);", rowids=True, after=[("SELECT group_concat(rowid) FROM t", "3,70")]),
        S("DROP CONSTRAINT, a CHECK of a column", "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER CONSTRAINT k CHECK (a > 0) NOT NULL, b CHECK (b <> 3));"
          "INSERT INTO t VALUES (1, 1, 1);", "ALTER TABLE t DROP CONSTRAINT k;", accepted=["INSERT INTO t (a) VALUES (-1)"],
          refused=["INSERT INTO t (a, b) VALUES (1, 3)"]),
        S("DROP CONSTRAINT of one without a name", "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b UNIQUE); INSERT INTO t VALUES (1, 'x', 'y');",
          'ALTER TABLE t DROP CONSTRAINT "UNIQUE (a)";', accepted=["INSERT INTO t (a) VALUES ('x')"], refused=["INSERT INTO t (b) VALUES ('y')"]),
        S("DROP CONSTRAINT, a foreign key", T + "CREATE TABLE x (t CONSTRAINT f REFERENCES t, b); INSERT INTO x VALUES (1, 2), (7, 2);",
          "ALTER TABLE x DROP CONSTRAINT f;", tables=("x",), keys=True, accepted=["DELETE FROM t WHERE id = 1"]),
        S("DROP CONSTRAINT, the primary key", T, 'ALTER TABLE t DROP CONSTRAINT "PRIMARY KEY";', accepted=["INSERT INTO t (id) VALUES (1)"]),
        # ---- ADD COLUMN ------------------------------------------------------------------------------------------
        S("ADD COLUMN UNIQUE", T, "ALTER TABLE t ADD COLUMN u TEXT UNIQUE;", columns={"t": ["u"]},
          accepted=["UPDATE t SET u = id"], refused=["UPDATE t SET u = 1"], down="ALTER TABLE t DROP COLUMN u;"),
        S("ADD COLUMN, generated and stored", T, "ALTER TABLE t ADD g TEXT GENERATED ALWAYS AS (a || '!') STORED;", columns={"t": ["g"]},
          after=[("SELECT g FROM t WHERE id = 3", "three!")]),
        S("ADD COLUMN with a time as default", T, "ALTER TABLE t ADD COLUMN at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP;", columns={"t": ["at"]},
          after=[("SELECT count(*) FROM t WHERE at > '2020'", 3)]),
        S("ADD COLUMN with an expression as default", T, "ALTER TABLE t ADD COLUMN n NOT NULL DEFAULT (1 + 1);", columns={"t": ["n"]},
          after=[("SELECT sum(n) FROM t", 6)]),
        S("ADD COLUMN REFERENCES with a default", T + "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (4);",
          "ALTER TABLE t ADD COLUMN p INTEGER NOT NULL DEFAULT (2 + 2) REFERENCES p (id);", columns={"t": ["p"]}, keys=True,
          refused=["UPDATE t SET p = 5"], after=[("SELECT sum(p) FROM t", 12)]),
        S("ADD COLUMN that is the primary key", "CREATE TABLE t (a); INSERT INTO t (rowid, a) VALUES (5, 'x'), (8, 'y');",
          "ALTER TABLE t ADD COLUMN id INTEGER PRIMARY KEY AUTOINCREMENT;", columns={"t": ["id"]}, objects=["counters"],
          after=[("SELECT group_concat(id) FROM t", "5,8"), ("SELECT seq FROM sqlite_sequence WHERE name = 't'", 8)]),
        S("ADD COLUMN NOT NULL to a table without rows", "CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE o (x); INSERT INTO o VALUES (1);",
          "ALTER TABLE t ADD COLUMN n TEXT NOT NULL UNIQUE;", columns={"t": ["n"]}, refused=["INSERT INTO t DEFAULT VALUES"]),
        S("ADD COLUMN behind constraints of the table", "CREATE TABLE t (a, b, UNIQUE (a), CHECK (b > 0)); INSERT INTO t VALUES (1, 2);",
          "ALTER TABLE t ADD COLUMN IF NOT EXISTS n INTEGER CHECK (n < 5) UNIQUE;\nALTER TABLE t ADD COLUMN IF NOT EXISTS a TEXT;",
          columns={"t": ["n"]}, refused=["UPDATE t SET n = 7", "INSERT INTO t (a) VALUES (1)"]),
        # ---- DROP COLUMN -------------------------------------------------------------------------------------------
        S("DROP COLUMN with an index", T + "CREATE INDEX i ON t (b); CREATE INDEX j ON t (a);", "ALTER TABLE t DROP COLUMN b;",
          columns={"t": ["b"]}, objects=["index i"]),
        S("DROP COLUMN of a partial index", T + "CREATE INDEX i ON t (a) WHERE b > 3; CREATE INDEX b ON t (a);", "ALTER TABLE t DROP COLUMN b;",
          columns={"t": ["b"]}, objects=["index i"]),
        S("DROP COLUMN that is UNIQUE", "CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE, b UNIQUE); INSERT INTO t VALUES (1, 2, 3), (5, 6, 7);",
          "ALTER TABLE t DROP COLUMN a;", columns={"t": ["a"]}, refused=["INSERT INTO t (b) VALUES (3)"]),
        S("DROP COLUMN that is the key", T, "ALTER TABLE t DROP COLUMN id;", columns={"t": ["id"]}, after=[("SELECT group_concat(rowid) FROM t", "1,3,7")]),
        S("DROP COLUMN of a CHECK of the table", "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, CHECK (a < b), CHECK (b > 0)); INSERT INTO t VALUES (1, 2, 3);",
          "ALTER TABLE t DROP COLUMN a;", columns={"t": ["a"]}, refused=["INSERT INTO t (b) VALUES (0)"]),
        S("DROP COLUMN with a foreign key", T + "CREATE TABLE c (id INTEGER PRIMARY KEY, t REFERENCES t, b); INSERT INTO c VALUES (1, 1, 'x'), (4, 7, 'y');",
          "ALTER TABLE c DROP COLUMN t;", tables=("c",), columns={"c": ["t"]}, keys=True, accepted=["DELETE FROM t"]),
        S("DROP COLUMN whose name is a table's", "CREATE TABLE b (b); CREATE TABLE t (id INTEGER PRIMARY KEY, a, b UNIQUE); INSERT INTO t VALUES (1, 2, 3);"
          "INSERT INTO b VALUES (5); CREATE VIEW v AS SELECT b.b, t.a FROM b, t;", "ALTER TABLE t DROP COLUMN b;", columns={"t": ["b"]}),
        # ---- foreign keys ------------------------------------------------------------------------------------------------
        S("children, ON DELETE CASCADE", child("ON DELETE CASCADE ON UPDATE CASCADE"), NEW_TYPE, accepted=["DELETE FROM t WHERE id = 1"]),
        S("children, ON DELETE SET NULL", child("ON DELETE SET NULL"), CHECK, accepted=["DELETE FROM t WHERE id = 1"]),
        S("children, ON DELETE RESTRICT", child("ON DELETE RESTRICT"), NEW_TYPE, refused=["DELETE FROM t WHERE id = 1"]),
        S("children, ON DELETE SET DEFAULT", child("ON DELETE SET DEFAULT"), CHECK, accepted=["DELETE FROM t WHERE id = 3"]),
        S("children, NO ACTION and deferred", child("DEFERRABLE INITIALLY DEFERRED"), NEW_TYPE, refused=["DELETE FROM t WHERE id = 1"]),
        S("children that name the table in another case", T + "CREATE TABLE c (t REFERENCES T); INSERT INTO c VALUES (1);", CHECK),
        S("a table that refers to itself", "CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER REFERENCES t (id) ON DELETE CASCADE, b);"
          "INSERT INTO t VALUES (1, NULL, 1), (2, 1, 2), (3, 2, 3), (9, 9, 4);", NEW_TYPE, accepted=["DELETE FROM t WHERE id = 1"],
          refused=["INSERT INTO t (up) VALUES (77)"]),
        S("two tables that refer to each other", "CREATE TABLE t (id INTEGER PRIMARY KEY, c REFERENCES c (id) DEFERRABLE INITIALLY DEFERRED, b);"
          "CREATE TABLE c (id INTEGER PRIMARY KEY, t REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED, b);"
          "INSERT INTO t VALUES (1, 2, 1); INSERT INTO c VALUES (2, 1, 1);", NEW_TYPE + "\nALTER TABLE c ALTER b TYPE BIGINT;", tables=("t", "c")),
        S("a key of several columns that others point at", "CREATE TABLE t (a, b, c TEXT, PRIMARY KEY (a, b)); INSERT INTO t VALUES (1, 2, 'x'), (3, 4, 'y');"
          "CREATE TABLE c (x, y, FOREIGN KEY (x, y) REFERENCES t ON UPDATE CASCADE); INSERT INTO c VALUES (1, 2), (3, 4);",
          "ALTER TABLE t ALTER c SET NOT NULL;", refused=["INSERT INTO c VALUES (9, 9)"]),
        S("rows that broke a foreign key before", child("ON DELETE CASCADE") + "INSERT INTO c VALUES (77, 78);", NEW_TYPE),
        # ---- triggers and views -----------------------------------------------------------------------------------------------
        S("triggers, and in which order they fire", T + "CREATE TABLE log (x); CREATE TRIGGER z AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('z'); END;"
          "CREATE TRIGGER a AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('a'); END;"
          "CREATE TRIGGER m AFTER INSERT ON t WHEN new.b > 3 BEGIN /* ; */ INSERT INTO log VALUES ('m;'); END;", CHECK,
          after=[("SELECT group_concat(name) FROM sqlite_master WHERE type = 'trigger'", "z,a,m"), ("SELECT count(*) FROM log", 0)]),
        S("triggers that a copy must not fire", T + "CREATE TABLE log (x); CREATE TRIGGER d BEFORE DELETE ON t BEGIN INSERT INTO log VALUES (old.id); END;"
          "CREATE TRIGGER i AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.id); DELETE FROM t WHERE id = 1; END;"
          "CREATE TRIGGER u AFTER UPDATE OF a, b ON t BEGIN UPDATE t SET b = 0; END;", NEW_TYPE),
        S("a trigger of another table that names it", T + "CREATE TABLE o (x); CREATE TRIGGER tr AFTER INSERT ON o BEGIN "
          "UPDATE t SET b = new.x WHERE id = 1; INSERT INTO t (a) SELECT a FROM t; END;", CHECK, accepted=["INSERT INTO o VALUES (5)"]),
        S("INSTEAD OF triggers of a view", T + "CREATE VIEW v AS SELECT id, a FROM t; CREATE TRIGGER tr INSTEAD OF INSERT ON v BEGIN "
          "INSERT INTO t (id, a) VALUES (new.id, new.a); END;", NEW_TYPE, accepted=["INSERT INTO v VALUES (50, 'x')"]),
        S("views of views, with comments", T + "CREATE VIEW z AS SELECT a /* the name */, b FROM t; CREATE VIEW y (n) AS SELECT count(*) FROM z -- how many\n;"
          "CREATE VIEW x AS WITH q AS (SELECT n FROM y) SELECT n FROM q UNION ALL SELECT b FROM z;", CHECK, after=[("SELECT sum(n) FROM x", 43)]),
        S("a view that was broken before", T + "CREATE VIEW broken AS SELECT gone FROM t; CREATE INDEX i ON t (b);", "ALTER TABLE t DROP COLUMN b;",
          columns={"t": ["b"]}, objects=["index i"]),
        # ---- virtual tables ----------------------------------------------------------------------------------------------------------
        S("FTS5 with content of its own table", T + "CREATE VIRTUAL TABLE f USING fts5 (a, content='t', content_rowid='id');"
          "CREATE TRIGGER fi AFTER INSERT ON t BEGIN INSERT INTO f (rowid, a) VALUES (new.id, new.a); END;"
          "CREATE TRIGGER fd AFTER DELETE ON t BEGIN INSERT INTO f (f, rowid, a) VALUES ('delete', old.id, old.a); END;"
          "INSERT INTO f (f) VALUES ('rebuild');", CHECK, after=[("SELECT rowid FROM f WHERE f MATCH 'three'", 3)],
          accepted=["INSERT INTO f (f) VALUES ('integrity-check')", "INSERT INTO t (a) VALUES ('four')", "DELETE FROM t WHERE id = 3"]),
        S("FTS5 on row numbers with holes", "CREATE TABLE t (a TEXT, b); INSERT INTO t (rowid, a) VALUES (3, 'red'), (11, 'green'), (400, 'blue');"
          "CREATE VIRTUAL TABLE f USING fts5 (a, content='t'); INSERT INTO f (f) VALUES ('rebuild');", NEW_TYPE,
          after=[("SELECT a FROM f WHERE f MATCH 'blue'", "blue")], accepted=["INSERT INTO f (f) VALUES ('integrity-check')"]),
        S("FTS5 contentless, and an R-Tree, beside it", T + "CREATE VIRTUAL TABLE f USING fts5 (x, content=''); INSERT INTO f (rowid, x) VALUES (1, 'word');"
          "CREATE VIRTUAL TABLE r USING rtree (id, x0, x1); INSERT INTO r VALUES (1, 0, 1);"
          "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO r VALUES (new.id, 0, 1); END;", NEW_TYPE, accepted=["INSERT INTO t (id) VALUES (60)"]),
        # ---- AUTOINCREMENT -----------------------------------------------------------------------------------------------------------------
        S("AUTOINCREMENT beyond the last row", "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, b); INSERT INTO t VALUES (1, 1), (100, 2); DELETE FROM t WHERE id = 100;"
          "CREATE TABLE o (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO o VALUES (40);", NEW_TYPE,
          after=[("SELECT seq FROM sqlite_sequence WHERE name = 't'", 100), ("SELECT count(*) FROM sqlite_sequence", 2)]),
        S("AUTOINCREMENT without any row", "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, b); INSERT INTO t VALUES (55, 1); DELETE FROM t;", CHECK,
          after=[("SELECT seq FROM sqlite_sequence WHERE name = 't'", 55)]),
        S("AUTOINCREMENT that never counted", "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, b);", CHECK, after=[("SELECT count(*) FROM sqlite_sequence", 0)]),
        # ---- generated columns ---------------------------------------------------------------------------------------------------------------
        S("generated columns, virtual, stored, of each other", "CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER, v AS (b * 2), s INTEGER GENERATED ALWAYS AS (v + 1) STORED, c DEFAULT 3);"
          "INSERT INTO t (id, b) VALUES (1, 10), (6, 20); CREATE INDEX i ON t (v); CREATE UNIQUE INDEX j ON t (s DESC);", NEW_TYPE,
          after=[("SELECT sum(s) FROM t", 62)], refused=["INSERT INTO t (b) VALUES (10)"]),
        S("DROP COLUMN beside generated ones", "CREATE TABLE t (a UNIQUE, b, g AS (b || a) VIRTUAL, x); CREATE INDEX i ON t (x); INSERT INTO t VALUES (1, 2, 3);",
          "ALTER TABLE t DROP COLUMN x;", columns={"t": ["x"]}, objects=["index i"]),
        # ---- kinds of tables --------------------------------------------------------------------------------------------------------------------
        S("STRICT", "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER, x ANY, y BLOB) STRICT; INSERT INTO t VALUES (1, 'a', 2, '007', x'ff00'), (2, 'b', 3, 7, NULL), (5, 'c', 4, 2.5, x'');",
          CHECK, refused=["INSERT INTO t (b) VALUES ('x')"]),
        S("STRICT, to a type that takes everything", "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT) STRICT; INSERT INTO t VALUES (1, '007');",
          "ALTER TABLE t ALTER a TYPE ANY;", after=[("SELECT a FROM t", "007")]),
        S("WITHOUT ROWID", "CREATE TABLE t (a TEXT, b INTEGER, c, PRIMARY KEY (b DESC, a)) WITHOUT ROWID; INSERT INTO t VALUES ('x', 1, x'01'), ('y', 2, 2.0), ('x', 2, NULL);"
          "CREATE INDEX i ON t (c);", CHECK, refused=["INSERT INTO t VALUES ('x', 1, 1)"]),
        S("WITHOUT ROWID and STRICT", "CREATE TABLE t (a TEXT COLLATE NOCASE PRIMARY KEY, b INTEGER) WITHOUT ROWID, STRICT; INSERT INTO t VALUES ('x', 1), ('Y', 2);", CHECK,
          refused=["INSERT INTO t VALUES ('X', 1)"]),
        # ---- row numbers ---------------------------------------------------------------------------------------------------------------------------
        S("row numbers with holes, and the largest", "CREATE TABLE t (a, b); INSERT INTO t (rowid, a) VALUES (-5, 'n'), (0, 'z'), (17, 'x'), (9223372036854775807, 'l');", NEW_TYPE),
        S("a column named rowid", "CREATE TABLE t (rowid TEXT, b); INSERT INTO t (oid, rowid) VALUES (8, 'eight'), (30, 'thirty');", NEW_TYPE),
        S("columns with all the names of row numbers", "CREATE TABLE t (rowid, _rowid_, oid, b); INSERT INTO t VALUES (7, 8, 9, 1), (1, 2, 3, 4);", NEW_TYPE, rowids=True),
        S("a key that is INTEGER DESC and no alias", "CREATE TABLE t (id INTEGER PRIMARY KEY DESC, b); INSERT INTO t (rowid, id) VALUES (5, 50), (6, 20);", NEW_TYPE),
        S("a key that is INT and no alias", "CREATE TABLE t (id INT PRIMARY KEY, b); INSERT INTO t (rowid, id) VALUES (9, 50), (2, 20), (5, NULL);", CHECK),
        # ---- indexes --------------------------------------------------------------------------------------------------------------------------------
        S("indexes: partial, of expressions, descending, collated", T + "CREATE INDEX p ON t (a) WHERE b IS NOT NULL AND a <> 'x;y'; CREATE INDEX e ON t (lower(a) DESC, b + 1);"
          "CREATE UNIQUE INDEX u ON t (a COLLATE NOCASE DESC, b) -- odd\n; CREATE INDEX \"o d\" ON t (b /* c */ ASC);", NEW_TYPE, refused=["INSERT INTO t (a, b) VALUES ('ONE', 10)"]),
        S("statistics of the planner", T + "CREATE INDEX i ON t (b); ANALYZE;", CHECK, after=[("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 't'", 1)]),
        S("conflict clauses", "CREATE TABLE t (a UNIQUE ON CONFLICT IGNORE, b INTEGER NOT NULL ON CONFLICT FAIL, c, UNIQUE (c) ON CONFLICT REPLACE); INSERT INTO t VALUES (1, 2, 3), (4, 5, 6);",
          CHECK, accepted=["INSERT INTO t VALUES (1, 1, 1)", "INSERT INTO t VALUES (9, 9, 3)"]),
        S("collations of columns", "CREATE TABLE t (a TEXT COLLATE NOCASE UNIQUE, r TEXT COLLATE RTRIM, b); INSERT INTO t VALUES ('x', 'r  ', 1);", NEW_TYPE,
          refused=["INSERT INTO t (a) VALUES ('X')"], after=[("SELECT count(*) FROM t WHERE r = 'r'", 1)]),
        # ---- names ----------------------------------------------------------------------------------------------------------------------------------------
        S("names that have to be quoted", "CREATE TABLE \"it's a \"\"t\"\"\" (\"a b\" TEXT, [select] INTEGER, `x\"y` REAL, 'é' , \"-- no\"); INSERT INTO \"it's a \"\"t\"\"\" VALUES ('1', 2, 3, 4, 5);"
          "CREATE INDEX \"i;\" ON \"it's a \"\"t\"\"\" (\"a b\"); CREATE VIEW \"v v\" AS SELECT [select] FROM \"it's a \"\"t\"\"\";",
          "ALTER TABLE \"it's a \"\"t\"\"\" ALTER COLUMN [select] SET NOT NULL;\nALTER TABLE \"it's a \"\"t\"\"\" ADD CONSTRAINT \"k;\" CHECK (\"x\"\"y\" > 0);", tables=("it's a \"t\"",)),
        S("the name of the new table is taken", T + "CREATE TABLE t__rebuilt (x); INSERT INTO t__rebuilt VALUES (1); CREATE VIEW t__rebuilt_ AS SELECT 1;", NEW_TYPE),
        S("expressions that name the table", "CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER CHECK (t.b > 0), c AS (b + 1), CHECK (\"t\".id > 0 AND t.b < 100 OR 't.b' = 't.b'));"
          "INSERT INTO t (id, b) VALUES (1, 2); CREATE INDEX i ON t (b) WHERE t.b > 3; CREATE TRIGGER tr AFTER UPDATE ON t BEGIN UPDATE t SET b = 5 WHERE t.id = 7; END;", NEW_TYPE,
          refused=["INSERT INTO t (b) VALUES (-1)"], after=[("SELECT sum(c) FROM t", 3)]),
        S("names in another case", "CREATE TABLE People (ID INTEGER PRIMARY KEY, Name TEXT); INSERT INTO People VALUES (1, 'x'); CREATE INDEX I ON People (Name); CREATE VIEW v AS SELECT NAME FROM PEOPLE;",
          "ALTER TABLE people ALTER COLUMN NAME SET NOT NULL;\nALTER TABLE main.PEOPLE ADD CHECK (name <> '');", tables=("People",)),
        # ---- values ---------------------------------------------------------------------------------------------------------------------------------------------
        S("values of every kind, without affinity", "CREATE TABLE t (id INTEGER PRIMARY KEY, x, b); INSERT INTO t (id, x) VALUES (1, NULL), (2, 9223372036854775807), (3, 0.1), (4, 1e308 * 10), (5, -1e308 * 10),"
          " (6, 'text'), (7, ''), (8, x''), (9, x'00ff'), (10, cast(x'610062' AS TEXT)), (11, cast(x'ff' AS TEXT)), (12, '1'), (13, 1), (14, 1.0), (15, -0.0), (16, 1e-320), (17, zeroblob(5000));", NEW_TYPE),
        S("values of every kind, REAL, NUMERIC, INTEGER", "CREATE TABLE t (id INTEGER PRIMARY KEY, r REAL, n NUMERIC, i INTEGER, b TEXT); INSERT INTO t VALUES (1, 1, '1', '1', 1), (2, 2.5, '2.50', 2.0, 2.5),"
          " (3, 'x', x'01', 'y', x'01'), (4, 1e300, 1e15, 9007199254740993, 'z'), (5, '1e3', '1e3', '1e3', '1e3');", "ALTER TABLE t ADD CHECK (id > 0);"),
        S("long rows", "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b); INSERT INTO t SELECT value, hex(zeroblob(value * 3000)), randomblob(9000) FROM (SELECT 1 AS value UNION SELECT 2 UNION SELECT 12);", NEW_TYPE),
        # ---- kinds of databases ------------------------------------------------------------------------------------------------------------------------------------
        S("a database in UTF-16", T + "INSERT INTO t VALUES (20, 'é😀', 5);", CHECK, pragmas=["encoding = 'UTF-16'"]),
        S("a database with a write-ahead log", T + CHILDREN % "REFERENCES t ON DELETE CASCADE", NEW_TYPE, pragmas=["journal_mode = WAL"]),
        S("a database that vacuums itself, in small pages", T + BIG % 2000 + "INSERT INTO t (a, b) SELECT i, i FROM n;", CHECK, pragmas=["page_size = 512", "auto_vacuum = FULL"]),
        # ---- migrations ----------------------------------------------------------------------------------------------------------------------------------------------
        S("several changes of one table", T + "CREATE INDEX i ON t (a);", "ALTER TABLE t ALTER a SET DEFAULT 'x', ALTER COLUMN b TYPE BIGINT;\nALTER TABLE t ADD CONSTRAINT k CHECK (b > 0);\n"
          "ALTER TABLE t ADD COLUMN n TEXT UNIQUE;\nALTER TABLE t ADD m;\nALTER TABLE t RENAME COLUMN m TO mm;\nALTER TABLE t ALTER mm SET DEFAULT 4;", columns={"t": ["n", "mm"]},
          refused=["INSERT INTO t (b) VALUES (-1)"]),
        S("changes of several tables, each by itself", T + CHILDREN % "REFERENCES t ON DELETE CASCADE", NEW_TYPE + "\nALTER TABLE c ALTER t TYPE BIGINT;\n" + CHECK, tables=("t", "c"), options="transaction:false"),
        S("a table made and changed in one migration", T, "CREATE TABLE n (x);\nINSERT INTO n SELECT id FROM t;\nALTER TABLE n ADD CHECK (x > 0);\nALTER TABLE n ALTER x TYPE INTEGER;\nDROP TABLE n;\n" + CHECK),
        S("a great many rows", "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER);" + BIG % rows + "INSERT INTO t SELECT i * 2, 'name ' || (i * 7919 % 1000003), i % 1000 + 1 FROM n;"
          "CREATE INDEX i ON t (a); CREATE INDEX j ON t (b, a); CREATE TABLE c (t REFERENCES t ON DELETE CASCADE);" + BIG % (rows // 10) + "INSERT INTO c SELECT i * 2 FROM n;",
          "ALTER TABLE t ALTER a SET NOT NULL;\n" + CHECK, big=True),
    ]
