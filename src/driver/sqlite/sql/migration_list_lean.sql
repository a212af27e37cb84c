-- Its first columns, in no order.
SELECT version, kind, checksum, down_checksum, state, rank, typeof(down_sql) <> 'null'
FROM main.@journal@schema_migrations WHERE project = ?1
