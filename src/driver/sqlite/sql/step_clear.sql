-- Forgets the steps of a migration.
DELETE FROM main.@journal@migration_steps WHERE project = ?1 AND version = ?2 AND direction = ?3
