-- SQLite's planner cannot be shown what is not there.
SELECT NULL, NULL WHERE ?1 IS NULL AND 0
