#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# test: scenarios and built-in suites on scratch databases, on both engines. Each fault that a suite is there to find is
# planted and has to be found; the database that is configured has to stay as it is; nothing may be left behind.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	export TMPDIR=$HOME/tmp
	mkdir "$TMPDIR"
	migration V001__books.sql <<-'END'
	-- migrate:up
	CREATE TABLE authors (id integer PRIMARY KEY, name text NOT NULL);
	CREATE TABLE books (id integer PRIMARY KEY, title text NOT NULL, author_id integer REFERENCES authors (id));
	-- migrate:down
	DROP TABLE books;
	DROP TABLE authors;
	END
	migration V002__isbn.sql <<-'END'
	-- migrate:up
	ALTER TABLE books ADD COLUMN isbn text;
	UPDATE books SET isbn = 'x' || id;
	-- migrate:down
	ALTER TABLE books DROP COLUMN isbn;
	END
	migration R__titles.sql <<-'END'
	DROP VIEW IF EXISTS titles;
	CREATE VIEW titles AS SELECT title FROM books;
	END
	mkdir scenarios
}

teardown() {
	pg_database_drop
	if [ -n "${pool:-}" ]; then
		pg_pool_stop
		pg_release
	fi
	case_teardown
}

on_postgres() {
	pg_database
	export DATABASE_URL=$PG_URL
}

scratch() { pg_sql postgres "SELECT datname FROM pg_database WHERE datname LIKE 'whimbrel_test_%'"; }
folders() { ls -A "$TMPDIR"; }
nothing_left() {
	if [ -n "${PG_URL:-}" ]; then wait_gone scratch; else [ -z "$(folders)" ]; fi
}
result() { # SUITE SCENARIO: outcome and message of it, from the JSON in $out
	json "[r['outcome'] + ' ' + (r['message'] or '') for r in d['results'] if r['suite'] == '$1' and r['scenario'] == '$2'][0]"
}

# ---- built-in suites ---------------------------------------------------------------------------------------------

all_is_well() {
	want 0 test --rows 50
	for suite in roundtrip idempotence data failure benchmark; do has "$out" "^ok +$suite "; done
	has "$out" '^ok +roundtrip +everything'
	has "$out" '^ok +idempotence +R__titles'
	has "$out" '^ok +failure +002 isbn .*killed [0-9]+ times and failed [0-9]+ times'
	has "$out" '^9 passed, 0 failed, 1 skipped in '
	nothing_left
	want 0 status -o json
	[ "$(json 'd["current"], d["applied"]')" = '[null, []]' ]
}

@test "without scenarios and configuration the built-in suites run, and the database is not touched" {
	export DATABASE_URL=sqlite:app.db
	all_is_well
	[ ! -e app.db ]
}

@test "PostgreSQL: without scenarios and configuration the built-in suites run, and the database is not touched" {
	on_postgres
	all_is_well
	[ -z "$(pg_sql "$PG_DB" '\dn whimbrel')" ]
}

planted_faults() {
	migration V003__left.sql <<-'END'
	-- migrate:up
	CREATE TABLE one (i integer);
	CREATE TABLE two (i integer);
	-- migrate:down
	DROP TABLE one;
	END
	migration V004__lost.sql <<-'END'
	-- migrate:up
	DELETE FROM books;
	-- migrate:down
	DELETE FROM one;
	END
	migration V005__values.sql <<-'END'
	-- migrate:up
	UPDATE two SET i = NULL;
	-- migrate:down
	DELETE FROM one;
	END
	migration R__seed.sql "INSERT INTO two VALUES (7);"
	want 1 test --suites roundtrip,idempotence,data -o json
	has "$(result roundtrip '003 left')" '^failed .*objects are left, or missing, after it was reverted'
	has "$(result roundtrip '002 isbn')" '^passed'
	has "$(result roundtrip everything)" '^failed'
	has "$(result data '004 lost')" '^failed it loses data: .*books"? has 0 rows, and had 2'
	has "$(result data '005 values')" '^failed it loses data: .*two"? column i has 0 values, and had 2'
	has "$(result data '003 left')" '^passed'
	has "$(result idempotence R__seed)" '^failed run again, it makes something else: .*two"? has 2 rows, and had 1'
	has "$(result idempotence R__titles)" '^passed'
	[ "$(json 'd["totalTests"], d["passed"] + d["failed"] + d["skipped"], d["failed"]')" = '[14, 14, 5]' ]
	[ "$(json 'sorted(d["results"][0])[:4]')" = '["duration_ms", "file", "hint", "line"]' ]
	[ "$(json '{r["success"] for r in d["results"]} == {True, False, None}')" = true ]
	nothing_left
}

