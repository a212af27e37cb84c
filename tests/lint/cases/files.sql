-- SPDX-License-Identifier: Apache-2.0
-- case: syntax fires
CREATE TABLE t (a text DEFAULT 'open);
-- case: syntax fires
-- migrate:up variables:on
CREATE TABLE ${nowhere} (a text);
-- case: syntax quiet
CREATE TABLE t (a text DEFAULT '${x}');
-- case: name fires
-- file: V001__a.sql
SELECT 1;
-- file: V2_b.sql
SELECT 1;
-- case: name quiet
-- file: V001__a.sql
SELECT 1;
-- file: V2__b.sql
SELECT 1;
-- case: duplicate fires
-- file: V001__a.sql
SELECT 1;
-- file: V1__b.sql
SELECT 1;
-- case: duplicate quiet
-- file: V001__a.sql
SELECT 1;
-- file: V002__a.sql
SELECT 1;
-- case: gap fires
-- file: V001__a.sql
SELECT 1;
-- file: V003__b.sql
SELECT 1;
-- case: gap quiet
-- file: V001__a.sql
SELECT 1;
-- file: V002__b.sql
SELECT 1;
-- case: parent fires
-- migrate:up depends:007
SELECT 1;
-- case: parent quiet
-- file: V001__a.sql
SELECT 1;
-- file: V002__b.sql
-- migrate:up depends:001
SELECT 1;
-- case: section fires
-- migrate:upp
SELECT 1;
-- case: section quiet
-- migrate:up
SELECT 1;
-- case: header fires
-- Migration: x
-- ID: 1
-- Auhtor: kim
SELECT 1;
-- case: header quiet
-- Migration: x
-- ID: 1
-- Author: kim
SELECT 1;
-- case: empty fires
-- nothing here
-- case: empty quiet
SELECT 1;
-- case: order fires
-- file: V001__a.sql
-- migrate:up depends:002
SELECT 1;
-- file: V002__b.sql
SELECT 1;
-- case: order quiet
-- file: V001__a.sql
SELECT 1;
-- file: V002__b.sql
-- migrate:up depends:001
SELECT 1;
-- case: sum fires
-- file: V001__a.sql
SELECT 1;
-- file: migrations.sum
sha256:0000000000000000000000000000000000000000000000000000000000000000
-- case: sum quiet
SELECT 1;
-- case: missing-down fires
-- file: 0001_a.up.sql
CREATE TABLE t (a int);
-- case: missing-down quiet
-- file: 0001_a.up.sql
CREATE TABLE t (a int);
-- file: 0001_a.down.sql
DROP TABLE t;
-- case: missing-down quiet
-- migrate:up
SELECT 1;
-- case: missing-down fires
INSERT INTO t VALUES (1);
-- case: missing-down fires sqlite
DROP TABLE t;
-- case: missing-down quiet
-- file: R__view.sql
CREATE OR REPLACE VIEW v AS SELECT 1;
-- case: missing-header fires
-- Migration: x
-- ID: 1
SELECT 1;
-- case: missing-header quiet
-- Migration: x
-- ID: 1
-- Author: kim
SELECT 1;
-- case: hard-coded-date fires
UPDATE users SET a = 1 WHERE created > '2024-02-29 12:00';
-- case: hard-coded-date quiet
CREATE TABLE logs_2026 (LIKE logs);
ALTER TABLE logs ATTACH PARTITION logs_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- case: hard-coded-date quiet
UPDATE users SET a = 1 WHERE phone = '2024-02';
-- case: environment-literal fires
UPDATE hooks SET url = 'https://queue.internal:8443/x' WHERE id = 1;
-- case: environment-literal fires
INSERT INTO hosts (a) VALUES ('localhost:80'), ('10.0.0.1:5432');
-- case: environment-literal quiet
INSERT INTO x (a) VALUES ('12:30:59'), ('user:1234'), ('{"a":1234}'), ('urn:uuid:1234'), ('https://example.com/'), ('v1.2');
-- case: environment-literal quiet
COMMENT ON TABLE t IS 'see http://wiki.example.com:8080/t';
-- case: drop-if-exists fires
ALTER TABLE t DROP COLUMN a;
-- case: drop-if-exists quiet
DROP TABLE IF EXISTS t;
-- case: create-if-not-exists fires
CREATE SEQUENCE s;
-- case: create-if-not-exists quiet
CREATE OR REPLACE VIEW v AS SELECT 1;
CREATE INDEX IF NOT EXISTS i ON t (a);
CREATE TYPE e AS ENUM ('a');
-- case: guard-changes fires
-- migrate:require
UPDATE t SET a = 1;
-- migrate:up
SELECT 1;
-- case: guard-changes quiet
-- migrate:require
SELECT count(*) > 0 FROM t;
-- migrate:up
UPDATE t SET a = 1 WHERE a IS NULL;
-- case: ignore-reason fires
CREATE TABLE t (a timestamp); -- whimbrel:ignore timestamp-type
-- case: ignore-reason quiet
CREATE TABLE t (a timestamp); -- whimbrel:ignore timestamp-type it is local time
-- case: ignore-unknown fires
CREATE TABLE t (a timestamp); -- whimbrel:ignore timestamp-type,nothing it is local time
-- case: ignore-unknown quiet
SELECT '-- whimbrel:ignore nothing at all';
-- case: ignore-unused fires
-- whimbrel:ignore timestamp-type it is local time

CREATE TABLE t (a timestamptz);
-- case: ignore-unused fires
CREATE TABLE t (a timestamptz);
-- whimbrel:ignore timestamp-type the statement is another
CREATE TABLE u (a timestamptz);
CREATE TABLE v (a timestamp);
-- case: ignore-unused quiet
CREATE TABLE t (
    a timestamp, -- whimbrel:ignore timestamp-type it is local time
    b int
);
-- case: ignore-unused quiet
SELECT '
-- whimbrel:ignore drop-table no comment
';
-- case: timestamp-type quiet
-- whimbrel:ignore timestamp-type,char-type local times, all of them

CREATE TABLE t (a timestamp);
CREATE TABLE u (a timestamp, c char(2));
-- case: timestamp-type fires
-- whimbrel:ignore timestamp-type for the next one alone
CREATE TABLE t (a timestamp);
CREATE TABLE u (a timestamp);
-- case: timestamp-type quiet
CREATE TABLE t (a int);
-- whimbrel:ignore char-type iso codes
-- whimbrel:ignore timestamp-type local
-- and another comment
CREATE TABLE u (a timestamp, c char(2));
-- case: timestamp-type quiet
-- whimbrel:ignore timestamp-type local times, all of them
-- migrate:up
CREATE TABLE t (a timestamp);
CREATE TABLE u (a timestamp);
