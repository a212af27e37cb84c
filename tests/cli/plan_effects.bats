#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# plan: what each step locks, whom it blocks, what it rewrites and scans, how long and how risky that is, on this database.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	pg_database
	export DATABASE_URL=$PG_URL
	pg_sql "$PG_DB" "CREATE TABLE customer (id bigint PRIMARY KEY, note varchar(20));
		CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, total int, state text);
		INSERT INTO orders SELECT i, i, i, 'new' FROM generate_series(1, 100000) i;
		CREATE FUNCTION dice() RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN 4; END';
		ANALYZE orders, customer"
}

teardown() {
	pg_database_drop
	case_teardown
}

# step N KEY: of the plan in $out.
step() {
	json "d['steps'][$1 - 1]['$2']"
}

@test "locks, work and sizes come from the database" {
	migration V001__change.sql "-- migrate:up
ALTER TABLE orders ADD COLUMN at timestamptz DEFAULT now();
ALTER TABLE orders ADD COLUMN luck int DEFAULT dice();
ALTER TABLE orders ALTER COLUMN total TYPE bigint;
ALTER TABLE customer ALTER COLUMN note TYPE varchar(40);
ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customer;
CREATE INDEX orders_state ON orders (state);
-- migrate:down
SELECT 1;"
	want 0 plan -o json
	[ "$(json '[s["lock"] for s in d["steps"]]')" = '["ACCESS EXCLUSIVE", "ACCESS EXCLUSIVE", "ACCESS EXCLUSIVE", "ACCESS EXCLUSIVE", "SHARE ROW EXCLUSIVE", "SHARE"]' ]
	[ "$(json '[s["blocks"] for s in d["steps"]]')" = '["reads", "reads", "reads", "reads", "writes", "writes"]' ]
	[ "$(json '[s["rewrites"] for s in d["steps"]]')" = '[false, true, true, false, false, false]' ]
	[ "$(json '[s["scans"] for s in d["steps"]][4:]')" = '[true, true]' ]
	[ "$(json '[d["steps"][0]["bytes"], d["steps"][0]["estimate_ms"]]')" = '[0, 0]' ]
	[ "$(json 'd["steps"][2]["rows"]')" = 100000 ]
	[ "$(json 'd["steps"][2]["bytes"] > 4000000 and d["steps"][2]["estimate_ms"] > 0')" = true ]
	[ "$(json '[[l["relation"], l["lock"]] for l in d["steps"][4]["locks"]]')" = '[["public.orders", "SHARE ROW EXCLUSIVE"], ["public.customer", "SHARE ROW EXCLUSIVE"]]' ]
	[ "$(json 'd["estimate_ms"] == sum(s["estimate_ms"] for s in d["steps"])')" = true ]
	[ "$(json 'd["requires_downtime"]')" = false ]
	[ "$(json '[s["reversible"] for s in d["steps"]][0]')" = true ]
	want 0 plan
	has "$out" 'ACCESS EXCLUSIVE on public.orders; blocks readers and writers; writes the whole table, [0-9.]+ MB, 100000 rows, about'
	has "$out" '^Risk: '
	want 0 plan -o markdown
	has "$out" '^\*\*Risk: '
	has "$out" '^\| 001.5 \| ALTER TABLE orders ADD FOREIGN KEY .* SHARE ROW EXCLUSIVE on public.customer'
	[ -z "$(pg_sql "$PG_DB" "SELECT nspname FROM pg_namespace WHERE nspname = 'whimbrel'")" ]
}

@test "what an earlier step made is nobody's business; what is dropped is told" {
	migration V001__made.sql "CREATE TABLE fresh (id int PRIMARY KEY, x int);
INSERT INTO fresh SELECT i FROM generate_series(1, 10) i;
CREATE INDEX ON fresh (x);
ALTER TABLE fresh ALTER COLUMN x TYPE bigint;
DROP TABLE fresh;"
	want 0 plan -o json
	[ "$(json '[[s["risk"] for s in d["steps"]], d["risk"]]')" = '[["low", "low", "low", "low", "low"], "low"]' ]
	[ "$(json '[s["locks"] for s in d["steps"]]')" = '[[], [], [], [], []]' ]
	migration V002__drop.sql "DROP TABLE orders;
ALTER TABLE customer RENAME COLUMN note TO remark;"
	want 0 plan -o json
	[ "$(json '[[s["risk"] for s in d["steps"]][5:], d["risk"]]')" = '[["high", "medium"], "high"]' ]
	has "$(json 'd["steps"][5]["notes"]')" "rows are lost"
	has "$(json 'd["steps"][6]["notes"]')" "old name fails"
}

