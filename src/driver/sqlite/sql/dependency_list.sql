-- All dependencies of a project.
SELECT version, depends_on FROM main.@journal@migration_dependencies WHERE project = ?1 ORDER BY version, depends_on
