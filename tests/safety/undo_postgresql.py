# SPDX-License-Identifier: Apache-2.0
"""What undo.py does to a PostgreSQL database beside the alterations of tests/schema: (statements, what the refusal says or
None)."""

# Beside all kinds of objects: tables with rows, with none, and things that belong to them.
FIXTURE = """
CREATE SCHEMA shop;
CREATE TYPE shop.state AS ENUM ('new', 'paid', 'sent');
CREATE TABLE shop.customers (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name varchar(40) NOT NULL,
	email text UNIQUE,
	born date,
	note text DEFAULT 'none',
	score smallint NOT NULL DEFAULT 0,
	code char(5)
);
CREATE TABLE shop.orders (
	id serial PRIMARY KEY,
	customer bigint NOT NULL REFERENCES shop.customers (id) ON DELETE CASCADE,
	state shop.state NOT NULL DEFAULT 'new',
	total numeric(10,2) CHECK (total >= 0),
	placed timestamptz NOT NULL DEFAULT now(),
	tags text[]
);
CREATE INDEX orders_state ON shop.orders (state) WHERE state <> 'sent';
CREATE INDEX orders_placed ON shop.orders USING brin (placed);
CREATE TABLE shop.empty (id integer PRIMARY KEY, what text, of integer REFERENCES shop.orders (id));
COMMENT ON TABLE shop.empty IS 'nothing in it';
GRANT SELECT ON shop.empty TO guest;
CREATE VIEW shop.open_orders AS SELECT o.id, c.name, o.total FROM shop.orders o JOIN shop.customers c ON c.id = o.customer
	WHERE o.state <> 'sent';
COMMENT ON VIEW shop.open_orders IS 'to be sent';
GRANT SELECT ON shop.open_orders TO guest;
CREATE MATERIALIZED VIEW shop.sums AS SELECT customer, sum(total) AS total FROM shop.orders GROUP BY customer;
CREATE UNIQUE INDEX sums_customer ON shop.sums (customer);
CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.placed := now(); RETURN NEW; END $$;
CREATE FUNCTION shop.twice(n integer, m integer DEFAULT 2) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT n * m';
CREATE TRIGGER orders_touch BEFORE UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE SEQUENCE shop.used;
CREATE SEQUENCE shop.unused START 7;
SELECT nextval('shop.used');
CREATE TABLE shop.parts (id integer NOT NULL, day date NOT NULL, what text) PARTITION BY RANGE (day);
CREATE TABLE shop.parts_2024 PARTITION OF shop.parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE shop.loose_2025 (id integer NOT NULL, day date NOT NULL, what text);
ALTER TABLE shop.customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.customers FOR SELECT TO guest USING (name = current_user);
INSERT INTO shop.customers (name, email, born, code) VALUES ('Ada', 'ada@example.org', '1815-12-10', 'a'), ('Bob', NULL, NULL, 'bc');
INSERT INTO shop.orders (customer, total, state, tags) VALUES (1, 10.50, 'paid', '{a,b}'), (2, 0, 'new', NULL);
INSERT INTO shop.parts VALUES (1, '2024-05-05', 'x');
INSERT INTO shop.loose_2025 VALUES (2, '2025-05-05', 'y');
CREATE TABLE IF NOT EXISTS plain_here (i integer);
INSERT INTO plain_here VALUES (1);
"""

# A copy of a database has no subscription.
SKIPPED = {
    "DROP SUBSCRIPTION incoming", "ALTER SUBSCRIPTION incoming SET (binary = false)",
    "ALTER SUBSCRIPTION incoming SET PUBLICATION b WITH (refresh = false)",
}

# Alterations that cannot be undone, and why.
REFUSED = [
    ("NO INHERIT app.mixin", "makes columns its own"),
    ("UPDATE pg_index", "changes rows of"),
    ("DROP EXPRESSION", "would lose values of the column"),
    ("CREATE SUBSCRIPTION", "changes more than this database's schema"),
]

