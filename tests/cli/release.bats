#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# release: the schema's next version from what has changed since the last one; what is too small, nothing, or not
# confirmed is refused; recorded is all of it or nothing.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	export DATABASE_URL=sqlite:app.db
	migration V001__users.sql "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);"
}

teardown() {
	pg_database_drop
	case_teardown
}

# The same database on the other engine.
on_postgres() {
	pg_database
	export DATABASE_URL=$PG_URL
}

# A query on the journal's tables, @ before their names.
journal() {
	if [ "$DATABASE_URL" = sqlite:app.db ]; then
		lite "${1//@/whimbrel_}"
	else
		pg_sql "$PG_DB" "${1//@/whimbrel.}"
	fi
}

# MAJOR, MINOR and PATCH, each from what it takes, and one too small refused.
sizes() {
	w up -q
	want 0 --yes release --notes 'the first one'
	has "$out" '^Released 1\.0\.0, the first: 1 migration: 001\.$'
	migration V002__phone.sql "ALTER TABLE users ADD COLUMN phone TEXT; CREATE INDEX users_phone ON users (phone);"
	w up -q
	want 4 --yes release --patch
	has "$err" '1\.0\.1 is too small for what has changed since 1\.0\.0'
	has "$err" 'release it as 1\.1\.0 \(--minor\)'
	want 0 -o json release --dry-run
	[ "$(json '[d["version"], d["previous"], d["impact"], d["needed"], d["recorded"], d["breaking"]]')" = '["1.1.0", "1.0.0", "minor", "minor", false, []]' ]
	want 0 -o json --yes release
	[ "$(json 'sorted([x["impact"], x["type"], x["kind"], x["object"].split(".")[-1]] for x in d["changes"])')" = '[["minor", "added", "column", "phone"], ["patch", "added", "index", "users_phone"]]' ]
	[ "$(json '[d["recorded"], d["migrations"]]')" = '[true, {"first": "002", "last": "002", "count": 1}]' ]
	migration V003__index.sql "DROP INDEX users_phone;"
	w up -q
	want 0 --yes release
	has "$out" '^Released 1\.1\.1 after 1\.1\.0'
	migration V004__gone.sql "ALTER TABLE users DROP COLUMN phone;"
	migration V005__strict.sql "CREATE TABLE more (x INTEGER);"
	w up -q
	want 4 --yes release --minor
	has "$err" '1\.2\.0 is too small: programs that use 1\.1\.1 may fail'
	has "$err" 'column ([a-z]+\.)?users\.phone removed: what uses it fails'
	want 4 --yes release 1.9.0
	want 4 --yes release 1.1.1
	has "$err" 'is not above 1\.1\.1'
	want 0 --yes release
	has "$out" '^Released 2\.0\.0 after 1\.1\.1: 2 migrations: 004 to 005; 2 changes of the schema, 1 breaking\.$'
	want 4 --yes release
	has "$err" 'nothing has changed since 2\.0\.0'
	want 0 release --list
	[ "$(printf '%s\n' "$out" | awk 'NR > 1 { print $1 }' | tr '\n' ' ')" = '2.0.0 1.1.1 1.1.0 1.0.0 ' ]
	want 0 -o json release --list
	[ "$(json '[[r["version"], r["impact"], len(r["breaking"]), r["notes"]] for r in d["releases"]]')" = '[["2.0.0", "major", 1, null], ["1.1.1", "patch", 0, null], ["1.1.0", "minor", 0, null], ["1.0.0", "none", 0, "the first one"]]' ]
	want 0 -o json status
	[ "$(json 'd["release"]')" = 2.0.0 ]
	want 0 history -n 1
	has "$out" 'release .*release 2\.0\.0'
}

@test "major, minor and patch, from what has changed" {
	sizes
}

@test "PostgreSQL: major, minor and patch, from what has changed" {
	on_postgres
	sizes
}

names() {
	w up -q
	w --yes release >/dev/null
	migration V002__more.sql "CREATE TABLE more (x TEXT);"
	w up -q
	w --yes release >/dev/null
	want 1 -o json diff release:1.0.0 release:latest
	[ "$(json '[[x["type"], x["kind"], x["object"].split(".")[-1]] for x in d["differences"]]')" = '[["missing", "table", "more"]]' ]
	want 0 diff release:1.1.0
	want 2 drift --expected release:1.0.0
	want 0 drift --expected release:latest
	want 0 snapshot release:1.0.0
	lacks "$out" 'more'
	want 64 diff release:9.9.9
	has "$err" 'has no schema of a release 9\.9\.9'
}

@test "the schema of a release has a name" {
	w up -q
	want 64 diff release:latest
	has "$err" 'no release is recorded in sqlite:app\.db'
	names
}

@test "PostgreSQL: the schema of a release has a name" {
	on_postgres
	names
}

