-- Durations of runs: V009 fills them in batches, V010 builds indexes while others write.
-- suite: runs
-- tags: batches

-- scenario: V009 fills what is missing, and only that
-- setup
-- up: 008
INSERT INTO orchestrator.runs (workflow_id, status, started_at, completed_at, duration_ms) VALUES
    ('a', 'completed', '2024-01-01 10:00:00+00', '2024-01-01 10:00:01.5+00', NULL),
    ('b', 'running', '2024-01-01 10:00:00+00', NULL, NULL);
-- steps
-- up: 009
-- assert
-- row: a | 1500
-- row: b | null
SELECT workflow_id, duration_ms FROM orchestrator.runs ORDER BY 1;

-- scenario: V010 killed between two indexes goes on
-- setup
-- up: 009
-- steps
-- up: 010 kill_at:2
-- up: latest
-- assert
-- equals: 0
SELECT count(*) FROM pg_index WHERE NOT indisvalid;
-- version: 010

-- scenario: all of it there and back
-- setup
-- up: 009
-- steps
-- up: 010
-- down: 009
-- assert
-- schema: setup
