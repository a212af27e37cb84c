-- $1 project, $2 token, $3 milliseconds to live. Inside every transaction of a holder: keeps the row locked to its end,
-- and fails (the cast of a sentence to a number) when the lease is no longer ours.
WITH mine AS (
	UPDATE @journal@migration_locks
	SET heartbeat_at = pg_catalog.clock_timestamp(),
	    expires_at = pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) pg_catalog.make_interval(secs =>
	        CAST(CAST($3 AS pg_catalog.int8) AS pg_catalog.float8) OPERATOR(pg_catalog./) CAST(1000 AS pg_catalog.float8))
	WHERE project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text)
	  AND token OPERATOR(pg_catalog.=) CAST($2 AS pg_catalog.int8)
	RETURNING 1
)
SELECT CASE WHEN EXISTS (SELECT FROM mine) THEN 1
       ELSE CAST(pg_catalog.concat('whimbrel_fence:', COALESCE(
	(SELECT CASE WHEN l.broken_by IS NOT NULL THEN pg_catalog.concat('it was broken by ', l.broken_by)
	             WHEN l.owner IS NOT NULL THEN pg_catalog.concat('it is now held by ', l.owner, ' on ', l.host)
	             ELSE 'it was released by another run' END
	 FROM @journal@migration_locks l
	 WHERE l.project OPERATOR(pg_catalog.=) CAST($1 AS pg_catalog.text)), 'its row is gone')) AS pg_catalog.int4) END
