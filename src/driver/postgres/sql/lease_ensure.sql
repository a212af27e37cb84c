-- $1 project
INSERT INTO @journal@migration_locks (project, token, expires_at)
VALUES ($1::text, 0, '-infinity')
ON CONFLICT (project) DO NOTHING
