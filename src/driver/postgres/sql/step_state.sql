UPDATE @journal@migration_steps
SET state = COALESCE(CAST($5 AS pg_catalog.text), state),
    memo = COALESCE(CAST($6 AS pg_catalog.text), memo),
    probe = COALESCE(CAST($7 AS pg_catalog.text), probe),
    cursor = COALESCE(CAST($8 AS pg_catalog.text), cursor),
    error = CAST($9 AS pg_catalog.text),
    execution_ms = COALESCE(CAST($10 AS pg_catalog.int8), execution_ms),
    rss_kb = COALESCE(CAST($11 AS pg_catalog.int8), rss_kb),
    cpu_ms = COALESCE(CAST($12 AS pg_catalog.int8), cpu_ms),
    lock_wait_ms = COALESCE(CAST($13 AS pg_catalog.int8), lock_wait_ms),
    run = COALESCE(CAST($14 AS pg_catalog.text), run),
    started_at = CASE WHEN CAST($5 AS pg_catalog.text) OPERATOR(pg_catalog.=) 'running'
                      THEN pg_catalog.clock_timestamp() ELSE started_at END,
    finished_at = CASE WHEN CAST($5 AS pg_catalog.text) OPERATOR(pg_catalog.=) ANY (ARRAY['done', 'failed', 'skipped'])
                       THEN pg_catalog.clock_timestamp() ELSE finished_at END
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text) AND version OPERATOR(pg_catalog.=) CAST($2 AS pg_catalog.text)
  AND direction OPERATOR(pg_catalog.=) CAST($3 AS pg_catalog.text) AND ordinal OPERATOR(pg_catalog.=) CAST($4 AS pg_catalog.int8)
