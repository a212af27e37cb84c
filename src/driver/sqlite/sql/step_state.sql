-- A step's progress.
UPDATE main.@journal@migration_steps SET state = coalesce(?5, state), memo = coalesce(?6, memo), probe = coalesce(?7, probe),
	cursor = coalesce(?8, cursor), error = ?9, execution_ms = coalesce(?10, execution_ms), rss_kb = coalesce(?11, rss_kb),
	cpu_ms = coalesce(?12, cpu_ms), lock_wait_ms = coalesce(?13, lock_wait_ms), run = coalesce(?14, run),
	started_at = iif(?5 = 'running', whimbrel_time(0), started_at),
	finished_at = iif(?5 IN ('done', 'failed', 'skipped'), whimbrel_time(0), finished_at)
WHERE project = ?1 AND version = ?2 AND direction = ?3 AND ordinal = ?4
