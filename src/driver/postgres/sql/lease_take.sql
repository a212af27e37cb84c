-- $1 project, $2 owner, $3 host, $4 pid, $5 milliseconds to live, $6 key of the session lock -> the token, or nothing.
-- A holder in the middle of a transaction has its row locked: skipped, never waited for. The session lock keeps out
-- runs that do not go through the pooler.
UPDATE @journal@migration_locks m
SET token = m.token + 1, owner = $2::text, host = $3::text, pid = $4::int8, acquired_at = clock_timestamp(),
    heartbeat_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(secs => $5::int8 / 1000.0),
    broken_by = NULL
FROM (SELECT project FROM @journal@migration_locks
      WHERE project = $1::text AND expires_at < clock_timestamp()
      FOR UPDATE SKIP LOCKED) free
WHERE m.project = free.project AND pg_try_advisory_xact_lock($6::int8)
RETURNING m.token
