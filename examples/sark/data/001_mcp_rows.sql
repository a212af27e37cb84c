-- Migration: The rows that came from v1
-- ID: mcp_rows
-- Author: SARK team

-- rules/v2.yaml brings them; `./migrate` records that here, and `./rollback` reverts it. Killed half way or run twice,
-- the way back is the same: it takes what is there, in one transaction, and leaves other protocols and v1 alone.

-- migrate:require suite:../checks/migration.yaml#prerequisites

-- migrate:up
ANALYZE resources;
ANALYZE capabilities;

-- migrate:down variables:on
DELETE FROM capabilities c USING resources r WHERE r.id = c.resource_id AND r.protocol = '${protocol}';
DELETE FROM resources WHERE protocol = '${protocol}';
