-- Every foreign key but the copies that partitions have of their table's.
SELECT n.nspname, t.relname, k.conname, k.oid, a.attname, rn.nspname, r.relname, ra.attname,
       CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT'
            WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class t ON t.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
CROSS JOIN LATERAL pg_catalog.generate_subscripts(k.conkey, 1) AS p (place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[p.place]
JOIN pg_catalog.pg_attribute ra ON ra.attrelid = r.oid AND ra.attnum = k.confkey[p.place]
WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname <> @schema_literal@
ORDER BY n.nspname, t.relname, k.conname, k.oid, p.place
