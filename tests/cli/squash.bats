#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# squash: one baseline file makes what the old files made, rows included, or nothing changes; killed at any moment the
# folder is valid; databases with all, some and none of the old files.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	export DATABASE_URL=sqlite:app.db
}

# Four files of tables that are awkward to write down, and a fifth that stays.
five_files() {
	migration V001__people.sql <<-'SQL'
		-- migrate:up
		CREATE TABLE tasks (id INTEGER PRIMARY KEY AUTOINCREMENT, who TEXT REFERENCES people (name), done REAL, twice AS (done * 2));
		CREATE TABLE people (name TEXT, photo BLOB);
		CREATE UNIQUE INDEX people_name ON people (name);
		INSERT INTO people VALUES ('it''s', x'00ff'), ('a' || char(0) || 'b', NULL), ('two' || char(13, 10) || '-- migrate:down', x''), (CAST(x'ff' AS TEXT), 1);
		-- migrate:down
		DROP TABLE tasks;
		DROP TABLE people;
	SQL
	migration V002__tasks.sql <<-'SQL'
		-- migrate:up
		INSERT INTO tasks (who, done) VALUES ('it''s', 0.1), (NULL, -9e999), (NULL, 1.0000000000000002);
		DELETE FROM tasks WHERE id = 3;
		CREATE TABLE pairs (k PRIMARY KEY, v) WITHOUT ROWID;
		INSERT INTO pairs VALUES (2, 9223372036854775807), (1, '${name}');
		-- migrate:down
		DROP TABLE pairs;
		DELETE FROM tasks;
	SQL
	migration V003__words.sql <<-'SQL'
		-- migrate:up
		CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT);
		CREATE VIRTUAL TABLE words USING fts5(text, content = 'notes', content_rowid = 'id');
		CREATE VIRTUAL TABLE loose USING fts5(text);
		CREATE TRIGGER notes_new AFTER INSERT ON notes BEGIN
			INSERT INTO words (rowid, text) VALUES (new.id, new.text);
		END;
		INSERT INTO notes VALUES (7, 'find me');
		INSERT INTO loose (rowid, text) VALUES (9, 'and me');
		CREATE VIEW latest AS SELECT max(id) AS id FROM notes -- the newest
		;
		-- migrate:down
		DROP VIEW latest;
		DROP TABLE notes;
		DROP TABLE words;
		DROP TABLE loose;
	SQL
	migration V004__numbers.sql <<-'SQL'
		-- migrate:up
		ANALYZE;
		PRAGMA user_version = 42;
		PRAGMA application_id = 77;
		-- migrate:down
		PRAGMA user_version = 0;
	SQL
	migration V005__towns.sql <<-'SQL'
		-- migrate:up
		CREATE TABLE towns (id INTEGER PRIMARY KEY);
		-- migrate:down
		DROP TABLE towns;
	SQL
}

three_files() {
	migration V001__a.sql $'-- migrate:up\nCREATE TABLE a (i INTEGER);\n-- migrate:down\nDROP TABLE a;'
	migration V002__b.sql $'-- migrate:up\nCREATE TABLE b (i INTEGER);\n-- migrate:down\nDROP TABLE b;'
	migration V003__c.sql $'-- migrate:up\nCREATE TABLE c (i INTEGER);\n-- migrate:down\nDROP TABLE c;'
}

# Everything in an SQLite file but the journal, in no order of creation.
content() { # FILE
	sqlite3 "$1" .dump | grep -v whimbrel_ | sed 's/ -- the newest$//' | sort
	sqlite3 "$1" 'PRAGMA user_version' 'PRAGMA application_id' "SELECT rowid FROM words ('find')" "SELECT rowid FROM loose ('me')" \
		"SELECT name, seq FROM sqlite_sequence" "SELECT typeof(done), quote(done) FROM tasks"
}

names() { (cd migrations && ls "$@"); }

