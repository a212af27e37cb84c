-- $1 project or NULL -> leases. One that has expired is still alive while its holder's transaction is under way: then
-- somebody writes to this table.
SELECT 'lease:' || token, 'lease', owner, host, coalesce(pid, -1), -1,
       to_char(acquired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
       CASE WHEN expires_at >= clock_timestamp() THEN 'active'
            WHEN EXISTS (SELECT FROM pg_locks
                         WHERE locktype = 'relation' AND relation = CAST(@lock_table_literal@ AS regclass)
                           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                           AND mode = 'RowExclusiveLock' AND granted AND pid <> pg_backend_pid()) THEN 'active'
            ELSE 'stale' END,
       ''
FROM @journal@migration_locks
WHERE ($1::text IS NULL OR project = $1::text) AND owner IS NOT NULL
ORDER BY project
