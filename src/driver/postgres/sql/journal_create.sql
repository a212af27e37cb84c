-- Everything the journal needs, format 1. Runs in one transaction under the lock; a second time it changes nothing.
@lock_schema@;
@lock_table@;
COMMENT ON TABLE @journal@migration_locks IS
	'Leases of runs behind a transaction pooler; the token rises with each holder, so that a late one is fenced off';
CREATE TABLE IF NOT EXISTS @journal@whimbrel_meta (
	format pg_catalog.int8 NOT NULL,
	created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
	only_row pg_catalog.bool PRIMARY KEY DEFAULT true CHECK (only_row)
);
COMMENT ON TABLE @journal@whimbrel_meta IS 'Format of the journal: a newer Whimbrel upgrades it, an older one refuses it';
CREATE TABLE IF NOT EXISTS @journal@schema_migrations (
	project pg_catalog.text NOT NULL,
	version pg_catalog.text NOT NULL,
	kind pg_catalog.text NOT NULL,
	rank pg_catalog.int8 NOT NULL,
	description pg_catalog.text,
	family pg_catalog.text,
	type pg_catalog.text,
	file pg_catalog.text,
	checksum pg_catalog.text,
	down_checksum pg_catalog.text,
	state pg_catalog.text NOT NULL CHECK (state IN ('applied', 'failed', 'running', 'skipped', 'expanding', 'expanded',
		'backfilling', 'contracting', 'reverted', 'baseline', 'missing')),
	phase pg_catalog.text,
	statements_total pg_catalog.int8,
	statements_done pg_catalog.int8,
	started_at pg_catalog.timestamptz,
	finished_at pg_catalog.timestamptz,
	execution_ms pg_catalog.int8,
	rows_affected pg_catalog.int8,
	applied_by pg_catalog.text,
	host pg_catalog.text,
	tool_version pg_catalog.text,
	origin pg_catalog.text,
	down_sql pg_catalog.text,
	applied_sql pg_catalog.text,
	reason pg_catalog.text,
	error pg_catalog.text,
	run pg_catalog.text,
	PRIMARY KEY (project, version)
);
CREATE INDEX IF NOT EXISTS schema_migrations_rank ON @journal@schema_migrations (project, rank);
COMMENT ON TABLE @journal@schema_migrations IS 'One row per migration: what it is and where it stands';
COMMENT ON COLUMN @journal@schema_migrations.rank IS 'Order in which the migrations were applied';
COMMENT ON COLUMN @journal@schema_migrations.down_sql IS 'The way back as it was at up, so that an older checkout can still go down';
CREATE TABLE IF NOT EXISTS @journal@migration_steps (
	project pg_catalog.text NOT NULL,
	version pg_catalog.text NOT NULL,
	direction pg_catalog.text NOT NULL CHECK (direction IN ('up', 'down')),
	ordinal pg_catalog.int8 NOT NULL,
	kind pg_catalog.text NOT NULL,
	transactional pg_catalog.int8 NOT NULL CHECK (transactional IN (0, 1)),
	hash pg_catalog.text,
	sql pg_catalog.text,
	line pg_catalog.int8,
	col pg_catalog.int8,
	state pg_catalog.text NOT NULL CHECK (state IN ('pending', 'running', 'done', 'failed', 'skipped')),
	memo pg_catalog.text,
	probe pg_catalog.text,
	cursor pg_catalog.text,
	error pg_catalog.text,
	run pg_catalog.text,
	started_at pg_catalog.timestamptz,
	finished_at pg_catalog.timestamptz,
	execution_ms pg_catalog.int8,
	rss_kb pg_catalog.int8,
	cpu_ms pg_catalog.int8,
	lock_wait_ms pg_catalog.int8,
	PRIMARY KEY (project, version, direction, ordinal)
);
COMMENT ON TABLE @journal@migration_steps IS
	'Steps of migrations that do not commit as a whole: recorded running, run, recorded done';
CREATE TABLE IF NOT EXISTS @journal@migration_runs (
	seq pg_catalog.int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id pg_catalog.text NOT NULL UNIQUE,
	project pg_catalog.text NOT NULL,
	command pg_catalog.text NOT NULL,
	plan_digest pg_catalog.text,
	plan pg_catalog.text,
	tool_version pg_catalog.text,
	who pg_catalog.text,
	host pg_catalog.text,
	pid pg_catalog.int8,
	started_at pg_catalog.timestamptz NOT NULL,
	finished_at pg_catalog.timestamptz,
	result pg_catalog.text,
	error pg_catalog.text
);
CREATE INDEX IF NOT EXISTS migration_runs_project ON @journal@migration_runs (project, seq);
COMMENT ON TABLE @journal@migration_runs IS 'One row per run that changes something; without an end it is under way or was interrupted';
CREATE TABLE IF NOT EXISTS @journal@migration_history (
	id pg_catalog.int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at pg_catalog.timestamptz NOT NULL,
	project pg_catalog.text NOT NULL,
	run pg_catalog.text,
	version pg_catalog.text,
	description pg_catalog.text,
	action pg_catalog.text NOT NULL,
	result pg_catalog.text,
	statements pg_catalog.int8,
	rows_affected pg_catalog.int8,
	execution_ms pg_catalog.int8,
	retries pg_catalog.int8,
	rss_kb pg_catalog.int8,
	cpu_ms pg_catalog.int8,
	lock_wait_ms pg_catalog.int8,
	who pg_catalog.text,
	host pg_catalog.text,
	tool_version pg_catalog.text,
	reason pg_catalog.text,
	error pg_catalog.text
);
CREATE INDEX IF NOT EXISTS migration_history_version ON @journal@migration_history (project, version, id);
COMMENT ON TABLE @journal@migration_history IS 'Every attempt and act, only ever added to';
CREATE TABLE IF NOT EXISTS @journal@migration_dependencies (
	project pg_catalog.text NOT NULL,
	version pg_catalog.text NOT NULL,
	depends_on pg_catalog.text NOT NULL,
	PRIMARY KEY (project, version, depends_on)
);
COMMENT ON TABLE @journal@migration_dependencies IS 'Which migration needs which other to be applied';
INSERT INTO @journal@whimbrel_meta (format) VALUES (1) ON CONFLICT DO NOTHING
