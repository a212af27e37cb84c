-- Of the indexes that are tried.
SELECT COALESCE(sum(pg_catalog.pg_relation_size(c.oid)), 0)::pg_catalog.int8
FROM pg_catalog.pg_class c
WHERE c.relkind = 'i' AND pg_catalog.starts_with(c.relname::pg_catalog.text, 'whimbrel_advice_')
