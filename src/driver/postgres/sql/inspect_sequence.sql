-- Those of identity columns are told with the column.
@scope@,
bounds AS (
	SELECT s.*, CASE s.seqtypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END AS top
	FROM pg_sequence s
), numbers AS (
	SELECT s.*, CASE WHEN s.seqincrement > 0 THEN 1 ELSE - s.top - 1 END AS low,
	       CASE WHEN s.seqincrement > 0 THEN s.top ELSE -1 END AS high
	FROM bounds s
)
SELECT r.nspname AS schema, r.relname AS name, concat('1259:', r.oid) AS ref,
       CASE WHEN r.relpersistence = 'u' THEN 'true' END AS unlogged,
       CASE WHEN s.seqtypid <> 20 THEN format_type(s.seqtypid, NULL) END AS type, NULLIF(s.seqincrement, 1) AS increment,
       NULLIF(s.seqmin, s.low) AS minimum, NULLIF(s.seqmax, s.high) AS maximum,
       NULLIF(s.seqstart, CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END) AS start,
       NULLIF(s.seqcache, 1) AS cache, CASE WHEN s.seqcycle THEN 'true' END AS cycle,
       CASE WHEN d.deptype = 'a' THEN format('%I.%I.%I', o.nspname, t.relname, a.attname) END AS owned_by
FROM relations r
JOIN numbers s ON s.seqrelid = r.oid
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
                     AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
LEFT JOIN pg_class t ON t.oid = d.refobjid
LEFT JOIN pg_namespace o ON o.oid = t.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.deptype IS DISTINCT FROM 'i' AND d.refobjid NOT IN (SELECT j.oid FROM journal j) IS NOT FALSE
