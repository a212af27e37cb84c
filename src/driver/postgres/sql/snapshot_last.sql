SELECT version, pg_catalog.to_char(taken_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), hash, definition
FROM @journal@schema_snapshots
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text)
ORDER BY id DESC
LIMIT 1
