@scope@,
parents AS (
	SELECT i.inhrelid, string_agg(format('%I.%I', n.nspname, p.relname), ', ' ORDER BY i.inhseqno) AS names
	FROM pg_inherits i
	JOIN pg_class p ON p.oid = i.inhparent
	JOIN pg_namespace n ON n.oid = p.relnamespace
	WHERE p.relkind IN ('r', 'p', 'f')
	GROUP BY i.inhrelid
)
SELECT r.nspname AS schema, r.relname AS name, concat('1259:', r.oid) AS ref, quote_ident(s.srvname) AS server,
       CASE WHEN r.relispartition THEN p.names END AS partition_of,
       CASE WHEN r.relispartition THEN pg_get_expr(r.relpartbound, r.oid) END AS bound,
       CASE WHEN NOT r.relispartition THEN p.names END AS inherits,
       CASE WHEN f.ftoptions IS NOT NULL THEN (
           SELECT string_agg(format('%I %L', x.option_name, x.option_value), ', ' ORDER BY x.option_name COLLATE "C")
           FROM pg_options_to_table(f.ftoptions) x WHERE x.option_name !~* 'pass|secret') END AS options
FROM relations r
JOIN pg_foreign_table f ON f.ftrelid = r.oid
JOIN pg_foreign_server s ON s.oid = f.ftserver
LEFT JOIN parents p ON p.inhrelid = r.oid
