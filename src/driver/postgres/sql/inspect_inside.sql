-- For an inspection within a transaction: what there is, as inspect_begin.sql says it, and no snapshot, since no second
-- connection could see what is not committed.
WITH kinds AS (SELECT DISTINCT relkind FROM pg_class)
SELECT NULL, @present@
