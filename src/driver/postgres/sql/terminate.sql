-- $1 server process -> 1 when the signal was sent
SELECT CASE WHEN pg_terminate_backend($1::int4) THEN 1 ELSE 0 END