@test "what cannot be known is unknown, not guessed" {
	migration V001__call.sql "DO \$\$ BEGIN PERFORM 1; END \$\$;"
	want 0 plan -o json
	[ "$(step 1 blocks)" = unknown ]
	[ "$(step 1 rewrites)" = null ]
	[ "$(step 1 risk)" = medium ]
	[ "$(json '[d["estimate_ms"], d["requires_downtime"]]')" = "[null, null]" ]
}

@test "a statement that makes others wait has a safer form beside it, as lint knows it" {
	migration V001__change.sql "-- migrate:up
ALTER TABLE orders ADD COLUMN luck int DEFAULT dice();
-- whimbrel:ignore index-concurrently the table is small
CREATE INDEX orders_state ON orders (state);
CREATE INDEX orders_total ON orders (total);
CREATE INDEX customer_note ON customer (note);
CREATE TABLE fresh (id int PRIMARY KEY, x int);
CREATE INDEX fresh_x ON fresh (x);
-- migrate:down
DROP INDEX orders_total;"
	want 0 plan -o json
	[ "$(json '[[x["rule"] for x in s["safe"]] for s in d["steps"]]')" = '[["add-column-volatile-default"], [], ["index-concurrently"], [], [], []]' ]
	[ "$(step 1 safe | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["safe_sql"])')" = 'ALTER TABLE orders ADD COLUMN luck int;
ALTER TABLE orders ALTER COLUMN luck SET DEFAULT dice();' ]
	[ "$(json 'd["steps"][2]["safe"][0]["safe_sql"]')" = "CREATE INDEX CONCURRENTLY orders_total ON orders (total);" ]
	[ -n "$(json 'd["steps"][2]["safe"][0]["message"]')" ]
	# The same words as lint has for it.
	want 1 lint -o json
	[ "$(json '[f["safe_sql"] for f in d["findings"] if f["rule"] == "index-concurrently" and f["severity"] == "error"]')" = '["CREATE INDEX CONCURRENTLY orders_total ON orders (total);"]' ]
	want 0 plan
	has "$out" '^                 add the column without it'
	has "$out" '^                 ALTER TABLE orders ADD COLUMN luck int;$'
	want 0 plan -o markdown
	has "$out" '^#### Safer$'
	has "$out" '^\*\*001.3\*\* writes to orders \(100,000 rows\) wait until the index is built: .* \(`index-concurrently`\)$'
	has "$out" '^CREATE INDEX CONCURRENTLY orders_total ON orders \(total\);$'
	printf 'lint:\n  rules:\n    index-concurrently: off\n' >whimbrel.yaml
	want 0 plan -o json
	[ "$(json '[[x["rule"] for x in s["safe"]] for s in d["steps"]][2]')" = '[]' ]
	# The way back has its own.
	rm whimbrel.yaml
	want 0 up -q
	want 0 plan --down -o json
	[ "$(json '[x["safe_sql"] for x in d["steps"][0]["safe"]]')" = '["DROP INDEX CONCURRENTLY orders_total;"]' ]
}

@test "SQLite: safer forms, too" {
	export DATABASE_URL=sqlite:app.db
	lite "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)"
	migration V001__n.sql "ALTER TABLE t ADD COLUMN n TEXT NOT NULL;"
	want 0 plan -o json
	[ "$(json '[x["rule"] for x in d["steps"][0]["safe"]]')" = '["sqlite-add-not-null"]' ]
}

@test "a lock that an earlier statement keeps makes others wait for a later one" {
	migration V001__both.sql "ALTER TABLE orders ADD COLUMN a int;
CREATE INDEX orders_state ON orders (state);"
	want 0 plan -o json
	[ "$(json '["meanwhile public.orders stays locked against readers and writers, since 001.1" in s["notes"] for s in d["steps"]]')" = '[false, true]' ]
	[ "$(step 2 blocks)" = writes ]
	migration V001__both.sql "-- migrate:up transaction:false
ALTER TABLE orders ADD COLUMN a int;
CREATE INDEX orders_state ON orders (state);"
	want 0 plan
	lacks "$out" 'meanwhile'
}

# in_transaction SQL: runs it in a transaction that stays open until the test lets it go, with `let_go`.
in_transaction() {
	mkfifo hold
	psql -X -q -A -t -d "$(pg_url "$PG_DB")" <hold >/dev/null &
	holder=$!
	exec 8>hold
	echo "BEGIN; $1;" >&8
	for _ in {1..100}; do
		[ "$(pg_sql "$PG_DB" "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.datname = '$PG_DB' AND a.state = 'idle in transaction' AND l.relation = 'orders'::regclass")" = 0 ] || return 0
		sleep 0.1
	done
	return 1
}

let_go() {
	exec 8>&-
	rm -f hold
	wait "$holder"
}

@test "an open transaction that it would wait for, how much a table is used, who publishes it" {
	migration V001__type.sql "ALTER TABLE orders ALTER COLUMN total TYPE bigint;
ALTER TABLE orders ALTER COLUMN customer TYPE numeric;"
	in_transaction "SELECT count(*) FROM orders"
	want 0 plan -o json
	has "$(json 'd["steps"][0]["notes"]')" 'session [0-9]+ \(idle in transaction\) holds ACCESS SHARE on public.orders, its transaction open for [^:]+: it would wait for that'
	lacks "$(json 'd["steps"][1]["notes"]')" 'session'
	# Readers are no obstacle to an index, writers are.
	migration V001__type.sql "CREATE INDEX orders_total ON orders (total);"
	want 0 plan
	lacks "$out" 'it would wait for that'
	let_go
	in_transaction "UPDATE orders SET total = 1 WHERE id = 1"
	want 0 plan
	has "$out" 'holds ROW EXCLUSIVE on public.orders'
	# What the role may not see is not guessed.
	pg_sql "$PG_DB" "CREATE ROLE looker2 LOGIN"
	DATABASE_URL=$(printf '%s' "$DATABASE_URL" | sed 's/user=[a-z]*/user=looker2/') want 0 plan
	has "$out" 'session [0-9]+ holds ROW EXCLUSIVE on public.orders, since when the role may not see'
	pg_sql "$PG_DB" "DROP ROLE looker2"
	let_go
	pg_sql "$PG_DB" "SELECT pg_stat_reset(); SELECT pg_sleep(1); INSERT INTO orders SELECT i, i FROM generate_series(200001, 300000) i" >/dev/null
	sleep 2
	want 0 plan
	has "$out" 'public.orders is written about [0-9]+ times a second, on average'
	pg_sql "$PG_DB" "CREATE PUBLICATION feed FOR TABLE orders" 2>/dev/null
	migration V001__type.sql "ALTER TABLE orders ADD COLUMN a int; CREATE INDEX orders_total ON orders (total);"
	want 0 plan -o json
	[ "$(json '["is published (feed)" in " ".join(s["notes"]) for s in d["steps"]]')" = '[true, false]' ]
}

@test "a role that may only read, and a table that it may not see" {
	migration V001__type.sql "ALTER TABLE orders ALTER COLUMN total TYPE bigint;"
	pg_sql "$PG_DB" "CREATE ROLE looker LOGIN; GRANT CONNECT ON DATABASE $PG_DB TO looker"
	DATABASE_URL=$(printf '%s' "$DATABASE_URL" | sed 's/user=[a-z]*/user=looker/') want 0 plan -o json
	[ "$(step 1 rewrites)" = true ]
	pg_sql "$PG_DB" "DROP OWNED BY looker; DROP ROLE looker"
}

@test "a thousand pending files are planned in one go" {
	mkdir -p migrations
	for i in $(seq -w 1 1000); do
		printf 'CREATE TABLE t%s (id int PRIMARY KEY);\nALTER TABLE orders ADD COLUMN c%s int;\n' "$i" "$i" >"migrations/V${i}__t.sql"
	done
	want 0 plan -o json
	[ "$(json '[len(d["steps"]), d["risk"], d["estimate_ms"]]')" = '[2000, "low", 0]' ]
}

@test "estimates learn from what earlier statements took" {
	pg_sql "$PG_DB" "INSERT INTO orders SELECT i, i, i, repeat('new', 30) FROM generate_series(100001, 600000) i; ANALYZE orders"
	migration V001__type.sql "ALTER TABLE orders ALTER COLUMN total TYPE bigint;
ALTER TABLE orders ALTER COLUMN total TYPE numeric;"
	want 0 plan -o json
	[ "$(step 1 estimate_ms)" -gt 0 ]
	want 0 up -q
	[ "$(pg_sql "$PG_DB" "SELECT string_agg(statement || operation || work, ' ' ORDER BY id) FROM whimbrel.statement_timings")" = '1column typerewrite 2column typerewrite' ]
	[ "$(pg_sql "$PG_DB" "SELECT count(*) FROM whimbrel.statement_timings WHERE actual_ms < 1 OR bytes < 1048576 OR estimate_ms < 1")" = 0 ]
	# As if this machine were ten thousand times slower.
	pg_sql "$PG_DB" "UPDATE whimbrel.statement_timings SET actual_ms = bytes / 1048576 * 1000"
	migration V002__type.sql "ALTER TABLE orders ALTER COLUMN total TYPE bigint;"
	want 0 plan -o json
	[ "$(json 'abs(d["steps"][0]["estimate_ms"] * 1048.576 / d["steps"][0]["bytes"] - 1) < 0.1')" = true ]
	[ "$(json '[d["risk"], d["requires_downtime"]]')" = '["critical", true]' ]
	# What failed teaches nothing.
	migration V002__type.sql "ALTER TABLE orders ALTER COLUMN total TYPE bigint; SELECT 1/0;"
	w up -q || true
	[ "$(pg_sql "$PG_DB" "SELECT count(*) FROM whimbrel.statement_timings")" = 2 ]
}

@test "the sample in docs/plan.md is what the command prints" {
	WHIMBREL=$W WHIMBREL_TEST_PG=$PG_DIR python3 "$repo/tools/plan-sample" --check
}

@test "all that Mainframe KB's plan tells is there, as docs/plan.md says" {
	migration V001__one.sql "-- migrate:up
CREATE TABLE one (id int);
-- migrate:down
DROP TABLE one;"
	migration V002__two.sql "-- migrate:up
ALTER TABLE orders ADD COLUMN two int;
-- migrate:down
ALTER TABLE orders DROP COLUMN two;"
	want 0 plan -o json
	[ "$(json '[d["current"], d["target"]]')" = '[null, "002"]' ]
	[ "$(json '[[m["version"], m["description"], m["checksum"][:7]] for m in d["migrations"]]')" = '[["001", "one", "sha256:"], ["002", "two", "sha256:"]]' ]
	[ "$(json '[s["sql"] for s in d["steps"] if s["version"] == "001"]')" = '["CREATE TABLE one (id int)"]' ]
	[ "$(json '[[r["version"], r["sql"], r["source"]] for r in d["rollback"]]')" = '[["002", "ALTER TABLE orders DROP COLUMN two;", "file"], ["001", "DROP TABLE one;", "file"]]' ]
	[ "$(json '[d["estimate_ms"], d["risk"], d["requires_downtime"]]')" = '[0, "low", false]' ]
}

@test "SQLite: rows that are given or computed are nothing unknown" {
	export DATABASE_URL=sqlite:app.db
	migration V001__a.sql "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);
CREATE TABLE u (a INTEGER);
CREATE TABLE v (a INTEGER);"
	w up -q
	migration V002__b.sql "INSERT INTO t (a, b) VALUES (1, 'FROM x'), (2, abs(-1));
INSERT INTO t SELECT 3, 'x';
INSERT OR REPLACE INTO u DEFAULT VALUES;
SELECT 1;"
	want 0 plan
	lacks "$out" 'not known'
	migration V003__c.sql "INSERT INTO u SELECT t.a FROM t JOIN v ON t.a = v.a;"
	want 0 plan
	has "$out" 'not known: what its query reads'
}

@test "PostgreSQL: a syntax error is told by plan, too, with its place" {
	pg_database
	export DATABASE_URL=$PG_URL
	migration V001__a.sql "CREATE TABLE t (a int);
CREATE TABEL x (a int);"
	want 4 plan
	has "$out" 'note: up would fail: migrations/V001__a.sql:2:8: syntax error at or near "TABEL"'
	lacks "$out" 'not known'
	want 3 up
	has "$err" 'V001__a.sql:2:8: error: syntax error at or near "TABEL"'
	has "$err" '^ +2 \| CREATE TABEL x'
	has "$err" '^ +\| +\^'
	printf 'CREATE TABLE t (a int);\n' >migrations/V001__a.sql
	printf 'CREATE TABLE u (a int);\n' >migrations/V001__b.sql
	want 4 plan
	has "$out" '^Nothing would run|^Up from'
	has "$out" 'version 001 stands twice: V001__a.sql and V001__b.sql \(rename the newer one'
	lacks "$out" 'was changed'
}
