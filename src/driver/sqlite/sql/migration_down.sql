-- A migration is about to be reverted.
UPDATE main.@journal@schema_migrations SET state = 'running', phase = 'down', statements_total = ?3, statements_done = 0,
	error = NULL
WHERE project = ?1 AND version = ?2
