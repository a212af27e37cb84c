SELECT version, kind, checksum, down_checksum, state, rank, CASE WHEN down_sql IS NULL THEN 0 ELSE 1 END
FROM @journal@schema_migrations
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text)
