-- What users made in this database: nothing of the system, of extensions (but the extensions themselves), or of the
-- journal. Functions are qualified, and each comparison has the types of an operator of pg_catalog.
WITH journal AS (
	SELECT c.oid
	FROM pg_catalog.pg_class c
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = CAST(@schema_literal@ AS pg_catalog.name)
	  AND c.relname IN ('whimbrel_meta', 'schema_migrations', 'migration_steps', 'migration_runs', 'migration_history',
	                    'migration_locks', 'migration_dependencies', 'schema_snapshots', 'schema_drift_alerts', 'schema_versions',
	                    'statement_timings', 'migration_trash')
), spaces AS (
	SELECT oid, nspname
	FROM pg_catalog.pg_namespace
	WHERE nspname <> 'information_schema' AND NOT pg_catalog.starts_with(CAST(nspname AS pg_catalog.text), 'pg_')
	  AND nspname <> CAST(@trash_literal@ AS pg_catalog.name)
), objects AS (
	SELECT CAST('pg_catalog.pg_namespace' AS pg_catalog.regclass) AS class, s.oid, CAST('schema' AS pg_catalog.text) AS kind,
	       pg_catalog.quote_ident(CAST(s.nspname AS pg_catalog.text)) AS name
	FROM spaces s
	WHERE s.nspname NOT IN ('public', CAST(@schema_literal@ AS pg_catalog.name))
	UNION ALL
	SELECT CAST('pg_catalog.pg_class' AS pg_catalog.regclass), c.oid,
	       CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
	                      WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' ELSE 'index' END,
	       pg_catalog.format('%I.%I', s.nspname, c.relname)
	FROM pg_catalog.pg_class c
	JOIN spaces s ON s.oid = c.relnamespace
	LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
	WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I')
	  AND c.oid NOT IN (SELECT oid FROM journal)
	  AND (i.indrelid IS NULL OR i.indrelid NOT IN (SELECT oid FROM journal))
	  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
	                  WHERE c.relkind = 'S' AND d.classid = CAST('pg_catalog.pg_class' AS pg_catalog.regclass) AND d.objid = c.oid
	                    AND d.refobjid IN (SELECT oid FROM journal))
	UNION ALL
	SELECT CAST('pg_catalog.pg_proc' AS pg_catalog.regclass), p.oid,
	       CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
	       pg_catalog.format('%I.%I(%s)', s.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid))
	FROM pg_catalog.pg_proc p JOIN spaces s ON s.oid = p.pronamespace
	UNION ALL
	SELECT CAST('pg_catalog.pg_type' AS pg_catalog.regclass), t.oid, CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END,
	       pg_catalog.format('%I.%I', s.nspname, t.typname)
	FROM pg_catalog.pg_type t
	JOIN spaces s ON s.oid = t.typnamespace
	LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
	WHERE t.typtype IN ('d', 'e', 'r') OR (t.typtype = 'c' AND c.relkind = 'c')
	UNION ALL
	SELECT CAST('pg_catalog.pg_constraint' AS pg_catalog.regclass), o.oid, 'constraint',
	       pg_catalog.format('%I.%I.%I', s.nspname, c.relname, o.conname)
	FROM pg_catalog.pg_constraint o
	JOIN pg_catalog.pg_class c ON c.oid = o.conrelid
	JOIN spaces s ON s.oid = c.relnamespace
	WHERE o.contype IN ('c', 'f', 'p', 'u', 'x') AND c.oid NOT IN (SELECT oid FROM journal)
	UNION ALL
	SELECT CAST('pg_catalog.pg_trigger' AS pg_catalog.regclass), t.oid, 'trigger',
	       pg_catalog.format('%I.%I.%I', s.nspname, c.relname, t.tgname)
	FROM pg_catalog.pg_trigger t
	JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
	JOIN spaces s ON s.oid = c.relnamespace
	WHERE NOT t.tgisinternal
	UNION ALL
	SELECT CAST('pg_catalog.pg_policy' AS pg_catalog.regclass), p.oid, 'policy',
	       pg_catalog.format('%I.%I.%I', s.nspname, c.relname, p.polname)
	FROM pg_catalog.pg_policy p
	JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
	JOIN spaces s ON s.oid = c.relnamespace
	UNION ALL
	SELECT CAST('pg_catalog.pg_rewrite' AS pg_catalog.regclass), r.oid, 'rule',
	       pg_catalog.format('%I.%I.%I', s.nspname, c.relname, r.rulename)
	FROM pg_catalog.pg_rewrite r
	JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
	JOIN spaces s ON s.oid = c.relnamespace
	WHERE r.rulename <> '_RETURN'
	UNION ALL
	SELECT CAST('pg_catalog.pg_statistic_ext' AS pg_catalog.regclass), x.oid, 'statistics',
	       pg_catalog.format('%I.%I', s.nspname, x.stxname)
	FROM pg_catalog.pg_statistic_ext x JOIN spaces s ON s.oid = x.stxnamespace
	UNION ALL
	SELECT CAST('pg_catalog.pg_collation' AS pg_catalog.regclass), o.oid, 'collation', pg_catalog.format('%I.%I', s.nspname, o.collname)
	FROM pg_catalog.pg_collation o JOIN spaces s ON s.oid = o.collnamespace
	UNION ALL
	SELECT CAST('pg_catalog.pg_operator' AS pg_catalog.regclass), o.oid, 'operator',
	       pg_catalog.format('%I.%s(%s,%s)', s.nspname, o.oprname, pg_catalog.format_type(o.oprleft, NULL),
	                         pg_catalog.format_type(o.oprright, NULL))
	FROM pg_catalog.pg_operator o JOIN spaces s ON s.oid = o.oprnamespace
	UNION ALL
	SELECT CAST('pg_catalog.pg_extension' AS pg_catalog.regclass), e.oid, 'extension', pg_catalog.quote_ident(CAST(e.extname AS pg_catalog.text))
	FROM pg_catalog.pg_extension e
	WHERE e.extname <> 'plpgsql'
	UNION ALL
	SELECT CAST('pg_catalog.pg_event_trigger' AS pg_catalog.regclass), e.oid, 'event trigger',
	       pg_catalog.quote_ident(CAST(e.evtname AS pg_catalog.text))
	FROM pg_catalog.pg_event_trigger e
	UNION ALL
	SELECT CAST('pg_catalog.pg_publication' AS pg_catalog.regclass), p.oid, 'publication',
	       pg_catalog.quote_ident(CAST(p.pubname AS pg_catalog.text))
	FROM pg_catalog.pg_publication p
	UNION ALL
	SELECT CAST('pg_catalog.pg_foreign_server' AS pg_catalog.regclass), f.oid, 'server',
	       pg_catalog.quote_ident(CAST(f.srvname AS pg_catalog.text))
	FROM pg_catalog.pg_foreign_server f
)
SELECT o.kind, o.name
FROM objects o
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = CAST(o.class AS pg_catalog.oid) AND d.objid = o.oid AND d.deptype = 'e')
ORDER BY o.kind COLLATE pg_catalog."C", o.name COLLATE pg_catalog."C"
