#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# What the original did wrong, shown where that can be shown, and shown not to
# happen here; and what the specification and the original say differently.

load setup

up_part() { sed '/^-- migrate:down/,$d' "$(file "$1")"; }

psql_stdin() { PGHOST=$POSTGRES_HOST PGUSER=agent PGPASSWORD=password psql -X -q -v ON_ERROR_STOP=1 "$POSTGRES_DB"; }

@test "the original's V001 fails the second time, at its second trigger; this one does not" {
	up_part 001 | sed 's/CREATE OR REPLACE TRIGGER/CREATE TRIGGER/' >"$HOME/original.sql"
	psql_stdin <"$HOME/original.sql"
	run psql_stdin <"$HOME/original.sql"
	[ "$status" -ne 0 ]
	has "$output" 'trigger "update_outcomes_updated_at".*already exists'
	up_part 001 | psql_stdin
	up_part 001 | psql_stdin
}

@test "the schema changes run twice without harm" {
	for version in 001 002 004 005 006 008; do
		up_part "$version" >"$HOME/file.sql"
		psql_stdin <"$HOME/file.sql"
		psql_stdin <"$HOME/file.sql"
	done
}

@test "checksums are SHA-256, not MD5 in a column for 64 characters" {
	want 0 make migrate
	same "$(sql "SELECT checksum FROM schema_migrations WHERE version = 3")" "$(sha256sum <"$(file 003)" | cut -d' ' -f1)"
	same "$(sql "SELECT DISTINCT length(checksum) FROM schema_migrations")" 64
}

@test "a failed row does not stand in the way of the retry" {
	want 0 make migrate-to VERSION=4
	cp "$(file 005)" "$HOME/whole"
	sed -i 's/^-- migrate:down/SELECT nothing_there;\n&/' "$(file 005)"
	want 2 make migrate
	same "$(sql "SELECT success, error_message LIKE '%nothing_there%' FROM schema_migrations WHERE version = 5")" "f|t"
	cp "$HOME/whole" "$(file 005)"
	want 0 make migrate
	same "$(sql "SELECT success, error_message IS NULL FROM schema_migrations WHERE version = 5")" "t|t"
	same "$(sql "SELECT count(*) FROM schema_migrations WHERE success")" 10
}

@test "a gap blocks, in the files and before a run" {
	mv "$(file 005)" "$HOME/"
	want 1 whimbrel validate
	has "$out$err" '005'
	want 4 whimbrel up
	same "$(sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'orchestrator'")" 0
}

@test "a number twice blocks, and both files are named" {
	printf 'SELECT 1;\n' >$migrations/V005__other.sql
	want 1 whimbrel validate
	has "$out$err" 'V005__other.sql'
	has "$out$err" 'V005__drop_created_by_default.sql'
	run whimbrel up
	[ "$status" -eq 4 ] || [ "$status" -eq 65 ]
	same "$(sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'orchestrator'")" 0
	# It is given the next free number.
	mv $migrations/V005__other.sql $migrations/V011__other.sql
	want 0 whimbrel up
}

@test "three digits: the looser pattern of the original's CI is not enough" {
	printf 'SELECT 1;\n' >$migrations/V11__loose.sql
	has V11__loose.sql '^V[0-9]+__.*\.sql$'
	want 1 whimbrel validate
	has "$out$err" 'V11__loose.sql'
}

@test "rollback is no stub" {
	want 0 whimbrel up
	want 0 whimbrel down
	same "$(sql "SELECT count(*) FROM pg_indexes WHERE indexname = 'idx_runs_status_started_at'")" 0
	same "$(version)" 9
}

@test "--migrations-dir counts when migrating, not only when looking" {
	mkdir other
	printf 'CREATE TABLE elsewhere (id integer);\n' >other/V001__elsewhere.sql
	want 0 scripts/migrate.py --migrations-dir other --dry-run
	has "$out" 'V001 - elsewhere'
	want 0 scripts/migrate.py --migrations-dir other
	same "$(sql "SELECT count(*) FROM elsewhere")" 0
	same "$(sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'orchestrator'")" 0
}

