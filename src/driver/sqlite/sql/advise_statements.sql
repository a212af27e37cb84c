-- SQLite counts no statements.
SELECT NULL, NULL, NULL, NULL WHERE ?1 IS NULL AND 0
