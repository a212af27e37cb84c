-- Those of views are their definition.
@scope@
SELECT r.nspname AS schema, r.relname AS parent, w.rulename AS name, concat('2618:', w.oid) AS ref,
       rtrim(pg_get_ruledef(w.oid), ';') AS definition,
       CASE w.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' END AS enabled
FROM pg_rewrite w
JOIN relations r ON r.oid = w.ev_class
WHERE w.rulename <> '_RETURN'
