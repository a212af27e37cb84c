-- One line of another tool's history.
INSERT INTO main.@journal@migration_history (at, project, run, version, description, action, result, execution_ms, who,
	tool_version, reason, error)
VALUES (ifnull(?11, whimbrel_time(0)), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?12)
