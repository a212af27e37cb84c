-- A dependency, once.
INSERT OR IGNORE INTO main.@journal@migration_dependencies (project, version, depends_on) VALUES (?1, ?2, ?3)
