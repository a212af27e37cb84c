-- SPDX-License-Identifier: Apache-2.0
-- Tables as a whole, and everything else there is.

-- case: table made
CREATE TABLE coupons (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text NOT NULL UNIQUE);

-- case: table made, if it is not there
CREATE TABLE IF NOT EXISTS coupons (id bigint PRIMARY KEY, code text);

-- case: table made, and it is there
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY);

-- case: table made, and it is there, then altered
-- shape: squawk prefer-robust-stmts: create table if not exists
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY);
ALTER TABLE orders ADD COLUMN gift_note text;

-- case: table made, and it is there, then indexed
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY);
CREATE INDEX orders_note ON orders (note);

-- case: table made like another
CREATE TABLE orders_new (LIKE orders INCLUDING ALL);

-- case: table made from a query
CREATE TABLE big_orders AS SELECT * FROM orders WHERE total > 100;

-- case: table made from a whole table
CREATE TABLE orders_copy AS TABLE orders;

-- case: table made from a query, without rows
CREATE TABLE orders_empty AS SELECT * FROM orders WITH NO DATA;

-- case: table made by SELECT INTO
SELECT * INTO orders_copy FROM orders;

-- case: temporary table, filled
CREATE TEMPORARY TABLE picked AS SELECT id FROM orders;

-- case: temporary table, indexed and altered
CREATE TEMPORARY TABLE picked (id int);
CREATE INDEX picked_id ON picked (id);
ALTER TABLE picked ADD COLUMN at timestamptz DEFAULT clock_timestamp();

-- case: table dropped
-- shape: squawk ban-drop-table
DROP TABLE payments;

-- case: table dropped, if it exists
DROP TABLE IF EXISTS payments;

-- case: table dropped, and there is none
DROP TABLE IF EXISTS nothing;

-- case: table dropped, with its foreign keys
DROP TABLE order_items;

-- case: table dropped, with foreign keys to it
-- shape: strong_migrations: force creating a table
DROP TABLE customers CASCADE;

-- case: two tables dropped
DROP TABLE payments, ratings;

-- case: table made and dropped
CREATE TABLE scratch (id int);
DROP TABLE scratch;

-- case: table renamed
-- shape: squawk renaming-table
ALTER TABLE orders RENAME TO purchases;

-- case: table renamed, with a view of the old name
-- shape: strong_migrations: renaming a table
ALTER TABLE payments RENAME TO receipts;
CREATE VIEW payments AS SELECT * FROM receipts;

-- case: two tables change places
ALTER TABLE payments RENAME TO payments_old;
ALTER TABLE ratings RENAME TO payments;

-- case: table moved to another schema
-- shape: strong_migrations: renaming a schema
ALTER TABLE payments SET SCHEMA elsewhere;

-- case: table moved to another tablespace
-- shape: pgfence: set tablespace
ALTER TABLE payments SET TABLESPACE other_space;

-- case: table moved to where it is
ALTER TABLE payments SET TABLESPACE pg_default;

-- case: table logged
-- shape: pgsafe: set logged
ALTER TABLE visits SET LOGGED;

-- case: table unlogged
-- shape: pgfence: set unlogged
ALTER TABLE payments SET UNLOGGED;

-- case: table unlogged, and it is
ALTER TABLE visits SET UNLOGGED;

-- case: table of another owner
ALTER TABLE payments OWNER TO someone;

-- case: fill factor
-- shape: squawk require-lock-timeout: storage parameters
ALTER TABLE orders SET (fillfactor = 80);

-- case: autovacuum
ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.01);

-- case: parameter reset
ALTER TABLE orders RESET (fillfactor);

-- case: parameter that needs everybody gone
ALTER TABLE orders SET (user_catalog_table = true);

-- case: replica identity
-- shape: pg-schema-diff: replica identity
ALTER TABLE orders REPLICA IDENTITY FULL;

-- case: row level security
-- shape: pg-schema-diff: AUTHZ_UPDATE
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;

-- case: row level security, forced
ALTER TABLE orders FORCE ROW LEVEL SECURITY;

-- case: policy
CREATE POLICY mine ON orders USING (customer_id = 1);

-- case: policy changed
-- given: CREATE POLICY mine ON orders USING (customer_id = 1)
ALTER POLICY mine ON orders USING (customer_id = 2);

-- case: policy dropped
-- given: CREATE POLICY mine ON orders USING (customer_id = 1)
DROP POLICY mine ON orders;

-- case: vacuum
-- hold: LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE
VACUUM orders;

-- case: vacuum full
-- shape: pgfence: vacuum full
-- hold: LOCK TABLE orders IN ACCESS SHARE MODE
VACUUM FULL orders;

-- case: vacuum full, as an option
-- hold: LOCK TABLE orders IN ACCESS SHARE MODE
VACUUM (FULL, ANALYZE) orders;

-- case: clustered
-- shape: pgfence: cluster
CLUSTER orders USING orders_code;

-- case: no longer clustered
ALTER TABLE orders SET WITHOUT CLUSTER;

-- case: analyzed
-- shape: strong_migrations: analyze after indexes
ANALYZE orders;

-- case: analyzed, one column
ANALYZE orders (note);

