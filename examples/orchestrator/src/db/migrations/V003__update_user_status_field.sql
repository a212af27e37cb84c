-- Migration V003
-- Description: Update user status field
-- Author: Orchestrator team
-- Date: 2024-03-04

-- There is no way down: which rows were empty before is not kept. The way back is the backup taken before.

-- migrate:up
UPDATE orchestrator.users SET role = 'user' WHERE role IS NULL;
UPDATE orchestrator.users SET status = 'active' WHERE status IS NULL AND created_at > '2024-01-01 00:00:00+00';

-- migrate:verify
SELECT count(*) = 0 FROM orchestrator.users WHERE role IS NULL;
SELECT count(*) = 0 FROM orchestrator.users WHERE status IS NULL AND created_at > '2024-01-01 00:00:00+00';
