@scope@
SELECT n.nspname AS schema, t.typname AS name, concat('1247:', t.oid) AS ref, format_type(r.rngsubtype, NULL) AS subtype,
       CASE WHEN NOT o.opcdefault THEN format('%I.%I', os.nspname, o.opcname) END AS subtype_opclass,
       CASE WHEN r.rngcollation <> s.typcollation THEN format('%I.%I', cs.nspname, c.collname) END AS collation,
       CASE WHEN r.rngcanonical::oid <> 0 THEN r.rngcanonical::text END AS canonical,
       CASE WHEN r.rngsubdiff::oid <> 0 THEN r.rngsubdiff::text END AS subtype_diff,
       CASE WHEN m.oid IS NOT NULL THEN format('%I.%I', ms.nspname, m.typname) END AS multirange
FROM pg_type t
JOIN spaces n ON n.oid = t.typnamespace
CROSS JOIN (SELECT 0::oid AS rngmultitypid) older
CROSS JOIN LATERAL (SELECT p.*, rngmultitypid AS multi FROM pg_range p WHERE p.rngtypid = t.oid) r
JOIN pg_type s ON s.oid = r.rngsubtype
JOIN pg_opclass o ON o.oid = r.rngsubopc
JOIN pg_namespace os ON os.oid = o.opcnamespace
LEFT JOIN pg_collation c ON c.oid = r.rngcollation
LEFT JOIN pg_namespace cs ON cs.oid = c.collnamespace
LEFT JOIN pg_type m ON m.oid = r.multi
LEFT JOIN pg_namespace ms ON ms.oid = m.typnamespace
WHERE t.typtype = 'r'
  AND NOT EXISTS (SELECT FROM members x WHERE x.classid = 'pg_type'::regclass AND x.objid = t.oid)
