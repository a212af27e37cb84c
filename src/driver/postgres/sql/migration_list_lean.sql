SELECT version, kind, CASE WHEN state OPERATOR(pg_catalog.<>) 'applied' THEN description END, CASE WHEN state OPERATOR(pg_catalog.<>) 'applied' THEN family END, CASE WHEN state OPERATOR(pg_catalog.<>) 'applied' THEN type END,
       CASE WHEN state OPERATOR(pg_catalog.<>) 'applied' THEN file END, checksum, down_checksum, state, phase, rank, statements_total, statements_done,
       CASE WHEN state OPERATOR(pg_catalog.<>) 'applied' THEN pg_catalog.to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') END,
       CASE WHEN state OPERATOR(pg_catalog.<>) 'applied' THEN execution_ms END, CASE WHEN state OPERATOR(pg_catalog.<>) 'applied' THEN origin END, CASE WHEN down_sql IS NULL THEN 0 ELSE 1 END,
       CASE WHEN state OPERATOR(pg_catalog.<>) 'applied' THEN reason END, CASE WHEN state OPERATOR(pg_catalog.<>) 'applied' THEN error END
FROM @journal@schema_migrations
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text)
ORDER BY rank, version
