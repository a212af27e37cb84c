-- Since when the server counts: its statistics were reset then, or else it was started; they may be older than that. What
-- its log goes to; whether other people's transactions may be seen.
SELECT extract(epoch FROM clock_timestamp() - coalesce(pg_stat_get_db_stat_reset_time(d.oid), pg_postmaster_start_time()))::int8
       AS counted_s, pg_stat_get_db_stat_reset_time(d.oid) IS NOT NULL AS exactly,
       (SELECT count(*) FROM pg_stat_replication r WHERE r.state IS DISTINCT FROM 'backup') AS replicas,
       (SELECT count(*) FROM pg_replication_slots s WHERE NOT s.active) AS idle_slots,
       pg_has_role('pg_read_all_stats', 'USAGE') AS sees
FROM pg_database d
WHERE d.datname = current_database()
