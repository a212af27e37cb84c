-- Migration V005
-- Description: Drop default of created_by
-- Author: Orchestrator team
-- Date: 2024-04-22

-- From here on programs say who creates a user.

-- migrate:up
ALTER TABLE orchestrator.users ALTER COLUMN created_by DROP DEFAULT;

-- migrate:down
ALTER TABLE orchestrator.users ALTER COLUMN created_by SET DEFAULT 'system';
