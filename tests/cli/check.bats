#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# check: suites around `up` and in sections of migrations, on both engines; what is wrong with a suite. What each kind of
# check finds is tested by tests/check/check.py.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	mkdir checks
	cat >checks/t.yaml <<-'END'
	suite: t
	groups:
	  schema: { checks: [ { name: there, exists: { tables: t } } ] }
	  data:
	    checks:
	      - { name: rows, counts: { of: { rows: t, wanted: SELECT 2 } } }
	      - { name: named, all_rows: { table: t, satisfy: n IS NOT NULL } }
	END
	migration V001__t.sql <<-'END'
	-- migrate:up
	CREATE TABLE t (id integer PRIMARY KEY, n text);
	INSERT INTO t VALUES (1, 'a'), (2, 'b');
	-- migrate:verify suite:../checks/t.yaml
	-- migrate:down
	DROP TABLE t;
	END
}

teardown() {
	pg_database_drop
	case_teardown
}

# What has to hold whatever the engine; DATABASE_URL is set.
verified() {
	want 0 up
	want 0 down
	sed -i 's/wanted: SELECT 2/wanted: SELECT 3/' checks/t.yaml
	want 3 up
	has "$err" 'V001__t.sql:4:1: error: migration 001 does not hold what it promises: the suite "t" has failed'
	has "$err" 'rows: counts differ by 1: rows 2, wanted 3'
	lacks "$err" 'named:'
	want 0 status -o json
	[ "$(json 'd["current"]')" = null ]
	sed -i 's|suite:../checks/t.yaml|suite:../checks/t.yaml#schema|' migrations/V001__t.sql
	want 0 up
}

# A program could not see what is not committed; what a section names is read before anything runs.
named() {
	printf 'suite: p\ngroups: { g: { checks: [ { name: looks, command: "true" } ] } }\n' >checks/p.yaml
	sed -i 's|suite:../checks/t.yaml|suite:../checks/p.yaml|' migrations/V001__t.sql
	want 3 up
	has "$err" 'looks: .*cannot see what the migration has not committed'
	sed -i 's|-- migrate:verify suite|-- migrate:require suite|' migrations/V001__t.sql
	sed -i '/migrate:up/d' migrations/V001__t.sql
	{ grep require migrations/V001__t.sql; echo '-- migrate:up'; grep -v require migrations/V001__t.sql; } >new
	mv new migrations/V001__t.sql
	want 0 up
	migration V002__x.sql <<-'END'
	-- migrate:up
	CREATE TABLE x (id integer);
	END
	for suite in gone.yaml p.yaml#nowhere t.yaml; do
		printf -- '-- migrate:up\nCREATE TABLE y (id integer);\n-- migrate:verify suite:../checks/%s\n' "$suite" >migrations/V003__y.sql
		[ "$suite" != t.yaml ] || sed -i 's/satisfy:/satisfies:/' checks/t.yaml
		want 1 validate
		has "$out" "${suite%#*}|nowhere"
		status=0
		"$W" up >/dev/null 2>&1 || status=$?
		[ "$status" -ge 64 ]
		want 4 plan
		has "$out" 'up would fail: '
		want 0 status -o json
		[ "$(json 'd["current"]')" = 001 ]
	done
}

around() {
	sed -i 's/ suite:.*//; s/-- migrate:verify//' migrations/V001__t.sql
	echo 'check_after: [checks/t.yaml]' >whimbrel.yaml
	want 0 up
	migration V002__x.sql <<-'END'
	-- migrate:up
	INSERT INTO t VALUES (3, NULL);
	-- migrate:down
	DELETE FROM t WHERE id = 3;
	END
	want 3 up --on-failure rollback
	has "$err" 'named: 1 rows of t do not satisfy n IS NOT NULL: 3'
	want 0 status -o json
	[ "$(json 'd["current"]')" = 001 ]
	want 3 up
	want 0 status -o json
	[ "$(json 'd["current"]')" = 002 ]
	want 0 up
	want 0 down
	echo 'check_before: [checks/t.yaml]' >whimbrel.yaml
	sed -i 's/wanted: SELECT 2/wanted: SELECT 5/' checks/t.yaml
	want 4 up
	has "$err" 'the suite "t" has failed'
	want 0 status -o json
	[ "$(json 'd["current"]')" = 001 ]
	sed -i 's/wanted: SELECT 5/wanted: SELECT 2/' checks/t.yaml
	want 0 up
}

