#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# SQLite itself tries statements before they run: what it would refuse is told by
# lint, plan and validate with its place; nothing else is refused, and the database
# is left as it was.

load setup

setup() {
	case_setup
	export DATABASE_URL=sqlite:app.db
	mkdir migrations
}

migration() {
	printf '%s\n' "$2" >"migrations/$1"
}

@test "plan names what would fail, with file, line, column and cause, and what triggers do" {
	migration V001__a.sql 'CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE log (what TEXT);
CREATE TRIGGER t_log AFTER DELETE ON t BEGIN INSERT INTO log VALUES (old.name); END;'
	want 0 up
	migration V002__b.sql 'DELETE FROM t;
DELETE FROM log;
CREATE INDEX t_n ON t (nmae);'
	migration V003__c.sql 'CREATE TABEL x (a INT);'
	before=$(sha256sum app.db)
	want 4 plan
	has "$out" 'note: fires the trigger t_log: inserts into log'
	has "$out" 'note: empties the table at once'
	has "$out" 'up would fail: migrations/V002__b.sql:3:24: no such column: nmae \(is the name right'
	has "$out" 'up would fail: migrations/V003__c.sql:1:8: near "TABEL": syntax error'
	has "$out" '^Would be refused: up does not get through, the notes say why'
	lacks "$out" 'The application goes on'
	want 4 -o json plan
	[ "$(json 'len(d["notes"])')" = 2 ]
	[ "$(json 'd["refused"]')" = true ]
	# What is wrong is said, and not that it is not known as well.
	[ "$(json '[s["notes"] for s in d["steps"] if "TABEL" in s["sql"]]')" = '[["near \"TABEL\": syntax error"]]' ]
	want 4 -o markdown plan
	has "$out" '^\*\*Would be refused: '
	want 1 validate
	has "$out$err" 'V002__b.sql:3:24: error: no such column: nmae \[refused\]'
	has "$out$err" 'V003__c.sql:1:8: error: near "TABEL": syntax error \[syntax\]'
	[ "$(sha256sum app.db)" = "$before" ]
	want 3 up
	has "$err" 'V002__b.sql:3:24: error: no such column: nmae'
}

@test "a live schema is exact, the text alone is not" {
	lite 'CREATE TABLE made_elsewhere (a INTEGER)'
	migration V001__a.sql 'INSERT INTO made_elsewhere (b) VALUES (1);
INSERT INTO nowhere (b) VALUES (1);'
	want 1 -o json lint
	[ "$(json '[[f["severity"], f["line"], f["column"]] for f in d["findings"] if f["rule"] == "sqlite-refused"]')" = \
		'[["error", 1, 29], ["error", 2, 13]]' ]
	want 0 -o json lint --text-only
	[ "$(json '[f for f in d["findings"] if f["rule"] == "sqlite-refused"]')" = '[]' ]
}

@test "what the migrations before have made is known without a database" {
	migration V001__a.sql 'CREATE TABLE t (a INTEGER);'
	migration V002__b.sql 'ALTER TABLE t RENAME COLUMN a TO b;'
	migration V003__c.sql 'UPDATE t SET a = 1 WHERE b = 2;'
	want 0 -o json lint --text-only
	[ "$(json '[[f["severity"], f["file"], f["line"]] for f in d["findings"] if f["rule"] == "sqlite-refused"]')" = \
		'[["warning", "migrations/V003__c.sql", 1]]' ]
}

@test "the way back is tried, and forgotten" {
	migration V001__a.sql '-- migrate:up
CREATE TABLE t (a INTEGER);
-- migrate:down
DROP TABLE t;'
	migration V002__b.sql '-- migrate:up
ALTER TABLE t ADD COLUMN b TEXT UNIQUE;
-- migrate:down
ALTER TABLE t DROP COLUMN c;'
	want 1 validate
	has "$out$err" 'V002__b.sql:4:27: error: the table t has no column c'
	sed -i 's/COLUMN c/COLUMN b/' migrations/V002__b.sql
	want 0 validate
	want 0 plan
	want 0 up
	want 0 plan --down
	want 0 down
}

@test "nothing is run that reaches outside" {
	migration V001__a.sql "-- migrate:up transaction:false
ATTACH 'evil.db' AS evil;
VACUUM INTO 'copy.db';
PRAGMA journal_mode = WAL;"
	lite 'CREATE TABLE t (a)'
	w plan >/dev/null || true
	w lint >/dev/null || true
	w validate >/dev/null || true
	[ ! -e evil.db ]
	[ ! -e copy.db ]
	[ "$(lite 'PRAGMA journal_mode')" = delete ]
}

@test "a thousand statements of one form are as exact as the first" {
	lite 'CREATE TABLE big (id INTEGER PRIMARY KEY)'
	for i in $(seq 1 330); do
		printf 'CREATE TABLE t%d (id INTEGER PRIMARY KEY, c%d TEXT);\nCREATE INDEX i%d ON t%d (c%d);\nALTER TABLE big ADD COLUMN b%d INT;\n' \
			"$i" "$i" "$i" "$i" "$i" "$i"
	done >migrations/V001__many.sql
	printf 'CREATE INDEX wrong ON t300 (c301);\nUPDATE big SET b300 = 1, b331 = 2;\n' >migrations/V002__wrong.sql
	want 4 -o json plan
	[ "$(json '[n.split(": ")[1:3] for n in d["notes"]]')" = \
		'[["migrations/V002__wrong.sql:1:29", "no such column"], ["migrations/V002__wrong.sql:2:26", "no such column"]]' ]
}

@test "what is behind a baseline, or half done, is not refused" {
	lite 'CREATE TABLE t (a)'
	migration V001__a.sql 'CREATE TABLE t (a);'
	migration V002__b.sql 'ALTER TABLE t ADD COLUMN b;'
	want 0 baseline 001
	want 0 validate
	want 0 -o json lint
	[ "$(json '[f for f in d["findings"] if f["rule"] == "sqlite-refused"]')" = '[]' ]
	migration V003__c.sql '-- migrate:up transaction:false
CREATE TABLE u (a);
INSERT INTO u VALUES (1, 2);'
	want 3 up
	migration V003__c.sql '-- migrate:up transaction:false
CREATE TABLE u (a);
INSERT INTO u VALUES (1);'
	want 0 validate
	want 0 plan
	want 0 -o json lint
	[ "$(json '[f for f in d["findings"] if f["rule"] == "sqlite-refused"]')" = '[]' ]
	want 0 up
}

@test "a file beside the folder is read, and not refused for what is there" {
	lite 'CREATE TABLE t (a)'
	printf 'CREATE TABLE t (a);\n' >loose.sql
	want 0 -o json lint loose.sql
	printf 'CREATE TABEL t (a);\n' >loose.sql
	want 1 -o json lint loose.sql
}
