@scope@
SELECT r.nspname AS schema, r.relname AS parent, p.polname AS name, concat('3256:', p.oid) AS ref,
       CASE WHEN NOT p.polpermissive THEN 'true' END AS restrictive,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' END AS command,
       CASE WHEN p.polroles <> '{0}' THEN (
           SELECT string_agg(quote_ident(a.rolname), ', ' ORDER BY a.rolname COLLATE "C") FROM pg_roles a WHERE a.oid = ANY (p.polroles))
           END AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS check
FROM pg_policy p
JOIN relations r ON r.oid = p.polrelid
