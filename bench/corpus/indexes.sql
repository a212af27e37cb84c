-- SPDX-License-Identifier: Apache-2.0
-- Indexes: made, dropped, built anew, changed.

-- case: on a table in use
-- shape: squawk require-concurrent-index-creation
CREATE INDEX orders_total ON orders (total);

-- case: unique
-- shape: strong_migrations: adding an index non-concurrently
CREATE UNIQUE INDEX orders_id_code ON orders (id, code);

-- case: if not exists
-- shape: squawk prefer-robust-stmts
CREATE INDEX IF NOT EXISTS orders_note ON orders (note);

-- case: if not exists, and it does
CREATE INDEX IF NOT EXISTS orders_code ON orders (code);

-- case: partial
CREATE INDEX orders_unpaid ON orders (id) WHERE status = 'new';

-- case: on an expression
CREATE INDEX customers_slug ON customers (slug(name));

-- case: covering
CREATE INDEX orders_cover ON orders (customer_id) INCLUDE (total);

-- case: gin
-- shape: strong_migrations: index types
CREATE INDEX orders_meta ON orders USING gin (meta);

-- case: brin
CREATE INDEX orders_placed_brin ON orders USING brin (placed_at);

-- case: hash
CREATE INDEX orders_note_hash ON orders USING hash (note);

-- case: descending, nulls last
CREATE INDEX orders_latest ON orders (placed_at DESC NULLS LAST);

-- case: with a fill factor
CREATE INDEX orders_fill ON orders (total) WITH (fillfactor = 70);

-- case: four columns
-- shape: strong_migrations: index columns
CREATE INDEX orders_wide ON orders (customer_id, status, total, placed_at);

-- case: on a partitioned table
-- shape: eugene E6
CREATE INDEX events_id ON events (id);

-- case: on a partitioned table alone
CREATE INDEX events_id ON ONLY events (id);

-- case: on one partition
CREATE INDEX events_2024_id ON events_2024 (id);

-- case: on a parent of children
CREATE INDEX audit_id ON audit (id);

-- case: on a materialized view
CREATE INDEX sales_total ON sales (total);

-- case: on an unlogged table
CREATE INDEX visits_customer ON visits (customer_id);

-- case: on a table of this migration
-- shape: squawk issue 349
CREATE TABLE coupons (id bigint PRIMARY KEY, code text);
CREATE INDEX coupons_code ON coupons (code);

-- case: on a table of this migration, with a row
CREATE TABLE coupons (id bigint PRIMARY KEY, code text);
INSERT INTO coupons VALUES (1, 'welcome');
CREATE UNIQUE INDEX coupons_code ON coupons (code);

-- case: two on one table
CREATE INDEX orders_a ON orders (total);
CREATE INDEX orders_b ON orders (note);

-- case: concurrently
-- shape: squawk require-concurrent-index-creation, as it wants it
-- hold: LOCK TABLE orders IN ROW EXCLUSIVE MODE
CREATE INDEX CONCURRENTLY orders_total ON orders (total);

-- case: unique, concurrently
-- hold: LOCK TABLE orders IN ROW EXCLUSIVE MODE
CREATE UNIQUE INDEX CONCURRENTLY orders_id_code ON orders (id, code);

-- case: concurrently, if not exists
-- shape: squawk issue 1230
-- hold: LOCK TABLE orders IN ROW EXCLUSIVE MODE
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_total ON orders (total);

-- case: concurrently, on an expression, partial
-- hold: LOCK TABLE customers IN ROW EXCLUSIVE MODE
CREATE INDEX CONCURRENTLY customers_mail ON customers (lower(email)) WHERE country = 'DE';

-- case: concurrently, on one partition
-- hold: LOCK TABLE events_2024 IN ROW EXCLUSIVE MODE
CREATE INDEX CONCURRENTLY events_2024_id ON events_2024 (id);

-- case: concurrently, on a materialized view
-- hold: SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM sales LIMIT 1
CREATE INDEX CONCURRENTLY sales_total ON sales (total);

-- case: dropped
-- shape: squawk require-concurrent-index-deletion
DROP INDEX orders_code;

-- case: dropped, if it exists
DROP INDEX IF EXISTS orders_code;

-- case: dropped, and there is none
DROP INDEX IF EXISTS orders_nothing;

-- case: two dropped
DROP INDEX orders_code, customers_phone;

-- case: dropped from a partitioned table
DROP INDEX events_kind;

-- case: dropped from a materialized view
DROP INDEX sales_id;

-- case: dropped concurrently
-- shape: strong_migrations: removing an index non-concurrently
-- hold: LOCK TABLE orders IN ACCESS SHARE MODE
DROP INDEX CONCURRENTLY orders_code;

-- case: dropped concurrently, if it exists
-- hold: LOCK TABLE customers IN ACCESS SHARE MODE
DROP INDEX CONCURRENTLY IF EXISTS customers_phone;

-- case: made and dropped again
CREATE TABLE coupons (id bigint PRIMARY KEY, code text);
CREATE INDEX coupons_code ON coupons (code);
DROP INDEX coupons_code;

-- case: index built anew
-- shape: squawk require-concurrent-reindex
REINDEX INDEX orders_code;

-- case: table's indexes built anew
REINDEX TABLE orders;

-- case: index built anew, concurrently
-- hold: LOCK TABLE orders IN ROW EXCLUSIVE MODE
REINDEX INDEX CONCURRENTLY orders_code;

-- case: table's indexes built anew, concurrently
-- hold: LOCK TABLE orders IN ROW EXCLUSIVE MODE
REINDEX TABLE CONCURRENTLY orders;

-- case: one of a materialized view built anew
REINDEX INDEX sales_id;

-- case: renamed
-- shape: squawk renaming-table, which an index is not
ALTER INDEX orders_code RENAME TO orders_by_code;

-- case: renamed by ALTER TABLE
ALTER TABLE orders_code RENAME TO orders_by_code;

-- case: fill factor
ALTER INDEX orders_code SET (fillfactor = 80);

-- case: fastupdate of gin
-- given: CREATE INDEX orders_meta ON orders USING gin (meta)
ALTER INDEX orders_meta SET (fastupdate = off);

-- case: moved to another tablespace
ALTER INDEX orders_code SET TABLESPACE other_space;

-- case: statistics of an expression
ALTER INDEX customers_name ALTER COLUMN 1 SET STATISTICS 500;

-- case: of a partition, attached
-- given: CREATE INDEX events_id ON ONLY events (id)
-- given: CREATE INDEX events_2024_id ON events_2024 (id)
ALTER INDEX events_id ATTACH PARTITION events_2024_id;

-- case: of a partition, made and attached
-- given: CREATE INDEX events_id ON ONLY events (id)
CREATE INDEX events_2025_id ON events_2025 (id);
ALTER INDEX events_id ATTACH PARTITION events_2025_id;

-- case: clustered on
ALTER TABLE orders CLUSTER ON orders_code;

-- case: comment
COMMENT ON INDEX orders_code IS 'for the till';
