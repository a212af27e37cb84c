INSERT INTO @journal@schema_snapshots (project, version, taken_at, hash, definition, table_count, index_count,
	constraint_count, release)
VALUES (CAST($1 AS pg_catalog.text), CAST($2 AS pg_catalog.text), pg_catalog.clock_timestamp(), CAST($3 AS pg_catalog.text),
	CAST($4 AS pg_catalog.text), CAST($5 AS pg_catalog.int8), CAST($6 AS pg_catalog.int8), CAST($7 AS pg_catalog.int8),
	CAST($8 AS pg_catalog.text))
