-- How the values of columns (?4, JSON: [name, ...]) of a table (?2) are kept as ?3, by its primary key, or a unique index
-- of columns that are never NULL: part, statement, why.
WITH t AS (
	SELECT s.name, printf('"%w"', s.name) AS live, printf('"%w"', '@journal@trash_' || ?3) AS store
	FROM main.sqlite_schema s
	WHERE s.type = 'table' AND s.name = ?2 COLLATE NOCASE AND coalesce(?1, 'main') = 'main' COLLATE NOCASE
	  AND (?1 IS NOT NULL OR NOT EXISTS (SELECT 1 FROM temp.sqlite_schema p WHERE p.name = ?2 COLLATE NOCASE))
), columns AS (
	SELECT x.cid, x.name, x.type, x.pk, x."notnull" AS required, x.hidden,
	       EXISTS (SELECT 1 FROM json_each(?4) j WHERE j.value = x.name COLLATE NOCASE) AS goes
	FROM t, pragma_table_xinfo(t.name, 'main') x
), going AS (
	SELECT *, row_number() OVER (ORDER BY cid) AS n FROM columns WHERE goes AND hidden = 0
), best AS (
	SELECT 0 AS place, 'pk' AS name
	WHERE EXISTS (SELECT 1 FROM columns WHERE pk > 0) AND NOT EXISTS (SELECT 1 FROM columns WHERE pk > 0 AND goes)
	UNION ALL
	SELECT l.seq + 1, l.name
	FROM t, pragma_index_list(t.name, 'main') l
	WHERE l."unique" AND NOT l.partial AND l.origin <> 'pk' AND NOT EXISTS (
		SELECT 1 FROM pragma_index_info(l.name, 'main') i LEFT JOIN columns c ON c.cid = i.cid
		WHERE c.cid IS NULL OR c.goes OR NOT c.required)
	ORDER BY 1 LIMIT 1
), key AS (
	SELECT c.*, row_number() OVER (ORDER BY c.cid) AS n
	FROM best b, columns c
	WHERE CASE WHEN b.place = 0 THEN c.pk > 0 ELSE c.cid IN (SELECT i.cid FROM pragma_index_info(b.name, 'main') i) END
), texts AS (
	SELECT t.name, t.live, t.store,
	       (SELECT group_concat(printf('k%d%s', n, CASE WHEN upper(type) = 'ANY' THEN '' ELSE ' ' || type END), ', ') FROM key)
	       || ', ' AS declared,
	       (SELECT group_concat(printf('k%d', n), ', ') FROM key) AS number,
	       (SELECT group_concat(printf('"%w"', name), ', ') FROM key) AS named,
	       (SELECT group_concat(printf('"%w" IS NULL', name), ' OR ') FROM key) AS missing,
	       (SELECT group_concat(printf('s.k%d = t."%w"', n, name), ' AND ') FROM key) AS same,
	       (SELECT group_concat(printf('v%d', n), ', ') FROM going) AS kept,
	       (SELECT group_concat(printf('"%w"', name), ', ') FROM going) AS gone
	FROM t WHERE EXISTS (SELECT 1 FROM going)
), parts (at, part, sql, why) AS (
	SELECT 1, 'unless', printf('SELECT 1 FROM main.%s LIMIT 1', live),
	       'it has no primary key, nor a unique index of columns that are never NULL, by which its values could be found again'
	FROM texts WHERE number IS NULL
	UNION ALL
	SELECT 1, 'unless', printf('SELECT 1 FROM main.%s WHERE %s LIMIT 1', live, missing), 'rows of it have no key' FROM texts WHERE number IS NOT NULL
	UNION ALL
	SELECT 2, 'store', store, name || '.' || (SELECT group_concat(name, ', ') FROM going) FROM texts
	UNION ALL
	SELECT 2, 'method', 'copy', NULL FROM texts
	UNION ALL
	SELECT 10, 'now', printf('CREATE TABLE main.%s (%s%s, PRIMARY KEY (%s)) WITHOUT ROWID', store, declared, kept, number), NULL
	FROM texts WHERE number IS NOT NULL
	UNION ALL
	SELECT 11, 'now', printf('INSERT INTO main.%s SELECT %s, %s FROM main.%s', store, named, gone, live), NULL
	FROM texts WHERE number IS NOT NULL
	UNION ALL
	SELECT 11, 'now', printf('CREATE TABLE main.%s (%s)', store, kept), NULL FROM texts WHERE number IS NULL
	UNION ALL
	SELECT 30, 'back', printf('ALTER TABLE %s ADD COLUMN "%w" %s', t.live, g.name, g.type), printf('%05d', g.n) FROM texts t, going g
	UNION ALL
	SELECT 31, 'back', printf('DROP TRIGGER IF EXISTS "%w"', s.name), NULL
	FROM texts t JOIN main.sqlite_schema s ON s.type = 'trigger' AND s.tbl_name = t.name COLLATE NOCASE
	UNION ALL
	SELECT 40, 'data', printf('UPDATE %s AS t SET (%s) = (SELECT %s FROM %s s WHERE %s) WHERE EXISTS (SELECT 1 FROM %s s WHERE %s)',
	              live, gone, kept, store, same, store, same), NULL
	FROM texts WHERE number IS NOT NULL
	UNION ALL
	SELECT 41, 'back', s.sql, NULL
	FROM texts t JOIN main.sqlite_schema s ON s.type = 'trigger' AND s.tbl_name = t.name COLLATE NOCASE
	UNION ALL
	SELECT 50, 'data', printf('DROP TABLE %s', store), NULL FROM texts
)
SELECT part, sql, why FROM parts ORDER BY at, why, sql
