-- $1 server process or 0 -> who waits, who is in the way. Process 0 is a prepared transaction.
SELECT w.pid, b.pid,
       coalesce((extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::int8, -1),
       coalesce(a.usename, ''), coalesce(a.application_name, ''),
       coalesce(a.state, CASE WHEN b.pid = 0 THEN 'prepared transaction' ELSE 'unknown' END),
       CASE WHEN w.locktype IN ('relation', 'extend', 'page', 'tuple') THEN w.mode ELSE w.locktype END,
       CASE WHEN w.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            THEN w.relation::regclass::text ELSE '' END,
       coalesce(left(a.query, 250), '')
FROM (SELECT DISTINCT ON (pid) pid, locktype, mode, database, relation
      FROM pg_locks WHERE NOT granted AND ($1::int8 = 0 OR pid = $1::int8)
      ORDER BY pid) w
CROSS JOIN LATERAL (SELECT DISTINCT unnest(pg_blocking_pids(w.pid)) AS pid) b
LEFT JOIN pg_stat_activity a ON a.pid = b.pid
ORDER BY w.pid, a.xact_start, b.pid
