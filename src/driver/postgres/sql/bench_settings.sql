-- What plans and times depend on.
SELECT name, pg_catalog.current_setting(name)
FROM pg_catalog.pg_settings
WHERE name IN ('shared_buffers', 'work_mem', 'hash_mem_multiplier', 'effective_cache_size', 'random_page_cost',
               'seq_page_cost', 'effective_io_concurrency', 'max_parallel_workers_per_gather', 'jit',
               'jit_above_cost', 'plan_cache_mode', 'default_statistics_target', 'data_checksums', 'server_version')
   OR (category LIKE 'Query Tuning%' AND setting <> boot_val)
ORDER BY name
