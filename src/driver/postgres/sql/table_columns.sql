-- The columns of every table that might be another tool's history: small ones, none of the system's. The journal's
-- own have other shapes, and may stand in the same schema.
SELECT n.nspname, c.relname, a.attname, pg_catalog.format_type(a.atttypid, NULL)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('r', 'p') AND c.relnatts <= 24 AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname <> 'information_schema'
  AND NOT pg_catalog.starts_with(CAST(n.nspname AS pg_catalog.text), 'pg_')
  AND n.nspname <> CAST(@trash_literal@ AS pg_catalog.name)
ORDER BY n.nspname, c.relname, a.attnum
