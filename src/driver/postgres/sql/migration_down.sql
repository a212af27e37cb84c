UPDATE @journal@schema_migrations
SET state = 'running', phase = 'down', statements_total = CAST($3 AS pg_catalog.int8), statements_done = 0, error = NULL
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text) AND version OPERATOR(pg_catalog.=) CAST($2 AS pg_catalog.text)
