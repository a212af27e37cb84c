#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# ALTER TABLE in the standard's forms on SQLite: planned, checked, applied, reverted; what is told when it cannot be.

load setup

setup() {
	case_setup
	export DATABASE_URL=sqlite:app.db
	migration V001__users.sql <<-'SQL'
		-- migrate:up
		CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT, age TEXT);
		CREATE VIEW adults AS SELECT email FROM users WHERE age >= 18; -- they may
		CREATE TABLE orders (who INTEGER REFERENCES users (id) ON DELETE CASCADE);
		INSERT INTO users (email, age) VALUES ('a@example.org', '20'), ('b@example.org', '30');
		INSERT INTO orders VALUES (1), (2);
		-- migrate:down
		DROP TABLE orders;
		DROP VIEW adults;
		DROP TABLE users;
	SQL
}

teardown() { case_teardown; }

alters() {
	migration V002__stricter.sql <<-'SQL'
		-- migrate:up
		ALTER TABLE users ALTER COLUMN email SET NOT NULL;
		ALTER TABLE users ALTER COLUMN age TYPE integer;
		ALTER TABLE users ADD CONSTRAINT grown_up CHECK (age >= 18);
		ALTER TABLE users ADD COLUMN code text UNIQUE;
		-- migrate:down
		ALTER TABLE users DROP COLUMN code;
		ALTER TABLE users DROP CONSTRAINT grown_up;
		ALTER TABLE users ALTER COLUMN age TYPE text;
		ALTER TABLE users ALTER COLUMN email DROP NOT NULL;
	SQL
}

@test "planned and validated as what they are, applied, the same from the folder, reverted" {
	alters
	want 0 validate
	want 0 up --to 1
	want 0 snapshot --file before.snapshot
	want 0 plan
	has "$out" 'note: the table is built anew'
	want 0 plan -o json
	[ "$(printf '%s' "$out" | jq -r '[.steps[].kind] | unique | join(",")')" = rebuild ]
	want 0 up --dry-run
	has "$out" 'ALTER COLUMN email SET NOT NULL;'
	want 0 up
	[ "$(lite "SELECT typeof(age) FROM users LIMIT 1; SELECT count(*) FROM orders; SELECT count(*) FROM adults")" = "integer
2
2" ]
	run lite "INSERT INTO users (email, age) VALUES ('c', 3)"
	[ "$status" -ne 0 ]
	want 0 diff app.db migrations
	want 0 drift
	want 0 down
	want 0 diff app.db before.snapshot
	[ "$(lite "SELECT sql FROM sqlite_master WHERE name = 'adults'")" = "CREATE VIEW adults AS SELECT email FROM users WHERE age >= 18" ]
}

@test "rows that do not fit: the statement, the cause, what to do; nothing is changed" {
	migration V002__no.sql "ALTER TABLE users ALTER COLUMN age SET DEFAULT 1;
ALTER TABLE users ADD CONSTRAINT old CHECK (age > 25);"
	want 3 up
	has "$err" 'V002__no\.sql:2:1: error: CHECK constraint failed: old'
	has "$err" 'hint: mend the rows'
	lite "SELECT sql FROM sqlite_master WHERE name = 'users'" | grep -q "email TEXT, age TEXT)"
}

@test "a column that a view needs is not dropped" {
	migration V002__no.sql "ALTER TABLE users ADD CHECK (email <> '');
ALTER TABLE users DROP COLUMN email;"
	want 3 up
	has "$err" 'V002__no\.sql:2:1: error: error in view adults: no such column: email'
	has "$err" 'hint: drop what needs the column before'
}

@test "what is wrong with the form is told before anything runs" {
	migration V002__no.sql "ALTER TABLE users ALTER COLUMN age SET NOTHING;"
	want 1 validate
	has "$err$out" 'V002__no\.sql:1:40.*near "NOTHING"'
	migration V002__no.sql "ALTER TABLE users ADD CHECK (age >);"
	want 1 validate
	has "$err$out" 'syntax error'
}
