INSERT INTO @journal@migration_trash (project, version, run, kind, object, method, store, "rows", bytes, restore_sql)
VALUES ($1, $2, $3, $4, $5, $6, $7,
	coalesce($8::pg_catalog.int8, (SELECT CASE WHEN c.reltuples >= 0 THEN c.reltuples::pg_catalog.int8 END
		FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($7))),
	pg_catalog.pg_total_relation_size(pg_catalog.to_regclass($7)), $9)
