#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# The generator, and what the rules make of its edge rows; what comes of running them again.

load setup

setup_file() {
	prepare tables
	prepare v1
	prepare v2
}

server() { # EDGE COLUMNS: of the resource of an edge server
	sql "SELECT $2 FROM resources r JOIN mcp_servers s ON s.id::text = r.id WHERE s.name = '$1'"
}

tool() {
	sql "SELECT $2 FROM capabilities c JOIN mcp_tools t ON t.id::text = c.id WHERE t.name = '$1'"
}

@test "the generator: the same seed gives the same rows, another one others; sizes by SERVERS" {
	begin v1
	tables="users teams user_teams mcp_servers mcp_tools api_keys policies policy_versions audit_events gateway_audit_events"
	# shellcheck disable=SC2086
	first=$(fingerprint $tables)
	want 0 step generator down --yes
	same "$(rows mcp_servers)" 0
	want 0 step generator up --to 001
	# shellcheck disable=SC2086
	same "$(fingerprint $tables)" "$first"
	want 0 step generator down --yes
	SEED=2 SERVERS=50 want 0 step generator up --to 001
	same "$(rows mcp_servers)/$(rows mcp_tools)" 50/230
	want 0 step generator down --yes
	SEED=2 want 0 step generator up --to 001
	[ "$(fingerprint mcp_servers)" != "$(printf '%s\n' "$first" | grep '^mcp_servers')" ]
	same "$(sql "SELECT count(DISTINCT transport), count(DISTINCT sensitivity_level), count(DISTINCT status) FROM mcp_servers")" "3|4|5"
}

@test "dry run: counts, tells what would be rejected, changes nothing" {
	begin v1
	want 0 whimbrel up
	before=$(fingerprint resources capabilities whimbrel.transform_rejects 2>/dev/null || fingerprint resources capabilities)
	want 0 ./migrate --dry-run
	has "$out" "would migrate $SERVERS servers"
	has "$out" "would migrate $((SERVERS * 46 / 10)) tools"
	has "$out" "would reject $((2 + $(rows "mcp_tools t JOIN mcp_servers s ON s.id = t.server_id" "coalesce(s.command, s.endpoint) IS NULL"))) rows"
	same "$(fingerprint resources capabilities)" "$(printf '%s\n' "$before" | head -2)"
}

@test "006 copies what can be copied, and leaves metadata to the rules" {
	begin v1
	want 0 whimbrel up
	same "$(rows resources)" $((SERVERS - 2))
	same "$(rows resources "metadata <> '{}'")" 0
	want 1 ./validate --data
	has "$out" 'data.metadata_sparse'
}

@test "rows without an address are rejected, with their tools, and reported; mended, they follow" {
	begin v1
	whimbrel up -q
	lost=$(rows "mcp_tools t JOIN mcp_servers s ON s.id = t.server_id" "s.command IS NULL AND s.endpoint IS NULL")
	[ "$lost" -ge 2 ]
	want 1 ./migrate --execute
	has "$out" "rejected: $((lost + 2)) rows"
	has "$out" "$SERVERS servers, but $((SERVERS - 2)) MCP resources"
	has "$out" 'validation: FAILED'
	want 0 whimbrel query rejects
	has "$out" 'neither command nor endpoint'
	has "$out" 'edge-neither-command-nor-endpoint'
	same "$(sql "SELECT count(*) FROM whimbrel.transform_rejects WHERE rule = 'tools' AND reason LIKE '%its server has neither%'")" "$lost"
	want 0 whimbrel query missing_servers
	has "$out" 'edge-neither-not-even-empty'
	want 0 step mend up
	want 0 ./migrate --execute
	has "$out" 'validation: PASSED'
	same "$(server edge-neither-not-even-empty "r.endpoint = 'https://' || s.id || '.invalid'")" t
	same "$(sql "SELECT count(*) FROM whimbrel.transform_rejects")" 0
}