@test "a verify section runs a suite within the migration's transaction" {
	export DATABASE_URL=sqlite:app.db
	verified
}

@test "PostgreSQL: a verify section runs a suite within the migration's transaction" {
	pg_database
	export DATABASE_URL=$PG_URL
	verified
}

@test "check_before refuses, check_after fails the run and --on-failure rollback reverts it" {
	export DATABASE_URL=sqlite:app.db
	around
}

@test "PostgreSQL: check_before refuses, check_after fails the run and --on-failure rollback reverts it" {
	pg_database
	export DATABASE_URL=$PG_URL
	around
}

@test "what sections name is read before anything runs; a program does not run within a transaction" {
	export DATABASE_URL=sqlite:app.db
	named
}

@test "PostgreSQL: what sections name is read before anything runs; a program does not run within a transaction" {
	pg_database
	export DATABASE_URL=$PG_URL
	named
}

@test "a require section runs a suite before the migration" {
	export DATABASE_URL=sqlite:app.db
	want 0 up
	migration V002__more.sql <<-'END'
	-- migrate:require suite:../checks/t.yaml#data
	-- migrate:up
	CREATE TABLE more (x text);
	END
	lite "DELETE FROM t"
	want 4 up
	has "$err" 'migration 002 may not run yet: the suite "t" has failed'
	lite "INSERT INTO t VALUES (1, 'a'), (2, 'b')"
	want 0 up
}

@test "--report writes the JSON beside what -o shows" {
	export DATABASE_URL=sqlite:app.db
	want 0 up
	want 0 check checks/t.yaml --report report.json
	has "$out" '^PASSED: 3 passed, 0 failed'
	has "$(cat report.json)" '"total_checks": 3'
	lite "DELETE FROM t"
	want 1 check checks/t.yaml --report report.json -o junit
	has "$out" '<testsuite'
	has "$(cat report.json)" '"failed_checks": 1'
	want 3 check checks/t.yaml --report nowhere/report.json || want 65 check checks/t.yaml --report nowhere/report.json
	has "$err" 'nowhere/report.json'
}

@test "a suite in an up section, and one that is not there, are refused" {
	export DATABASE_URL=sqlite:app.db
	sed -i 's|suite:../checks/t.yaml|suite:../checks/none.yaml|' migrations/V001__t.sql
	want 65 up
	has "$err" 'none.yaml'
	sed -i '1s|$| suite:x.yaml|' migrations/V001__t.sql
	want 65 up
	has "$err" 'V001__t.sql:1:1: error: only verify and require sections have a suite'
}

@test "a wrong suite is told with file, line, column and hint" {
	export DATABASE_URL=sqlite:app.db
	w up -q
	sed -i 's/all_rows/all_row/' checks/t.yaml
	want 65 check checks/t.yaml
	has "$err" 'checks/t.yaml:7:[0-9]+: error: a check has no key "all_row"'
	has "$err" 'did you mean .*all_rows'
	sed -i '7s/.*/      - { name: named, no_rows: DELETE FROM t }/' checks/t.yaml
	want 65 check checks/t.yaml
	has "$err" 'checks/t.yaml:7:9: error: the check "named" has a query that it may not run'
	has "$err" 'a check may only read'
	want 65 check checks/none.yaml
	want 64 check
}

@test "no database, and one that cannot be reached" {
	want 64 check checks/t.yaml
	want 6 --url "postgres://nobody@127.0.0.1:1/none" check checks/t.yaml
}
