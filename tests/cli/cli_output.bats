#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# What goes where: results, progress, events, logs, colours, and writes that fail.

load setup

setup() {
	case_setup
	export DATABASE_URL=sqlite:app.db
	migration V001__people.sql '-- migrate:up
CREATE TABLE people (id integer PRIMARY KEY);
-- migrate:down
DROP TABLE people;'
	migration V002__towns.sql '-- migrate:up
CREATE TABLE towns (id integer PRIMARY KEY);
-- migrate:down
DROP TABLE towns;'
}

broken() {
	migration V003__broken.sql '-- migrate:up
CREATE TABLE half (id integer);
INSERT INTO nowhere VALUES (1);'
}

@test "the result is on standard output, lines of progress on standard error" {
	want 0 up
	has "$err" '^applied 001 people \('
	has "$err" '^applied 002 towns \('
	has "$out" '^Applied 2 migrations in '
	want 0 up
	[ "$out" = 'Nothing to apply: every migration is applied.' ]
	want 0 down -q
	[ -z "$err" ]
}

@test "in one place the migrations are told once" {
	"$W" up >both 2>&1
	[ "$(grep -c people both)" -eq 1 ]
	grep -q '^Applied 2 migrations' both
}

@test "JSON: nothing else on standard output, nothing on standard error" {
	want 0 up -o json
	[ "$(json '[m["version"] for m in d["applied"]]')" = '["001", "002"]' ]
	[ "$(json 'd["failed"]')" = null ]
	[ -z "$err" ]
	broken
	want 3 up -o json
	[ "$(json '[d["failed"]["version"], d["failed"]["line"], d["failed"]["statement"]]')" = '["003", 3, 2]' ]
	[ "$(json 'd["error"]["message"] == d["failed"]["message"]')" = true ]
	[ -z "$err" ]
}

@test "an error looks like a compiler's: place, line, caret, what next" {
	broken
	want 3 up
	has "$err" '^migrations/V003__broken\.sql:3:1: error: no such table: nowhere'
	has "$err" '^    3 \| INSERT INTO nowhere VALUES \(1\)'
	has "$err" '^      \| \^'
	has "$err" '^  hint: '
	has "$out" 'Applied 2 migrations in .*, then stopped\.'
}

@test "a file without statements is warned of once, where it is applied" {
	echo '-- later' >migrations/V003__nothing.sql
	want 0 up
	[ "$(grep -c 'holds no statement' <<<"$err")" = 1 ]
	has "$err" '^warning: migrations/V003__nothing\.sql: '
	want 0 drift
	[ -z "$err" ]
}

@test "a plan that up would refuse says so, and 4" {
	want 0 up
	sed -i 's/people (id integer/people (id bigint/' migrations/V001__people.sql
	want 4 plan
	has "$out" 'up will refuse: migrations/V001__people.sql: migration 001 was changed'
	want 4 plan -o json
	[ "$(json 'd["notes"][0][:14]')" = 'up will refuse' ]
	want 4 up
	want 0 plan --down
}

@test "plan in text, Markdown and JSON; the SQL as it would run" {
	want 0 plan
	has "$out" '^Up from nothing to 002: 2 migrations, 2 statements'
	want 0 plan -o markdown
	has "$out" '^\| 001 \| people \| apply \|'
	want 0 plan -o json
	[ "$(json '[s["blocks"] for s in d["steps"]]')" = '["none", "none"]' ]
	[ "$(json '[r["version"] + r["source"] for r in d["rollback"]]')" = '["002file", "001file"]' ]
	want 0 up --dry-run
	has "$out" '^CREATE TABLE people \(id integer PRIMARY KEY\);$'
	want 0 up --dry-run=rollback
	has "$out" 'the database is as it was'
	has "$err" '^rehearsed 001'
	want 1 status --exit-code
	want 0 up
	want 0 down --to 0 --dry-run
	[ "$(printf '%s\n' "$out" | grep '^DROP')" = $'DROP TABLE towns;\nDROP TABLE people;' ]
}

