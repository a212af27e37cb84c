SELECT pg_catalog.nextval(pg_catalog.pg_get_serial_sequence(@schema_literal@ || '.migration_trash', 'id'))