@test "nothing applied, or a migration that stopped half way, is no release" {
	sqlite3 app.db "CREATE TABLE x (y)"
	want 4 --yes release
	has "$err" 'nothing has been applied here'
	want 0 release --list
	has "$out" 'No releases yet'
	[ -z "$(lite "SELECT name FROM sqlite_schema WHERE name LIKE 'whimbrel%'")" ]
	rm app.db
	migration V002__half.sql "-- migrate:up transaction:false
CREATE TABLE half (x);
SELECT nothing FROM nowhere;"
	want 3 up -q
	want 4 --yes release
	has "$err" 'migration 002 stopped half way'
}

@test "without an answer nothing is recorded; what it would be is shown" {
	w up -q
	want 4 release
	has "$err" '^The next release would be 1\.0\.0, the first'
	has "$err" 'give --yes when it is meant'
	want 4 -o json release
	[ "$(json 'd["error"]["code"]')" = WB_EREFUSED ]
	want 0 release --dry-run
	[ -z "$(lite "SELECT name FROM sqlite_schema WHERE name = 'whimbrel_schema_versions'")" ]
	printf 'yes\n' | script -qec "$W release" /dev/null >.out
	has "$(cat .out)" 'This records release 1\.0\.0'
	[ "$(lite 'SELECT version FROM whimbrel_schema_versions')" = 1.0.0 ]
}

@test "a version of one's own choice, before and after 1.0.0" {
	w up -q
	want 64 --yes release 1.0
	want 64 --yes release v1.0.0
	want 64 --yes release 1.0.0 --major
	want 0 --yes release 0.3.0
	migration V002__more.sql "CREATE TABLE more (x TEXT);"
	w up -q
	want 0 --yes release
	has "$out" '^Released 0\.3\.1 after 0\.3\.0'
	migration V003__less.sql "DROP TABLE more;"
	w up -q
	want 4 --yes release --patch
	want 0 --yes release
	has "$out" '^Released 0\.4\.0 after 0\.3\.1'
	migration V004__data.sql "INSERT INTO users VALUES (1, 'x');"
	w up -q
	want 0 --yes release --major
	has "$out" '^Released 1\.0\.0 after 0\.4\.0: 1 migration: 004; 0 changes of the schema, 0 breaking'
}

@test "rows alone are a patch, and what came by hand counts, too" {
	w up -q
	w --yes release >/dev/null
	migration V002__data.sql "INSERT INTO users VALUES (1, 'x');"
	w up -q
	want 0 --yes release
	has "$out" '^Released 1\.0\.1'
	[ "$(lite "SELECT impact FROM whimbrel_schema_versions ORDER BY id DESC LIMIT 1")" = patch ]
	lite "CREATE TABLE by_hand (x)"
	want 0 --yes release
	has "$out" '^Released 1\.1\.0 after 1\.0\.1: 0 migrations; 1 change'
}

@test "the snapshot of a release is none of what drift expects" {
	w up -q
	lite "CREATE TABLE sneaky (x)"
	want 2 drift
	w --yes release >/dev/null
	want 2 drift
	has "$out" 'sneaky'
}

@test "what does not count makes no release bigger" {
	w up -q
	w --yes release >/dev/null
	lite "CREATE TABLE tmp_x (y)"
	want 4 --yes release --ignore 'tmp_*'
	has "$err" 'nothing has changed'
	want 0 release --dry-run
}

@test "recorded is all of it or nothing" {
	w up -q
	w --yes release >/dev/null
	migration V002__more.sql "CREATE TABLE more (x TEXT);"
	w up -q
	lite "CREATE TRIGGER no BEFORE INSERT ON whimbrel_migration_history WHEN new.action = 'release'
		BEGIN SELECT RAISE(ABORT, 'no more history'); END"
	want 3 --yes release
	has "$err" 'no more history'
	[ "$(lite "SELECT (SELECT count(*) FROM whimbrel_schema_versions), (SELECT count(*) FROM whimbrel_schema_snapshots)")" = '1|1' ]
	lite "DROP TRIGGER no"
	want 0 --yes release
	[ "$(lite "SELECT release FROM whimbrel_schema_snapshots ORDER BY id DESC LIMIT 1")" = 1.1.0 ]
}

# Of several at once one is recorded, and the others find nothing changed.
at_once() {
	w up -q
	local pids=() codes=() status
	for i in 1 2 3; do
		"$W" --yes release >".out$i" 2>".err$i" </dev/null &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		status=0
		wait "$pid" || status=$?
		codes+=("$status")
	done
	[ "$(printf '%s\n' "${codes[@]}" | sort | tr '\n' ' ')" = '0 4 4 ' ] || {
		printf '%s\n' "${codes[*]}"
		cat .err?
		return 1
	}
	[ "$(cat .err? | grep -c 'nothing has changed since 1.0.0')" = 2 ]
	[ "$(journal "SELECT count(*) FROM @schema_versions")" = 1 ]
}

