#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# Integrity between branches: migrations.sum conflicts in git where two branches
# add migrations, and up refuses a folder that is not the one it describes.

load setup

setup() {
	case_setup
	export DATABASE_URL=sqlite:app.db
	git init -q -b main .
	git config user.email ann@example.org
	git config user.name ann
	migration V001__people.sql "CREATE TABLE people (id integer PRIMARY KEY);"
	want 0 validate --write-sum
	git add migrations
	git commit -qm first
}

branch_with() { # NAME FILE SQL
	git checkout -q -b "$1" main
	migration "$2" "$3"
	want 0 validate --write-sum
	git add migrations
	git commit -qm "$1"
}

@test "two branches that add migrations conflict in git, and what a conflict leaves is refused" {
	branch_with ann V002__towns.sql "CREATE TABLE towns (id integer PRIMARY KEY);"
	branch_with bob V003__roads.sql "CREATE TABLE roads (id integer PRIMARY KEY);"
	run git merge -q ann
	[ "$status" -ne 0 ]
	want 4 up
	has "$err" 'migrations.sum:[0-9]+.*a merge conflict'
	has "$err" 'hint: decide their order.*--write-sum'
	[ ! -e app.db ] || [ "$(lite "SELECT count(*) FROM sqlite_master WHERE name = 'people'")" = 0 ]
	want 0 validate --write-sum
	git add migrations
	git commit -qm merged
	want 0 up
	[ "$(lite "SELECT count(*) FROM sqlite_master WHERE name IN ('people', 'towns', 'roads')")" = 3 ]
}

@test "an edited, an unlisted and a missing file are named by validate, status and up" {
	migration V002__towns.sql "CREATE TABLE towns (id integer PRIMARY KEY);"
	want 1 validate -o json
	[ "$(json '[(p["kind"], p["version"]) for p in d["problems"]]')" = '[["sum", "002"]]' ]
	want 4 up
	has "$err" 'V002__towns.sql is not in migrations.sum'
	want 0 validate --write-sum
	want 0 up
	echo "-- edited" >>migrations/V001__people.sql
	want 1 validate
	has "$out" 'V001__people.sql was changed since this line was written'
	git checkout -q migrations/V001__people.sql
	rm migrations/V002__towns.sql
	want 0 status
	has "$out" 'V002__towns.sql is listed here and gone'
}

@test "without the file nothing of this holds" {
	git rm -q migrations/migrations.sum
	migration V002__towns.sql "CREATE TABLE towns (id integer PRIMARY KEY);"
	want 0 validate
	want 0 up
	[ ! -e migrations/migrations.sum ]
}
