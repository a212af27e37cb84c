-- What makes an index with an expression or a condition: the server has to look at the table for it.
SELECT concat('1259:', i.indexrelid) AS ref, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i
WHERE i.indexrelid >= 16384 AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL) AND NOT i.indisexclusion
  AND ($1::text[] IS NULL OR $1::text[] IS NOT NULL)
