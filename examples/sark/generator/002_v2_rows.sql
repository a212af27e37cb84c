-- Migration: Rows that only v2 has: other protocols, federation, costs, budgets
-- ID: v2_rows
-- Author: SARK team
-- Dependencies: v1_rows

-- Costs are spent on the tools of v1, which keep their ids, in the ninety days before now.

-- migrate:up variables:on
SET LOCAL jit = off;
CREATE FUNCTION pg_temp.pick(kind text, i bigint, choices integer) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT (('x' || substr(md5('${seed} ' || kind || ' ' || i::text), 1, 7))::bit(28)::integer) % choices $$;
CREATE FUNCTION pg_temp.key(kind text, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT md5('${seed} ' || kind || ' ' || i::text)::uuid $$;

INSERT INTO resources (id, name, protocol, endpoint, sensitivity_level, metadata, created_at, updated_at)
SELECT p.name || '-' || i, p.name || ' service ' || i, p.name, p.scheme || '://' || p.name || i || '.example.org',
       (ARRAY['low', 'medium', 'high', 'critical'])[1 + pg_temp.pick('v2 level', i, 4)],
       p.metadata::jsonb || jsonb_build_object('status', 'active', 'region', 'region-' || pg_temp.pick('v2 region', i, 40)),
       timestamptz '2025-11-01 00:00+00', timestamptz '2025-11-01 00:00+00'
  FROM (VALUES
        ('http', 'https', '{"base_url": "https://api.example.org", "openapi_spec": "/openapi.json", "auth_type": "bearer", "rate_limit": 100}'),
        ('grpc', 'grpcs', '{"port": 50051, "tls_enabled": true, "reflection_enabled": true, "services": ["v1.Search"]}'),
        ('graphql', 'https', '{"schema": "/schema.graphql"}'),
        ('websocket', 'wss', '{"subprotocol": "json"}')) AS p (name, scheme, metadata),
       generate_series(1, greatest(3, ${servers} / 20)) i;
INSERT INTO capabilities (id, resource_id, name, description, input_schema, output_schema, sensitivity_level, metadata)
SELECT r.id || '-' || n, r.id, 'operation_' || n, 'Operation ' || n, '{"type": "object"}', '{"type": "object"}', r.sensitivity_level,
       CASE r.protocol WHEN 'http' THEN jsonb_build_object('http_method', 'GET', 'http_path', '/v1/' || n, 'content_type', 'application/json')
                       WHEN 'grpc' THEN jsonb_build_object('service', 'v1.Search', 'method', 'M' || n, 'stream_type', 'unary')
                       ELSE '{"timeout_seconds": 30}' END
  FROM resources r, generate_series(1, 4) n WHERE r.protocol <> 'mcp';

INSERT INTO federation_nodes (id, node_id, name, endpoint, trust_anchor_cert, enabled, rate_limit_per_hour)
SELECT pg_temp.key('node', i), 'org' || chr(96 + i) || '.com', 'Organisation ' || chr(64 + i), 'https://sark.org' || chr(96 + i) || '.com',
       'CERTIFICATE ' || md5('certificate' || i), i % 5 > 0, 5000 * (1 + i % 3)
  FROM generate_series(1, 20) i;
INSERT INTO principal_budgets (principal_id, daily_budget, monthly_budget, daily_spent, monthly_spent, last_daily_reset)
SELECT 'user-' || i, 10 * (1 + i % 5), 300 * (1 + i % 5), (i % 100) / 10.0, i % 300, current_date
  FROM generate_series(1, greatest(10, ${servers} / 20)) i;
INSERT INTO cost_tracking (timestamp, principal_id, resource_id, capability_id, estimated_cost, actual_cost)
SELECT now() - pg_temp.pick('cost at', i, 90 * 86400) * interval '1 second',
       'user-' || 1 + pg_temp.pick('principal', i, greatest(10, ${servers} / 20)), t.server_id::text, t.id::text,
       0.05, (10 + pg_temp.pick('cost', i, 900)) / 10000.0
  FROM generate_series(1, ${servers} * 20) i
  JOIN mcp_tools t ON t.id = pg_temp.key('tool', 1 + pg_temp.pick('cost of', i, ${servers} * 46 / 10));
INSERT INTO audit_events (id, timestamp, event_type, severity, principal_org, resource_protocol, capability_id, correlation_id,
                          source_node, target_node, estimated_cost, actual_cost)
SELECT pg_temp.key('v2 audit', i), now() - i * interval '1 minute',
       (ARRAY['cross_org_request', 'cross_org_authorization', 'cost_limit_exceeded'])[1 + i % 3]::auditeventtype, 'low', 'orga.com', 'mcp',
       pg_temp.key('tool', i)::text, 'correlation-' || i, 'orga.com', 'orgb.com', 0.05, 0.047
  FROM generate_series(1, greatest(100, ${servers} / 10)) i;
REFRESH MATERIALIZED VIEW mv_daily_cost_summary;
DROP FUNCTION pg_temp.pick(text, bigint, integer), pg_temp.key(text, bigint);
ANALYZE;

-- migrate:down
DELETE FROM resources WHERE protocol <> 'mcp';
TRUNCATE federation_nodes, principal_budgets, cost_tracking;
DELETE FROM audit_events WHERE correlation_id LIKE 'correlation-%';
REFRESH MATERIALIZED VIEW mv_daily_cost_summary;
