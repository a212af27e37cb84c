-- Without those of foreign keys and of partitions, which come with their parents.
@scope@
SELECT r.nspname AS schema, r.relname AS parent, t.tgname AS name, concat('2620:', t.oid) AS ref,
       pg_get_triggerdef(t.oid) AS definition,
       CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' END AS enabled
FROM (SELECT 0::oid AS tgparentid) older
CROSS JOIN LATERAL (
	SELECT b.oid, b.tgrelid, b.tgname, b.tgenabled FROM pg_trigger b WHERE NOT b.tgisinternal AND tgparentid = 0
) t
JOIN relations r ON r.oid = t.tgrelid
