INSERT INTO @journal@migration_history (at, project, run, version, description, action, result, execution_ms, who,
	tool_version, reason, error)
VALUES (COALESCE(CAST($11 AS pg_catalog.timestamptz), pg_catalog.clock_timestamp()), CAST($1 AS pg_catalog.text),
	CAST($2 AS pg_catalog.text), CAST($3 AS pg_catalog.text), CAST($4 AS pg_catalog.text), CAST($5 AS pg_catalog.text),
	CAST($6 AS pg_catalog.text), CAST($7 AS pg_catalog.int8), CAST($8 AS pg_catalog.text), CAST($9 AS pg_catalog.text),
	CAST($10 AS pg_catalog.text), CAST($12 AS pg_catalog.text))
