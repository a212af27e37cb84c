-- The view shows everybody that a mapping is there, and its options to those who may know them.
@scope@
SELECT s.srvname AS parent, CASE WHEN u.umuser = 0 THEN 'public' ELSE u.usename END AS name, concat('1418:', u.umid) AS ref,
       CASE WHEN u.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(u.usename) END AS sql_name,
       CASE WHEN u.umoptions IS NOT NULL THEN (
           SELECT string_agg(format('%I %L', f.option_name, f.option_value), ', ' ORDER BY f.option_name COLLATE "C")
           FROM pg_options_to_table(u.umoptions) f WHERE f.option_name !~* 'pass|secret') END AS options
FROM pg_user_mappings u
JOIN pg_foreign_server s ON s.oid = u.srvid
WHERE $1::text[] IS NULL
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_foreign_server'::regclass AND m.objid = s.oid)
