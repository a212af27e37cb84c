-- The columns of the relations $1; of an index those that it depends on.
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod) AS type,
       concat(CASE WHEN a.attnotnull THEN 'n' END, CASE WHEN a.atthasdef AND a.attgenerated = '' THEN 'd' END,
              CASE a.attgenerated WHEN 's' THEN 's' WHEN 'v' THEN 'v' END, CASE WHEN a.attidentity <> '' THEN 'i' END,
              CASE WHEN a.attcollation <> t.typcollation THEN 'c' END) AS flags
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind NOT IN ('i', 'I', 'S')
UNION ALL
SELECT DISTINCT x.indexrelid, a.attname, NULL, ''
FROM pg_index x
JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum > 0
WHERE x.indexrelid = ANY ($1::oid[])
  AND (a.attnum = ANY (x.indkey::int2[])
       OR EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = x.indexrelid
                    AND d.refclassid = 'pg_class'::regclass AND d.refobjid = x.indrelid AND d.refobjsubid = a.attnum))
