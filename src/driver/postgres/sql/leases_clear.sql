DELETE FROM @journal@migration_locks
