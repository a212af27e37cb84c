SELECT version, kind, checksum, down_checksum, state, rank, CASE WHEN down_sql IS NULL THEN 0 ELSE 1 END, phase,
       statements_total, statements_done, description, family, type, file,
       pg_catalog.to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), execution_ms, origin, reason,
       error
FROM @journal@schema_migrations
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text)
ORDER BY rank, version
