#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# scenarios/: what they say holds, and one of them finds what it is there to find.

load setup

setup_file() {
	prepare tables
}

@test "scenarios pass on scratch databases, and the database is left alone" {
	begin tables
	want 0 whimbrel test scenarios
	has "$out" '4 passed, 0 failed'
	same "$(rows mcp_servers)" 0
}

@test "idempotence, and made-up rows of v1 that v2 leaves alone" {
	begin tables
	want 0 whimbrel test --suites idempotence,data
	has "$out" ' 0 failed'
}

@test "a basic copy that takes all rows is found" {
	begin tables
	sed -i '/^ WHERE coalesce(command, endpoint) IS NOT NULL$/d' migrations/006_protocol_adapters.sql
	sql "DELETE FROM whimbrel.schema_migrations WHERE version = '006'"
	want 1 whimbrel test scenarios
	has "$out" 'v2: 006 copies what has an address'
}
