-- The snapshot for a second connection, where the catalog is so large (some hundred tables) that one is worth its while,
-- and the role may export it.
SELECT CASE WHEN pg_catalog.pg_relation_size('pg_catalog.pg_attribute'::pg_catalog.regclass) OPERATOR(pg_catalog.>) 1500000
             AND pg_catalog.has_function_privilege('pg_catalog.pg_export_snapshot()', 'EXECUTE')
            THEN pg_catalog.pg_export_snapshot() END
