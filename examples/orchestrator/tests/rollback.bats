#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# What happens when something goes wrong in the middle, and each way back.

load setup

break_005() {
	cp "$(file 005)" "$HOME/whole"
	sed -i 's/^-- migrate:down/SELECT 1 FROM orchestrator.not_there;\n\n&/' "$(file 005)"
}

@test "a failed migration in the middle: those before it stay, nothing of it does" {
	break_005
	want 3 whimbrel up
	has "$err$out" 'not_there'
	same "$(version)" 4
	same "$(sql "SELECT count(*) FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
	              WHERE a.attrelid = 'orchestrator.users'::regclass AND a.attname = 'created_by'")" 1
	want 0 whimbrel query failed
	has "$out" '^005 .*not_there'
	want 1 whimbrel status --exit-code
}

@test "the file is mended and the run repeated: nothing is marked, nothing deleted by hand" {
	break_005
	want 3 whimbrel up
	want 3 whimbrel up
	cp "$HOME/whole" "$(file 005)"
	want 0 whimbrel up
	has "$out" 'Applied 6 migrations'
	want 0 whimbrel status --exit-code
	want 0 whimbrel history 005 -o json
	same "$(printf '%s' "$out" | python3 -c 'import json, sys; print(*[h["result"] for h in json.load(sys.stdin)["history"]])')" "ok failed failed"
}

@test "a failure can take back what the same run had applied" {
	want 0 whimbrel up --to 3
	break_005
	want 3 whimbrel up --on-failure rollback
	same "$(version)" 3
	same "$(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'orchestrator.users'::regclass AND attname = 'email'")" 0
}

@test "a file that was changed after it was applied blocks, and is named" {
	want 0 whimbrel up --to 5
	sed -i "s/'user'/'guest'/" "$(file 003)"
	want 1 whimbrel validate
	has "$out$err" '003'
	want 4 whimbrel up
	same "$(version)" 5
	want 0 whimbrel repair --reason 'the test says so'
	want 0 whimbrel up
	want 0 whimbrel query audit
	has "$out" 'repair.*the test says so'
}

@test "the file of an applied migration that is missing is reported, and blocks" {
	want 0 whimbrel up --to 5
	rm "$(file 004)"
	want 1 whimbrel validate
	has "$out$err" '004'
	want 4 whimbrel up
}

@test "a target: up to it and no further" {
	want 0 make migrate-to VERSION=4
	same "$(version)" 4
	want 0 make migrate-to VERSION=4
	has "$out" 'Nothing to apply'
	want 0 make migrate-to VERSION=7
	same "$(version)" 7
}

@test "a dry run shows the SQL and writes nothing, on an empty database and on a filled one" {
	dump >"$HOME/before"
	want 0 make migrate-dry
	has "$out" 'CREATE TABLE IF NOT EXISTS orchestrator.outcomes'
	has "$out" 'CREATE INDEX CONCURRENTLY'
	dump >"$HOME/after"
	diff "$HOME/before" "$HOME/after"
	generated 7
	dump >"$HOME/before"
	want 0 make migrate-dry
	lacks "$out" 'orchestrator.outcomes'
	want 0 whimbrel plan
	dump >"$HOME/after"
	diff "$HOME/before" "$HOME/after"
}

slow_003() { # SECONDS
	sed -i "s/^-- migrate:verify/SELECT pg_sleep($1);\n\n&/" "$(file 003)"
}

@test "two runners at once: one waits, each migration is applied once" {
	slow_003 1
	whimbrel up >"$HOME/one" 2>&1 &
	want 0 whimbrel up
	wait $!
	same "$(sql "SELECT count(*), count(DISTINCT version) FROM whimbrel.migration_history WHERE action = 'up'")" "10|10"
	same "$(cat "$HOME/one" "$HOME/out" | grep -c 'Applied 10 migrations')" 1
}

