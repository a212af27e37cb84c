#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# The twenty-one safety tests: 006 (8), 007 (8), the data (4), the way back (1); and the path through the schema.

load setup

setup_file() {
	prepare tables
	prepare v1
	prepare v2
}

columns() { # TABLE
	sql "SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = '$1'"
}

indexes() { # TABLE
	sql "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE tablename = '$1' AND indexname LIKE 'ix%'"
}

# ---- 006

@test "006: 1 resources is there" {
	begin tables
	same "$(columns resources)" "id name protocol endpoint sensitivity_level metadata created_at updated_at"
}

@test "006: 2 capabilities is there" {
	begin tables
	same "$(columns capabilities)" "id resource_id name description input_schema output_schema sensitivity_level metadata"
}

@test "006: 3 resources has its four indexes" {
	begin tables
	same "$(indexes resources)" "ix_resources_metadata_gin ix_resources_name ix_resources_protocol ix_resources_sensitivity"
	has "$(sql "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_resources_metadata_gin'")" 'USING gin \(metadata\)'
}

@test "006: 4 capabilities has its four indexes" {
	begin tables
	same "$(indexes capabilities)" "ix_capabilities_metadata_gin ix_capabilities_name ix_capabilities_resource ix_capabilities_sensitivity"
	has "$(sql "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_capabilities_metadata_gin'")" 'USING gin \(metadata\)'
}

@test "006: 5 the foreign key cascades" {
	begin tables
	same "$(sql "SELECT confdeltype, confrelid::regclass, convalidated FROM pg_constraint WHERE conrelid = 'capabilities'::regclass AND contype = 'f'")" "c|resources|t"
	refused 'violates foreign key' "INSERT INTO capabilities (id, resource_id, name) VALUES ('c', 'nowhere', 'c')"
}

@test "006: 6 a resource can be created, with its defaults" {
	begin tables
	sql "INSERT INTO resources (id, name, protocol, endpoint) VALUES ('r', 'R', 'http', 'https://r')"
	same "$(sql "SELECT sensitivity_level, metadata, created_at > now() - interval '1 minute', updated_at = created_at FROM resources")" "medium|{}|t|t"
	refused 'null value' "INSERT INTO resources (id, name, protocol) VALUES ('s', 'S', 'http')"
}

@test "006: 7 a capability can be created, with its defaults" {
	begin tables
	resource r grpc
	sql "INSERT INTO capabilities (id, resource_id, name) VALUES ('c', 'r', 'C')"
	same "$(sql "SELECT input_schema, output_schema, sensitivity_level, metadata, description IS NULL FROM capabilities")" "{}|{}|medium|{}|t"
}

@test "006: 8 deleting a resource deletes its capabilities, and no others" {
	begin tables
	resource a mcp 3
	resource b http 2
	sql "DELETE FROM resources WHERE id = 'a'"
	same "$(sql "SELECT string_agg(DISTINCT resource_id, ' ') || ' ' || count(*) FROM capabilities")" "b 2"
}

# ---- 007

@test "007: 1 federation_nodes is there" {
	begin tables
	same "$(columns federation_nodes)" "id node_id name endpoint trust_anchor_cert enabled trusted_since rate_limit_per_hour metadata created_at updated_at"
	same "$(indexes federation_nodes)" "ix_federation_nodes_enabled ix_federation_nodes_node_id"
	has "$(sql "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_federation_nodes_enabled'")" 'WHERE \(enabled = true\)'
}

@test "007: 2 cost_tracking is there; its key holds the time" {
	begin tables
	same "$(columns cost_tracking)" "id timestamp principal_id resource_id capability_id estimated_cost actual_cost metadata"
	same "$(indexes cost_tracking)" "ix_cost_tracking_capability ix_cost_tracking_principal ix_cost_tracking_resource ix_cost_tracking_timestamp"
	has "$(sql "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'cost_tracking'::regclass AND contype = 'p'")" '\(id, "timestamp"\)'
	same "$(sql "SELECT count(*) FROM pg_constraint WHERE conrelid = 'cost_tracking'::regclass AND contype = 'f'")" 0
}

@test "007: 3 principal_budgets is there" {
	begin tables
	same "$(columns principal_budgets)" "principal_id daily_budget monthly_budget daily_spent monthly_spent last_daily_reset last_monthly_reset currency created_at updated_at"
}

