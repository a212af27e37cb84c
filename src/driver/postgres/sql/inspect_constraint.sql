-- Of tables and of domains. Foreign keys of partitions come with their parent's, and checks that are only inherited
-- with the table; keys of partitions are their own and say to which they are attached. What can be changed in place
-- stands at the end of the server's text and is an attribute of its own.
@scope@,
texts AS (
	SELECT r.nspname, r.relname, r.relkind, c.*, pg_get_constraintdef(c.oid) AS text
	FROM pg_constraint c
	JOIN relations r ON r.oid = c.conrelid
	WHERE c.contype IN ('p', 'u', 'c', 'x') AND (c.contype <> 'c' OR c.conislocal) OR c.contype = 'f' AND c.conparentid = 0
	UNION ALL
	SELECT n.nspname, t.typname, 'd', c.*, pg_get_constraintdef(c.oid)
	FROM pg_constraint c
	JOIN pg_type t ON t.oid = c.contypid
	JOIN spaces n ON n.oid = t.typnamespace
	WHERE c.contypid <> 0 AND c.contype = 'c'
	  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
), parts AS (
	SELECT t.*, CASE WHEN t.condeferrable THEN CASE WHEN t.condeferred THEN ' DEFERRABLE INITIALLY DEFERRED'
	                                                ELSE ' DEFERRABLE' END ELSE '' END AS timing,
	       CASE WHEN t.text LIKE '% NOT VALID' THEN left(t.text, -10) ELSE t.text END AS valid_text
	FROM texts t
)
SELECT c.nspname AS schema, c.relname AS parent, c.conname AS name, concat('2606:', c.oid) AS ref,
       CASE c.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key'
                      ELSE 'exclusion' END AS type,
       CASE WHEN c.timing <> '' AND right(c.valid_text, length(c.timing)) = c.timing
            THEN left(c.valid_text, - length(c.timing)) ELSE c.valid_text END AS definition,
       substr(NULLIF(c.timing, ''), 2) AS deferrable, CASE WHEN c.valid_text <> c.text THEN 'true' END AS not_valid,
       CASE WHEN c.relkind = 'd' THEN 'true' END AS of_domain,
       CASE WHEN c.contype = 'c' AND c.coninhcount > 0 THEN 'true' END AS also_inherited,
       CASE WHEN c.relkind = 'p' AND c.contype IN ('p', 'u', 'x') THEN 'true' END AS partitioned,
       CASE WHEN c.contype IN ('p', 'u', 'x') AND c.conparentid <> 0 THEN (
           SELECT format('%I.%I', pn.nspname, pc.relname)
           FROM pg_constraint p
           JOIN pg_class pc ON pc.oid = p.conindid
           JOIN pg_namespace pn ON pn.oid = pc.relnamespace
           WHERE p.oid = c.conparentid) END AS attached_to,
       CASE WHEN x.reloptions IS NOT NULL THEN (
           SELECT string_agg(format('%s=%L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ' ORDER BY o COLLATE "C")
           FROM unnest(x.reloptions) o) END AS options,
       CASE WHEN x.reltablespace <> 0 THEN (
           SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = x.reltablespace) END AS tablespace,
       CASE WHEN i.indisclustered THEN 'true' END AS clustered
FROM parts c
LEFT JOIN pg_index i ON c.contype IN ('p', 'u', 'x') AND i.indexrelid = c.conindid
LEFT JOIN pg_class x ON x.oid = i.indexrelid
