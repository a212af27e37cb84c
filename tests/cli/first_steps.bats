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

@test "init names for git what must not be committed, and leaves a .gitignore that is there alone" {
	git init -q -b main .
	mkdir -p backups sub
	want 0 --url sqlite:sub/app.db init
	has "$out" '^wrote  \.gitignore'
	touch .env sub/app.db sub/app.db-wal sub/app.db.whimbrel-lock backups/x.dump .out .err
	[ "$(git status --porcelain --untracked-files=all | LC_ALL=C sort | tr -d '\n')" = \
		'?? .err?? .github/workflows/whimbrel.yml?? .gitignore?? .out?? migrations/V001__first.sql?? whimbrel.yaml' ]
	rm -r .gitignore migrations whimbrel.yaml .github
	printf '.env\nnode_modules' >.gitignore
	want 0 --url 'postgres://me@host/db' init
	has "$out" '^kept   \.gitignore'
	has "$out" 'does not name: \*\.whimbrel-lock \.whimbrel-\*\.tmp backups/$'
	[ "$(cat .gitignore)" = "$(printf '.env\nnode_modules')" ]
	want 0 init
	lacks "$out" 'wrote'
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

@test "lint --staged knows no other files than git: those gone from the folder are read, those that are not staged are not" {
	migration V001__a.sql 'CREATE TABLE t (a INTEGER);'
	repository
	migration V002__b.sql 'DROP TABLE t;'
	git add -A
	rm migrations/V002__b.sql
	want 2 -o json lint --staged
	[ "$(json '[[f["rule"], f["file"], f["line"]] for f in d["findings"] if f["severity"] == "error"]')" = \
		'[["drop-table", "migrations/V002__b.sql", 1]]' ]
	# What is applied before it by then counts, too: the old table is gone from the folder, not from the commit.
	rm migrations/V001__a.sql
	want 2 -o json lint --staged
	[ "$(json 'd["summary"]["files"]')" = 1 ]
	git reset -q --hard
	# A table of a file that will not be committed is nobody's; one that is only announced is none.
	migration V003__new.sql 'CREATE TABLE n (a INTEGER);'
	migration V004__drop.sql 'DROP TABLE n;'
	migration V005__later.sql 'DROP TABLE t;'
	git add migrations/V004__drop.sql
	git add -N migrations/V005__later.sql
	want 2 -o json lint --staged --text-only
	[ "$(json '[[f["rule"], f["file"]] for f in d["findings"] if f["severity"] == "error"]')" = \
		'[["drop-table", "migrations/V004__drop.sql"]]' ]
	# The list of files that is committed counts.
	git add migrations/V003__new.sql
	git rm -qf --cached migrations/V005__later.sql
	rm migrations/V005__later.sql
	want 0 validate --write-sum
	git add -A
	echo '# changed' >>migrations/migrations.sum
	rm migrations/V003__new.sql
	want 0 -o json lint --staged
	[ "$(json '[f["rule"] for f in d["findings"] if f["severity"] == "error"]')" = '[]' ]
}

@test "a role that may not make databases is told of --scratch-url" {
	pg_database
	migration V001__a.sql 'CREATE TABLE t (a int);'
	pg_sql "$PG_DB" 'DROP ROLE IF EXISTS makes_none; CREATE ROLE makes_none LOGIN'
	want 4 --url "${PG_URL/user=postgres/user=makes_none}" diff "${PG_URL/user=postgres/user=makes_none}" migrations
	has "$err" 'hint: pass --scratch-url'
	pg_sql "$PG_DB" 'DROP ROLE makes_none'
}

@test "a column that is never empty is proposed with a default of its type" {
	lite 'CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)'
	migration V001__a.sql 'ALTER TABLE t ADD COLUMN area REAL NOT NULL;
ALTER TABLE t ADD COLUMN name TEXT NOT NULL;'
	want 1 lint
	has "$out" 'safe: ALTER TABLE t ADD COLUMN area REAL NOT NULL DEFAULT 0;'
	has "$out" "safe: ALTER TABLE t ADD COLUMN name TEXT NOT NULL DEFAULT '';"
}

@test "repair says which part was changed" {
	migration V001__a.sql '-- migrate:up
CREATE TABLE t (a INTEGER);
-- migrate:down
DROP TABLE t;'
	want 0 up
	echo '-- more' >>migrations/V001__a.sql
	want 0 repair
	has "$out" "the down part's checksum is now sha256:([0-9a-f]*), was sha256:"
	lacks "$out" 'now (sha256:[0-9a-f]*), was \1'
	sed -i 's/INTEGER/TEXT/' migrations/V001__a.sql
	want 0 repair
	has "$out" "the file's checksum is now"
}

@test "plan says what is wrong with a statement beside the safer form" {
	lite 'CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)'
	migration V001__a.sql 'ALTER TABLE t ADD COLUMN area REAL NOT NULL;'
	want 0 plan
	has "$out" 'safer: t.area is NOT NULL and has no default: SQLite refuses it'
	has "$out" '^ +give it a constant default'
	has "$out" '^ +ALTER TABLE t ADD COLUMN area REAL NOT NULL DEFAULT 0;'
}
