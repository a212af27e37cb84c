-- How the rows of a table (?2) are kept as ?3 before a statement that takes all of them (?4: 'd', DELETE): part,
-- statement, why.
WITH t AS (
	SELECT s.name, s.sql LIKE 'CREATE VIRTUAL%' AS virtual,
	       printf('"%w"', s.name) AS live, printf('"%w"', '@journal@trash_' || ?3) AS store,
	       (SELECT wr FROM pragma_table_list(s.name) WHERE schema = 'main') AS numberless
	FROM main.sqlite_schema s
	WHERE s.type = 'table' AND s.name = ?2 COLLATE NOCASE AND coalesce(?1, 'main') = 'main' COLLATE NOCASE AND ?4 = 'd'
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
), parts (at, part, sql, why) AS (
	SELECT 1, 'refuse', NULL, 'it is a virtual table' FROM t WHERE virtual
	UNION ALL
	SELECT 1, 'refuse', NULL, printf('the trigger %s may change more than these rows', s.name)
	FROM t JOIN main.sqlite_schema s ON s.type = 'trigger' AND s.tbl_name = t.name COLLATE NOCASE
	WHERE s.sql LIKE '%DELETE%'
	UNION ALL
	SELECT 1, 'refuse', NULL, printf('rows of %s change with them: delete those first', s.name)
	FROM t, main.sqlite_schema s, pragma_foreign_key_list(s.name, 'main') k
	WHERE s.type = 'table' AND s.name <> t.name COLLATE NOCASE AND k."table" = t.name COLLATE NOCASE
	  AND k.on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT')
	  AND (SELECT foreign_keys FROM pragma_foreign_keys)
	UNION ALL
	SELECT 2, 'store', store, name FROM t
	UNION ALL
	SELECT 2, 'method', 'copy', NULL FROM t
	UNION ALL
	SELECT 10, 'now', printf('CREATE TABLE main.%s (%s)', store, kept), NULL FROM t, names
	UNION ALL
	SELECT 11, 'now', printf('INSERT INTO main.%s SELECT %s FROM main.%s', store, taken, live), NULL FROM t, names
	UNION ALL
	SELECT 31, 'back', printf('DROP TRIGGER IF EXISTS "%w"', s.name), NULL
	FROM t JOIN main.sqlite_schema s ON s.type = 'trigger' AND s.tbl_name = t.name COLLATE NOCASE
	UNION ALL
	SELECT 40, 'data', printf('INSERT INTO %s (%s) SELECT %s FROM %s', live, given, kept, store), NULL FROM t, names
	UNION ALL
	SELECT 41, 'back', s.sql, NULL
	FROM t JOIN main.sqlite_schema s ON s.type = 'trigger' AND s.tbl_name = t.name COLLATE NOCASE
	UNION ALL
	SELECT 50, 'data', printf('DROP TABLE %s', store), NULL FROM t
)
SELECT part, sql, why FROM parts ORDER BY at, sql
