SELECT id, project, version, kind, object, method, store, "rows", bytes, state, restore_sql, set_aside_at,
	CAST(strftime('%s', 'now') AS INTEGER) - CAST(strftime('%s', set_aside_at) AS INTEGER),
	EXISTS (SELECT 1 FROM main.sqlite_schema s WHERE '"' || replace(s.name, '"', '""') || '"' = store)
FROM main.@journal@migration_trash
WHERE project = ?1 AND state = 'kept'
ORDER BY id DESC