@test "one default folder for every tool: src/db/migrations, also without a configuration" {
	rm whimbrel.yaml
	export DATABASE_URL="host=$POSTGRES_HOST dbname=$POSTGRES_DB user=agent password=password"
	unset WHIMBREL_ENV
	want 0 whimbrel up --to 2
	want 0 whimbrel new x
	same "$out" src/db/migrations/V011__x.sql
}

@test "a batch commits by itself: in one DO block all of it would be one transaction" {
	generated 8 300
	sql "CREATE TABLE orchestrator.copy AS SELECT * FROM orchestrator.runs"
	run sql "DO \$\$ DECLARE n int; BEGIN LOOP UPDATE orchestrator.copy SET duration_ms = 1 WHERE id IN (SELECT id FROM orchestrator.copy WHERE duration_ms IS NULL LIMIT 50); GET DIAGNOSTICS n = ROW_COUNT; EXIT WHEN n < 50; END LOOP; RAISE 'killed here'; END \$\$"
	[ "$status" -ne 0 ]
	same "$(sql "SELECT count(*) > 100 FROM orchestrator.copy WHERE duration_ms IS NULL")" t
	# The procedure, stopped after its second batch:
	sed 's/EXIT WHEN touched < batch;/&\n        IF (SELECT count(*) FROM orchestrator.runs WHERE duration_ms IS NULL AND completed_at IS NOT NULL) < 150 THEN RAISE '"'killed here'"'; END IF;/; s/"1000"/"50"/' \
		"$(file 009)" >"$HOME/009"
	cp "$HOME/009" "$(file 009)"
	sed -i 's/batch_size: "1000"/batch_size: "50"/' whimbrel.yaml
	want 3 whimbrel up
	has "$out$err" 'killed here'
	left=$(sql "SELECT count(*) FROM orchestrator.runs WHERE duration_ms IS NULL AND completed_at IS NOT NULL")
	[ "$left" -lt 150 ] && [ "$left" -gt 0 ]
}

@test "COMMIT in a file that runs in a transaction is refused before anything happens" {
	printf 'BEGIN;\nSELECT 1;\nCOMMIT;\n' >$migrations/V011__commits.sql
	want 65 whimbrel up
	same "$(sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'orchestrator'")" 0
}

@test "the history's view has the original's columns, and its status queries work" {
	want 0 make migrate-to VERSION=7
	same "$(sql "SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'schema_migrations'")" \
		"version name filename description checksum executed_at execution_time_ms success error_message"
	same "$(sql "SELECT count(*), max(version) FROM schema_migrations WHERE success = true")" "7|7"
	same "$(sql "SELECT version, name, filename, description FROM schema_migrations ORDER BY version DESC LIMIT 1")" \
		"7|drop_users_name_parts|V007__drop_users_name_parts.sql|drop users name parts"
	same "$(sql "SELECT count(*) FROM schema_migrations WHERE executed_at > now() - interval '1 hour' AND execution_time_ms >= 0")" 7
	same "$(sql "SELECT obj_description('public.schema_migrations'::regclass) LIKE 'whimbrel:compat%'")" t
	want 0 whimbrel up
	want 0 whimbrel down
	same "$(sql "SELECT max(version) FROM schema_migrations")" 9
}

@test "the history's view cannot be written: the journal is not mended by hand" {
	want 0 make migrate
	for statement in "DELETE FROM schema_migrations WHERE version = 5" "UPDATE schema_migrations SET success = false WHERE version = 5" \
		"INSERT INTO schema_migrations (version, name, filename, checksum, execution_time_ms) VALUES (11, 'x', 'x', 'x', 0)"; do
		run sql "$statement"
		[ "$status" -ne 0 ]
		has "$output" 'cannot be changed'
	done
	same "$(sql "SELECT count(*) FROM whimbrel.schema_migrations WHERE state = 'applied'")" 10
}

