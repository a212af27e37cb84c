SELECT id, at, project, run, version, description, action, result, statements, rows_affected, execution_ms, retries,
	rss_kb, cpu_ms, lock_wait_ms, who, host, tool_version, reason, error
FROM main.@journal@migration_history WHERE id >= ?1 ORDER BY id