formats() {
	want 1 test --suites data
	has "$out" '^FAIL +data +004 lost'
	has "$out" '^1\) data: 004 lost'
	has "$out" 'migrations/V004__lost.sql: it loses data'
	want 1 test --suites data -o junit
	has "$out" '<testsuite name="whimbrel test data" tests="5" failures="2" errors="0" skipped="1"'
	has "$out" '<testcase classname="data" name="004 lost".*'
}

@test "a broken down, lost rows and values, and what cannot be run twice are found" {
	export DATABASE_URL=sqlite:app.db
	planted_faults
	formats
}

@test "PostgreSQL: a broken down, lost rows and values, and what cannot be run twice are found" {
	on_postgres
	planted_faults
}

@test "a table that is built anew without one of its columns has lost that column's values" {
	export DATABASE_URL=sqlite:app.db
	migration V003__anew.sql <<-'END'
	CREATE TABLE books_new (id integer PRIMARY KEY, title text, author_id integer, isbn text);
	INSERT INTO books_new (id, author_id, isbn) SELECT id, author_id, isbn FROM books;
	DROP TABLE books;
	ALTER TABLE books_new RENAME TO books;
	END
	migration R__titles.sql "DROP VIEW IF EXISTS titles;"
	want 1 test --suites data -o json
	has "$(result data '003 anew')" '^failed it loses data: .*books"? column title has 0 values, and had 2'
}

@test "PostgreSQL: a step of which nobody can know whether it has happened is found by the failure suite" {
	on_postgres
	migration V003__call.sql <<-'END'
	-- migrate:up
	CREATE PROCEDURE twice() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO authors VALUES (-1, 'a'); COMMIT; END $$;
	CALL twice();
	-- migrate:down transaction:false
	DROP PROCEDURE twice;
	DELETE FROM authors;
	END
	sed -i '1s/$/ transaction:false/' migrations/V003__call.sql
	want 1 test --suites failure '003*' -o json
	has "$(result failure '003 call')" '^failed killed before call [0-9]+ of [0-9]+'
	nothing_left
}

@test "a migration that cannot be applied fails, what comes after it is skipped, and no way down is no failure" {
	export DATABASE_URL=sqlite:app.db
	migration V003__wrong.sql "CREATE TABLE nowhere (id integer PRIMARY KEY); INSERT INTO absent VALUES (1);"
	migration V004__more.sql "CREATE TABLE four (id integer PRIMARY KEY);"
	want 1 test --suites roundtrip,data -o json
	has "$(result roundtrip '003 wrong')" '^failed .*no such table: absent'
	has "$(result roundtrip '004 more')" '^skipped what comes before it cannot be applied'
	has "$(result roundtrip '002 isbn')" '^passed'
	rm migrations/V003__wrong.sql migrations/V004__more.sql
	migration V003__gone.sql "DELETE FROM authors WHERE id < 0; UPDATE books SET title = upper(title);"
	want 0 test --suites roundtrip -o json
	has "$(result roundtrip '003 gone')" '^skipped .*cannot be reverted'
}

benchmark() {
	want 0 test --suites benchmark --rows 10,2000 -o json
	[ "$(json '[r["metrics"]["rows"] for r in d["results"]]')" = '[20, 4000]' ]
	[ "$(json 'all(r["metrics"][k] >= 0 for r in d["results"] for k in ("migration_time_ms", "throughput_rps", "memory_peak_mb", "disk_growth_mb"))')" = true ]
	want 1 test --suites benchmark --rows 10 --min-rate 1000000000
	has "$out" 'it does [0-9]+ rows a second, and should do at least 1000000000'
	want 1 test --suites benchmark --rows 10 --max-memory 1
	has "$out" 'it needs [0-9]+ KB of memory, and may at most be 1024'
	want 64 test --suites benchmark --rows none
}

