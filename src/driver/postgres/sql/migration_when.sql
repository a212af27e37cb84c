-- What another tool applied, it applied back then.
UPDATE @journal@schema_migrations
SET started_at = CAST($3 AS pg_catalog.timestamptz), finished_at = CAST($3 AS pg_catalog.timestamptz),
    applied_by = CAST($4 AS pg_catalog.text), host = NULL, tool_version = CAST($5 AS pg_catalog.text)
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text) AND version OPERATOR(pg_catalog.=) CAST($2 AS pg_catalog.text)
