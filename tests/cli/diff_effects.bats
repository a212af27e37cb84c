#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# diff and drift: what the SQL that they write does to others where it would be run, and its safer forms.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	pg_database
	export DATABASE_URL=$PG_URL
}

teardown() {
	pg_database_drop
	case_teardown
}

old_tables() {
	pg_sql "$PG_DB" "CREATE TABLE customer (id bigint PRIMARY KEY, note varchar(20));
		CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, total int, state text);
		INSERT INTO orders SELECT i, NULL, i, 'new' FROM generate_series(1, 100000) i;
		ANALYZE orders, customer"
}

new_sql() {
	cat >new.sql <<-'SQL'
		CREATE TABLE customer (id bigint PRIMARY KEY, note varchar(40));
		CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint REFERENCES customer, total bigint, state text NOT NULL);
		CREATE INDEX orders_state ON orders (state);
		CREATE TABLE fresh (id bigint PRIMARY KEY, x int);
		CREATE INDEX fresh_x ON fresh (x);
	SQL
}

# of STATEMENT KEY: of the step whose SQL has this in it.
of() {
	json "[s['$2'] for s in d['steps'] if '$1' in s['sql']][0]"
}

@test "a live database: its sizes count, and steps have plan's keys" {
	old_tables
	new_sql
	want 1 diff "$DATABASE_URL" new.sql -o json
	[ "$(of 'TYPE bigint' lock)" = "ACCESS EXCLUSIVE" ]
	[ "$(json '[[s["blocks"], s["rewrites"], s["scans"], s["rows"]] for s in d["steps"] if "TYPE bigint" in s["sql"]]')" = '[["reads", true, true, 100000]]' ]
	[ "$(json '[s["bytes"] > 4000000 and s["estimate_ms"] > 0 and s["risk"] for s in d["steps"] if "TYPE bigint" in s["sql"]]')" = '["low"]' ]
	[ "$(json '[[s["rewrites"], s["scans"]] for s in d["steps"] if "varying(40)" in s["sql"]]')" = '[[false, false]]' ]
	[ "$(json '[[x["rule"] for x in s["safe"]] for s in d["steps"] if "orders_state ON" in s["sql"]]')" = '[["index-concurrently"]]' ]
	# What the differences make themselves is nobody's business.
	[ "$(json '[[s["locks"], s["safe"]] for s in d["steps"] if "fresh_x" in s["sql"]]')" = '[[[], []]]' ]
	[ "$(json 'd["estimate_ms"] == sum(s["estimate_ms"] for s in d["steps"]) and d["risk"]')" = low ]
	[ "$(json '[d["requires_downtime"], d["notes"]]')" = '[false, []]' ]
	[ "$(json 'all(d["changes"][s["change"] - 1]["sql"].splitlines()[s["line"] - 1].startswith(s["sql"].splitlines()[0]) for s in d["steps"])')" = true ]
	# The keys of a plan's steps are all there.
	cp .out diff.json
	migration V001__x.sql "CREATE TABLE y (id int);"
	want 0 plan -o json
	python3 -c 'import json
plan, diff = json.load(open(".out")), json.load(open("diff.json"))
assert set(plan["steps"][0]) <= set(diff["steps"][0]), set(plan["steps"][0]) - set(diff["steps"][0])'
}

@test "as text the effects are comments, and psql runs the whole" {
	old_tables
	new_sql
	want 1 diff "$DATABASE_URL" new.sql
	has "$out" '^-- Risk: low\. Work on whole tables: about .* The application goes on\.$'
	has "$out" '^-- low risk: ACCESS EXCLUSIVE on public.orders; blocks readers and writers; writes the whole table, [0-9.]+ MB, 100000 rows, about'
	has "$out" '^-- safer: CREATE INDEX CONCURRENTLY orders_state ON public.orders'
	# Comments stand right above their statement.
	[ "$(grep -B1 '^CREATE INDEX orders_state' .out | head -1 | cut -c1-10)" = "-- safer: " ]
	sed -n '/^BEGIN;$/,$p' .out >diff.sql
	psql -X -q -v ON_ERROR_STOP=1 -d "$(pg_url "$PG_DB")" -f diff.sql
	want 0 diff "$DATABASE_URL" new.sql
	want 0 diff "$DATABASE_URL" new.sql --sql
}

@test "--sql is the SQL alone" {
	old_tables
	new_sql
	want 1 diff "$DATABASE_URL" new.sql --sql
	lacks "$out" '^--'
}

@test "in Markdown: a table, safer forms, then the SQL" {
	old_tables
	new_sql
	want 1 diff "$DATABASE_URL" new.sql -o markdown
	has "$out" '^\*\*Risk: low\. Work on whole tables'
	has "$out" '^\| [0-9]+\.1 \| CREATE INDEX orders\\_state ON .* SHARE on public.orders; blocks writers; reads the whole table'
	has "$out" '^#### Safer$'
	lacks "$(sed -n '/^BEGIN;$/,$p' .out)" '^-- '
}

