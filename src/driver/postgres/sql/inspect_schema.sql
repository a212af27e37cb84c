@scope@
SELECT n.nspname AS name, concat('2615:', n.oid) AS ref
FROM spaces n
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_namespace'::regclass AND m.objid = n.oid)
