-- The same without the texts of plainly applied ones.
SELECT version, kind, iif(state <> 'applied', description, NULL), iif(state <> 'applied', family, NULL),
	iif(state <> 'applied', type, NULL), iif(state <> 'applied', file, NULL), checksum, down_checksum, state, phase, rank,
	statements_total, statements_done, iif(state <> 'applied', finished_at, NULL),
	iif(state <> 'applied', execution_ms, NULL), iif(state <> 'applied', origin, NULL), typeof(down_sql) <> 'null',
	iif(state <> 'applied', reason, NULL), iif(state <> 'applied', error, NULL)
FROM main.@journal@schema_migrations WHERE project = ?1 ORDER BY rank
