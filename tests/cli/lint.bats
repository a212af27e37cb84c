#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2030,SC2031,SC2154
#
# lint and explain as commands: what is looked at, exit statuses, settings, forms. The rules themselves: tests/lint.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

teardown() {
	pg_database_drop
	case_teardown
}

rules() {
	json '[f["rule"] for f in d["findings"]]'
}

repository() {
	git init -q -b main .
	git config user.email a@b.c
	git config user.name a
	git add -A
	git commit -qm first
}

@test "a finding reads like a compiler's: place, line, caret, hint, SQL for this statement" {
	migration V001__index.sql "-- migrate:up
CREATE TABLE t (a int);
	CREATE UNIQUE INDEX users_email ON users (email);
-- migrate:down
DROP TABLE t;"
	want 1 lint
	has "$out" '^migrations/V001__index.sql:3:2: error: writes to users wait until the index is built \[index-concurrently\]'
	has "$out" '^    3 \| .*CREATE UNIQUE INDEX'
	has "$out" '^      \| .?\^'
	has "$out" 'safe: CREATE UNIQUE INDEX CONCURRENTLY users_email ON users \(email\);'
	has "$out" '^1 file, 3 statements, 1 error, 0 warnings, 0 remarks \(text only: no database was asked\)'
	has "$out" '^not known: how large a table is \(1\); a database tells'
}

@test "0 when nothing is wrong, 1 for errors, 2 where data is lost; --fail-on moves it" {
	migration V001__a.sql "CREATE TABLE t (a int);"
	want 0 lint
	migration V002__b.sql "ALTER TABLE users RENAME COLUMN a TO b;"
	want 0 lint
	want 1 lint --fail-on warning
	want 0 lint --fail-on never
	printf 'lint: { fail_on: warning }\n' >whimbrel.yaml
	want 1 lint
	want 0 lint --fail-on error
	migration V003__c.sql "CREATE INDEX i ON users (a);"
	want 1 lint
	migration V004__d.sql "DROP TABLE users;"
	want 2 lint
	want 0 lint --fail-on never
}

@test "JSON has the keys of the contract" {
	migration V001__a.sql "ALTER TABLE users DROP COLUMN a;"
	want 2 -o json lint
	[ "$(json 'sorted(d)')" = '["findings", "summary"]' ]
	[ "$(json 'sorted(set(["rule","severity","file","line","column","message","hint","safe_sql","statement"]) - set(d["findings"][0]))')" = '[]' ]
	[ "$(json '[d["summary"][k] for k in ("files","statements","error","warning","info")]')" = '[1, 1, 1, 0, 1]' ]
	[ "$(json '[(f["rule"], f["line"], f["column"], f["statement"]) for f in d["findings"] if f["line"]]')" = '[["drop-column", 1, 19, 1]]' ]
}

@test "without a down section it is told what down will do, or why it cannot" {
	migration V001__a.sql "CREATE TABLE t (a int);
CREATE TABLE u (b int);"
	migration V002__b.sql "CREATE INDEX CONCURRENTLY i ON t (a);

UPDATE t SET a = 1 WHERE a = 2;"
	migration V003__c.sql "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1;"
	migration V004__d.sql "-- whimbrel:ignore drop-table it is known
DROP TABLE u;"
	want 0 lint
	lacks "$out" 'there is no way back'
	has "$out" 'V001__a.sql: info: no down section: `down` takes the undo that `up` infers \[missing-down\]'
	has "$out" 'safe: -- migrate:down'
	has "$out" '^ +DROP TABLE "t";'
	has "$out" 'V002__b.sql: info: no down section, and no undo can be inferred: the statement of line 3 changes rows of'
	has "$out" 'V003__c.sql: info: no down section: `down` takes the undo that `up` infers from the schema as it is then'
	has "$out" 'V004__d.sql: info: no down section, and an undo is inferred only as long as there are no rows: it drops with its rows the table u'
	has "$out" 'or switch `trash: on`'
	printf 'undo: off\n' >whimbrel.yaml
	want 0 lint
	[ "$(printf '%s\n' "$out" | grep -c 'there is no way back: no down section, and `undo: off`')" = 4 ]
	printf 'trash: on\n' >whimbrel.yaml
	want 0 lint
	has "$out" 'V004__d.sql: info: no down section: `down` takes the undo that `up` infers from the schema'
}

@test "severities by rule and by file; a mistake in them is an error with its place" {
	migration V001__a.sql "CREATE TABLE t (a timestamp);"
	migration V002__b.sql "CREATE TABLE u (a timestamp);"
	cat >whimbrel.yaml <<-'YAML'
		lint:
		  rules: { timestamp-type: error, missing-down: off }
		  overrides:
		    old: { files: "V001*", reason: it runs everywhere, rules: { timestamp-type: off } }
	YAML
	want 1 -o json lint
	[ "$(json '[(f["file"], f["severity"]) for f in d["findings"]]')" = '[["migrations/V002__b.sql", "error"]]' ]
	printf 'lint: { rules: { timestamp-typ: off } }\n' >whimbrel.yaml
	want 65 lint
	has "$err" 'whimbrel.yaml:1:[0-9]+: error: there is no rule "timestamp-typ"'
	has "$err" 'timestamp-type'
	printf 'lint: { overrides: { x: { files: "V*", rules: { gap: off } } } }\n' >whimbrel.yaml
	want 65 lint
	has "$err" 'lint.overrides.x does not say why'
	printf 'lint: { rules: { gap: severe } }\n' >whimbrel.yaml
	want 65 lint
	has "$err" 'it is one of: off\|info\|warning\|error'
}

