-- Without those that a range type makes for itself.
@scope@
SELECT format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS name,
       concat('2605:', c.oid) AS ref,
       format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS sql_name,
       concat(CASE c.castmethod WHEN 'f' THEN concat('WITH FUNCTION ', c.castfunc::regprocedure) WHEN 'i' THEN 'WITH INOUT'
                                ELSE 'WITHOUT FUNCTION' END,
              CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' END) AS definition
FROM pg_cast c
WHERE c.oid >= 16384 AND $1::text[] IS NULL
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_cast'::regclass AND m.objid = c.oid)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i')
