@scope@
SELECT n.nspname AS schema, p.prsname AS name, concat('3601:', p.oid) AS ref,
       concat_ws(', ', 'START = ' || p.prsstart::text, 'GETTOKEN = ' || p.prstoken::text, 'END = ' || p.prsend::text,
                 'LEXTYPES = ' || p.prslextype::text, 'HEADLINE = ' || NULLIF(p.prsheadline::text, '-')) AS definition
FROM pg_ts_parser p
JOIN spaces n ON n.oid = p.prsnamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_ts_parser'::regclass AND m.objid = p.oid)
