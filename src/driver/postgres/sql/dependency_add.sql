INSERT INTO @journal@migration_dependencies (project, version, depends_on)
VALUES (CAST($1 AS pg_catalog.text), CAST($2 AS pg_catalog.text), CAST($3 AS pg_catalog.text))
ON CONFLICT (project, version, depends_on) DO NOTHING
