SELECT id, project, version, kind, object, method, store, "rows", bytes, state, restore_sql,
	pg_catalog.to_char(set_aside_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
	pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - set_aside_at)::pg_catalog.int8,
	CASE WHEN pg_catalog.to_regclass(store) IS NULL THEN 0 ELSE 1 END
FROM @journal@migration_trash
WHERE project = $1 AND state = 'kept'
ORDER BY id DESC
