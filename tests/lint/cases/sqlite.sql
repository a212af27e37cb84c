-- SPDX-License-Identifier: Apache-2.0
-- case: sqlite-foreign-keys fires sqlite
PRAGMA foreign_keys=off;
DROP TABLE old;
PRAGMA foreign_keys = ON;
-- case: sqlite-foreign-keys quiet sqlite
PRAGMA foreign_key_check;
-- case: sqlite-add-column fires sqlite
ALTER TABLE t ADD COLUMN code TEXT UNIQUE;
-- case: sqlite-add-column fires sqlite
ALTER TABLE t ADD COLUMN a INTEGER DEFAULT (1 + 2);
-- case: sqlite-add-column fires sqlite
ALTER TABLE t ADD COLUMN a INTEGER DEFAULT 1 REFERENCES u (id);
-- case: sqlite-add-column quiet sqlite
ALTER TABLE t ADD COLUMN a INTEGER DEFAULT -1;
ALTER TABLE t ADD COLUMN b INTEGER REFERENCES u (id);
ALTER TABLE t ADD COLUMN c TEXT NOT NULL DEFAULT 'x';
-- case: sqlite-add-column quiet sqlite
CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT DEFAULT CURRENT_TIMESTAMP);
-- case: sqlite-add-not-null fires sqlite
ALTER TABLE t ADD a INTEGER NOT NULL;
-- case: sqlite-add-not-null quiet sqlite
CREATE TABLE t (a INTEGER);
ALTER TABLE t ADD b INTEGER NOT NULL;
-- case: sqlite-rename-first fires sqlite
ALTER TABLE t RENAME TO t_old;
CREATE TABLE t (a INTEGER);
INSERT INTO t (a) SELECT a FROM t_old;
DROP TABLE t_old;
-- case: sqlite-rename-first quiet sqlite
CREATE TABLE t_new (a INTEGER);
INSERT INTO t_new (a) SELECT a FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
-- case: sqlite-copy-by-name fires sqlite
INSERT INTO a SELECT * FROM b WHERE x > 1;
-- case: sqlite-copy-by-name quiet sqlite
INSERT INTO a (x, y) SELECT * FROM b;
INSERT INTO c SELECT x, y FROM d;
-- case: sqlite-lost-indexes fires sqlite
-- file: V001__a.sql
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT);
CREATE INDEX t_a ON t (a);
CREATE INDEX t_b ON t (b);
-- file: V002__b.sql
CREATE TABLE t_new (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT);
INSERT INTO t_new (id, a, b) SELECT id, a, b FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
CREATE INDEX t_a ON t (a);
-- case: sqlite-lost-indexes quiet sqlite
-- file: V001__a.sql
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE);
CREATE INDEX t_a ON t (a, id);
-- file: V002__b.sql
CREATE TABLE t_new (id INTEGER PRIMARY KEY, a TEXT NOT NULL UNIQUE);
INSERT INTO t_new (id, a) SELECT id, a FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
CREATE INDEX t_a ON t (a, id);
-- case: sqlite-type-affinity fires sqlite
CREATE TABLE t (id INTEGER PRIMARY KEY, token UUID, data JSONB);
-- case: sqlite-type-affinity quiet sqlite
CREATE TABLE t (a INTEGER, b VARCHAR(20), c DATETIME, d BOOLEAN, e DECIMAL(10,2));
-- case: sqlite-primary-key fires sqlite
CREATE TABLE t (id BIGINT PRIMARY KEY);
-- case: sqlite-primary-key quiet sqlite
CREATE TABLE t (id INTEGER PRIMARY KEY);
CREATE TABLE u (code TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE v (code TEXT NOT NULL PRIMARY KEY);
-- case: sqlite-quoted-text fires sqlite
CREATE TABLE t (state TEXT CHECK (state IN ("open", "shut")));
-- case: sqlite-quoted-text quiet sqlite
CREATE TABLE "t" ("state" TEXT DEFAULT 'x', CHECK ("state" IN ('x', 'y')));
-- case: sqlite-autoincrement fires sqlite
CREATE TABLE t (id integer primary key autoincrement, a TEXT);
-- case: sqlite-autoincrement quiet sqlite
CREATE TABLE t (id INTEGER PRIMARY KEY, autoincrement_note TEXT DEFAULT 'AUTOINCREMENT');
-- case: sqlite-unsafe-pragma fires sqlite
PRAGMA journal_mode = MEMORY;
-- case: sqlite-unsafe-pragma fires sqlite
PRAGMA writable_schema = 1;
-- case: sqlite-unsafe-pragma quiet sqlite
PRAGMA journal_mode = WAL;
-- case: sqlite-index-lock fires sqlite
CREATE UNIQUE INDEX i ON t (a);
-- case: sqlite-index-lock quiet sqlite
CREATE TABLE t (a TEXT);
CREATE UNIQUE INDEX i ON t (a);
-- case: sqlite-distinct-separator fires sqlite
CREATE VIEW v AS SELECT a, GROUP_CONCAT(DISTINCT upper(b), ', ') AS bs FROM t GROUP BY a;
-- case: sqlite-distinct-separator quiet sqlite
CREATE VIEW v AS SELECT DISTINCT a, group_concat(b, ', ') AS bs FROM t GROUP BY a;
-- case: sqlite-refused fires sqlite
-- file: V001__a.sql
CREATE TABLE t (a INTEGER);
-- file: V002__b.sql
INSERT INTO t (b) VALUES (1);
-- case: sqlite-refused fires sqlite
CREATE TABLE t (a INTEGER);
CREATE TABLE t (a INTEGER);
-- case: sqlite-refused fires sqlite
-- migrate:up
CREATE TABLE t (a INTEGER);
-- migrate:down
DROP VIEW t;
-- case: sqlite-refused quiet sqlite
-- migrate:up
CREATE TABLE t (a INTEGER);
-- migrate:down
DROP TABLE t;
-- file: V002__b.sql
ALTER TABLE t ADD COLUMN b TEXT UNIQUE;
INSERT INTO t (a, b) SELECT x, y FROM elsewhere;
UPDATE elsewhere SET z = mine(z);
-- case: syntax fires sqlite
CREATE TABEL t (a INTEGER);
-- case: syntax quiet sqlite
ALTER TABLE t ALTER COLUMN a SET NOT NULL;
