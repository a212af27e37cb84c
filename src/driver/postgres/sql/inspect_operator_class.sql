@scope@,
items AS (
	SELECT d.refclassid, d.refobjid, 1 AS rank, a.amopstrategy AS number,
	       format('OPERATOR %s %s%s', a.amopstrategy, a.amopopr::regoperator,
	              CASE WHEN a.amopsortfamily <> 0 THEN format(' FOR ORDER BY %I.%I', s.nspname, f.opfname) END) AS item
	FROM pg_amop a
	JOIN pg_depend d ON d.classid = 'pg_amop'::regclass AND d.objid = a.oid AND d.deptype IN ('i', 'a')
	                AND d.refclassid IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass)
	LEFT JOIN pg_opfamily f ON f.oid = a.amopsortfamily
	LEFT JOIN pg_namespace s ON s.oid = f.opfnamespace
	WHERE d.refobjid <> a.amopsortfamily
	UNION ALL
	SELECT d.refclassid, d.refobjid, 2, a.amprocnum,
	       format('FUNCTION %s (%s, %s) %s', a.amprocnum, format_type(a.amproclefttype, NULL),
	              format_type(a.amprocrighttype, NULL), a.amproc::oid::regprocedure)
	FROM pg_amproc a
	JOIN pg_depend d ON d.classid = 'pg_amproc'::regclass AND d.objid = a.oid AND d.deptype IN ('i', 'a')
	                AND d.refclassid IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass)
)
SELECT n.nspname AS schema, format('%s (%s)', c.opcname, a.amname) AS name, concat('2616:', c.oid) AS ref,
       format('%I.%I USING %I', n.nspname, c.opcname, a.amname) AS sql_name,
       format('%I.%I %sFOR TYPE %s USING %I FAMILY %I.%I', n.nspname, c.opcname, CASE WHEN c.opcdefault THEN 'DEFAULT ' END,
              format_type(c.opcintype, NULL), a.amname, fs.nspname, f.opfname) AS head,
       concat_ws(concat(',', chr(10), chr(9)), 'STORAGE ' || format_type(COALESCE(NULLIF(c.opckeytype, 0), c.opcintype), NULL), i.items) AS items
FROM pg_opclass c
JOIN spaces n ON n.oid = c.opcnamespace
JOIN pg_am a ON a.oid = c.opcmethod
JOIN pg_opfamily f ON f.oid = c.opcfamily
JOIN pg_namespace fs ON fs.oid = f.opfnamespace
LEFT JOIN (
	SELECT x.refobjid,
	       string_agg(x.item, concat(',', chr(10), chr(9)) ORDER BY x.rank, x.number, x.item COLLATE "C") AS items
	FROM items x WHERE x.refclassid = 'pg_opclass'::regclass GROUP BY x.refobjid
) i ON i.refobjid = c.oid
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_opclass'::regclass AND m.objid = c.oid)
