@scope@
SELECT n.nspname AS schema, t.typname AS name, concat('1247:', t.oid) AS ref,
       string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) AS values
FROM pg_type t
JOIN spaces n ON n.oid = t.typnamespace
LEFT JOIN pg_enum e ON e.enumtypid = t.oid
WHERE t.typtype = 'e'
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
GROUP BY n.nspname, t.typname, t.oid