@test "files by name, in the folder and outside" {
	migration V001__a.sql "CREATE TABLE a (x int PRIMARY KEY);"
	migration V002__b.sql "CREATE INDEX i ON a (y);"
	printf 'CREATE INDEX j ON users (a);\n' >loose.sql
	want 1 -o json lint migrations/V002__b.sql
	[ "$(json '[d["summary"]["files"], [(f["rule"], f["file"]) for f in d["findings"] if f["severity"] == "error"]]')" = \
		'[1, [["index-concurrently", "migrations/V002__b.sql"]]]' ]
	want 1 -o json lint loose.sql
	[ "$(json '[(f["rule"], f["file"], f["line"]) for f in d["findings"] if f["severity"] == "error"]')" = \
		'[["index-concurrently", "loose.sql", 1]]' ]
	want 1 -o json lint loose.sql migrations/V001__a.sql
	[ "$(json 'd["summary"]["files"]')" = 2 ]
	want 65 lint nowhere.sql
	printf 'DROP TABLE x;\n' >0009_x.down.sql
	want 0 -o json lint 0009_x.down.sql
	rm -r migrations
	want 1 lint loose.sql
}

@test "--changed-since and --staged ask git; what one new file makes is new to the next" {
	migration V001__a.sql "CREATE INDEX old ON users (a);"
	repository
	git switch -qc branch
	migration V002__b.sql "CREATE TABLE b (x int);"
	git add -A && git commit -qm two
	migration V003__c.sql "CREATE INDEX i ON b (x);"
	want 0 -o json lint --changed-since main
	[ "$(json 'd["summary"]["files"]')" = 2 ]
	want 1 lint
	want 0 -o json lint --staged
	[ "$(json 'd["summary"]["files"]')" = 0 ]
	git add -A
	want 1 -o json lint --staged
	[ "$(json '[d["summary"]["files"], [f["rule"] for f in d["findings"] if f["severity"] == "error"]]')" = '[1, ["index-concurrently"]]' ]
	want 65 lint --changed-since nothing-like-it
	has "$err" 'git cannot tell'
	want 64 lint --staged --changed-since main
	want 64 lint --staged migrations/V001__a.sql
}

@test "several databases: all of them, each with its engine" {
	mkdir -p one two
	printf 'CREATE INDEX i ON t (a);\n' >one/V001__a.sql
	printf 'CREATE TABLE t (a STRING);\n' >two/V001__a.sql
	printf 'databases: { a: { dir: one, engine: postgresql }, b: { dir: two, engine: sqlite } }\n' >whimbrel.yaml
	want 1 -o json lint
	[ "$(json '[[x["name"], [f["rule"] for f in x["findings"] if f["severity"] != "info"]] for x in d["databases"]]')" = \
		'[["a", ["index-concurrently"]], ["b", ["sqlite-type-affinity"]]]' ]
	want 0 -d b lint
	for form in sarif junit github; do want 1 -o "$form" lint; done
}

@test "a database on SQLite: what it has run is not judged, --applied does, --text-only asks nobody" {
	export DATABASE_URL=sqlite:app.db
	migration V001__a.sql "CREATE TABLE t (a STRING);"
	w up -q
	migration V002__b.sql "DELETE FROM t;"
	want 2 -o json lint
	[ "$(json '[d["summary"]["files"], d["summary"]["server"][:6]]')" = '[1, "SQLite"]' ]
	want 2 -o json lint --applied
	[ "$(json 'd["summary"]["files"]')" = 2 ]
	want 2 -o json lint --text-only
	[ "$(json '[d["summary"]["files"], d["summary"]["server"]]')" = '[2, null]' ]
	export DATABASE_URL=postgres://nobody@127.0.0.1:1/none
	want 6 lint
	want 2 lint --text-only
}

