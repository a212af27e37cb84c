-- What a new connection must know, and the settings it wants, unless a pooler (the server process is not the
-- one that was announced, $1) would hand them on to strangers. @settings@ is made by session.c.
SELECT pg_catalog.pg_backend_pid(), CASE WHEN pg_catalog.pg_is_in_recovery() THEN 1 ELSE 0 END,
       CASE WHEN pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.int4) THEN @settings@ END
