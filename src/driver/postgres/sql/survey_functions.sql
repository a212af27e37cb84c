-- The functions $1 (schemas), $2 within the search path $3: volatile (t), not (f), or that depends (NULL): on the arguments,
-- or, of a function in SQL, on its body, which the planner puts in its place where it can.
SELECT n.nspname, p.proname,
       CASE WHEN bool_and(p.provolatile = 'v' AND p.prolang <> 14) THEN true
            WHEN bool_or(p.provolatile = 'v') THEN NULL ELSE false END AS volatile
FROM unnest($1::text[], $2::text[]) a(nsp, fn)
JOIN pg_proc p ON p.proname = a.fn
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = a.nsp OR a.nsp IS NULL AND n.nspname = ANY ($3::text[])
GROUP BY n.nspname, p.proname
