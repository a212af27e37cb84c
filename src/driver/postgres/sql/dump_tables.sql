-- Tables whose rows a dump holds -> name as pg_dump tells it, name for SQL, bytes. The size is what the last VACUUM or
-- ANALYZE saw: asking for the real one would wait for whoever has the table locked.
SELECT pg_catalog.concat(n.nspname, '.', c.relname), pg_catalog.format('%I.%I', n.nspname, c.relname),
       pg_catalog.int8mul(8192, CAST(pg_catalog.int4pl(GREATEST(c.relpages, 1), GREATEST(t.relpages, 0)) AS pg_catalog.int8))
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
LEFT JOIN pg_catalog.pg_class t ON t.oid OPERATOR(pg_catalog.=) c.reltoastrelid
WHERE c.relkind OPERATOR(pg_catalog.=) 'r' AND c.relpersistence OPERATOR(pg_catalog.<>) 't'
  AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema'
  AND NOT pg_catalog.starts_with(CAST(n.nspname AS pg_catalog.text), 'pg_')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid OPERATOR(pg_catalog.=) CAST(CAST('pg_catalog.pg_class' AS pg_catalog.regclass) AS pg_catalog.oid)
                    AND d.objid OPERATOR(pg_catalog.=) c.oid AND d.deptype OPERATOR(pg_catalog.=) 'e')
ORDER BY 2
