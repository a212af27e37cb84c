SELECT version, taken_at, hash, definition FROM main.@journal@schema_snapshots WHERE project = ?1 ORDER BY id DESC LIMIT 1
