-- The constraints of the relations $1, and what else on them has a name: triggers (T), rules (R), policies (P). Lists of
-- columns have one on each line. Older servers know no constraint that is not enforced.
SELECT k.conrelid, k.conname, k.contype,
       concat(CASE WHEN NOT k.convalidated THEN 'i' END, CASE WHEN k.coninhcount > 0 THEN 'h' END,
              CASE WHEN NOT coalesce((to_json(k) ->> 'conenforced')::bool, true) THEN 'e' END) AS flags,
       CASE WHEN k.contype = 'c' AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'relation'
                                                  AND l.relation = k.conrelid AND l.mode = 'AccessExclusiveLock')
            THEN pg_get_expr(k.conbin, k.conrelid) END AS expr,
       nullif(k.confrelid, 0) AS other, nullif(k.conindid, 0) AS index,
       (SELECT string_agg(a.attname, chr(10) ORDER BY u.place)
        FROM unnest(k.conkey) WITH ORDINALITY u(num, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num) AS columns,
       (SELECT string_agg(a.attname, chr(10) ORDER BY u.place)
        FROM unnest(k.confkey) WITH ORDINALITY u(num, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num) AS other_columns
FROM pg_constraint k
WHERE k.conrelid = ANY ($1::oid[]) AND k.contype <> 't'
UNION ALL
SELECT t.tgrelid, t.tgname, 'T', '', NULL, NULL, NULL, NULL, NULL
FROM pg_trigger t
WHERE t.tgrelid = ANY ($1::oid[]) AND NOT t.tgisinternal
UNION ALL
SELECT w.ev_class, w.rulename, 'R', '', NULL, NULL, NULL, NULL, NULL
FROM pg_rewrite w
WHERE w.ev_class = ANY ($1::oid[]) AND w.rulename <> '_RETURN'
UNION ALL
SELECT p.polrelid, p.polname, 'P', '', NULL, NULL, NULL, NULL, NULL
FROM pg_policy p
WHERE p.polrelid = ANY ($1::oid[])
