-- The same work whatever the database holds: how fast the machine is just now.
SELECT count(DISTINCT md5(i::text)) FROM generate_series(1, 1500) AS i
