-- How a table ($1 schema or NULL, $2 name) goes to the trash as $3: part, statement, why. Its rows stay where they are.
-- It loses what reaches out of it (foreign keys, triggers, policies, types of the database's own), since that would act
-- on, or hold back, what goes on living (values of such types become text, after what needs the table is gone); indexes and sequences get names that nothing else in the trash has.
WITH t AS (
	SELECT c.*, n.nspname, pg_catalog.format('%I.%I', n.nspname, c.relname) AS live,
	       CAST($3 AS pg_catalog.text) AS name, @trash_literal@ AS trash,
	       pg_catalog.format('%I.%I', @trash_literal@, $3::pg_catalog.text) AS store
	FROM pg_catalog.pg_class c
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.oid = pg_catalog.to_regclass(coalesce(pg_catalog.quote_ident($1) || '.', '') || pg_catalog.quote_ident($2))
	  AND c.relkind IN ('r', 'p')
), aside AS (
	SELECT * FROM t WHERE relpersistence <> 't'
), columns AS (
	SELECT a.*, y.typnamespace <> 'pg_catalog'::pg_catalog.regnamespace AS own_type
	FROM aside t
	JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
	JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
), loose AS (
	SELECT coalesce(pg_catalog.array_agg(attnum), '{}') AS v FROM columns WHERE own_type
), counters AS (
	SELECT s.oid, s.relname, d.refobjsubid
	FROM aside t
	JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = t.oid
	 AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
	JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
), outside AS (
	SELECT DISTINCT d.classid, d.objid
	FROM aside t, pg_catalog.pg_depend d
	WHERE d.classid IN ('pg_catalog.pg_attrdef'::pg_catalog.regclass, 'pg_catalog.pg_constraint'::pg_catalog.regclass,
	                    'pg_catalog.pg_class'::pg_catalog.regclass)
	  AND d.refobjid >= 16384 AND d.refobjid <> t.oid AND d.refobjid NOT IN (SELECT oid FROM counters)
	  AND NOT (d.refclassid = 'pg_catalog.pg_constraint'::pg_catalog.regclass)
	  AND NOT (d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('P', 'S'))
), keys AS (
	SELECT k.*, k.conindid AS index, k.contype IN ('p', 'u') AS stays
	FROM aside t JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid
), indexes AS (
	SELECT i.indexrelid AS oid, c.relname,
	       EXISTS (SELECT FROM keys k WHERE k.index = i.indexrelid AND k.stays) AS is_key,
	       EXISTS (SELECT FROM keys k WHERE k.index = i.indexrelid AND k.contype = 'x') AS excludes,
	       i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
	       OR i.indkey::pg_catalog.int2[] && (SELECT v FROM loose)
	       OR EXISTS (SELECT FROM outside o WHERE o.objid = i.indexrelid) AS reaches
	FROM aside t JOIN pg_catalog.pg_index i ON i.indrelid = t.oid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
), staying AS (
	SELECT 'INDEX' AS what, relname, pg_catalog.row_number() OVER (ORDER BY relname) AS n
	FROM indexes WHERE is_key OR (NOT excludes AND NOT reaches)
	UNION ALL
	SELECT 'SEQUENCE', relname, 1000 + pg_catalog.row_number() OVER (ORDER BY relname) FROM counters
), readers AS (
	SELECT DISTINCT x.grantee
	FROM (SELECT (pg_catalog.aclexplode(t.relacl)).grantee FROM aside t
	      UNION SELECT (pg_catalog.aclexplode(a.attacl)).grantee FROM columns a) x, aside t
	WHERE x.grantee <> t.relowner
), parts (at, part, sql, why) AS (
	SELECT 0, 'now', pg_catalog.format('DROP TABLE %s', live), NULL FROM t WHERE relpersistence = 't'
	UNION ALL
	SELECT 0, 'replaces', NULL, NULL FROM t
	UNION ALL
	SELECT 1, 'refuse', NULL, 'it is partitioned: detach and drop its partitions first' FROM aside WHERE relkind = 'p'
	UNION ALL
	SELECT 1, 'refuse', NULL, 'other tables inherit from it: drop those first' FROM aside t
	WHERE relkind <> 'p' AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = t.oid)
	UNION ALL
	SELECT 1, 'refuse', NULL, 'it inherits from other tables, which would go on showing its rows' FROM aside t
	WHERE NOT t.relispartition AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = t.oid)
	UNION ALL
	SELECT 1, 'refuse', NULL, pg_catalog.format('the column %s is computed from one of a type of the database''s own', a.attname)
	FROM columns a
	JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
	JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid
	 AND d.refobjid = a.attrelid AND d.refobjsubid <> a.attnum AND d.refobjsubid = ANY ((SELECT v FROM loose)::pg_catalog.int4[])
	WHERE a.attgenerated <> ''
	UNION ALL
	SELECT 2, 'store', store, live FROM aside
	UNION ALL
	SELECT 2, 'method', CASE WHEN (SELECT v FROM loose) = '{}' THEN 'rename' ELSE 'rewrite' END, NULL FROM aside
	UNION ALL
	SELECT 10, 'now', pg_catalog.format('ALTER TABLE %s DETACH PARTITION %s', i.inhparent::pg_catalog.regclass, t.live), NULL
	FROM aside t JOIN pg_catalog.pg_inherits i ON i.inhrelid = t.oid WHERE t.relispartition
	UNION ALL
	SELECT 11, 'now', pg_catalog.format('ALTER TABLE %s NOT OF', live), NULL FROM aside WHERE reloftype <> 0
	UNION ALL
	SELECT 12, 'now', pg_catalog.format('DROP TRIGGER IF EXISTS %I ON %s', g.tgname, t.live), NULL
	FROM aside t JOIN pg_catalog.pg_trigger g ON g.tgrelid = t.oid WHERE NOT g.tgisinternal
	UNION ALL
	SELECT 12, 'now', pg_catalog.format('DROP RULE %I ON %s', r.rulename, t.live), NULL
	FROM aside t JOIN pg_catalog.pg_rewrite r ON r.ev_class = t.oid
	UNION ALL
	SELECT 12, 'now', pg_catalog.format('DROP POLICY %I ON %s', p.polname, t.live), NULL
	FROM aside t JOIN pg_catalog.pg_policy p ON p.polrelid = t.oid
	UNION ALL
	SELECT 12, 'now', pg_catalog.format('DROP STATISTICS %s.%I', s.stxnamespace::pg_catalog.regnamespace, s.stxname), NULL
	FROM aside t JOIN pg_catalog.pg_statistic_ext s ON s.stxrelid = t.oid
	UNION ALL
	SELECT 12, 'now', pg_catalog.format('ALTER PUBLICATION %I DROP TABLE %s', p.pubname, t.live), NULL
	FROM aside t JOIN pg_catalog.pg_publication_rel r ON r.prrelid = t.oid JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
	UNION ALL
	SELECT 12, 'now', pg_catalog.format('REVOKE ALL ON TABLE %s FROM %s CASCADE', t.live,
	       CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE r.grantee::pg_catalog.regrole::pg_catalog.text END), NULL
	FROM aside t, readers r
	UNION ALL
	SELECT 13, 'now', pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', t.live, k.conname), NULL
	FROM aside t, keys k
	WHERE k.contype = 'f' OR (k.contype = 'c' AND (k.conkey && (SELECT v FROM loose) OR EXISTS (SELECT FROM outside o WHERE o.objid = k.oid)))
	   OR (k.contype = 'x' AND EXISTS (SELECT FROM indexes i WHERE i.oid = k.index))
	UNION ALL
	SELECT 14, 'now', pg_catalog.format('DROP INDEX %I.%I', t.nspname, i.relname), NULL
	FROM aside t, indexes i WHERE i.reaches AND NOT i.is_key AND NOT i.excludes
	UNION ALL
	SELECT 15, 'now', pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', t.live, a.attname), NULL
	FROM aside t, columns a JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
	WHERE a.attgenerated = '' AND (a.own_type OR EXISTS (SELECT FROM outside o WHERE o.objid = f.oid))
	UNION ALL
	SELECT 23, 'after', pg_catalog.format('ALTER TABLE %s %s', t.store, pg_catalog.string_agg(
		pg_catalog.format('ALTER COLUMN %1$I TYPE pg_catalog.text USING %1$I::pg_catalog.text', a.attname), ', ' ORDER BY a.attnum)), NULL
	FROM aside t, columns a WHERE a.own_type AND a.attgenerated = '' GROUP BY t.store
	UNION ALL
	SELECT 20, 'now', pg_catalog.format('ALTER %s %I.%I RENAME TO %I', s.what, t.nspname, s.relname, t.name || '_' || s.n), NULL
	FROM aside t, staying s
	UNION ALL
	SELECT 21, 'now', pg_catalog.format('ALTER TABLE %s RENAME TO %I', live, name), NULL FROM aside
	UNION ALL
	SELECT 22, 'now', pg_catalog.format('ALTER TABLE %I.%I SET SCHEMA %I', nspname, name, trash), NULL FROM aside
	UNION ALL
	SELECT 30, 'back', pg_catalog.format('ALTER TABLE %s SET SCHEMA %I', store, nspname), NULL FROM aside
	UNION ALL
	SELECT 31, 'back', pg_catalog.format('ALTER TABLE %I.%I RENAME TO %I', nspname, name, relname), NULL FROM aside
	UNION ALL
	SELECT 32, 'back', pg_catalog.format('ALTER %s %I.%I RENAME TO %I', s.what, t.nspname, t.name || '_' || s.n, s.relname), NULL
	FROM aside t, staying s
)
SELECT part, sql, why FROM parts ORDER BY at, sql
