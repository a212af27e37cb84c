-- $1 application name of pg_dump -> bytes of the table that it reads just now
SELECT coalesce(sum(p.bytes_processed), 0)
FROM pg_catalog.pg_stat_progress_copy p
JOIN pg_catalog.pg_stat_activity a ON a.pid OPERATOR(pg_catalog.=) p.pid
WHERE a.application_name OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text)
