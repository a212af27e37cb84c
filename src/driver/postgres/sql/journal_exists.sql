-- Asks the name caches, not the catalog's tables: a new server process answers ten times as fast. to_regclass() fails
-- where the role may not use the schema; there the journal is taken to exist, and reading it tells what is missing.
SELECT 1
WHERE CASE
	WHEN to_regnamespace(quote_ident(@schema_literal@)) IS NULL THEN false
	WHEN NOT has_schema_privilege(CAST(to_regnamespace(quote_ident(@schema_literal@)) AS oid), 'USAGE') THEN true
	ELSE to_regclass(quote_ident(@schema_literal@) || '.whimbrel_meta') IS NOT NULL
END
