-- How a table (?2) goes to the trash as ?3: part, statement, why. Renamed where it refers to no other table: indexes and
-- triggers, whose names are the schema's, are made again by the undo. Else a copy of its rows is kept, since its foreign
-- keys would go on acting.
WITH t AS (
	SELECT s.name, s.sql, printf('"%w"', s.name) AS live, printf('"%w"', '@journal@trash_' || ?3) AS store,
	       EXISTS (SELECT 1 FROM pragma_foreign_key_list(s.name, 'main')) AS refers,
	       s.sql LIKE 'CREATE VIRTUAL%' AS virtual,
	       (SELECT wr FROM pragma_table_list(s.name) WHERE schema = 'main') AS numberless
	FROM main.sqlite_schema s
	WHERE s.type = 'table' AND s.name = ?2 COLLATE NOCASE AND coalesce(?1, 'main') = 'main' COLLATE NOCASE
	  AND (?1 IS NOT NULL OR NOT EXISTS (SELECT 1 FROM temp.sqlite_schema p WHERE p.name = ?2 COLLATE NOCASE))
), columns AS (
	SELECT x.*, t.numberless FROM t, pragma_table_xinfo(t.name, 'main') x WHERE x.hidden = 0
), number AS (
	SELECT CASE WHEN t.numberless OR (SELECT count(*) FROM columns WHERE pk > 0) = 1
	                 AND EXISTS (SELECT 1 FROM columns WHERE pk > 0 AND type = 'INTEGER' COLLATE NOCASE) THEN NULL
	            WHEN NOT EXISTS (SELECT 1 FROM columns WHERE name = 'rowid' COLLATE NOCASE) THEN 'rowid'
	            WHEN NOT EXISTS (SELECT 1 FROM columns WHERE name = '_rowid_' COLLATE NOCASE) THEN '_rowid_' END AS name
	FROM t
), names AS (
	SELECT coalesce((SELECT name || ', ' FROM number), '') || group_concat(printf('"%w"', name), ', ') AS given,
	       coalesce((SELECT name || ' AS whimbrel_number, ' FROM number WHERE name IS NOT NULL), '')
	       || group_concat(printf('"%w"', name), ', ') AS taken,
	       coalesce((SELECT 'whimbrel_number, ' FROM number WHERE name IS NOT NULL), '')
	       || group_concat(printf('"%w"', name), ', ') AS kept
	FROM (SELECT name FROM columns ORDER BY cid)
), counters AS (
	SELECT t.name FROM t WHERE t.sql LIKE '%AUTOINCREMENT%'
), parts (at, part, sql, why) AS (
	SELECT 1, 'refuse', NULL, 'it is a virtual table' FROM t WHERE virtual
	UNION ALL
	SELECT 2, 'store', store, name FROM t
	UNION ALL
	SELECT 2, 'method', CASE WHEN refers THEN 'copy' ELSE 'rename' END, NULL FROM t
	UNION ALL
	SELECT 3, 'replaces', NULL, NULL FROM t WHERE NOT refers
	UNION ALL
	SELECT 10, 'now', printf('DROP %s main."%w"', upper(s.type), s.name), NULL
	FROM t JOIN main.sqlite_schema s ON s.tbl_name = t.name COLLATE NOCASE
	WHERE NOT refers AND s.sql IS NOT NULL AND s.type IN ('index', 'trigger')
	UNION ALL
	SELECT 11, 'now', printf('DELETE FROM main."%w" WHERE tbl = %Q COLLATE NOCASE', s.name, t.name), NULL
	FROM t JOIN main.sqlite_schema s ON s.name IN ('sqlite_stat1', 'sqlite_stat4') WHERE NOT refers
	UNION ALL
	SELECT 12, 'now', 'PRAGMA legacy_alter_table = ON', NULL FROM t WHERE NOT refers
	UNION ALL
	SELECT 13, 'now', printf('ALTER TABLE main.%s RENAME TO %s', live, store), NULL FROM t WHERE NOT refers
	UNION ALL
	SELECT 14, 'now', 'PRAGMA legacy_alter_table = OFF', NULL FROM t WHERE NOT refers
	UNION ALL
	SELECT 15, 'now', printf('CREATE TABLE main.%s (%s)', store, kept), NULL FROM t, names WHERE refers
	UNION ALL
	SELECT 16, 'now', printf('INSERT INTO main.%s SELECT %s FROM main.%s', store, taken, live), NULL FROM t, names WHERE refers
	UNION ALL
	SELECT 30, 'back', 'PRAGMA legacy_alter_table = ON', NULL FROM t WHERE NOT refers
	UNION ALL
	SELECT 31, 'back', printf('ALTER TABLE %s RENAME TO %s', store, live), NULL FROM t WHERE NOT refers
	UNION ALL
	SELECT 32, 'back', 'PRAGMA legacy_alter_table = OFF', NULL FROM t WHERE NOT refers
	UNION ALL
	SELECT 33, 'back', t.sql, NULL FROM t WHERE refers
	UNION ALL
	SELECT 40, 'data', printf('INSERT INTO %s (%s) SELECT %s FROM %s', live, given, kept, store), NULL FROM t, names WHERE refers
	UNION ALL
	SELECT 41, 'data', printf('DELETE FROM sqlite_sequence WHERE name = %Q', c.name), NULL FROM counters c, t WHERE refers
	UNION ALL
	SELECT 42, 'asked', printf('SELECT %Q || seq || '')'' FROM main.sqlite_sequence WHERE name = %Q',
	       printf('INSERT INTO sqlite_sequence (name, seq) VALUES (%Q, ', c.name), c.name), NULL FROM counters c, t WHERE refers
	UNION ALL
	SELECT 50, 'data', printf('DROP TABLE %s', store), NULL FROM t WHERE refers
)
SELECT part, sql, why FROM parts ORDER BY at, sql
