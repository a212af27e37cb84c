#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# Targets, variables of the environment, health, monitoring, housekeeping, and
# the private server. What needs backups stands in environments.bats.

load setup

@test "the targets that were agreed are there, each with a line in the help" {
	want 0 make help
	for target in migrate migrate-dry migrate-status migrate-validate migrate-to db-reset db-backup db-restore db-shell up down \
		generate all; do
		has "$out" "^  $target +[^ ]"
	done
}

@test "migrate-to without VERSION is refused" {
	want 2 make migrate-to
	has "$err" 'VERSION=n'
	same "$(version)" 0
}

@test "db-reset asks, and does nothing without a yes" {
	generated 10 20
	for no in '' $'no\n' $'YES please\n'; do
		answers=$no want 2 make db-reset
		same "$(sql "SELECT count(*) FROM orchestrator.runs")" 20
	done
	answers=$'yes\n' want 0 make db-reset
	same "$(version)" 10
	same "$(sql "SELECT count(*) FROM orchestrator.runs")" 0
	same "$(sql "SELECT count(*) FROM schema_migrations")" 10
}

@test "db-reset and whimbrel reset are refused outside of development" {
	want 0 whimbrel up --to 1
	for environment in staging production; do
		answers=$'yes\n' want 2 make db-reset ENVIRONMENT=$environment
		has "$err" 'for development'
		want 4 whimbrel -e $environment reset --yes
		want 4 whimbrel -e $environment drop --yes
	done
	same "$(version)" 1
}

@test "an environment that nobody knows is refused" {
	want 2 make migrate ENVIRONMENT=prod
	has "$err" 'development, staging, production'
	same "$(version)" 0
}

@test "db-shell looks into the service's schema" {
	want 0 whimbrel up
	answers=$'\\pset format unaligned\nSELECT count(*) FROM run_results;\n' want 0 make db-shell
	has "$out" '^0$'
	answers=$'SHOW search_path;\n' want 0 make db-shell DB_SCHEMA=elsewhere
	has "$out" 'elsewhere, *public'
}

@test "variables: POSTGRES_ before DB_, the environment before .env, .env.ENVIRONMENT before .env" {
	unset POSTGRES_DB
	export DB_NAME=from_db
	show() { python3 -c 'import os, sys; sys.path.insert(0, "scripts"); import settings; settings.load(); print(os.environ[sys.argv[1]])' "$1"; }
	same "$(show POSTGRES_DB)" from_db
	same "$(show PGDATABASE)" from_db
	unset DB_NAME
	same "$(show POSTGRES_DB)" agent_orchestrator
	same "$(show POSTGRES_USER) $(show POSTGRES_PORT) $(show DB_SSL_MODE) $(show MIGRATION_TIMEOUT) $(show MIGRATION_LOCK_TIMEOUT) $(show DB_SCHEMA)" \
		"agent 5432 prefer 300 60 orchestrator"
	printf 'POSTGRES_DB="from dotenv" # the database\nPOSTGRES_USER=dotenv\n' >.env
	printf 'POSTGRES_USER=staged\n' >.env.staging
	same "$(show POSTGRES_DB)" 'from dotenv'
	same "$(ENVIRONMENT=staging show POSTGRES_USER)" staged
	same "$(POSTGRES_USER=real ENVIRONMENT=staging show POSTGRES_USER)" real
}

@test "variables: DATABASE_URL counts before its parts, with an escaped password, which no argument shows" {
	admin() { PGHOST=$POSTGRES_HOST PGUSER=postgres PGPASSWORD=password psql -X -q -c "$1" postgres; }
	admin "DROP ROLE IF EXISTS odd; CREATE ROLE odd LOGIN CREATEDB PASSWORD 'p@ss:/''w%rd'"
	# Every program that is started writes its arguments down.
	for name in psql pg_dump; do
		printf '#!/bin/sh\nprintf "%%s\\n" "$0 $*" >>"%s"\nexec "%s" "$@"\n' "$HOME/arguments" "$(command -v $name)" >"$HOME/bin/$name.new"
	done
	for name in psql pg_dump; do mv "$HOME/bin/$name.new" "$HOME/bin/$name" && chmod +x "$HOME/bin/$name"; done
	export DATABASE_URL="postgres://odd:p%40ss%3A%2F%27w%25rd@/${POSTGRES_DB}_2?host=$POSTGRES_HOST"
	POSTGRES_USER=nobody want 0 make migrate-once
	same "$(POSTGRES_DB=${POSTGRES_DB}_2 sql "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()")" odd
	lacks "$out$err" 'w%rd|w%25rd'
	answers=$'switch\n' want 0 make blue-green
	same "$(sort -u "$HOME/arguments" | grep -cE '/(psql|pg_dump) ')" "$(sort -u "$HOME/arguments" | wc -l)"
	has "$(cat "$HOME/arguments")" 'pg_dump'
	lacks "$(cat "$HOME/arguments")" 'w%rd|w%25rd|@ss'
	unset DATABASE_URL
	admin "DROP DATABASE \"${POSTGRES_DB}_2_blue\""
	admin "DROP DATABASE \"${POSTGRES_DB}_2\"" && admin "DROP ROLE odd"
}

