SELECT 1 WHERE pg_catalog.to_regclass(@schema_literal@ || '.migration_trash') IS NOT NULL
