#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# The flags, results and exit statuses of ./migrate, ./rollback, ./validate and ./optimize; the checks after the
# cut-over; the retirement of v1.

load setup

setup_file() {
	prepare tables
	prepare v1
	prepare v2
}

@test "migrate: exactly one of four; a rollback can be dry" {
	begin tables
	for words in "" "--dry-run --execute" "--execute --validate" "--validate --dry-run" "--rollback --execute" "--now"; do
		# shellcheck disable=SC2086
		want 2 ./migrate $words
		has "$err" 'Exactly one of'
	done
	want 0 ./migrate --help
	for words in --dry-run --execute --validate --rollback "--rollback --dry-run"; do
		# shellcheck disable=SC2086
		want 0 ./migrate $words
	done
}

@test "migrate: a missing prerequisite is 1, and nothing is done" {
	begin v1
	for mode in --dry-run --execute --validate; do
		want 1 ./migrate $mode
		has "$out" 'table resources is missing: run the schema migrations first'
	done
	want 0 ./migrate --rollback
	has "$out" 'nothing to do'
	same "$(sql "SELECT to_regclass('resources')")" ""
}

@test "migrate: a database that cannot be reached is 1; validate: 2; optimize: 1" {
	export DATABASE_URL="postgres:///nowhere?host=$SARK_SERVER&user=postgres"
	for mode in --dry-run --execute --validate --rollback; do
		want 1 ./migrate $mode
		has "$out$err" 'nowhere'
	done
	want 2 ./validate --quick
	want 1 ./optimize --analyze
	want 1 ./rollback
}

@test "migrate: the summary has its seven figures" {
	begin tables
	TOOLS=3 servers 5
	want 0 ./migrate --execute
	has "$out" '^v1: 5 servers, 15 tools; v2: 0 MCP resources, 0 capabilities of them$'
	has "$out" '^v1: 5 servers, 15 tools; v2: 5 MCP resources, 15 capabilities of them$'
	has "$out" '^duration: [0-9]+ s, servers: 5, tools: 15, resources created: 5, capabilities created: 15, errors: 0, warnings: 0$'
}

@test "migrate: the password of DATABASE_URL is in no argument and no output" {
	begin tables
	servers 3
	psql_in postgres -c "DROP ROLE IF EXISTS sark_secret; CREATE ROLE sark_secret LOGIN SUPERUSER PASSWORD 'hu%nter2'"
	DATABASE_URL="postgres://sark_secret:hu%25nter2@/$database?host=$SARK_SERVER&port=5432"
	printf '#!/bin/sh\nprintf "%%s\\n" "$*" >>"%s"\nexec "%s" "$@"\n' "$HOME/arguments" "$WHIMBREL" >"$HOME/spy"
	chmod +x "$HOME/spy"
	for command in "migrate --execute" "validate --full" "rollback --dry-run" "rollback" "optimize --analyze"; do
		# shellcheck disable=SC2086
		WHIMBREL="$HOME/spy" want 0 ./$command
		lacks "$out$err" 'nter2'
	done
	[ "$(wc -l <"$HOME/arguments")" -gt 10 ]
	lacks "$(cat "$HOME/arguments")" 'nter2'
	DATABASE_URL=$(url "$database")
	sql "REASSIGN OWNED BY sark_secret TO postgres; DROP OWNED BY sark_secret"
	psql_in postgres -c "DROP ROLE sark_secret"
}

@test "validate: the modes run their checks, and no others" {
	begin v2
	names() { sed -n 's/.*"check_name": *"\([a-z]*\)\..*/\1/p' "$1" | sort -u | tr '\n' ' '; }
	want 0 ./validate --output report.json
	has "$out" 'PASSED'
	same "$(names report.json)" "business data relationships schema "
	same "$(grep -c '"check_name"' report.json)" 18
	want 0 ./validate --quick --output report.json
	same "$(names report.json)" "business relationships schema "
	for group in schema data relationships; do
		want 0 ./validate --$group --output report.json
		same "$(names report.json)" "$group "
	done
	want 2 ./validate --everything
	want 2 ./validate --output
}

@test "validate: the report is the JSON that was agreed" {
	begin v2
	sql "UPDATE resources SET sensitivity_level = 'secret' WHERE name = 'server-5'"
	want 1 ./validate --output report.json
	has "$out" 'invalid_sensitivity_levels'
	has "$out" 'FAILED'
	python3 - <<-'END'
		import json
		r = json.load(open("report.json"))
		assert {"start_time", "end_time", "duration_seconds", "total_checks", "passed_checks", "failed_checks", "issues"} <= set(r), r
		assert (r["total_checks"], r["passed_checks"], r["failed_checks"]) == (18, 17, 1), r
		for issue in r["issues"]:
		    assert {"severity", "check_name", "message", "details", "timestamp"} <= set(issue), issue
		    assert issue["severity"] in ("critical", "error", "warning", "info")
		errors = [i for i in r["issues"] if i["severity"] == "error"]
		assert [i["check_name"] for i in errors] == ["business.invalid_sensitivity_levels"] and errors[0]["details"] == {"count": 1}, errors
	END
}

@test "validate: 0 with warnings, 1 with errors, 2 with critical failures" {
	begin v2
	sql "DROP INDEX ix_resources_metadata_gin"
	want 0 ./validate
	has "$out" 'schema.indexes_exist'
	sql "DELETE FROM capabilities WHERE name = 'edge-deep'"
	want 1 ./validate
	sql "DROP TABLE principal_budgets CASCADE"
	want 2 ./validate
	has "$out" 'required table missing: principal_budgets'
}

