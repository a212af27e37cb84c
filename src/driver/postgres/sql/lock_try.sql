-- $1 key -> 1 when it is ours now. Nothing else may be asked in this statement: its snapshot is older than the lock.
SELECT CASE WHEN pg_try_advisory_lock($1::int8) THEN 1 ELSE 0 END
