-- $1 project, $2 token
UPDATE @journal@migration_locks
SET owner = NULL, host = NULL, pid = NULL, expires_at = '-infinity'
WHERE project = $1::text AND token = $2::int8
