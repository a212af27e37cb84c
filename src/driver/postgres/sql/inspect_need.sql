-- Edges, as the catalog keeps them: class, oid and number of what needs and of what is needed. What stands in schemas is
-- known without them, nobody needs the triggers behind foreign keys, and what comes with the server is always there. And a
-- foreign key to a partitioned table needs the keys of all partitions, without which the key of the whole is not valid. A column
-- that is inherited needs its parent's, which comes before it and goes after it.
SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid, d.deptype
FROM pg_depend d
WHERE d.objid >= 16384 AND (d.refobjid >= 16384 AND d.refclassid <> 'pg_namespace'::regclass OR d.classid IN (3079, 6237))
  AND NOT (d.classid = 'pg_trigger'::regclass AND d.deptype = 'i')
  AND ($1::text[] IS NULL OR $1::text[] IS NOT NULL)
UNION ALL
SELECT 2606, f.oid, 0, 1259, t.relid::oid, 0, 'n'
FROM pg_constraint f
JOIN pg_class p ON p.oid = f.confrelid
CROSS JOIN LATERAL pg_partition_tree(f.conindid) t
WHERE f.contype = 'f' AND f.conparentid = 0 AND p.relkind = 'p' AND t.relid <> f.conindid
UNION ALL
SELECT 1259, a.attrelid, a.attnum, 1259, p.attrelid, p.attnum, 'n'
FROM pg_inherits i
JOIN pg_class t ON t.oid = i.inhrelid AND t.relkind IN ('r', 'p', 'f')
JOIN pg_attribute a ON a.attrelid = i.inhrelid AND a.attnum > 0 AND a.attinhcount > 0
JOIN pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname AND p.attnum > 0
