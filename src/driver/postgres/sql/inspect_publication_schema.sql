-- The schemas of a publication, from version 15 on.
SELECT concat('6104:', s.pnpubid) AS ref, string_agg(quote_ident(n.nspname), chr(10) ORDER BY n.nspname COLLATE "C") AS schemas
FROM pg_publication_namespace s
JOIN pg_namespace n ON n.oid = s.pnnspid
WHERE $1::text[] IS NULL
GROUP BY s.pnpubid
