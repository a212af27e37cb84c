#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# Every command of docs/quickstart.md and of the README's first database, as it
# stands there; only addresses are replaced by those of the test's own server.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	mkdir bin
	ln -s "$W" bin/whimbrel
	ln -s "$(dirname "$W")/whimbrel-postgres.so" bin/
	export PATH="$HOME/bin:$PATH" WHIMBREL_MODULE_DIR
	WHIMBREL_MODULE_DIR=$(dirname "$W")
}

teardown() {
	pg_database_drop
	case_teardown
}

# blocks FILE HEADING: the shell blocks of a section.
blocks() {
	awk -v want="$2" '/^## / { here = index($0, want) > 0 }
		/^```/ { inside = here && $0 == "```sh"; next }
		inside' "$repo/$1"
}

# run_block FILE HEADING: runs them as one script that stops at the first failure.
run_block() {
	blocks "$1" "$2" | sed 's|=postgres://[^ ]*|="$PG_URL"|' >script
	export PG_URL
	[ -s script ]
	bash -eux script >.out 2>.err </dev/null || { cat .out .err; return 1; }
}

@test "README: your database in five minutes" {
	# The editor writes what the README shows.
	awk '/^## /{here = index($0, "five minutes") > 0} /^```/{inside = here && $0 == "```sql"; next} inside' \
		"$repo/README.md" >written.sql
	# shellcheck disable=SC2016
	printf '#!/bin/sh\ncat "$HOME/written.sql" >"$1"\n' >bin/editor
	chmod +x bin/editor
	EDITOR=editor run_block README.md "Your database in five minutes"
	has "$(cat .out)" "Applied 1 migration"
	has "$(cat .out)" "001 +first +applied"
	has "$(cat .out)" "Reverted 1 migration"
}

@test "quick start: SQLite" {
	run_block docs/quickstart.md "SQLite"
	has "$(cat app/migrations/V002__create_users_table.sql)" "CREATE TABLE"
	has "$(cat .out)" "create users table"
}

@test "quick start: PostgreSQL, with the concurrent index of the example" {
	pg_database
	mkdir migrations
	echo "CREATE TABLE users (id bigint PRIMARY KEY);" >migrations/V001__users.sql
	awk '/^## /{here = index($0, "PostgreSQL") > 0} /^```/{inside = here && $0 == "```sql"; next} inside' \
		"$repo/docs/quickstart.md" >migrations/V002__nickname.sql
	run_block docs/quickstart.md "PostgreSQL"
	has "$(cat .out)" "Applied 2 migrations"
	DATABASE_URL=$PG_URL want 0 down
}

@test "quick start: in CI and at deployment" {
	git init -q -b main . && git config user.email a@b.c && git config user.name a
	migration V001__users.sql "CREATE TABLE users (id integer PRIMARY KEY);"
	git add migrations && git commit -qm first && git update-ref refs/remotes/origin/main HEAD
	export DATABASE_URL=sqlite:app.db
	run_block docs/quickstart.md "In CI and at deployment"
	has "$(cat .out)" "Applied 1 migration"
}

@test "quick start: an existing database" {
	migration V001__users.sql "CREATE TABLE users (id integer PRIMARY KEY);"
	migration V002__towns.sql "CREATE TABLE towns (id integer PRIMARY KEY);"
	sqlite3 app.db "CREATE TABLE users (id integer PRIMARY KEY)"
	export DATABASE_URL=sqlite:app.db
	run_block docs/quickstart.md "An existing database"
	has "$(cat .out)" "Applied 1 migration"
}

@test "quick start: the C program compiles and migrates" {
	{
		printf '#include <sqlite3.h>\n'
		awk '/^```/{inside = $0 == "```c"; next} inside' "$repo/docs/quickstart.md"
		printf 'int main(void)\n{\n\tsqlite3 *db;\n\treturn sqlite3_open("app.db", &db) || migrate(db) || sqlite3_close(db);\n}\n'
	} >app.c
	lib=$(dirname "$W")
	sanitize=()
	nm -D "$lib/libwhimbrel.so" | grep -q __asan_init && sanitize=(-fsanitize=address,undefined)
	cc -I"$repo/include" "${sanitize[@]}" -o app app.c -L"$lib" -Wl,-rpath,"$lib" -lwhimbrel -lsqlite3
	./app
	[ "$(lite 'SELECT count(*) FROM notes')" = 0 ]
}
