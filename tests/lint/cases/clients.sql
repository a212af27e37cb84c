-- SPDX-License-Identifier: Apache-2.0
-- case: rename-table fires
ALTER VIEW active RENAME TO active_users;
-- case: rename-table quiet
CREATE TABLE a_new (x int);
ALTER TABLE a_new RENAME TO a_other;
-- case: rename-table quiet
ALTER INDEX a RENAME TO b;
-- case: rename-table fires sqlite
ALTER TABLE users RENAME TO accounts;
-- case: rename-column fires
ALTER TABLE users RENAME a TO b;
-- case: rename-column quiet
ALTER TABLE users RENAME CONSTRAINT a TO b;
-- case: move-schema fires
ALTER SCHEMA app RENAME TO application;
-- case: move-schema quiet
CREATE TABLE a (x int);
ALTER TABLE a SET SCHEMA app;
-- case: rename-enum-value fires
ALTER TYPE app.state RENAME VALUE 'a' TO 'b';
-- case: rename-enum-value quiet
ALTER TYPE app.state ADD VALUE 'b' AFTER 'a';
-- case: drop-not-null fires
ALTER TABLE users ALTER a DROP NOT NULL;
-- case: drop-not-null quiet
ALTER TABLE users ALTER a DROP DEFAULT;
-- case: change-default fires
ALTER TABLE users ALTER a SET DEFAULT 1;
-- case: change-default quiet
CREATE TABLE users (a int);
ALTER TABLE users ALTER a SET DEFAULT 1;
-- case: access-change fires
ALTER POLICY p ON users USING (true);
-- case: access-change fires
REVOKE ALL ON SCHEMA public FROM PUBLIC;
-- case: access-change quiet
GRANT SELECT ON users TO app;
-- case: row-security-policy fires
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON other USING (true);
-- case: row-security-policy quiet
ALTER TABLE users DISABLE ROW LEVEL SECURITY;
-- case: row-security-policy quiet
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON users USING (true);
-- case: extension-update fires
ALTER EXTENSION pg_trgm UPDATE TO '1.6';
-- case: extension-update quiet
CREATE EXTENSION pg_trgm;
-- case: replica-identity fires
ALTER TABLE users REPLICA IDENTITY FULL;
-- case: replica-identity quiet
ALTER TABLE users ADD COLUMN a int;
-- case: enum-value-in-use fires
ALTER TYPE state ADD VALUE 'gone';
INSERT INTO jobs (state) VALUES ('gone');
-- case: enum-value-in-use quiet
ALTER TYPE state ADD VALUE 'gone';
ALTER TYPE state ADD VALUE 'back' AFTER 'gone';
-- case: enum-value-in-use quiet
-- file: V001__a.sql
ALTER TYPE state ADD VALUE 'gone';
-- file: V002__b.sql
INSERT INTO jobs (state) VALUES ('gone');
-- case: breaking-not-marked fires
-- Migration: x
-- ID: 1
-- Breaking: false
ALTER TABLE users ALTER a SET NOT NULL;
-- case: breaking-not-marked quiet
-- Migration: x
-- ID: 1
-- Breaking: false
ALTER TABLE users ADD COLUMN a int;
-- case: breaking-not-marked quiet
ALTER TABLE users RENAME a TO b;
-- case: expand-only-adds fires
-- migrate:expand
ALTER TABLE users ADD COLUMN b int;
ALTER TABLE users RENAME a TO c;
-- case: expand-only-adds quiet
-- migrate:expand
ALTER TABLE users ADD COLUMN b int;
-- migrate:contract
ALTER TABLE users DROP COLUMN a;
