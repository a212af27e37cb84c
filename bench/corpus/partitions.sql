-- SPDX-License-Identifier: Apache-2.0
-- Partitions and children.

-- case: made in its table, beside a default partition
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

-- case: made in its table, without a default partition
-- shape: PostgreSQL's documentation of partitioning
CREATE TABLE metrics_asia PARTITION OF metrics FOR VALUES IN ('asia');

-- case: default made
CREATE TABLE metrics_rest PARTITION OF metrics DEFAULT;

-- case: made in a table of this migration
CREATE TABLE logs (at date NOT NULL, line text) PARTITION BY RANGE (at);
CREATE TABLE logs_2024 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');

-- case: attached, empty
-- shape: squawk require-lock-timeout: attach
CREATE TABLE metrics_asia (LIKE metrics);
ALTER TABLE metrics ATTACH PARTITION metrics_asia FOR VALUES IN ('asia');

-- case: attached, with rows
-- shape: pgfence: attach partition
-- given: CREATE TABLE metrics_asia (LIKE metrics)
-- given: INSERT INTO metrics_asia SELECT 'asia', id, value, unit FROM metrics_eu
ALTER TABLE metrics ATTACH PARTITION metrics_asia FOR VALUES IN ('asia');

-- case: attached, with rows and a check
-- shape: PostgreSQL's documentation of ATTACH PARTITION
-- given: CREATE TABLE metrics_asia (LIKE metrics)
-- given: INSERT INTO metrics_asia SELECT 'asia', id, value, unit FROM metrics_eu
-- given: ALTER TABLE metrics_asia ADD CHECK (region = 'asia')
ALTER TABLE metrics ATTACH PARTITION metrics_asia FOR VALUES IN ('asia');

-- case: attached, with rows and a check that is not valid
-- given: CREATE TABLE metrics_asia (LIKE metrics)
-- given: INSERT INTO metrics_asia SELECT 'asia', id, value, unit FROM metrics_eu
-- given: ALTER TABLE metrics_asia ADD CHECK (region = 'asia') NOT VALID
ALTER TABLE metrics ATTACH PARTITION metrics_asia FOR VALUES IN ('asia');

-- case: attached, with rows and a check of a range
-- given: CREATE TABLE events_2026 (LIKE events)
-- given: INSERT INTO events_2026 SELECT '2026-03-01', id, kind, body FROM events_2024
-- given: CREATE INDEX events_2026_kind ON events_2026 (kind)
-- given: ALTER TABLE events DETACH PARTITION events_rest
-- given: ALTER TABLE events_2026 ADD CHECK (at >= '2026-01-01' AND at < '2027-01-01')
ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

-- case: attached, and its index is missing
-- given: CREATE TABLE events_2026 (LIKE events)
-- given: INSERT INTO events_2026 SELECT '2026-03-01', id, kind, body FROM events_2024
-- given: ALTER TABLE events DETACH PARTITION events_rest
-- given: ALTER TABLE events_2026 ADD CHECK (at >= '2026-01-01' AND at < '2027-01-01')
ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

-- case: attached, beside a default partition
-- given: CREATE TABLE events_2026 (LIKE events)
-- given: INSERT INTO events_2026 SELECT '2026-03-01', id, kind, body FROM events_2024
-- given: CREATE INDEX events_2026_kind ON events_2026 (kind)
-- given: ALTER TABLE events_2026 ADD CHECK (at >= '2026-01-01' AND at < '2027-01-01')
ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

-- case: attached as the default
-- given: CREATE TABLE metrics_rest (LIKE metrics)
-- given: INSERT INTO metrics_rest SELECT 'asia', id, value, unit FROM metrics_eu
ALTER TABLE metrics ATTACH PARTITION metrics_rest DEFAULT;

-- case: detached
-- shape: squawk require-concurrent-partition-detach
ALTER TABLE metrics DETACH PARTITION metrics_us;

-- case: detached, beside a default partition
ALTER TABLE events DETACH PARTITION events_2024;

-- case: default detached
ALTER TABLE events DETACH PARTITION events_rest;

-- case: detached concurrently
-- shape: squawk require-concurrent-partition-detach, as it wants it
-- hold: LOCK TABLE ONLY metrics IN ACCESS SHARE MODE
-- hold: LOCK TABLE metrics_us IN ACCESS SHARE MODE
ALTER TABLE metrics DETACH PARTITION metrics_us CONCURRENTLY;

-- case: dropped
DROP TABLE metrics_us;

-- case: dropped, beside a default partition
DROP TABLE events_2024;

-- case: default dropped
DROP TABLE events_rest;

-- case: detached, then dropped
ALTER TABLE metrics DETACH PARTITION metrics_us;
DROP TABLE metrics_us;

-- case: all dropped
DROP TABLE metrics;

-- case: truncated and filled anew
TRUNCATE metrics_eu;
INSERT INTO metrics_eu SELECT 'eu', g, g, 'x' FROM generate_series(1, 2000) g;

-- case: child made
CREATE TABLE audit_new (tape text) INHERITS (audit);

-- case: child taken in
-- given: CREATE TABLE audit_new (LIKE audit)
ALTER TABLE audit_new INHERIT audit;

-- case: child let go
ALTER TABLE audit_old NO INHERIT audit;

-- case: child dropped
DROP TABLE audit_old;

-- case: row counted in the parent
SELECT count(*) FROM audit;

-- case: partition renamed
ALTER TABLE metrics_us RENAME TO metrics_usa;

-- case: partitioned table renamed
ALTER TABLE metrics RENAME TO measures;

-- case: fill factor of a partition
ALTER TABLE events_2024 SET (fillfactor = 80);

-- case: autovacuum of a partition
ALTER TABLE events_2024 SET (autovacuum_enabled = false);

-- case: analyzed
ANALYZE events;

-- case: index of one partition, concurrently, and attached
-- given: CREATE INDEX metrics_id ON ONLY metrics (id)
-- given: CREATE INDEX metrics_eu_id ON metrics_eu (id)
-- given: CREATE INDEX metrics_us_id ON metrics_us (id)
ALTER INDEX metrics_id ATTACH PARTITION metrics_eu_id;
ALTER INDEX metrics_id ATTACH PARTITION metrics_us_id;

-- case: trigger on a partitioned table
CREATE TRIGGER events_touch BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION touch();
