-- The migrations of a project in the order in which they were applied.
SELECT version, kind, description, family, type, file, checksum, down_checksum, state, phase, rank, statements_total,
	statements_done, finished_at, execution_ms, origin, typeof(down_sql) <> 'null', reason, error
FROM main.@journal@schema_migrations WHERE project = ?1 ORDER BY rank
