@scope@
SELECT r.nspname AS schema, r.relname AS name, concat('1247:', r.reltype) AS ref
FROM relations r
WHERE r.relkind = 'c'
