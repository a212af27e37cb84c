#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# trash: what migrations set aside is listed, restored by itself, purged; off by default; the plan tells the cost; what
# cannot be set aside is refused; nobody else sees what is in it.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	export DATABASE_URL=sqlite:app.db
	echo "trash: on" >whimbrel.yaml
	migration V001__shop.sql "CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(40) NOT NULL);
CREATE TABLE notes (body VARCHAR(9));
CREATE TABLE log (line VARCHAR(9));
INSERT INTO users VALUES (1, 'a@x'), (2, 'b@x');
INSERT INTO notes VALUES ('n1'), ('n1');
INSERT INTO log VALUES ('l');"
	migration V002__less.sql "ALTER TABLE users DROP COLUMN email;
DROP TABLE notes;
DELETE FROM log;"
}

teardown() {
	pg_database_drop
	case_teardown
}

on_postgres() {
	pg_database
	export DATABASE_URL=$PG_URL
}

query() {
	if [ "$DATABASE_URL" = sqlite:app.db ]; then lite "$1"; else pg_sql "$PG_DB" "$1"; fi
}

# The id of what is of this kind.
id_of() {
	want 0 trash -o json
	json "[e['id'] for e in d['trash'] if e['kind'] == '$1'][0]"
}

listed() {
	want 0 up -q --to 1
	want 0 trash
	has "$out" "The trash is empty."
	want 0 up -q
	want 0 trash -o json
	[ "$(json "sorted([e['kind'], e['method']] for e in d['trash'])")" = '[["column", "copy"], ["rows", "copy"], ["table", "rename"]]' ]
	[ "$(json "[e['rows'] for e in d['trash'] if e['kind'] == 'column'][0]")" = 2 ]
	[ "$(json "[e['version'] for e in d['trash']]")" = '["002", "002", "002"]' ]
	want 0 trash --list
	has "$out" 'column +.*users\.email +002'
	has "$out" 'table +.*notes +002'
}

restored() {
	want 0 up -q
	table=$(id_of table)
	want 0 trash --restore "$table" -o json
	[ "$(json "[e['kind'] for e in d['restored']] + [len(d['trash'])]")" = '["table", 2]' ]
	[ "$(query "SELECT count(*) FROM notes")" = 2 ]
	want 0 trash --restore "$(id_of column)"
	has "$out" "Restored the column .*users.email, taken by migration 002"
	[ "$(query "SELECT email FROM users WHERE id = 2")" = "b@x" ]
	want 0 trash --restore "$(id_of rows)"
	[ "$(query "SELECT line FROM log")" = l ]
	want 64 trash --restore "$table"
	has "$err" "there is no $table in the trash"
	want 4 down
	has "$err" "what it set aside was restored by itself"
	want 0 history
	has "$out" trash_restore
}

purged() {
	want 0 up -q
	want 0 trash --purge --yes
	has "$out" "0 things removed"
	sleep 1.1
	want 4 trash --purge --older-than 1s
	has "$err" "--yes"
	want 0 trash --purge --older-than 1s --yes -o json
	[ "$(json "[len(d['purged']), d['trash']]")" = "[3, []]" ]
	want 4 down
	has "$err" "what it set aside was purged"
	want 0 status
}

objects() {
	want 0 snapshot -o json
	json "[[o['kind'], o['path'], o['attributes']] for o in d['objects']]"
}

unseen() {
	want 0 up -q --to 1
	want 0 up -q
	kept=$(objects)
	want 0 drift
	want 0 dump
	lacks "$out" trash
	want 0 down -q
	WHIMBREL_TRASH=off want 0 up -q
	[ "$kept" = "$(objects)" ]
}

