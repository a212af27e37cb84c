-- Its undo counts on what is not there any more.
UPDATE @journal@schema_migrations SET down_sql = NULL, reason = $3
WHERE project = $1 AND version = $2 AND pg_catalog.starts_with(down_sql, '-- migrate:down inferred')
  AND pg_catalog.strpos(down_sql, $4) > 0
