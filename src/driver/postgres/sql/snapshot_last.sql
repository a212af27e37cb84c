-- Of a release, or ($2 NULL) the newest that was kept after a run.
SELECT version, pg_catalog.to_char(taken_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), hash, definition
FROM @journal@schema_snapshots
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text)
	AND (release OPERATOR(pg_catalog.=) CAST($2 AS pg_catalog.text)
	     OR (release IS NULL AND CAST($2 AS pg_catalog.text) IS NULL))
ORDER BY id DESC
LIMIT 1
