-- The stored texts of a migration.
SELECT down_sql, applied_sql, file, checksum, family FROM main.@journal@schema_migrations
WHERE project = ?1 AND version = ?2
