-- Migration V008
-- Description: Add run_results and complete runs by them
-- Author: Orchestrator team
-- Date: 2024-07-15

-- The results that older programs left inside output_data become rows; then every run with a successful
-- result is completed. Down keeps the statuses: they were right.

-- migrate:up
CREATE TABLE IF NOT EXISTS orchestrator.run_results (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL REFERENCES orchestrator.runs (id) ON DELETE CASCADE,
    test_id varchar(100),
    success boolean NOT NULL,
    duration_ms integer,
    created_at timestamptz DEFAULT now()
);
CREATE INDEX IF NOT EXISTS idx_run_results_run_id ON orchestrator.run_results (run_id);

INSERT INTO orchestrator.run_results (run_id, test_id, success, duration_ms)
SELECT r.id, x ->> 'test_id', x ->> 'status' = 'passed', (x ->> 'duration_ms')::integer
  FROM orchestrator.runs r, jsonb_array_elements(r.output_data #> '{evidence_bundle,results}') AS x
 WHERE jsonb_typeof(r.output_data #> '{evidence_bundle,results}') = 'array'
   AND NOT EXISTS (SELECT FROM orchestrator.run_results done WHERE done.run_id = r.id);

UPDATE orchestrator.runs r
   SET status = 'completed',
       completed_at = coalesce(r.completed_at, r.started_at + (SELECT sum(x.duration_ms) FROM orchestrator.run_results x
                                                                WHERE x.run_id = r.id) * interval '1 ms', now())
 WHERE r.status <> 'completed'
   AND EXISTS (SELECT FROM orchestrator.run_results x WHERE x.run_id = r.id AND x.success);

-- migrate:verify
SELECT NOT EXISTS (SELECT FROM orchestrator.runs r JOIN orchestrator.run_results x ON x.run_id = r.id
                    WHERE x.success AND r.status <> 'completed');

-- migrate:down
DROP TABLE IF EXISTS orchestrator.run_results;
