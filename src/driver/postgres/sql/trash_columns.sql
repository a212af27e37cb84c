-- How the values of columns ($4, JSON: [name, ...]) of a table ($1 schema or NULL, $2 name) are kept as $3, by its
-- primary key, or a unique index of columns that are never NULL: part, statement, why.
WITH t AS (
	SELECT c.*, pg_catalog.format('%I.%I', n.nspname, c.relname) AS live,
	       pg_catalog.format('%I.%I', @trash_literal@, $3::pg_catalog.text) AS store
	FROM pg_catalog.pg_class c
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.oid = pg_catalog.to_regclass(coalesce(pg_catalog.quote_ident($1) || '.', '') || pg_catalog.quote_ident($2))
	  AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
), columns AS (
	SELECT a.attnum, a.attname, a.attnotnull, a.attgenerated,
	       y.typnamespace <> 'pg_catalog'::pg_catalog.regnamespace AS own_type,
	       CASE WHEN y.typnamespace <> 'pg_catalog'::pg_catalog.regnamespace THEN 'pg_catalog.text'
	            ELSE pg_catalog.format_type(a.atttypid, a.atttypmod) END AS type,
	       EXISTS (SELECT FROM pg_catalog.json_array_elements_text($4::pg_catalog.json) AS j (name) WHERE j.name = a.attname) AS goes
	FROM t
	JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
	JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
), going AS (
	SELECT c.*, pg_catalog.row_number() OVER (ORDER BY attnum) AS n FROM columns c WHERE goes AND attgenerated = ''
), best AS (
	SELECT i.indkey::pg_catalog.int2[] AS columns
	FROM t JOIN pg_catalog.pg_index i ON i.indrelid = t.oid
	WHERE i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
	  AND NOT EXISTS (SELECT FROM columns c WHERE c.attnum = ANY (i.indkey::pg_catalog.int2[]) AND (c.goes OR NOT c.attnotnull))
	ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid
	LIMIT 1
), key AS (
	SELECT c.*, pg_catalog.row_number() OVER (ORDER BY c.attnum) AS n
	FROM best b JOIN columns c ON c.attnum = ANY (b.columns)
), texts AS (
	SELECT t.oid, t.live, t.store, t.relkind,
	       (SELECT pg_catalog.string_agg(pg_catalog.format(CASE WHEN own_type THEN '%I::pg_catalog.text AS k%s' ELSE '%I AS k%s' END, attname, n), ', ' ORDER BY n) FROM key) AS keys,
	       (SELECT pg_catalog.string_agg(pg_catalog.format(CASE WHEN own_type THEN '%I::pg_catalog.text AS v%s' ELSE '%I AS v%s' END, attname, n), ', ' ORDER BY n) FROM going) AS gone,
	       (SELECT pg_catalog.string_agg(pg_catalog.format('%I = s.v%s', attname, n), ', ' ORDER BY n) FROM going) AS given,
	       (SELECT pg_catalog.string_agg(pg_catalog.format(CASE WHEN own_type THEN 't.%I::pg_catalog.text = s.k%s' ELSE 't.%I = s.k%s' END, attname, n), ' AND ' ORDER BY n) FROM key) AS same
	FROM t WHERE EXISTS (SELECT FROM going)
), counters AS (
	SELECT n.nspname, s.relname, s.oid::pg_catalog.regclass AS name, q.seqrelid
	FROM t
	JOIN pg_catalog.pg_depend d ON d.refobjid = t.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
	 AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
	JOIN going g ON g.attnum = d.refobjsubid
	JOIN pg_catalog.pg_class s ON s.oid = d.objid
	JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
	JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
), counted AS MATERIALIZED (
	SELECT name, CASE WHEN seqrelid IS NOT NULL THEN pg_catalog.pg_sequence_last_value(seqrelid) END AS value FROM counters
), parts (at, part, sql, why) AS (
	SELECT 1, 'refuse', NULL, 'other tables inherit from it' FROM texts t
	WHERE relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = t.oid)
	UNION ALL
	SELECT 1, 'unless', pg_catalog.format('SELECT 1 FROM %s LIMIT 1', live),
	       'it has no primary key, nor a unique index of columns that are never NULL, by which its values could be found again'
	FROM texts WHERE keys IS NULL
	UNION ALL
	SELECT 2, 'store', store, pg_catalog.format('%s.%s', live,
	       (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(attname), ', ' ORDER BY n) FROM going)) FROM texts
	UNION ALL
	SELECT 2, 'method', 'copy', NULL FROM texts
	UNION ALL
	-- Rows that a policy would hide are an error.
	SELECT 9, 'now', 'SET LOCAL row_security = off', NULL FROM t WHERE relrowsecurity
	UNION ALL
	SELECT 11, 'now', pg_catalog.format('SET LOCAL row_security = %L', pg_catalog.current_setting('row_security')), NULL
	FROM t WHERE relrowsecurity
	UNION ALL
	SELECT 10, 'now', pg_catalog.format('CREATE TABLE %s AS SELECT %s FROM %s', store, pg_catalog.concat_ws(', ', keys, gone), live), NULL FROM texts
	UNION ALL
	SELECT 30, 'back', pg_catalog.format('ALTER TABLE %s ADD COLUMN %I %s', t.live, g.attname, g.type), g.n::pg_catalog.text FROM texts t, going g
	UNION ALL
	SELECT 40, 'data', 'DO ' || CASE WHEN pg_catalog.strpos(q.body, '$whimbrel$') = 0 THEN '$whimbrel$' || q.body || '$whimbrel$'
	                                 ELSE pg_catalog.quote_literal(q.body) END, NULL
	FROM (SELECT pg_catalog.format(@quietly@, pg_catalog.format('UPDATE %s t SET %s FROM %s s WHERE %s', live, given, store, same), live) AS body
	      FROM texts WHERE keys IS NOT NULL) q
	UNION ALL
	SELECT 50, 'data', pg_catalog.format('DROP TABLE %s', store), NULL FROM texts
	UNION ALL
	SELECT 60, 'late', pg_catalog.format('SELECT pg_catalog.setval(%L, %s, true)', name, value), NULL
	FROM counted WHERE value IS NOT NULL
	UNION ALL
	SELECT 61, 'sequence', nspname::pg_catalog.text, relname FROM counters
)
SELECT part, sql, why FROM parts ORDER BY at, why, sql
