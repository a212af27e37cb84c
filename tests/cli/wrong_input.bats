#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# Wrong input, one test each: a clear error with its place and next step, the
# right exit status, and a database left as it was.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	export DATABASE_URL=sqlite:app.db
}

teardown() {
	pg_database_drop
	case_teardown
}

tables() {
	[ -s app.db ] || return 0
	lite "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'whimbrel%'"
}

# As a user without root's rights.
as_nobody() {
	chmod 755 "$HOME"
	setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent "$@"
}

@test "a folder that cannot be read" {
	mkdir migrations && chmod 700 migrations
	status=0
	out=$(as_nobody "$W" --dir migrations status 2>&1) || status=$?
	[ "$status" -eq 65 ]
	has "$out" "migrations.*(Permission denied|cannot be read)|Permission denied"
}

@test "a folder that does not exist" {
	want 64 --dir nowhere status
	has "$err" "nowhere"
	has "$err" "hint:"
}

@test "an empty file" {
	mkdir migrations && : >migrations/V001__empty.sql
	want 65 up
	has "$err" "V001__empty.sql.*empty"
	[ -z "$(tables)" ]
}

@test "a binary file" {
	mkdir migrations && head -c 4096 /dev/urandom | tr -d '\000' >migrations/V001__noise.sql && printf '\377\376\377' >>migrations/V001__noise.sql
	want 65 up
	has "$err" "V001__noise.sql:[0-9]+:[0-9]+: error:"
	[ -z "$(tables)" ]
}

@test "a NUL byte" {
	mkdir migrations && printf 'CREATE TABLE a (b int);\nSELECT \0 1;\n' >migrations/V001__nul.sql
	want 65 up
	has "$err" "V001__nul.sql:2:8: error:.*NUL"
	[ -z "$(tables)" ]
}

@test "invalid UTF-8" {
	mkdir migrations && printf "CREATE TABLE a (b int);\nINSERT INTO a VALUES ('\303\050');\n" >migrations/V001__latin.sql
	want 65 up
	has "$err" "V001__latin.sql:2:24: error:.*UTF-8"
	[ -z "$(tables)" ]
}

@test "a statement of 10 MB runs" {
	mkdir migrations
	{ printf 'CREATE TABLE big (t text);\nINSERT INTO big VALUES ('"'"; head -c 10485760 /dev/zero | tr '\0' x; printf "');\n"; } >migrations/V001__big.sql
	want 0 up
	[ "$(lite 'SELECT length(t) FROM big')" = 10485760 ]
	pg_database
	DATABASE_URL=$PG_URL want 0 up
	[ "$(pg_sql "$PG_DB" 'SELECT length(t) FROM big')" = 10485760 ]
}

@test "an identifier of 64 characters runs as the server cuts it" {
	pg_database
	name=$(printf 'a%.0s' {1..64})
	migration V001__long.sql "CREATE TABLE $name (b int); CREATE INDEX CONCURRENTLY i${name} ON $name (b);"
	DATABASE_URL=$PG_URL want 0 up
	[ "$(pg_sql "$PG_DB" "SELECT count(*) FROM pg_class WHERE relname = '${name:0:63}'")" = 1 ]
}

