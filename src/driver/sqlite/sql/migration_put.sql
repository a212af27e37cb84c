-- Writes one whole row.
REPLACE INTO main.@journal@schema_migrations (project, version, kind, rank, description, family, type, file, checksum,
	down_checksum, state, phase, statements_total, statements_done, execution_ms, rows_affected, applied_by, host,
	tool_version, origin, down_sql, applied_sql, reason, error, run, started_at, finished_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
	strftime('%Y-%m-%dT%H:%M:%fZ', 'now', (coalesce($15, 0) / -1000.0) || ' seconds'),
	iif($11 = 'running', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))
