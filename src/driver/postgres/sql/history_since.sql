SELECT id, pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), project, run, version,
       description, action, result, statements, rows_affected, execution_ms, retries, rss_kb, cpu_ms, lock_wait_ms, who,
       host, tool_version, reason, error
FROM @journal@migration_history
WHERE id OPERATOR(pg_catalog.>=) CAST($1 AS pg_catalog.int8)
ORDER BY id
