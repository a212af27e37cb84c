-- Without those of foreign keys and those that partitions have from their parents, but for where they are switched
-- on otherwise.
@scope@
SELECT r.nspname AS schema, r.relname AS parent, t.tgname AS name, concat('2620:', t.oid) AS ref,
       CASE WHEN p.oid IS NOT NULL THEN 'true' END AS inherited,
       CASE WHEN p.oid IS NULL THEN pg_get_triggerdef(t.oid) END AS definition,
       CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS'
                        ELSE CASE WHEN p.oid IS NOT NULL THEN 'ENABLE' END END AS enabled
FROM (SELECT 0::oid AS tgparentid) older
CROSS JOIN LATERAL (
	SELECT b.oid, b.tgrelid, b.tgname, b.tgenabled, tgparentid AS parent FROM pg_trigger b WHERE NOT b.tgisinternal
) t
JOIN relations r ON r.oid = t.tgrelid
LEFT JOIN pg_trigger p ON p.oid = t.parent
WHERE t.parent = 0 OR p.tgenabled <> t.tgenabled
