-- What another tool applied, it applied back then.
UPDATE main.@journal@schema_migrations SET started_at = ?3, finished_at = ?3, applied_by = ?4, host = NULL, tool_version = ?5
WHERE project = ?1 AND version = ?2
