#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# The thirteen rollback scenarios. Where the size of the data matters, on SERVERS servers with 4.6 tools each.

load setup

setup_file() {
	prepare tables
	prepare v1
	prepare v2
}

@test "1 preserves v1 data: server count, name and command are unchanged" {
	begin tables
	servers 1
	before=$(fingerprint mcp_servers mcp_tools)
	want 0 ./migrate --execute
	same "$(rows resources "protocol = 'mcp'")" 1
	want 0 ./rollback
	same "$(sql "SELECT count(*), min(name), min(command) FROM mcp_servers")" "1|srv-1|npx srv-1"
	same "$(fingerprint mcp_servers mcp_tools)" "$before"
	same "$(rows resources)" 0
}

@test "1b preserves v1 data, all of it, and everything of other protocols, at size" {
	begin v2
	v1=$(fingerprint users teams user_teams mcp_servers mcp_tools api_keys policies policy_versions audit_events gateway_audit_events)
	others=$(sql "SELECT count(*), md5(string_agg(r::text, '' ORDER BY id)) FROM resources r WHERE protocol <> 'mcp'")
	costs=$(fingerprint cost_tracking federation_nodes principal_budgets)
	[ "$(rows resources "protocol = 'mcp'")" -eq "$SERVERS" ]
	want 0 ./rollback
	same "$(rows resources "protocol = 'mcp'")" 0
	same "$(rows capabilities "resource_id NOT IN (SELECT id FROM resources)")" 0
	same "$(fingerprint users teams user_teams mcp_servers mcp_tools api_keys policies policy_versions audit_events gateway_audit_events)" "$v1"
	same "$(sql "SELECT count(*), md5(string_agg(r::text, '' ORDER BY id)) FROM resources r WHERE protocol <> 'mcp'")" "$others"
	same "$(fingerprint cost_tracking federation_nodes principal_budgets)" "$costs"
}

@test "2 deletes only MCP resources" {
	begin tables
	resource mcp-1 mcp 2
	resource http-1 http 2
	resource grpc-1 grpc 2
	want 0 ./rollback
	same "$(sql "SELECT string_agg(id, ' ' ORDER BY id) FROM resources")" "grpc-1 http-1"
	same "$(sql "SELECT string_agg(id, ' ' ORDER BY id) FROM capabilities")" "grpc-1-c1 grpc-1-c2 http-1-c1 http-1-c2"
}

@test "3 a deleted resource takes its capabilities with it" {
	begin tables
	resource mcp-1 mcp 5
	same "$(rows capabilities)" 5
	sql "DELETE FROM resources WHERE id = 'mcp-1'"
	same "$(rows capabilities)" 0
}

@test "4 a subset: five of ten servers" {
	begin tables
	TOOLS=2 servers 10
	want 0 ./migrate --execute
	sql "DELETE FROM resources WHERE id IN (SELECT md5('s' || i)::uuid::text FROM generate_series(1, 5) i)"
	same "$(rows resources "protocol = 'mcp'")" 5
	same "$(rows capabilities)" 10
	same "$(rows mcp_servers)" 10
	want 1 ./migrate --validate
	has "$out" '10 servers, but 5 MCP resources'
	want 0 ./migrate --execute
	same "$(rows resources "protocol = 'mcp'")" 10
}

@test "5 mixed protocols: 3 mcp, 2 http, 1 grpc" {
	begin tables
	for id in 1 2 3; do resource mcp-$id mcp 1; done
	for id in 1 2; do resource http-$id http 1; done
	resource grpc-1 grpc 1
	want 0 ./rollback
	same "$(sql "SELECT count(*) FILTER (WHERE protocol = 'mcp') || '/' || count(*) FILTER (WHERE protocol = 'http') || '/' ||
	                    count(*) FILTER (WHERE protocol = 'grpc') FROM resources")" 0/2/1
	# Others only when that is meant.
	want 1 ./rollback --protocol http
	has "$err" 'would be lost'
	same "$(rows resources "protocol = 'http'")" 2
	want 0 ./rollback --protocol http --yes
	same "$(sql "SELECT string_agg(id, ' ') FROM resources")" grpc-1
	want 2 ./rollback --protocol "x' OR true --" --yes
	same "$(rows resources)" 1
}

@test "6 no data is lost when the rollback fails" {
	begin v2
	# After the capabilities have been deleted, and half of the resources, the transaction fails.
	sql "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS
	     \$\$ BEGIN IF OLD.name = 'edge-both' THEN RAISE 'injected failure'; END IF; RETURN OLD; END \$\$;
	     CREATE TRIGGER stop BEFORE DELETE ON resources FOR EACH ROW EXECUTE FUNCTION stop()"
	before=$(fingerprint resources capabilities mcp_servers mcp_tools cost_tracking)
	want 1 ./rollback
	has "$out$err" 'injected failure'
	same "$(fingerprint resources capabilities mcp_servers mcp_tools cost_tracking)" "$before"
	sql "DROP TRIGGER stop ON resources"
	want 0 ./rollback
	same "$(rows resources "protocol = 'mcp'")" 0
}

@test "7 twice: both are fine" {
	begin tables
	servers 1
	want 0 ./migrate --execute
	want 0 ./rollback
	has "$out" 'took out 1 resources of mcp'
	want 0 ./rollback
	has "$out" 'took out 0 resources of mcp'
	same "$(rows resources)" 0
	same "$(rows mcp_servers)" 1
}

