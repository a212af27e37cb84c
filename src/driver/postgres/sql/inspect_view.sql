-- Its columns tell whether it can be replaced: those there are must stay as they are.
@scope@,
columns AS (
	SELECT a.attrelid, string_agg(concat(quote_ident(a.attname), ' ', format_type(a.atttypid, a.atttypmod),
	           CASE WHEN a.attcollation <> t.typcollation THEN (SELECT format(' COLLATE %I.%I', n.nspname, o.collname)
	               FROM pg_collation o JOIN pg_namespace n ON n.oid = o.collnamespace WHERE o.oid = a.attcollation) END),
	           ', ' ORDER BY a.attnum) AS list
	FROM pg_class c
	JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
	JOIN pg_type t ON t.oid = a.atttypid
	WHERE c.relkind = 'v' AND c.oid >= 16384
	GROUP BY a.attrelid
)
SELECT r.nspname AS schema, r.relname AS name, concat('1259:', r.oid) AS ref,
       rtrim(pg_get_viewdef(r.oid), ';') AS definition, c.list AS columns,
       CASE WHEN r.reloptions IS NOT NULL THEN (
           SELECT string_agg(format('%s=%L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ' ORDER BY o COLLATE "C")
           FROM unnest(r.reloptions) o) END AS options
FROM relations r
LEFT JOIN columns c ON c.attrelid = r.oid
WHERE r.relkind = 'v'
