-- Of tables and of domains. Foreign keys of partitions come with their parent's, and checks that are only inherited
-- with the table; keys of partitions are their own and say to which they are attached. What can be changed in place
-- stands at the end of the server's text and is an attribute of its own. Most keys are plain, over one column: their text
-- is put together here, which takes a third of the time that the server needs for each by itself.
@scope@,
special AS MATERIALIZED (
	SELECT i.*
	FROM (SELECT false AS indnullsnotdistinct) older
	CROSS JOIN LATERAL (
		SELECT b.indexrelid, b.indisclustered, indnullsnotdistinct AS nulls_are_equal FROM pg_index b
	) i
	WHERE i.indisclustered OR i.nulls_are_equal
), keys AS (
	SELECT r.nspname, r.relname, r.relkind, c.*, x.reloptions, x.reltablespace, s.indisclustered,
	       concat(CASE WHEN c.condeferrable THEN ' DEFERRABLE' END, CASE WHEN c.condeferred THEN ' INITIALLY DEFERRED' END)
	       AS timing,
	       c.single AND (c.contype = 'f' OR c.contype IN ('p', 'u') AND x.relnatts = 1 AND s.nulls_are_equal IS NOT TRUE) AS plain
	FROM (SELECT true AS conenforced, false AS conperiod) older
	CROSS JOIN LATERAL (
		SELECT b.oid, b.conname, b.contype, b.condeferrable, b.condeferred, b.convalidated, b.conrelid, b.conindid,
		       b.conparentid, b.confrelid, b.confupdtype, b.confdeltype, b.confmatchtype, b.conislocal, b.coninhcount,
		       b.conkey[1] AS number, b.confkey[1] AS its_number,
		       conenforced AND NOT conperiod AND cardinality(b.conkey) = 1 AND b.confdeltype NOT IN ('n', 'd') AS single
		FROM pg_constraint b
	) c
	JOIN relations r ON r.oid = c.conrelid
	LEFT JOIN pg_class x ON x.oid = CASE WHEN c.contype IN ('p', 'u', 'x') THEN c.conindid END
	LEFT JOIN special s ON s.indexrelid = x.oid
	WHERE c.contype IN ('p', 'u', 'c', 'x') AND (c.contype <> 'c' OR c.conislocal) OR c.contype = 'f' AND c.conparentid = 0
), texts AS (
	SELECT k.nspname, k.relname, k.relkind, k.oid, k.conname, k.contype, k.conparentid, k.coninhcount, k.timing,
	       k.reloptions, k.reltablespace, k.indisclustered,
	       CASE WHEN k.plain
	            THEN concat(CASE k.contype WHEN 'p' THEN 'PRIMARY KEY (' WHEN 'u' THEN 'UNIQUE (' ELSE 'FOREIGN KEY (' END, (
	                            SELECT quote_ident(a.attname)
	                            FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.number),
	                        CASE WHEN k.contype = 'f' THEN (
	                            SELECT concat(') REFERENCES ', quote_ident(n.nspname), '.', quote_ident(t.relname), '(',
	                                          quote_ident(a.attname))
	                            FROM pg_attribute a
	                            JOIN pg_class t ON t.oid = a.attrelid
	                            JOIN pg_namespace n ON n.oid = t.relnamespace
	                            WHERE a.attrelid = k.confrelid AND a.attnum = k.its_number) END,
	                        ')', CASE k.confmatchtype WHEN 'f' THEN ' MATCH FULL' WHEN 'p' THEN ' MATCH PARTIAL' END,
	                        CASE k.confupdtype WHEN 'r' THEN ' ON UPDATE RESTRICT' WHEN 'c' THEN ' ON UPDATE CASCADE'
	                                           WHEN 'n' THEN ' ON UPDATE SET NULL' WHEN 'd' THEN ' ON UPDATE SET DEFAULT' END,
	                        CASE k.confdeltype WHEN 'r' THEN ' ON DELETE RESTRICT' WHEN 'c' THEN ' ON DELETE CASCADE' END,
	                        k.timing, CASE WHEN NOT k.convalidated THEN ' NOT VALID' END)
	            ELSE pg_get_constraintdef(k.oid) END AS text
	FROM keys k
	UNION ALL
	SELECT n.nspname, t.typname, 'd', c.oid, c.conname, c.contype, c.conparentid, c.coninhcount, '', NULL, 0, false,
	       pg_get_constraintdef(c.oid)
	FROM pg_constraint c
	JOIN pg_type t ON t.oid = c.contypid
	JOIN spaces n ON n.oid = t.typnamespace
	WHERE c.contypid <> 0 AND c.contype = 'c'
	  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
), parts AS (
	SELECT t.*, CASE WHEN t.text LIKE '% NOT VALID' THEN left(t.text, -10) ELSE t.text END AS valid_text
	FROM texts t
	OFFSET 0
)
SELECT c.nspname AS schema, c.relname AS parent, c.conname AS name, concat('2606:', c.oid) AS ref,
       CASE c.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key'
                      ELSE 'exclusion' END AS type,
       CASE WHEN c.timing <> '' AND right(c.valid_text, length(c.timing)) = c.timing
            THEN left(c.valid_text, - length(c.timing)) ELSE c.valid_text END AS definition,
       substr(NULLIF(c.timing, ''), 2) AS deferrable, CASE WHEN c.valid_text <> c.text THEN 'true' END AS not_valid,
       CASE WHEN c.relkind = 'd' THEN 'true' END AS of_domain,
       CASE WHEN c.contype = 'c' AND c.coninhcount > 0 THEN 'true' END AS also_inherited,
       CASE WHEN c.relkind = 'p' AND c.contype IN ('p', 'u', 'x') THEN 'true' END AS partitioned,
       CASE WHEN c.contype IN ('p', 'u', 'x') AND c.conparentid <> 0 THEN (
           SELECT format('%I.%I', pn.nspname, pc.relname)
           FROM pg_constraint p
           JOIN pg_class pc ON pc.oid = p.conindid
           JOIN pg_namespace pn ON pn.oid = pc.relnamespace
           WHERE p.oid = c.conparentid) END AS attached_to,
       CASE WHEN c.reloptions IS NOT NULL THEN (
           SELECT string_agg(format('%s=%L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ' ORDER BY o COLLATE "C")
           FROM unnest(c.reloptions) o) END AS options,
       CASE WHEN c.reltablespace <> 0 THEN (
           SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace) END AS tablespace,
       CASE WHEN c.indisclustered THEN 'true' END AS clustered
FROM parts c