@test "the benchmark measures at several sizes and fails beyond its limits" {
	export DATABASE_URL=sqlite:app.db
	benchmark
}

@test "PostgreSQL: the benchmark measures at several sizes and fails beyond its limits" {
	on_postgres
	benchmark
}

# ---- scenarios ------------------------------------------------------------------------------------------------------

write_scenarios() {
	cat >scenarios/rules.yaml <<-'END'
	rules:
	  - { id: up, source: books, key: [id], columns: { title: upper(original.title) }, batch_size: 10 }
	END
	cat >scenarios/suite.yaml <<-'END'
	suite: s
	groups: { data: { checks: [ { name: titled, all_rows: { table: books, satisfy: title <> '' } } ] } }
	END
	mkdir files
	mv scenarios/rules.yaml scenarios/suite.yaml files
	cat >scenarios/books.yaml <<-'END'
	suite: books
	tags: [smoke]
	timeout: 20s
	scenarios:
	  - name: isbn is filled
	    tags: [data]
	    setup:
	      - up: "001"
	      - sql: |
	          INSERT INTO authors VALUES (1, 'Eco');
	          INSERT INTO books (id, title, author_id) VALUES (1, 'Baudolino', 1);
	    steps: [ { up: "002" } ]
	    assert:
	      - holds: SELECT isbn = 'x1' FROM books
	      - { query: SELECT count(*) FROM books, equals: 1 }
	      - { query: "SELECT id, title FROM books", rows: ["1 | Baudolino"] }
	      - exists: { tables: [books], columns: [books.isbn] }
	      - missing: { columns: [books.pages], views: [titles] }
	      - version: "002"
	      - check: ../files/suite.yaml
	  - name: down brings the schema back
	    setup: [ { up: "001" } ]
	    steps: [ { up: latest }, { redo: true }, { down: "001" } ]
	    assert: [ { missing: { columns: [books.isbn] } }, { version: "001" } ]
	  - name: killed and failed in the middle
	    setup: [ { up: "001" }, { schema: setup } ]
	    steps:
	      - { up: "002", kill_at: 2 }
	      - { version: "001" }
	      - { up: "002", fail_at: 2 }
	      - { schema: setup }
	      - { up: "002" }
	    assert: [ { exists: { columns: [books.isbn] } } ]
	  - name: transformation
	    setup: [ { up: latest }, { fill: 35 }, { sql: UPDATE books SET title = 'a' || id } ]
	    steps: [ { transform: ../files/rules.yaml, kill_at: 2 }, { transform: ../files/rules.yaml } ]
	    assert: [ { holds: SELECT min(title) LIKE 'A%' AND count(*) = 35 FROM books } ]
	  - name: must fail
	    expect: failure
	    setup: [ { up: "001" }, { sql: DROP TABLE books } ]
	    steps: [ { up: "002" } ]
	    assert: [ { version: "001" } ]
	  - name: is refused
	    setup: [ { up: "001" }, { sql: "INSERT INTO authors VALUES (1, 'a')" } ]
	    steps: [ { sql: "INSERT INTO authors VALUES (1, 'b')", error: any } ]
	  - { name: later, skip: not yet, steps: [ { up: latest } ] }
	END
	cat >scenarios/more.sql <<-'END'
	-- suite: more
	-- tags: smoke, sql

	-- scenario: a book without an author
	-- setup
	-- up: 002
	INSERT INTO books (id, title) VALUES (1, 'Anon; ymous');
	-- steps
	-- down: 001
	-- up: 002 kill_at:1
	-- up: latest
	-- assert
	SELECT title = 'Anon; ymous' FROM books;
	-- equals: 1
	SELECT count(*) FROM books;
	-- row: 1 | Anon; ymous
	SELECT id, title FROM books;
	-- exists: table books, column books.isbn
	-- missing: table nothing
	-- check: ../files/suite.yaml

	-- scenario: refused
	-- steps
	-- up: latest
	-- error
	INSERT INTO authors (id) VALUES (1);
	-- cleanup
	DELETE FROM authors;
	END
}

