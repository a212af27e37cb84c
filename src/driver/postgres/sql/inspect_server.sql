@scope@
SELECT s.srvname AS name, concat('1417:', s.oid) AS ref, quote_ident(w.fdwname) AS wrapper, s.srvtype AS type, s.srvversion AS version,
       CASE WHEN s.srvoptions IS NOT NULL THEN (
           SELECT string_agg(format('%I %L', f.option_name, f.option_value), ', ' ORDER BY f.option_name COLLATE "C")
           FROM pg_options_to_table(s.srvoptions) f WHERE f.option_name !~* 'pass|secret') END AS options
FROM pg_foreign_server s
JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE $1::text[] IS NULL
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_foreign_server'::regclass AND m.objid = s.oid)
