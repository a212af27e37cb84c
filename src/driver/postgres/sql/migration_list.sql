SELECT version, kind, description, family, type, file, checksum, down_checksum, state, phase, rank, statements_total,
       statements_done, pg_catalog.to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       execution_ms, origin, CASE WHEN down_sql IS NULL THEN 0 ELSE 1 END, reason, error
FROM @journal@schema_migrations
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text)
ORDER BY rank, version