@test "listed, newest first, with how it is kept: SQLite" { listed; }
@test "listed, newest first, with how it is kept: PostgreSQL" {
	on_postgres
	listed
}
@test "one thing is restored by itself; the migration has no undo then: SQLite" { restored; }
@test "one thing is restored by itself; the migration has no undo then: PostgreSQL" {
	on_postgres
	restored
}
@test "purged by age, and only when confirmed: SQLite" { purged; }
@test "purged by age, and only when confirmed: PostgreSQL" {
	on_postgres
	purged
}
@test "snapshot, drift and dump do not see it: SQLite" { unseen; }
@test "snapshot, drift and dump do not see it: PostgreSQL" {
	on_postgres
	unseen
}

@test "off by default, and then rows are lost" {
	rm whimbrel.yaml
	want 0 up -q
	want 0 trash
	has "$out" "The trash is empty."
	want 4 down
}

@test "the plan says what is set aside and what it costs" {
	want 0 up -q --to 1
	want 0 plan
	has "$out" "users.email is set aside: copied, about 2 rows"
	has "$out" "notes is set aside: renamed, nothing is copied"
	lacks "$out" "are lost"
}

@test "what cannot be set aside is refused, with a way out; the plan tells it before" {
	migration V003__keyless.sql "CREATE TABLE k (a VARCHAR(9), b VARCHAR(9)); INSERT INTO k VALUES ('x', 'y');"
	migration V004__drop.sql "ALTER TABLE k DROP COLUMN b;"
	want 0 up -q --to 3
	want 4 plan
	has "$out" "cannot be set aside: it has no primary key"
	want 4 up
	has "$err" "V004__drop.sql:1:1: error: k cannot be set aside: it has no primary key"
	has "$err" "WHIMBREL_TRASH=off"
	[ "$(lite "SELECT b FROM k")" = y ]
	WHIMBREL_TRASH=off want 0 up
}

@test "a down part of its own wins; the rows stay in the trash" {
	migration V002__less.sql "-- migrate:up
DROP TABLE notes;
-- migrate:down
CREATE TABLE notes (body VARCHAR(9));"
	want 0 up -q
	want 0 down -q
	[ "$(lite "SELECT count(*) FROM notes")" = 0 ]
	want 0 trash -o json
	[ "$(json "len(d['trash'])")" = 1 ]
}

@test "a rehearsal sets nothing aside" {
	want 0 up -q --to 1
	want 0 up --dry-run=rollback
	want 0 trash
	has "$out" "The trash is empty."
}

@test "an undo that is refused by the database changes nothing" {
	want 0 up -q
	lite "CREATE TABLE notes (mine INTEGER)"
	want 3 down
	want 0 trash -o json
	[ "$(json "len(d['trash'])")" = 3 ]
	lite "DROP TABLE notes"
	want 0 down
	[ "$(lite "SELECT count(*) FROM notes")" = 2 ]
}

@test "wrong usage" {
	want 64 trash --restore 1 --purge
	want 64 trash --older-than 3d
	want 0 trash --help
	has "$out" "--purge"
}

# What lint says of statements whose rows the trash keeps: remarks that say where, until when, and that programs fail.
remarks() {
	migration V003__keep.sql "CREATE TABLE keep (id INTEGER PRIMARY KEY, a VARCHAR(9), b VARCHAR(9));
INSERT INTO keep VALUES (1, 'x', 'y');"
	migration V004__less.sql "-- migrate:up
DELETE FROM users;
ALTER TABLE keep DROP COLUMN b;
DROP TABLE keep;
-- migrate:down
SELECT 1;"
	w up -q --to 3
	want 0 -o json lint
	[ "$(json "[[f['rule'], f['severity'], f['loses_data']] for f in d['findings']]")" = \
		'[["delete-without-where", "info", false], ["drop-column", "info", false], ["drop-table", "info", false]]' ]
	want 0 lint
	has "$out" "info: every row of .*users.* is deleted, and set aside \\($1\\)"
	has "$out" "programs that still use .*keep\.b fail; its values are set aside \\($1\\)"
	has "$out" "programs that still use .*keep fail; its rows.* are set aside \\($1\\)"
	has "$out" 'whimbrel trash --purge.*30 days'
	want 0 -o json plan
	[ "$(json "[f['rule'] for s in d['steps'] for f in s['safe']]")" = '[]' ]
	# The configuration has the last word on the severity; that data is lost it cannot make true.
	printf 'trash: on\nlint: { rules: { drop-table: error } }\n' >whimbrel.yaml
	want 1 lint
	echo "trash: off" >whimbrel.yaml
	want 2 lint
	has "$out" 'error: the rows of .*keep.* are lost'
}

