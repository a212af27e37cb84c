-- SQLite tells no more than ANALYZE has counted, in no form that is meant for others.
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL WHERE 0
