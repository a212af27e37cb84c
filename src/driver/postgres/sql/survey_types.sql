-- The types $2 (schemas), $3 within the search path $4, those of the columns of $1 that are not built in, and what domains
-- among them are made of; then who uses them.
WITH RECURSIVE asked(oid) AS (
	SELECT t.oid
	FROM unnest($2::text[], $3::text[]) a(nsp, typ)
	JOIN pg_type t ON t.typname = a.typ
	JOIN pg_namespace n ON n.oid = t.typnamespace
	WHERE n.nspname = a.nsp OR a.nsp IS NULL AND n.nspname = ANY ($4::text[])
	UNION
	SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = ANY ($1::oid[]) AND a.atttypid >= 16384
	UNION
	SELECT t.typbasetype FROM asked y JOIN pg_type t ON t.oid = y.oid AND t.typtype = 'd'
), constrained AS (
	SELECT a.oid AS domain, a.oid AS part FROM asked a
	UNION
	SELECT k.domain, t.typbasetype FROM constrained k JOIN pg_type t ON t.oid = k.part AND t.typtype = 'd'
)
SELECT n.nspname, t.typname, CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS base,
       EXISTS (SELECT FROM constrained k JOIN pg_type p ON p.oid = k.part AND p.typtype = 'd'
               WHERE k.domain = t.oid
                 AND (p.typnotnull OR EXISTS (SELECT FROM pg_constraint c WHERE c.contypid = p.oid))) AS constrained,
       u.oid AS user
FROM asked y
JOIN pg_type t ON t.oid = y.oid AND t.oid >= 16384
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN LATERAL (
	SELECT DISTINCT a.attrelid AS oid
	FROM constrained k
	JOIN pg_attribute a ON a.atttypid = k.domain AND NOT a.attisdropped AND a.attnum > 0
	WHERE k.part = t.oid AND t.typtype = 'd'
	UNION
	SELECT c.oid FROM pg_class c WHERE c.reloftype = t.oid
) u ON true
