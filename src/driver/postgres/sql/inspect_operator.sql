-- Without shells, which another operator has announced.
@scope@
SELECT n.nspname AS schema, format('%s(%s, %s)', o.oprname, t.l, t.r) AS name, concat('2617:', o.oid) AS ref,
       format('%I.%s(%s, %s)', n.nspname, o.oprname, t.l, t.r) AS sql_name, format('%I.%s', n.nspname, o.oprname) AS operator,
       concat_ws(concat(',', chr(10), chr(9)), concat('FUNCTION = ', o.oprcode),
                 'LEFTARG = ' || NULLIF(t.l, 'NONE'), 'RIGHTARG = ' || NULLIF(t.r, 'NONE'),
                 CASE WHEN c.oid IS NOT NULL THEN format('COMMUTATOR = OPERATOR(%I.%s)', cs.nspname, c.oprname) END,
                 CASE WHEN g.oid IS NOT NULL THEN format('NEGATOR = OPERATOR(%I.%s)', gs.nspname, g.oprname) END,
                 'RESTRICT = ' || NULLIF(o.oprrest::text, '-'), 'JOIN = ' || NULLIF(o.oprjoin::text, '-'),
                 CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END) AS definition
FROM pg_operator o
JOIN spaces n ON n.oid = o.oprnamespace
CROSS JOIN LATERAL (
	SELECT CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END AS l,
	       CASE WHEN o.oprright = 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END AS r
) t
LEFT JOIN pg_operator c ON c.oid = o.oprcom
LEFT JOIN pg_namespace cs ON cs.oid = c.oprnamespace
LEFT JOIN pg_operator g ON g.oid = o.oprnegate
LEFT JOIN pg_namespace gs ON gs.oid = g.oprnamespace
WHERE o.oprcode::oid <> 0
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_operator'::regclass AND m.objid = o.oid)
