-- The tables of $1 (JSON: [[schema or null, name], ...]), with $2 = 1 also those that refer to them, however far; each
-- after what it refers to.
WITH RECURSIVE asked AS (
	SELECT pg_catalog.to_regclass(coalesce(pg_catalog.quote_ident(v->>0) || '.', '') || pg_catalog.quote_ident(v->>1))::pg_catalog.oid AS oid
	FROM pg_catalog.json_array_elements($1::pg_catalog.json) AS j (v)
), keys AS (
	SELECT DISTINCT conrelid, confrelid FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conrelid <> confrelid
), reached (oid, way) AS (
	SELECT oid, ARRAY[oid] FROM asked WHERE oid IS NOT NULL
	UNION
	SELECT k.conrelid, r.way || k.conrelid
	FROM reached r JOIN keys k ON k.confrelid = r.oid
	WHERE k.conrelid <> ALL (r.way) AND ($2 = '1' OR k.conrelid IN (SELECT oid FROM asked))
)
SELECT n.nspname, c.relname
FROM reached r JOIN pg_catalog.pg_class c ON c.oid = r.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
GROUP BY n.nspname, c.relname
ORDER BY max(cardinality(r.way)), 1, 2
