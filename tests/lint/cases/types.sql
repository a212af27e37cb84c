-- SPDX-License-Identifier: Apache-2.0
-- case: key-type fires
CREATE TABLE t (id smallint PRIMARY KEY);
-- case: key-type fires
CREATE TABLE t (id serial PRIMARY KEY);
-- case: key-type quiet
CREATE TABLE t (id uuid PRIMARY KEY, n integer, m int4);
-- case: serial-type fires
CREATE TABLE t (id serial8 PRIMARY KEY);
-- case: serial-type quiet
CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY);
-- case: char-type fires
CREATE TABLE t (a character(3));
-- case: char-type quiet
CREATE TABLE t (a text, b "char", c varchar);
-- case: varchar-limit fires
CREATE TABLE t (a character varying(3));
-- case: varchar-limit quiet
CREATE TABLE t (a varchar, b text);
-- case: timestamp-type fires
CREATE TABLE t (a timestamp(3) without time zone);
-- case: timestamp-type quiet
CREATE TABLE t (a timestamp with time zone, b timestamptz(3));
-- case: money-type fires
ALTER TABLE t ADD COLUMN a money;
-- case: money-type quiet
ALTER TABLE t ADD COLUMN money numeric;
-- case: inexact-money fires
CREATE TABLE t (unit_price double precision);
-- case: inexact-money quiet
CREATE TABLE t (unit_price numeric, ratio real, amounted float8);
-- case: inexact-money fires sqlite
CREATE TABLE t (total_cost REAL);
-- case: inexact-money quiet sqlite
CREATE TABLE t (total_cost INTEGER, score REAL);
-- case: enum-type fires
CREATE TYPE app.color AS ENUM ();
-- case: enum-type quiet
CREATE TYPE app.pair AS (a int, b int);
-- case: enum-value-place fires
ALTER TYPE color ADD VALUE IF NOT EXISTS 'red';
-- case: enum-value-place quiet
ALTER TYPE color ADD VALUE 'red' BEFORE 'blue';
-- case: identifier-too-long fires
ALTER TABLE t ADD COLUMN this_is_a_column_whose_name_has_more_than_the_sixty_three_bytes_allowed int;
-- case: identifier-too-long quiet
SELECT 'this_is_a_text_and_no_name_with_more_than_the_sixty_three_bytes_allowed';
-- case: quoted-name fires
ALTER TABLE t ADD COLUMN "createdAt" timestamptz;
-- case: quoted-name quiet
CREATE TABLE Users (Id bigint PRIMARY KEY, "name" text);
-- case: unqualified-name fires
CREATE VIEW v AS SELECT 1;
-- case: unqualified-name quiet
CREATE TABLE app.t (a int);
CREATE INDEX t_a ON app.t (a);
CREATE TEMP TABLE w (a int);
-- case: wide-index fires
CREATE INDEX CONCURRENTLY i ON t (a, b, c, d, e);
-- case: wide-index quiet
CREATE UNIQUE INDEX CONCURRENTLY i ON t (a, b, c, d);
-- case: same-index fires
-- file: V001__a.sql
CREATE TABLE t (a int, b int, UNIQUE (a, b));
-- file: V002__b.sql
CREATE INDEX CONCURRENTLY t_ab ON t (a, b);
-- case: same-index quiet
CREATE TABLE t (a int PRIMARY KEY, b jsonb);
CREATE INDEX t_b ON t (b);
CREATE INDEX t_b_gin ON t USING gin (b);
CREATE INDEX t_b_some ON t (b) WHERE a > 0;
-- case: same-index quiet
CREATE TABLE t (a int, b int);
CREATE INDEX t_a ON t (a);
CREATE UNIQUE INDEX t_a_unique ON t (a);
-- case: same-index fires sqlite
CREATE TABLE t (a INTEGER, b INTEGER, UNIQUE (a, b));
CREATE INDEX t_ab ON t (a, b);
-- case: index-not-immutable fires
CREATE TABLE t (a date);
CREATE INDEX t_a ON t (a) WHERE a > CURRENT_DATE;
-- case: index-not-immutable quiet
CREATE TABLE t (a text);
CREATE INDEX t_a ON t (lower(a));
