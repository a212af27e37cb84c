SELECT version, impact, first_migration, last_migration, migrations, last_rank, hash, breaking, notes,
	pg_catalog.to_char(released_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), released_by
FROM @journal@schema_versions
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text)
ORDER BY id DESC
