-- SPDX-License-Identifier: Apache-2.0
-- case: index-concurrently fires
CREATE UNIQUE INDEX users_email ON app.users (lower(email)) WHERE deleted IS NULL;
-- case: index-concurrently fires
-- file: V001__t.sql
CREATE TABLE t (a int);
-- file: V002__index.sql
CREATE INDEX t_a ON t (a);
-- case: index-concurrently quiet
CREATE TABLE users (id bigint PRIMARY KEY, email text);
CREATE INDEX users_email ON users (email);
-- case: index-concurrently quiet
CREATE TEMP TABLE work (a int);
CREATE INDEX ON work (a);
-- case: index-concurrently quiet
CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;
CREATE UNIQUE INDEX m_a ON m (a);
-- case: index-concurrently fires
-- migrate:up
ALTER TABLE t ADD COLUMN b int;
-- migrate:down
CREATE INDEX t_a ON t (a);
-- case: drop-index-concurrently fires
DROP INDEX IF EXISTS app.users_email;
-- case: drop-index-concurrently quiet
CREATE TABLE t (a int);
CREATE INDEX t_a ON t (a);
DROP INDEX t_a;
-- case: drop-index-concurrently quiet
-- migrate:up
CREATE TABLE t (a int);
-- migrate:down
DROP INDEX t_a;
-- case: reindex-concurrently fires
REINDEX INDEX users_email;
-- case: reindex-concurrently fires
REINDEX (VERBOSE) TABLE users;
-- case: reindex-concurrently quiet
-- migrate:up transaction:false
REINDEX INDEX CONCURRENTLY users_email;
-- case: refresh-concurrently fires
REFRESH MATERIALIZED VIEW app.daily;
-- case: refresh-concurrently quiet
CREATE MATERIALIZED VIEW daily AS SELECT 1 AS a WITH NO DATA;
REFRESH MATERIALIZED VIEW daily;
-- case: refresh-concurrently quiet
REFRESH MATERIALIZED VIEW daily WITH NO DATA;
-- case: refresh-unique-index fires
-- file: V001__view.sql
CREATE MATERIALIZED VIEW daily AS SELECT 1 AS day;
CREATE INDEX daily_day ON daily (day);
-- file: V002__refresh.sql
REFRESH MATERIALIZED VIEW CONCURRENTLY daily;
-- case: refresh-unique-index fires
CREATE MATERIALIZED VIEW daily AS SELECT 1 AS day;
CREATE UNIQUE INDEX daily_day ON daily (day) WHERE day > 0;
REFRESH MATERIALIZED VIEW CONCURRENTLY daily;
-- case: refresh-unique-index quiet
REFRESH MATERIALIZED VIEW CONCURRENTLY made_elsewhere;
-- case: vacuum-full fires
-- migrate:up transaction:false
CLUSTER orders USING orders_pkey;
-- case: vacuum-full fires
-- migrate:up transaction:false
VACUUM (FULL, ANALYZE) orders;
-- case: vacuum-full quiet
-- migrate:up transaction:false
VACUUM ANALYZE orders;
-- case: table-rewrite fires
ALTER TABLE orders SET UNLOGGED;
-- case: table-rewrite quiet
CREATE TABLE orders (id bigint);
ALTER TABLE orders SET UNLOGGED;
-- case: trigger-lock fires
ALTER TABLE orders DISABLE TRIGGER audit;
-- case: trigger-lock quiet
CREATE TABLE t (a int);
CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();
-- case: lock-table fires
LOCK TABLE orders;
-- case: lock-table quiet
SELECT 1 FROM orders FOR UPDATE;
-- case: work-under-lock fires
ALTER TABLE a ADD COLUMN x int;
DELETE FROM b WHERE old;
-- case: work-under-lock fires
ALTER TABLE a RENAME COLUMN x TO y;
INSERT INTO log SELECT id FROM a;
-- case: work-under-lock quiet
UPDATE a SET x = 1 WHERE x IS NULL;
ALTER TABLE a ALTER COLUMN x SET DEFAULT 1;
-- case: work-under-lock quiet
-- migrate:up transaction:false
ALTER TABLE a ADD COLUMN x int;
UPDATE a SET x = 1 WHERE id BETWEEN 1 AND 100;
-- case: work-under-lock quiet
CREATE TABLE a (x int);
ALTER TABLE a ADD COLUMN y int;
INSERT INTO a SELECT 1, 2;
-- case: work-under-lock quiet
ALTER TABLE a ADD COLUMN y int;
INSERT INTO settings (name) VALUES ('x');
-- case: work-under-lock quiet
-- migrate:expand
ALTER TABLE a ADD COLUMN x int;
-- migrate:down
UPDATE a SET x = 1 WHERE x IS NULL;
-- case: combine-alters fires
ALTER TABLE t ALTER COLUMN a SET DEFAULT 1;
ALTER TABLE t ADD COLUMN b int;
-- case: combine-alters quiet
ALTER TABLE t ADD COLUMN b int;
ALTER TABLE u ADD COLUMN b int;
-- case: combine-alters quiet
ALTER TABLE t RENAME COLUMN a TO b;
ALTER TABLE t RENAME COLUMN c TO d;
-- case: transaction-cut fires
CREATE INDEX CONCURRENTLY a ON t (a);
CREATE VIEW v AS SELECT 1;
-- case: transaction-cut quiet
CREATE INDEX CONCURRENTLY a ON t (a);
-- case: transaction-cut quiet
CREATE INDEX CONCURRENTLY a ON t (a);
-- migrate:down
DROP INDEX CONCURRENTLY a;
-- case: transaction-cut fires sqlite
CREATE TABLE t (a INTEGER);
VACUUM;
-- case: concurrently-if-not-exists fires
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a ON t (a);
-- case: concurrently-if-not-exists quiet
CREATE INDEX IF NOT EXISTS a ON t (a);
-- case: concurrently-partitioned fires
-- file: V001__t.sql
CREATE TABLE logs (at date) PARTITION BY RANGE (at);
-- file: V002__i.sql
CREATE INDEX CONCURRENTLY logs_at ON logs (at);
-- case: concurrently-partitioned quiet
-- file: V001__t.sql
CREATE TABLE logs (at date) PARTITION BY RANGE (at);
CREATE TABLE logs_1 (LIKE logs);
-- file: V002__i.sql
CREATE INDEX CONCURRENTLY logs_1_at ON logs_1 (at);
