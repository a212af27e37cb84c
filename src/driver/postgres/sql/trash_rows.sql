-- How the rows of a table ($1 schema or NULL, $2 name) are kept as $3 before a statement that takes all of them: part,
-- statement, why. $4: 't' for TRUNCATE, 'r' for one that restarts its sequences, 'd' for DELETE.
WITH t AS (
	SELECT c.*, pg_catalog.format('%I.%I', n.nspname, c.relname) AS live,
	       pg_catalog.format('%I.%I', @trash_literal@, $3::pg_catalog.text) AS store,
	       $4::pg_catalog.text AS way
	FROM pg_catalog.pg_class c
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.oid = pg_catalog.to_regclass(coalesce(pg_catalog.quote_ident($1) || '.', '') || pg_catalog.quote_ident($2))
	  AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
), columns AS (
	SELECT a.attname, a.attnum, y.typnamespace <> 'pg_catalog'::pg_catalog.regnamespace AS own_type,
	       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, a.attgenerated
	FROM t
	JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
	JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
), texts AS (
	SELECT t.oid, t.relkind, t.live, t.store, t.way,
	       coalesce(pg_catalog.string_agg(pg_catalog.format(CASE WHEN own_type THEN '%1$I::pg_catalog.text AS %1$I' ELSE '%1$I' END, attname), ', ' ORDER BY attnum), '') AS kept,
	       coalesce(pg_catalog.string_agg(pg_catalog.quote_ident(attname), ', ' ORDER BY attnum), '') AS names,
	       coalesce(pg_catalog.string_agg(pg_catalog.format(CASE WHEN own_type THEN '%I::%s' ELSE '%I' END, attname, type), ', ' ORDER BY attnum), '') AS given
	FROM t LEFT JOIN columns c ON c.attgenerated = ''
	GROUP BY t.oid, t.relkind, t.live, t.store, t.way
), counters AS (
	SELECT s.oid
	FROM texts t
	JOIN pg_catalog.pg_depend d ON d.refobjid = t.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
	 AND d.refobjsubid > 0 AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
	JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
	WHERE t.way = 'r'
), parts (at, part, sql, why) AS (
	SELECT 1, 'refuse', NULL, 'other tables inherit from it' FROM texts t
	WHERE relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = t.oid)
	UNION ALL
	SELECT 1, 'refuse', NULL, pg_catalog.format('the trigger %s may change more than these rows', g.tgname)
	FROM texts t JOIN pg_catalog.pg_trigger g ON g.tgrelid = t.oid
	WHERE NOT g.tgisinternal AND g.tgenabled <> 'D' AND g.tgtype & CASE t.way WHEN 'd' THEN 8 ELSE 32 END <> 0
	UNION ALL
	SELECT 1, 'refuse', NULL, pg_catalog.format('the rule %s may change more than these rows', r.rulename)
	FROM texts t JOIN pg_catalog.pg_rewrite r ON r.ev_class = t.oid
	WHERE t.way = 'd' AND r.ev_type = '4' AND r.ev_enabled <> 'D'
	UNION ALL
	SELECT 1, 'refuse', NULL, pg_catalog.format('rows of %s change with them (%s): delete those first', k.conrelid::pg_catalog.regclass, k.conname)
	FROM texts t JOIN pg_catalog.pg_constraint k ON k.confrelid = t.oid AND k.contype = 'f' AND k.conrelid <> t.oid
	WHERE t.way = 'd' AND k.confdeltype IN ('c', 'n', 'd')
	UNION ALL
	SELECT 2, 'store', store, live FROM texts
	UNION ALL
	SELECT 2, 'method', 'copy', NULL FROM texts
	UNION ALL
	-- Rows that a policy would hide are an error.
	SELECT 9, 'now', 'SET LOCAL row_security = off', NULL FROM t WHERE relrowsecurity
	UNION ALL
	SELECT 11, 'now', pg_catalog.format('SET LOCAL row_security = %L', pg_catalog.current_setting('row_security')), NULL
	FROM t WHERE relrowsecurity
	UNION ALL
	SELECT 10, 'now', pg_catalog.format('CREATE TABLE %s AS SELECT %s FROM %s', store, kept, live), NULL FROM texts
	UNION ALL
	SELECT 40, 'data', 'DO ' || CASE WHEN pg_catalog.strpos(q.body, '$whimbrel$') = 0 THEN '$whimbrel$' || q.body || '$whimbrel$'
	                                 ELSE pg_catalog.quote_literal(q.body) END, NULL
	FROM (SELECT pg_catalog.format(@quietly@, pg_catalog.format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s', live, names, given, store), live) AS body
	      FROM texts WHERE names <> '') q
	UNION ALL
	SELECT 45, 'data', pg_catalog.format('SELECT pg_catalog.setval(%L, %s, %s)', c.oid::pg_catalog.regclass,
	       coalesce(pg_catalog.pg_sequence_last_value(c.oid), s.seqstart),
	       CASE WHEN pg_catalog.pg_sequence_last_value(c.oid) IS NULL THEN 'false' ELSE 'true' END), NULL
	FROM counters c JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
	UNION ALL
	SELECT 50, 'data', pg_catalog.format('DROP TABLE %s', store), NULL FROM texts
)
SELECT part, sql, why FROM parts ORDER BY at, sql
