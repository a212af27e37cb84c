-- Goes in front of the driver's own queries, in the same implicit transaction: nothing that the role's
-- search_path offers can then stand in for an operator or a function of the catalog. And compiling a query of the catalog
-- takes longer than the query.
SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true), pg_catalog.set_config('jit', 'off', true)
