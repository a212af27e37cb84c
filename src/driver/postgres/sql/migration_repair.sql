UPDATE @journal@schema_migrations
SET checksum = CAST($3 AS pg_catalog.text),
    down_checksum = CAST($4 AS pg_catalog.text),
    file = CAST($5 AS pg_catalog.text),
    description = CAST($6 AS pg_catalog.text),
    reason = CAST($7 AS pg_catalog.text)
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text) AND version OPERATOR(pg_catalog.=) CAST($2 AS pg_catalog.text)
