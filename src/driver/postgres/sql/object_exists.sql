-- In any schema where none is named: whoever asks wants to know that there is surely none.
WITH asked AS (SELECT CAST($1 AS pg_catalog.text) AS class, CAST($2 AS pg_catalog.text) AS schema,
	CAST($3 AS pg_catalog.text) AS parent, CAST($4 AS pg_catalog.text) AS name),
relations AS (SELECT c.oid, c.relname, a.class, a.parent, a.name FROM asked a, pg_catalog.pg_class c
	JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
	WHERE a.schema IS NULL OR n.nspname OPERATOR(pg_catalog.=) a.schema)
SELECT 1 FROM asked a WHERE CASE a.class
	WHEN 'relation' THEN EXISTS (SELECT FROM relations r WHERE r.relname OPERATOR(pg_catalog.=) a.name)
	WHEN 'column' THEN EXISTS (SELECT FROM relations r JOIN pg_catalog.pg_attribute t ON t.attrelid OPERATOR(pg_catalog.=) r.oid
		WHERE r.relname OPERATOR(pg_catalog.=) a.parent AND t.attname OPERATOR(pg_catalog.=) a.name AND NOT t.attisdropped)
	WHEN 'constraint' THEN EXISTS (SELECT FROM relations r JOIN pg_catalog.pg_constraint t ON t.conrelid OPERATOR(pg_catalog.=) r.oid
		WHERE r.relname OPERATOR(pg_catalog.=) a.parent AND t.conname OPERATOR(pg_catalog.=) a.name)
	WHEN 'trigger' THEN EXISTS (SELECT FROM relations r JOIN pg_catalog.pg_trigger t ON t.tgrelid OPERATOR(pg_catalog.=) r.oid
		WHERE r.relname OPERATOR(pg_catalog.=) a.parent AND t.tgname OPERATOR(pg_catalog.=) a.name)
	WHEN 'policy' THEN EXISTS (SELECT FROM relations r JOIN pg_catalog.pg_policy t ON t.polrelid OPERATOR(pg_catalog.=) r.oid
		WHERE r.relname OPERATOR(pg_catalog.=) a.parent AND t.polname OPERATOR(pg_catalog.=) a.name)
	WHEN 'rule' THEN EXISTS (SELECT FROM relations r JOIN pg_catalog.pg_rewrite t ON t.ev_class OPERATOR(pg_catalog.=) r.oid
		WHERE r.relname OPERATOR(pg_catalog.=) a.parent AND t.rulename OPERATOR(pg_catalog.=) a.name)
	WHEN 'type' THEN EXISTS (SELECT FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
		WHERE t.typname OPERATOR(pg_catalog.=) a.name AND (a.schema IS NULL OR n.nspname OPERATOR(pg_catalog.=) a.schema))
	WHEN 'routine' THEN EXISTS (SELECT FROM pg_catalog.pg_proc t JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.pronamespace
		WHERE t.proname OPERATOR(pg_catalog.=) a.name AND (a.schema IS NULL OR n.nspname OPERATOR(pg_catalog.=) a.schema))
	WHEN 'schema' THEN EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname OPERATOR(pg_catalog.=) a.name)
	WHEN 'extension' THEN EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE e.extname OPERATOR(pg_catalog.=) a.name)
	ELSE true END
