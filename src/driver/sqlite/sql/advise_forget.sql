-- SQLite's planner was shown nothing.
SELECT NULL WHERE 0
