INSERT INTO @journal@schema_migrations AS m (project, version, kind, rank, description, family, type, file, checksum,
	down_checksum, state, phase, statements_total, statements_done, execution_ms, rows_affected, applied_by, host,
	tool_version, origin, down_sql, applied_sql, reason, error, run, started_at, finished_at)
VALUES (CAST($1 AS pg_catalog.text), CAST($2 AS pg_catalog.text), CAST($3 AS pg_catalog.text), CAST($4 AS pg_catalog.int8),
	CAST($5 AS pg_catalog.text), CAST($6 AS pg_catalog.text), CAST($7 AS pg_catalog.text), CAST($8 AS pg_catalog.text),
	CAST($9 AS pg_catalog.text), CAST($10 AS pg_catalog.text), CAST($11 AS pg_catalog.text), CAST($12 AS pg_catalog.text),
	CAST($13 AS pg_catalog.int8), CAST($14 AS pg_catalog.int8), CAST($15 AS pg_catalog.int8), CAST($16 AS pg_catalog.int8),
	CAST($17 AS pg_catalog.text), CAST($18 AS pg_catalog.text), CAST($19 AS pg_catalog.text), CAST($20 AS pg_catalog.text),
	CAST($21 AS pg_catalog.text), CAST($22 AS pg_catalog.text), CAST($23 AS pg_catalog.text), CAST($24 AS pg_catalog.text),
	CAST($25 AS pg_catalog.text),
	pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-)
		pg_catalog.make_interval(secs => CAST(COALESCE(CAST($15 AS pg_catalog.int8), 0) AS pg_catalog.float8) OPERATOR(pg_catalog./) 1000.0),
	CASE WHEN CAST($11 AS pg_catalog.text) OPERATOR(pg_catalog.<>) 'running' THEN pg_catalog.clock_timestamp() END)
ON CONFLICT (project, version) DO UPDATE SET
	kind = EXCLUDED.kind, rank = EXCLUDED.rank, description = EXCLUDED.description, family = EXCLUDED.family,
	type = EXCLUDED.type, file = EXCLUDED.file, checksum = EXCLUDED.checksum, down_checksum = EXCLUDED.down_checksum,
	state = EXCLUDED.state, phase = EXCLUDED.phase, statements_total = EXCLUDED.statements_total,
	statements_done = EXCLUDED.statements_done, execution_ms = EXCLUDED.execution_ms,
	rows_affected = EXCLUDED.rows_affected, applied_by = EXCLUDED.applied_by, host = EXCLUDED.host,
	tool_version = EXCLUDED.tool_version, origin = EXCLUDED.origin, down_sql = EXCLUDED.down_sql,
	applied_sql = EXCLUDED.applied_sql, reason = EXCLUDED.reason, error = EXCLUDED.error, run = EXCLUDED.run,
	started_at = EXCLUDED.started_at, finished_at = EXCLUDED.finished_at
