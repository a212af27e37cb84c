UPDATE @journal@schema_migrations
SET state = CAST($3 AS pg_catalog.text),
    statements_done = COALESCE(CAST($4 AS pg_catalog.int8), statements_done),
    reason = CAST($5 AS pg_catalog.text),
    error = CAST($6 AS pg_catalog.text),
    run = COALESCE(CAST($7 AS pg_catalog.text), run),
    finished_at = pg_catalog.clock_timestamp()
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text) AND version OPERATOR(pg_catalog.=) CAST($2 AS pg_catalog.text)
