@scope@
SELECT r.nspname AS schema, r.relname AS name, concat('1259:', r.oid) AS ref,
       rtrim(pg_get_viewdef(r.oid), ';') AS definition,
       CASE WHEN r.reloptions IS NOT NULL THEN (
           SELECT string_agg(format('%s=%L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ' ORDER BY o COLLATE "C")
           FROM unnest(r.reloptions) o) END AS options,
       CASE WHEN a.amname <> 'heap' THEN quote_ident(a.amname) END AS access_method, quote_ident(s.spcname) AS tablespace,
       CASE WHEN NOT r.relispopulated THEN 'true' END AS no_data
FROM relations r
LEFT JOIN pg_am a ON a.oid = r.relam
LEFT JOIN pg_tablespace s ON s.oid = r.reltablespace
WHERE r.relkind = 'm'
