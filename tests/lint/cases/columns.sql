-- SPDX-License-Identifier: Apache-2.0
-- case: add-column-not-null fires
ALTER TABLE t ADD a int NOT NULL DEFAULT NULL;
-- case: add-column-not-null quiet
ALTER TABLE t ADD COLUMN a boolean NOT NULL DEFAULT FALSE;
-- case: add-column-not-null quiet
CREATE TABLE t (b int);
ALTER TABLE t ADD COLUMN a int NOT NULL;
-- case: add-column-not-null quiet
ALTER TABLE t ADD COLUMN a bigint GENERATED ALWAYS AS IDENTITY;
-- case: add-column-volatile-default fires
ALTER TABLE t ADD COLUMN a timestamptz DEFAULT clock_timestamp();
-- case: add-column-volatile-default fires
ALTER TABLE t ADD COLUMN a float DEFAULT random() * 10;
-- case: add-column-volatile-default fires
ALTER TABLE t ADD COLUMN a text DEFAULT app.my_function(1);
-- case: add-column-volatile-default fires
ALTER TABLE t ADD COLUMN a uuid DEFAULT uuid_generate_v4() NOT NULL;
-- case: add-column-volatile-default quiet
ALTER TABLE t ADD COLUMN a timestamptz NOT NULL DEFAULT now();
-- case: add-column-volatile-default quiet
ALTER TABLE t ADD COLUMN a timestamptz DEFAULT CURRENT_TIMESTAMP, ADD COLUMN b date DEFAULT CURRENT_DATE;
-- case: add-column-volatile-default quiet
ALTER TABLE t ADD COLUMN a bool DEFAULT FALSE, ADD COLUMN b bool DEFAULT true, ADD COLUMN c text[] DEFAULT ARRAY[]::text[];
-- case: add-column-volatile-default quiet
ALTER TABLE t ADD COLUMN a jsonb DEFAULT '{}'::jsonb, ADD COLUMN b int DEFAULT 1 + 2, ADD COLUMN c text DEFAULT lower('X');
-- case: add-column-volatile-default quiet
ALTER TABLE t ADD COLUMN a date DEFAULT (now() AT TIME ZONE 'utc')::date, ADD COLUMN b jsonb DEFAULT jsonb_build_object('a', 1);
-- case: add-column-volatile-default quiet
CREATE TABLE t (a uuid DEFAULT gen_random_uuid());
-- case: add-column-volatile-default quiet
ALTER TABLE t ALTER COLUMN a SET DEFAULT gen_random_uuid();
-- case: add-column-serial fires
ALTER TABLE t ADD COLUMN id bigserial;
-- case: add-column-serial quiet
CREATE TABLE t (id bigserial);
-- case: add-column-stored fires
ALTER TABLE t ADD COLUMN a int GENERATED ALWAYS AS (b + 1) STORED;
-- case: add-column-stored quiet
CREATE TABLE t (b int, a int GENERATED ALWAYS AS (b + 1) STORED);
-- case: json-type fires
CREATE TABLE t (a json);
-- case: json-type quiet
CREATE TABLE t (a jsonb, b text);
-- case: column-type fires
-- file: V001__a.sql
CREATE TABLE t (a varchar(20));
-- file: V002__b.sql
ALTER TABLE t ALTER a TYPE varchar(10);
-- case: column-type fires
-- file: V001__a.sql
CREATE TABLE t (a integer);
-- file: V002__b.sql
ALTER TABLE t ALTER a TYPE text;
-- case: column-type fires
ALTER TABLE t ALTER a TYPE numeric(12, 4);
-- case: column-type fires
ALTER TABLE t ALTER a TYPE date USING a::date;
-- case: column-type quiet
-- file: V001__a.sql
CREATE TABLE t (a varchar(20), b numeric(10,2), c character varying(5), d varchar);
-- file: V002__b.sql
ALTER TABLE t ALTER a TYPE text, ALTER b TYPE numeric(14, 2), ALTER c TYPE varchar(50), ALTER d TYPE text;
-- case: column-type quiet
CREATE TABLE t (a int);
ALTER TABLE t ALTER a TYPE bigint;
-- case: column-type-check fires
-- file: V001__a.sql
CREATE TABLE t (a varchar(20), CONSTRAINT c CHECK (length(a) > 2));
-- file: V002__b.sql
ALTER TABLE t ALTER a TYPE text;
-- case: column-type-check quiet
-- file: V001__a.sql
CREATE TABLE t (a varchar(20), aa int, CONSTRAINT c CHECK (aa > 2));
-- file: V002__b.sql
ALTER TABLE t ALTER a TYPE text;
-- case: detach-concurrently fires
ALTER TABLE app.logs DETACH PARTITION app.logs_1;
-- case: detach-concurrently quiet
CREATE TABLE logs (at date) PARTITION BY RANGE (at);
CREATE TABLE logs_1 PARTITION OF logs DEFAULT;
ALTER TABLE logs DETACH PARTITION logs_1;
-- case: attach-partition-check fires
ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES IN (1);
-- case: attach-partition-check quiet
-- file: V001__a.sql
ALTER TABLE logs_1 ADD CONSTRAINT b CHECK (k = 1) NOT VALID;
-- file: V002__b.sql
ALTER TABLE logs_1 VALIDATE CONSTRAINT b;
-- file: V003__c.sql
ALTER TABLE logs ATTACH PARTITION logs_1 FOR VALUES IN (1);
-- case: partition-locks-parent fires
CREATE TABLE IF NOT EXISTS logs_1 PARTITION OF logs FOR VALUES IN (1);
-- case: partition-locks-parent fires
-- file: V001__a.sql
CREATE TABLE logs (k int) PARTITION BY LIST (k);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES IN (1);
-- file: V002__b.sql
DROP TABLE logs_1;
-- case: partition-locks-parent quiet
CREATE TABLE logs (k int) PARTITION BY LIST (k);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES IN (1);
-- case: partition-locks-parent quiet
-- file: V001__a.sql
CREATE TABLE logs (k int) PARTITION BY LIST (k);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES IN (1);
-- file: V002__b.sql
ALTER TABLE logs DETACH PARTITION logs_1 CONCURRENTLY;
-- file: V003__c.sql
DROP TABLE logs_1;
