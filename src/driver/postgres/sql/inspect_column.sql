-- Of tables, foreign tables and composite types. What a column has from a parent, from the type of its table or from a
-- query is not told again: it is inherited, and only what is its own is an attribute; local is what CREATE TABLE has said
-- of it all the same. A default names no columns, so that the server need not look at the table for it. Positions are
-- counted by whoever reads this. OFFSET keeps what is used often from being worked out again. Options that begin with pg_
-- are the server's own: pg_attver, which 15.20 changes with every ALTER.
@scope@,
identities AS (
	SELECT d.refobjid, d.refobjsubid, concat_ws(chr(10),
	           CASE WHEN c.relname <> concat(t.relname, '_', a.attname, '_seq')
	                THEN concat('SEQUENCE NAME ', format('%I.%I', n.nspname, c.relname)) END,
	           'START WITH ' || CASE WHEN s.seqstart <> CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END
	                                 THEN s.seqstart END,
	           'INCREMENT BY ' || NULLIF(s.seqincrement, 1),
	           'MINVALUE ' || NULLIF(s.seqmin, CASE WHEN s.seqincrement > 0 THEN 1 ELSE - m.top - 1 END),
	           'MAXVALUE ' || NULLIF(s.seqmax, CASE WHEN s.seqincrement > 0 THEN m.top ELSE -1 END),
	           'CACHE ' || NULLIF(s.seqcache, 1), CASE WHEN s.seqcycle THEN 'CYCLE' END) AS options
	FROM pg_sequence s
	JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.refclassid = 'pg_class'::regclass
	                AND d.deptype = 'i' AND d.refobjsubid > 0
	JOIN pg_class c ON c.oid = s.seqrelid
	JOIN pg_namespace n ON n.oid = c.relnamespace
	JOIN pg_class t ON t.oid = d.refobjid
	JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
	CROSS JOIN LATERAL (SELECT CASE s.seqtypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647
	                                           ELSE 9223372036854775807 END AS top) m
), parents AS (
	SELECT DISTINCT ON (i.inhrelid, a.attname) i.inhrelid, a.attname, a.attnotnull, a.attstorage, a.attgenerated,
	       pg_get_expr(d.adbin, d.adrelid) AS expression
	FROM pg_inherits i
	JOIN pg_attribute a ON a.attrelid = i.inhparent AND a.attnum > 0 AND NOT a.attisdropped
	LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	ORDER BY i.inhrelid, a.attname, i.inhseqno
), columns AS (
	SELECT r.nspname, r.relname, r.relkind, r.relispartition, r.reloftype, a.*,
	       CASE WHEN a.atthasdef THEN (
	           SELECT pg_get_expr(d.adbin, CASE a.attgenerated WHEN '' THEN 0 ELSE d.adrelid END)
	           FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END AS expression,
	       a.attinhcount > 0 OR r.reloftype <> 0 OR r.relkind IN ('v', 'm') AS inherited
	FROM (SELECT ''::"char" AS attcompression) older
	CROSS JOIN LATERAL (
		SELECT b.attrelid, b.attnum, b.attname, b.atttypid, b.atttypmod, b.attnotnull, b.attstorage, b.attgenerated,
		       b.attidentity, b.attcollation, b.attinhcount, b.attislocal, b.attoptions, b.attfdwoptions, b.attacl,
		       b.atthasdef, b.attstattarget, attcompression AS compression
		FROM pg_attribute b
		WHERE b.attnum > 0 AND NOT b.attisdropped
	) a
	JOIN relations r ON r.oid = a.attrelid
	WHERE r.relkind IN ('r', 'p', 'f', 'c')
	   OR r.relkind IN ('v', 'm') AND (a.atthasdef OR a.attacl IS NOT NULL OR a.attstattarget >= 0
	       OR EXISTS (SELECT FROM pg_description x
	                  WHERE x.classoid = 'pg_class'::regclass AND x.objoid = a.attrelid AND x.objsubid = a.attnum))
	OFFSET 0
)
SELECT c.nspname AS schema, c.relname AS parent, c.attname AS name, concat('1259:', c.attrelid, ':', c.attnum) AS ref,
       CASE WHEN c.inherited THEN 'true' END AS inherited, CASE WHEN c.relkind = 'c' THEN 'true' END AS of_composite,
       CASE WHEN c.attinhcount > 0 AND c.attislocal THEN concat(format_type(c.atttypid, c.atttypmod),
           CASE WHEN c.attcollation <> t.typcollation THEN format(' COLLATE %I.%I', os.nspname, o.collname) END) END AS local,
       CASE WHEN NOT c.inherited THEN format_type(c.atttypid, c.atttypmod) END AS type,
       CASE WHEN c.attcollation <> t.typcollation AND NOT c.inherited THEN format('%I.%I', os.nspname, o.collname)
            END AS collation,
       CASE WHEN c.attnotnull AND NOT (c.inherited AND COALESCE(p.attnotnull, false)) THEN 'true' END AS not_null,
       CASE WHEN c.attgenerated = '' AND NOT (c.inherited AND c.expression IS NOT DISTINCT FROM p.expression)
            THEN c.expression END AS default,
       CASE WHEN c.inherited AND c.expression IS NULL AND p.expression IS NOT NULL THEN 'true' END AS no_default,
       CASE WHEN c.attgenerated <> '' AND NOT (c.inherited AND c.expression IS NOT DISTINCT FROM p.expression)
            THEN format('(%s) %s', c.expression, CASE c.attgenerated WHEN 's' THEN 'STORED' ELSE 'VIRTUAL' END)
            END AS generated,
       CASE WHEN NOT (c.inherited AND c.relispartition)
            THEN CASE c.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END END AS identity,
       CASE WHEN c.attidentity <> '' THEN NULLIF(i.options, '') END AS identity_options,
       CASE WHEN c.relkind NOT IN ('v', 'c')
             AND c.attstorage <> CASE WHEN c.inherited THEN COALESCE(p.attstorage, t.typstorage) ELSE t.typstorage END
            THEN CASE c.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN'
                                   WHEN 'x' THEN 'EXTENDED' END END AS storage,
       CASE c.compression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
       CASE WHEN c.attstattarget >= 0 THEN c.attstattarget END AS statistics,
       CASE WHEN c.attoptions IS NOT NULL THEN NULLIF(array_to_string(ARRAY(
           SELECT o FROM unnest(c.attoptions) o WHERE NOT starts_with(o, 'pg_')), ', '), '') END AS options,
       CASE WHEN c.attfdwoptions IS NOT NULL THEN (SELECT string_agg(format('%I %L', f.option_name, f.option_value), ', '
                ORDER BY f.option_name COLLATE "C") FROM pg_options_to_table(c.attfdwoptions) f) END AS foreign_options
FROM columns c
JOIN pg_type t ON t.oid = c.atttypid
LEFT JOIN parents p ON c.attinhcount > 0 AND p.inhrelid = c.attrelid AND p.attname = c.attname
LEFT JOIN identities i ON c.attidentity <> '' AND i.refobjid = c.attrelid AND i.refobjsubid = c.attnum
LEFT JOIN pg_collation o ON c.attcollation <> t.typcollation AND o.oid = c.attcollation
LEFT JOIN pg_namespace os ON os.oid = o.collnamespace