scenarios() {
	write_scenarios
	want 0 test scenarios -v
	[ "$(grep -c '^ok' <<<"$out")" = 8 ]
	has "$out" '^skip +books +later .*not yet'
	has "$err" '\[[0-9]+/9\] books: '
	nothing_left
}

chosen() {
	want 0 test --suites more
	[ "$(grep -c '^ok' <<<"$out")" = 2 ]
	want 0 test --tags data -o json
	[ "$(json '[r["scenario"] for r in d["results"] if r["suite"] == "books"]')" = '["isbn is filled"]' ]
	want 0 test refused
	has "$out" '^1 passed, 0 failed'
}

@test "scenarios in YAML and SQL" {
	export DATABASE_URL=sqlite:app.db
	scenarios
	chosen
}

@test "PostgreSQL: scenarios in YAML and SQL" {
	on_postgres
	scenarios
}

# The examples of docs/scenarios.md, as they stand there.
documented() {
	rm -r migrations
	migration V001__readers.sql "CREATE TABLE readers (id integer PRIMARY KEY);"
	migration V002__loans.sql "CREATE TABLE loans (id integer PRIMARY KEY, book text NOT NULL);"
	migration V003__once.sql <<-'END'
	-- migrate:up
	CREATE UNIQUE INDEX loans_book ON loans (book);
	ALTER TABLE loans ADD COLUMN until date;
	-- migrate:down
	ALTER TABLE loans DROP COLUMN until;
	DROP INDEX loans_book;
	END
	sed -n '/^```yaml/,/^```/p' "$repo/docs/scenarios.md" | grep -v '^```' >scenarios/loans.yaml
	sed -n '/^```sql/,/^```/p' "$repo/docs/scenarios.md" | grep -v '^```' >scenarios/loans.sql
	want 0 test scenarios
	has "$out" '^6 passed, 0 failed in '
}

@test "the documented examples" {
	export DATABASE_URL=sqlite:app.db
	documented
}

@test "PostgreSQL: the documented examples" {
	on_postgres
	documented
}

# Each assertion can fail, and says where.
failing() {
	cat >scenarios/f.yaml <<-'END'
	suite: f
	scenarios:
	  - { name: holds, steps: [ { up: latest } ], assert: [ { holds: SELECT 1 = 2 } ] }
	  - { name: norow, steps: [ { up: latest } ], assert: [ { holds: SELECT 1 = 1 FROM books } ] }
	  - { name: query, steps: [ { up: latest } ], assert: [ { query: SELECT 5, equals: 6 } ] }
	  - { name: rows, steps: [ { up: latest } ], assert: [ { query: SELECT 5, rows: ["5", "6"] } ] }
	  - { name: row, steps: [ { up: latest } ], assert: [ { query: "SELECT 5, NULL", rows: ["5 | 6"] } ] }
	  - { name: exists, steps: [ { up: latest } ], assert: [ { exists: { indexes: [none] } } ] }
	  - { name: missing, steps: [ { up: latest } ], assert: [ { missing: { tables: [books] } } ] }
	  - { name: version, steps: [ { up: "001" } ], assert: [ { version: "002" } ] }
	  - { name: schema, setup: [ { up: "001" } ], steps: [ { up: latest } ], assert: [ { schema: setup } ] }
	  - { name: error, steps: [ { up: latest, error: any } ] }
	  - { name: other, steps: [ { sql: SELEC, error: "23505 or so" } ] }
	  - { name: code, steps: [ { sql: SELEC, error: { code: WB_EORDER } } ] }
	  - { name: success, expect: failure, steps: [ { up: latest } ] }
	  - { name: kill, steps: [ { up: "001", kill_at: 9 } ] }
	  - { name: limit, steps: [ { up: latest, memory_mb: 1 } ] }
	  - { name: setup, setup: [ { sql: SELEC } ], steps: [ { up: latest } ] }
	  - { name: cleanup, steps: [ { up: latest } ], cleanup: [ { sql: SELEC } ] }
	END
	want 1 test scenarios -o json
	[ "$(json 'd["failed"], d["totalTests"]')" = '[17, 17]' ]
	[ "$(json '[r["line"] for r in d["results"]] == list(range(3, 20))')" = true ]
	has "$(result f norow)" 'the answer is no row, and should be true'
	has "$(result f row)" 'row 1 is \(5 . null\), and should be \(5 . 6\)'
	has "$(result f rows)" 'the answer has 1 rows, and should have 2'
	has "$(result f exists)" 'missing: index none'
	has "$(result f version)" 'the database stands at 001, and should at 002'
	has "$(result f schema)" 'the schema is not what it was after the setup: .*isbn is left'
	has "$(result f error)" 'it has succeeded, and should have failed'
	has "$(result f other)" 'it has failed in another way: WB_ESQL'
	has "$(result f success)" 'all steps have succeeded, and one should have failed'
	has "$(result f kill)" 'it ended before statement 9, where it was to be struck'
	has "$(result f setup)" '^failed setup: sql: '
	has "$(result f cleanup)" '^failed cleanup: sql: '
	nothing_left
}

