#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# Undo of migrations without a down part: where it is shown, stored and used; what validate says of it. That what comes
# back is what was there is the matter of tests/safety/undo.py.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	pg_database
	export DATABASE_URL=$PG_URL
	migration V001__users.sql "CREATE TABLE users (id integer PRIMARY KEY, email text);
INSERT INTO users VALUES (1, 'a@b');"
}

teardown() {
	pg_database_drop
	case_teardown
}

@test "plan shows the undo of what is pending, and down uses the one that up has stored" {
	want 0 -o json plan
	[ "$(json 'd["rollback"][0]["source"]')" = inferred ]
	has "$(json 'd["rollback"][0]["sql"]')" 'DROP TABLE'
	w up -q
	has "$(pg_sql "$PG_DB" "SELECT down_sql FROM whimbrel.schema_migrations")" '^-- migrate:down inferred'
	want 0 -o json plan --down
	[ "$(json '[d["migrations"][0]["down_source"], len(d["steps"])]')" = '["inferred", 1]' ]
	want 0 plan --down
	has "$out" 'down: inferred'
	want 0 down
	[ -z "$(pg_sql "$PG_DB" "SELECT 1 FROM pg_class WHERE relname = 'users'")" ]
}

@test "what was altered comes back as it was, and its file is not needed for it" {
	w up -q
	migration V002__alter.sql "ALTER TABLE users ALTER COLUMN email SET NOT NULL;
CREATE INDEX users_email ON users (email);
COMMENT ON TABLE users IS 'people';"
	want 0 -o json plan
	[ "$(json '[d["rollback"][0]["source"], d["rollback"][0]["sql"]]')" = '["inferred", null]' ]
	w snapshot --file before.sql
	w up -q
	rm migrations/V002__alter.sql
	want 0 down
	want 0 diff before.sql "$PG_URL"
	[ "$(pg_sql "$PG_DB" "SELECT email FROM users")" = a@b ]
}

@test "what cannot be undone is refused, with the line and the reason" {
	migration V002__rows.sql "CREATE INDEX users_email ON users (email);
UPDATE users SET email = lower(email);"
	want 0 plan
	has "$out" 'line 2: changes rows of users'
	w up -q
	want 4 down
	has "$err" 'migration 002 has no down part, and cannot be undone without one'
	has "$err" 'line 2: changes rows of users'
	[ "$(pg_sql "$PG_DB" "SELECT reason FROM whimbrel.schema_migrations WHERE version = '002'")" = 'no undo: line 2: changes rows of users' ]
	migration V003__drop.sql "DROP TABLE users;"
	w up -q
	want 4 down
	has "$err" 'drops with its rows the table users'
}

@test "undo: off stores nothing, and what only makes things is undone all the same by its text" {
	echo 'undo: off' >whimbrel.yaml
	migration V002__alter.sql "ALTER TABLE users ALTER COLUMN email SET NOT NULL;"
	w up -q
	[ -z "$(pg_sql "$PG_DB" "SELECT down_sql FROM whimbrel.schema_migrations")" ]
	want 4 down
	rm whimbrel.yaml
	want 4 down
	has "$err" 'it was applied when nobody looked at the schema before it'
	w up -q
	pg_sql "$PG_DB" "DELETE FROM whimbrel.schema_migrations WHERE version = '002'" >/dev/null
	want 0 -o json plan --down
	[ "$(json 'd["migrations"][0]["down_source"]')" = inferred ]
	rm migrations/V002__alter.sql
	want 0 down
}

@test "steps outside transactions have their undo, too" {
	migration V002__index.sql "CREATE INDEX CONCURRENTLY users_email ON users (email);"
	migration V003__drop.sql "DROP INDEX CONCURRENTLY users_email;"
	w up -q
	want 0 -o json plan --down --to 001
	has "$(json '[s["sql"] for s in d["steps"]]')" 'CREATE INDEX CONCURRENTLY .*DROP INDEX CONCURRENTLY'
	want 0 down
	[ -n "$(pg_sql "$PG_DB" "SELECT 1 FROM pg_class WHERE relname = 'users_email'")" ]
	want 0 down
	[ -z "$(pg_sql "$PG_DB" "SELECT 1 FROM pg_class WHERE relname = 'users_email'")" ]
}

@test "up --on-failure rollback undoes what has no down part" {
	migration V002__more.sql "CREATE TABLE more (i integer);"
	migration V003__fails.sql "SELECT 1 / 0;"
	want 3 up --on-failure rollback
	[ -z "$(pg_sql "$PG_DB" "SELECT 1 FROM pg_class WHERE relname IN ('users', 'more')")" ]
}

@test "validate --reversible tells of the pending and of the applied, and changes nothing" {
	migration V002__index.sql "CREATE INDEX users_email ON users (email);"
	migration V003__null.sql "ALTER TABLE users ALTER COLUMN email SET NOT NULL;"
	want 0 validate --reversible
	migration V004__rows.sql "SELECT 1;
DELETE FROM users;"
	migration V005__drop.sql "DROP TABLE users;"
	want 1 -o json validate --reversible
	[ "$(json '[[p["kind"], p["version"], p["line"]] for p in d["problems"]]')" = '[["irreversible", "004", 2], ["irreversible", "005", null]]' ]
	[ -z "$(pg_sql "$PG_DB" "SELECT 1 FROM pg_class WHERE relname = 'users'")" ]
	w up -q --to 004
	want 1 validate --reversible
	has "$out" 'deletes rows of users'
}

@test "validate --round-trip goes there and back with each migration" {
	migration V002__index.sql "CREATE INDEX users_email ON users (email);"
	want 0 validate --round-trip
	migration V003__left.sql "-- migrate:up
CREATE TABLE three (i integer);
CREATE TABLE left_over (i integer);
-- migrate:down
DROP TABLE three;"
	want 1 validate --round-trip
	has "$out" 'migration 003: objects are left, or missing, after it was reverted: table public.left_over is left'
	migration V003__left.sql "-- migrate:up
ALTER TABLE users DROP COLUMN email;
-- migrate:down
ALTER TABLE users ADD COLUMN email text;
CREATE INDEX users_email ON users (email);"
	want 0 validate --round-trip
	has "$out" 'rows are not what they were after it was reverted'
	migration V002__index.sql "CREATE INDEX users_email ON users (email);
CREATE TABLE more (i integer);"
	migration V003__left.sql "ALTER TABLE more ADD COLUMN n integer NOT NULL;"
	want 0 validate --round-trip
	has "$out" 'it fails where tables have rows'
	[ -z "$(pg_sql "$PG_DB" "SELECT 1 FROM pg_class WHERE relname = 'users'")" ]
}
