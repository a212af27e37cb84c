UPDATE main.@journal@migration_trash SET state = ?2, ended_at = whimbrel_time(0)
WHERE id = CAST(?1 AS INTEGER) AND state = 'kept'