@test "SQLite: nothing is said in words that are true of PostgreSQL alone" {
	export DATABASE_URL=sqlite:app.db
	migration V001__a.sql "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER, price NUMERIC);
CREATE TABLE o (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t (id));
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO t SELECT i, 'x', i, i FROM n;"
	w up -q
	migration V002__b.sql "CREATE INDEX t_a ON t (a);
UPDATE t SET b = 1;
ALTER TABLE t ADD COLUMN c TEXT UNIQUE;
ALTER TABLE t ALTER COLUMN a SET NOT NULL;
ALTER TABLE t ALTER COLUMN b TYPE TEXT;
ALTER TABLE t ADD CONSTRAINT positive CHECK (price > 0);
ALTER TABLE t DROP COLUMN price;
DELETE FROM t WHERE a < '2026-01-01';
ALTER TABLE o RENAME TO orders;
VACUUM;"
	want 2 lint
	lacks "$out" 'ACCESS|EXCLUSIVE|CONCURRENTLY|reads and writes|readers wait|stay locked|now\(\)|lock_timeout|NOT VALID'
	[ "$(printf '%s\n' "$out" | grep -Ec 'V002__b.sql:1:1: .*while the index on t \(3,000 rows\) is built')" = 1 ]
	[ "$(printf '%s\n' "$out" | grep -c '^migrations/V002__b.sql:1:')" = 1 ]
	has "$out" 'V002__b.sql:2:1: warning: all rows of t \(3,000 rows\) are written in one transaction: nobody else writes'
	has "$out" 'V002__b.sql:6:[0-9]+: warning: nobody else writes to the database while t \(3,000 rows\) is .* \[blocking-work\]'
	has "$out" 'for those that write it needs INSTEAD OF triggers'
	want 0 plan
	lacks "$out" 'ACCESS|EXCLUSIVE|CONCURRENTLY|readers wait|stay locked|NOT VALID|of the server'
}

@test "a database on PostgreSQL: sizes, types, volatility and partitions are the real ones" {
	pg_database
	export DATABASE_URL=$PG_URL
	migration V001__a.sql "CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE small (id bigint PRIMARY KEY, a varchar(10), state text);
CREATE TABLE large (id bigint PRIMARY KEY, a varchar(10), b int NOT NULL);
INSERT INTO large SELECT i, 'x', i FROM generate_series(1, 5000) i;
CREATE FUNCTION steady() RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION fickle() RETURNS int VOLATILE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';"
	w up -q
	psql -qXc 'ANALYZE' "$DATABASE_URL"
	migration V002__b.sql "-- migrate:up transaction:false
CREATE INDEX i ON small (a);
CREATE INDEX j ON large (a);
ALTER TABLE large ALTER COLUMN a TYPE text;
ALTER TABLE large ALTER COLUMN b TYPE bigint;
ALTER TABLE large ADD COLUMN c int DEFAULT steady();
ALTER TABLE large ADD COLUMN d int DEFAULT fickle();
ALTER TABLE large ALTER COLUMN b SET NOT NULL;
ALTER TABLE large ADD COLUMN e positive;
-- migrate:down
SELECT 1;"
	want 1 -o json lint
	[ "$(json '[(f["line"], f["rule"], f["severity"]) for f in d["findings"]]')" = \
		'[[2, "index-concurrently", "info"], [3, "index-concurrently", "error"], [5, "column-type", "error"], [7, "add-column-volatile-default", "error"], [9, "blocking-work", "error"]]' ]
	has "$out" '5,000 rows'
	printf 'lint: { rules: { index-concurrently: off, blocking-work: warning } }\n' >whimbrel.yaml
	want 1 -o json lint
	[ "$(json '[(f["line"], f["severity"]) for f in d["findings"] if f["line"] < 5 or f["rule"] == "blocking-work"]')" = '[[9, "warning"]]' ]
	rm whimbrel.yaml
	want 1 -o json lint
	has "$(json 'd["summary"]["server"]')" '^PostgreSQL '
	[ "$(json 'd["summary"]["unknown"]')" = '[]' ]
}

@test "a file that cannot be read is a finding" {
	migration V001__a.sql "SELECT 1;"
	ln -s V002__b.sql migrations/V002__b.sql
	want 1 -o json lint
	[ "$(json '[f["rule"] for f in d["findings"] if f["severity"] == "error"]')" = '["unreadable"]' ]
}

@test "the examples are clean, or say why not" {
	cp -r "$repo/examples/orchestrator/whimbrel.yaml" "$repo/examples/orchestrator/src" .
	want 0 lint --text-only
	has "$out" ', 0 errors, 0 warnings, '
	sed -i '/^ *reason:/d' whimbrel.yaml
	want 65 lint --text-only
	cp -r "$repo/examples/sark" .
	cd sark
	# shellcheck disable=SC2046
	want 0 lint --text-only $(find . -name '*.sql')
	has "$out" ', 0 errors, 0 warnings, '
}

@test "explain: a rule, all of them, JSON, Markdown, a misspelt name" {
	want 0 explain set-not-null
	has "$out" '^set-not-null - error, postgresql'
	has "$out" 'VALIDATE CONSTRAINT users_email_not_null'
	want 0 explain
	has "$out" 'index-concurrently +error'
	want 0 -o json explain drop-table
	[ "$(json '[d["rule"], d["severity"], d["loses_data"]]')" = '["drop-table", "error", true]' ]
	want 0 -o markdown explain
	has "$out" '^# Rules of lint'
	want 64 explain set-notnull
	has "$err" 'set-not-null'
}
