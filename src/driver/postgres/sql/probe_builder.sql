-- $1 table (0: any of the database) -> process that builds an index on it
SELECT p.pid
FROM pg_stat_progress_create_index p
JOIN pg_locks l ON l.pid = p.pid AND l.locktype = 'relation' AND l.granted
WHERE p.datname = current_database() AND p.pid <> pg_backend_pid()
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ($1::int8 = 0 OR l.relation = $1::int8::oid)
LIMIT 1