CASES = [
    # ---- made from nothing
    ("CREATE TABLE a (id integer PRIMARY KEY, v text)", None),
    ("CREATE TABLE a (id serial PRIMARY KEY, v text UNIQUE, w integer CHECK (w > 0)); CREATE INDEX ON a (w); COMMENT ON TABLE a IS 'x'; "
     "GRANT SELECT ON a TO guest; INSERT INTO a (v, w) VALUES ('one', 1)", None),
    ("CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE b (id integer PRIMARY KEY, a integer REFERENCES a); "
     "ALTER TABLE a ADD COLUMN b integer REFERENCES b; ALTER TABLE a ADD CONSTRAINT a_b FOREIGN KEY (b) REFERENCES b", None),
    ("CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE b (id integer PRIMARY KEY); ALTER TABLE a ADD FOREIGN KEY (id) REFERENCES b; "
     "ALTER TABLE b ADD FOREIGN KEY (id) REFERENCES a", None),
    ("CREATE SCHEMA extra; CREATE TABLE extra.t (i integer); CREATE VIEW extra.v AS SELECT i FROM extra.t", None),
    ("SET search_path TO shop; CREATE TABLE a (i integer); CREATE INDEX a_i ON a (i); INSERT INTO a VALUES (1)", None),
    ("CREATE TABLE a (i integer); CREATE FUNCTION a_f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; "
     "CREATE TRIGGER a_t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION a_f(); INSERT INTO a VALUES (1)", None),
    ("CREATE FUNCTION shop.f(a integer DEFAULT 1, b text DEFAULT 'x, y', VARIADIC c integer[] DEFAULT '{}') RETURNS integer "
     "LANGUAGE sql AS 'SELECT 1'", None),
    ("CREATE FUNCTION shop.twice(n text) RETURNS text LANGUAGE sql AS 'SELECT n'", None),
    ("CREATE OR REPLACE FUNCTION shop.newly(n text) RETURNS text LANGUAGE sql AS 'SELECT n'", None),
    ("CREATE OR REPLACE FUNCTION shop.twice(n integer, m integer DEFAULT 2) RETURNS integer LANGUAGE sql STABLE AS 'SELECT n + n'", None),
    ("CREATE PROCEDURE shop.p(INOUT a integer) LANGUAGE plpgsql AS $$ BEGIN a := 1; END $$", None),
    ("CREATE AGGREGATE shop.add_up(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0')", None),
    ("CREATE TYPE shop.size AS ENUM ('s', 'm'); CREATE DOMAIN shop.pos AS integer CHECK (VALUE > 0); CREATE TYPE shop.pair AS (a integer, b text); "
     "CREATE TYPE shop.r AS RANGE (SUBTYPE = integer)", None),
    ("CREATE TYPE shop.size AS ENUM ('s', 'm'); ALTER TYPE shop.size ADD VALUE 'l'; ALTER TYPE shop.size RENAME VALUE 's' TO 'xs'; CREATE TABLE shop.a (s shop.size)", None),
    ("CREATE SEQUENCE shop.counting INCREMENT 5", None),
    ("CREATE VIEW shop.v AS SELECT 1 AS one; COMMENT ON VIEW shop.v IS 'x'", None),
    ("CREATE MATERIALIZED VIEW shop.mv AS SELECT count(*) FROM shop.orders; CREATE INDEX ON shop.mv (count)", None),
    ("CREATE TABLE shop.b AS SELECT * FROM shop.orders", None),
    ("CREATE UNLOGGED TABLE shop.c (LIKE shop.orders INCLUDING ALL)", None),
    ("CREATE TABLE shop.parts_2026 PARTITION OF shop.parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')", None),
    ("CREATE TABLE shop.child () INHERITS (shop.empty)", None),
    ("CREATE TEMPORARY TABLE t AS SELECT 1 AS i; UPDATE t SET i = 2; DROP TABLE t; CREATE TABLE shop.real (i integer)", None),
    ("CREATE STATISTICS shop.st ON customer, total FROM shop.orders", None),
    ("CREATE EXTENSION IF NOT EXISTS citext", None),
    ("CREATE EXTENSION IF NOT EXISTS plpgsql", None),
    ("CREATE PUBLICATION few FOR TABLE shop.orders", None),
    ("CREATE RULE nothing AS ON DELETE TO shop.empty DO INSTEAD NOTHING", None),
    ("CREATE POLICY two ON shop.customers USING (true)", None),
    ("CREATE TRIGGER more AFTER INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch()", None),
    ("CREATE OR REPLACE TRIGGER more AFTER INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch()", None),
    ("CREATE OR REPLACE TRIGGER orders_touch AFTER INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch()", None),
    ("CREATE CAST (shop.state AS integer) WITH FUNCTION shop.of_state(shop.state)", "SKIP"),
    ("CREATE OPERATOR shop.=== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq)", None),
    ("CREATE COLLATION shop.c FROM \"C\"", None),
    ("CREATE TEXT SEARCH CONFIGURATION shop.simple (COPY = pg_catalog.simple)", None),
    ("CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere; CREATE FOREIGN TABLE shop.f (i integer) SERVER far; "
     "CREATE USER MAPPING FOR guest SERVER far", None),
    # ---- if not there already
    ("CREATE TABLE IF NOT EXISTS shop.newly (i integer); CREATE INDEX IF NOT EXISTS newly_i ON shop.newly (i)", None),
    ("CREATE TABLE IF NOT EXISTS shop.newly (i integer); INSERT INTO shop.newly VALUES (1)", None),
    ("CREATE TABLE IF NOT EXISTS shop.orders (i integer)", None),
    ("CREATE TABLE IF NOT EXISTS shop.orders (i integer); CREATE TABLE shop.more (i integer)", None),
    ("CREATE TABLE IF NOT EXISTS plain_here (i integer); INSERT INTO plain_here VALUES (2)", "adds rows to plain_here"),
    ("CREATE INDEX IF NOT EXISTS orders_state ON shop.orders (id)", None),
    ("CREATE INDEX IF NOT EXISTS orders_state ON shop.orders (id); CREATE INDEX orders_more ON shop.orders (total)", None),
    ("CREATE SCHEMA IF NOT EXISTS shop; CREATE SCHEMA IF NOT EXISTS shop2; CREATE TABLE shop2.t (i integer)", None),
    ("ALTER TABLE shop.orders ADD COLUMN IF NOT EXISTS total integer", None),
    ("ALTER TABLE shop.orders ADD COLUMN IF NOT EXISTS weight integer", None),
    ("DROP TABLE IF EXISTS shop.never; CREATE TABLE shop.never (i integer)", None),
    ("DROP VIEW IF EXISTS shop.open_orders; CREATE VIEW shop.open_orders AS SELECT 1 AS one", None),
    ("CREATE OR REPLACE VIEW shop.open_orders AS SELECT o.id, c.name, o.total, o.placed FROM shop.orders o JOIN shop.customers c ON c.id = o.customer", None),
    ("DROP TRIGGER IF EXISTS orders_touch ON shop.orders; CREATE TRIGGER orders_touch AFTER DELETE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch()", None),
    ("DROP FUNCTION IF EXISTS shop.gone(); CREATE FUNCTION shop.gone() RETURNS integer LANGUAGE sql AS 'SELECT 1'", None),
    # ---- columns
    ("ALTER TABLE shop.orders ADD COLUMN weight integer NOT NULL DEFAULT 1, ADD COLUMN height integer", None),
    ("ALTER TABLE shop.orders ADD COLUMN parent integer REFERENCES shop.orders (id)", None),
    ("ALTER TABLE shop.orders ADD COLUMN big numeric GENERATED ALWAYS AS (total * 2) STORED", None),
    ("ALTER TABLE shop.orders ADD COLUMN n bigint GENERATED BY DEFAULT AS IDENTITY", None),
    ("ALTER TABLE shop.customers ADD COLUMN k serial", None),
    ("ALTER TABLE shop.customers DROP COLUMN note", "drops a column with its values from customers"),
    ("ALTER TABLE shop.empty DROP COLUMN what", None),
    ("ALTER TABLE shop.empty DROP COLUMN of, DROP COLUMN id", None),
    ("ALTER TABLE shop.customers ALTER COLUMN note SET DEFAULT 'some'", None),
    ("ALTER TABLE shop.customers ALTER COLUMN note DROP DEFAULT", None),
    ("ALTER TABLE shop.customers ALTER COLUMN note SET NOT NULL", None),
    ("ALTER TABLE shop.customers ALTER COLUMN name DROP NOT NULL", None),
    ("ALTER TABLE shop.customers ALTER COLUMN code TYPE char(8)", None),
    ("ALTER TABLE shop.customers ALTER COLUMN name TYPE text", "view"),
    ("DROP VIEW shop.open_orders; DROP POLICY own ON shop.customers; ALTER TABLE shop.customers ALTER COLUMN name TYPE text; CREATE VIEW shop.open_orders AS SELECT id, total FROM shop.orders", None),
    ("ALTER TABLE shop.customers ALTER COLUMN score TYPE bigint", None),
    ("ALTER TABLE shop.customers ALTER COLUMN score TYPE integer USING score::integer", None),
    ("ALTER TABLE shop.customers ALTER COLUMN score TYPE integer USING score + 1", "computes the values of a column anew in customers"),
    ("ALTER TABLE shop.customers ALTER COLUMN score TYPE text", None),
    ("ALTER TABLE shop.customers ALTER COLUMN born TYPE text", "not every value survives it"),
    ("ALTER TABLE shop.customers ALTER COLUMN note TYPE varchar(5)", "not every value survives it"),
    ("ALTER TABLE shop.customers ALTER COLUMN code TYPE text", None),
    ("ALTER TABLE shop.empty ALTER COLUMN what TYPE integer USING length(what)", None),
    ("ALTER TABLE shop.orders ALTER COLUMN placed TYPE date", "not every value survives it"),
    ("ALTER TABLE shop.orders ALTER COLUMN tags TYPE varchar[]", None),
    ("ALTER TABLE shop.orders ALTER COLUMN state TYPE text", "SKIP"),
    ("ALTER TABLE shop.orders ALTER COLUMN total TYPE numeric(12,4)", "view"),
    ("ALTER TABLE shop.customers ALTER COLUMN note SET STATISTICS 500, ALTER COLUMN note SET STORAGE EXTERNAL", None),
    ("ALTER TABLE shop.customers ALTER COLUMN id SET GENERATED BY DEFAULT", None),
    ("ALTER TABLE shop.customers ALTER COLUMN id DROP IDENTITY", "forgets how far the identity has counted of customers"),
    ("ALTER TABLE shop.customers ALTER COLUMN id RESTART WITH 1000", "sets how far a sequence has counted"),
    ("ALTER TABLE shop.empty ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY", None),
    # ---- renames
    ("ALTER TABLE shop.orders RENAME TO purchases", None),
    ("ALTER TABLE shop.orders RENAME COLUMN total TO amount", None),
    ("ALTER TABLE shop.orders RENAME COLUMN total TO amount; ALTER TABLE shop.orders ALTER COLUMN amount SET DEFAULT 1", None),
    ("ALTER TABLE shop.orders RENAME TO purchases; ALTER TABLE shop.purchases RENAME COLUMN total TO amount; "
     "ALTER TABLE shop.purchases ADD COLUMN extra text; ALTER TABLE shop.purchases ALTER COLUMN amount SET NOT NULL", None),
    ("ALTER TABLE shop.orders RENAME TO old_orders; CREATE TABLE shop.orders (LIKE shop.old_orders INCLUDING DEFAULTS)", None),
    ("ALTER TABLE shop.orders RENAME TO old_orders; CREATE TABLE shop.orders (id integer); ALTER TABLE shop.old_orders ALTER COLUMN total SET DEFAULT 7", None),
    ("ALTER TABLE shop.empty RENAME TO nothing; DROP TABLE shop.nothing", None),
    ("ALTER TABLE shop.orders RENAME TO nothing; DROP TABLE shop.nothing CASCADE", "drops with its rows the table nothing"),
    ("ALTER TABLE shop.orders RENAME CONSTRAINT orders_pkey TO orders_key", None),
    ("ALTER INDEX shop.orders_state RENAME TO orders_of_state", None),
    ("ALTER VIEW shop.open_orders RENAME TO to_send", None),
    ("ALTER VIEW shop.open_orders RENAME COLUMN name TO customer_name", None),
    ("ALTER SEQUENCE shop.used RENAME TO much_used", None),
    ("ALTER TYPE shop.state RENAME TO order_state", None),
    ("ALTER TYPE shop.state RENAME VALUE 'new' TO 'fresh'", None),
    ("ALTER FUNCTION shop.twice(integer, integer) RENAME TO two_times", None),
    ("ALTER TRIGGER orders_touch ON shop.orders RENAME TO touch_orders", None),
    ("ALTER POLICY own ON shop.customers RENAME TO mine", None),
    ("ALTER SCHEMA shop RENAME TO store", None),
    ("ALTER SCHEMA shop RENAME TO store; CREATE TABLE store.x (i integer)", None),
    ("ALTER TABLE shop.orders SET SCHEMA public", None),
    ("ALTER TABLE shop.orders SET SCHEMA public; ALTER TABLE public.orders ALTER COLUMN total SET NOT NULL", None),
    ("ALTER FUNCTION shop.twice SET SCHEMA public", None),
    ("ALTER TABLE shop.empty RENAME TO x; DROP TABLE IF EXISTS shop.x; CREATE TABLE shop.y (i integer)", None),
    ("CREATE INDEX o_t ON shop.orders (total); DROP INDEX IF EXISTS shop.o_t", None),
    ("DROP TABLE IF EXISTS shop.loose_more; CREATE TABLE shop.loose_more (i integer); INSERT INTO shop.loose_more VALUES (1)", None),
    ("CREATE VIEW shop.some_customers AS SELECT id, name FROM shop.customers; UPDATE shop.some_customers SET name = 'x'", "changes rows of some_customers"),
    # ---- constraints
    ("ALTER TABLE shop.orders ADD CONSTRAINT cheap CHECK (total < 1000)", None),
    ("ALTER TABLE shop.orders ADD CHECK (total < 1000)", None),
    ("ALTER TABLE shop.orders ADD CONSTRAINT cheap CHECK (total < 1000) NOT VALID; ALTER TABLE shop.orders VALIDATE CONSTRAINT cheap", None),
    ("ALTER TABLE shop.orders ADD CONSTRAINT o_f FOREIGN KEY (customer) REFERENCES shop.customers ON DELETE SET NULL NOT VALID", None),
    ("ALTER TABLE shop.customers ADD CONSTRAINT c_u UNIQUE (name, born)", None),
    ("CREATE UNIQUE INDEX c_i ON shop.customers (name, born); ALTER TABLE shop.customers ADD CONSTRAINT c_u UNIQUE USING INDEX c_i", None),
    ("ALTER TABLE shop.loose_2025 ADD PRIMARY KEY (id)", None),
    ("ALTER TABLE shop.orders DROP CONSTRAINT orders_total_check", None),
    ("ALTER TABLE shop.orders DROP CONSTRAINT orders_customer_fkey", None),
    ("ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey CASCADE", None),
    ("ALTER TABLE shop.orders DROP CONSTRAINT IF EXISTS never", None),
    ("ALTER TABLE shop.customers DROP CONSTRAINT customers_email_key", None),
    ("ALTER TABLE shop.orders ALTER CONSTRAINT orders_customer_fkey DEFERRABLE INITIALLY DEFERRED", None),
    # ---- indexes
    ("DROP INDEX shop.orders_state", None),
    ("DROP INDEX shop.orders_state, shop.orders_placed", None),
    ("CREATE INDEX ON shop.orders (total)", None),
    ("CREATE INDEX CONCURRENTLY orders_total ON shop.orders (total)", None),
    ("CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_total ON shop.orders (total)", None),
    ("CREATE INDEX CONCURRENTLY orders_total ON shop.orders (total); ALTER TABLE shop.orders ADD COLUMN w integer; CREATE INDEX CONCURRENTLY orders_w ON shop.orders (w)", None),
    ("DROP INDEX CONCURRENTLY shop.orders_state", None),
    ("DROP INDEX CONCURRENTLY shop.orders_state; CREATE INDEX CONCURRENTLY orders_state ON shop.orders (state, total)", None),
    ("ALTER INDEX shop.orders_placed SET (pages_per_range = 64)", None),
    ("REINDEX TABLE shop.orders", None),
    # ---- dropped
    ("DROP VIEW shop.open_orders", None),
    ("DROP MATERIALIZED VIEW shop.sums", None),
    ("DROP TABLE shop.empty", None),
    ("DROP TABLE shop.orders CASCADE", "drops with its rows the table orders"),
    ("DROP TABLE shop.parts", "drops with its rows the table parts"),
    ("DROP FUNCTION shop.twice", None),
    ("DROP TRIGGER orders_touch ON shop.orders; DROP FUNCTION shop.touch()", None),
    ("DROP POLICY own ON shop.customers", None),
    ("DROP SEQUENCE shop.unused", None),
    ("DROP SEQUENCE shop.used", "forgets how far it has counted: the sequence used"),
    ("DROP SCHEMA shop CASCADE", "forgets how far it has counted: the sequence"),
    ("DROP TYPE shop.state CASCADE", "drops with its values the column shop.orders.state"),
    # ---- settings of tables
    ("ALTER TABLE shop.orders SET (fillfactor = 70, autovacuum_enabled = off)", None),
    ("ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", None),
    ("ALTER TABLE shop.customers DISABLE ROW LEVEL SECURITY", None),
    ("ALTER TABLE shop.orders REPLICA IDENTITY FULL", None),
    ("ALTER TABLE shop.orders CLUSTER ON orders_pkey", "SKIP"),
    ("ALTER TABLE shop.empty SET UNLOGGED", None),
    ("ALTER TABLE shop.orders DISABLE TRIGGER orders_touch", None),
    ("ALTER TABLE shop.orders OWNER TO guest", None),
    ("ALTER SCHEMA shop OWNER TO guest", None),
    ("COMMENT ON TABLE shop.empty IS NULL; COMMENT ON COLUMN shop.orders.total IS 'sum'", None),
    ("COMMENT ON TABLE shop.empty IS 'other'", None),
    ("GRANT SELECT, UPDATE ON shop.orders TO guest WITH GRANT OPTION; REVOKE SELECT ON shop.empty FROM guest", None),
    ("GRANT SELECT ON ALL TABLES IN SCHEMA shop TO guest", None),
    ("GRANT SELECT (id) ON shop.orders TO guest", None),
    ("ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO guest", None),
    ("ALTER POLICY own ON shop.customers USING (true)", None),
    ("ALTER FUNCTION shop.twice(integer, integer) STABLE", None),
    ("ALTER SEQUENCE shop.used INCREMENT BY 2 MAXVALUE 1000", None),
    ("ALTER SEQUENCE shop.used RESTART", "sets how far a sequence has counted"),
    ("ALTER TYPE shop.state ADD VALUE 'lost'", "undoing it would lose values of the column shop.orders.state"),
    ("ALTER TYPE shop.state ADD VALUE IF NOT EXISTS 'new'", None),
    ("ALTER TYPE shop.state ADD VALUE 'packed' BEFORE 'sent'", "undoing it would lose values of the column shop.orders.state"),
    # ---- partitions
    ("ALTER TABLE shop.parts ATTACH PARTITION shop.loose_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')", None),
    ("ALTER TABLE shop.parts DETACH PARTITION shop.parts_2024", None),
    ("ALTER TABLE shop.parts DETACH PARTITION shop.parts_2024 CONCURRENTLY", None),
    ("CREATE INDEX parts_what ON shop.parts (what)", None),
    # ---- rows and code
    ("UPDATE shop.orders SET total = 1", "changes rows of orders"),
    ("DELETE FROM shop.orders WHERE id = 99", "deletes rows of orders"),
    ("INSERT INTO shop.empty (id) VALUES (1)", "adds rows to empty"),
    ("TRUNCATE shop.orders CASCADE", "deletes the rows of orders"),
    ("CREATE TABLE shop.x (i integer PRIMARY KEY); INSERT INTO shop.x SELECT id FROM shop.orders; UPDATE shop.x SET i = i + 10; DELETE FROM shop.x", None),
    ("DO $$ BEGIN NULL; END $$", "runs code of which the text does not tell what it does"),
    ("SELECT setval('shop.used', 100)", "calls setval()"),
    ("SELECT count(*) FROM shop.orders", None),
    ("SELECT shop.twice(1)", "calls twice()"),
    ("CREATE TABLE shop.x (i serial); INSERT INTO shop.x SELECT 5; SELECT setval('shop.x_i_seq', 10)", None),
    ("WITH gone AS (DELETE FROM shop.orders RETURNING id) SELECT * FROM gone", "deletes rows of orders"),
    ("CREATE ROLE someone", "changes more than this database's schema"),
    ("VACUUM shop.orders; ANALYZE shop.orders", None),
    ("COPY shop.empty (id) FROM STDIN;\n5\n\\.\n", "adds rows to empty"),
    ("REFRESH MATERIALIZED VIEW shop.sums", None),
    ("LOCK TABLE shop.orders; SET LOCAL lock_timeout = '1s'; ALTER TABLE shop.orders ADD COLUMN z integer", None),
]
CASES = [c for c in CASES if c[1] not in ("SKIP", "view")]
