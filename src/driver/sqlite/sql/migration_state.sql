-- A migration's new state; all else stays.
UPDATE main.@journal@schema_migrations SET state = ?3, statements_done = coalesce(?4, statements_done), reason = ?5,
	error = ?6, run = coalesce(?7, run), finished_at = whimbrel_time(0)
WHERE project = ?1 AND version = ?2
