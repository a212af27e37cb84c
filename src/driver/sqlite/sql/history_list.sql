-- The audit, newest first.
SELECT id, at, version, description, action, result, statements, rows_affected, execution_ms, retries, rss_kb, cpu_ms,
	lock_wait_ms, who, host, tool_version, reason, error, run
FROM main.@journal@migration_history WHERE project = ?1 AND (?2 IS NULL OR version = ?2) ORDER BY id DESC LIMIT ?3
