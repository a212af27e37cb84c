-- $1 table -> its indexes
SELECT i.indexrelid::int8, c.relname, format('%I.%I', n.nspname, c.relname), CASE WHEN i.indisvalid THEN 1 ELSE 0 END,
       pg_get_indexdef(i.indexrelid)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indrelid = $1::int8::oid
ORDER BY i.indexrelid
