@scope@
SELECT n.nspname AS schema, concat(p.proname, '(', oidvectortypes(p.proargtypes), ')') AS name, concat('1255:', p.oid) AS ref,
       format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) AS sql_name,
       pg_get_function_arguments(p.oid) AS arguments,
       rtrim(pg_get_functiondef(p.oid), chr(10)) AS definition
FROM pg_proc p
JOIN spaces n ON n.oid = p.pronamespace
WHERE p.prokind = 'p'
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)
