#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2030,SC2031,SC2154
#
# validate --breaking: a migration after which programs may fail says so at its head. It is run to see it; what cannot
# be edited any more is not judged.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	export DATABASE_URL=sqlite:app.db
}

teardown() {
	pg_database_drop
	case_teardown
}

files() {
	migration V001__users.sql "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);"
	migration V002__phone.sql "ALTER TABLE users ADD COLUMN phone TEXT; CREATE TABLE t (x INTEGER);"
	migration V003__gone.sql "ALTER TABLE users DROP COLUMN phone; DROP TABLE t;"
	migration V004__marked.sql "-- Breaking: true
ALTER TABLE users DROP COLUMN email;"
	migration V005__false.sql "-- Breaking: false
CREATE UNIQUE INDEX u ON users (id);"
	migration V006__fine.sql "CREATE TABLE fine (x INTEGER); INSERT INTO fine VALUES (1);"
	migration R__view.sql "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT id FROM users;"
}

flagged() {
	json '[[p["kind"], p["version"]] for p in d["problems"]]'
}

judged() {
	files
	want 0 validate
	want 1 -o json validate --breaking
	[ "$(flagged)" = '[["breaking", "003"], ["breaking", "005"]]' ]
	want 1 validate --breaking
	has "$out" '^migrations/V003__gone\.sql: error: migration 003 breaks and is not marked: table (public\.)?t removed: what uses it fails \(and 1 more\)'
	has "$out" '^migrations/V005__false\.sql: error: migration 005 breaks and is marked as if it did not'
	has "$out" '-- Breaking: true'
	want 1 -o github validate --breaking
	has "$out" '^::error file=migrations/V003__gone\.sql'
	w up -q --to 003
	want 1 -o json validate --breaking
	[ "$(flagged)" = '[["breaking", "005"]]' ]
	w up -q
	want 0 validate --breaking
}

@test "what breaks and is not marked is flagged, applied ones are not" {
	judged
}

@test "PostgreSQL: what breaks and is not marked is flagged, applied ones are not" {
	pg_database
	export DATABASE_URL=$PG_URL
	judged
	wait_gone pg_sql postgres "SELECT datname FROM pg_database WHERE datname LIKE 'whimbrel_scratch%'"
}

@test "a setting asks for it every time" {
	files
	echo 'mark_breaking: true' >whimbrel.yaml
	want 1 -o json validate
	[ "$(flagged)" = '[["breaking", "003"], ["breaking", "005"]]' ]
}

@test "without a server there is nothing to see it on, and it is said" {
	unset DATABASE_URL
	files
	want 64 validate --breaking
	has "$err" 'pass --url or --scratch-url'
	echo 'databases: { main: { url: "sqlite:none.db" } }' >whimbrel.yaml
	want 1 -o json validate --breaking
	[ "$(flagged)" = '[["breaking", "003"], ["breaking", "005"]]' ]
	[ ! -e none.db ]
}

@test "PostgreSQL: files alone are judged on another server" {
	pg_database
	unset DATABASE_URL
	files
	want 1 -o json validate --breaking --scratch-url "$PG_URL"
	[ "$(flagged)" = '[["breaking", "003"], ["breaking", "005"]]' ]
	[ -z "$(pg_sql "$PG_DB" "SELECT relname FROM pg_class WHERE relname = 'users'")" ]
}

@test "PostgreSQL: a role that may not make databases cannot look" {
	pg_database
	pg_sql "$PG_DB" "DROP ROLE IF EXISTS rel_reader; CREATE ROLE rel_reader LOGIN"
	export DATABASE_URL=${PG_URL/user=postgres/user=rel_reader}
	files
	want 4 validate --breaking
	has "$err" 'a scratch database cannot be created'
	pg_sql "$PG_DB" "DROP ROLE rel_reader"
}

@test "what the given revision has is not judged" {
	files
	git init -q .
	git add migrations
	git -c user.name=t -c user.email=t@t commit -qm one
	want 0 validate --breaking --against HEAD
	migration V007__new.sql "DROP TABLE fine;"
	want 1 -o json validate --breaking --against HEAD
	[ "$(flagged)" = '[["breaking", "007"]]' ]
	want 1 -o json validate --breaking
	[ "$(flagged)" = '[["breaking", "003"], ["breaking", "005"], ["breaking", "007"]]' ]
}

@test "a migration that fails there is told once, and ends the looking" {
	migration V001__users.sql "CREATE TABLE users (id INTEGER PRIMARY KEY);"
	migration V002__wrong.sql "INSERT INTO nowhere VALUES (1);"
	migration V003__gone.sql "DROP TABLE users;"
	want 1 -o json validate --breaking
	[ "$(flagged)" = '[["refused", "002"]]' ]
	unset DATABASE_URL
	want 1 -o json validate --breaking --scratch-url sqlite:scratch.db
	[ "$(flagged)" = '[["breaking", "002"]]' ]
	has "$out" 'up on an empty scratch database failed: no such table: nowhere'
}

@test "a baseline stands for what was before it" {
	migration B002__base.sql "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);"
	migration V003__gone.sql "ALTER TABLE users DROP COLUMN email;"
	want 1 -o json validate --breaking
	[ "$(flagged)" = '[["breaking", "003"]]' ]
}
