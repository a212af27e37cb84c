-- $1 project, $2 token, $3 who breaks it
UPDATE @journal@migration_locks
SET token = token + 1, owner = NULL, host = NULL, pid = NULL, expires_at = '-infinity', broken_by = $3::text
WHERE project = $1::text AND token = $2::int8 AND owner IS NOT NULL
