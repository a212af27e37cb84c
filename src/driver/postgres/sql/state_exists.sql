-- One row when the tables are there and may be read.
SELECT 1
WHERE to_regnamespace(quote_ident(@schema_literal@)) IS NOT NULL
	AND has_schema_privilege(CAST(to_regnamespace(quote_ident(@schema_literal@)) AS oid), 'USAGE')
	AND to_regclass(quote_ident(@schema_literal@) || '.schema_snapshots') IS NOT NULL
	AND to_regclass(quote_ident(@schema_literal@) || '.schema_drift_alerts') IS NOT NULL
	AND to_regclass(quote_ident(@schema_literal@) || '.schema_versions') IS NOT NULL
