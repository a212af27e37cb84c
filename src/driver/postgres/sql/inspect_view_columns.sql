-- The columns of views tell whether a view can be replaced: those there are must stay as they are.
SELECT concat('1259:', a.attrelid) AS ref,
       string_agg(concat(quote_ident(a.attname), ' ', format_type(a.atttypid, a.atttypmod),
           CASE WHEN a.attcollation <> t.typcollation THEN (SELECT format(' COLLATE %I.%I', n.nspname, o.collname)
               FROM pg_collation o JOIN pg_namespace n ON n.oid = o.collnamespace WHERE o.oid = a.attcollation) END),
           ', ' ORDER BY a.attnum) AS columns
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind = 'v' AND c.oid >= 16384 AND ($1::text[] IS NULL OR $1::text[] IS NOT NULL)
GROUP BY a.attrelid
