-- $1 key of another tool's advisory lock -> 1 when it is ours now.
SELECT CASE WHEN pg_catalog.pg_try_advisory_lock(CAST($1 AS pg_catalog.int8)) THEN 1 ELSE 0 END
