-- SPDX-License-Identifier: Apache-2.0
-- case: lock-timeout-missing fires
ALTER TABLE t ADD COLUMN a int;
ALTER TABLE t ADD COLUMN b int;
-- case: lock-timeout-missing quiet
-- migrate:up lock_timeout:2s
ALTER TABLE t ADD COLUMN a int;
-- case: lock-timeout-missing quiet
CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN b int;
-- case: lock-timeout-long fires
SET LOCAL lock_timeout TO '30s';
DROP VIEW v;
ALTER TABLE t ADD COLUMN a int;
-- case: lock-timeout-long fires
SET lock_timeout = '1min';
ALTER TABLE t ADD COLUMN a int;
-- case: lock-timeout-long quiet
-- migrate:up transaction:false
SET lock_timeout = 0;
CREATE INDEX CONCURRENTLY i ON t (a);
-- case: lock-timeout-long quiet
SET lock_timeout = 5000;
ALTER TABLE t ADD COLUMN a int;
-- case: lock-timeout-late fires
DROP INDEX i;
SET lock_timeout = '1s';
ALTER TABLE t ADD COLUMN a int;
-- case: lock-timeout-late quiet
CREATE TABLE u (a int);
SET lock_timeout = '1s';
ALTER TABLE t ADD COLUMN a int;
-- case: concurrently-lock-timeout fires
-- migrate:up transaction:false lock_timeout:5s
CREATE INDEX CONCURRENTLY i ON t (a);
-- case: concurrently-lock-timeout quiet
-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY i ON t (a);
-- case: statement-timeout-short fires
SET statement_timeout = 5000;
UPDATE t SET a = 1 WHERE a IS NULL;
-- case: statement-timeout-short quiet
SET statement_timeout = '5min';
UPDATE t SET a = 1 WHERE a IS NULL;
-- case: statement-timeout-missing fires
ALTER TABLE t VALIDATE CONSTRAINT c;
-- case: statement-timeout-missing quiet
SET statement_timeout = '1h';
ALTER TABLE t VALIDATE CONSTRAINT c;
-- case: transaction-control fires
CREATE TABLE t (a int);
COMMIT;
-- case: transaction-control fires sqlite
BEGIN IMMEDIATE;
CREATE TABLE t (a INTEGER);
-- case: transaction-control quiet
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
-- case: transaction-control quiet sqlite
CREATE TABLE t (a INTEGER);
CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;
-- case: forbidden-statement fires
SET TRANSACTION READ ONLY;
-- case: forbidden-statement quiet
SET search_path = app, public;
-- case: constraints-off fires
ALTER TABLE t DISABLE TRIGGER ALL;
-- case: constraints-off quiet
SET session_replication_role = origin;
-- case: dynamic-sql fires
CALL rebuild();
-- case: dynamic-sql quiet
CREATE PROCEDURE rebuild() LANGUAGE sql AS 'SELECT 1';
-- case: unknown-statement fires
FROBNICATE the users;
-- case: unknown-statement quiet
COMMENT ON TABLE t IS 'x';
