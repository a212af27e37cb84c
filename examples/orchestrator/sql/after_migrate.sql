-- After every `make migrate`; a second time it changes nothing.

-- The history in the shape of the system's own former table: what asked it goes on asking. It is the journal,
-- so it cannot be written; Whimbrel's own commands do that.
CREATE OR REPLACE VIEW public.schema_migrations AS
SELECT m.version::integer AS version,
       regexp_replace(m.file, '^V[0-9]+__|\.sql$', '', 'g')::varchar(255) AS name,
       m.file::varchar(255) AS filename,
       m.description,
       replace(m.checksum, 'sha256:', '')::varchar(64) AS checksum,
       coalesce(m.finished_at, m.started_at) AS executed_at,
       coalesce(m.execution_ms, 0)::integer AS execution_time_ms,
       m.state IN ('applied', 'baseline', 'missing') AS success,
       coalesce(m.error, CASE m.state WHEN 'running' THEN 'under way, or interrupted' END) AS error_message
  FROM whimbrel.schema_migrations m
 WHERE m.project = 'main' AND m.version ~ '^[0-9]+$' AND m.state NOT IN ('reverted', 'skipped');
COMMENT ON VIEW public.schema_migrations IS 'whimbrel:compat the original''s columns over whimbrel.schema_migrations';

CREATE OR REPLACE FUNCTION public.schema_migrations_is_a_view() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'schema_migrations shows the journal and cannot be changed'
        USING HINT = 'a failed migration is run again as it is: make migrate; other repairs: whimbrel repair';
END
$$;
COMMENT ON FUNCTION public.schema_migrations_is_a_view() IS 'whimbrel:compat';
CREATE OR REPLACE TRIGGER schema_migrations_is_a_view INSTEAD OF INSERT OR UPDATE OR DELETE ON public.schema_migrations
    FOR EACH ROW EXECUTE FUNCTION public.schema_migrations_is_a_view();

-- The service uses the data and changes no table; only the role that migrates does.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'orchestrator_app') THEN
        GRANT USAGE ON SCHEMA orchestrator TO orchestrator_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA orchestrator TO orchestrator_app;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA orchestrator TO orchestrator_app;
        GRANT SELECT ON public.schema_migrations TO orchestrator_app;
    END IF;
END
$$;
