-- Those of constraints are told with the constraint. Most indexes are plain: B-trees over up to three columns, each with
-- the collation of its column and the operators that are usual for its type. What makes them is put together here, since
-- for its own text the server would look at the whole table, and for each column at all classes of operators; with
-- expressions and conditions it has to (inspect_index_text). Where OFFSET stands the planner would find a way that is
-- long in large catalogs.
@scope@,
usual AS (
	SELECT o.oid AS class, o.opcintype AS type
	FROM pg_opclass o
	WHERE o.opcmethod = 403 AND o.opcdefault AND o.oid < 16384
	UNION ALL
	SELECT o.oid, 1043
	FROM pg_opclass o
	WHERE o.opcmethod = 403 AND o.opcname = 'text_ops' AND o.opcdefault AND o.oid < 16384
), indexes AS (
	SELECT i.*, r.nspname, r.relname AS parent, c.relname AS name, c.relkind, c.reltablespace, c.relispartition,
	       i.indexprs IS NULL AND i.indpred IS NULL AS bare,
	       i.indexprs IS NULL AND i.indpred IS NULL AND i.indnatts <= 3 AND i.indnatts = i.indnkeyatts
	       AND NOT i.nulls_are_equal AND c.relam = 403 AND c.relkind = 'i' AND c.reloptions IS NULL AS plain
	FROM (SELECT false AS indnullsnotdistinct) older
	CROSS JOIN LATERAL (
		SELECT b.indexrelid, b.indrelid, b.indnatts, b.indnkeyatts, b.indisunique, b.indisexclusion, b.indisvalid,
		       b.indisclustered, b.indkey, b.indcollation, b.indclass, b.indoption, b.indexprs, b.indpred,
		       indnullsnotdistinct AS nulls_are_equal
		FROM pg_index b
		WHERE NOT b.indisprimary
		OFFSET 0
	) i
	JOIN relations r ON r.oid = i.indrelid
	JOIN pg_class c ON c.oid = i.indexrelid
	WHERE NOT (i.indisunique OR i.indisexclusion)
	   OR i.indexrelid NOT IN (SELECT o.conindid FROM pg_constraint o WHERE o.contype IN ('p', 'u', 'x'))
	OFFSET 0
)
SELECT i.nspname AS schema, i.parent, i.name, concat('1259:', i.indexrelid) AS ref,
       CASE WHEN i.plain AND (i.indclass[0], a.atttypid) IN (SELECT u.class, u.type FROM usual u)
             AND (i.indnatts < 2 OR (i.indclass[1], b.atttypid) IN (SELECT u.class, u.type FROM usual u))
             AND (i.indnatts < 3 OR (i.indclass[2], c.atttypid) IN (SELECT u.class, u.type FROM usual u))
            THEN concat('CREATE ', CASE WHEN i.indisunique THEN 'UNIQUE ' END, 'INDEX ', quote_ident(i.name), ' ON ',
                        quote_ident(i.nspname), '.', quote_ident(i.parent), ' USING btree (', quote_ident(a.attname),
                        CASE i.indoption[0] WHEN 1 THEN ' DESC NULLS LAST' WHEN 2 THEN ' NULLS FIRST' WHEN 3 THEN ' DESC' END,
                        CASE WHEN i.indnatts > 1 THEN ', ' || quote_ident(b.attname) END,
                        CASE i.indoption[1] WHEN 1 THEN ' DESC NULLS LAST' WHEN 2 THEN ' NULLS FIRST' WHEN 3 THEN ' DESC' END,
                        CASE WHEN i.indnatts > 2 THEN ', ' || quote_ident(c.attname) END,
                        CASE i.indoption[2] WHEN 1 THEN ' DESC NULLS LAST' WHEN 2 THEN ' NULLS FIRST' WHEN 3 THEN ' DESC' END,
                        ')')
            WHEN i.bare THEN pg_get_indexdef(i.indexrelid) END AS definition,
       concat(quote_ident(i.nspname), '.', quote_ident(i.name)) AS sql_name,
       CASE WHEN i.reltablespace <> 0 THEN (
           SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = i.reltablespace) END AS tablespace,
       CASE WHEN NOT i.indisvalid AND i.relkind = 'i' THEN 'true' END AS invalid,
       CASE WHEN i.indisclustered THEN 'true' END AS clustered,
       CASE WHEN i.relispartition THEN (
           SELECT format('%I.%I', n.nspname, p.relname)
           FROM pg_inherits h
           JOIN pg_class p ON p.oid = h.inhparent
           JOIN pg_namespace n ON n.oid = p.relnamespace
           WHERE h.inhrelid = i.indexrelid) END AS attached_to,
       CASE WHEN i.indexprs IS NOT NULL THEN (
           SELECT string_agg(concat('COLUMN ', t.attnum, ' SET STATISTICS ', t.attstattarget), chr(10) ORDER BY t.attnum)
           FROM pg_attribute t WHERE t.attrelid = i.indexrelid AND t.attstattarget > 0) END AS statistics
FROM indexes i
LEFT JOIN pg_attribute a ON i.plain AND a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                        AND a.attcollation = i.indcollation[0]
LEFT JOIN pg_attribute b ON i.plain AND i.indnatts > 1 AND b.attrelid = i.indrelid AND b.attnum = i.indkey[1]
                        AND b.attcollation = i.indcollation[1]
LEFT JOIN pg_attribute c ON i.plain AND i.indnatts > 2 AND c.attrelid = i.indrelid AND c.attnum = i.indkey[2]
                        AND c.attcollation = i.indcollation[2]
