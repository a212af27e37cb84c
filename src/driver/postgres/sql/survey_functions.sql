-- The functions $1 (schemas), $2 within the search path $3: volatile (t), not (f), or that depends on the arguments (NULL).
SELECT n.nspname, p.proname,
       CASE WHEN bool_and(p.provolatile = 'v') THEN true WHEN bool_or(p.provolatile = 'v') THEN NULL ELSE false END AS volatile
FROM unnest($1::text[], $2::text[]) a(nsp, fn)
JOIN pg_proc p ON p.proname = a.fn
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = a.nsp OR a.nsp IS NULL AND n.nspname = ANY ($3::text[])
GROUP BY n.nspname, p.proname
