-- One row when the tables are there.
SELECT 1
WHERE (SELECT count(*) FROM main.sqlite_master
	WHERE type = 'table' AND name IN ('@journal@schema_snapshots', '@journal@schema_drift_alerts',
		'@journal@schema_versions')) = 3
