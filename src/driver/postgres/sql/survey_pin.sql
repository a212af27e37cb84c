-- As pin.sql; and what is estimated to be long here is short: compiling it would take a hundred times as long as running it.
SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true), pg_catalog.set_config('jit', 'off', true)