@test "every variable of .env.example is read by something, and the file is what the defaults are" {
	cp .env.example .env
	unset POSTGRES_DB
	same "$(python3 -c 'import os, sys; sys.path.insert(0, "scripts"); import settings; os.environ.pop("POSTGRES_HOST"); settings.load(); print(all(os.environ[n] == v for n, v in settings.DEFAULTS.items()))')" True
	for name in $(sed -n 's/^\([A-Z_]*\)=.*/\1/p' .env.example); do
		case $name in DB_MIN_CONNECTIONS | DB_MAX_INACTIVE_LIFETIME) continue ;; esac # the service's own
		grep -q "$name" scripts/settings.py whimbrel.yaml
	done
}

@test "one-shot: waits for the server, makes the database, migrates, as another user than root" {
	want 0 whimbrel -e development drop --yes
	as=()
	[ "$(id -u)" -ne 0 ] || as=(runuser -u nobody --)
	want 0 "${as[@]}" env HOME=/nonexistent make migrate-once
	same "$(version)" 10
	want 0 "${as[@]}" env HOME=/nonexistent make migrate-once
	has "$out" 'Nothing to apply'
}

@test "TLS: required, it is spoken; where the server has none, nothing goes over the wire" {
	export POSTGRES_HOST=localhost POSTGRES_DB=agent_orchestrator
	POSTGRES_PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	export POSTGRES_PORT
	want 0 scripts/server.py up --tls
	DB_SSL_MODE=require want 0 make migrate-once
	same "$(PGSSLMODE=require sql "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")" t
	PGHOST=localhost PGUSER=postgres PGPASSWORD=password psql -X -q -p "$POSTGRES_PORT" -c 'ALTER SYSTEM SET ssl = off' \
		-c 'SELECT pg_reload_conf()' postgres >/dev/null
	until PGSSLMODE=disable sql "SHOW ssl" | grep -q off; do sleep 0.1; done
	DB_SSL_MODE=require want 6 whimbrel status
	has "$err$out" 'SSL|TLS'
	DB_SSL_MODE=prefer want 0 whimbrel status
	want 0 make clean
}

@test "the private server: up twice, down, up with the same data, clean" {
	export POSTGRES_HOST=$HOME/pg
	for _ in 1 2; do want 0 make up; done
	has "$out" 'runs .* already'
	want 0 make migrate-once
	want 0 make down
	want 6 whimbrel status
	want 0 make up
	POSTGRES_HOST=$HOME/pg same "$(version)" 10
	want 0 make clean
	[ ! -e "$HOME/pg" ]
	want 2 make down
}

@test "health: OK, DEGRADED while something is pending, FAILED without a server" {
	want 0 make migrate
	want 0 make health
	has "$out" '^OK$'
	printf 'SELECT 1;\n' >$migrations/V011__more.sql
	want 2 make health
	has "$err" 'Error 1'
	has "$out" '^DEGRADED$'
	has "$out" '^no  version$'
	rm $migrations/V011__more.sql "$(file 004)"
	want 2 make health
	has "$out" '^no  integrity$'
	POSTGRES_HOST=/nonexistent want 2 make health
	has "$err" 'Error 2'
	has "$out" '^FAILED$'
}

@test "monitoring: failure, rollback, integrity and slowness are alerts, each given to ALERT_COMMAND" {
	want 0 whimbrel up
	want 0 make monitor
	same "$out" ''
	want 0 whimbrel down
	printf 'SELECT 1/0;\n' >$migrations/V011__fails.sql
	want 3 whimbrel up
	printf -- 'SELECT 2;\n' >>"$(file 003)"
	ALERT_COMMAND="cat >>$HOME/alerts" want 2 make monitor
	same "$(python3 -c 'import json, sys; print(*[json.loads(x)["alert"] for x in open(sys.argv[1])])' "$HOME/alerts")" "rollback failure integrity"
	has "$(cat "$HOME/alerts")" 'division by zero'
	ALERT_AFTER_MS=-1 want 2 make monitor
	same "$(printf '%s\n' "$out" | grep -c '"slow"')" 11
	ALERT_SINCE='0 seconds' want 2 make monitor
	same "$(printf '%s\n' "$out" | wc -l)" 1
}

