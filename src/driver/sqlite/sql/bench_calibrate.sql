-- The same work whatever the database holds: how fast the machine is just now.
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) SELECT sum(i * 31 % 17) FROM n
