#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# drift: what a database is beside what its applied migrations have made, known from a kept snapshot or by running them
# again; alerts; runs that are under way.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	export TMPDIR=$HOME/tmp # other clones' tests have folders in /tmp
	mkdir "$TMPDIR"
	export DATABASE_URL=sqlite:app.db
	migration V001__users.sql "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);"
	migration V002__index.sql "CREATE INDEX users_email ON users (email);"
	migration R__active.sql "DROP VIEW IF EXISTS active; CREATE VIEW active AS SELECT id FROM users;"
}

teardown() {
	pg_database_drop
	case_teardown
}

no_leftovers() {
	[ -z "$(ls "$TMPDIR")" ] || { ls "$TMPDIR" && return 1; }
}

@test "a freshly migrated database has not drifted, replayed or kept" {
	w up -q
	want 0 drift
	has "$out" '^No drift: sqlite:app.db is as expected \(migrations, up to 002\)'
	[ -z "$(lite "SELECT name FROM sqlite_schema WHERE name LIKE '%snapshot%'")" ]
	echo 'snapshots: true' >whimbrel.yaml
	migration V003__more.sql "CREATE TABLE more (x TEXT);"
	w up -q
	want 0 drift
	has "$out" 'the snapshot of version 003, taken 2'
	want 0 drift --replay
	has "$out" 'migrations, up to 003'
	no_leftovers
}

@test "what was changed by hand is told, with the SQL that undoes it" {
	w up -q
	lite "ALTER TABLE users ADD COLUMN phone TEXT; DROP INDEX users_email; CREATE TABLE extra (x); DROP VIEW active"
	want 2 -o json drift
	[ "$(json 'sorted([x["type"], x["kind"], x["object"]] for x in d["differences"])')" = '[["missing", "index", "users.users_email"], ["missing", "view", "active"], ["unexpected", "column", "users.phone"], ["unexpected", "table", "extra"]]' ]
	[ "$(json '[d["different"], d["critical"], d["version"], d["expected"]]')" = '[true, true, "002", "migrations, up to 002"]' ]
	want 2 drift
	has "$out" '^-- undoes it$'
	has "$out" '^CREATE INDEX "users_email"'
	has "$out" '^-- DROP TABLE "extra"'
	want 2 -o markdown drift
	has "$out" '^\| table \| extra \| unexpected \| critical \|$'
	want 2 -o junit drift
	has "$out" '<testsuite name="whimbrel drift main" tests="4" failures="4">'
	has "$out" '<testcase classname="main" name="index users.users_email drift">'
	want 2 -o github drift
	has "$out" '^::error title=whimbrel drift::index users.users_email: missing$'
}

@test "GitHub: annotations, and a page of the step's own; indexes are warnings there, and no test's failure" {
	migration V003__towns.sql "CREATE TABLE towns (id INTEGER PRIMARY KEY, u INTEGER REFERENCES users (id));"
	w up -q
	want 0 -o github drift
	has "$out" '^::warning title=whimbrel index::towns.FOREIGN KEY \(u\) REFERENCES users \(id\): foreign key without index'
	want 0 -o github drift --no-indexes
	[ "$out" = '::notice title=whimbrel::no drift' ]
	want 0 -o junit drift
	has "$out" 'tests="1" failures="0"'
	lite "DROP INDEX users_email"
	echo 'from before' >summary.md
	GITHUB_STEP_SUMMARY=$PWD/summary.md want 1 -o github drift
	has "$(cat summary.md)" '^from before$'
	has "$(cat summary.md)" '^### Drift of sqlite:app\.db$'
	has "$(cat summary.md)" '^\| index \| users.users\\_email \| missing \| high \|$'
	has "$(cat summary.md)" '^#### Indexes$'
	GITHUB_STEP_SUMMARY=$PWD/no/such/folder want 65 -o github drift
	want 1 -o markdown drift
}

@test "later files and files left out are pending, not drift" {
	w up -q --to 001
	want 0 drift
	has "$out" 'up to 001'
	migration V003__third.sql "CREATE TABLE third (x TEXT);"
	want 0 drift
	lite "CREATE TABLE third (x TEXT)"
	want 2 drift
	has "$out" 'third'
}

