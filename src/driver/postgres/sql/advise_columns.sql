-- What the planner knows of columns and tables: how many different values, how far their order is that of the rows.
SELECT n.nspname, c.relname, a.attname,
       CASE WHEN s.n_distinct < 0 THEN - s.n_distinct * c.reltuples ELSE s.n_distinct END::pg_catalog.int8,
       (s.correlation * 1000)::pg_catalog.int8, s.avg_width, c.reltuples::pg_catalog.int8,
       c.relpages::pg_catalog.int8 * pg_catalog.current_setting('block_size')::pg_catalog.int8
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
  AND s.inherited = (c.relkind = 'p')
WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
