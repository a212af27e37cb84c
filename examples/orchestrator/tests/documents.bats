#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# Every command of README, RUNBOOK and TROUBLESHOOTING, as it stands there. The
# last test counts: a section with commands that nothing runs is an error.

load setup

setup_docs() {
	unset WHIMBREL_ENV
}

@test "README: first steps" {
	setup_docs
	export POSTGRES_HOST=$HOME/pg
	unset POSTGRES_DB
	doc README.md "First steps"
	has "$out" '20 outcomes, 500 runs, 100 users'
	has "$out" '0 rules broken'
	[ "$(stat -c %a .env)" = 600 ]
	want 0 make clean
}

@test "README: a new migration" {
	doc README.md "The migrations"
	[ -s $migrations/V011__add_notes_to_runs.sql ]
}

@test "README: tests of the migrations" {
	doc README.md "Tests of the migrations"
	has "$out" '7 passed, 0 failed'
}

@test "README: the former tools" {
	want 0 make migrate
	doc README.md "The former tools"
	has "$out" '^Applied: 10$'
	has "$out" 'add_concurrent_indexes'
}

@test "README: what is run by make all is what make all says" {
	has "$(cat "$example/README.md")" '^make all '
	has "$(cat Makefile)" 'tests/run$'
}

@test "RUNBOOK: development" {
	answers=$'yes\n' doc RUNBOOK.md "Development"
	same "$(version)" 10
}

@test "RUNBOOK: CI" {
	doc RUNBOOK.md "CI"
	same "$(version)" 10
}

@test "RUNBOOK: a rolling deployment" {
	doc RUNBOOK.md "A rolling deployment" || [ "$(version)" = 6 ]
	has "$out" DEGRADED # V007 and what follows are pending
	sed -i '/make health/d' "$HOME/script"
	want 0 bash -eu "$HOME/script"
	same "$(version)" 7
}

@test "RUNBOOK: blue and green" {
	generated 8
	answers=$'switch\nback\n' doc RUNBOOK.md "Blue and green"
	same "$(version)" 8
}

@test "RUNBOOK: monitoring" {
	want 0 make migrate
	want 0 whimbrel down
	want 0 whimbrel up
	doc RUNBOOK.md "Monitoring" || has "$err" 'monitor.*Error 1'
	has "$(cat alerts.json)" '"rollback"'
	want 0 scripts/whimbrel query audit
}

@test "RUNBOOK: from the former runner" {
	sed '/^-- migrate:down/,$d' "$(file 001)" >"$HOME/v001.sql"
	sql "$(cat "$HOME/v001.sql")"
	sql "CREATE TABLE schema_migrations (version int PRIMARY KEY, checksum varchar(64)); INSERT INTO schema_migrations VALUES (1, md5('x'))"
	doc RUNBOOK.md "From the former runner"
	same "$(sql "SELECT count(*) FROM schema_migrations WHERE success")" 10
}

@test "TROUBLESHOOTING: a migration failed" {
	cp "$(file 005)" "$HOME/whole"
	sed -i 's/^-- migrate:down/SELECT nothing_there;\n&/' "$(file 005)"
	want 2 make migrate
	cp "$HOME/whole" "$(file 005)"
	doc TROUBLESHOOTING.md "A migration failed"
	has "$out" 'nothing_there'
	same "$(version)" 10
}

@test "TROUBLESHOOTING: killed inside the batches" {
	sed -i 's/batch_size: "1000", batch_pause: "0"/batch_size: "20", batch_pause: "0.1"/' whimbrel.yaml
	generated 8 400
	whimbrel up >/dev/null 2>&1 &
	open() { sql "SELECT count(*) FROM orchestrator.runs WHERE duration_ms IS NULL AND completed_at IS NOT NULL"; }
	all=$(open)
	until [ "$(open)" -lt "$all" ]; do sleep 0.05; done
	kill -KILL $!
	wait $! || true
	want 2 make migrate
	doc TROUBLESHOOTING.md "killed inside the batches"
	same "$(version)" 10
}

@test "TROUBLESHOOTING: another run holds the lock" {
	sed -i 's/^-- migrate:verify/SELECT pg_sleep(2);\n&/' "$(file 003)"
	whimbrel up >/dev/null 2>&1 &
	until [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(2)%' AND pid <> pg_backend_pid()")" -gt 0 ]; do sleep 0.05; done
	doc TROUBLESHOOTING.md "Another run holds the lock"
	has "$out" '^session:[0-9]+ +session +active'
	wait $!
	same "$(version)" 10
}

@test "TROUBLESHOOTING: a migration hangs" {
	want 0 whimbrel up --to 3
	PGHOST=$POSTGRES_HOST PGUSER=agent PGPASSWORD=password PGAPPNAME=blocker psql -X -q "$POSTGRES_DB" \
		-c 'BEGIN; SELECT 1 FROM orchestrator.users; SELECT pg_sleep(60)' >/dev/null 2>&1 &
	until BLOCKER=$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'blocker' AND query LIKE '%pg_sleep%'") && [ -n "$BLOCKER" ]; do sleep 0.05; done
	export BLOCKER
	answers=$'yes\n' doc TROUBLESHOOTING.md "A migration hangs"
	has "$out" "$BLOCKER"
	same "$(version)" 10
}

@test "TROUBLESHOOTING: a file was changed" {
	want 0 whimbrel up --to 5
	sed -i 's/^UPDATE/-- a comment\nUPDATE/' "$(file 003)"
	want 2 make migrate
	has "$err" 'changed after it was applied'
	doc TROUBLESHOOTING.md "was changed after it was applied"
	same "$(version)" 10
}

@test "TROUBLESHOOTING: a number twice" {
	printf 'SELECT 1;\n' >$migrations/V010__late.sql
	doc TROUBLESHOOTING.md "A gap, or a number twice"
	[ -e $migrations/V011__late.sql ]
}

@test "TROUBLESHOOTING: nobody has approved this plan" {
	want 2 make migrate ENVIRONMENT=production
	has "$err" 'nobody has approved this plan'
	doc TROUBLESHOOTING.md "nobody has approved this plan"
	has "$(cat approvals/*.json)" '"approved_by": "grace"'
}

@test "TROUBLESHOOTING: the database cannot be reached" {
	doc TROUBLESHOOTING.md "The database cannot be reached"
	has "$out" 'POSTGRES_|databases.main.url'
	lacks "$out$err" "'password'|=password"
}

@test "no section with commands is left out" {
	for part in documents environments; do
		sed -nE 's/.*\bdoc ([A-Z]+\.md) "([^"]+)".*/\1: \2/p' "$BATS_TEST_DIRNAME/$part.bats"
	done >"$HOME/run"
	printf 'README.md: Agent Test Orchestrator\n' >>"$HOME/run"
	cd "$example"
	for page in README.md RUNBOOK.md TROUBLESHOOTING.md; do
		awk -v page=$page '/^#+ / { heading = $0; sub(/^#+ /, "", heading) } $0 == "```sh" && !seen[heading]++ { print page ": " heading }' $page
	done >"$HOME/sections"
	[ "$(wc -l <"$HOME/sections")" -ge 25 ]
	while IFS= read -r section; do
		found=
		while IFS= read -r name; do
			[ "${name%%:*}" = "${section%%:*}" ] && case ${section#*: } in *"${name#*: }"*) found=1 ;; esac
		done <"$HOME/run"
		[ -n "$found" ] || { printf 'nothing runs %s\n' "$section"; false; }
	done <"$HOME/sections"
}
