-- Asks the catalog by name: to_regclass() would fail where the role may not use the schema.
SELECT 1
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE n.nspname OPERATOR(pg_catalog.=) CAST(@schema_literal@ AS pg_catalog.name)
  AND c.relname OPERATOR(pg_catalog.=) CAST('whimbrel_meta' AS pg_catalog.name)
