SELECT concat(d.classoid, ':', d.objoid, CASE WHEN d.objsubid > 0 THEN concat(':', d.objsubid) END) AS ref,
       d.description AS comment
FROM pg_description d
LEFT JOIN pg_namespace n ON d.classoid = 'pg_namespace'::regclass AND n.oid = d.objoid
WHERE (d.objoid >= 16384 OR n.nspname = 'public' AND d.description <> 'standard public schema')
  AND ($1::text[] IS NULL OR $1::text[] IS NOT NULL)
