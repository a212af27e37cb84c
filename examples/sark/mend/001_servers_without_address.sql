-- Migration: An address for servers that have none
-- ID: servers_without_address
-- Author: SARK team

-- For those who would rather have such servers in v2, unreachable, than look for each one's owner. `.invalid` never
-- resolves, and says at a glance what has to be filled in.

-- migrate:up
UPDATE mcp_servers SET endpoint = 'https://' || id || '.invalid' WHERE command IS NULL AND endpoint IS NULL;

-- migrate:down
UPDATE mcp_servers SET endpoint = NULL WHERE endpoint = 'https://' || id || '.invalid';
