#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# Renames that are said, in SQL or by --rename: rows stay, nothing is dropped, the way back is there. And files of SQL
# as schemas.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() { case_setup; }

teardown() {
	pg_database_drop
	case_teardown
}

users() {
	sqlite3 app.db <<-'SQL'
		CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name text NOT NULL, mail text UNIQUE, CHECK (name <> ''));
		CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id int REFERENCES users (id));
		CREATE INDEX users_name ON users (name);
		CREATE VIEW names AS SELECT name FROM users;
		CREATE TRIGGER named AFTER INSERT ON users BEGIN UPDATE users SET mail = new.name WHERE id = new.id; END;
		INSERT INTO users (name) VALUES ('ann'), ('bob');
		INSERT INTO orders VALUES (1, 2);
	SQL
}

customers_sql() {
	cat >schema.sql <<-'SQL'
		CREATE TABLE customers ( -- renamed from: users
		  id INTEGER PRIMARY KEY AUTOINCREMENT,
		  -- renamed from: name
		  full_name text NOT NULL,
		  mail text UNIQUE,
		  note text,
		  CHECK (full_name <> '')
		);
		CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id int REFERENCES customers (id));
		CREATE INDEX users_name ON customers (full_name);
		CREATE VIEW names AS SELECT full_name FROM customers;
		CREATE TRIGGER named AFTER INSERT ON customers BEGIN UPDATE customers SET mail = new.full_name WHERE id = new.id; END;
	SQL
}

# The statements, without the transaction around them.
inner() { sed '/^\.bail on$/d; /^BEGIN;$/d; /^COMMIT;$/d' <<<"$out"; }

