-- Migration: The tables of v1 go
-- ID: 008_retire_v1
-- Author: SARK team
-- Breaking: true
-- Dependencies: 007_federation

-- Contract, in the month after the cut-over: see RUNBOOK.md, "After thirty days". Until then it stays in `later`, where
-- `up` does not look. It has no way down but the trash or the backup.

-- migrate:require suite:../checks/v2.yaml#data,relationships
-- thirty days since v2 came, and since anybody wrote v1
SELECT max(finished_at) < now() - interval '30 days' FROM whimbrel.schema_migrations
 WHERE version = '007' AND state = 'applied';
SELECT coalesce(max(updated_at) < now() - interval '30 days', true) FROM mcp_servers;
SELECT coalesce(max(updated_at) < now() - interval '30 days', true) FROM mcp_tools;

-- migrate:up
DROP TABLE mcp_tools;
DROP TABLE mcp_servers CASCADE;
