INSERT INTO @journal@statement_timings (project, at, version, statement, operation, work, bytes, estimate_ms, actual_ms)
VALUES (CAST($1 AS pg_catalog.text), pg_catalog.clock_timestamp(), CAST($2 AS pg_catalog.text), CAST($3 AS pg_catalog.int8),
	CAST($4 AS pg_catalog.text), CAST($5 AS pg_catalog.text), CAST($6 AS pg_catalog.int8), CAST($7 AS pg_catalog.int8),
	CAST($8 AS pg_catalog.int8))
