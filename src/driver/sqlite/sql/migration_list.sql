-- The migrations of a project in the order in which they were applied.
SELECT version, kind, checksum, down_checksum, state, rank, typeof(down_sql) <> 'null', phase, statements_total,
	statements_done, description, family, type, file, finished_at, execution_ms, origin, reason, error
FROM main.@journal@schema_migrations WHERE project = ?1 ORDER BY rank
