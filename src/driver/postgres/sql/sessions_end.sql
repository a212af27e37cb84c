-- $1 database: ends every session of a client in it but this one; the server sees to its own workers
SELECT count(pg_terminate_backend(pid))
FROM pg_stat_activity
WHERE datname = $1::text AND pid <> pg_backend_pid() AND backend_type IN ('client backend', 'walsender')