@test "SQLite: the baseline makes the same database, rows included" {
	five_files
	want 0 --url sqlite:old.db up
	want 0 squash --to 4 --yes
	has "$out" 'Wrote migrations/B004__squashed.sql in place of 4 files'
	[ "$(names | tr '\n' ' ')" = 'B004__squashed.sql V005__towns.sql ' ]
	[ ! -e app.db ]
	want 0 up
	[ "$(lite 'SELECT version FROM whimbrel_schema_migrations ORDER BY rank' | tr '\n' ' ')" = '004 005 ' ]
	content old.db >old.txt
	content app.db >new.txt
	[ "$(wc -l <old.txt)" -gt 40 ]
	diff old.txt new.txt
	wait_gone find /tmp -maxdepth 1 -name 'whimbrel-squash-*'
}

@test "SQLite: rows that refer to each other go in where foreign keys are enforced" {
	migration V001__a.sql "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b (id) DEFERRABLE INITIALLY DEFERRED); CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id));"
	migration V002__b.sql "INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1);"
	want 0 squash --to 2 --yes
	(
		echo 'PRAGMA foreign_keys = ON; BEGIN;'
		cat migrations/B002__squashed.sql
		echo 'COMMIT;'
	) | sqlite3 -bail app.db
	[ "$(lite 'SELECT count(*) FROM a JOIN b ON b.id = a.b AND b.a = a.id')" = 1 ]
}

pg_files() {
	migration 0001_people.up.sql <<-'SQL'
		CREATE SCHEMA app;
		CREATE TABLE app.people (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, boss int REFERENCES app.people, since timestamptz DEFAULT now());
		INSERT INTO app.people (name, boss) VALUES ('ann', 2), (E'tab\tback\\ line\n;', 1), ('-- migrate:down', 1), (E'\restrict me', NULL);
		CREATE TABLE raw (line text);
		INSERT INTO raw VALUES (E'\restrict abc'), (E'\\.'), ('${x}'), (NULL);
	SQL
	migration 0001_people.down.sql 'DROP SCHEMA app CASCADE;'
	migration 0002_more.up.sql <<-'SQL'
		CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
		-- migrate:down
			RETURN NEW;
		END $$;
		CREATE TRIGGER touch BEFORE UPDATE ON app.people FOR EACH ROW EXECUTE FUNCTION app.touch();
		CREATE MATERIALIZED VIEW app.heads AS SELECT count(*) FROM app.people;
		CREATE INDEX CONCURRENTLY people_name ON app.people (name);
	SQL
	migration 0002_more.down.sql 'DROP MATERIALIZED VIEW app.heads;'
	migration 0003_later.up.sql 'CREATE TABLE later (i int);'
	migration 0003_later.down.sql 'DROP TABLE later;'
}

pg_content() { # URL
	pg_dump --no-owner --exclude-schema=whimbrel "$1" | grep -Ev '^\\(un)?restrict [A-Za-z0-9]{20}' | sed -E 's/[0-9:.-]+ [0-9:.]+\+00$/TIME/'
}

scratch_databases() {
	pg_sql postgres "SELECT datname FROM pg_database WHERE datname LIKE 'whimbrel_scratch%'"
}

@test "PostgreSQL: the baseline makes the same database, rows included" {
	pg_files
	pg_database
	old=$PG_URL
	want 0 --url "$old" up
	want 0 --url "$old" squash --to 2 --yes
	wait_gone scratch_databases
	[ "$(names | tr '\n' ' ')" = '0003_later.down.sql 0003_later.up.sql B0002__squashed.sql ' ]
	want 0 --url "$old" up
	has "$out" 'Nothing to apply'
	pg_database
	want 0 --url "$PG_URL" up
	pg_content "$old" >old.txt
	pg_content "$PG_URL" >new.txt
	grep -q 'restrict abc' old.txt
	diff old.txt new.txt
	want 4 --url "$PG_URL" down --to 0 --yes
	has "$err" '0002 is a baseline: there is nothing to revert'
}

