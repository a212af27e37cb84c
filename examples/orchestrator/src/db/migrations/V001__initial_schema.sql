-- Migration V001
-- Description: Initial schema: outcomes and runs
-- Author: Orchestrator team
-- Date: 2024-01-08

-- Every statement may run twice: a file that fails half way outside of Whimbrel can simply be run again.

-- migrate:up
CREATE SCHEMA IF NOT EXISTS orchestrator;
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;

CREATE OR REPLACE FUNCTION orchestrator.update_updated_at_column() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = now();
    RETURN NEW;
END
$$;

-- What was made of a document: test plan, specifications, evidence. One row per key, replaced as a whole.
CREATE TABLE IF NOT EXISTS orchestrator.outcomes (
    id serial PRIMARY KEY,
    key varchar(255) NOT NULL UNIQUE,
    doc_title varchar(255),
    outcome_data jsonb NOT NULL,
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now()
);
CREATE INDEX IF NOT EXISTS idx_outcomes_key ON orchestrator.outcomes (key);
CREATE INDEX IF NOT EXISTS idx_outcomes_doc_title ON orchestrator.outcomes (doc_title);
CREATE INDEX IF NOT EXISTS idx_outcomes_created_at ON orchestrator.outcomes (created_at);

-- One execution of a workflow: pending, running, then completed, failed or cancelled.
CREATE TABLE IF NOT EXISTS orchestrator.runs (
    id uuid PRIMARY KEY DEFAULT public.uuid_generate_v4(),
    workflow_id varchar(255) NOT NULL,
    status varchar(50) NOT NULL DEFAULT 'pending',
    input_data jsonb,
    output_data jsonb,
    error_message text,
    started_at timestamptz DEFAULT now(),
    completed_at timestamptz,
    duration_ms integer,
    created_by varchar(255),
    tags jsonb DEFAULT '[]'
);
ALTER TABLE orchestrator.runs ADD COLUMN IF NOT EXISTS updated_at timestamptz DEFAULT now();
CREATE INDEX IF NOT EXISTS idx_runs_workflow_id ON orchestrator.runs (workflow_id);
CREATE INDEX IF NOT EXISTS idx_runs_status ON orchestrator.runs (status);
CREATE INDEX IF NOT EXISTS idx_runs_started_at ON orchestrator.runs (started_at);
CREATE INDEX IF NOT EXISTS idx_runs_completed_at ON orchestrator.runs (completed_at);
CREATE INDEX IF NOT EXISTS idx_runs_created_by ON orchestrator.runs (created_by);
CREATE INDEX IF NOT EXISTS idx_runs_input_data ON orchestrator.runs USING gin (input_data);
CREATE INDEX IF NOT EXISTS idx_runs_output_data ON orchestrator.runs USING gin (output_data);
CREATE INDEX IF NOT EXISTS idx_runs_tags ON orchestrator.runs USING gin (tags);

-- CREATE TRIGGER has no IF NOT EXISTS; OR REPLACE is what makes the second run harmless.
CREATE OR REPLACE TRIGGER update_outcomes_updated_at BEFORE UPDATE ON orchestrator.outcomes
    FOR EACH ROW EXECUTE FUNCTION orchestrator.update_updated_at_column();
CREATE OR REPLACE TRIGGER update_runs_updated_at BEFORE UPDATE ON orchestrator.runs
    FOR EACH ROW EXECUTE FUNCTION orchestrator.update_updated_at_column();

-- migrate:down
DROP TABLE IF EXISTS orchestrator.runs;
DROP TABLE IF EXISTS orchestrator.outcomes;
DROP FUNCTION IF EXISTS orchestrator.update_updated_at_column();
DROP SCHEMA IF EXISTS orchestrator;
-- The extension stays: others in this database may use it.
