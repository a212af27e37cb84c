@scope@
SELECT n.nspname AS schema, d.dictname AS name, concat('3600:', d.oid) AS ref, format('%I.%I', ts.nspname, t.tmplname) AS template,
       NULLIF(d.dictinitoption, '') AS options
FROM pg_ts_dict d
JOIN spaces n ON n.oid = d.dictnamespace
JOIN pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_namespace ts ON ts.oid = t.tmplnamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_ts_dict'::regclass AND m.objid = d.oid)
