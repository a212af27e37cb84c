SELECT version, direction, ordinal, kind, transactional, hash, sql, line, col, state, memo, probe, cursor, error, run
FROM @journal@migration_steps
WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text)
  AND (CAST($2 AS pg_catalog.text) IS NULL OR version OPERATOR(pg_catalog.=) CAST($2 AS pg_catalog.text))
ORDER BY version, direction, ordinal
