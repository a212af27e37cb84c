INSERT INTO @journal@migration_history (at, project, run, version, description, action, result, statements,
	rows_affected, execution_ms, retries, rss_kb, cpu_ms, lock_wait_ms, who, host, tool_version, reason, error)
VALUES (CAST($1 AS pg_catalog.timestamptz), CAST($2 AS pg_catalog.text), CAST($3 AS pg_catalog.text),
	CAST($4 AS pg_catalog.text), CAST($5 AS pg_catalog.text), CAST($6 AS pg_catalog.text),
	CAST($7 AS pg_catalog.text), CAST($8 AS pg_catalog.int8), CAST($9 AS pg_catalog.int8),
	CAST($10 AS pg_catalog.int8), CAST($11 AS pg_catalog.int8), CAST($12 AS pg_catalog.int8),
	CAST($13 AS pg_catalog.int8), CAST($14 AS pg_catalog.int8), CAST($15 AS pg_catalog.text),
	CAST($16 AS pg_catalog.text), CAST($17 AS pg_catalog.text), CAST($18 AS pg_catalog.text),
	CAST($19 AS pg_catalog.text))
