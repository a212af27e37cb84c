-- Everything that has a text of its own, in an order that making it again keeps: tables, then what stands on them.
-- (name, sql, what it is: table, virtual, index, view or trigger)
SELECT m.name, m.sql, iif(l.type = 'virtual', 'virtual', m.type)
FROM main.sqlite_master m LEFT JOIN pragma_table_list l ON l.schema = 'main' AND l.name = m.name
WHERE m.sql IS NOT NULL AND substr(m.name, 1, 7) <> 'sqlite_' AND coalesce(l.type, '') <> 'shadow'
	AND m.tbl_name NOT IN ('@journal@meta', '@journal@schema_migrations', '@journal@migration_history',
	'@journal@migration_steps', '@journal@migration_runs', '@journal@migration_dependencies')
ORDER BY CASE m.type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, m.rowid
