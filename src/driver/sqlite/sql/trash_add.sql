INSERT INTO main.@journal@migration_trash
	(project, version, run, kind, object, method, store, "rows", bytes, restore_sql, set_aside_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, ?9, whimbrel_time(0))
