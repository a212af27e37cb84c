-- Without those that a range type makes for itself.
@scope@
SELECT n.nspname AS schema, concat(p.proname, '(', oidvectortypes(p.proargtypes), ')') AS name, concat('1255:', p.oid) AS ref,
       format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) AS sql_name,
       pg_get_function_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS result,
       rtrim(pg_get_functiondef(p.oid), chr(10)) AS definition
FROM pg_proc p
JOIN spaces n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'w')
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)
  AND NOT (p.prolang = 12 AND p.prosrc IN ('range_constructor2', 'range_constructor3', 'multirange_constructor0',
                                           'multirange_constructor1', 'multirange_constructor2'))