@test "against a snapshot file, a folder or another database" {
	w up -q
	w --file schema.snapshot snapshot
	want 0 drift --expected schema.snapshot
	want 0 drift --expected migrations
	cp app.db other.db
	want 0 drift --expected sqlite:other.db
	lite "ALTER TABLE users ADD COLUMN phone TEXT"
	want 2 drift --expected schema.snapshot
	want 64 drift --expected nowhere
	has "$err" 'nowhere'
}

@test "alerts are opened once and resolved when the difference is gone" {
	w up -q
	want 0 drift --record
	[ -z "$(lite "SELECT name FROM sqlite_schema WHERE name LIKE '%alerts%'")" ]
	lite "DROP INDEX users_email"
	want 1 drift --record
	has "$out" '1 alert opened, 0 alerts resolved'
	want 1 -o json drift --record
	[ "$(json 'd["alerts"]')" = '{"opened": 0, "resolved": 0}' ]
	[ "$(lite "SELECT drift_type, object, severity, resolved_at IS NULL FROM whimbrel_schema_drift_alerts")" = 'missing_index|users.users_email|high|1' ]
	lite "CREATE INDEX users_email ON users (email)"
	want 0 drift --record
	has "$out" '0 alerts opened, 1 alert resolved'
	[ "$(lite "SELECT count(*), count(resolved_at) FROM whimbrel_schema_drift_alerts")" = '1|1' ]
	lite "DROP INDEX users_email"
	want 1 drift --record
	[ "$(lite "SELECT count(*), count(resolved_at) FROM whimbrel_schema_drift_alerts")" = '2|1' ]
}

@test "an alert about what was not looked at stays open" {
	w up -q
	lite "DROP INDEX users_email; ALTER TABLE users ADD COLUMN phone TEXT"
	want 2 drift --record
	[ "$(lite "SELECT count(*) FROM whimbrel_schema_drift_alerts")" = 2 ]
	want 1 drift --record --ignore 'column users.phone'
	want 0 drift --record --ignore users
	[ "$(lite "SELECT count(*) - count(resolved_at) FROM whimbrel_schema_drift_alerts")" = 2 ]
	lite "CREATE INDEX users_email ON users (email)"
	want 0 drift --record --ignore 'column *.phone'
	has "$out" '0 alerts opened, 1 alert resolved'
	[ "$(lite "SELECT object FROM whimbrel_schema_drift_alerts WHERE resolved_at IS NULL")" = users.phone ]
}

@test "drift that is wanted is kept as what to expect" {
	w up -q
	lite "CREATE TABLE wanted (x TEXT)"
	want 2 drift
	want 0 drift --store
	want 0 drift
	has "$out" 'the snapshot of version 002'
	want 2 drift --replay
	lite "DROP TABLE wanted"
	want 2 drift
	has "$out" 'wanted'
}

@test "a run does not take drift as what to expect" {
	echo 'snapshots: true' >whimbrel.yaml
	w up -q
	lite "CREATE TABLE sneaky (x TEXT)"
	migration V003__more.sql "CREATE TABLE more (x TEXT);"
	want 0 up -q
	want 0 up
	lacks "$err" 'changed since its last snapshot'
	[ "$(lite "SELECT group_concat(version) FROM whimbrel_schema_snapshots")" = 002 ]
	want 2 drift
	has "$out" 'sneaky'
	lite "DROP TABLE sneaky"
	want 0 drift
	lite "CREATE INDEX users_id ON users (id)"
	want 0 drift --store
	lite "DROP INDEX users_id"
	migration V004__again.sql "CREATE TABLE again (x TEXT);"
	want 0 up
	has "$err" 'changed since its last snapshot, so none is kept'
}

@test "pasting what undoes drift fails nowhere, also where the part that destroys is left out" {
	w up -q
	lite "CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END; DROP INDEX users_email"
	w --file schema.snapshot snapshot
	lite "ALTER TABLE users ADD COLUMN phone TEXT; CREATE INDEX users_email ON users (email)"
	want 2 drift --expected schema.snapshot
	printf '%s\n' "$out" | sed -n '/^-- undoes it/,$p' | sqlite3 -bail app.db
	[ "$(lite "SELECT group_concat(name) FROM sqlite_schema WHERE type = 'trigger'")" = t ]
	[ "$(lite "SELECT count(*) FROM pragma_table_info('users') WHERE name = 'phone'")" = 1 ]
}

