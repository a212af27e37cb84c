-- Nothing but pg_catalog can be found without its schema, so that the server writes every other name in full; and
-- constants are written the same way whatever the role prefers. The queries join in
-- the order in which they are written, and are shorter than they look to the planner.
SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true),
       pg_catalog.set_config('quote_all_identifiers', 'off', true), pg_catalog.set_config('timezone', 'UTC', true),
       pg_catalog.set_config('datestyle', 'ISO, YMD', true), pg_catalog.set_config('intervalstyle', 'postgres', true),
       pg_catalog.set_config('bytea_output', 'hex', true), pg_catalog.set_config('extra_float_digits', '1', true),
       pg_catalog.set_config('jit', 'off', true),
       pg_catalog.set_config('join_collapse_limit', '1', true),
       pg_catalog.set_config('max_parallel_workers_per_gather', '0', true)
