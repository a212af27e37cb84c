-- Tables of some size that were never analyzed, or of which a good part has changed since.
SELECT n.nspname, c.relname, s.n_live_tup, s.n_mod_since_analyze,
       pg_catalog.to_char(GREATEST(s.last_analyze, s.last_autoanalyze) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM pg_catalog.pg_stat_user_tables s
JOIN pg_catalog.pg_class c ON c.oid = s.relid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE s.n_live_tup >= 1000
  AND (GREATEST(s.last_analyze, s.last_autoanalyze) IS NULL OR s.n_mod_since_analyze > 1000 + s.n_live_tup / 5)