@test "a migration may not touch the journal" {
	printf 'UPDATE whimbrel.schema_migrations SET state = '"'applied'"';\n' >$migrations/V011__cheats.sql
	run whimbrel up
	[ "$status" -eq 4 ] || [ "$status" -eq 65 ]
	lacks "$(sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'orchestrator'")" 1
}

@test "the former runner's flags and exit statuses" {
	want 0 scripts/migrate.py --target=3 --verbose
	same "$(version)" 3
	want 0 scripts/migrate.py --status
	has "$out" '^Applied: 3$'
	has "$out" '^Pending: 7$'
	has "$out" '^Last applied: V003 - update user status field \('
	want 0 scripts/migrate.py --dry-run
	same "$(printf '%s\n' "$out" | wc -l)" 7
	same "$(version)" 3
	printf -- '-- changed\n' >>"$(file 001)"
	printf 'SELECT 1/0;\n' >>"$(file 003)"
	want 1 scripts/migrate.py --validate
	has "$out" 'V003: '
	want 1 scripts/migrate.py
	same "$(version)" 3
	want 1 scripts/migrate.py --status
}

@test "the former runner, interrupted: 130, and nothing is half done" {
	sed -i 's/^-- migrate:verify/SELECT pg_sleep(30);\n&/' "$(file 003)"
	set -m # a job of its own gets SIGINT; a background process of a script would ignore it
	scripts/migrate.py >"$HOME/out" 2>&1 &
	until [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()")" -gt 0 ]; do sleep 0.05; done
	kill -INT $!
	status=0
	wait $! || status=$?
	same "$status" 130
	same "$(version)" 2
}

@test "the former generator's options: number, name, header, templates, status" {
	want 0 scripts/create_migration.py "Add Audit-Log table (new)!"
	has "$out" 'src/db/migrations/V011__add_audit_log_table_new\.sql'
	has "$out" 'Template: basic'
	has "$out" 'make migrate-dry'
	path=$migrations/V011__add_audit_log_table_new.sql
	has "$(cat $path)" '^-- Migration V?011$'
	has "$(cat $path)" '^-- Author: Developer$'
	has "$(cat $path)" '^-- Date: [0-9]{4}-[0-9]{2}-[0-9]{2}'
	want 0 scripts/create_migration.py "create audit table" -t table --author "Ada"
	has "$(cat $migrations/V012__create_audit_table.sql)" 'CREATE TABLE IF NOT EXISTS audit'
	has "$(cat $migrations/V012__create_audit_table.sql)" 'created_at'
	has "$(cat $migrations/V012__create_audit_table.sql)" 'TRIGGER update_audit_updated_at'
	want 0 scripts/create_migration.py "alter users table" -t alter --migrations-dir $migrations
	want 0 scripts/create_migration.py "fill it" --template data
	want 0 whimbrel up
	same "$(version)" 14
	want 1 scripts/create_migration.py "!!!"
}

@test "the service's role uses the data and changes no table; the role that migrates is no superuser" {
	want 0 make migrate
	same "$(sql "SELECT rolsuper, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user")" "f|f|f"
	app="SET ROLE orchestrator_app;"
	grant
	sql "$app INSERT INTO orchestrator.outcomes (key, outcome_data) VALUES ('k', '{}'); SELECT count(*) FROM schema_migrations; DELETE FROM orchestrator.outcomes"
	for statement in "ALTER TABLE orchestrator.runs ADD COLUMN x text" "DROP TABLE orchestrator.runs" "CREATE TABLE orchestrator.x (i int)" \
		"SELECT * FROM whimbrel.schema_migrations" "TRUNCATE orchestrator.runs"; do
		run sql "$app $statement"
		[ "$status" -ne 0 ]
		has "$output" 'permission denied|must be owner'
	done
}

grant() {
	PGHOST=$POSTGRES_HOST PGUSER=postgres PGPASSWORD=password psql -X -q -c 'GRANT orchestrator_app TO agent' postgres
}
