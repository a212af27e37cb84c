-- Temporary tables and attached databases are no part of the schema; constraints cannot be asked for by name.
SELECT 1 WHERE CASE ?1
	WHEN 'relation' THEN EXISTS (SELECT 1 FROM main.sqlite_schema WHERE name = ?4 COLLATE NOCASE)
	WHEN 'trigger' THEN EXISTS (SELECT 1 FROM main.sqlite_schema WHERE name = ?4 COLLATE NOCASE)
	WHEN 'column' THEN EXISTS (SELECT 1 FROM pragma_table_xinfo(?3) WHERE name = ?4 COLLATE NOCASE)
	ELSE ?2 IS NULL OR ?2 IS NOT NULL END
