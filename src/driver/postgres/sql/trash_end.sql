UPDATE @journal@migration_trash SET state = $2, ended_at = pg_catalog.now() WHERE id = $1::pg_catalog.int8 AND state = 'kept'
