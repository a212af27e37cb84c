-- With the operators and functions that belong to no class of it.
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
SELECT n.nspname AS schema, format('%s (%s)', f.opfname, a.amname) AS name, concat('2753:', f.oid) AS ref,
       format('%I.%I USING %I', n.nspname, f.opfname, a.amname) AS sql_name, i.items
FROM pg_opfamily f
JOIN spaces n ON n.oid = f.opfnamespace
JOIN pg_am a ON a.oid = f.opfmethod
LEFT JOIN (
	SELECT x.refobjid, string_agg(x.item, chr(10) ORDER BY x.rank, x.number, x.item COLLATE "C") AS items
	FROM items x WHERE x.refclassid = 'pg_opfamily'::regclass GROUP BY x.refobjid
) i ON i.refobjid = f.oid
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_opfamily'::regclass AND m.objid = f.oid)
