-- The steps of one migration or of all.
SELECT version, direction, ordinal, kind, transactional, hash, sql, line, col, state, memo, probe, cursor, error, run
FROM main.@journal@migration_steps WHERE project = ?1 AND (?2 IS NULL OR version = ?2)
ORDER BY version, direction, ordinal
