#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# Every command of README, RUNBOOK, TROUBLESHOOTING and ci.yml, as it stands there. The last test counts: a section with
# commands that nothing runs is an error.

load setup

setup_file() {
	prepare tables
	prepare v1
	prepare v2
}

# doc FILE HEADING [STATUS]: its shell commands as one script that stops at the first failure. That a target is missed
# (status 1 of a benchmark) is the machine's affair, and no failure.
doc() {
	awk -v want="$2" '/^##+ / { here = substr($0, index($0, " ") + 1) == want }
		/^```/ { inside = here && $0 == "```sh"; next }
		inside' "$example/$1" >"$HOME/script"
	[ -s "$HOME/script" ]
	sed -i '/bench/s/$/ || [ $? -eq 1 ]/' "$HOME/script"
	want "${3:-0}" sh -eu "$HOME/script"
}

v2_without_data() {
	begin v1
	whimbrel up -q
}

@test "README: quick start, there and back, and to try it" {
	begin v1
	SERVERS=$SERVERS awk 'BEGIN { print "set -eu" } /^## Quick start/ { here = 1 } /^## The commands/ { here = 0 }
		/^```/ { inside = here && $0 == "```sh"; next } inside' "$example/README.md" >"$HOME/script"
	# Rows without an address are in the generated data: the first run tells so.
	step mend up -q
	sed '/bench/s/ *#.*//; /bench/s/$/ || [ $? -eq 1 ]/; /^.\/wb up --to 005$/,$d' "$HOME/script" >"$HOME/first"
	want 0 sh "$HOME/first"
	has "$out" 'PASSED'
	has "$out" 'took out|would take out'
	psql_in postgres -c "CREATE DATABASE ${database}_2 TEMPLATE template0"
	sed -n '/^.\/wb up --to 005$/,$p' "$HOME/script" >"$HOME/second"
	[ -s "$HOME/second" ]
	DATABASE_URL=$(url "${database}_2") want 0 sh -eu "$HOME/second"
	gone "${database}_2"
}

@test "RUNBOOK: before" {
	begin v1
	doc RUNBOOK.md "Before"
	has "$out" 'sark_backup_'
	[ -s before.json ]
}

@test "RUNBOOK: schema" {
	begin v1
	doc RUNBOOK.md "Schema"
	same "$(sql "SELECT max(version) FROM whimbrel.schema_migrations WHERE project = 'main' AND state = 'applied'")" 007
}

@test "RUNBOOK: data" {
	v2_without_data
	doc RUNBOOK.md "Data" 1 # rows without an address
	sed -i '1,/^.\/migrate --execute$/d' "$HOME/script"
	want 0 sh -eu "$HOME/script"
	has "$out" 'neither command nor endpoint'
	has "$out" 'validation: PASSED'
}

@test "RUNBOOK: validation" {
	begin v2
	want 0 whimbrel check checks/state.yaml --group v1 --save before.json
	doc RUNBOOK.md "Validation"
	[ -s validation_report.json ]
}

@test "RUNBOOK: cut-over, optimisation, the first days" {
	begin v2
	doc RUNBOOK.md "Cut-over"
	doc RUNBOOK.md "Optimisation"
	doc RUNBOOK.md "First day, week and month"
}

@test "RUNBOOK: the way back, before and after the cut-over" {
	begin v2
	doc RUNBOOK.md "The way back: after the cut-over"
	same "$(rows resources "protocol = 'mcp'")" 0
	[ "$(rows resources)" -gt 0 ]
	doc RUNBOOK.md "The way back: before the cut-over"
	same "$(sql "SELECT to_regclass('resources')")" ""
	same "$(rows mcp_servers)" "$SERVERS"
}

@test "RUNBOOK: the way back, corruption" {
	begin v2
	doc RUNBOOK.md "The way back: corruption"
	same "$(rows resources "protocol = 'mcp'")" "$SERVERS"
}