@test "what a scenario asserts can fail" {
	export DATABASE_URL=sqlite:app.db
	failing
}

@test "PostgreSQL: what a scenario asserts can fail" {
	on_postgres
	failing
}

# ---- time, order, ends ---------------------------------------------------------------------------------------------

slow() { # SQL that takes a minute
	cat >scenarios/slow.yaml <<-END
	suite: slow
	scenarios:
	  - { name: forever, timeout: 1s, steps: [ { sql: "$1" } ] }
	  - { name: after, steps: [ { up: latest } ] }
	END
}
forever_lite='WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'

ended() {
	slow "$1"
	start=$(date +%s)
	want 1 test scenarios --jobs 1
	[ $(($(date +%s) - start)) -lt 20 ]
	has "$out" 'slow: forever'
	has "$out" 'it has taken longer than 1(\.0)? ?(s|000 ms) and was ended'
	has "$out" '^ok +slow +after'
	nothing_left
	want 1 test scenarios --jobs 1 --fail-fast
	has "$out" '^skip +slow +after .*not begun'
}

@test "a scenario whose time is over is ended; after a failure --fail-fast begins nothing more" {
	export DATABASE_URL=sqlite:app.db
	ended "$forever_lite"
}

@test "PostgreSQL: a scenario whose time is over is ended; after a failure --fail-fast begins nothing more" {
	on_postgres
	ended 'SELECT pg_sleep(60)'
}

# What a killed run leaves is removed by the next one; an interrupted one leaves nothing.
killed() {
	slow "$1"
	sed -i 's/timeout: 1s/timeout: 1m/' scenarios/slow.yaml
	"$W" test scenarios >/dev/null 2>&1 &
	pid=$!
	for _ in {1..100}; do
		[ -n "$("$2")" ] && break
		sleep 0.1
	done
	sleep 0.5
	[ -n "$("$2")" ]
	kill -KILL $pid
	wait $pid || true
	[ -n "$("$2")" ]
	# The server takes a moment to see that its client has gone.
	for _ in {1..20}; do
		want 0 test after
		[ -n "$("$2")" ] || break
		sleep 1
	done
	nothing_left
	"$W" test scenarios >/dev/null 2>&1 &
	pid=$!
	sleep 1.5
	kill -INT $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 130 ]
	nothing_left
}

@test "what a killed run leaves is removed by the next" {
	export DATABASE_URL=sqlite:app.db
	killed "$forever_lite" folders
}

@test "PostgreSQL: what a killed run leaves is removed by the next" {
	on_postgres
	killed 'SELECT pg_sleep(60)' scratch
}

@test "PostgreSQL: a database of somebody's whose name begins like a scratch one survives" {
	on_postgres
	mine=whimbrel_test_my_app_$$
	pg_sql postgres "CREATE DATABASE $mine"
	want 0 test --suites idempotence
	left=$(scratch)
	pg_sql postgres "DROP DATABASE IF EXISTS $mine"
	has "$left" "^$mine\$"
}

