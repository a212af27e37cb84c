@scope@,
tables AS (
	SELECT r.prpubid, format('ONLY %I.%I', n.nspname, c.relname) || COALESCE(' (' || (
	           SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
	           WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.columns::int2[])) || ')', '')
	       || COALESCE(' WHERE (' || pg_get_expr(r.filter, r.prrelid) || ')', '') AS line
	FROM (SELECT NULL::pg_node_tree AS prqual, NULL::int2vector AS prattrs) older
	CROSS JOIN LATERAL (SELECT b.prpubid, b.prrelid, prqual AS filter, prattrs AS columns FROM pg_publication_rel b) r
	JOIN pg_class c ON c.oid = r.prrelid
	JOIN pg_namespace n ON n.oid = c.relnamespace
)
SELECT p.pubname AS name, concat('6104:', p.oid) AS ref, CASE WHEN p.puballtables THEN 'true' END AS all_tables,
       CASE WHEN NOT (p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate)
            THEN concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                           CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) END AS publish,
       CASE WHEN p.viaroot THEN 'true' END AS via_root, t.lines AS tables
FROM (SELECT false AS pubviaroot) older
CROSS JOIN LATERAL (
	SELECT b.oid, b.pubname, b.puballtables, b.pubinsert, b.pubupdate, b.pubdelete, b.pubtruncate, pubviaroot AS viaroot
	FROM pg_publication b
) p
LEFT JOIN (SELECT x.prpubid, string_agg(x.line, chr(10) ORDER BY x.line COLLATE "C") AS lines FROM tables x GROUP BY x.prpubid) t
       ON t.prpubid = p.oid
WHERE $1::text[] IS NULL
  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_publication'::regclass AND m.objid = p.oid)
