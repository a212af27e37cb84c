# SPDX-License-Identifier: Apache-2.0
"""What undo.py does to an SQLite database beside the alterations of tests/schema: (statements, what the refusal says or
None)."""

FIXTURE = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, email TEXT UNIQUE, born TEXT, note TEXT DEFAULT 'none',
	score INTEGER NOT NULL DEFAULT 0);
CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, customer INTEGER NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
	state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'paid', 'sent')), total NUMERIC CHECK (total >= 0), tags TEXT);
CREATE INDEX orders_state ON orders (state) WHERE state <> 'sent';
CREATE INDEX orders_total ON orders (total DESC);
CREATE TABLE nothing_in (id INTEGER PRIMARY KEY, what TEXT, o INTEGER REFERENCES orders (id));
CREATE VIEW open_orders AS SELECT o.id, c.name, o.total FROM orders o JOIN customers c ON c.id = o.customer WHERE o.state <> 'sent';
CREATE TABLE log (line TEXT);
CREATE TRIGGER orders_log AFTER UPDATE ON orders BEGIN INSERT INTO log VALUES ('changed; ' || NEW.id); END;
INSERT INTO customers (name, email) VALUES ('Ada', 'ada@example.org'), ('Bob', NULL);
INSERT INTO orders (customer, state, total) VALUES (1, 'paid', 10.5), (2, 'new', 0);
"""

SKIPPED = set()

# Alterations that cannot be undone, and why.
REFUSED = [
    (r"DROP COLUMN", "drops a column with its values from"),
]

CASES = [
    # ---- made from nothing
    ("CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT)", None),
    ("CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT UNIQUE); CREATE INDEX a_v ON a (v); INSERT INTO a (v) VALUES ('one'), ('two')", None),
    ("CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id)); CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id))", None),
    ("CREATE TABLE a (i); CREATE TRIGGER a_t AFTER INSERT ON a BEGIN DELETE FROM log; END", None),
    ("CREATE TABLE a (i); CREATE TRIGGER a_t AFTER INSERT ON a BEGIN DELETE FROM log; END; INSERT INTO a VALUES (1)", "a trigger made before"),
    ("CREATE TABLE a (i); CREATE TRIGGER a_t AFTER UPDATE ON a BEGIN DELETE FROM log; END; INSERT INTO a VALUES (1)", None),
    ("CREATE TABLE a AS SELECT * FROM orders", None),
    ("CREATE TABLE a (i TEXT) STRICT, WITHOUT ROWID", "SKIP"),
    ("CREATE TEMP TABLE t (i); INSERT INTO t VALUES (1); CREATE TABLE b (i)", None),
    ("CREATE VIEW v AS SELECT 1 AS one", None),
    ("CREATE VIEW v (a, b) AS SELECT id, name FROM customers; CREATE TRIGGER v_t INSTEAD OF INSERT ON v BEGIN SELECT 1; END", None),
    ("CREATE VIRTUAL TABLE words USING fts5 (a, b)", None),
    ("CREATE UNIQUE INDEX c_n ON customers (name, born)", None),
    ("CREATE INDEX c_l ON customers (lower(name)) WHERE born IS NOT NULL", None),
    ("CREATE TRIGGER more AFTER DELETE ON orders BEGIN SELECT RAISE(ABORT, 'no'); END", None),
    # ---- if not there already
    ("CREATE TABLE IF NOT EXISTS newly (i); CREATE INDEX IF NOT EXISTS newly_i ON newly (i); INSERT INTO newly VALUES (1)", None),
    ("CREATE TABLE IF NOT EXISTS orders (i)", None),
    ("CREATE TABLE IF NOT EXISTS orders (i); CREATE TABLE more (i)", None),
    ("CREATE TABLE IF NOT EXISTS log (i); INSERT INTO log VALUES ('x')", "adds rows to log"),
    ("CREATE INDEX IF NOT EXISTS orders_state ON orders (id)", None),
    ("DROP TABLE IF EXISTS never; CREATE TABLE never (i)", None),
    ("DROP VIEW IF EXISTS open_orders; CREATE VIEW open_orders AS SELECT 1 AS one", None),
    ("DROP TRIGGER IF EXISTS orders_log; CREATE TRIGGER orders_log AFTER DELETE ON orders BEGIN SELECT 1; END", None),
    ("DROP INDEX IF EXISTS orders_state; CREATE INDEX orders_state ON orders (state)", None),
    # ---- columns
    ("ALTER TABLE orders ADD COLUMN weight INTEGER NOT NULL DEFAULT 1", None),
    ("ALTER TABLE orders ADD COLUMN parent INTEGER REFERENCES orders (id)", None),
    ("ALTER TABLE orders ADD COLUMN twice NUMERIC GENERATED ALWAYS AS (total * 2) VIRTUAL", None),
    ("ALTER TABLE orders ADD COLUMN twice NUMERIC GENERATED ALWAYS AS (total * 2) STORED", None),
    ("ALTER TABLE customers ADD COLUMN code TEXT UNIQUE", None),
    ("ALTER TABLE customers ADD COLUMN c1 TEXT; ALTER TABLE customers ADD COLUMN c2 TEXT CHECK (c2 <> '')", None),
    ("ALTER TABLE customers DROP COLUMN note", "drops a column with its values from customers"),
    ("ALTER TABLE nothing_in DROP COLUMN what", None),
    ("ALTER TABLE customers ALTER COLUMN note SET DEFAULT 'some'", None),
    ("ALTER TABLE customers ALTER COLUMN note DROP DEFAULT", None),
    ("ALTER TABLE customers ALTER COLUMN note SET NOT NULL", None),
    ("ALTER TABLE customers ALTER COLUMN name DROP NOT NULL", None),
    ("ALTER TABLE customers ALTER COLUMN name TYPE TEXT", None),
    ("ALTER TABLE customers ALTER COLUMN score TYPE NUMERIC", None),
    ("ALTER TABLE customers ALTER COLUMN name TYPE INTEGER", "not every value survives it"),
    ("ALTER TABLE nothing_in ALTER COLUMN what TYPE INTEGER", None),
    # ---- constraints
    ("ALTER TABLE orders ADD CONSTRAINT cheap CHECK (total < 1000)", None),
    ("ALTER TABLE orders ADD CHECK (total < 1000)", None),
    ("ALTER TABLE customers ADD CONSTRAINT c_u UNIQUE (name, born)", None),
    ("ALTER TABLE log ADD CONSTRAINT l_f FOREIGN KEY (line) REFERENCES customers (name)", "SKIP"),
    ("ALTER TABLE towns DROP CONSTRAINT towns_size", None),
    # ---- renames
    ("ALTER TABLE orders RENAME TO purchases", None),
    ("ALTER TABLE orders RENAME COLUMN total TO amount", None),
    ("ALTER TABLE orders RENAME COLUMN total TO amount; ALTER TABLE orders ALTER COLUMN amount SET DEFAULT 1", None),
    ("ALTER TABLE orders RENAME TO purchases; ALTER TABLE purchases ADD COLUMN extra TEXT; ALTER TABLE purchases ALTER COLUMN total SET NOT NULL", None),
    ("ALTER TABLE orders RENAME TO old_orders; CREATE TABLE orders (id INTEGER)", None),
    ("ALTER TABLE nothing_in RENAME TO x; DROP TABLE x", None),
    ("CREATE TABLE new_visits (who INTEGER, n INTEGER); INSERT INTO new_visits (who) SELECT who FROM visits; DROP TABLE visits; "
     "ALTER TABLE new_visits RENAME TO visits", None),
    ("CREATE TABLE new_pairs (a TEXT, b INTEGER); INSERT INTO new_pairs SELECT a, b FROM pairs; DROP TABLE pairs; "
     "ALTER TABLE new_pairs RENAME TO pairs", "drops with its rows the table pairs"),
    # ---- names that are used again
    ("ALTER TABLE nothing_in RENAME TO x; DROP TABLE IF EXISTS x; CREATE TABLE y (i)", None),
    ("ALTER TABLE nothing_in RENAME TO x; CREATE TABLE IF NOT EXISTS x (i)", None),
    ("CREATE TABLE IF NOT EXISTS x (i); DROP TABLE IF EXISTS x", None),
    ("CREATE INDEX log_line ON log (line); DROP INDEX IF EXISTS log_line", None),
    ("DROP TABLE IF EXISTS log; CREATE TABLE log (line TEXT); INSERT INTO log VALUES ('x')", "adds rows to log"),
    ("CREATE VIEW to_log AS SELECT line FROM log; CREATE TRIGGER t INSTEAD OF INSERT ON to_log BEGIN INSERT INTO log VALUES (1); END; "
     "INSERT INTO to_log VALUES (1)", "adds rows to to_log"),
    # ---- dropped
    ("DROP INDEX orders_state", None),
    ("DROP INDEX orders_state; DROP INDEX orders_total", None),
    ("DROP VIEW open_orders", None),
    ("DROP TRIGGER orders_log", None),
    ("DROP TABLE nothing_in", None),
    ("DROP VIEW open_orders; DROP TABLE orders", "drops with its rows the table orders"),
    ("DROP TABLE log", None),
    # ---- rows and settings
    ("UPDATE orders SET total = 1", "changes rows of orders"),
    ("DELETE FROM orders WHERE id = 99", "deletes rows of orders"),
    ("INSERT INTO log VALUES ('x')", "adds rows to log"),
    ("REPLACE INTO log VALUES ('x')", "adds rows to log"),
    ("CREATE TABLE x (i); INSERT INTO x SELECT id FROM orders; UPDATE x SET i = 3; DELETE FROM x", None),
    ("WITH g AS (SELECT 1) DELETE FROM orders WHERE id IN (SELECT * FROM g)", "deletes rows of orders"),
    ("SELECT count(*) FROM orders", None),
    ("PRAGMA user_version = 5", "sets user_version, which the file keeps"),
    ("PRAGMA foreign_keys = ON; CREATE TABLE x (i)", None),
    ("ANALYZE", None),
    ("REINDEX orders_state", None),
]
CASES = [c for c in CASES if c[1] != "SKIP"]