@test "audit: who did what from where, with result and time; resources of each migration" {
	want 0 whimbrel up
	want 0 whimbrel query audit -o json
	same "$(printf '%s' "$out" | python3 -c 'import json, sys; r = json.load(sys.stdin)["rows"]; print(len(r), all(x["who"] and x["host"] and x["result"] == "ok" for x in r))')" "10 True"
	want 0 make watch
	for heading in activity blockers pool resources; do has "$out" "^== $heading$"; done
	has "$out" '^010 +up +[0-9]+ +[0-9]+ +[0-9]{4,}'
}

@test "a hung migration: its blocker is named, and can be ended after a yes" {
	want 0 whimbrel up --to 3
	sed -i 's/^lock_wait:/blocking_budget: 2s\nlock_wait:/' whimbrel.yaml
	PGHOST=$POSTGRES_HOST PGUSER=agent PGPASSWORD=password PGAPPNAME=blocker psql -X -q "$POSTGRES_DB" \
		-c 'BEGIN; SELECT 1 FROM orchestrator.users; SELECT pg_sleep(60)' >/dev/null 2>&1 &
	until pid=$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'blocker' AND query LIKE '%pg_sleep%'") && [ -n "$pid" ]; do sleep 0.05; done
	want 5 whimbrel up
	has "$err$out" "$pid"
	same "$(version)" 3
	want 0 make watch
	has "$out" "^$pid +active"
	answers=$'no\n' want 2 make terminate PID="$pid"
	kill -0 $!
	answers=$'yes\n' want 0 make terminate PID="$pid"
	wait $! || true
	want 0 whimbrel up
	same "$(version)" 10
	want 0 make locks
}

@test "housekeeping: the history is vacuumed and analysed; weekly also looks at integrity and data" {
	generated 10 50
	want 0 make migrate
	want 0 make housekeeping
	sleep 0.5
	same "$(sql "SELECT count(*) FROM pg_stat_all_tables WHERE schemaname = 'whimbrel' AND vacuum_count > 0 AND analyze_count > 0")" 4
	want 0 make weekly
	has "$out" '^0 rules broken'
	sql "UPDATE orchestrator.users SET role = NULL"
	want 2 make weekly
	has "$out" 'broken.*role'
}

@test "quarterly: what the service's eight queries need" {
	generated 10 2000
	want 0 make quarterly
	same "$(printf '%s\n' "$out" | grep -cE '^[a-z_]+ +[0-9.]+ ms  [a-z]')" 8
	has "$out" '^runs_by_input .*idx_runs_input_data'
}

@test "CI: validate on the files alone, then on a fresh database, then dry run, migrate, status" {
	POSTGRES_HOST=/nonexistent want 0 make validate-files
	mv "$(file 005)" "$HOME/"
	want 2 make validate-files
	mv "$HOME"/V005* $migrations/
	cp "$(file 004)" "$HOME/whole"
	sed -i 's/ADD COLUMN/AD COLUMN/' "$(file 004)"
	want 2 make validate-files
	has "$out$err" 'V004.*syntax error'
	cp "$HOME/whole" "$(file 004)"
	want 0 make migrate-validate migrate-dry migrate migrate-validate migrate-status
	want 0 whimbrel status --exit-code
	git init -q -b main . && git config user.email a@b.c && git config user.name a && git add -A && git commit -qm first
	want 0 whimbrel validate --against main
	printf 'SELECT 1;\n' >>"$(file 003)"
	want 1 whimbrel validate --against main
}

@test "secrets and backups are never committed" {
	git init -q -b main . && cp .env.example .env && cp .env .env.production && mkdir backups && touch backups/x.dump
	git add -A
	same "$(git ls-files | grep -E '^(backups|\.env)')" .env.example
}

@test "switching from the original's runner: its table is set aside, its V001 is the baseline" {
	up001=$(sed '/^-- migrate:down/,$d' "$(file 001)")
	sql "$up001"
	sql "CREATE TABLE schema_migrations (version int PRIMARY KEY, name varchar(255) NOT NULL, filename varchar(255) NOT NULL,
	     description text, checksum varchar(64) NOT NULL, executed_at timestamptz DEFAULT now(), execution_time_ms int NOT NULL,
	     success bool NOT NULL DEFAULT true, error_message text);
	     INSERT INTO schema_migrations VALUES (1, 'initial_schema', 'V001__initial_schema.sql', 'x', md5('x'), now(), 12)"
	sql "ALTER TABLE schema_migrations RENAME TO schema_migrations_before"
	want 0 whimbrel baseline 001 --reason "applied by the former runner"
	want 0 make migrate
	has "$out" 'Applied 9 migrations'
	same "$(sql "SELECT count(*) FROM schema_migrations WHERE success")" 10
	want 0 make migrate-validate
}
