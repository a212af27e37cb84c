CREATE SCHEMA IF NOT EXISTS @trash_schema@;
COMMENT ON SCHEMA @trash_schema@ IS 'What migrations have set aside (whimbrel trash)';
CREATE TABLE IF NOT EXISTS @journal@migration_trash (
	id pg_catalog.int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	project pg_catalog.text NOT NULL,
	version pg_catalog.text NOT NULL,
	run pg_catalog.text NOT NULL,
	kind pg_catalog.text NOT NULL CHECK (kind IN ('table', 'column', 'rows')),
	object pg_catalog.text NOT NULL,
	method pg_catalog.text NOT NULL CHECK (method IN ('rename', 'rewrite', 'copy')),
	store pg_catalog.text NOT NULL,
	"rows" pg_catalog.int8,
	bytes pg_catalog.int8,
	restore_sql pg_catalog.text NOT NULL,
	state pg_catalog.text NOT NULL DEFAULT 'kept' CHECK (state IN ('kept', 'restored', 'purged')),
	set_aside_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
	ended_at pg_catalog.timestamptz
);
COMMENT ON TABLE @journal@migration_trash IS 'What destructive migrations have set aside, and how it comes back'
