@scope@
SELECT n.nspname AS schema, t.tmplname AS name, concat('3764:', t.oid) AS ref,
       concat_ws(', ', 'INIT = ' || NULLIF(t.tmplinit::text, '-'), 'LEXIZE = ' || t.tmpllexize::text) AS definition
FROM pg_ts_template t
JOIN spaces n ON n.oid = t.tmplnamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_ts_template'::regclass AND m.objid = t.oid)
