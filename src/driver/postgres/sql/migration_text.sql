SELECT down_sql, applied_sql, file, checksum, family
FROM @journal@schema_migrations
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text) AND version OPERATOR(pg_catalog.=) CAST($2 AS pg_catalog.text)
