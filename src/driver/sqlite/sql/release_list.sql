SELECT version, impact, first_migration, last_migration, migrations, last_rank, hash, breaking, notes, released_at,
	released_by
FROM main.@journal@schema_versions WHERE project = ?1 ORDER BY id DESC