@test "without a database: what the model tells, and what is not known" {
	old_tables
	new_sql
	w snapshot --file old.snapshot
	want 1 diff old.snapshot new.sql -o json
	[ "$(json 'd["notes"][0][:25]')" = "no database was asked: ho" ]
	[ "$(json '[[s["lock"], s["rewrites"], s["rows"], s["bytes"], s["estimate_ms"], s["risk"]] for s in d["steps"] if "TYPE bigint" in s["sql"]]')" = '[["ACCESS EXCLUSIVE", true, null, null, null, "high"]]' ]
	# The type is stored alike, and the model knows from which it comes.
	[ "$(json '[[s["rewrites"], s["scans"], s["safe"]] for s in d["steps"] if "varying(40)" in s["sql"]]')" = '[[false, false, []]]' ]
	[ "$(json '[[l["relation"], l["role"]] for s in d["steps"] if "FOREIGN KEY" in s["sql"] for l in s["locks"]]')" = '[["public.orders", "table"], ["public.customer", "other table"]]' ]
	[ "$(json '[d["estimate_ms"], d["requires_downtime"], d["risk"]]')" = '[null, null, "high"]' ]
	want 1 diff old.snapshot new.sql
	has "$out" '^-- note: no database was asked'
}

@test "what would destroy stays a comment, with its effect, and does not count for the whole" {
	old_tables
	new_sql
	pg_sql "$PG_DB" "CREATE TABLE extra (id int); INSERT INTO extra VALUES (1); ANALYZE extra"
	want 2 diff "$DATABASE_URL" new.sql -o json
	[ "$(of 'DROP TABLE' risk)" = high ]
	[ "$(json 'd["risk"]')" = low ]
	want 2 diff "$DATABASE_URL" new.sql --allow-destructive -o json
	[ "$(json 'd["risk"]')" = high ]
	want 2 diff "$DATABASE_URL" new.sql
	[ "$(grep -B1 '^-- DROP TABLE' .out | head -1)" = "-- note: the table's rows are lost, and whoever still uses it fails" ]
}

@test "drift: what undoes it, judged on the database that has drifted" {
	migration V001__orders.sql "CREATE TABLE orders (id bigint PRIMARY KEY, total bigint NOT NULL, state text);
CREATE INDEX orders_state ON orders (state);"
	w up -q
	pg_sql "$PG_DB" "INSERT INTO orders SELECT i, i, 'new' FROM generate_series(1, 50000) i; DROP INDEX orders_state;
		ALTER TABLE orders ALTER COLUMN total DROP NOT NULL; ANALYZE orders"
	want 1 drift -o json --no-indexes
	[ "$(json '[[s["lock"], s["scans"], s["rows"]] for s in d["steps"]]')" = '[["ACCESS EXCLUSIVE", true, 50000], ["SHARE", true, 50000]]' ]
	[ "$(json '[x["rule"] for s in d["steps"] for x in s["safe"]]')" = '["set-not-null", "index-concurrently"]' ]
	want 1 drift --no-indexes
	has "$out" '^-- undoes it$'
	has "$out" '^-- low risk: SHARE on public.orders; blocks writers; reads the whole table'
	sed -n '/^BEGIN;$/,/^COMMIT;$/p' .out >undo.sql
	psql -X -q -v ON_ERROR_STOP=1 -d "$(pg_url "$PG_DB")" -f undo.sql
	want 0 drift --no-indexes
	pg_sql "$PG_DB" "DROP INDEX orders_state"
	want 1 drift --no-indexes -o markdown
	has "$out" '^\| 1\.1 \| CREATE INDEX orders\\_state'
}

@test "SQLite: the lock, sizes, and the shell still runs it" {
	unset DATABASE_URL
	lite "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); CREATE TABLE gone (x);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, 'a' FROM n"
	echo "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER); CREATE TABLE u (x); CREATE INDEX t_a ON t (a);" >new.sql
	want 2 diff sqlite:app.db new.sql -o json
	# A table that is built anew loses no rows; one that goes does.
	[ "$(json '[[s["object"], s["lock"], s["risk"], s["notes"] == []] for s in d["steps"] if "DROP TABLE" in s["sql"]]')" = '[["gone", "WRITE", "medium", false], ["t", "WRITE", "low", true]]' ]
	[ "$(json 'd["risk"]')" = low ]
	want 2 diff sqlite:app.db new.sql
	has "$out" '^-- low risk: WRITE on t'
	sed -n '/^\.bail/,$p' .out >diff.sql
	sqlite3 app.db <diff.sql
	[ "$(lite "SELECT count(*) FROM t")" = 5000 ]
	want 2 diff sqlite:app.db new.sql --sql # the table that would be dropped is still there
	[ "$(grep -vE '^(--|\.bail|BEGIN|COMMIT|PRAGMA)' .out | grep -c .)" = 0 ]
}
