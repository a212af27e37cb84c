-- Of a migration that was reverted: what is not in the trash any more has come back.
UPDATE @journal@migration_trash SET state = 'restored', ended_at = pg_catalog.now()
WHERE project = $1 AND version = $2 AND state = 'kept' AND pg_catalog.to_regclass(store) IS NULL