@test "several at once: one is recorded" {
	at_once
}

@test "PostgreSQL: several at once: one is recorded" {
	on_postgres
	at_once
}

@test "PostgreSQL: recorded is all of it or nothing" {
	on_postgres
	w up -q
	w --yes release >/dev/null
	migration V002__more.sql "CREATE TABLE more (x TEXT);"
	w up -q
	pg_sql "$PG_DB" "ALTER TABLE whimbrel.migration_history ADD CONSTRAINT no CHECK (action <> 'release') NOT VALID"
	want 3 --yes release
	[ "$(pg_sql "$PG_DB" "SELECT (SELECT count(*) FROM whimbrel.schema_versions), (SELECT count(*) FROM whimbrel.schema_snapshots)")" = '1|1' ]
	pg_sql "$PG_DB" "ALTER TABLE whimbrel.migration_history DROP CONSTRAINT no"
	want 0 --yes release
	[ "$(pg_sql "$PG_DB" "SELECT release FROM whimbrel.schema_snapshots ORDER BY id DESC LIMIT 1")" = 1.1.0 ]
}

@test "PostgreSQL: a run that is under way is waited for" {
	on_postgres
	w up -q
	migration V002__slow.sql "CREATE TABLE slow (x int); SELECT pg_sleep(3);"
	"$W" up -q >/dev/null 2>&1 &
	run=$!
	for _ in $(seq 50); do
		if "$W" locks 2>/dev/null | grep -q session; then break; fi
		sleep 0.1
	done
	want 5 --yes release --timeout 200ms
	want 0 --yes release
	has "$out" '2 migrations: 001 to 002'
	wait "$run"
}

@test "PostgreSQL: what breaks is told, and what does not" {
	on_postgres
	migration V001__users.sql "CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE t (a integer, b varchar(10), c text CHECK (c IN ('x', 'y')), d text);
CREATE VIEW v AS SELECT a, b FROM t;
CREATE FUNCTION f(x integer) RETURNS integer LANGUAGE sql AS 'SELECT x';
GRANT SELECT, INSERT ON t TO PUBLIC;"
	w up -q
	w --yes release >/dev/null
	migration V002__fine.sql "ALTER TYPE mood ADD VALUE 'happy';
DROP VIEW v;
ALTER TABLE t ALTER a TYPE bigint, ALTER b TYPE text, ADD e uuid UNIQUE, ADD f text NOT NULL DEFAULT '';
ALTER TABLE t DROP CONSTRAINT t_c_check, ADD CONSTRAINT t_c_check CHECK (c IN ('x', 'y', 'z'));
CREATE VIEW v AS SELECT a, b, e FROM t;
CREATE OR REPLACE FUNCTION f(x integer DEFAULT 1) RETURNS integer LANGUAGE sql AS 'SELECT x + 1';
GRANT UPDATE ON t TO PUBLIC;"
	w up -q
	want 0 -o json --yes release
	[ "$(json '[d["version"], d["breaking"]]')" = '["1.1.0", []]' ]
	migration V003__bad.sql "ALTER TABLE t ADD g text NOT NULL, ADD CONSTRAINT t_d CHECK (d <> '');
DROP VIEW v;
CREATE VIEW v AS SELECT a AS aa, b FROM t;
DROP FUNCTION f;
CREATE FUNCTION f(x text) RETURNS text LANGUAGE sql AS 'SELECT x';
REVOKE INSERT ON t FROM PUBLIC;
CREATE UNIQUE INDEX t_d ON t (d);"
	w up -q
	want 0 -o json --yes release
	[ "$(json '[d["version"], sorted(x.split(":")[0] for x in d["breaking"])]')" = '["2.0.0", ["column public.t.g added", "constraint public.t.t_d added", "function public.f(integer) removed", "index public.t.t_d added", "table public.t privileges", "view public.v definition"]]' ]
}

@test "PostgreSQL: a role that may not read releases still sees where the database stands" {
	on_postgres
	w up -q
	w --yes release >/dev/null
	pg_sql "$PG_DB" "DROP ROLE IF EXISTS rel_watcher; CREATE ROLE rel_watcher LOGIN; GRANT USAGE ON SCHEMA whimbrel TO rel_watcher;
		GRANT SELECT ON whimbrel.whimbrel_meta, whimbrel.schema_migrations, whimbrel.migration_steps, whimbrel.migration_dependencies,
		whimbrel.migration_runs TO rel_watcher"
	export DATABASE_URL=${PG_URL/user=postgres/user=rel_watcher}
	want 0 -o json status
	[ "$(json '[d["current"], d["release"]]')" = '["001", null]' ]
	want 0 release --list
	export DATABASE_URL=$PG_URL
	pg_sql "$PG_DB" "DROP OWNED BY rel_watcher; DROP ROLE rel_watcher"
}