@test "8 costs stay when their capability goes: they have no foreign key" {
	begin tables
	resource mcp-1 mcp 1
	sql "INSERT INTO cost_tracking (principal_id, resource_id, capability_id, estimated_cost, actual_cost)
	     VALUES ('user-123', 'mcp-1', 'mcp-1-c1', 0.05, 0.047)"
	want 0 ./rollback
	same "$(rows capabilities)" 0
	same "$(sql "SELECT principal_id, capability_id, estimated_cost, actual_cost FROM cost_tracking")" "user-123|mcp-1-c1|0.0500|0.0470"
	want 0 whimbrel query costs_after_rollback -o json
	has "$out" '"costs": "1"'
}

@test "9 after a migration that stopped half way" {
	begin tables
	servers 10
	# The sixth server cannot be written: the run stops there, the first five are done.
	sql "ALTER TABLE resources ADD CONSTRAINT injected CHECK (id < (SELECT '$(sql "SELECT id FROM mcp_servers ORDER BY id OFFSET 5 LIMIT 1")'))" 2>/dev/null ||
		sql "ALTER TABLE resources ADD CONSTRAINT injected CHECK (id < '$(sql "SELECT id FROM mcp_servers ORDER BY id OFFSET 5 LIMIT 1")')"
	want 1 ./migrate --execute
	same "$(rows resources)" 5
	want 0 ./rollback
	same "$(rows resources)" 0
	same "$(rows mcp_servers)" 10
	sql "ALTER TABLE resources DROP CONSTRAINT injected"
	want 0 ./migrate --execute
	same "$(rows resources)" 10
}

@test "9b killed in the middle, and then rolled back, or gone on with" {
	begin v1
	whimbrel up -q
	sql "DELETE FROM resources"
	step mend up -q
	# Killed when some batches are there.
	"$WHIMBREL" transform rules/v2.yaml --batch-size 50 >/dev/null 2>&1 &
	until [ "$(rows resources)" -gt 100 ]; do sleep 0.02; done
	kill -KILL $! && wait $! || true
	[ "$(rows resources)" -lt "$SERVERS" ] || [ "$(rows capabilities)" -lt $((SERVERS * 46 / 10)) ]
	want 0 ./rollback
	same "$(rows resources)" 0
	want 0 ./migrate --execute
	same "$(rows resources)" "$SERVERS"
	same "$(rows capabilities)" $((SERVERS * 46 / 10))
}

@test "10 recovery from orphaned capabilities" {
	begin tables
	resource mcp-1 mcp 1
	sql "SET session_replication_role = replica; DELETE FROM resources WHERE id = 'mcp-1'"
	want 2 ./validate --relationships
	has "$out" 'broken_fk_capabilities_resources'
	has "$out" 'mcp-1-c1'
	want 0 whimbrel query orphans -o json
	has "$out" '"orphans": "1"'
	sql "DELETE FROM capabilities c WHERE NOT EXISTS (SELECT FROM resources r WHERE r.id = c.resource_id)"
	want 0 ./validate --relationships
	same "$(rows capabilities)" 0
}

@test "11 recovery from a migration that ran twice" {
	begin tables
	servers 1
	want 0 ./migrate --execute
	want 0 ./migrate --execute
	same "$(rows resources)" 1
	has "$out" 'resources created: 0, capabilities created: 0'
}

@test "12 a dry run of the rollback changes nothing" {
	begin v2
	before=$(fingerprint resources capabilities mcp_servers mcp_tools cost_tracking whimbrel.schema_migrations)
	want 0 ./migrate --rollback --dry-run
	has "$out" "would take out $SERVERS resources of mcp and $((SERVERS * 46 / 10)) capabilities"
	has "$out" "DELETE FROM resources WHERE protocol = 'mcp'"
	want 0 ./rollback --dry-run
	want 0 ./rollback --dry-run --protocol grpc
	want 0 ./rollback --dry-run --schema
	has "$out" 'DROP TABLE resources'
	same "$(fingerprint resources capabilities mcp_servers mcp_tools cost_tracking whimbrel.schema_migrations)" "$before"
}

@test "13 the schema from 007 to 005 keeps the rows of v1" {
	begin v2
	v1=$(fingerprint users teams mcp_servers mcp_tools api_keys policies policy_versions gateway_audit_events)
	audit=$(rows audit_events)
	want 1 ./rollback --schema
	has "$err" 'only in v2 and would be lost'
	want 0 ./rollback --schema --yes
	same "$(sql "SELECT to_regclass('resources'), to_regclass('capabilities'), to_regclass('federation_nodes'), to_regclass('cost_tracking'), to_regclass('mv_daily_cost_summary')")" '||||'
	same "$(fingerprint users teams mcp_servers mcp_tools api_keys policies policy_versions gateway_audit_events)" "$v1"
	same "$(rows audit_events)" "$audit"
	# Values of an enum cannot be taken back.
	same "$(sql "SELECT count(*) FROM pg_enum WHERE enumtypid = 'auditeventtype'::regtype")" 17
	want 0 ./rollback --schema
	has "$out" 'nothing to do'
	want 0 whimbrel up
	want 0 ./migrate --execute
	same "$(rows resources)" "$SERVERS"
}