-- case: trigger
-- shape: pgfence: create trigger
CREATE TRIGGER payments_touch BEFORE UPDATE ON payments FOR EACH ROW EXECUTE FUNCTION touch();

-- case: trigger, replaced
CREATE OR REPLACE TRIGGER orders_touch AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();

-- case: trigger for each statement
CREATE TRIGGER payments_touch AFTER INSERT ON payments FOR EACH STATEMENT EXECUTE FUNCTION touch();

-- case: trigger dropped
DROP TRIGGER orders_touch ON orders;

-- case: trigger dropped, and there is none
DROP TRIGGER IF EXISTS nothing ON orders;

-- case: trigger switched off
-- shape: pgfence: disable trigger
ALTER TABLE orders DISABLE TRIGGER orders_touch;

-- case: all triggers switched off
ALTER TABLE orders DISABLE TRIGGER ALL;

-- case: trigger switched on
ALTER TABLE orders ENABLE TRIGGER orders_touch;

-- case: trigger renamed
ALTER TRIGGER orders_touch ON orders RENAME TO orders_touched;

-- case: rule
CREATE RULE payments_kept AS ON DELETE TO payments DO INSTEAD NOTHING;

-- case: rule dropped
-- given: CREATE RULE payments_kept AS ON DELETE TO payments DO INSTEAD NOTHING
DROP RULE payments_kept ON payments;

-- case: view
CREATE VIEW rich AS SELECT * FROM customers WHERE credit > 1000;

-- case: view replaced
CREATE OR REPLACE VIEW open_orders AS SELECT id, customer_id, total FROM orders WHERE status <> 'sent';

-- case: view made, where it might be replaced
CREATE OR REPLACE VIEW rich AS SELECT * FROM customers WHERE credit > 1000;

-- case: view dropped
DROP VIEW open_orders;

-- case: view dropped, and there is none
DROP VIEW IF EXISTS nothing;

-- case: view renamed
ALTER VIEW open_orders RENAME TO orders_open_now;

-- case: materialized view
CREATE MATERIALIZED VIEW riches AS SELECT id, credit FROM customers;

-- case: materialized view, without rows
CREATE MATERIALIZED VIEW riches AS SELECT id, credit FROM customers WITH NO DATA;

-- case: materialized view refreshed
-- shape: pgfence: refresh materialized view
REFRESH MATERIALIZED VIEW catalogue;

-- case: materialized view refreshed concurrently
-- shape: pgsafe: refresh materialized view
REFRESH MATERIALIZED VIEW CONCURRENTLY sales;

-- case: materialized view dropped
DROP MATERIALIZED VIEW catalogue;

-- case: materialized view of this migration, refreshed
CREATE MATERIALIZED VIEW riches AS SELECT id, credit FROM customers WITH NO DATA;
REFRESH MATERIALIZED VIEW riches;

-- case: function
CREATE FUNCTION add_tax(n numeric) RETURNS numeric LANGUAGE sql AS 'SELECT n * 1.19';

-- case: function with statements within
CREATE FUNCTION purge() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM orders;
  LOCK TABLE customers;
END
$$;

-- case: function replaced
CREATE OR REPLACE FUNCTION slug(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(t)';

-- case: function dropped
DROP FUNCTION ticket();

-- case: procedure
CREATE PROCEDURE tidy() LANGUAGE sql AS 'DELETE FROM visits';

-- case: sequence
CREATE SEQUENCE delivery_no;

-- case: sequence changed
ALTER SEQUENCE invoice_no INCREMENT BY 10;

-- case: sequence owned
ALTER SEQUENCE invoice_no OWNED BY orders.id;

-- case: sequence dropped
DROP SEQUENCE invoice_no;

-- case: schema
CREATE SCHEMA reports;

-- case: schema dropped, empty
DROP SCHEMA elsewhere;

-- case: extension
-- shape: safe-migrate: extensions
CREATE EXTENSION IF NOT EXISTS citext;

-- case: statistics
CREATE STATISTICS orders_together ON customer_id, status FROM orders;

-- case: publication
CREATE PUBLICATION everything FOR TABLE orders;

-- case: publication extended
-- shape: pgfence: publications
ALTER PUBLICATION shop ADD TABLE orders;

-- case: publication of all tables
CREATE PUBLICATION everything FOR ALL TABLES;

-- case: publication dropped
DROP PUBLICATION shop;

-- case: grant
-- shape: safe-migrate: grants
GRANT SELECT ON orders TO someone;

-- case: revoke
REVOKE ALL ON orders FROM someone;

-- case: grant on all tables
GRANT SELECT ON ALL TABLES IN SCHEMA public TO someone;

-- case: default privileges
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO someone;

-- case: role
CREATE ROLE auditor;

-- case: comment
COMMENT ON TABLE orders IS 'what was ordered';

-- case: comment on a function
COMMENT ON FUNCTION slug(text) IS 'for addresses';

-- case: setting
SET LOCAL lock_timeout = '2s';

-- case: setting, and a column
-- shape: squawk require-lock-timeout, as it wants it
SET LOCAL lock_timeout = '2s';
ALTER TABLE orders ADD COLUMN gift_note text;

-- case: notice
NOTIFY deployed;