@test "nothing applied, a missing file, an edited one: it is said" {
	sqlite3 app.db "CREATE TABLE x (y)"
	want 4 drift
	has "$err" 'nothing has been applied here'
	rm app.db
	w up -q
	rm migrations/V001__users.sql
	want 4 drift
	has "$err" 'version 001 is applied, but migrations has no file of it'
	no_leftovers
}

@test "PostgreSQL: found, undone by its SQL, and gone" {
	pg_database
	export DATABASE_URL=$PG_URL
	migration V001__users.sql "CREATE SCHEMA app; CREATE TABLE app.users (id bigint PRIMARY KEY, email text NOT NULL);"
	migration V002__index.sql "CREATE INDEX users_email ON app.users (email);"
	migration R__active.sql "CREATE OR REPLACE VIEW app.active AS SELECT id FROM app.users;"
	w up -q
	want 0 drift
	pg_sql "$PG_DB" "DROP INDEX app.users_email; ALTER TABLE app.users ALTER email DROP NOT NULL"
	want 1 drift --record
	has "$out" 'index +app.users.users_email'
	[ "$(pg_sql "$PG_DB" "SELECT string_agg(drift_type, ' ' ORDER BY drift_type) FROM whimbrel.schema_drift_alerts")" = 'missing_index nullable_mismatch' ]
	want 1 drift
	printf '%s\n' "$out" | sed -n '/^-- undoes it/,$p' >undo.sql
	pg_sql "$PG_DB" "$(cat undo.sql)"
	want 0 drift --record
	has "$out" '2 alerts resolved'
	wait_gone pg_sql postgres "SELECT datname FROM pg_database WHERE datname LIKE 'whimbrel_scratch%'"
}

@test "PostgreSQL: a run that is under way is waited for" {
	pg_database
	export DATABASE_URL=$PG_URL
	migration V001__users.sql "CREATE TABLE users (id bigint PRIMARY KEY);"
	rm migrations/V002__index.sql migrations/R__active.sql
	w up -q
	migration V002__slow.sql "CREATE TABLE slow (x int); SELECT pg_sleep(3);"
	"$W" up -q >/dev/null 2>&1 &
	run=$!
	for _ in $(seq 50); do
		if "$W" locks 2>/dev/null | grep -q session; then break; fi
		sleep 0.1
	done
	want 5 drift --timeout 200ms
	has "$err" 'migrations are running'
	want 0 drift
	has "$out" 'up to 002'
	wait "$run"
}

# ---- before a run ----

# Where something was changed by hand, `up` refuses and names it; undone, or taken as it is, it goes on.
gate() { # SQL, of the engine at hand
	echo 'drift_gate: true' >whimbrel.yaml
	want 0 up -q --to 001
	migration V003__more.sql "CREATE TABLE more (x integer);"
	"$1" "ALTER TABLE users ADD COLUMN phone TEXT; CREATE INDEX by_hand ON users (phone)"
	want 4 up -o json
	[ "$(json 'd["error"]["code"]')" = WB_EREFUSED ]
	has "$(json 'd["error"]["message"]')" 'the database has drifted: it differs from the snapshot of version 001'
	has "$(json 'd["error"]["detail"]')" 'column (public\.)?users\.phone: unexpected; index (public\.)?users\.by_hand: unexpected'
	has "$(json 'd["error"]["hint"]')" 'drift --store'
	want 0 status -o json
	[ "$(json '[len(d["applied"]), len(d["pending"])]')" = "$2" ]
	WHIMBREL_DRIFT_GATE=false want 4 drift --gate
	want 2 drift
	want 2 drift --sql --allow-destructive
	"$1" "$(sed '/^\.bail on$/d' <<<"$out")"
	want 0 drift --gate
	want 0 up -q
	want 0 drift
	# Nothing to do: nothing is looked at.
	"$1" "CREATE TABLE unseen (x integer)"
	want 0 up
	has "$out" 'Nothing to apply'
	migration V004__last.sql "CREATE TABLE last (x integer);"
	want 4 up
	want 0 up --dry-run
	want 0 drift --store
	want 0 up -q
	want 0 drift
	has "$out" 'version 004'
}

