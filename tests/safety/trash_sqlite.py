# SPDX-License-Identifier: Apache-2.0
"""What trash.py takes away from an SQLite database, beside the fixture of undo_sqlite.py: (statements, what a refusal says
or None)."""

FIXTURE = """
CREATE TABLE articles (a INTEGER, b TEXT UNIQUE, c REAL DEFAULT 1.5 CHECK (c > 0));
CREATE INDEX articles_a ON articles (a);
CREATE INDEX articles_b ON articles (lower(b)) WHERE a > 1;
CREATE TABLE articles_log (line TEXT);
CREATE TRIGGER articles_added AFTER INSERT ON articles BEGIN INSERT INTO articles_log VALUES ('added ' || NEW.b); END;
CREATE TRIGGER articles_changed AFTER UPDATE ON articles BEGIN INSERT INTO articles_log VALUES ('changed ' || NEW.b); END;
CREATE VIEW articles_view AS SELECT a, b FROM articles;
CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, what, "odd ""name" TEXT NOT NULL DEFAULT 'x' COLLATE NOCASE);
CREATE TABLE keyed (code TEXT, part INTEGER, value NUMERIC NOT NULL, note TEXT, twice NUMERIC AS (value * 2) STORED,
	PRIMARY KEY (code, part)) WITHOUT ROWID;
CREATE TABLE strictly (id INTEGER PRIMARY KEY, any ANY, text TEXT NOT NULL, blob BLOB) STRICT;
CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES counted (id) ON DELETE CASCADE);
CREATE TABLE members (id INTEGER PRIMARY KEY, code TEXT, part INTEGER, FOREIGN KEY (code, part) REFERENCES keyed (code, part));
CREATE TABLE self (id INTEGER PRIMARY KEY AUTOINCREMENT, up INTEGER REFERENCES self (id));
CREATE TABLE lonely (v TEXT);
CREATE TABLE mail (address TEXT NOT NULL UNIQUE COLLATE NOCASE, body TEXT NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (word);
INSERT INTO articles (rowid, a, b, c) VALUES (7, 1, 'one', 1), (9, 2, 'two', 2.25), (20, NULL, NULL, 3);
INSERT INTO counted (what, "odd ""name") VALUES (1, 'a'), ('1', 'b'), (x'00ff', 'c'), (1.0, 'd'), (NULL, 'e');
DELETE FROM counted WHERE id = 5;
INSERT INTO keyed (code, part, value, note) VALUES ('01', 1, 10, 'x'), ('01', 2, 2.5, NULL), ('1', 1, 'abc', 'y');
INSERT INTO strictly VALUES (1, '001', 'a', x'01'), (2, 1, 'b', NULL), (3, 2.0, 'c', x'');
INSERT INTO children VALUES (1, 1), (2, NULL);
INSERT INTO members VALUES (1, '01', 1), (2, NULL, 2);
INSERT INTO self (up) VALUES (NULL), (1), (2);
INSERT INTO lonely VALUES ('a'), ('a'), (NULL);
INSERT INTO mail VALUES ('A@x', 'one'), ('b@x', 'two');
INSERT INTO words VALUES ('hello');
DELETE FROM articles_log;
"""

CASES = [
    # ---- tables: renamed
    ("DROP TABLE articles", None),
    ("DROP TABLE strictly", None),
    ("DROP TABLE lonely", None),
    ("DROP TABLE mail; CREATE TABLE mail (other INTEGER)", None),
    ("DROP TABLE mail; CREATE INDEX articles_2 ON articles (b); CREATE TABLE more (i); DROP TABLE lonely", None),
    ("DROP TABLE IF EXISTS never_there; DROP TABLE IF EXISTS lonely", None),
    ("DROP VIEW articles_view; DROP TABLE articles; CREATE VIEW articles_view AS SELECT 1 AS a", None),
    ("ALTER TABLE lonely RENAME TO alone; DROP TABLE alone", None),
    ("DROP TABLE main.mail", None),
    # ---- tables that refer to others, or are referred to
    ("DROP TABLE children", None),
    ("DROP TABLE self", None),
    ("DROP TABLE members; DROP TABLE keyed", None),
    ("DELETE FROM members; DROP TABLE members", None),
    ("DROP TABLE children; DROP TABLE counted", None),
    # ---- columns
    ("DROP VIEW articles_view; ALTER TABLE keyed DROP COLUMN note", None),
    ("ALTER TABLE counted DROP COLUMN \"odd \"\"name\"", None),
    ("ALTER TABLE counted DROP COLUMN what", None),
    ("ALTER TABLE strictly DROP COLUMN any; ALTER TABLE strictly DROP COLUMN text", None),
    ("ALTER TABLE strictly DROP COLUMN blob; ALTER TABLE strictly ADD COLUMN blob TEXT", None),
    ("ALTER TABLE mail DROP COLUMN body", None),
    ("ALTER TABLE children DROP COLUMN parent", None),
    ("ALTER TABLE orders DROP COLUMN tags", None),
    ("ALTER TABLE keyed DROP COLUMN twice", None),
    ("ALTER TABLE articles DROP COLUMN c", "UP it has no primary key"),
    # ---- rows
    ("DELETE FROM lonely", None),
    ("DELETE FROM articles", None),
    ("DELETE FROM keyed", None),
    ("DELETE FROM members; DELETE FROM keyed", None),
    ("DELETE FROM self", None),
    ("DELETE FROM children; INSERT INTO articles_log VALUES ('x')", "adds rows to"),
    ("DELETE FROM counted", None),
    ("PRAGMA foreign_keys = ON; DELETE FROM counted", "UP rows of children change with them"),
    ("DELETE FROM words", "UP it is a virtual table"),
    ("DROP TABLE words", "UP it is a virtual table"),
    ("DELETE FROM mail; DROP TABLE mail", None),
    ("DELETE FROM mail WHERE address = 'A@x'", "deletes rows of mail"),
    ("CREATE TABLE own (i); INSERT INTO own VALUES (1); DELETE FROM own; DROP TABLE own", None),
]
