# SPDX-License-Identifier: Apache-2.0
"""What alterations.py does to an SQLite database by hand, and what `drift` has to say. (table, old, new): the table made
anew with another text."""


def changed(kind, path, attribute, expected, actual):
    return ("changed", kind, path, attribute, expected, actual)


def missing(kind, path):
    return ("missing", kind, path, None, None, None)


def unexpected(kind, path):
    return ("unexpected", kind, path, None, None, None)


FIXTURE = '''\
CREATE TABLE towns (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL COLLATE NOCASE,
	code VARCHAR(10) DEFAULT 'x',
	size REAL,
	CONSTRAINT towns_code UNIQUE (code) ON CONFLICT REPLACE,
	CONSTRAINT towns_size CHECK (size > 0)
);
CREATE TABLE people (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL ON CONFLICT FAIL DEFAULT 'nobody',
	born TEXT,
	town INTEGER REFERENCES towns (id) MATCH SIMPLE ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED,
	age INTEGER CHECK (age >= 0),
	upper_name TEXT GENERATED ALWAYS AS (upper(name)) VIRTUAL,
	short TEXT GENERATED ALWAYS AS (substr(name, 1, 3)) STORED,
	UNIQUE (name, born)
);
CREATE TABLE pairs (a TEXT, b INTEGER, v ANY, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID;
CREATE TABLE plain (id INTEGER PRIMARY KEY DESC, v TEXT);
CREATE TABLE "Odd Name" (i INTEGER, "the ""n""" TEXT);
CREATE TABLE spare (i INTEGER);
CREATE TABLE visits (who INTEGER, CONSTRAINT visits_who FOREIGN KEY (who) REFERENCES people (id));
CREATE INDEX people_name ON people (name COLLATE RTRIM DESC);
CREATE INDEX people_town ON people (town) WHERE town IS NOT NULL;
CREATE UNIQUE INDEX people_lower ON people (lower(name), age);
CREATE VIEW adults AS SELECT id, name FROM people WHERE age >= 18;
CREATE VIEW names (n) AS SELECT name FROM adults;
CREATE TRIGGER people_born AFTER UPDATE OF born ON people WHEN NEW.born IS NULL BEGIN SELECT RAISE(ABORT, 'no; never'); END;
CREATE TRIGGER adults_new INSTEAD OF INSERT ON adults BEGIN INSERT INTO people (name, age) VALUES (NEW.name, 18); END;
CREATE VIRTUAL TABLE docs USING fts5 (title, body, tokenize = 'porter');
CREATE VIRTUAL TABLE boxes USING rtree (id, min_x, max_x);
INSERT INTO towns (id, name) VALUES (7, 'Ur');
INSERT INTO people (id, name, town, age) VALUES (1, 'Ada', 7, 36), (5, 'Bob', NULL, 3);
INSERT INTO pairs VALUES ('a', 1, 'one'), ('b', 2, 2);
INSERT INTO plain VALUES (3, 'three');
'''

# Attributes of the fixture that cannot be altered.
NOT_ALTERED = {
    "position of column",  # does not count
    "sql_name of constraint",  # its name: it is another one then
}