@test "what the baseline does not make again is refused, and nothing has changed" {
	migration V001__a.sql "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO a VALUES (5);"
	migration V002__b.sql "DELETE FROM sqlite_sequence;"
	want 1 squash --to 2 --yes
	has "$err" 'does not make the same database'
	has "$err" 'sqlite_sequence'
	[ "$(names -A | tr '\n' ' ')" = 'V001__a.sql V002__b.sql ' ]
}

@test "SQLite: a full-text index whose rows cannot be read is refused" {
	three_files
	migration V002__b.sql "CREATE VIRTUAL TABLE b USING fts5(t, content = ''); INSERT INTO b (rowid, t) VALUES (1, 'x');"
	want 3 squash --to 2 --yes
	has "$err" 'the baseline, alone on an empty scratch database: .*contentless'
	[ "$(names -A | wc -l)" = 3 ]
}

@test "PostgreSQL: a dump that is another one each time is refused" {
	pg_files
	pg_database
	mkdir bin
	cat >bin/pg_dump <<-'SH'
		#!/bin/sh
		case $1 in --version) exec pg_dump --version ;; esac
		PATH=${PATH#"$HOME/bin:"}
		pg_dump "$@" && echo "SELECT '$$';"
	SH
	chmod +x bin/pg_dump
	WHIMBREL_PG_BIN=$HOME/bin want 1 --url "$PG_URL" squash --to 2 --yes
	has "$err" 'does not make the same database'
	has "$err" "SELECT '[0-9]+';"
	[ "$(names -A | grep -c squash)" = 0 ]
	[ "$(names | wc -l)" = 6 ]
}

@test "PostgreSQL: without pg_dump, and without CREATEDB, it says what is missing" {
	pg_files
	pg_database
	mkdir empty
	WHIMBREL_PG_BIN=$HOME/empty want 4 --url "$PG_URL" squash --to 2 --yes
	has "$err" 'pg_dump, which comes with PostgreSQL, is not there'
	pg_sql "$PG_DB" "CREATE ROLE nobody_much LOGIN"
	want 4 --url "${PG_URL/user=postgres/user=nobody_much}" squash --to 2 --yes
	pg_sql "$PG_DB" "DROP ROLE nobody_much"
	has "$err" 'a scratch database cannot be created'
	has "$err" 'CREATEDB'
	[ "$(names -A | wc -l)" = 6 ]
}

@test "--keep leaves the old files; a second call removes them without proving anew" {
	three_files
	want 0 -o json squash --to 2 --keep
	[ "$(json '[d["file"], d["replaced"], d["kept"], d["finished"]]')" = '["migrations/B002__squashed.sql", ["migrations/V001__a.sql", "migrations/V002__b.sql"], true, false]' ]
	[ "$(json 'd["bytes"]')" = "$(stat -c %s migrations/B002__squashed.sql)" ]
	[ "$(names | wc -l)" = 4 ]
	want 0 --url sqlite:some.db up --to 1
	want 0 up
	[ "$(lite 'SELECT version FROM whimbrel_schema_migrations ORDER BY rank' | tr '\n' ' ')" = '002 003 ' ]
	want 0 -o json squash --to 2 --yes
	[ "$(json '[d["kept"], d["finished"]]')" = '[false, true]' ]
	[ "$(names | tr '\n' ' ')" = 'B002__squashed.sql V003__c.sql ' ]
	want 0 squash --to 2 --yes
	has "$out" 'nothing was left to do'
}

