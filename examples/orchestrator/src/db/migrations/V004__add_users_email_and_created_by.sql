-- Migration V004
-- Description: Add email and created_by to users
-- Author: Orchestrator team
-- Date: 2024-04-08

-- The default fills the rows that are there without rewriting the table; V005 takes it away again.

-- migrate:up
ALTER TABLE orchestrator.users ADD COLUMN IF NOT EXISTS email varchar(255);
ALTER TABLE orchestrator.users ADD COLUMN IF NOT EXISTS created_by varchar(100) DEFAULT 'system';

-- migrate:down
ALTER TABLE orchestrator.users DROP COLUMN IF EXISTS created_by;
ALTER TABLE orchestrator.users DROP COLUMN IF EXISTS email;
