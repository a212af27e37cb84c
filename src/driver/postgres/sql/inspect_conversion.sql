@scope@
SELECT n.nspname AS schema, c.conname AS name, concat('2607:', c.oid) AS ref, CASE WHEN c.condefault THEN 'true' END AS default,
       pg_encoding_to_char(c.conforencoding) AS source, pg_encoding_to_char(c.contoencoding) AS target,
       c.conproc::text AS function
FROM pg_conversion c
JOIN spaces n ON n.oid = c.connamespace
WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_conversion'::regclass AND m.objid = c.oid)