@test "validate for GitHub, JUnit and SARIF" {
	want 0 up
	printf -- '-- edited\n' | cat - migrations/V001__people.sql >edited
	mv edited migrations/V001__people.sql
	want 1 validate
	has "$out" 'V001__people\.sql.*error: .*\[modified\]'
	has "$out" '^not valid: '
	want 1 validate -o github
	has "$out" '^::error file=migrations/V001__people\.sql,line=[0-9]+,.*::'
	want 1 validate -o junit
	printf '%s' "$out" | python3 -c 'import sys, xml.dom.minidom; d = xml.dom.minidom.parse(sys.stdin)
assert d.getElementsByTagName("failure")[0].getAttribute("type") == "modified"'
	want 1 validate -o sarif
	[ "$(json 'd["runs"][0]["results"][0]["ruleId"]')" = modified ]
	want 64 validate -o markdown
	has "$err" 'it can in: text, json, sarif, junit, github'
}

@test "--file writes the result there, whole or not at all" {
	want 0 status -o json --file status.json
	[ -z "$out" ]
	python3 -m json.tool status.json >/dev/null
	echo before >kept
	want 64 status --dir nowhere --file kept
	[ "$(cat kept)" = before ]
	want 65 status --file no/such/folder
}

@test "--events: one JSON object a line; with - the result leaves standard output" {
	want 0 up --events events.jsonl
	python3 - <<-'PY'
		import json
		names = [json.loads(line)["event"] for line in open("events.jsonl")]
		assert names[0] in ("lock_acquired", "run_started"), names
		assert names.count("migration_completed") == 2, names
		assert "run_completed" in names, names
	PY
	want 0 down --events -
	printf '%s\n' "$out" | python3 -c 'import json, sys
for line in sys.stdin: json.loads(line)'
	has "$err" '^Reverted 1 migration'
	want 64 up --events - -o json
	has "$out" 'WB_EUSAGE'
	want 65 up --events no/such/folder
}

@test "--log json: standard error is JSON lines alone" {
	broken
	want 3 up --log json
	printf '%s\n' "$err" | python3 -c 'import json, sys
lines = [json.loads(line) for line in sys.stdin]
assert any(x.get("event") == "migration_completed" for x in lines), lines
assert lines[-1]["level"] == "error" and lines[-1]["code"] == "WB_ESQL", lines[-1]'
}

@test "colour only on a terminal, where it is wanted" {
	broken
	want 3 up
	lacks "$err" $'\033'
	want 3 up --color always
	has "$err" $'\033\\[31merror: '
	TERM=xterm script -qec "$W status" /dev/null >shown
	grep -q $'\033' shown
	NO_COLOR=1 TERM=xterm script -qec "$W status" /dev/null >shown
	lacks "$(cat shown)" $'\033\\[[0-9]'
	TERM=dumb script -qec "$W status" /dev/null >shown
	lacks "$(cat shown)" $'\033'
}

@test "on a terminal the live line gives way to what stays" {
	TERM=xterm script -qec "$W up" /dev/null >shown
	grep -q $'\r\033\\[K' shown
	grep -q 'Applied.*2 migrations' shown
}

@test "a full disk on standard output is told, a reader that left is not" {
	want 0 up
	status=0
	"$W" status >/dev/full 2>err || status=$?
	[ "$status" -ne 0 ]
	grep -q 'standard output cannot be written' err
	status=0
	"$W" -o json status >/dev/full 2>err || status=$?
	[ "$status" -ne 0 ]
	for _ in $(seq 300); do "$W" history; done 2>err | head -n 1 >/dev/null
	[ ! -s err ]
	"$W" help up | true
	want 0 down
	status=0
	"$W" up --events /dev/full >out 2>err || status=$?
	[ "$status" -ne 0 ]
	want 0 status --exit-code
}

@test "hostile names cannot steer the terminal" {
	mv migrations/V002__towns.sql "$(printf 'migrations/V002__to\033[2Jwns.sql')"
	for command in status plan validate up history; do
		"$W" "$command" >out 2>err || true
		lacks "$(cat out err)" $'\033'
		[ -n "$(cat out err)" ]
	done
}

@test "SIGINT and SIGTERM: 130 and 143" {
	for pair in INT:130 TERM:143; do
		"$W" wait --url 'postgres://localhost:1/x?connect_timeout=2' --timeout 60s >out 2>err &
		pid=$!
		sleep 0.5
		# A background job of a script ignores SIGINT unless the program installs its own handler.
		kill -"${pair%:*}" "$pid"
		status=0
		wait "$pid" || status=$?
		[ "$status" -eq "${pair#*:}" ]
	done
}
