-- Summit's six tables and five functions over Whimbrel's journal: what asked them goes on asking. To be run with psql on
-- a database that Whimbrel has migrated; a second time it changes nothing. versions_down.sql takes it away.
--
--     whimbrel init --journal-sql | psql      the journal's tables, all of them
--     psql -f sql/versions.sql
--
-- Four of the six show what the journal has anyway: the history from before they were made as well, with the times of
-- back then. Two are tables, for what the journal does not have: locks that programs take by name, and versions of other
-- databases. The schema's comment begins with whimbrel:compat, so that drift, diff and release leave it out.
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS summit;
COMMENT ON SCHEMA summit IS 'whimbrel:compat Summit''s tables and functions over the journal';

-- ---- versions ------------------------------------------------------------------------------------------------

-- By log_schema_version(): of databases that Whimbrel does not migrate here.
CREATE TABLE IF NOT EXISTS summit.logged_versions (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version varchar(20) NOT NULL CONSTRAINT valid_semver CHECK (version ~ '^[0-9]+\.[0-9]+\.[0-9]+$'),
    database_type varchar(20) NOT NULL
        CONSTRAINT valid_database_type CHECK (database_type IN ('postgresql', 'neo4j', 'timescale', 'redis')),
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied_by varchar(255) NOT NULL,
    migration_id varchar(255) NOT NULL,
    checksum varchar(64) NOT NULL,
    execution_time_ms integer,
    rollback_available boolean NOT NULL DEFAULT true,
    metadata jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS logged_versions_database_type ON summit.logged_versions (database_type, id DESC);

-- One row for each migration of a release, with that release's version; one for a release that brought none. Even ids are
-- the journal's, odd ones were logged; both only grow.
CREATE OR REPLACE VIEW summit.schema_versions AS
WITH releases AS (
    SELECT r.*, lag(r.last_rank, 1, 0::bigint) OVER (ORDER BY r.id) AS after_rank
    FROM whimbrel.schema_versions r
    WHERE r.project = 'main'
), journal AS (
    SELECT 2 * row_number() OVER (ORDER BY r.id, m.rank) AS id, r.version, coalesce(m.finished_at, r.released_at) AS applied_at,
           coalesce(m.applied_by, r.released_by) AS applied_by,
           coalesce(regexp_replace(m.file, '\.[^.]*$', ''), m.version, r.last_migration) AS migration_id,
           replace(coalesce(m.checksum, r.hash), 'sha256:', '') AS checksum, m.execution_ms, m.down_sql IS NOT NULL AS reversible,
           jsonb_strip_nulls(jsonb_build_object('release', r.version, 'impact', r.impact, 'released_at', r.released_at,
               'breaking', to_jsonb(string_to_array(r.breaking, chr(10))), 'notes', r.notes, 'state', m.state)) AS metadata
    FROM releases r
    LEFT JOIN whimbrel.schema_migrations m
        ON m.project = r.project AND m.rank > r.after_rank AND m.rank <= r.last_rank
        AND m.state IN ('applied', 'baseline', 'missing')
)
SELECT j.id::integer AS id, j.version::varchar(20) AS version, 'postgresql'::varchar(20) AS database_type, j.applied_at,
       j.applied_by::varchar(255) AS applied_by, j.migration_id::varchar(255) AS migration_id,
       j.checksum::varchar(64) AS checksum, j.execution_ms::integer AS execution_time_ms, j.reversible AS rollback_available,
       j.metadata
FROM journal j
UNION ALL
SELECT 2 * l.id - 1, l.version, l.database_type, l.applied_at, l.applied_by, l.migration_id, l.checksum, l.execution_time_ms,
       l.rollback_available, l.metadata
FROM summit.logged_versions l;

-- ---- history -------------------------------------------------------------------------------------------------

-- Every attempt and act, none of which is ever overwritten: the same file may be applied again after it was rolled back.
CREATE OR REPLACE VIEW summit.migration_history AS
SELECT h.id::integer AS id, coalesce(m.file, h.version)::varchar(255) AS migration_file,
       coalesce(regexp_replace(m.file, '\.[^.]*$', ''), h.version)::varchar(255) AS migration_id,
       replace(m.checksum, 'sha256:', '')::varchar(64) AS checksum, h.at AS executed_at,
       h.execution_ms::integer AS execution_time_ms,
       (CASE WHEN h.result <> 'ok' THEN 'failed' WHEN h.action = 'down' THEN 'rolled_back' ELSE 'completed' END)::varchar(20) AS status,
       m.down_sql AS rollback_sql,
       jsonb_strip_nulls(jsonb_build_object('action', h.action, 'result', h.result, 'error', h.error, 'reason', h.reason,
           'who', h.who, 'host', h.host, 'run', h.run)) AS metadata,
       (CASE m.state WHEN 'expanding' THEN 'expand' WHEN 'expanded' THEN 'expand' WHEN 'backfilling' THEN 'migrate'
                     WHEN 'contracting' THEN 'contract' END)::varchar(20) AS phase
FROM whimbrel.migration_history h
LEFT JOIN whimbrel.schema_migrations m ON m.project = h.project AND m.version = h.version
WHERE h.project = 'main' AND h.version IS NOT NULL AND h.action IN ('up', 'down', 'baseline');

-- ---- locks ---------------------------------------------------------------------------------------------------

-- One active lock for each migration, by an index that knows NULL from NULL: the original's constraint did not. Runs of
-- Whimbrel have a lock of their own.
CREATE TABLE IF NOT EXISTS summit.migration_locks (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    migration_id varchar(255) NOT NULL,
    locked_by varchar(255) NOT NULL,
    locked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    released_at timestamptz,
    metadata jsonb NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX IF NOT EXISTS active_lock_unique ON summit.migration_locks (migration_id) WHERE released_at IS NULL;

-- ---- snapshots, drift, dependencies ---------------------------------------------------------------------------

CREATE OR REPLACE VIEW summit.schema_snapshots AS
SELECT s.id::integer AS id, 'postgresql'::varchar(20) AS database_type, s.taken_at AS snapshot_date,
       s.hash::varchar(64) AS schema_hash, s.definition AS schema_definition, s.table_count::integer AS table_count,
       s.index_count::integer AS index_count, s.constraint_count::integer AS constraint_count,
       jsonb_strip_nulls(jsonb_build_object('migration', s.version, 'release', s.release)) AS metadata
FROM whimbrel.schema_snapshots s
WHERE s.project = 'main';

-- The last part of a path is the object itself, "in quotes" where it has to be; what is part of a table names it.
CREATE OR REPLACE VIEW summit.schema_drift_alerts AS
SELECT a.id::integer AS id, 'postgresql'::varchar(20) AS database_type, a.detected_at, a.drift_type::varchar(50) AS drift_type,
       (CASE WHEN a.kind IN ('column', 'constraint', 'index', 'trigger', 'rule', 'policy')
             THEN regexp_replace(a.object, '\.("([^"]|"")+"|[^."]+)$', '') ELSE a.object END)::varchar(255) AS table_name,
       (CASE a.kind WHEN 'column' THEN substring(a.object FROM '("([^"]|"")+"|[^."]+)$') END)::varchar(255) AS column_name,
       a.expected_value, a.actual_value, a.severity::varchar(20) AS severity, a.resolved_at, a.resolution_notes,
       jsonb_strip_nulls(jsonb_build_object('kind', a.kind, 'object', a.object, 'attribute', nullif(a.attribute, ''))) AS metadata
FROM whimbrel.schema_drift_alerts a
WHERE a.project = 'main';

CREATE OR REPLACE VIEW summit.migration_dependencies AS
SELECT row_number() OVER (ORDER BY m.rank, d.depends_on)::integer AS id, d.version::varchar(255) AS migration_id,
       d.depends_on::varchar(255) AS depends_on_migration_id, m.started_at AS created_at
FROM whimbrel.migration_dependencies d
JOIN whimbrel.schema_migrations m USING (project, version)
WHERE d.project = 'main';

-- ---- functions -------------------------------------------------------------------------------------------------

-- The latest: of two at the same moment the one that came after. A release that brought no migration counts as well.
CREATE OR REPLACE FUNCTION summit.get_current_schema_version(db_type varchar DEFAULT 'postgresql') RETURNS varchar
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((
        SELECT v.version
        FROM (
            SELECT r.version, r.released_at AS at, 2 * r.id AS id
            FROM whimbrel.schema_versions r
            WHERE r.project = 'main' AND db_type = 'postgresql'
            UNION ALL
            SELECT l.version, l.applied_at, 2 * l.id - 1
            FROM summit.logged_versions l
            WHERE l.database_type = db_type
        ) v
        ORDER BY v.at DESC, v.id DESC
        LIMIT 1), '0.0.0')::varchar
$$;

-- Is it applied now? What was applied and rolled back is not.
CREATE OR REPLACE FUNCTION summit.is_migration_applied(migration_file_name varchar) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM whimbrel.schema_migrations m
        WHERE m.project = 'main' AND m.state IN ('applied', 'baseline', 'missing')
          AND migration_file_name IN (m.file, regexp_replace(m.file, '\.[^.]*$', ''), m.version))
$$;

-- One statement decides: of two at once one gets it.
CREATE OR REPLACE FUNCTION summit.acquire_migration_lock(p_migration_id varchar, p_locked_by varchar, p_metadata jsonb DEFAULT '{}')
RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO summit.migration_locks (migration_id, locked_by, metadata) VALUES (p_migration_id, p_locked_by, p_metadata)
    ON CONFLICT (migration_id) WHERE released_at IS NULL DO NOTHING;
    RETURN FOUND;
END
$$;

CREATE OR REPLACE FUNCTION summit.release_migration_lock(p_migration_id varchar, p_locked_by varchar) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE summit.migration_locks SET released_at = clock_timestamp()
    WHERE migration_id = p_migration_id AND locked_by = p_locked_by AND released_at IS NULL;
    RETURN FOUND;
END
$$;

-- Versions of one database only go up; two that log at once come one after the other.
CREATE OR REPLACE FUNCTION summit.log_schema_version(p_version varchar, p_database_type varchar, p_migration_id varchar,
    p_checksum varchar, p_execution_time_ms integer, p_applied_by varchar, p_metadata jsonb DEFAULT '{}') RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    current varchar;
    logged integer;
BEGIN
    LOCK TABLE summit.logged_versions IN SHARE ROW EXCLUSIVE MODE;
    current := summit.get_current_schema_version(p_database_type);
    IF p_version ~ '^[0-9]+\.[0-9]+\.[0-9]+$'
        AND string_to_array(p_version, '.')::bigint[] < string_to_array(current, '.')::bigint[] THEN
        RAISE EXCEPTION 'version % of % is below %, which it has', p_version, p_database_type, current
            USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO summit.logged_versions (version, database_type, migration_id, checksum, execution_time_ms, applied_by, metadata)
    VALUES (p_version, p_database_type, p_migration_id, p_checksum, p_execution_time_ms, p_applied_by, p_metadata)
    RETURNING id INTO logged;
    RETURN 2 * logged - 1;
END
$$;

-- ---- what the original checked after it was made ---------------------------------------------------------------

DO $$
DECLARE
    missing text;
    held boolean;
BEGIN
    SELECT string_agg(name, ', ') INTO missing
    FROM unnest(ARRAY['schema_versions', 'migration_history', 'migration_locks', 'schema_snapshots', 'schema_drift_alerts',
                      'migration_dependencies']) name
    WHERE to_regclass('summit.' || name) IS NULL;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'not there: %', missing;
    END IF;
    IF (SELECT count(DISTINCT p.proname) FROM pg_proc p WHERE p.pronamespace = 'summit'::regnamespace) <> 5 THEN
        RAISE EXCEPTION 'there are not five functions';
    END IF;
    held := summit.acquire_migration_lock('self-check', 'versions.sql');
    IF NOT held OR summit.acquire_migration_lock('self-check', 'somebody else')
        OR NOT summit.release_migration_lock('self-check', 'versions.sql') THEN
        RAISE EXCEPTION 'the lock does not lock';
    END IF;
    DELETE FROM summit.migration_locks WHERE migration_id = 'self-check';
END
$$;
COMMIT;