@test "two runners at once: the second gives up after MIGRATION_LOCK_TIMEOUT" {
	slow_003 4
	whimbrel up >/dev/null 2>&1 &
	until [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(4)%' AND pid <> pg_backend_pid()")" -gt 0 ]; do sleep 0.05; done
	start=$(date +%s%N)
	MIGRATION_LOCK_TIMEOUT=1 want 5 whimbrel up
	[ $((($(date +%s%N) - start) / 1000000)) -lt 3000 ]
	wait $!
	same "$(version)" 10
}

@test "a migration that runs longer than MIGRATION_TIMEOUT is cancelled and leaves nothing" {
	slow_003 30
	MIGRATION_TIMEOUT=1 want 3 whimbrel up
	same "$(version)" 2
	sed -i '/pg_sleep/d' "$(file 003)"
	want 0 whimbrel up
}

@test "killed in the middle of a transaction: it did not happen, and the next run does it" {
	slow_003 30
	whimbrel up >/dev/null 2>&1 &
	until [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()")" -gt 0 ]; do sleep 0.05; done
	kill -KILL $!
	wait $! || true
	same "$(version)" 2
	sed -i '/pg_sleep/d' "$(file 003)"
	want 0 whimbrel up
	same "$(version)" 10
}

@test "killed in the middle of the batches: what is done stays done, and resume --retry does the rest" {
	sed -i 's/batch_size: "1000", batch_pause: "0"/batch_size: "20", batch_pause: "0.1"/' whimbrel.yaml
	generated 8 500
	whimbrel up >/dev/null 2>&1 &
	open() { sql "SELECT count(*) FROM orchestrator.runs WHERE duration_ms IS NULL AND completed_at IS NOT NULL"; }
	all=$(open)
	until [ "$(open)" -lt $((all - 60)) ]; do sleep 0.05; done
	kill -KILL $!
	wait $! || true
	[ "$(open)" -gt 0 ]
	want 4 whimbrel up
	has "$err$out" 'resume --retry'
	want 0 whimbrel resume --retry
	same "$(open)" 0
	want 0 whimbrel up
	same "$(version)" 10
	want 0 make migrate check-data
}

@test "rollback of V006 keeps first and last names, also those written meanwhile" {
	generated 5
	sql "SELECT id, first_name, last_name FROM orchestrator.users ORDER BY id" >"$HOME/before"
	want 0 whimbrel up --to 6
	sql "INSERT INTO orchestrator.users (id, full_name) VALUES ('ffffffff-ffff-4fff-bfff-ffffffffffff', 'New Program')"
	want 0 whimbrel down
	same "$(version)" 5
	sql "SELECT id, first_name, last_name FROM orchestrator.users ORDER BY id" >"$HOME/after"
	echo 'ffffffff-ffff-4fff-bfff-ffffffffffff|New|Program' >>"$HOME/before"
	diff "$HOME/before" "$HOME/after"
	want 0 whimbrel up --to 6
}

@test "every way down there is, and up again: the same schema" {
	want 0 whimbrel up
	dump -s -n orchestrator >"$HOME/whole"
	want 0 whimbrel down --to 7
	same "$(version)" 7
	want 0 whimbrel up
	dump -s -n orchestrator >"$HOME/again"
	diff "$HOME/whole" "$HOME/again"
	want 0 whimbrel reset --yes
	want 0 whimbrel down --to 7
}

@test "every way down before the contraction, to nothing" {
	want 0 whimbrel up --to 2
	dump -s -n orchestrator >"$HOME/two"
	want 0 whimbrel up --to 6
	want 0 whimbrel down --to 3
	want 4 whimbrel down
	same "$(version)" 3
	want 0 whimbrel reset --yes
	want 0 whimbrel down --to 7
	want 4 whimbrel down --to 0
	same "$(version)" 7
	POSTGRES_DB=${POSTGRES_DB}_2
	want 0 whimbrel create
	want 0 whimbrel up --to 2
	want 0 whimbrel down --to 0
	same "$(sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'orchestrator'")" 0
	want 0 whimbrel up --to 2
	dump -s -n orchestrator >"$HOME/again"
	diff "$HOME/two" "$HOME/again"
	POSTGRES_DB=${POSTGRES_DB%_2}
}

@test "which migrations have no way down is known before they run" {
	want 1 whimbrel validate --reversible
	same "$(printf '%s\n%s\n' "$out" "$err" | grep -oE 'V0[0-9]{2}' | sort -u | tr '\n' ' ')" "V003 V007 "
}

@test "manual rollback: a new migration that takes the change back" {
	want 0 whimbrel up
	want 0 scripts/create_migration.py "Take back index on success" -t alter
	printf -- '-- migrate:up\nDROP INDEX CONCURRENTLY IF EXISTS orchestrator.idx_run_results_success;\n' \
		>"$migrations/V011__take_back_index_on_success.sql"
	want 0 make migrate
	same "$(version)" 11
	same "$(sql "SELECT count(*) FROM pg_indexes WHERE indexname = 'idx_run_results_success'")" 0
}

@test "rolling: the service of before works on V006 and V007's on both" {
	generated 6
	old_read="SELECT count(*) FROM orchestrator.users WHERE first_name IS NOT NULL"
	new_read="SELECT count(*) FROM orchestrator.users WHERE full_name IS NOT NULL"
	same "$(sql "$old_read")" 60
	same "$(sql "$new_read")" 60
	want 0 whimbrel up --to 7
	same "$(sql "$new_read")" 60
	run sql "$old_read"
	[ "$status" -ne 0 ]
}

@test "blue-green: a migrated copy takes over in one step, and the old one can come back" {
	generated 7
	# A service that comes back as soon as it is sent away, until it has written on green.
	(until sql "INSERT INTO orchestrator.runs (workflow_id, tags) VALUES ('service', '[]')" 2>/dev/null && [ -e "$HOME/switched" ]; do sleep 0.02; done) &
	answers=$'switch\n' want 0 make blue-green
	touch "$HOME/switched"
	wait $!
	has "$out" 'switched'
	same "$(version)" 10
	same "$(POSTGRES_DB=${POSTGRES_DB}_blue version)" 7
	same "$(sql "SELECT count(*) FROM orchestrator.runs WHERE workflow_id <> 'service'")" 200
	# Green has what blue had; what came later is on green alone.
	blue=$(POSTGRES_DB=${POSTGRES_DB}_blue sql "SELECT count(*) FROM orchestrator.runs WHERE workflow_id = 'service'")
	same "$(sql "SELECT count(*) > $blue FROM orchestrator.runs WHERE workflow_id = 'service'")" t
	sql "INSERT INTO orchestrator.runs (workflow_id) VALUES ('on green')"
	answers=$'back\n' want 0 scripts/blue_green.py back
	same "$(version)" 7
	sql "INSERT INTO orchestrator.runs (workflow_id) VALUES ('on blue')"
}

@test "blue-green: a green that fails, or that nobody switches to, leaves blue as it was" {
	generated 4
	break_005
	answers=$'switch\n' want 2 make blue-green
	same "$(version)" 4
	sql "INSERT INTO orchestrator.runs (workflow_id) VALUES ('blue writes')"
	cp "$HOME/whole" "$(file 005)"
	answers=$'no\n' want 2 make blue-green
	same "$(version)" 4
	same "$(sql "SELECT count(*) FROM pg_database WHERE datname = current_database() || '_green'")" 0
	sql "INSERT INTO orchestrator.runs (workflow_id) VALUES ('blue writes')"
}
