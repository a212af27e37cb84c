SELECT id, at FROM main.@journal@migration_history ORDER BY id DESC LIMIT 1
