-- The snapshot for a second connection, where the catalog is so large (some hundred tables) that one is worth its while,
-- and the role may export it. And for each query of the inspection 1 where it can find anything (pg.h): most databases
-- have few kinds of objects, and to look for those that are not there takes longer than all else in a small one.
WITH kinds AS (SELECT DISTINCT relkind FROM pg_class)
SELECT CASE WHEN pg_relation_size('pg_attribute'::regclass) > 1500000
             AND has_function_privilege('pg_export_snapshot()', 'EXECUTE') THEN pg_export_snapshot() END, @present@