@test "007: 4 audit_events has the eight columns, five indexes and five kinds more" {
	begin tables
	has "$(columns audit_events)" "siem_forwarded principal_org resource_protocol capability_id correlation_id source_node target_node estimated_cost actual_cost$"
	same "$(sql "SELECT count(*) FROM information_schema.columns WHERE table_name = 'audit_events' AND is_nullable = 'YES'
	              AND column_name IN ('principal_org', 'resource_protocol', 'capability_id', 'correlation_id', 'source_node', 'target_node', 'estimated_cost', 'actual_cost')")" 8
	for name in correlation principal_org source_node target_node capability; do
		has "$(indexes audit_events)" "ix_audit_events_$name"
	done
	same "$(sql "SELECT string_agg(enumlabel, ' ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = 'auditeventtype'::regtype AND enumsortorder > 12")" \
		"cross_org_request cross_org_authorization cost_limit_exceeded federation_node_trusted federation_node_revoked"
	sql "INSERT INTO audit_events (id, event_type, correlation_id, actual_cost) VALUES (md5('a')::uuid, 'cost_limit_exceeded', 'c', 0.047)"
}

@test "007: 5 a node can be created, once" {
	begin tables
	node="INSERT INTO federation_nodes (id, node_id, name, endpoint, trust_anchor_cert, rate_limit_per_hour) VALUES (md5('%s')::uuid, 'orgb.com', 'B', 'https://orgb.com', 'CERT', 5000)"
	# shellcheck disable=SC2059
	sql "$(printf "$node" 1)"
	same "$(sql "SELECT node_id, rate_limit_per_hour, enabled, trusted_since IS NOT NULL FROM federation_nodes")" "orgb.com|5000|t|t"
	# shellcheck disable=SC2059
	refused 'ix_federation_nodes_node_id' "$(printf "$node" 2)"
}

@test "007: 6 a cost can be tracked" {
	begin tables
	sql "INSERT INTO cost_tracking (principal_id, resource_id, capability_id, estimated_cost, actual_cost) VALUES ('user-123', 'r', 'c', 0.05, 0.047)"
	same "$(sql "SELECT id, principal_id, estimated_cost, actual_cost, timestamp > now() - interval '1 minute' FROM cost_tracking")" "1|user-123|0.0500|0.0470|t"
}

@test "007: 7 a budget can be set and spent" {
	begin tables
	sql "INSERT INTO principal_budgets (principal_id, daily_budget, monthly_budget) VALUES ('user-123', 10, 300)"
	same "$(sql "SELECT daily_spent, monthly_spent, currency FROM principal_budgets")" "0.0000|0.0000|USD"
	sql "UPDATE principal_budgets SET daily_spent = 2.50, monthly_spent = 75"
	same "$(sql "SELECT daily_budget - daily_spent, monthly_budget - monthly_spent FROM principal_budgets")" "7.5000|225.0000"
}

@test "007: 8 the daily summary is there, and can be refreshed while it is read" {
	begin tables
	same "$(sql "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'mv_daily_cost_summary'::regclass AND attnum > 0")" \
		"date principal_id protocol invocation_count total_cost avg_cost min_cost max_cost"
	same "$(indexes mv_daily_cost_summary)" "ix_mv_daily_cost_summary_date ix_mv_daily_cost_summary_principal ix_mv_daily_cost_summary_unique"
	resource r grpc 1
	sql "INSERT INTO cost_tracking (timestamp, principal_id, resource_id, capability_id, actual_cost) VALUES
	     ('2025-11-01 12:00+00', 'u', 'r', 'r-c1', 0.01), ('2025-11-01 23:59+00', 'u', 'r', 'r-c1', 0.03), ('2025-11-02 00:00+00', 'u', 'r', 'gone', 0.05)"
	sql "REFRESH MATERIALIZED VIEW CONCURRENTLY mv_daily_cost_summary; REFRESH MATERIALIZED VIEW CONCURRENTLY mv_daily_cost_summary"
	same "$(sql "SELECT date, protocol, invocation_count, total_cost, avg_cost::numeric(6, 4), min_cost, max_cost FROM mv_daily_cost_summary ORDER BY 1" | tr '\n' ' ')" \
		"2025-11-01|grpc|2|0.0400|0.0200|0.0100|0.0300 2025-11-02||1|0.0500|0.0500|0.0500|0.0500 "
}

# ---- the data

@test "data: 1 a server becomes a resource: values and metadata" {
	begin tables
	sql "INSERT INTO users (id, email, full_name, hashed_password) VALUES (md5('u')::uuid, 'u@example.org', 'U', 'x');
	     INSERT INTO mcp_servers (id, name, description, transport, endpoint, mcp_version, capabilities, sensitivity_level, signature, status,
	                              health_endpoint, last_health_check, owner_id, consul_id, tags, extra_metadata, created_at, updated_at)
	     VALUES (md5('s')::uuid, 'Search', 'finds', 'sse', 'https://search', '2025-03-26', '[\"tools\"]', 'critical', 'sig', 'unhealthy', 'https://search/health',
	             '2025-10-01 12:00:00.123456+00', md5('u')::uuid, 'consul-1', '[\"a\", {\"b\": null}]', '{\"region\": \"eu\"}', '2025-01-01+00', '2025-02-02+00')"
	want 0 ./migrate --execute
	same "$(sql "SELECT id = md5('s')::uuid::text, name, protocol, endpoint, sensitivity_level, created_at, updated_at FROM resources")" \
		"t|Search|mcp|https://search|critical|2025-01-01 00:00:00+00|2025-02-02 00:00:00+00"
	same "$(sql "SELECT metadata = jsonb_build_object('transport', 'sse', 'command', NULL, 'endpoint', 'https://search', 'mcp_version', '2025-03-26',
	            'capabilities', '[\"tools\"]'::jsonb, 'status', 'unhealthy', 'health_endpoint', 'https://search/health',
	            'last_health_check', '2025-10-01T12:00:00.123456+00:00', 'owner_id', md5('u')::uuid::text, 'team_id', NULL, 'consul_id', 'consul-1',
	            'tags', '[\"a\", {\"b\": null}]'::jsonb, 'signature', 'sig', 'description', 'finds', 'region', 'eu') FROM resources")" t
}

@test "data: 2 a tool becomes a capability: values and metadata" {
	begin tables
	servers 1
	sql "INSERT INTO mcp_tools (id, server_id, name, description, parameters, sensitivity_level, requires_approval, signature, invocation_count,
	                            last_invoked, extra_metadata, created_at, updated_at)
	     VALUES (md5('t')::uuid, md5('s1')::uuid, 'find', 'finds it', '{\"type\": \"object\", \"properties\": {}}', 'high', true, 'sig', 42,
	             '2025-10-01 12:00+00', '{\"timeout_seconds\": 30}', '2025-01-01+00', '2025-02-02+00')"
	want 0 ./migrate --execute
	same "$(sql "SELECT id = md5('t')::uuid::text, resource_id = md5('s1')::uuid::text, name, description, input_schema, output_schema, sensitivity_level FROM capabilities")" \
		't|t|find|finds it|{"type": "object", "properties": {}}|{}|high'
	same "$(sql "SELECT metadata = jsonb_build_object('requires_approval', true, 'signature', 'sig', 'invocation_count', 42,
	            'last_invoked', '2025-10-01T12:00:00+00:00', 'created_at', '2025-01-01T00:00:00+00:00', 'updated_at', '2025-02-02T00:00:00+00:00',
	            'timeout_seconds', 30) FROM capabilities")" t
}

