CREATE TABLE IF NOT EXISTS main.@journal@schema_snapshots (
	id INTEGER PRIMARY KEY,
	project TEXT NOT NULL,
	version TEXT,
	taken_at TEXT NOT NULL,
	hash TEXT NOT NULL,
	definition TEXT NOT NULL,
	table_count INTEGER NOT NULL,
	index_count INTEGER NOT NULL,
	constraint_count INTEGER NOT NULL,
	release TEXT
);
CREATE TABLE IF NOT EXISTS main.@journal@schema_drift_alerts (
	id INTEGER PRIMARY KEY,
	project TEXT NOT NULL,
	detected_at TEXT NOT NULL,
	drift_type TEXT NOT NULL,
	kind TEXT NOT NULL,
	object TEXT NOT NULL,
	attribute TEXT NOT NULL,
	expected_value TEXT,
	actual_value TEXT,
	severity TEXT NOT NULL,
	resolved_at TEXT,
	resolution_notes TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS main.@journal@schema_drift_alerts_open
	ON @journal@schema_drift_alerts (project, drift_type, kind, object, attribute) WHERE resolved_at IS NULL;
CREATE TABLE IF NOT EXISTS main.@journal@schema_versions (
	id INTEGER PRIMARY KEY,
	project TEXT NOT NULL,
	version TEXT NOT NULL,
	major INTEGER NOT NULL,
	minor INTEGER NOT NULL,
	patch INTEGER NOT NULL,
	impact TEXT NOT NULL,
	first_migration TEXT,
	last_migration TEXT,
	migrations INTEGER NOT NULL,
	last_rank INTEGER NOT NULL,
	hash TEXT,
	breaking TEXT,
	notes TEXT,
	released_at TEXT NOT NULL,
	released_by TEXT,
	host TEXT,
	tool_version TEXT,
	UNIQUE (project, version)
)
