SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = '@journal@migration_trash'
