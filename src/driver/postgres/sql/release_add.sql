INSERT INTO @journal@schema_versions (project, version, major, minor, patch, impact, first_migration, last_migration,
	migrations, last_rank, hash, breaking, notes, released_at, released_by, host, tool_version)
VALUES (CAST($1 AS pg_catalog.text), CAST($2 AS pg_catalog.text), CAST($3 AS pg_catalog.int8), CAST($4 AS pg_catalog.int8),
	CAST($5 AS pg_catalog.int8), CAST($6 AS pg_catalog.text), CAST($7 AS pg_catalog.text), CAST($8 AS pg_catalog.text),
	CAST($9 AS pg_catalog.int8), CAST($10 AS pg_catalog.int8), CAST($11 AS pg_catalog.text), CAST($12 AS pg_catalog.text),
	CAST($13 AS pg_catalog.text), pg_catalog.clock_timestamp(), CAST($14 AS pg_catalog.text), CAST($15 AS pg_catalog.text),
	CAST($16 AS pg_catalog.text))