@test "a baseline or an old file that was changed since it was proved is not finished" {
	three_files
	want 0 squash --to 2 --keep
	sed -i 's/i INTEGER/i TEXT/' migrations/V001__a.sql
	want 4 squash --to 2 --yes
	has "$err" 'V001__a.sql was changed since it was proved'
	three_files
	echo 'CREATE TABLE d (i INTEGER);' >>migrations/B002__squashed.sql
	want 4 squash --to 2 --yes
	has "$err" 'it was changed since it was proved'
	migration B002__squashed.sql 'CREATE TABLE a (i INTEGER);'
	want 4 squash --to 2 --yes
	has "$err" 'it was not written by .squash'
	rm migrations/B002__squashed.sql
	want 0 squash --to 2 --keep
	migration V001.1__new.sql 'CREATE TABLE n (i INTEGER);'
	want 4 squash --to 2 --yes
	has "$err" 'V001.1__new.sql is none of the files it stands for'
	[ "$(names | wc -l)" = 5 ]
}

@test "a database with all of the old files has nothing to do, and is not reverted past the baseline" {
	three_files
	want 0 up
	want 0 squash --to 2 --yes
	want 0 up
	has "$out" 'Nothing to apply'
	want 0 status
	has "$out" 'Nothing is pending'
	lacks "$out" 'missing'
	want 0 validate
	want 0 down --yes
	want 4 down --yes
	has "$err" 'migration 002 is part of baseline 002'
	has "$err" 'check out the commit before'
	want 0 up
}

@test "a database with some of the old files is refused, and told the way" {
	three_files
	want 0 up --to 1
	want 0 squash --to 2 --yes
	want 4 up
	has "$err" 'the database stands at 001'
	has "$err" 'check out the commit before they were squashed'
	[ "$(lite "SELECT count(*) FROM sqlite_master WHERE name IN ('b', 'c')")" = 0 ]
}