@test "drift_gate: up refuses a database that has drifted" {
	rm migrations/R__active.sql
	gate lite '[1, 2]'
}

pg_here() { pg_sql "$PG_DB" "$1"; }

@test "PostgreSQL: drift_gate: up refuses a database that has drifted" {
	pg_database
	export DATABASE_URL=$PG_URL
	rm migrations/R__active.sql
	gate pg_here '[1, 2]'
}

@test "drift_gate: a first run, one without a snapshot, one that failed, and what does not count" {
	lite "CREATE TABLE before (x)"
	want 0 drift --gate
	want 4 drift
	echo 'drift_gate: true' >whimbrel.yaml
	want 0 up -q --to 001
	migration V003__fails.sql $'-- migrate:up transaction:false\nCREATE TABLE half (x TEXT);\nINSERT INTO nowhere VALUES (1);'
	want 3 up
	want 4 drift --gate
	migration V003__fails.sql $'-- migrate:up transaction:false\nCREATE TABLE half (x TEXT);\nCREATE TABLE whole (x TEXT);'
	want 0 up -q
	want 0 drift
	lite "CREATE TABLE tmp_one (x); DELETE FROM whimbrel_schema_snapshots"
	migration V004__more.sql "CREATE TABLE more (x TEXT);"
	want 0 up
	has "$err" 'no snapshot was kept of version 003'
	printf 'drift_gate: true\ndatabases:\n  main: { ignore: ["tmp_*"] }\n' >whimbrel.yaml
	lite "DROP TABLE tmp_one; CREATE TABLE tmp_two (x)"
	migration V005__more.sql "CREATE TABLE more5 (x TEXT);"
	want 0 up
	lite "CREATE TABLE real (x)"
	migration V006__more.sql "CREATE TABLE more6 (x TEXT);"
	want 4 up
	WHIMBREL_DRIFT_GATE=off want 0 up
}

# ---- drift that becomes a migration ----

@test "what somebody did by hand becomes a migration that is recorded here and run elsewhere" {
	rm migrations/R__active.sql
	w up -q
	cp app.db other.db
	lite "ALTER TABLE users ADD COLUMN phone TEXT; CREATE TABLE extra (i INTEGER); INSERT INTO extra VALUES (1)"
	want 64 diff migrations --applied
	want 64 diff migrations sqlite:app.db --write 'by hand' --applied
	want 64 diff sqlite:other.db --write 'by hand' --applied
	want 0 diff migrations --write 'by hand' --applied
	[ "$out" = migrations/V003__by_hand.sql ]
	has "$err" 'recorded as applied here'
	want 0 drift
	want 0 validate
	want 0 up
	has "$out" 'Nothing to apply'
	[ "$(lite "SELECT i FROM extra; SELECT result, reason FROM whimbrel_migration_history ORDER BY id DESC LIMIT 1")" = $'1\nok|written from what this database has' ]
	want 0 history
	want 0 --url sqlite:other.db up
	want 0 diff sqlite:other.db
	want 0 down
	[ "$(lite "SELECT count(*) FROM pragma_table_info('users')")" = 2 ]
	want 0 drift
}

@test "PostgreSQL: drift that becomes a migration; not while others are pending" {
	pg_database
	export DATABASE_URL=$PG_URL
	rm migrations/R__active.sql
	echo 'snapshots: true' >whimbrel.yaml
	w up -q --to 001
	pg_here "CREATE TABLE extra (i integer)"
	want 4 diff migrations --write 'by hand' --applied --allow-destructive
	has "$err" 'V002__index.sql is not applied yet'
	[ ! -e migrations/V003__by_hand.sql ]
	pg_here "DROP TABLE extra"
	w up -q
	pg_here "CREATE TABLE extra (i integer)"
	want 2 drift
	want 0 diff migrations --write 'by hand' --applied
	want 0 drift
	has "$out" 'the snapshot of version 003'
	want 0 drift --replay
}
