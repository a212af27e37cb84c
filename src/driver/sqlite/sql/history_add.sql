-- One line of the audit.
INSERT INTO main.@journal@migration_history (project, run, version, description, action, result, statements, rows_affected,
	execution_ms, retries, rss_kb, cpu_ms, lock_wait_ms, who, host, tool_version, reason, error)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
