@scope@
SELECT n.nspname AS schema, c.collname AS name, concat('3456:', c.oid) AS ref,
       CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS provider,
       COALESCE(j.v ->> 'colllocale', j.v ->> 'colliculocale', CASE WHEN c.collprovider = 'i' THEN j.v ->> 'collcollate' END)
           AS locale,
       CASE WHEN c.collprovider = 'c' THEN j.v ->> 'collcollate' END AS lc_collate,
       CASE WHEN c.collprovider = 'c' THEN j.v ->> 'collctype' END AS lc_ctype, j.v ->> 'collicurules' AS rules,
       CASE WHEN NOT c.collisdeterministic THEN 'true' END AS nondeterministic
FROM pg_collation c
JOIN spaces n ON n.oid = c.collnamespace
CROSS JOIN LATERAL (SELECT to_jsonb(c.*) AS v) j
WHERE c.collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_collation'::regclass AND m.objid = c.oid)
