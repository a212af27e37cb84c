-- Columns with AUTOINCREMENT. What comes next is in a table that is there as long as one of them is.
SELECT NULL, m.name, i.name, 'sqlite_sequence',
       'SELECT coalesce((SELECT seq FROM main.sqlite_sequence WHERE name = ' || quote(m.name) || '), 0) + 1'
FROM main.sqlite_master m JOIN pragma_table_info(m.name) i
WHERE m.type = 'table' AND i.pk = 1 AND upper(i.type) = 'INTEGER' AND m.sql LIKE '%autoincrement%'
  AND EXISTS (SELECT 1 FROM main.sqlite_master s WHERE s.name = 'sqlite_sequence')
  AND substr(m.name, 1, length('@journal@')) <> '@journal@'
ORDER BY m.name
