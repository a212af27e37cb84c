-- $1 quoted name, as the session's search_path finds it -> oid
SELECT CAST(CAST(pg_catalog.to_regclass(CAST($1 AS pg_catalog.text)) AS pg_catalog.oid) AS pg_catalog.int8)
