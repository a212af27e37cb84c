-- $1 project. Asks first: ON CONFLICT DO NOTHING alone would wait for a holder in the middle of a transaction.
INSERT INTO @journal@migration_locks (project, token, expires_at)
SELECT $1::text, 0, '-infinity'
WHERE NOT EXISTS (SELECT FROM @journal@migration_locks WHERE project = $1::text)
ON CONFLICT (project) DO NOTHING
