-- How often each index was read since the statistics were reset; then columns with more than a hundred values in no
-- order, of tables that are read as a whole.
@scope@
SELECT r.nspname, r.relname, i.relname, NULL::text AS attname, s.idx_scan,
       i.relpages::int8 * current_setting('block_size')::int8 AS bytes, r.reltuples::int8 AS rows,
       EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.oid) AS building,
       to_char(d.stats_reset AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
FROM relations r
JOIN pg_index x ON x.indrelid = r.oid
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_stat_user_indexes s ON s.indexrelid = i.oid
JOIN pg_stat_database d ON d.datname = current_database()
UNION ALL
SELECT r.nspname, r.relname, NULL, s.attname, NULL, NULL, r.reltuples::int8, false, NULL
FROM relations r
JOIN pg_stat_user_tables t ON t.relid = r.oid
JOIN pg_stats s ON s.schemaname = r.nspname AND s.tablename = r.relname AND NOT s.inherited
WHERE r.relkind IN ('r', 'm') AND r.reltuples >= 1000 AND t.seq_scan > 0
  AND CASE WHEN s.n_distinct < 0 THEN - s.n_distinct * r.reltuples ELSE s.n_distinct END > 100
  AND abs(s.correlation) < 0.1
