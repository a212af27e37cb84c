#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# What somebody who is new to it stumbles over: the same told in the same words
# everywhere, once, and with the next step.

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

repository() {
	git init -q -b main . && git config user.email kim@example.org && git config user.name Kim
	git add -A && git commit -qm one
}

migration() {
	mkdir -p migrations
	printf '%s\n' "$2" >"migrations/$1"
}

@test "up shows a mistake in a file as plan does: place, line, caret, hint" {
	migration V001__a.sql "-- migrate:up
CREATE TABLE t (a);
INSERT INTO t VALUES ('x);
-- migrate:down
DROP TABLE t;"
	for command in plan up; do
		want 65 "$command"
		has "$err" "V001__a.sql:3:23: error: a string is not closed"
		has "$err" "3 \| INSERT INTO t VALUES \('x\);"
		has "$err" '\|                       \^'
		has "$err" 'hint: close it with a single quote'
	done
	want 1 validate
	[ "$(printf '%s\n' "$out" | grep -c 'not closed')" = 1 ]
	migration V001__a.sql 'CREATE TABLE t (a'
	want 3 up
	has "$err" 'V001__a.sql:1:18: error: incomplete input'
}

@test "init and new name the same author" {
	git init -q -b main . && git config user.email kim@example.org
	want 0 init
	want 0 new second
	[ "$(grep -h '^-- Author:' migrations/*.sql | sort -u)" = '-- Author: kim@example.org' ]
}

@test "up and status tell one time for a migration" {
	migration V001__a.sql "CREATE TABLE t AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT i FROM n;"
	want 0 -o json up
	told=$(json 'd["applied"][0]["execution_ms"]')
	want 0 -o json status
	[ "$(json 'd["applied"][0]["execution_ms"]')" = "$told" ]
	want 0 -o json history
	[ "$(json 'd["history"][0]["execution_ms"]')" = "$told" ]
}

@test "a version that stands twice is one error" {
	migration V001__a.sql 'CREATE TABLE t (a);'
	want 0 up
	migration V001__b.sql 'CREATE TABLE u (a);'
	want 1 validate
	has "$out" 'version 001 stands twice'
	lacks "$out" 'was changed'
	has "$out" '1 error,'
}

@test "a failed migration of one transaction left nothing, and status says so" {
	migration V001__a.sql 'CREATE TABLE t (a);
INSERT INTO nowhere VALUES (1);'
	want 3 up
	want 0 status
	has "$out$err" 'applying migration 001 failed, and nothing of it stayed: no such table: nowhere'
	lacks "$out$err" 'of its'
}

@test "rows without parent are told where a table is built anew" {
	lite 'CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p (id), n TEXT);
INSERT INTO c VALUES (1, 7, NULL), (2, 8, NULL)'
	migration V001__a.sql 'ALTER TABLE c ALTER COLUMN n TYPE INTEGER;'
	want 0 up
	has "$err" '2 rows have no parent \(of c.*foreign_key_check'
	migration V002__b.sql 'CREATE TABLE other (a);'
	want 0 up
	lacks "$err" 'no parent'
}

@test "notes of a plan name the file" {
	migration V001__a.sql 'CREATE TABLE t (a);'
	want 0 up
	migration V001__a.sql 'CREATE TABLE t (b);'
	want 4 plan
	has "$out" 'note: up will refuse: migrations/V001__a.sql: migration 001 was changed'
}

@test "a database in a folder that does not exist" {
	migration V001__a.sql 'CREATE TABLE t (a);'
	want 0 --url sqlite:nowhere/app.db status
	has "$out$err" 'hint: there is no folder nowhere either'
	lacks "$out$err" 'creates it'
	want 0 status
	has "$out$err" '`whimbrel up` creates it'
}

@test "lint --staged reads what will be committed" {
	migration V001__a.sql 'CREATE TABLE t (a INTEGER);'
	repository
	migration V002__b.sql 'ALTER TABLE t RENAME TO u;'
	git add -A
	migration V002__b.sql 'SELECT 1;'
	want 0 -o json lint --staged
	[ "$(json '[f["file"] for f in d["findings"] if f["rule"] == "rename-table"]')" = '["migrations/V002__b.sql"]' ]
	git add -A
	migration V002__b.sql 'ALTER TABLE t RENAME TO u;'
	want 0 -o json lint --staged
	[ "$(json '[f["file"] for f in d["findings"] if f["rule"] == "rename-table"]')" = '[]' ]
}

@test "a role that may not make databases is told of --scratch-url" {
	pg_database
	migration V001__a.sql 'CREATE TABLE t (a int);'
	pg_sql "$PG_DB" 'DROP ROLE IF EXISTS makes_none; CREATE ROLE makes_none LOGIN'
	want 4 --url "${PG_URL/user=postgres/user=makes_none}" diff "${PG_URL/user=postgres/user=makes_none}" migrations
	has "$err" 'hint: pass --scratch-url'
	pg_sql "$PG_DB" 'DROP ROLE makes_none'
}
