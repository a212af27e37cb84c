-- The journal's schema, created only where it is missing: CREATE SCHEMA IF NOT EXISTS wants CREATE on the
-- database even when there is nothing to do. Part of journal_create.sql as @lock_schema@, and alone before the
-- first lease.
DO $whimbrel$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace
	               WHERE nspname OPERATOR(pg_catalog.=) CAST(@schema_literal@ AS pg_catalog.name)) THEN
		CREATE SCHEMA @schema@;
		COMMENT ON SCHEMA @schema@ IS 'Whimbrel: the journal of schema migrations';
	END IF;
EXCEPTION WHEN duplicate_schema OR unique_violation THEN
	NULL;
END
$whimbrel$