@test "of the folders whose names begin like a scratch one only those of a killed run of one's own are removed" {
	export DATABASE_URL=sqlite:app.db
	id=whimbrel_test_0123456789abcdef0123456789abcde
	mkdir -m 700 "$TMPDIR"/{whimbrel_test_mine,${id}0,elsewhere}
	mkdir -m 770 "$TMPDIR/${id}1"
	touch "$TMPDIR"/{whimbrel_test_mine,${id}0,${id}1,elsewhere}/owner
	ln -s elsewhere "$TMPDIR/${id}2"
	want 0 test --suites idempotence
	[ "$(echo "$TMPDIR"/*/owner)" = "$(echo "$TMPDIR"/{elsewhere,${id}1,${id}2,whimbrel_test_mine}/owner)" ]
	[ ! -e "$TMPDIR/${id}0" ]
}

# The pooler has a cluster of its own: others' tests must not come upon it.
@test "PostgreSQL: through a transaction pooler nothing is tried out; direct_url leads past it" {
	TMPDIR=/tmp pg_private
	pool=$PG_DIR
	pg_pool_start
	DATABASE_URL=$(pg_pool_url postgres)
	export DATABASE_URL
	want 4 test --suites idempotence
	has "$err" 'through a transaction pooler'
	has "$err" 'give direct_url, an address past the pooler'
	[ -z "$(scratch)" ]
	WHIMBREL_DIRECT_URL=$(pg_url postgres) want 0 test --suites idempotence
}

# ---- what is wrong --------------------------------------------------------------------------------------------------

@test "wrong files are told with file, line, column and hint" {
	export DATABASE_URL=sqlite:app.db
	write_scenarios
	sed -i 's/      - holds:/      - hold:/' scenarios/books.yaml
	want 65 test
	has "$err" 'scenarios/books.yaml:14:9: error: a step has no key "hold"'
	has "$err" 'did you mean .*holds'
	sed -i 's/      - hold:/      - query:/' scenarios/books.yaml
	want 65 test
	has "$err" 'scenarios/books.yaml:14:[0-9]+: error: a query needs either `equals` or `rows`'
	rm scenarios/books.yaml
	sed -i 's/^-- steps/-- stepps: x/' scenarios/more.sql
	want 65 test
	has "$err" 'scenarios/more.sql:8:1: error: there is no heading "stepps"'
	echo "SELECT 1;" >scenarios/more.sql
	want 65 test
	has "$err" 'more.sql:1:1: error: a step stands before the first'
	printf -- '-- scenario: a\n-- up: 1 kill_at:x\n' >scenarios/more.sql
	want 65 test
	has "$err" 'more.sql:2:1: error: kill_at has to be a number'
	printf -- '-- scenario: a\n-- exists: thing x\n' >scenarios/more.sql
	want 65 test
	has "$err" 'more.sql:2:1: error: "thing x" is no kind and name'
	printf -- '-- scenario: a\n-- check: none.yaml\n' >scenarios/more.sql
	want 65 test
	has "$err" 'scenarios/none.yaml'
	echo x >scenarios/more.txt
	want 64 test scenarios/more.txt
	want 65 test scenarios/none.yaml
}

@test "words that mean nothing, no database, no folder" {
	export DATABASE_URL=sqlite:app.db
	want 64 test --suites roundtripp
	has "$err" 'there is no suite "roundtripp"'
	want 64 test nothing-like-this
	has "$err" 'there is no scenario "nothing-like-this"'
	want 64 test --tags none
	want 64 test --jobs 0
	want 6 --url "postgres://nobody@127.0.0.1:1/none" test
	unset DATABASE_URL
	want 64 test
	rm -r migrations
	want 64 --url sqlite:app.db test
}

@test "PostgreSQL: a role that may not make databases is told so; --scratch-url names another server" {
	on_postgres
	pg_sql "$PG_DB" "CREATE ROLE \"r_$PG_DB\" LOGIN"
	url="postgres:///$PG_DB?host=$PG_DIR&port=5432&user=r_$PG_DB"
	want 4 --url "$url" test --suites roundtrip
	has "$err" 'CREATEDB'
	has "$err" '--scratch-url'
	want 0 --url "$url" test --suites roundtrip --scratch-url "$PG_URL"
	pg_sql "$PG_DB" "DROP ROLE \"r_$PG_DB\""
}
