-- The lock is a file beside the database: there are no leases in it.
SELECT 1 WHERE 0
