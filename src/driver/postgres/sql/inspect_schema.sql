@scope@
SELECT n.nspname AS name, concat('2615:', n.oid) AS ref
FROM spaces n
