-- SPDX-License-Identifier: Apache-2.0
-- case: drop-table fires
DROP TABLE IF EXISTS app.old, app.older;
-- case: drop-table quiet
CREATE TABLE scratch (a int);
DROP TABLE scratch;
-- case: drop-table quiet
CREATE TABLE new (a int);
INSERT INTO new (a) SELECT a FROM old;
DROP TABLE old;
-- case: drop-table quiet
-- migrate:up
CREATE TABLE a (x int);
-- migrate:down
DROP TABLE a;
-- case: drop-table quiet
DROP VIEW v;
DROP FUNCTION f(int);
-- case: drop-table fires sqlite
DROP TABLE old;
-- case: drop-table quiet sqlite
CREATE TABLE scratch (a INTEGER);
DROP TABLE scratch;
-- case: drop-column fires
ALTER TABLE users DROP COLUMN a, ADD COLUMN b int;
-- case: drop-column quiet
ALTER TABLE users ALTER COLUMN a DROP DEFAULT;
-- case: drop-column fires sqlite
ALTER TABLE users DROP COLUMN a;
-- case: drop-schema fires
DROP SCHEMA IF EXISTS audit CASCADE;
-- case: drop-schema fires
-- migrate:up transaction:false
DROP DATABASE shop;
-- case: drop-schema quiet
CREATE SCHEMA audit;
-- case: drop-cascade fires
TRUNCATE orders CASCADE;
-- case: drop-cascade fires
ALTER TABLE a DROP CONSTRAINT b CASCADE;
-- case: drop-cascade quiet
CREATE TABLE a (b_id bigint PRIMARY KEY REFERENCES b (id) ON DELETE CASCADE);
-- case: truncate fires
TRUNCATE TABLE a, b;
-- case: truncate quiet
CREATE TABLE a (x int);
TRUNCATE a;
-- case: update-without-where fires
UPDATE users SET email = lower(email);
-- case: update-without-where quiet
UPDATE users SET email = lower(email) WHERE email <> lower(email);
-- case: update-without-where quiet
CREATE TABLE a (x int);
UPDATE a SET x = 1;
-- case: update-without-where fires sqlite
UPDATE users SET email = lower(email);
-- case: delete-without-where fires
DELETE FROM users;
-- case: delete-without-where quiet
DELETE FROM users WHERE false;
-- case: delete-without-where quiet
-- migrate:up
INSERT INTO roles (name) VALUES ('a');
-- migrate:down
DELETE FROM roles;
-- case: drop-with-copy fires
INSERT INTO names (id, name) SELECT id, name FROM users;
ALTER TABLE users DROP COLUMN name;
-- case: drop-with-copy quiet
UPDATE users SET a = 1 WHERE a IS NULL;
ALTER TABLE users DROP COLUMN zzz;
-- case: copy-server-file fires
COPY users TO '/tmp/users.csv' CSV HEADER;
-- case: copy-server-file quiet
COPY users (id) FROM STDIN;
1
\.
