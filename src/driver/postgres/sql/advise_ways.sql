-- What of extensions can be used: indexes that are not there, trigrams, statements that were counted.
SELECT (pg_catalog.to_regproc('hypopg_create_index') IS NOT NULL)::pg_catalog.int4,
       (EXISTS (SELECT 1 FROM pg_catalog.pg_opclass o WHERE o.opcname = 'gin_trgm_ops'
                AND pg_catalog.pg_opclass_is_visible(o.oid)))::pg_catalog.int4,
       (pg_catalog.to_regclass('pg_stat_statements') IS NOT NULL)::pg_catalog.int4
