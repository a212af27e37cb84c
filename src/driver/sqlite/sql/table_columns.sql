-- The columns of every table that might be another tool's history.
SELECT NULL, m.name, p.name, lower(p.type)
FROM main.sqlite_master m JOIN pragma_table_info(m.name) p
WHERE m.type = 'table' AND substr(m.name, 1, 7) <> 'sqlite_' AND m.name NOT IN ('@journal@meta',
	'@journal@schema_migrations', '@journal@migration_history', '@journal@migration_steps', '@journal@migration_runs',
	'@journal@migration_dependencies', '@journal@schema_snapshots', '@journal@schema_drift_alerts',
	'@journal@schema_versions', '@journal@statement_timings',
	'@journal@migration_trash') AND m.name NOT GLOB '@journal@trash_[0-9]*'
ORDER BY m.name, p.cid
