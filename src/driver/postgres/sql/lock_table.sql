-- The lease table, alone: a first run behind a pooler needs a lock before there is a journal. IF NOT EXISTS does
-- not see what another run is about to commit: first runs with and without the pooler may both create it.
DO $whimbrel$
BEGIN
	CREATE TABLE IF NOT EXISTS @journal@migration_locks (
		project pg_catalog.text PRIMARY KEY,
		token pg_catalog.int8 NOT NULL,
		owner pg_catalog.text,
		host pg_catalog.text,
		pid pg_catalog.int8,
		acquired_at pg_catalog.timestamptz,
		heartbeat_at pg_catalog.timestamptz,
		expires_at pg_catalog.timestamptz NOT NULL,
		broken_by pg_catalog.text
	);
EXCEPTION WHEN duplicate_table OR unique_violation THEN
	NULL;
END
$whimbrel$
