-- A run begins.
INSERT INTO main.@journal@migration_runs (id, project, command, plan_digest, plan, tool_version, who, host, pid, started_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, whimbrel_time(0))
