-- Migration: Rows of v1: ${servers} servers, 4.6 tools for each
-- ID: v1_rows
-- Author: SARK team

-- The same seed gives the same rows. The last sixteen servers are the edge rows, each of its kind; two of them cannot be
-- migrated as they are.

-- migrate:up variables:on
SET LOCAL jit = off;
CREATE FUNCTION pg_temp.pick(kind text, i bigint, choices integer) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT (('x' || substr(md5('${seed} ' || kind || ' ' || i::text), 1, 7))::bit(28)::integer) % choices $$;
CREATE FUNCTION pg_temp.key(kind text, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT md5('${seed} ' || kind || ' ' || i::text)::uuid $$;

INSERT INTO users (id, email, full_name, hashed_password, is_active, is_admin, role, created_at, updated_at)
SELECT pg_temp.key('user', i), 'user' || i || '@example.org', 'User ' || i, 'argon2id$' || md5('password' || i),
       i % 20 > 0, i % 50 = 1, (ARRAY['developer', 'developer', 'operator', 'auditor'])[1 + i % 4], t.at, t.at
  FROM generate_series(1, greatest(10, ${servers} / 20)) i,
       LATERAL (SELECT timestamptz '2025-01-01 00:00+00' + pg_temp.pick('user at', i, 200000) * interval '1 minute' AS at) t;
INSERT INTO teams (id, name, description, created_at, updated_at)
SELECT pg_temp.key('team', i), 'team-' || i, 'Team ' || i, timestamptz '2025-01-01 00:00+00', timestamptz '2025-01-01 00:00+00'
  FROM generate_series(1, greatest(3, ${servers} / 100)) i;
INSERT INTO user_teams (user_id, team_id)
SELECT pg_temp.key('user', i), pg_temp.key('team', 1 + i % greatest(3, ${servers} / 100))
  FROM generate_series(1, greatest(10, ${servers} / 20)) i;

INSERT INTO mcp_servers (id, name, description, transport, endpoint, command, mcp_version, capabilities, sensitivity_level,
                         signature, status, health_endpoint, last_health_check, owner_id, team_id, consul_id, tags,
                         extra_metadata, created_at, updated_at)
SELECT pg_temp.key('server', i), 'server-' || i, CASE WHEN i % 4 > 0 THEN 'What server ' || i || ' does, "quoted" \ back' END,
       t.transport::transporttype,
       CASE WHEN t.transport <> 'stdio' THEN 'https://mcp' || i || '.example.org/' || t.transport END,
       CASE WHEN t.transport = 'stdio' THEN 'npx -y @example/server-' || i END,
       (ARRAY['2025-06-18', '2025-03-26'])[1 + pg_temp.pick('version', i, 2)],
       (ARRAY['["tools"]', '["tools", "resources"]', '["tools", "prompts"]', '[]'])[1 + pg_temp.pick('can', i, 4)]::jsonb,
       (ARRAY['low', 'low', 'medium', 'medium', 'medium', 'high', 'high', 'critical'])
           [1 + pg_temp.pick('level', i, 8)]::sensitivitylevel,
       CASE WHEN i % 3 = 0 THEN 'ed25519:' || md5('signature' || i) END,
       (ARRAY['active', 'active', 'active', 'active', 'registered', 'inactive', 'unhealthy', 'decommissioned'])
           [1 + pg_temp.pick('status', i, 8)]::serverstatus,
       CASE WHEN t.transport <> 'stdio' THEN 'https://mcp' || i || '.example.org/health' END,
       CASE WHEN i % 5 > 0 THEN t.at + interval '1 day' + i * interval '7 microseconds' END,
       CASE WHEN i % 7 > 0 THEN pg_temp.key('user', 1 + pg_temp.pick('owner', i, greatest(10, ${servers} / 20))) END,
       CASE WHEN i % 9 > 0 THEN pg_temp.key('team', 1 + pg_temp.pick('of team', i, greatest(3, ${servers} / 100))) END,
       CASE WHEN i % 2 = 0 THEN 'mcp-' || i END,
       (ARRAY['[]', '["internal"]', '["internal", "beta"]', '[{"owner": "ops", "tier": null}]'])[1 + pg_temp.pick('tags', i, 4)]::jsonb,
       jsonb_build_object('region', 'region-' || pg_temp.pick('region', i, 40), 'port', 1024 + pg_temp.pick('port', i, 60000)),
       t.at, t.at + pg_temp.pick('later', i, 5000) * interval '1 minute'
  FROM generate_series(1, ${servers}) i,
       LATERAL (SELECT (ARRAY['stdio', 'http', 'sse'])[1 + pg_temp.pick('transport', i, 3)] AS transport,
                       timestamptz '2025-07-01 00:00+00' + pg_temp.pick('at', i, 200000) * interval '1 minute' AS at) t;

-- Some servers have many tools, some none.
INSERT INTO mcp_tools (id, server_id, name, description, parameters, sensitivity_level, requires_approval, signature,
                       invocation_count, last_invoked, extra_metadata, created_at, updated_at)
SELECT pg_temp.key('tool', i),
       pg_temp.key('server', 1 + (pg_temp.pick('of', i, ${servers}) * (pg_temp.pick('many', i, 1000) / 999.0))::integer % ${servers}),
       (ARRAY['read', 'list', 'search', 'create', 'update', 'delete', 'query', 'run'])[1 + pg_temp.pick('verb', i, 8)] || '_' ||
           (ARRAY['file', 'issue', 'table', 'mail', 'event', 'page', 'log', 'metric'])[1 + pg_temp.pick('noun', i, 8)] || '_' || i,
       CASE WHEN i % 6 > 0 THEN 'Tool ' || i END,
       CASE WHEN i % 10 = 0 THEN '{}'::jsonb
            WHEN i % 500 = 1 THEN jsonb_build_object('$ref', '#/defs/tool-' || i)
            ELSE jsonb_build_object('type', (ARRAY['object', 'object', 'object', 'string', 'array'])[1 + pg_temp.pick('type', i, 5)],
                 'properties', jsonb_build_object('path', jsonb_build_object('type', 'string'), 'limit',
                     jsonb_build_object('type', 'integer', 'default', pg_temp.pick('limit', i, 100)))) END,
       (ARRAY['low', 'low', 'low', 'medium', 'medium', 'medium', 'high', 'critical'])
           [1 + pg_temp.pick('tool level', i, 8)]::sensitivitylevel,
       pg_temp.pick('approval', i, 10) < 3, CASE WHEN i % 8 = 0 THEN 'ed25519:' || md5('tool' || i) END,
       pg_temp.pick('invoked', i, 100000), CASE WHEN i % 3 > 0 THEN t.at + interval '3 days 1.000001 seconds' END,
       CASE WHEN i % 4 = 0 THEN jsonb_build_object('timeout_seconds', 30) ELSE '{}' END,
       t.at, t.at + pg_temp.pick('tool later', i, 5000) * interval '1 minute'
  FROM generate_series(1, ${servers} * 46 / 10) i,
       LATERAL (SELECT timestamptz '2025-07-01 00:00+00' + pg_temp.pick('tool at', i, 200000) * interval '1 minute' AS at) t;

-- Edge rows: kind n is server :servers - 16 + n. Each has a tool at least: those numbered n.
UPDATE mcp_servers s
   SET name = coalesce(e.name, s.name), transport = coalesce(e.transport, s.transport::text)::transporttype,
       command = e.command, endpoint = e.endpoint, status = coalesce(e.status, 'active')::serverstatus,
       extra_metadata = coalesce(e.extra::jsonb, s.extra_metadata), description = coalesce(e.description, s.description)
  FROM (VALUES
        (1, 'edge-neither-command-nor-endpoint', 'http', NULL, NULL, NULL, NULL, NULL),
        (2, 'edge-neither-not-even-empty', 'stdio', NULL, NULL, 'decommissioned', '{"legacy": true}', NULL),
        (3, 'edge-status-in-extra-metadata', 'http', NULL, 'https://e3.example.org', NULL, '{"status": "mine"}', NULL),
        (4, 'edge-null-and-nested-in-extra', 'sse', NULL, 'https://e4.example.org', NULL,
            '{"tags": null, "transport": {"a": [1, 2, {"b": null}]}}', NULL),
        (5, 'edge-decommissioned', 'http', NULL, 'https://e5.example.org', 'decommissioned', NULL, NULL),
        (6, '東京 🦀 ßé Ω', 'http', NULL, 'https://e6.example.org/ü', NULL, '{"ключ": "値"}', E'Ж\n\t"'),
        (7, 'edge-endpoint-of-500', 'http', NULL, 'https://' || repeat('x', 492), NULL, NULL, NULL),
        (8, 'edge-command-of-500', 'stdio', repeat('y', 500), NULL, NULL, NULL, NULL),
        (9, 'edge-both', 'http', 'docker run both', 'https://e9.example.org', NULL, NULL, NULL),
        (10, 'edge-extra-is-null', 'http', NULL, 'https://e10.example.org', NULL, 'null', NULL),
        (11, 'edge-extra-is-a-list', 'http', NULL, 'https://e11.example.org', NULL, '[1, "two"]', NULL),
        (12, 'edge-extra-is-a-text', 'http', NULL, 'https://e12.example.org', NULL, '"text"', NULL),
        (13, 'edge-empty-command', 'stdio', '', NULL, NULL, NULL, NULL),
        (14, repeat('n', 255), 'http', NULL, 'https://e14.example.org', NULL, NULL, NULL),
        (15, E'edge-quotes-''"\\-$-$${x}', 'stdio', E'sh -c ''echo "\\"''', NULL, NULL, NULL, NULL),
        (16, 'edge-tools', 'http', NULL, 'https://e16.example.org', NULL, NULL, repeat('d', 1000)))
       AS e (n, name, transport, command, endpoint, status, extra, description)
 WHERE s.id = pg_temp.key('server', ${servers} - 16 + e.n);
UPDATE mcp_tools SET server_id = pg_temp.key('server', ${servers} - 16 + n)
  FROM generate_series(1, 16) n WHERE id = pg_temp.key('tool', n);
UPDATE mcp_tools t
   SET server_id = pg_temp.key('server', ${servers}), parameters = e.parameters::jsonb, extra_metadata = e.extra::jsonb, name = e.name
  FROM (VALUES
        (17, 'edge-null-parameters', 'null', '{}'),
        (18, 'edge-count-in-extra', '{}', '{"invocation_count": "mine", "created_at": null}'),
        (19, 'Werkzeug «ß» 工具', '{"тип": "object"}', '{}'),
        (20, 'edge-deep', '{"type": "object", "a": {"b": [{"c": null}, 1e30, 0.1, -0]}}', '{"x": {"y": []}}'),
        (21, 'edge-extra-is-null', '[]', 'null'),
        (22, 'edge-extra-is-a-list', '"text"', '[null]'),
        (23, 'edge-level', '{}', '{"sensitivity_level": "mine"}'))
       AS e (n, name, parameters, extra)
 WHERE t.id = pg_temp.key('tool', e.n);

INSERT INTO api_keys (id, user_id, name, key_prefix, key_hash, scopes, created_at, updated_at)
SELECT pg_temp.key('api key', i), pg_temp.key('user', i), 'key ' || i, 'sk_' || substr(md5('prefix' || i), 1, 12), md5('hash' || i),
       ARRAY['servers:read', 'tools:run'], timestamp '2025-08-01', timestamp '2025-08-01'
  FROM generate_series(1, greatest(10, ${servers} / 20)) i;
INSERT INTO policies (id, name, policy_type, status, created_at, updated_at)
SELECT pg_temp.key('policy', i), 'policy-' || i, (ARRAY['authorization', 'validation', 'transformation', 'audit'])[1 + i % 4]::policytype,
       'active', timestamptz '2025-08-01 00:00+00', timestamptz '2025-08-01 00:00+00'
  FROM generate_series(1, 20) i;
INSERT INTO policy_versions (id, policy_id, version, content, is_active, tested, created_by, created_at)
SELECT pg_temp.key('policy version', i * 10 + v), pg_temp.key('policy', i), v, 'allow if user.role == "developer" # ' || v, v = 2, true,
       pg_temp.key('user', 1 + i % 10), timestamptz '2025-08-01 00:00+00'
  FROM generate_series(1, 20) i, generate_series(1, 2) v;
UPDATE policies p SET current_version_id = v.id FROM policy_versions v WHERE v.policy_id = p.id AND v.is_active;
INSERT INTO audit_events (id, timestamp, event_type, severity, user_id, server_id, tool_name, decision, request_id)
SELECT pg_temp.key('audit', i), timestamptz '2025-11-01 00:00+00' + pg_temp.pick('audit at', i, 20000) * interval '1 minute',
       (ARRAY['tool_invoked', 'tool_invoked', 'authorization_allowed', 'authorization_denied', 'user_login'])[1 + i % 5]::auditeventtype,
       (ARRAY['low', 'low', 'medium', 'high'])[1 + pg_temp.pick('severity', i, 4)]::severitylevel,
       pg_temp.key('user', 1 + pg_temp.pick('audit user', i, greatest(10, ${servers} / 20))),
       pg_temp.key('server', 1 + pg_temp.pick('audit server', i, ${servers})), 'tool', 'allow', 'request-' || i
  FROM generate_series(1, ${servers} * 2) i;
INSERT INTO gateway_audit_events (id, event_type, user_id, server_name, tool_name, decision, reason, timestamp, gateway_request_id,
                                  created_at)
SELECT 'gateway-' || i, 'tool_invoke', 'user-' || i % 50, 'server-' || i, 'tool', 'allow', 'policy', timestamp '2025-11-01' +
       i * interval '1 second', 'request-' || i, timestamp '2025-11-01' + i * interval '1 second'
  FROM generate_series(1, ${servers}) i;
DROP FUNCTION pg_temp.pick(text, bigint, integer), pg_temp.key(text, bigint);
ANALYZE;

-- migrate:verify variables:on
SELECT count(*) = ${servers} FROM mcp_servers;
SELECT count(*) = ${servers} * 46 / 10 FROM mcp_tools;
SELECT count(*) = 2 FROM mcp_servers WHERE coalesce(command, endpoint) IS NULL;

-- migrate:down
TRUNCATE users, teams, user_teams, mcp_servers, mcp_tools, api_keys, policies, policy_versions, audit_events, gateway_audit_events;
