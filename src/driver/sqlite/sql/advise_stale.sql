-- The whole database, where nobody has ever analyzed it.
SELECT NULL, NULL, NULL, NULL, NULL
WHERE NOT EXISTS (SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_stat1')
