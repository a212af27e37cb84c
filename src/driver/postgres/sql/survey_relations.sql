-- The relations of the names $1 (schemas), $2 within the search path $3, those that use the types $4 (schemas), $5, and
-- what is tied to them: partitions, children and parents, default partitions, foreign keys in both directions, indexes,
-- owned sequences, views. Sizes only of what nobody has locked away: asking would wait.
-- Each step ends in an array: what a recursion may bring is estimated far too high, an array is not.
WITH RECURSIVE held AS MATERIALIZED (
	SELECT DISTINCT l.relation FROM pg_locks l WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
), named AS MATERIALIZED (
	SELECT ARRAY(SELECT c.oid
	             FROM unnest($1::text[], $2::text[]) a(nsp, rel)
	             JOIN pg_class c ON c.relname = a.rel
	             JOIN pg_namespace n ON n.oid = c.relnamespace
	             WHERE n.nspname = a.nsp OR a.nsp IS NULL AND n.nspname = ANY ($3::text[])) AS v
), typed(oid) AS (
	SELECT t.oid
	FROM unnest($4::text[], $5::text[]) a(nsp, typ)
	JOIN pg_type t ON t.typname = a.typ
	JOIN pg_namespace n ON n.oid = t.typnamespace
	WHERE (n.nspname = a.nsp OR a.nsp IS NULL AND n.nspname = ANY ($3::text[]))
	  AND (t.typtype = 'd' OR t.typtype = 'c' AND EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
	UNION
	SELECT t.oid FROM typed y JOIN pg_type t ON t.typbasetype = y.oid
), types AS MATERIALIZED (
	SELECT ARRAY(SELECT y.oid FROM typed y) AS v
), base AS MATERIALIZED (
	SELECT ARRAY(SELECT unnest(m.v) FROM named m
	             UNION SELECT x.indrelid FROM pg_index x WHERE x.indexrelid = ANY ((SELECT m.v FROM named m)::oid[])
	             UNION SELECT a.attrelid FROM pg_attribute a
	             WHERE (SELECT cardinality(y.v) FROM types y) > 0 AND a.atttypid = ANY ((SELECT y.v FROM types y)::oid[])
	               AND NOT a.attisdropped AND a.attnum > 0
	             UNION SELECT c.oid FROM pg_class c
	             WHERE (SELECT cardinality(y.v) FROM types y) > 0 AND c.reloftype = ANY ((SELECT y.v FROM types y)::oid[])) AS v
), down(oid) AS (
	SELECT unnest(b.v) FROM base b
	UNION SELECT i.inhrelid FROM down d JOIN pg_inherits i ON i.inhparent = d.oid
), up(oid) AS (
	SELECT unnest(b.v) FROM base b
	UNION SELECT i.inhparent FROM up u JOIN pg_inherits i ON i.inhrelid = u.oid
), tables AS MATERIALIZED (
	SELECT ARRAY(SELECT d.oid FROM down d
	             UNION SELECT u.oid FROM up u
	             UNION SELECT p.partdefid FROM pg_partitioned_table p JOIN up u ON u.oid = p.partrelid
	             WHERE p.partdefid <> 0) AS v
), referencing(oid) AS (
	SELECT unnest(t.v) FROM tables t
	UNION SELECT k.conrelid FROM referencing r JOIN pg_constraint k ON k.confrelid = r.oid AND k.contype = 'f'
), linked AS MATERIALIZED (
	SELECT ARRAY(SELECT r.oid FROM referencing r
	             UNION SELECT k.confrelid FROM pg_constraint k
	             WHERE k.conrelid = ANY ((SELECT t.v FROM tables t)::oid[]) AND k.contype = 'f') AS v
), views(oid) AS (
	SELECT unnest(l.v) FROM linked l
	UNION
	SELECT w.ev_class
	FROM views v
	JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = v.oid AND d.classid = 'pg_rewrite'::regclass
	JOIN pg_rewrite w ON w.oid = d.objid AND w.ev_class <> v.oid
), parts AS MATERIALIZED (
	SELECT x.indexrelid AS oid, x.indrelid AS of, NULL::name AS attname,
	       x.indpred IS NOT NULL OR x.indexprs IS NOT NULL AS partial
	FROM pg_index x
	WHERE x.indrelid = ANY ((SELECT l.v FROM linked l)::oid[])
	UNION ALL
	SELECT s.oid, d.refobjid, a.attname, false
	FROM pg_depend d
	JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
	JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
	WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
	  AND d.refobjid = ANY ((SELECT l.v FROM linked l)::oid[])
), found AS (
	SELECT v.oid, NULL::oid AS of, NULL::name AS attname, false AS partial FROM views v
	WHERE v.oid NOT IN (SELECT p.oid FROM parts p)
	UNION ALL SELECT p.oid, p.of, p.attname, p.partial FROM parts p
)
SELECT c.oid, n.nspname, c.relname, c.relkind, f.of, f.attname,
       concat(CASE WHEN c.relkind IN ('p', 'I') THEN 'P' END, CASE WHEN c.relispartition THEN 'p' END,
              CASE WHEN EXISTS (SELECT FROM pg_partitioned_table t WHERE t.partdefid = c.oid) THEN 'd' END,
              CASE c.relpersistence WHEN 't' THEN 't' WHEN 'u' THEN 'u' END, CASE WHEN f.partial THEN 'x' END,
              CASE WHEN EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'ts_insert_blocker')
                   THEN 'h' END) AS flags,
       CASE WHEN c.reltuples > 0 THEN c.reltuples::int8
            WHEN pg_stat_get_live_tuples(c.oid) > 0 THEN pg_stat_get_live_tuples(c.oid)
            WHEN c.relkind IN ('r', 'm', 't') AND c.relpages = 0 THEN 0 END AS rows,
       CASE WHEN c.relkind IN ('p', 'I', 'v', 'f', 'c') THEN 0
            WHEN c.oid IN (SELECT h.relation FROM held h) THEN c.relpages::int8 * current_setting('block_size')::int8
            ELSE pg_table_size(c.oid) END AS bytes,
       coalesce(s.spcname, ds.spcname) AS tablespace, m.amname,
       CASE WHEN c.relispartition AND c.relkind <> 'i' AND c.oid NOT IN (SELECT h.relation FROM held h)
            THEN pg_get_expr(c.relpartbound, c.oid) END AS bound,
       CASE WHEN c.relkind = 'p' AND c.oid NOT IN (SELECT h.relation FROM held h) THEN pg_get_partkeydef(c.oid) END AS key,
       CASE WHEN c.relkind IN ('i', 'I') AND NOT f.partial AND f.of NOT IN (SELECT h.relation FROM held h)
            THEN pg_get_indexdef(c.oid) END AS definition
FROM found f
JOIN pg_class c ON c.oid = f.oid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_database d ON d.datname = current_database()
JOIN pg_tablespace ds ON ds.oid = d.dattablespace
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN pg_am m ON m.oid = c.relam
ORDER BY f.of IS NOT NULL, c.oid
