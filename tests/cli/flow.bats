#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# The whole way of a database, on both engines: pending, applied, refused when
# tampered with, failed and gone on, reverted. What differs by engine is the URL.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() { case_setup; }

teardown() {
	pg_database_drop
	case_teardown
}

three_files() {
	migration V001__people.sql <<-'SQL'
		-- migrate:up
		CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL);
		-- migrate:down
		DROP TABLE people;
	SQL
	migration V002__towns.sql <<-'SQL'
		-- migrate:up
		CREATE TABLE towns (id integer PRIMARY KEY, name text NOT NULL);
		INSERT INTO towns (id, name) VALUES (1, 'Enkhuizen; not two statements');
		-- migrate:down
		DROP TABLE towns;
	SQL
	migration V003__index.sql <<-'SQL'
		-- migrate:up
		CREATE INDEX towns_name ON towns (name);
		-- migrate:down
		DROP INDEX towns_name;
	SQL
}

the_way() { # URL
	three_files
	want 1 --url "$1" status --exit-code
	want 0 --url "$1" -o json status
	[ "$(json '[m["version"] for m in d["pending"]]')" = '["001", "002", "003"]' ]
	want 0 --url "$1" up
	want 0 --url "$1" up
	want 0 --url "$1" status --exit-code
	want 0 --url "$1" -o json status
	[ "$(json '[m["state"] for m in d["applied"]]')" = '["applied", "applied", "applied"]' ]
	[ "$(json 'd["current"]')" = 003 ]

	want 0 --url "$1" down
	want 0 --url "$1" -o json status
	[ "$(json 'd["current"]')" = 002 ]
	want 0 --url "$1" redo
	want 0 --url "$1" up

	printf -- '-- edited\n' | cat - migrations/V001__people.sql >edited
	mv edited migrations/V001__people.sql
	want 1 --url "$1" validate
	want 4 --url "$1" up
	has "$err" 'V001__people\.sql'
	want 0 --url "$1" repair
	want 0 --url "$1" validate

	migration V004__broken.sql <<-'SQL'
		-- migrate:up
		CREATE TABLE half (id integer PRIMARY KEY);
		INSERT INTO nowhere VALUES (1);
		-- migrate:down
		DROP TABLE half;
	SQL
	want 3 --url "$1" up
	has "$err" 'V004__broken\.sql:3'
	has "$err" 'nowhere'
	sed -i 's/nowhere/half/' migrations/V004__broken.sql
	want 0 --url "$1" up
	want 0 --url "$1" -o json history
	want 0 --url "$1" down --to 001
	want 0 --url "$1" -o json status
	[ "$(json '[m["version"] for m in d["pending"]]')" = '["002", "003", "004"]' ]
}

@test "the whole way on SQLite" {
	the_way sqlite:app.db
	[ "$(lite "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('people', 'towns', 'half')")" = people ]
}

@test "the whole way on PostgreSQL" {
	pg_database
	the_way "$PG_URL"
	[ "$(pg_sql "$PG_DB" "SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = 'public'")" = people ]
}

@test "what a file sets holds for all of it, also between steps outside transactions" {
	pg_database
	migration V001__app.sql <<-'SQL'
		CREATE SCHEMA app;
		SET search_path = app;
		CREATE TABLE t (a int, b int);
		CREATE INDEX CONCURRENTLY t_a ON t (a);
		INSERT INTO t VALUES (1, 2);
		CREATE INDEX CONCURRENTLY ON t (b);
	SQL
	DATABASE_URL=$PG_URL want 0 up
	[ "$(pg_sql "$PG_DB" "SELECT count(*) FROM pg_indexes WHERE schemaname = 'app'")" = 2 ]
	migration V002__nothing.sql "CREATE TABLE elsewhere (a int);"
	DATABASE_URL=$PG_URL want 0 up
	[ "$(pg_sql "$PG_DB" "SELECT schemaname FROM pg_tables WHERE tablename = 'elsewhere'")" = public ]
	rm migrations/*
	migration V001__attach.sql <<-'SQL'
		ATTACH 'other.db' AS other;
		CREATE TABLE other.o (x);
		INSERT INTO other.o VALUES (1);
	SQL
	DATABASE_URL=sqlite:app.db want 0 up
	[ "$(sqlite3 other.db 'SELECT count(*) FROM o')" = 1 ]
}

@test "a failed migration whose file is gone: put it back, or clear the entry" {
	export DATABASE_URL=sqlite:app.db
	migration V001__fails.sql $'CREATE TABLE a (x TEXT);\nINSERT INTO nowhere VALUES (1);'
	want 3 up
	want 0 status
	has "$out" 'mend the file'
	rm migrations/V001__fails.sql
	migration V002__next.sql 'CREATE TABLE b (x TEXT);'
	want 0 status
	has "$out" 'its file is gone: put it back, or let .whimbrel repair. clear the entry'
	lacks "$out" 'mend the file'
	want 0 repair --yes
	want 0 up
	migration V003__half.sql $'-- migrate:up transaction:false\nCREATE TABLE c (x TEXT);\nINSERT INTO nowhere VALUES (1);'
	want 3 up
	rm migrations/V003__half.sql
	want 0 status
	has "$out" 'its file is gone: put it back, mended'
}

@test "status --exit-code does not open a gate for what has stopped half-way" {
	migration V001__half.sql "-- migrate:up transaction:false
		CREATE TABLE t (n integer);
		INSERT INTO nothing VALUES (1);"
	export DATABASE_URL=sqlite:app.db
	want 3 up
	want 0 status
	want 1 status --exit-code
}
