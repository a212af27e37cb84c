CREATE TABLE IF NOT EXISTS @journal@schema_snapshots (
	id pg_catalog.int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	project pg_catalog.text NOT NULL,
	version pg_catalog.text,
	taken_at pg_catalog.timestamptz NOT NULL,
	hash pg_catalog.text NOT NULL,
	definition pg_catalog.text NOT NULL,
	table_count pg_catalog.int8 NOT NULL,
	index_count pg_catalog.int8 NOT NULL,
	constraint_count pg_catalog.int8 NOT NULL,
	release pg_catalog.text
);
CREATE INDEX IF NOT EXISTS schema_snapshots_project ON @journal@schema_snapshots (project, id);
COMMENT ON TABLE @journal@schema_snapshots IS 'The schema after each run and of each release, as the texts that `whimbrel snapshot` writes';
CREATE TABLE IF NOT EXISTS @journal@schema_drift_alerts (
	id pg_catalog.int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	project pg_catalog.text NOT NULL,
	detected_at pg_catalog.timestamptz NOT NULL,
	drift_type pg_catalog.text NOT NULL,
	kind pg_catalog.text NOT NULL,
	object pg_catalog.text NOT NULL,
	attribute pg_catalog.text NOT NULL,
	expected_value pg_catalog.text,
	actual_value pg_catalog.text,
	severity pg_catalog.text NOT NULL,
	resolved_at pg_catalog.timestamptz,
	resolution_notes pg_catalog.text
);
CREATE UNIQUE INDEX IF NOT EXISTS schema_drift_alerts_open
	ON @journal@schema_drift_alerts (project, drift_type, kind, object, attribute) WHERE resolved_at IS NULL;
COMMENT ON TABLE @journal@schema_drift_alerts IS 'What `whimbrel drift` found, until it was gone';
CREATE TABLE IF NOT EXISTS @journal@schema_versions (
	id pg_catalog.int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	project pg_catalog.text NOT NULL,
	version pg_catalog.text NOT NULL,
	major pg_catalog.int8 NOT NULL,
	minor pg_catalog.int8 NOT NULL,
	patch pg_catalog.int8 NOT NULL,
	impact pg_catalog.text NOT NULL CHECK (impact IN ('none', 'patch', 'minor', 'major')),
	first_migration pg_catalog.text,
	last_migration pg_catalog.text,
	migrations pg_catalog.int8 NOT NULL,
	last_rank pg_catalog.int8 NOT NULL,
	hash pg_catalog.text,
	breaking pg_catalog.text,
	notes pg_catalog.text,
	released_at pg_catalog.timestamptz NOT NULL,
	released_by pg_catalog.text,
	host pg_catalog.text,
	tool_version pg_catalog.text,
	UNIQUE (project, version)
);
COMMENT ON TABLE @journal@schema_versions IS 'Releases of the schema: a semantic version each';
COMMENT ON COLUMN @journal@schema_versions.last_rank IS 'Rank of the newest migration that was applied then'