@test "every value of every row: nothing of v1 is lost" {
	begin v2
	want 0 ./migrate --validate
	# A second look, with the field map written down once more and by other means: fourteen keys, and the rest.
	same "$(sql "
	SELECT count(*) FROM mcp_servers s LEFT JOIN resources r ON r.id = s.id::text
	 WHERE r.id IS NULL OR r.protocol <> 'mcp' OR r.name <> s.name OR r.endpoint <> coalesce(s.command, s.endpoint)
	    OR r.sensitivity_level <> s.sensitivity_level::text OR r.created_at <> s.created_at
	    OR EXISTS (SELECT FROM (VALUES ('transport', to_jsonb(s.transport::text)), ('command', to_jsonb(s.command)), ('endpoint', to_jsonb(s.endpoint)),
	                 ('mcp_version', to_jsonb(s.mcp_version)), ('capabilities', s.capabilities), ('status', to_jsonb(s.status::text)),
	                 ('health_endpoint', to_jsonb(s.health_endpoint)), ('last_health_check', to_jsonb(s.last_health_check)),
	                 ('owner_id', to_jsonb(s.owner_id::text)), ('team_id', to_jsonb(s.team_id::text)), ('consul_id', to_jsonb(s.consul_id)),
	                 ('tags', s.tags), ('signature', to_jsonb(s.signature)), ('description', to_jsonb(s.description))) AS k (key, value)
	                WHERE coalesce(CASE WHEN jsonb_typeof(s.extra_metadata) = 'object' THEN s.extra_metadata -> k.key END, k.value, 'null')
	                      IS DISTINCT FROM r.metadata -> k.key)")" 0
	same "$(sql "
	SELECT count(*) FROM mcp_tools t LEFT JOIN capabilities c ON c.id = t.id::text
	 WHERE c.id IS NULL OR c.resource_id <> t.server_id::text OR c.name <> t.name OR c.description IS DISTINCT FROM t.description
	    OR c.sensitivity_level <> t.sensitivity_level::text OR c.output_schema <> '{}'
	    OR c.input_schema <> CASE WHEN t.parameters = 'null' THEN '{}' ELSE t.parameters END
	    OR EXISTS (SELECT FROM (VALUES ('requires_approval', to_jsonb(t.requires_approval)), ('signature', to_jsonb(t.signature)),
	                 ('invocation_count', to_jsonb(t.invocation_count)), ('last_invoked', to_jsonb(t.last_invoked)),
	                 ('created_at', to_jsonb(t.created_at)), ('updated_at', to_jsonb(t.updated_at))) AS k (key, value)
	                WHERE coalesce(CASE WHEN jsonb_typeof(t.extra_metadata) = 'object' THEN t.extra_metadata -> k.key END, k.value, 'null')
	                      IS DISTINCT FROM c.metadata -> k.key)")" 0
	# Keys of v2 that no column and no extra_metadata of v1 gave.
	same "$(sql "SELECT max((SELECT count(*) FROM jsonb_object_keys(r.metadata))) FROM resources r JOIN mcp_servers s ON s.id::text = r.id WHERE s.extra_metadata = 'null'")" 14
}

@test "the edge rows" {
	begin v2
	same "$(server edge-status-in-extra-metadata "r.metadata ->> 'status'")" mine
	same "$(server edge-null-and-nested-in-extra "r.metadata -> 'tags', r.metadata -> 'transport'")" 'null|{"a": [1, 2, {"b": null}]}'
	same "$(server edge-decommissioned "r.metadata ->> 'status', (SELECT count(*) > 0 FROM capabilities c WHERE c.resource_id = r.id)")" "decommissioned|t"
	same "$(server '東京 🦀 ßé Ω' "r.name, r.endpoint, r.metadata ->> 'ключ', r.metadata ->> 'description' = s.description")" \
		"東京 🦀 ßé Ω|https://e6.example.org/ü|値|t"
	same "$(server edge-endpoint-of-500 "length(r.endpoint)")" 500
	same "$(server edge-command-of-500 "length(r.endpoint)")" 500
	same "$(server edge-both "r.endpoint, r.metadata ->> 'endpoint'")" "docker run both|https://e9.example.org"
	same "$(server edge-extra-is-null "jsonb_typeof(r.metadata)")" object
	same "$(server edge-extra-is-a-list "r.metadata -> 'extra_metadata'")" '[1, "two"]'
	same "$(server edge-extra-is-a-text "r.metadata -> 'extra_metadata'")" '"text"'
	same "$(server edge-empty-command "r.endpoint = ''")" t
	same "$(sql "SELECT count(*) FROM resources WHERE length(name) = 255")" 1
	same "$(tool edge-null-parameters "c.input_schema")" '{}'
	same "$(tool edge-count-in-extra "c.metadata -> 'invocation_count', c.metadata -> 'created_at'")" '"mine"|null'
	same "$(tool edge-deep "c.input_schema = t.parameters, c.metadata -> 'x'")" 't|{"y": []}'
	same "$(tool edge-extra-is-a-list "c.input_schema, c.metadata -> 'extra_metadata'")" '"text"|[null]'
	same "$(tool edge-level "c.sensitivity_level = t.sensitivity_level::text, c.metadata ->> 'sensitivity_level'")" "t|mine"
}

