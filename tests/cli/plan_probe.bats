#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# plan --probe: what the catalog leaves open is tried on an empty copy of the table, and nothing of it stays.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	pg_database
	export DATABASE_URL=$PG_URL
	# Which of the two is called, and so whether it is volatile, the names alone do not say.
	pg_sql "$PG_DB" "CREATE TABLE orders (id bigint PRIMARY KEY, total int CHECK (total > 0), state text);
		CREATE INDEX orders_state ON orders (state);
		INSERT INTO orders SELECT i, i, 'new' FROM generate_series(1, 50000) i;
		CREATE FUNCTION pick() RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN 4; END';
		CREATE FUNCTION pick(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 4';
		ANALYZE orders"
}

teardown() {
	pg_database_drop
	case_teardown
}


answers() { # N: of the N-th step
	json "[d['steps'][$1 - 1][k] for k in ('rewrites', 'scans', 'probed')]"
}

@test "what the catalog leaves open, a copy decides" {
	migration V001__pick.sql "ALTER TABLE orders ADD COLUMN a int DEFAULT pick();
ALTER TABLE orders ADD COLUMN b int DEFAULT pick(1);
ALTER TABLE orders ADD COLUMN c int;"
	want 0 plan -o json
	[ "$(answers 1)" = '[null, null, false]' ]
	[ "$(json 'd["steps"][1]["rewrites"]')" = null ]
	want 0 plan --probe -o json
	[ "$(answers 1)" = '[true, true, true]' ]
	[ "$(answers 2)" = '[false, false, true]' ]
	# Nothing was open.
	[ "$(answers 3)" = '[false, false, false]' ]
	[ "$(json '[d["steps"][0]["rows"], d["steps"][0]["estimate_ms"] > 0]')" = '[50000, true]' ]
	has "$(json 'd["steps"][0]["notes"]')" 'probed on an empty copy: it writes the whole table anew'
	has "$(json 'd["steps"][1]["notes"]')" 'probed on an empty copy: it goes through no rows'
	# It is as it says.
	before=$(pg_sql "$PG_DB" "SELECT pg_relation_filenode('orders')")
	pg_sql "$PG_DB" "ALTER TABLE orders ADD COLUMN b int DEFAULT pick(1)"
	[ "$(pg_sql "$PG_DB" "SELECT pg_relation_filenode('orders')")" = "$before" ]
	pg_sql "$PG_DB" "ALTER TABLE orders ADD COLUMN a int DEFAULT pick()"
	[ "$(pg_sql "$PG_DB" "SELECT pg_relation_filenode('orders')")" != "$before" ]
}

@test "a function in SQL that is called volatile: its body decides, as the server does" {
	pg_sql "$PG_DB" "CREATE FUNCTION four() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 4';
		CREATE FUNCTION dice() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT (random() * 5)::int + 1'"
	migration V001__pick.sql "ALTER TABLE orders ADD COLUMN a int DEFAULT four();
ALTER TABLE orders ADD COLUMN b int DEFAULT dice();"
	want 0 plan -o json
	[ "$(json '[s["rewrites"] for s in d["steps"]]')" = '[null, null]' ]
	want 0 plan --probe -o json
	[ "$(json '[s["rewrites"] for s in d["steps"]]')" = '[false, true]' ]
}

@test "later statements are tried on the table as earlier ones leave it" {
	migration V001__two.sql "ALTER TABLE orders ADD COLUMN x int;
ALTER TABLE ONLY public.orders RENAME COLUMN total TO sum;
ALTER TABLE orders ALTER COLUMN x SET DEFAULT 3, ADD COLUMN y int DEFAULT pick(1);"
	want 0 plan --probe -o json
	[ "$(answers 3)" = '[null, null, false]' ] # a rename is not repeated on a copy
	has "$(json 'd["steps"][2]["notes"]')" 'not probed'
	migration V001__two.sql "ALTER TABLE orders ADD COLUMN x int;
ALTER TABLE orders ALTER COLUMN x SET DEFAULT 3, ADD COLUMN y int DEFAULT pick(1);"
	want 0 plan --probe -o json
	[ "$(answers 2)" = '[false, false, true]' ]
}

@test "nothing stays, nobody is kept waiting, and what cannot be tried stays unknown" {
	migration V001__pick.sql "ALTER TABLE orders ADD COLUMN a int DEFAULT pick();
ALTER TABLE orders ADD COLUMN b int DEFAULT missing(1);"
	before=$(pg_sql "$PG_DB" "SELECT md5(string_agg(c::text, ',' ORDER BY oid)) FROM pg_class c WHERE oid >= 16384 AND relnamespace = 'public'::regnamespace")
	want 0 plan --probe -o json
	[ "$(answers 2)" = '[null, null, false]' ]
	has "$(json 'd["steps"][1]["notes"]')" 'could not be probed: .*missing'
	[ "$(pg_sql "$PG_DB" "SELECT md5(string_agg(c::text, ',' ORDER BY oid)) FROM pg_class c WHERE oid >= 16384 AND relnamespace = 'public'::regnamespace")" = "$before" ]
	[ "$(pg_sql "$PG_DB" "SELECT count(*) FROM pg_class WHERE relname = 'orders'")" = 1 ]
	# A table that somebody has locked away is not waited for.
	mkfifo hold
	psql -X -q -d "$(pg_url "$PG_DB")" <hold >/dev/null &
	holder=$!
	exec 8>hold
	echo "BEGIN; LOCK TABLE orders;" >&8
	for _ in {1..100}; do
		[ "$(pg_sql "$PG_DB" "SELECT count(*) FROM pg_locks WHERE relation = 'orders'::regclass AND mode = 'AccessExclusiveLock'")" = 0 ] || break
		sleep 0.1
	done
	want 0 plan --probe -o json
	exec 8>&-
	wait "$holder"
	[ "$(answers 1)" = '[null, null, false]' ]
	has "$(json 'd["steps"][0]["notes"]')" 'could not be probed: .*lock timeout'
}

@test "without --probe nothing is tried, and a role without the right to is told" {
	migration V001__pick.sql "ALTER TABLE orders ADD COLUMN a int DEFAULT pick();"
	pg_sql "$PG_DB" "REVOKE TEMPORARY ON DATABASE \"$PG_DB\" FROM PUBLIC; CREATE ROLE looker3 LOGIN; GRANT SELECT ON orders TO looker3"
	DATABASE_URL=$(printf '%s' "$DATABASE_URL" | sed 's/user=[a-z]*/user=looker3/')
	want 0 plan --probe -o json
	[ "$(answers 1)" = '[null, null, false]' ]
	has "$(json 'd["steps"][0]["notes"]')" 'could not be probed: permission denied'
	pg_sql "$PG_DB" "DROP OWNED BY looker3; DROP ROLE looker3"
}
