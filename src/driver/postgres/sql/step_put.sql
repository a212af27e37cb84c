INSERT INTO @journal@migration_steps (project, version, direction, ordinal, kind, transactional, hash, sql, line, col,
	state, run)
VALUES (CAST($1 AS pg_catalog.text), CAST($2 AS pg_catalog.text), CAST($3 AS pg_catalog.text), CAST($4 AS pg_catalog.int8),
	CAST($5 AS pg_catalog.text), CAST($6 AS pg_catalog.int8), CAST($7 AS pg_catalog.text), CAST($8 AS pg_catalog.text),
	CAST($9 AS pg_catalog.int8), CAST($10 AS pg_catalog.int8), CAST($11 AS pg_catalog.text), CAST($12 AS pg_catalog.text))
ON CONFLICT (project, version, direction, ordinal) DO UPDATE SET
	kind = EXCLUDED.kind, transactional = EXCLUDED.transactional, hash = EXCLUDED.hash, sql = EXCLUDED.sql,
	line = EXCLUDED.line, col = EXCLUDED.col, state = EXCLUDED.state, run = EXCLUDED.run, memo = NULL, probe = NULL,
	cursor = NULL, error = NULL, started_at = NULL, finished_at = NULL, execution_ms = NULL, rss_kb = NULL,
	cpu_ms = NULL, lock_wait_ms = NULL
