INSERT INTO @journal@migration_runs (id, project, command, plan_digest, plan, tool_version, who, host, pid, started_at)
VALUES (CAST($1 AS pg_catalog.text), CAST($2 AS pg_catalog.text), CAST($3 AS pg_catalog.text), CAST($4 AS pg_catalog.text),
	CAST($5 AS pg_catalog.text), CAST($6 AS pg_catalog.text), CAST($7 AS pg_catalog.text), CAST($8 AS pg_catalog.text),
	CAST($9 AS pg_catalog.int8), pg_catalog.clock_timestamp())
