-- Migration V010
-- Description: Indexes for lists and rates
-- Author: Orchestrator team
-- Date: 2024-09-09

-- Concurrently: nobody waits while they are built.

-- migrate:up
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_runs_status_started_at
    ON orchestrator.runs (status, started_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_runs_workflow_started_at
    ON orchestrator.runs (workflow_id, started_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_run_results_success
    ON orchestrator.run_results (run_id) WHERE success;

-- migrate:down
DROP INDEX CONCURRENTLY IF EXISTS orchestrator.idx_run_results_success;
DROP INDEX CONCURRENTLY IF EXISTS orchestrator.idx_runs_workflow_started_at;
DROP INDEX CONCURRENTLY IF EXISTS orchestrator.idx_runs_status_started_at;
