-- What others hold on the relations $1, longest first; without a relation the transaction for which whoever waits for all
-- older ones waits longest. Autovacuum gives way, unless it has to prevent a wraparound.
(SELECT l.relation, l.mode, l.pid, a.state, extract(epoch FROM clock_timestamp() - a.xact_start)::int8 AS s
 FROM pg_locks l
 LEFT JOIN pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'relation' AND l.granted AND l.relation = ANY ($1::oid[]) AND l.pid IS DISTINCT FROM pg_backend_pid()
   AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
   AND (a.backend_type IS DISTINCT FROM 'autovacuum worker' OR a.query LIKE '%to prevent wraparound%')
 ORDER BY a.xact_start NULLS FIRST
 LIMIT 200)
UNION ALL
(SELECT NULL, NULL, a.pid, a.state, extract(epoch FROM clock_timestamp() - a.xact_start)::int8
 FROM pg_stat_activity a
 WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND (a.backend_xid IS NOT NULL OR a.backend_xmin IS NOT NULL)
   AND a.backend_type = 'client backend'
 ORDER BY a.xact_start
 LIMIT 1)
