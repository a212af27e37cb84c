-- $1 table (0: any of the database) -> invalid indexes that a broken REINDEX CONCURRENTLY leaves behind, on the table and
-- its TOAST table
SELECT i.indexrelid::int8, c.relname, format('%I.%I', n.nspname, c.relname)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'
  AND ($1::int8 = 0 OR i.indrelid = $1::int8::oid
       OR i.indrelid = (SELECT reltoastrelid FROM pg_class WHERE oid = $1::int8::oid))
ORDER BY i.indexrelid
