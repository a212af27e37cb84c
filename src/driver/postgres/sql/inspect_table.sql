-- Tables, and with relkind f foreign ones.
@scope@,
parents AS (
	SELECT i.inhrelid, string_agg(format('%I.%I', n.nspname, p.relname), ', ' ORDER BY i.inhseqno) AS names
	FROM pg_inherits i
	JOIN pg_class p ON p.oid = i.inhparent
	JOIN pg_namespace n ON n.oid = p.relnamespace
	WHERE p.relkind IN ('r', 'p', 'f')
	GROUP BY i.inhrelid
), identities AS (
	SELECT i.indrelid, x.relname
	FROM pg_index i
	JOIN pg_class x ON x.oid = i.indexrelid
	WHERE i.indisreplident
)
SELECT r.nspname AS schema, r.relname AS name, concat('1259:', r.oid) AS ref,
       CASE WHEN r.relpersistence = 'u' THEN 'true' END AS unlogged,
       CASE WHEN r.reloftype <> 0 THEN format_type(r.reloftype, NULL) END AS of_type,
       CASE WHEN r.relispartition THEN p.names END AS partition_of,
       CASE WHEN r.relispartition THEN pg_get_expr(r.relpartbound, r.oid) END AS bound,
       CASE WHEN NOT r.relispartition THEN p.names END AS inherits,
       CASE WHEN r.relkind = 'p' THEN pg_get_partkeydef(r.oid) END AS partition_by,
       CASE WHEN a.amname <> 'heap' THEN quote_ident(a.amname) END AS access_method,
       CASE WHEN r.reloptions IS NOT NULL OR t.reloptions IS NOT NULL THEN (
           SELECT string_agg(format('%s=%L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ' ORDER BY o COLLATE "C")
           FROM (SELECT unnest(r.reloptions) UNION ALL SELECT 'toast.' || unnest(t.reloptions)) x (o)) END AS options,
       quote_ident(s.spcname) AS tablespace,
       CASE WHEN r.relrowsecurity THEN 'true' END AS row_security,
       CASE WHEN r.relforcerowsecurity THEN 'true' END AS force_row_security,
       CASE r.relreplident WHEN 'n' THEN 'NOTHING' WHEN 'f' THEN 'FULL'
                           WHEN 'i' THEN concat('USING INDEX ', quote_ident(i.relname)) END AS replica_identity
FROM relations r
LEFT JOIN parents p ON p.inhrelid = r.oid
LEFT JOIN pg_am a ON a.oid = r.relam
LEFT JOIN pg_class t ON t.oid = r.reltoastrelid AND t.reloptions IS NOT NULL
LEFT JOIN pg_tablespace s ON s.oid = r.reltablespace
LEFT JOIN identities i ON i.indrelid = r.oid
WHERE r.relkind IN ('r', 'p')
