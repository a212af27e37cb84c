-- A step before it runs; whatever an earlier try left behind is gone.
REPLACE INTO main.@journal@migration_steps (project, version, direction, ordinal, kind, transactional, hash, sql, line, col,
	state, run)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
