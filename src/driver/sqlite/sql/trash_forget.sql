-- Its undo counts on what is not there any more.
UPDATE main.@journal@schema_migrations SET down_sql = NULL, reason = ?3
WHERE project = ?1 AND version = ?2 AND down_sql LIKE '-- migrate:down inferred%' AND instr(down_sql, ?4) > 0
