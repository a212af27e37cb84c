-- The queries that took most of the time of the server, but for those of its catalogs: nobody adds indexes there.
-- The names of the columns are those of the version of the server.
SELECT s.query, s.calls,
       (COALESCE(t.row ->> 'mean_exec_time', t.row ->> 'mean_time')::pg_catalog.float8 * 1000)::pg_catalog.int8,
       s.rows / s.calls
FROM pg_stat_statements s
JOIN pg_catalog.pg_database d ON d.oid = s.dbid AND d.datname = pg_catalog.current_database()
CROSS JOIN LATERAL (SELECT pg_catalog.to_jsonb(s) AS row) t
WHERE s.calls > 1 AND s.query ~* '^[[:space:]]*(select|with)[[:space:]]'
  AND s.query !~* '([[:<:]]pg_|information_schema|whimbrel|hypopg)'
ORDER BY COALESCE(t.row ->> 'total_exec_time', t.row ->> 'total_time')::pg_catalog.float8 DESC
LIMIT $1