@test "optimize: dry run, five indexes, again; the inventory; gone with the schema" {
	begin v2
	want 0 ./optimize --optimize --dry-run
	for name in ix_resources_protocol_active ix_capabilities_resource_name_sensitivity ix_capabilities_input_schema_type \
		ix_cost_tracking_principal_timestamp ix_capabilities_high_sensitivity; do
		has "$out" "CREATE INDEX CONCURRENTLY IF NOT EXISTS $name"
	done
	same "$(sql "SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'ix_resources%active' OR indexname LIKE 'ix_capabilities_input%'")" 0
	want 0 ./optimize --optimize
	same "$(sql "SELECT count(*) FROM pg_index WHERE indisvalid AND indexrelid::regclass::text IN ('ix_resources_protocol_active',
	             'ix_capabilities_resource_name_sensitivity', 'ix_capabilities_input_schema_type', 'ix_cost_tracking_principal_timestamp',
	             'ix_capabilities_high_sensitivity')")" 5
	want 0 ./optimize --optimize
	want 0 ./optimize --analyze --output inventory.txt
	has "$(cat inventory.txt)" 'ix_cost_tracking_principal_timestamp'
	want 2 ./optimize --dry-run
	want 2 ./optimize --faster
	want 0 ./rollback --schema --yes
	want 0 whimbrel up
	want 0 ./optimize --optimize
	same "$(sql "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('ix_capabilities_high_sensitivity')")" 1
}

@test "optimize: the benchmark, and the report with its sections" {
	begin v2
	./optimize --benchmark --output bench.txt || same $? 1 # a missed target
	for name in $(sed -n 's/^  \([a-z_]*\):$/\1/p' bench/queries.yaml); do
		has "$(cat bench.txt)" "$name"
	done
	same "$(grep -c '^    target:' bench/queries.yaml)" 7 # the aggregation has none
	want 0 ./optimize --report
	has "$out" 'list_resources_by_protocol'
	has "$out" 'capabilities'
}

@test "the tuning set for v1" {
	begin v1
	want 0 step tuning-v1 up
	same "$(sql "SELECT count(*) FROM pg_index WHERE indisvalid AND indexrelid::regclass::text LIKE 'idx_%'")" 15
	want 0 step tuning-v1 down --yes
	same "$(sql "SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'idx_%'")" 0
}

@test "every named query runs" {
	begin v2
	for name in $(sed -n '/^queries:/,$ s/^  \([a-z][a-z0-9_]*\):.*/\1/p' whimbrel.yaml); do
		case $name in
		slow) continue ;; # its extension is not everywhere
		esac
		want 0 whimbrel query "$name" -o json
	done
	want 0 whimbrel query health -o json
	has "$out" '"status": "healthy"'
	has "$out" '"database": "connected"'
	has "$out" '"database_version": "2.0"'
	want 0 ./rollback --schema --yes
	want 0 whimbrel query health -o json
	has "$out" '"database_version": "1.x"'
}

@test "after the cut-over: what the program says of itself, and the first day, week and month" {
	begin v2
	want 2 whimbrel check checks/after.yaml --group cutover
	has "$out" 'FEATURE_PROTOCOL_ADAPTERS is not true'
	FEATURE_PROTOCOL_ADAPTERS=true APP_VERSION=1.9.3 want 2 whimbrel check checks/after.yaml --group cutover
	FEATURE_PROTOCOL_ADAPTERS=true APP_VERSION=2.0.0 want 0 whimbrel check checks/after.yaml --group cutover
	want 0 whimbrel check checks/after.yaml --group day1
	sql "DELETE FROM cost_tracking WHERE timestamp > now() - interval '1 day'; UPDATE audit_events SET resource_protocol = NULL"
	want 1 whimbrel check checks/after.yaml --group day1
	has "$out" 'no cost has been tracked'
	has "$out" 'no audit event of v2'
	want 1 whimbrel check checks/after.yaml --group week1
	has "$out" 'nothing was audited'
	want 0 whimbrel check checks/after.yaml --group month1
}

@test "v1 is retired after thirty days, not before, and not while it is written or lacks a counterpart" {
	begin v2
	cp later/008_retire_v1.sql migrations/
	want 4 whimbrel up
	has "$err" '008'
	same "$(rows mcp_servers)" "$SERVERS"
	sql "UPDATE whimbrel.schema_migrations SET finished_at = finished_at - interval '31 days' WHERE project = 'main' AND version = '007'"
	sql "UPDATE mcp_servers SET updated_at = now() - interval '29 days' WHERE name = 'server-5'"
	want 4 whimbrel up
	sql "UPDATE mcp_servers SET updated_at = now() - interval '31 days' WHERE name = 'server-5'"
	sql "DELETE FROM capabilities WHERE name = 'edge-deep'"
	want 4 whimbrel up
	has "$err" 'tool_count_mismatch'
	want 0 whimbrel transform rules/v2.yaml
	want 0 whimbrel query retirement
	want 0 whimbrel up
	same "$(sql "SELECT to_regclass('mcp_servers'), to_regclass('mcp_tools')")" "|"
	want 0 ./validate
	has "$out" 'data.v1_tables_missing'
	# What came from v1 is now nowhere else.
	want 1 ./rollback
	has "$err" 'v1 is gone'
	same "$(rows resources "protocol = 'mcp'")" "$SERVERS"
}
