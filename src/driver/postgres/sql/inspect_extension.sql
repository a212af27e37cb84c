SELECT e.extname AS name, concat('3079:', e.oid) AS ref, e.extversion AS version, quote_ident(n.nspname) AS installed_in
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql' AND $1::text[] IS NULL
