-- Goes in front of each inspection. What is looked at: schemas (those of $1 where it is given), and the relations in
-- them; what extensions brought (members), the schemas they keep to themselves and the journal are left out. A journal
-- that shares its schema with others is known by the names of its tables. Where it says `older`, a column that older
-- servers do not have is named without a table, inside a LATERAL query beside one that gives it a value: there the
-- innermost that exists is meant.
WITH journal AS (
	SELECT c.oid, c.relname, c.relnamespace, c.relkind
	FROM pg_class c
	JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = @schema_literal@
	  AND c.relname IN ('whimbrel_meta', 'schema_migrations', 'migration_steps', 'migration_runs', 'migration_history',
	                    'migration_locks', 'migration_dependencies', 'schema_snapshots', 'schema_drift_alerts', 'schema_versions',
	                    'statement_timings', 'migration_trash')
), members AS (
	SELECT d.classid, d.objid
	FROM pg_depend d
	WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
), spaces AS (
	SELECT n.oid, n.nspname, n.nspowner, n.nspacl
	FROM pg_namespace n
	WHERE n.nspname <> 'information_schema' AND NOT starts_with(n.nspname::text, 'pg_') AND n.nspname <> @trash_literal@
	  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_namespace'::regclass AND m.objid = n.oid)
	  AND ($1::text[] IS NULL OR n.nspname = ANY ($1::text[]))
	  AND (n.nspname <> @schema_literal@ OR n.nspname = 'public'
	       OR EXISTS (SELECT FROM pg_class c
	                  WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
	                    AND c.oid NOT IN (SELECT j.oid FROM journal j)))
), relations AS (
	SELECT n.nspname, c.*
	FROM pg_class c
	JOIN spaces n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') AND c.relpersistence <> 't'
	  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
	  AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_type'::regclass AND m.objid = c.reltype)
	  AND c.oid NOT IN (SELECT j.oid FROM journal j)
)
