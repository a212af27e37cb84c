-- Options that may hold a password are left out, here and with servers and user mappings.
@scope@
SELECT w.fdwname AS name, concat('2328:', w.oid) AS ref, CASE WHEN w.fdwhandler <> 0 THEN w.fdwhandler::regproc::text END AS handler,
       CASE WHEN w.fdwvalidator <> 0 THEN w.fdwvalidator::regproc::text END AS validator,
       CASE WHEN w.fdwoptions IS NOT NULL THEN (
           SELECT string_agg(format('%I %L', f.option_name, f.option_value), ', ' ORDER BY f.option_name COLLATE "C")
           FROM pg_options_to_table(w.fdwoptions) f WHERE f.option_name !~* 'pass|secret') END AS options
FROM pg_foreign_data_wrapper w
WHERE $1::text[] IS NULL
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_foreign_data_wrapper'::regclass AND m.objid = w.oid)
