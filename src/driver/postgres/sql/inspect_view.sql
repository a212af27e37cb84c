@scope@
SELECT r.nspname AS schema, r.relname AS name, concat('1259:', r.oid) AS ref,
       rtrim(pg_get_viewdef(r.oid), ';') AS definition,
       CASE WHEN r.reloptions IS NOT NULL THEN (
           SELECT string_agg(format('%s=%L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ' ORDER BY o COLLATE "C")
           FROM unnest(r.reloptions) o) END AS options
FROM relations r
WHERE r.relkind = 'v'
