#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# Every command of docs/switching.md, as it stands there, on databases that the
# tools themselves have made; only addresses are replaced.

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
	fixtures=$repo/tests/adopt/fixtures
}

teardown() {
	pg_database_drop
	case_teardown
}

# section HEADING: its commands as one script that stops at the first failure.
section() {
	awk -v want="## $1" '/^## / { here = $0 == want } /^```/ { inside = here && $0 == "```sh"; next } inside' \
		"$repo/docs/switching.md" | sed 's|=postgres://[^ ]*|="$PG_URL"|' >script
	export PG_URL
	[ -s script ]
	bash -eux script >.out 2>.err </dev/null || { cat .out .err; return 1; }
	has "$(cat .out)" "[1-9] migrations? recorded"
	has "$(cat .out)" "Applied 1 migration"
}

# sqlite TOOL FROM TO: the tool's files and database.
sqlite() {
	mkdir -p "$(dirname "$3")"
	cp -r "$fixtures/$1/files/$2" "$3"
	sqlite3 app.db <"$fixtures/$1/sqlite.sql"
}

postgres() {
	pg_database
	mkdir -p "$(dirname "$3")"
	cp -r "$fixtures/$1/files/$2" "$3"
	psql -X -q -v ON_ERROR_STOP=1 -d "$PG_URL" -f "$fixtures/$1/postgresql.sql" >/dev/null
}

@test "dbmate" {
	sqlite dbmate migrations db/migrations
	section dbmate
}

@test "Flyway" {
	sqlite flyway migrations sql
	section Flyway
}

@test "golang-migrate, goose, sqlx, Atlas, refinery" {
	for tool in golang-migrate goose sqlx atlas refinery; do
		rm -rf migrations app.db*
		sqlite "$tool" migrations migrations
		section "${tool/atlas/Atlas}"
	done
}

@test "tern" {
	postgres tern migrations migrations
	section tern
}

@test "Rails, Liquibase" {
	sqlite rails migrations db/migrate
	section Rails
	rm -rf migrations app.db*
	sqlite liquibase changelog.xml changelog.xml
	section Liquibase
}

@test "Sqitch" {
	sqlite sqitch . .
	sqlite3 sqitch.db <"$fixtures/sqitch/sqlite.beside.sql"
	section Sqitch
	[ "$(find migrations -name '000?_*.sql' | wc -l)" -eq 3 ]
}

@test "graphile-migrate" {
	postgres graphile-migrate migrations migrations
	section graphile-migrate
	[ "$(find sql -name '000?_*.sql' | wc -l)" -eq 3 ]
}

# A stand-in for Alembic, with what the real one prints for this history (tests/adopt/real.py runs the real one).
@test "Alembic" {
	sqlite alembic alembic alembic
	touch alembic.ini
	cat >bin/alembic <<-'SH'
		#!/bin/sh
		case "$3 $4" in
		"history ") printf '1975ea83b712 -> ae1027a6acf0 (head), create towns\n<base> -> 1975ea83b712, create people\n' ;;
		"upgrade 1975ea83b712") printf 'BEGIN;\n\nCREATE TABLE alembic_version (version_num VARCHAR(32));\n\n-- Running upgrade  -> 1975ea83b712\n\nCREATE TABLE people (id INTEGER);\n\nINSERT INTO alembic_version (version_num) VALUES (1);\n\nCOMMIT;\n' ;;
		"upgrade 1975ea83b712:ae1027a6acf0") printf 'BEGIN;\n\nCREATE TABLE towns (id INTEGER);\n\nUPDATE alembic_version SET version_num=2;\n\nCOMMIT;\n' ;;
		"downgrade ae1027a6acf0:1975ea83b712") printf 'DROP TABLE towns;\n' ;;
		"downgrade 1975ea83b712:base") printf 'DROP TABLE people;\n' ;;
		*) exit 1 ;;
		esac
	SH
	chmod +x bin/alembic
	section Alembic
	has "$(cat migrations/0002_create_towns.sql)" "ID: ae1027a6acf0"
	lacks "$(cat migrations/*.sql)" "alembic_version|COMMIT"
	has "$(sed -n '/migrate:down/,$p' migrations/0002_create_towns.sql)" "DROP TABLE towns"
}

@test "--write-sql says why it cannot" {
	sqlite liquibase changelog.xml changelog.xml
	mkdir migrations
	want 4 --url sqlite:app.db --dir migrations adopt --write-sql
	has "$err" "Liquibase"
	rm -rf migrations app.db*
	sqlite dbmate migrations migrations
	want 4 --url sqlite:app.db --dir migrations adopt --write-sql
	has "$err" "SQL files already"
}

@test "a protected environment asks" {
	sqlite dbmate migrations migrations
	printf 'databases:\n  main: { url: "sqlite:app.db", dir: migrations }\nenvironments:\n  production: { protected: true }\n' >whimbrel.yaml
	want 4 -e production adopt
	want 0 -e production -y adopt
}
