-- Of a migration that was reverted: what is not in the trash any more has come back.
UPDATE main.@journal@migration_trash SET state = 'restored', ended_at = whimbrel_time(0)
WHERE project = ?1 AND version = ?2 AND state = 'kept'
  AND NOT EXISTS (SELECT 1 FROM main.sqlite_schema s WHERE '"' || replace(s.name, '"', '""') || '"' = store)