@test "RUNBOOK: upkeep" {
	begin v2
	doc RUNBOOK.md "Upkeep"
}

@test "RUNBOOK: after thirty days" {
	begin v2
	sql "UPDATE whimbrel.schema_migrations SET finished_at = finished_at - interval '31 days' WHERE project = 'main'"
	doc RUNBOOK.md "After thirty days"
	same "$(sql "SELECT to_regclass('mcp_servers')")" ""
}

@test "TROUBLESHOOTING: relation already exists" {
	begin tables
	servers 5
	sql "DELETE FROM whimbrel.schema_migrations WHERE version IN ('006', '007')"
	doc TROUBLESHOOTING.md '"relation already exists"'
	has "$out" 'validation: PASSED'
	same "$(rows resources)" 5
}

@test "TROUBLESHOOTING: counts differ" {
	begin v2
	TOOLS=2 servers 3
	doc TROUBLESHOOTING.md 'Counts differ: "1234 servers, but 1200 MCP resources"'
	has "$out" 'validation: PASSED'
}

@test "TROUBLESHOOTING: orphans" {
	begin v2
	sql "SET session_replication_role = replica; DELETE FROM resources WHERE name IN ('server-5', 'edge-both'); DELETE FROM resources WHERE id = 'grpc-1'"
	doc TROUBLESHOOTING.md 'Orphans: "42 capabilities have no resource"'
	same "$(rows capabilities "resource_id = 'grpc-1'")" 0
	want 0 ./migrate --validate
}

@test "TROUBLESHOOTING: slower; HTTP 500; back; killed; locked" {
	begin v2
	for heading in "Five to ten times slower" 'HTTP 500: "server_id does not exist"' "It has to go back" \
		"The migration was killed, or the connection was lost" "Another run holds the lock"; do
		doc TROUBLESHOOTING.md "$heading"
	done
	want 0 ./migrate --validate
}

@test "ci.yml: every command of the workflow, in order" {
	database=t_$$_$RANDOM
	psql_in postgres -c "CREATE DATABASE \"$database\" TEMPLATE template0"
	DATABASE_URL=$(url "$database")
	export DATABASE_URL
	sed -n 's/^ *- run: //p' ci.yml >"$HOME/script"
	[ "$(wc -l <"$HOME/script")" -ge 14 ]
	want 0 sh -eu "$HOME/script"
	[ -s validation_report.json ] && [ -s validation.xml ] && [ -s plan.md ]
}

@test "no section with commands is left out, and no file that the pages name is missing" {
	sed -nE "s/.*\bdoc ([A-Z]+\.md) [\"']([^']+)[\"'].*/\1: \2/p" "$BATS_TEST_DIRNAME/documents.bats" | sed -E 's/"( [0-9].*)?$//' >"$HOME/run"
	sed -nE '/for heading in/,/; do/ s/^[^"'"'"']*//p' "$BATS_TEST_DIRNAME/documents.bats" | tr -d '\\' >>"$HOME/run"
	printf 'README.md: SARK: from MCP servers to any protocol\nREADME.md: Quick start\n' >>"$HOME/run"
	cd "$example"
	for page in README.md RUNBOOK.md TROUBLESHOOTING.md; do
		awk -v page=$page '/^#+ / { heading = $0; sub(/^#+ /, "", heading) } $0 == "```sh" && !seen[heading]++ { print page ": " heading }' $page
	done >"$HOME/sections"
	[ "$(wc -l <"$HOME/sections")" -ge 20 ]
	while IFS= read -r section; do
		grep -qF -e "${section#*: }" "$HOME/run" || { printf 'nothing runs %s\n' "$section"; false; }
	done <"$HOME/sections"
	for name in $(grep -ohE '`[a-z0-9/-]+\.(yaml|yml|bats|sql)`' README.md RUNBOOK.md TROUBLESHOOTING.md | tr -d '`'); do
		[ -e "$name" ] || [ -e "checks/$name" ] || { printf '%s is not there\n' "$name"; false; }
	done
}
