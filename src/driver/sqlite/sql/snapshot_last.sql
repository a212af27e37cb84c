-- Of a release, or (?2 NULL) the newest that was kept after a run.
SELECT version, taken_at, hash, definition FROM main.@journal@schema_snapshots WHERE project = ?1 AND release IS ?2
ORDER BY id DESC LIMIT 1
