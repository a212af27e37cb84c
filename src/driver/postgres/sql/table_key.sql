-- The columns of the primary key.
SELECT a.attname
FROM pg_catalog.pg_index i
CROSS JOIN LATERAL pg_catalog.unnest(CAST(i.indkey AS pg_catalog.int2[])) WITH ORDINALITY AS p (number, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = p.number
WHERE i.indrelid = pg_catalog.to_regclass(CAST($1 AS pg_catalog.text)) AND i.indisprimary
  AND CAST($2 AS pg_catalog.text) IS NOT NULL
ORDER BY p.place
