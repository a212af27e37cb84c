-- Edges, as the catalog keeps them: what stands in schemas is known without them. And a foreign key to a partitioned
-- table needs the keys of all partitions, without which the key of the whole is not valid. A column that is inherited
-- needs its parent's, which comes before it and goes after it.
SELECT concat(d.classid, ':', d.objid, CASE WHEN d.objsubid > 0 THEN concat(':', d.objsubid) END) AS ref,
       concat(d.refclassid, ':', d.refobjid, CASE WHEN d.refobjsubid > 0 THEN concat(':', d.refobjsubid) END) AS needed,
       d.deptype
FROM pg_depend d
WHERE d.objid >= 16384 AND (d.refclassid <> 'pg_namespace'::regclass OR d.classid IN (3079, 6237))
  AND ($1::text[] IS NULL OR $1::text[] IS NOT NULL)
UNION ALL
SELECT concat('2606:', f.oid), concat('1259:', t.relid::oid), 'n'
FROM pg_constraint f
JOIN pg_class p ON p.oid = f.confrelid
CROSS JOIN LATERAL pg_partition_tree(f.conindid) t
WHERE f.contype = 'f' AND f.conparentid = 0 AND p.relkind = 'p' AND t.relid <> f.conindid
UNION ALL
SELECT concat('1259:', a.attrelid, ':', a.attnum), concat('1259:', p.attrelid, ':', p.attnum), 'n'
FROM pg_inherits i
JOIN pg_class t ON t.oid = i.inhrelid AND t.relkind IN ('r', 'p', 'f')
JOIN pg_attribute a ON a.attrelid = i.inhrelid AND a.attnum > 0 AND a.attinhcount > 0
JOIN pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname AND p.attnum > 0
