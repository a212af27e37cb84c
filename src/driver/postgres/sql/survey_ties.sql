-- How the relations $1 hang together: partitions and children, views.
SELECT 'child' AS tie, i.inhparent AS of, i.inhrelid AS oid
FROM pg_inherits i
WHERE i.inhparent = ANY ($1::oid[]) AND i.inhrelid = ANY ($1::oid[])
UNION
SELECT 'view', d.refobjid, w.ev_class
FROM pg_depend d
JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_class <> d.refobjid
WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY ($1::oid[])
  AND w.ev_class = ANY ($1::oid[])
