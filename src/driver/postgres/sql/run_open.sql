SELECT id, command, plan_digest, plan, tool_version, who, host, pid, pg_catalog.to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), result
FROM @journal@migration_runs
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text) 
  AND CASE WHEN CAST($2 AS pg_catalog.text) IS NULL THEN command <> ALL (ARRAY['transform', 'optimize'])
           ELSE command OPERATOR(pg_catalog.=) CAST($2 AS pg_catalog.text) END
ORDER BY seq DESC
LIMIT 1
