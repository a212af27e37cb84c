-- Forgets the dependencies of a migration.
DELETE FROM main.@journal@migration_dependencies WHERE project = ?1 AND version = ?2
