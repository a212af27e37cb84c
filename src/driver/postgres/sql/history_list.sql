-- A negative limit means no limit.
SELECT id, pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), version, description,
       action, result, statements, rows_affected, execution_ms, retries, rss_kb, cpu_ms, lock_wait_ms, who, host,
       tool_version, reason, error, run
FROM @journal@migration_history
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text)
  AND (CAST($2 AS pg_catalog.text) IS NULL OR version OPERATOR(pg_catalog.=) CAST($2 AS pg_catalog.text))
ORDER BY id DESC
LIMIT CASE WHEN CAST($3 AS pg_catalog.int8) OPERATOR(pg_catalog.>=) 0 THEN CAST($3 AS pg_catalog.int8) END