ALTERATIONS = [
    # table
    ('CREATE TABLE extra (i INTEGER)',
     [unexpected('table', 'extra')]),
    ('DROP TABLE spare',
     [missing('table', 'spare')]),
    ('ALTER TABLE spare RENAME TO spared',
     [missing('table', 'spare'),
      unexpected('table', 'spared')]),
    (('pairs', 'STRICT, WITHOUT ROWID', 'WITHOUT ROWID'),
     [changed('table', 'pairs', 'strict', 'true', None)]),
    (('pairs', 'STRICT, WITHOUT ROWID', 'STRICT'),
     [changed('table', 'pairs', 'without_rowid', 'true', None)]),
    (('plain', 'PRIMARY KEY DESC', 'PRIMARY KEY'),
     [changed('table', 'plain', 'rowid_alias', None, 'true'),
      changed('column', 'plain.id', 'primary_key', 'PRIMARY KEY DESC', None),
      unexpected('constraint', 'plain."PRIMARY KEY"')]),
    (('people', 'id INTEGER PRIMARY KEY', 'id INT PRIMARY KEY'),
     [changed('table', 'people', 'rowid_alias', 'true', None),
      changed('column', 'people.id', 'type', 'INTEGER', 'INT')]),
    # column
    ('ALTER TABLE people ADD COLUMN phone TEXT',
     [unexpected('column', 'people.phone')]),
    ('ALTER TABLE people ADD COLUMN grade INTEGER NOT NULL DEFAULT 1',
     [unexpected('column', 'people.grade')]),
    ('ALTER TABLE people ADD COLUMN long TEXT GENERATED ALWAYS AS (name || name) VIRTUAL',
     [unexpected('column', 'people.long')]),
    ('ALTER TABLE plain DROP COLUMN v',
     [missing('column', 'plain.v')]),
    ('ALTER TABLE spare RENAME COLUMN i TO j',
     [missing('column', 'spare.i'),
      unexpected('column', 'spare.j')]),
    (('towns', 'size REAL', 'size INTEGER'),
     [changed('column', 'towns.size', 'type', 'REAL', 'INTEGER')]),
    (('people', 'age INTEGER', 'age NUMERIC'),
     [changed('column', 'people.age', 'type', 'INTEGER', 'NUMERIC')]),
    (('spare', 'i INTEGER', 'i'),
     [changed('column', 'spare.i', 'type', 'INTEGER', None)]),
    (('towns', 'name TEXT NOT NULL', 'name TEXT'),
     [changed('column', 'towns.name', 'not_null', 'true', None)]),
    (('plain', 'v TEXT', 'v TEXT NOT NULL'),
     [changed('column', 'plain.v', 'not_null', None, 'true')]),
    (('people', 'ON CONFLICT FAIL ', ''),
     [changed('column', 'people.name', 'not_null_conflict', 'FAIL', None)]),
    (('people', 'ON CONFLICT FAIL', 'ON CONFLICT IGNORE'),
     [changed('column', 'people.name', 'not_null_conflict', 'FAIL', 'IGNORE')]),
    (('people', "DEFAULT 'nobody'", "DEFAULT 'somebody'"),
     [changed('column', 'people.name', 'default', "'nobody'", "'somebody'")]),
    (('towns', " DEFAULT 'x'", ''),
     [changed('column', 'towns.code', 'default', "'x'", None)]),
    (('towns', 'size REAL', 'size REAL DEFAULT (1 + 1)'),
     [changed('column', 'towns.size', 'default', None, '(1 + 1)')]),
    (('towns', 'COLLATE NOCASE', 'COLLATE RTRIM'),
     [changed('column', 'towns.name', 'collate', 'NOCASE', 'RTRIM')]),
    (('towns', ' COLLATE NOCASE', ''),
     [changed('column', 'towns.name', 'collate', 'NOCASE', None)]),
    (('people', 'upper(name)', 'lower(name)'),
     [changed('column', 'people.upper_name', 'generated', 'upper(name)', 'lower(name)')]),
    (('people', '(substr(name, 1, 3)) STORED', '(substr(name, 1, 3)) VIRTUAL'),
     [changed('column', 'people.short', 'stored', 'true', None)]),
    (('people', 'short TEXT GENERATED ALWAYS AS (substr(name, 1, 3)) STORED', 'short TEXT'),
     [changed('column', 'people.short', 'generated', 'substr(name, 1, 3)', None),
      changed('column', 'people.short', 'stored', 'true', None)]),
    (('plain', 'INTEGER PRIMARY KEY DESC', 'INTEGER'),
     [changed('column', 'plain.id', 'primary_key', 'PRIMARY KEY DESC', None)]),
    # constraint
    (('people', ',\n\tUNIQUE (name, born)', ''),
     [missing('constraint', 'people.UNIQUE (name, born)')]),
    (('people', 'UNIQUE (name, born)', 'UNIQUE (born, name)'),
     [unexpected('constraint', 'people.UNIQUE (born, name)'),
      missing('constraint', 'people.UNIQUE (name, born)')]),
    (('people', 'UNIQUE (name, born)', 'UNIQUE (name, born), UNIQUE (age)'),
     [unexpected('constraint', 'people.UNIQUE (age)')]),
    (('people', ' CHECK (age >= 0)', ''),
     [missing('constraint', 'people.CHECK (age >= 0)')]),
    (('people', 'CHECK (age >= 0)', 'CHECK (age > 0)'),
     [unexpected('constraint', 'people.CHECK (age > 0)'),
      missing('constraint', 'people.CHECK (age >= 0)')]),
    (('towns', 'CHECK (size > 0)', 'CHECK (size > 1)'),
     [changed('constraint', 'towns.towns_size', 'expression', 'size > 0', 'size > 1')]),
    (('towns', 'CHECK (size > 0)', 'UNIQUE (size)'),
     [changed('constraint', 'towns.towns_size', 'expression', 'size > 0', None),
      changed('constraint', 'towns.towns_size', 'type', 'CHECK', 'UNIQUE'),
      changed('constraint', 'towns.towns_size', 'columns', None, 'size')]),
    (('towns', 'CONSTRAINT towns_size CHECK', 'CONSTRAINT size_of_towns CHECK'),
     [unexpected('constraint', 'towns.size_of_towns'),
      missing('constraint', 'towns.towns_size')]),
    (('towns', 'CONSTRAINT towns_code UNIQUE (code)', 'CONSTRAINT towns_code UNIQUE (code, size)'),
     [changed('constraint', 'towns.towns_code', 'columns', 'code', 'code, size')]),
    (('towns', ' ON CONFLICT REPLACE', ''),
     [changed('constraint', 'towns.towns_code', 'on_conflict', 'REPLACE', None)]),
    (('towns', 'ON CONFLICT REPLACE', 'ON CONFLICT IGNORE'),
     [changed('constraint', 'towns.towns_code', 'on_conflict', 'REPLACE', 'IGNORE')]),
    (('towns', ' AUTOINCREMENT', ''),
     [changed('constraint', 'towns."PRIMARY KEY"', 'autoincrement', 'true', None)]),
    (('people', 'ON DELETE CASCADE', 'ON DELETE RESTRICT'),
     [changed('constraint', 'people.FOREIGN KEY (town) REFERENCES towns (id)', 'on_delete', 'CASCADE', 'RESTRICT')]),
    (('people', ' ON DELETE CASCADE', ''),
     [changed('constraint', 'people.FOREIGN KEY (town) REFERENCES towns (id)', 'on_delete', 'CASCADE', None)]),
    (('people', ' ON UPDATE SET NULL', ''),
     [changed('constraint', 'people.FOREIGN KEY (town) REFERENCES towns (id)', 'on_update', 'SET NULL', None)]),
    (('people', ' MATCH SIMPLE', ''),
     [changed('constraint', 'people.FOREIGN KEY (town) REFERENCES towns (id)', 'match', 'SIMPLE', None)]),
    (('people', 'INITIALLY DEFERRED', 'INITIALLY IMMEDIATE'),
     [changed('constraint', 'people.FOREIGN KEY (town) REFERENCES towns (id)', 'initially_deferred', 'true', None)]),
    (('people', ' DEFERRABLE INITIALLY DEFERRED', ''),
     [changed('constraint', 'people.FOREIGN KEY (town) REFERENCES towns (id)', 'deferrable', 'true', None),
      changed('constraint', 'people.FOREIGN KEY (town) REFERENCES towns (id)', 'initially_deferred', 'true', None)]),
    (('people', 'REFERENCES towns (id)', 'REFERENCES plain (id)'),
     [unexpected('constraint', 'people.FOREIGN KEY (town) REFERENCES plain (id)'),
      missing('constraint', 'people.FOREIGN KEY (town) REFERENCES towns (id)')]),
    (('people', 'town INTEGER REFERENCES towns (id) MATCH SIMPLE ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED', 'town INTEGER'),
     [missing('constraint', 'people.FOREIGN KEY (town) REFERENCES towns (id)')]),
    (('spare', 'i INTEGER', 'i INTEGER REFERENCES towns (id)'),
     [unexpected('constraint', 'spare.FOREIGN KEY (i) REFERENCES towns (id)')]),
    (('pairs', 'PRIMARY KEY (a, b)', 'PRIMARY KEY (b, a)'),
     [changed('constraint', 'pairs."PRIMARY KEY"', 'columns', 'a, b', 'b, a')]),
    (('visits', 'people (id)', 'towns (id)'),
     [changed('constraint', 'visits.visits_who', 'references', 'people (id)', 'towns (id)')]),
    # index
    ('CREATE INDEX people_age ON people (age)',
     [unexpected('index', 'people.people_age')]),
    ('DROP INDEX people_name',
     [missing('index', 'people.people_name')]),
    ('DROP INDEX people_name; CREATE INDEX people_name ON people (name COLLATE RTRIM)',
     [changed('index', 'people.people_name', 'columns', 'name COLLATE RTRIM DESC', 'name COLLATE RTRIM')]),
    ('DROP INDEX people_name; CREATE INDEX people_name ON people (name DESC)',
     [changed('index', 'people.people_name', 'columns', 'name COLLATE RTRIM DESC', 'name DESC')]),
    ('DROP INDEX people_town; CREATE INDEX people_town ON people (town)',
     [changed('index', 'people.people_town', 'where', 'town IS NOT NULL', None)]),
    ('DROP INDEX people_town; CREATE INDEX people_town ON people (town) WHERE town > 3',
     [changed('index', 'people.people_town', 'where', 'town IS NOT NULL', 'town > 3')]),
    ('DROP INDEX people_lower; CREATE INDEX people_lower ON people (lower(name), age)',
     [changed('index', 'people.people_lower', 'unique', 'true', None)]),
    ('DROP INDEX people_lower; CREATE UNIQUE INDEX people_lower ON people (age)',
     [changed('index', 'people.people_lower', 'columns', 'lower(name), age', 'age')]),
    # view
    ('CREATE VIEW seen AS SELECT 1 AS one',
     [unexpected('view', 'seen')]),
    ('DROP VIEW names',
     [missing('view', 'names')]),
    ('DROP VIEW names; CREATE VIEW names (n) AS SELECT name FROM adults WHERE id > 1',
     [changed('view', 'names', 'definition', 'CREATE VIEW names(n) AS SELECT name FROM adults', 'CREATE VIEW names(n) AS SELECT name FROM adults WHERE id > 1')]),
    # trigger
    ('CREATE TRIGGER more AFTER DELETE ON people BEGIN SELECT 1; END',
     [unexpected('trigger', 'people.more')]),
    ('DROP TRIGGER people_born',
     [missing('trigger', 'people.people_born')]),
    ("DROP TRIGGER people_born; CREATE TRIGGER people_born AFTER UPDATE OF born ON people BEGIN SELECT RAISE(ABORT, 'no; never'); END",
     [changed('trigger', 'people.people_born', 'definition', "CREATE TRIGGER people_born AFTER UPDATE OF born ON people WHEN NEW.born IS NULL BEGIN SELECT RAISE(ABORT, 'no; never'); END", "CREATE TRIGGER people_born AFTER UPDATE OF born ON people BEGIN SELECT RAISE(ABORT, 'no; never'); END")]),
    ('DROP TRIGGER adults_new',
     [missing('trigger', 'adults.adults_new')]),
    # virtual table
    ('CREATE VIRTUAL TABLE more USING fts5 (body)',
     [unexpected('virtual table', 'more')]),
    ('DROP TABLE boxes',
     [missing('virtual table', 'boxes')]),
    ('DROP TABLE docs; CREATE VIRTUAL TABLE docs USING fts5 (title, body)',
     [changed('virtual table', 'docs', 'arguments', "title, body, tokenize = 'porter'", 'title, body')]),
    ('DROP TABLE boxes; CREATE VIRTUAL TABLE boxes USING rtree_i32 (id, min_x, max_x)',
     [changed('virtual table', 'boxes', 'module', 'rtree', 'rtree_i32')]),
]
