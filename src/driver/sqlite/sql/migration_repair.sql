-- What repair accepts.
UPDATE main.@journal@schema_migrations SET checksum = ?3, down_checksum = ?4, file = ?5, description = ?6, reason = ?7
WHERE project = ?1 AND version = ?2
