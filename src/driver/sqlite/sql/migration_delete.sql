-- Forgets a migration.
DELETE FROM main.@journal@schema_migrations WHERE project = ?1 AND version = ?2
