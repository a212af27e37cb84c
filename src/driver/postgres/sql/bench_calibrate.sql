-- The same work whatever the database holds: how fast the machine is just now.
SELECT sum(hashint8(i)) FROM generate_series(1, 8000) AS i
