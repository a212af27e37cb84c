-- SPDX-License-Identifier: Apache-2.0
-- :servers servers with 4.6 tools each, and what the migration makes of them; some resources of other protocols.
INSERT INTO mcp_servers (id, name, transport, endpoint, command, sensitivity_level, extra_metadata)
SELECT md5('server' || i)::uuid, 'server-' || i, (ARRAY['stdio', 'http', 'sse'])[1 + i % 3]::transporttype,
       CASE WHEN i % 3 > 0 THEN 'https://mcp' || i || '.example.org/sse' END, CASE WHEN i % 3 = 0 THEN 'npx server-' || i END,
       (ARRAY['low', 'medium', 'high', 'critical'])[1 + i % 4]::sensitivitylevel, jsonb_build_object('region', 'r' || i % 7)
FROM generate_series(1, :servers) i;
INSERT INTO mcp_tools (id, server_id, name, parameters)
SELECT md5('tool' || i)::uuid, md5('server' || 1 + i % :servers)::uuid, 'tool-' || i, jsonb_build_object('type', 'object')
FROM generate_series(1, :servers * 46 / 10) i;
INSERT INTO resources (id, name, protocol, endpoint, sensitivity_level, metadata)
SELECT id::text, name, 'mcp', coalesce(command, endpoint), sensitivity_level::text,
       jsonb_build_object('transport', transport::text, 'status', status::text) || extra_metadata
FROM mcp_servers;
INSERT INTO resources (id, name, protocol, endpoint)
SELECT p || '-' || i, p || ' ' || i, p, 'https://' || p || i || '.example.org'
FROM unnest(ARRAY['http', 'grpc', 'graphql', 'websocket']) p, generate_series(1, 5) i;
INSERT INTO capabilities (id, resource_id, name, input_schema, metadata)
SELECT id::text, server_id::text, name, parameters, jsonb_build_object('requires_approval', requires_approval) || extra_metadata
FROM mcp_tools;
INSERT INTO federation_nodes VALUES (md5('node')::uuid, 'orga.com', 'Org A', 'https://orga.com', 'CERTIFICATE');
INSERT INTO cost_tracking (principal_id, resource_id, capability_id, actual_cost)
SELECT 'user-' || i % 10, 'http-1', 'c', 0.047 FROM generate_series(1, 100) i;
INSERT INTO principal_budgets VALUES ('user-1', 10, 100);
ANALYZE;
