-- One row when the table is there and may be read.
SELECT 1
WHERE to_regnamespace(quote_ident(@schema_literal@)) IS NOT NULL
	AND has_schema_privilege(CAST(to_regnamespace(quote_ident(@schema_literal@)) AS oid), 'USAGE')
	AND has_table_privilege(CAST(to_regclass(quote_ident(@schema_literal@) || '.statement_timings') AS oid), 'SELECT')
