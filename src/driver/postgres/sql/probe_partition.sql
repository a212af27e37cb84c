-- $1 partition, $2 parent -> 1 when a detach was begun and not finished; quoted names of parent and partition
SELECT CASE WHEN i.inhdetachpending THEN 1 ELSE 0 END, p.oid::regclass::text, c.oid::regclass::text
FROM pg_inherits i
JOIN pg_class p ON p.oid = i.inhparent
JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhrelid = $1::int8::oid AND i.inhparent = $2::int8::oid