@test "an unterminated quote" {
	migration V001__quote.sql "CREATE TABLE a (b text);
INSERT INTO a VALUES ('never closed);"
	want 65 up
	has "$err" "V001__quote.sql:2:23: error:"
	has "$err" '\^'
	[ -z "$(tables)" ]
}

@test "a missing down" {
	migration V001__one_way.sql "CREATE TABLE a (b int); PRAGMA user_version = 1;"
	want 0 up
	want 4 down
	has "$err" "no down part"
	[ "$(tables)" = a ]
}

@test "a duplicate version" {
	migration V001__a.sql "CREATE TABLE a (b int);"
	migration V01__b.sql "CREATE TABLE b (b int);"
	want 4 up
	has "$err" "V001__a.sql|V01__b.sql"
	[ -z "$(tables)" ]
}

@test "a gap under strict numbering" {
	migration V001__a.sql "CREATE TABLE a (b int);"
	migration V003__b.sql "CREATE TABLE b (b int);"
	printf 'databases:\n  main: { url: "sqlite:app.db", dir: migrations, numbering: strict }\n' >whimbrel.yaml
	want 4 up
	has "$err" "002"
	[ -z "$(tables)" ]
}

@test "an unknown parent" {
	migration V001__a.sql "-- migrate:up depends:005_gateway_audit_events
CREATE TABLE a (b int);"
	want 4 up
	has "$err" "005_gateway_audit_events"
	[ -z "$(tables)" ]
}

@test "a cycle" {
	migration V001__a.sql "-- migrate:up depends:002
CREATE TABLE a (b int);"
	migration V002__b.sql "-- migrate:up depends:001
CREATE TABLE b (b int);"
	want 4 up
	has "$err" "001|002"
	[ -z "$(tables)" ]
}

@test "a section typo" {
	migration V001__a.sql "-- migrate:upp
CREATE TABLE a (b int);"
	want 65 up
	has "$err" "V001__a.sql:1:.*upp"
	has "$err" "hint:.*up"
	[ -z "$(tables)" ]
}

@test "CRLF and BOM make no difference" {
	mkdir migrations
	printf '\357\273\277-- migrate:up\r\nCREATE TABLE a (b text);\r\nINSERT INTO a VALUES (1);\r\n-- migrate:down\r\nDROP TABLE a;\r\n' >migrations/V001__dos.sql
	want 0 up
	printf -- '-- migrate:up\nCREATE TABLE a (b text);\nINSERT INTO a VALUES (1);\n-- migrate:down\nDROP TABLE a;\n' >migrations/V001__dos.sql
	want 0 validate
	want 0 down
	[ -z "$(tables)" ]
}

@test "a symlink loop" {
	mkdir migrations && ln -s V001__loop.sql migrations/V001__loop.sql
	want 65 up
	has "$err" "V001__loop.sql"
	has "$err" "symbolic links"
}

@test "a world-readable .env with a password warns" {
	mkdir migrations
	echo 'DATABASE_URL=postgres://u:hunter2@localhost:1/db' >.env && chmod 644 .env
	unset DATABASE_URL
	want 6 status
	has "$err" "warning:.*\.env"
	lacks "$err$out" "hunter2"
	chmod 600 .env
	want 6 status
	lacks "$err" "warning:.*\.env"
}

@test "a password with @:/?#% in the URL" {
	pg_database
	migration V001__a.sql "CREATE TABLE a (b int);"
	pg_sql postgres "DROP ROLE IF EXISTS odd"
	pg_sql postgres "CREATE ROLE odd LOGIN SUPERUSER PASSWORD '@:/?#%'"
	host=${PG_URL#*host=} && host=${host%%&*}
	DATABASE_URL="postgres://odd:%40%3A%2F%3F%23%25@/$PG_DB?host=$host" want 0 up
	DATABASE_URL="postgres://odd:%40%3A%2F%3F%23%25@localhost:1/$PG_DB" want 6 status
	lacks "$err$out" '%40%3A|@:/\?#%'
	pg_sql postgres "DROP OWNED BY odd" && pg_sql "$PG_DB" "DROP OWNED BY odd" && pg_sql postgres "DROP ROLE odd"
}

@test "a role without CREATE" {
	pg_database
	migration V001__a.sql "CREATE TABLE a (b int);"
	pg_sql postgres "DROP ROLE IF EXISTS guest"
	pg_sql postgres "CREATE ROLE guest LOGIN"
	host=${PG_URL#*host=} && host=${host%%&*}
	DATABASE_URL="postgres://guest@/$PG_DB?host=$host" want 4 up
	has "$err" "journal"
	has "$err" "hint:.*journal-sql"
	pg_sql postgres "DROP ROLE guest"
}

@test "a read-only database" {
	migration V001__a.sql "CREATE TABLE a (b int);"
	lite "CREATE TABLE mine (x)"
	chmod 444 app.db && chmod 755 .
	chmod 755 migrations
	status=0
	out=$(as_nobody "$W" --url sqlite:app.db --dir migrations up 2>&1) || status=$?
	[ "$status" -eq 4 ]
	has "$out" "hint:"
	[ "$(tables)" = mine ]
	pg_database
	pg_sql postgres "ALTER DATABASE \"$PG_DB\" SET default_transaction_read_only = on"
	DATABASE_URL=$PG_URL want 4 up
	has "$err" "read.only"
}

@test "a server that is too old" {
	pg_database
	mkdir migrations old
	host=${PG_URL#*host=} && host=${host%%&*}
	"$repo/tests/lib/old_server.py" "$host/.s.PGSQL.5432" "$HOME/old/.s.PGSQL.5432" 9.6.24 3>&- &
	proxy=$!
	for _ in $(seq 50); do [ -S old/.s.PGSQL.5432 ] && break; sleep 0.1; done
	DATABASE_URL="postgres://postgres@/$PG_DB?host=$HOME/old" want 4 status || { kill $proxy; return 1; }
	kill $proxy
	has "$err" "9\.6"
	has "$err" "1[0-9]"
}
