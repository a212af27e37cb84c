-- Those of constraints are told with the constraint.
@scope@
SELECT r.nspname AS schema, r.relname AS parent, c.relname AS name, concat('1259:', c.oid) AS ref,
       pg_get_indexdef(i.indexrelid) AS definition, format('%I.%I', r.nspname, c.relname) AS sql_name,
       quote_ident(s.spcname) AS tablespace,
       CASE WHEN NOT i.indisvalid AND c.relkind = 'i' THEN 'true' END AS invalid,
       CASE WHEN i.indisclustered THEN 'true' END AS clustered,
       CASE WHEN h.inhparent IS NOT NULL THEN format('%I.%I', ps.nspname, p.relname) END AS attached_to,
       t.targets AS statistics
FROM pg_index i
JOIN relations r ON r.oid = i.indrelid
JOIN pg_class c ON c.oid = i.indexrelid
LEFT JOIN pg_constraint o ON o.conindid = i.indexrelid AND o.conrelid = i.indrelid AND o.contype IN ('p', 'u', 'x')
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN pg_inherits h ON h.inhrelid = i.indexrelid
LEFT JOIN pg_class p ON p.oid = h.inhparent
LEFT JOIN pg_namespace ps ON ps.oid = p.relnamespace
LEFT JOIN (SELECT a.attrelid, string_agg(concat('COLUMN ', a.attnum, ' SET STATISTICS ', a.attstattarget), chr(10)
                                         ORDER BY a.attnum) AS targets
           FROM pg_attribute a WHERE a.attstattarget > 0 GROUP BY a.attrelid) t ON t.attrelid = i.indexrelid
WHERE o.oid IS NULL