@test "lint knows that the rows are kept" {
	remarks 'tables whimbrel_trash_…'
}

@test "PostgreSQL: lint knows that the rows are kept" {
	on_postgres
	remarks 'schema whimbrel_trash'
	echo "trash: on" >whimbrel.yaml
	migration V005__truncate.sql "-- migrate:up
TRUNCATE users, log;
UPDATE keep SET a = b;
ALTER TABLE keep DROP COLUMN b;
DROP SCHEMA other;
-- migrate:down
SELECT 1;"
	want 2 -o json lint migrations/V005__truncate.sql
	[ "$(json "sorted(set((f['rule'], f['severity']) for f in d['findings'] if f['rule'] in ('drop-column', 'drop-schema', 'drop-with-copy', 'truncate')))")" = \
		'[["drop-column", "info"], ["drop-schema", "error"], ["truncate", "info"]]' ]
}

# The undo of ADD COLUMN takes values that programs have written since: kept, and brought back by themselves or, when the
# migration was applied again, into the column that is there again.
added() {
	migration V003__add.sql "ALTER TABLE users ADD COLUMN phone VARCHAR(9);"
	w up -q
	query "UPDATE users SET phone = 'p' || id"
	want 0 plan --down
	has "$out" "users.phone is set aside: copied"
	lacks "$out" "are lost"
	want 0 down
	lacks "$err" "are lost"
	want 0 trash -o json
	[ "$(json "[[e['version'], e['kind'], e['rows']] for e in d['trash']][0]")" = '["003", "column", 2]' ]
	restored=$(json "d['trash'][0]['id']")
	want 0 up -q
	[ "$(query "SELECT count(*) FROM users WHERE phone IS NOT NULL")" = 0 ]
	query "INSERT INTO users (id, phone) VALUES (3, 'new')"
	want 0 trash --restore "$restored"
	[ "$(query "SELECT phone FROM users ORDER BY id" | tr '\n' ' ')" = 'p1 p2 new ' ]
	# The undo of the migration that is applied now is none of its business; once more, and without applying it again.
	want 0 down -q
	want 0 trash -o json
	[ "$(json "d['trash'][0]['rows']")" = 3 ]
	want 0 trash --restore "$(json "d['trash'][0]['id']")"
	[ "$(query "SELECT phone FROM users ORDER BY id" | tr '\n' ' ')" = 'p1 p2 new ' ]
}

@test "the values of a column that down drops are kept: SQLite" {
	added
}

@test "the values of a column that down drops are kept: PostgreSQL" {
	on_postgres
	added
}

# Without trash it is said, where there are rows.
told() {
	echo "trash: off" >whimbrel.yaml
	migration V003__add.sql "ALTER TABLE users ADD COLUMN phone VARCHAR(9);
CREATE TABLE nobody (id INTEGER PRIMARY KEY);"
	migration V004__more.sql "ALTER TABLE nobody ADD COLUMN name VARCHAR(9);"
	w up -q
	want 0 plan --down
	lacks "$out" "set aside"
	want 0 down
	lacks "$err" "are lost"
	want 0 plan --down
	has "$out" "the column's values are lost"
	want 0 down
	has "$err" 'the undo of 003 drops column phone of users: its values are lost \(`trash: on` keeps them\)'
}

@test "that down loses the values of a column is said: SQLite" {
	told
}

@test "that down loses the values of a column is said: PostgreSQL" {
	on_postgres
	told
}