@test "a remark in a file of SQL: renamed, nothing else is touched" {
	users
	customers_sql
	want 1 diff sqlite:app.db schema.sql --sql
	[ "$(inner)" = 'ALTER TABLE "users" RENAME TO "customers";
ALTER TABLE "customers" RENAME COLUMN "name" TO "full_name";
ALTER TABLE "customers" ADD COLUMN "note" TEXT;' ]
	want 1 diff sqlite:app.db schema.sql
	has "$out" '^table +users +name: users -> customers +high'
	has "$out" '^column +users.name +name: name -> full_name +high'
	want 1 diff sqlite:app.db schema.sql -o json
	[ "$(jq -r '.differences[0] | [.type, .kind, .object, .attribute, .actual, .expected] | join(" ")' <<<"$out")" = \
		"changed table users name users customers" ]
	[ "$(jq -r .destroys <<<"$out")" = false ]
}

@test "without a remark nothing is guessed: it would destroy" {
	users
	customers_sql
	sed -i 's/renamed from/called/' schema.sql
	want 2 diff sqlite:app.db schema.sql --sql
	has "$out" '^-- destroys data$'
	[ "$(grep -c '"users" RENAME\|RENAME COLUMN' <<<"$out")" = 0 ]
}

@test "as a migration: up and down keep every row" {
	users
	customers_sql
	mkdir migrations
	export DATABASE_URL=sqlite:app.db
	want 0 diff sqlite:app.db schema.sql --write "customers"
	[ "$(sed '/migrate:down/,$d' migrations/* | grep -cE 'DROP|rebuilt')" = 0 ]
	want 0 up
	want 0 diff sqlite:app.db schema.sql
	[ "$(sqlite3 app.db 'SELECT group_concat(id || full_name) FROM customers')" = 1ann,2bob ]
	[ "$(sqlite3 app.db 'PRAGMA foreign_key_check; SELECT full_name FROM names WHERE full_name = (SELECT full_name FROM customers JOIN orders ON user_id = customers.id)')" = bob ]
	want 0 down
	[ "$(sqlite3 app.db 'SELECT group_concat(id || name) FROM users')" = 1ann,2bob ]
	[ "$(sqlite3 app.db 'SELECT user_id FROM orders')" = 2 ]
}

@test "remarks in migrations; those that were followed long ago do nothing" {
	users
	mkdir migrations
	migration V001__old.sql <<-'SQL'
		-- migrate:up
		CREATE TABLE a (x int);
		-- migrate:down
		DROP TABLE a;
	SQL
	migration V002__new.sql <<-'SQL'
		-- migrate:up
		ALTER TABLE a RENAME TO b; -- renamed from: a
		ALTER TABLE b RENAME COLUMN x TO y; -- renamed from: x
		-- migrate:down
		ALTER TABLE b RENAME COLUMN y TO x;
		ALTER TABLE b RENAME TO a;
	SQL
	sqlite3 old.db 'CREATE TABLE a (x int)'
	sqlite3 new.db 'CREATE TABLE b (y int)'
	want 1 diff sqlite:old.db migrations --sql
	[ "$(inner)" = 'ALTER TABLE "a" RENAME TO "b";
ALTER TABLE "b" RENAME COLUMN "x" TO "y";' ]
	want 0 diff sqlite:new.db migrations
	# The other way round as well.
	want 1 diff migrations sqlite:old.db --sql
	[ "$(inner)" = 'ALTER TABLE "b" RENAME TO "a";
ALTER TABLE "a" RENAME COLUMN "y" TO "x";' ]
}

@test "--rename, between two databases" {
	sqlite3 a.db 'CREATE TABLE "Odd one" (x int, y int)'
	sqlite3 b.db 'CREATE TABLE t (x int, z int)'
	want 1 diff sqlite:a.db sqlite:b.db --rename '"Odd one"=t' --rename '"Odd one".y=t.z' --sql
	[ "$(inner)" = 'ALTER TABLE "Odd one" RENAME TO "t";
ALTER TABLE "t" RENAME COLUMN "y" TO "z";' ]
	want 64 diff sqlite:a.db sqlite:b.db --rename x
	has "$err" 'OLD=NEW'
	want 65 diff sqlite:a.db sqlite:b.db --rename 'a b=c'
	has "$err" 'no object.s path'
}

@test "a rename that fits nothing: an error where it was asked for, a warning where a file says it" {
	sqlite3 a.db 'CREATE TABLE t (x int, y int)'
	sqlite3 b.db 'CREATE TABLE t (x int, z int)'
	want 65 diff sqlite:a.db sqlite:b.db --rename t.nope=t.z
	has "$err" 't\.nope cannot be renamed to t\.z'
	want 65 diff sqlite:a.db sqlite:b.db --rename t.y=other.z
	want 65 diff sqlite:a.db sqlite:b.db --rename t.y=t.nope
	printf 'CREATE TABLE t (\n  x int,\n  z int -- renamed from: nope\n);\n' >schema.sql
	want 2 diff sqlite:a.db schema.sql
	has "$err" 't\.z is said to be renamed from nope, which is not there'
}

@test "a column that becomes computed loses its values; no conflict clause loses rows; a shell that goes on loses nothing" {
	sqlite3 app.db "CREATE TABLE o (a int, b int, c int); INSERT INTO o VALUES (1, 1, 77), (2, 2, 88), (3, NULL, 99)"
	printf 'CREATE TABLE o (a int, b int, c int GENERATED ALWAYS AS (a * 2) STORED);\n' >schema.sql
	want 2 diff sqlite:app.db schema.sql --sql
	has "$out" '^-- destroys data$'
	printf 'CREATE TABLE o (a int, b int NOT NULL ON CONFLICT IGNORE, c int);\n' >schema.sql
	want 1 diff sqlite:app.db schema.sql --sql
	sqlite3 app.db <<<"$out" && return 1
	[ "$(sqlite3 app.db 'SELECT count(*) FROM o')" = 3 ]
}

@test "postgresql: keys, indexes and sequences with the table's name follow it, and go on counting" {
	pg_database
	pg_sql "$PG_DB" "
		CREATE TABLE users (id serial PRIMARY KEY, name text UNIQUE, note varchar(20), n int GENERATED ALWAYS AS IDENTITY);
		CREATE INDEX users_note_idx ON users (note);
		INSERT INTO users (name, note) VALUES ('ann', 'a long note'), ('bob', 'x')"
	cat >schema.sql <<-'SQL'
		CREATE TABLE people ( -- renamed from: users
		  id serial PRIMARY KEY,
		  full_name text UNIQUE, -- renamed from: name
		  note varchar(20),
		  n int GENERATED ALWAYS AS IDENTITY
		);
		CREATE INDEX people_note_idx ON people (note);
	SQL
	mkdir migrations
	export DATABASE_URL
	DATABASE_URL=$(pg_url "$PG_DB")
	want 1 diff "$DATABASE_URL" schema.sql --sql
	[ "$(grep -cE 'DROP|CREATE|ADD' <<<"$out")" = 0 ]
	want 0 diff "$DATABASE_URL" schema.sql --write people
	want 0 up
	want 0 diff "$DATABASE_URL" schema.sql
	[ "$(pg_sql "$PG_DB" "INSERT INTO people (full_name) VALUES ('eve') RETURNING id + n" | head -1)" = 6 ]
	# What does not fit is refused, not cut off.
	sed -i 's/varchar(20)/varchar(5)/' schema.sql
	want 0 diff "$DATABASE_URL" schema.sql --write shorter
	want 3 up
	has "$err" 'too long'
	[ "$(pg_sql "$PG_DB" "SELECT note FROM people WHERE id = 1")" = 'a long note' ]
}

@test "a remark that belongs to nothing, or names no old name, is an error with its place" {
	printf 'CREATE TABLE t (x int);\nSELECT 1; -- renamed from: y\n' >schema.sql
	sqlite3 app.db 'CREATE TABLE t (x int)'
	want 65 diff sqlite:app.db schema.sql
	has "$err" 'schema.sql:2'
	has "$err" 'beside no declaration'
	printf 'CREATE TABLE t (\n  x int -- renamed from:\n);\n' >schema.sql
	want 65 diff sqlite:app.db schema.sql
	has "$err" 'schema.sql:2'
	printf 'CREATE TABLE t (\n  z int -- renamed from: other.x\n);\n' >schema.sql
	sqlite3 app.db 'CREATE TABLE other (x int)'
	want 65 diff sqlite:app.db schema.sql
	has "$err" 'a rename keeps schema and table'
}

@test "a file of SQL that is wrong names its place; one that is no schema is refused" {
	printf 'CREATE TABLE t (x int);\n\nCREATE TABEL u (y int);\n' >schema.sql
	want 3 diff schema.sql schema.sql --url sqlite:app.db
	has "$err" '^schema.sql:3:'
	[ ! -e app.db ]
	printf 'hello\n' >notes.txt
	want 65 snapshot notes.txt
}

@test "postgresql: tables, columns, types, indexes, constraints, views renamed with all that names them" {
	pg_database
	pg_sql "$PG_DB" "
		CREATE SCHEMA app;
		CREATE TYPE app.mood AS ENUM ('sad', 'ok');
		CREATE TABLE app.users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, m app.mood, CONSTRAINT named CHECK (name <> ''));
		CREATE TABLE app.orders (id int PRIMARY KEY, user_id int REFERENCES app.users);
		CREATE INDEX by_name ON app.users (lower(name));
		CREATE VIEW app.all_users AS SELECT * FROM app.users;
		INSERT INTO app.users (name, m) VALUES ('ann', 'ok'), ('bob', 'sad');
		INSERT INTO app.orders VALUES (1, 2);"
	cat >schema.sql <<-'SQL'
		CREATE SCHEMA app;
		CREATE TYPE app.feeling AS ENUM ('sad', 'ok'); -- renamed from: mood
		CREATE TABLE app.customers ( -- renamed from: app.users
		  id int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME app.users_id_seq) CONSTRAINT users_pkey PRIMARY KEY,
		  Full_Name text NOT NULL, -- renamed from: NAME
		  m app.feeling,
		  CONSTRAINT has_name CHECK (full_name <> '') -- renamed from: named
		);
		CREATE TABLE app.orders (id int PRIMARY KEY, user_id int REFERENCES app.customers);
		-- renamed from: by_name
		CREATE INDEX by_full_name ON app.customers (lower(full_name));
		CREATE VIEW app.all_customers -- renamed from: all_users
		  AS SELECT id, full_name AS name, m FROM app.customers;
	SQL
	want 1 diff "$(pg_url "$PG_DB")" schema.sql --sql
	[ "$(grep -c RENAME <<<"$out")" = 6 ]
	[ "$(grep -cE 'DROP|CREATE' <<<"$out")" = 0 ]
	mkdir migrations
	export DATABASE_URL
	DATABASE_URL=$(pg_url "$PG_DB")
	want 0 diff "$DATABASE_URL" schema.sql --write customers
	want 0 up
	want 0 diff "$DATABASE_URL" schema.sql
	[ "$(pg_sql "$PG_DB" "SELECT string_agg(full_name, ',' ORDER BY c.id) FROM app.customers c LEFT JOIN app.orders ON user_id = c.id")" = ann,bob ]
	want 0 down
	[ "$(pg_sql "$PG_DB" "SELECT string_agg(name, ',' ORDER BY id) FROM app.users")" = ann,bob ]
}
