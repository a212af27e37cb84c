-- One row when there is a table whose work as a whole takes time: of a mebibyte, as the catalog knows it.
SELECT 1 FROM pg_catalog.pg_class WHERE relkind IN ('r', 'm') AND relpages > 128 AND oid >= 16384 LIMIT 1
