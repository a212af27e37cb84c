-- What users made: the journal and sqlite3's own tables left out.
SELECT type, name FROM main.sqlite_master
WHERE substr(tbl_name, 1, 7) <> 'sqlite_' AND substr(name, 1, 7) <> 'sqlite_' AND tbl_name NOT IN ('@journal@meta',
	'@journal@schema_migrations', '@journal@migration_history', '@journal@migration_steps', '@journal@migration_runs',
	'@journal@migration_dependencies', '@journal@schema_snapshots', '@journal@schema_drift_alerts',
	'@journal@schema_versions', '@journal@statement_timings',
	'@journal@migration_trash') AND tbl_name NOT GLOB '@journal@trash_[0-9]*'
ORDER BY type, name