@test "killed at any moment, the folder is valid and the same command finishes" {
	for sum in no yes; do
		for step in 1 2 3 4 5 6; do
			rm -rf migrations ./*.db*
			three_files
			want 0 --url sqlite:all.db up
			want 0 --url sqlite:some.db up --to 1
			[ $sum = no ] || want 0 validate --write-sum
			WHIMBREL_FAULT_STEP=kill@before:$step want $((step < 6 ? 137 : 0)) squash --to 2 --yes
			# Between the file and the list of files, the list says so.
			if [ "$sum $step" = 'yes 2' ]; then
				want 4 up
				has "$err" 'B002__squashed.sql is not in migrations.sum'
			else
				want 0 --url sqlite:all.db up
				has "$out" 'Nothing to apply'
				want 0 up
				[ "$(lite 'SELECT count(*) FROM a JOIN b JOIN c')" = 0 ]
				[ $step = 1 ] || [ "$(lite 'SELECT min(version) FROM whimbrel_schema_migrations')" = 002 ]
				want $((step < 4 ? 0 : 4)) --url sqlite:some.db up
			fi
			want 0 squash --to 2 --yes
			[ "$(names -A | grep -v sum | tr '\n' ' ')" = 'B002__squashed.sql V003__c.sql ' ]
			want 0 validate
			[ $sum = no ] || [ "$(grep -c 'sql$' migrations/migrations.sum)" = 2 ]
		done
	done
}

@test "migrations.sum is written anew, but takes nothing else in" {
	three_files
	want 0 validate --write-sum
	sed -i 's/i INTEGER/i TEXT/' migrations/V003__c.sql
	want 4 squash --to 2 --yes
	has "$err" 'V003__c.sql was changed'
	[ "$(names | wc -l)" = 4 ]
	want 0 validate --write-sum
	want 0 squash --to 2 --yes
	want 0 validate
	[ "$(grep -o '[^ ]*sql$' migrations/migrations.sum | tr '\n' ' ')" = 'B002__squashed.sql V003__c.sql ' ]
}

@test "what is asked wrongly" {
	three_files
	want 64 squash
	has "$err" 'needs --to VERSION'
	want 64 squash --to 9 --yes
	has "$err" 'there is no migration 9'
	want 4 squash --to 1 --yes
	has "$err" 'V001__a.sql is the only file up to version 001'
	want 4 squash --to 2
	has "$err" '--yes'
	unset DATABASE_URL
	want 64 squash --to 2 --yes
	migration V002__b.sql 'CREATE TABLE b (i INTEGER'
	want 3 --url sqlite:app.db squash --to 2 --yes
	[ "$(names -A | wc -l)" = 3 ]
}

@test "a migration that fails on the scratch database is named, and nothing has changed" {
	three_files
	migration V002__b.sql 'CREATE TABLE a (i INTEGER);'
	want 3 squash --to 2 --yes
	has "$err" 'V002__b.sql:1'
	[ "$(names -A | wc -l)" = 3 ]
}

@test "every family: files that stay may lean on versions in the baseline, and new ones go on" {
	migration 20250101_120000_schema_a.sql 'CREATE TABLE a (i INTEGER);'
	migration 20250101_130000_schema_b.sql 'CREATE TABLE b (i INTEGER);'
	want 0 squash --to 20250101_130000 --yes
	[ "$(names)" = B20250101_130000__squashed.sql ]
	want 0 up
	want 0 new 'and on'
	names | grep -Eq '^[0-9]{8}_[0-9]{6}_schema_and_on.sql$'
	rm -rf migrations app.db
	migration 001_a.sql 'CREATE TABLE a (i INTEGER);'
	migration 002_b.sql 'CREATE TABLE b (i INTEGER);'
	migration 003_c.sql $'-- migrate:up depends:001\nCREATE TABLE c (i INTEGER);'
	want 0 squash --to 2 --yes
	want 0 up
	[ "$(lite 'SELECT count(*) FROM a JOIN b JOIN c')" = 0 ]
	want 0 new 'and on'
	[ -e migrations/004_and_on.sql ]
}

@test "files that would be left without what they lean on are named before anything changes" {
	migration V001__a.sql $'-- ID: first\n-- Author: ann\nCREATE TABLE a (i INTEGER);'
	migration V002__b.sql 'CREATE TABLE b (i INTEGER);'
	migration V003__c.sql $'-- migrate:up depends:first\nCREATE TABLE c (i INTEGER);'
	want 4 squash --to 2 --yes
	has "$err" 'with the baseline in place of the old files: .*depends on first'
	want 0 squash --to 2 --keep
	want 4 squash --to 2 --yes
	has "$err" 'depends on first'
	[ "$(names | wc -l)" = 4 ]
}

@test "undo files go with what they undo, repeatables stay, and a baseline is squashed like a file" {
	three_files
	migration U002__b.sql 'DROP TABLE b;'
	sed -i '/migrate:down/,$d' migrations/V002__b.sql
	migration R__view.sql 'CREATE VIEW IF NOT EXISTS v AS SELECT 1 AS one;'
	want 0 squash --to 2 --yes
	[ "$(names | tr '\n' ' ')" = 'B002__squashed.sql R__view.sql V003__c.sql ' ]
	want 0 squash --to 3 --yes
	[ "$(names | tr '\n' ' ')" = 'B003__squashed.sql R__view.sql ' ]
	want 0 up
	[ "$(lite 'SELECT count(*) FROM a JOIN b JOIN c JOIN v')" = 0 ]
}

@test "another tool's history is taken over where it is past the baseline, and refused where it is before" {
	three_files
	want 0 squash --to 3 --yes
	sqlite3 app.db 'CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
		INSERT INTO schema_migrations VALUES ("001"), ("002")'
	want 4 adopt --from dbmate
	has "$err" 'dbmate stands at 002, and the files from there to 003 are gone'
	has "$err" 'B003__squashed.sql'
	want 4 adopt --from dbmate --dry-run
	sqlite3 app.db 'INSERT INTO schema_migrations VALUES ("003")'
	want 0 adopt --from dbmate
	lacks "$out" 'None of the versions'
	want 0 up
	has "$out" 'Nothing to apply'
}
