-- $1 key -> holders of the session lock. The application name ends with "PID@HOST" of the client.
SELECT 'session:' || l.pid, 'session',
       concat(a.usename, ' (' || NULLIF(regexp_replace(a.application_name, ' ?[0-9]+@[^ ]*$', ''), '') || ')'),
       coalesce(substring(a.application_name FROM '[0-9]+@([^ ]+)$'), host(a.client_addr), 'local'),
       coalesce(substring(a.application_name FROM '([0-9]+)@[^ ]*$'), '-1'),
       l.pid,
       to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       coalesce(a.state, 'unknown'),
       left(a.query, 250)
FROM pg_locks l
LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.classid::int8 = (($1::int8 >> 32) & 4294967295) AND l.objid::int8 = ($1::int8 & 4294967295)
ORDER BY l.pid