@test "data: 3 five servers with three tools each: nothing is lost" {
	begin tables
	TOOLS=3 servers 5
	want 0 ./migrate --execute
	has "$out" 'v1: 5 servers, 15 tools; v2: 5 MCP resources, 15 capabilities'
	same "$(sql "SELECT r.name || ' ' || string_agg(c.name, ' ' ORDER BY c.name) FROM resources r JOIN capabilities c ON c.resource_id = r.id GROUP BY r.name ORDER BY 1 LIMIT 1")" \
		"srv-1 tool-1-1 tool-1-2 tool-1-3"
	same "$(sql "SELECT count(DISTINCT resource_id), min(sensitivity_level), max(sensitivity_level) FROM capabilities")" "5|critical|critical"
}

@test "data: 4 no orphans, and nothing missing, at size" {
	begin v2
	same "$(rows resources "protocol = 'mcp'")" "$SERVERS"
	same "$(sql "SELECT count(*) FROM capabilities c JOIN resources r ON r.id = c.resource_id AND r.protocol = 'mcp'")" $((SERVERS * 46 / 10))
	same "$(sql "SELECT count(*) FROM capabilities c LEFT JOIN resources r ON r.id = c.resource_id WHERE r.id IS NULL")" 0
	same "$(sql "SELECT count(*) FROM mcp_servers s LEFT JOIN resources r ON r.id = s.id::text WHERE r.id IS NULL")" 0
	same "$(sql "SELECT count(*) FROM mcp_tools t LEFT JOIN capabilities c ON c.id = t.id::text AND c.resource_id = t.server_id::text WHERE c.id IS NULL")" 0
	want 0 ./migrate --validate
}

# ---- the way back

@test "rollback: 1 deletes only MCP" {
	begin v2
	others=$(rows resources "protocol <> 'mcp'")
	[ "$others" -gt 0 ]
	want 0 ./migrate --rollback
	same "$(rows resources "protocol = 'mcp'")/$(rows resources)" "0/$others"
	same "$(rows mcp_servers)/$(rows mcp_tools)" "$SERVERS/$((SERVERS * 46 / 10))"
}

# ---- the path

@test "the path: up to 007, one back, up; down to nothing, up again; the history tells it" {
	begin v1
	want 0 whimbrel up
	has "$out$err" '006'
	has "$out$err" '007'
	want 0 whimbrel status -o json
	has "$out" '"current": *"007"'
	want 0 whimbrel down --yes
	want 0 whimbrel up
	step generator down --to 0 --yes -q
	want 0 whimbrel down --to 0 --yes
	same "$(sql "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'")" 0
	same "$(sql "SELECT count(*) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = 'public'")" 0
	want 0 whimbrel up
	want 0 whimbrel history --limit 50
	[ "$(printf '%s\n' "$out" | grep -c down)" -ge 8 ]
}
