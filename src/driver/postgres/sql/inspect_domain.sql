@scope@
SELECT n.nspname AS schema, t.typname AS name, concat('1247:', t.oid) AS ref, format_type(t.typbasetype, t.typtypmod) AS type,
       CASE WHEN t.typcollation <> b.typcollation THEN format('%I.%I', cs.nspname, c.collname) END AS collation,
       pg_get_expr(t.typdefaultbin, 'pg_type'::regclass) AS default, CASE WHEN t.typnotnull THEN 'true' END AS not_null
FROM pg_type t
JOIN spaces n ON n.oid = t.typnamespace
JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_collation c ON c.oid = t.typcollation
LEFT JOIN pg_namespace cs ON cs.oid = c.collnamespace
WHERE t.typtype = 'd'
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