@test "again: a rename, a new level, new and moved rows arrive; the rest is as it was" {
	begin v2
	before=$(sql "SELECT count(*), md5(string_agg(r.id || r.name || r.endpoint || r.sensitivity_level || r.metadata || r.created_at, '' ORDER BY id)) FROM resources r WHERE name LIKE 'server-%' AND name <> 'server-3'")
	TOOLS=2 servers 3
	sql "UPDATE mcp_servers SET name = 'renamed', sensitivity_level = 'critical', status = 'inactive' WHERE name = 'server-3';
	     UPDATE mcp_tools SET sensitivity_level = 'critical', description = 'new' WHERE name = 'edge-level';
	     UPDATE mcp_tools SET server_id = (SELECT id FROM mcp_servers WHERE name = 'edge-both') WHERE name = 'edge-deep'"
	want 0 ./migrate --execute
	has "$out" 'resources created: 3, capabilities created: 6'
	same "$(server renamed "r.name, r.sensitivity_level, r.metadata ->> 'status', r.updated_at > now() - interval '1 minute', r.created_at = s.created_at")" "renamed|critical|inactive|t|t"
	same "$(tool edge-level "c.sensitivity_level, c.description")" "critical|new"
	same "$(tool edge-deep "c.resource_id = t.server_id::text")" t
	same "$(sql "SELECT count(*), md5(string_agg(r.id || r.name || r.endpoint || r.sensitivity_level || r.metadata || r.created_at, '' ORDER BY id)) FROM resources r WHERE name LIKE 'server-%' AND name <> 'server-3'")" "$before"
}

@test "where the original loses: a stale level, and the times of tools" {
	begin v2
	# The original's update sets leave the level out: with them a change of it never arrives.
	sed '/set_new:/s/sensitivity_level, //' rules/v2.yaml >"$HOME/original.yaml"
	sql "UPDATE mcp_servers SET sensitivity_level = CASE WHEN sensitivity_level = 'low' THEN 'high' ELSE 'low' END::sensitivitylevel"
	want 0 whimbrel transform "$HOME/original.yaml"
	want 1 ./migrate --validate
	has "$out" "$SERVERS resources are not what their server is"
	want 0 ./migrate --execute
	same "$(sql "SELECT count(*) FROM capabilities c JOIN mcp_tools t ON t.id::text = c.id WHERE (c.metadata ->> 'created_at')::timestamptz = t.created_at")" \
		$((SERVERS * 46 / 10 - 1))
}

@test "fidelity is seen to be broken, each way" {
	begin v2
	for change in "UPDATE resources SET endpoint = 'x' WHERE name = 'server-5'" \
		"UPDATE resources SET metadata = metadata - 'signature' WHERE name = 'server-5'" \
		"UPDATE resources SET metadata = jsonb_set(metadata, '{region}', '\"elsewhere\"') WHERE name = 'server-5'" \
		"UPDATE resources SET metadata = jsonb_set(metadata, '{tags}', '[\"other\"]') WHERE name = 'server-5'"; do
		sql "$change"
		want 1 ./migrate --validate
		has "$out" '1 resources are not what their server is'
		want 0 ./migrate --execute
	done
	for change in "UPDATE capabilities SET metadata = metadata - 'last_invoked' WHERE name = 'edge-deep'" \
		"UPDATE capabilities SET input_schema = '{}' WHERE name = 'edge-deep'" \
		"UPDATE capabilities SET description = 'other' WHERE name = 'edge-deep'"; do
		sql "$change"
		want 1 ./migrate --validate
		has "$out" '1 capabilities are not what their tool is'
		want 0 ./migrate --execute
	done
}
