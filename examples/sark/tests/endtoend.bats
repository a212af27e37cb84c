#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# ./run: everything from an empty database to the report.

load setup

export RUNS=10

@test "run: from nothing to the report, on SERVERS servers" {
	database=t_$$_$RANDOM
	psql_in postgres -c "CREATE DATABASE \"$database\" TEMPLATE template0"
	want 0 ./run --url "$(url "$database")" --servers "$SERVERS" --output report.txt
	has "$out" '^# SARK v1 to v2: [0-9]+ steps right, 0 wrong$'
	[ "$(grep -c '^ok ' report.txt)" -ge 36 ]
	for name in list_resources_by_protocol search_resources_by_metadata list_capabilities_with_resources high_sensitivity_capabilities \
		search_capabilities_by_input_schema count_capabilities_per_protocol cross_protocol_capabilities resource_cost_analysis; do
		has "$(cat report.txt)" "$name"
	done
	lacks "$(cat report.txt)" '^WRONG'
}

@test "run: a database with something in it is refused" {
	prepare tables
	begin tables
	want 1 ./run --url "$DATABASE_URL" --servers 100
	has "$err" 'not empty'
}

@test "run: a step that goes wrong is told, and is the exit status" {
	database=t_$$_$RANDOM
	psql_in postgres -c "CREATE DATABASE \"$database\" TEMPLATE template0"
	sed -i "s/'mcp_version', original.mcp_version, //" rules/v2.yaml
	RUNS=0 want 1 ./run --url "$(url "$database")" --servers 100
	has "$out" '^WRONG .*data, again'
	has "$err" 'are not what their server is'
}

@test "run: on a server of its own, which is gone afterwards" {
	RUNS=0 want 0 ./run --servers 50
	folder=$(printf '%s\n' "$out" | sed -n 's/^PostgreSQL of its own in //p')
	[ -n "$folder" ]
	[ ! -e "${folder%/server}" ]
	for words in "--servers x" "--servers 5" "--servers" "--fast"; do
		# shellcheck disable=SC2086
		want 2 ./run $words
	done
}
