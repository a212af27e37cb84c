-- $1 key -> 1 when it is ours now; 1 when the lease table exists
SELECT CASE WHEN pg_try_advisory_lock($1::int8) THEN 1 ELSE 0 END,
       (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = CAST(@schema_literal@ AS name) AND c.relname = 'migration_locks')
