#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# snapshot, dump and diff: between databases, folders of migrations and files; what is refused; the next migration made
# of a difference, applied and reverted.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	export TMPDIR=$HOME/tmp # other clones' tests have files in /tmp
	mkdir "$TMPDIR"
}

teardown() {
	pg_database_drop
	case_teardown
}

shop() {
	sqlite3 "$1" <<-'SQL'
		CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, town TEXT DEFAULT 'Enkhuizen; not two');
		CREATE TABLE orders (id INTEGER PRIMARY KEY, who INTEGER REFERENCES people (id) ON DELETE CASCADE, sum REAL CHECK (sum >= 0));
		CREATE UNIQUE INDEX people_name ON people (name);
		CREATE VIEW names AS SELECT name FROM people;
		CREATE TRIGGER people_gone AFTER DELETE ON people BEGIN DELETE FROM orders WHERE who = old.id; END;
	SQL
}

one_migration() {
	migration V001__people.sql <<-'SQL'
		-- migrate:up
		CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
		-- migrate:down
		DROP TABLE people;
	SQL
}

# Nothing on standard output when it failed.
fails() { # STATUS PATTERN ARGUMENTS…
	local pattern=$2 status=$1
	shift 2
	want "$status" "$@"
	[ -z "$out" ] || { printf 'on standard output:\n%s\n' "$out"; return 1; }
	has "$err" "$pattern"
}

# ---- snapshots ----

@test "a snapshot goes to a file and back: the same text, the same schema" {
	shop app.db
	export DATABASE_URL=sqlite:app.db
	want 0 snapshot --file a.snapshot
	[ -z "$out" ]
	has "$err" '^Wrote a\.snapshot: 2 tables, '
	want 0 -q snapshot --file b.snapshot
	[ -z "$err" ]
	cmp a.snapshot b.snapshot
	want 0 snapshot a.snapshot
	[ "$out" = "$(cat a.snapshot)" ]
	want 0 diff a.snapshot
	has "$out" '^No differences: a\.snapshot and sqlite:app\.db have the same schema\.$'
	want 0 diff sqlite:app.db a.snapshot --sql
	[ -z "$out" ]
	want 0 diff app.db a.snapshot
}

@test "a snapshot makes the database when it is run, and the order of making does not show" {
	shop app.db
	want 0 snapshot sqlite:app.db --file a.snapshot
	sqlite3 again.db <a.snapshot
	want 0 diff sqlite:app.db sqlite:again.db
	want 0 dump sqlite:app.db
	has "$out" 'CREATE TABLE "?orders"?'
	lacks "$out" '^--'
	printf '%s\n' "$out" >dump.sql
	sqlite3 dumped.db <dump.sql
	want 0 snapshot sqlite:dumped.db
	[ "$out" = "$(cat a.snapshot)" ]
	want 0 dump a.snapshot
	[ "$out" = "$(cat dump.sql)" ]
}

@test "Whimbrel's own tables are no part of it" {
	one_migration
	export DATABASE_URL=sqlite:app.db
	want 0 up
	want 0 snapshot -o json
	[ "$(json 'd["counts"]["table"]')" = 1 ]
	[ "$(json 'd["engine"]')" = sqlite ]
	[ "$(json 'd["origin"]')" = sqlite:app.db ]
	[ "$(json 'len(d["hash"])')" = 64 ]
	[ "$(json 'sorted(d["objects"][0])')" = '["attributes", "kind", "name", "parent", "path", "schema"]' ]
	[ "$(json '[o["attributes"]["type"] for o in d["objects"] if o["path"] == "people.name"][0]')" = TEXT ]
	lacks "$out" whimbrel_
	want 0 dump
	lacks "$out" whimbrel_
	want 0 diff migrations
}

# ---- folders ----

@test "a folder of migrations is run in a scratch database that is gone afterwards" {
	one_migration
	migration V002__town.sql $'-- migrate:up\nALTER TABLE people ADD COLUMN town TEXT;\n-- migrate:down\nALTER TABLE people DROP COLUMN town;'
	export DATABASE_URL=sqlite:app.db
	want 0 up --to 001
	want 2 diff migrations -o json
	[ "$(json '[[x[k] for k in ("type", "kind", "object", "severity")] for x in d["differences"]]')" = '[["unexpected", "column", "people.town", "critical"]]' ]
	[ "$(json 'd["from"]')" = migrations ]
	want 0 diff migrations --to 001
	want 0 up
	want 0 diff migrations
	[ -z "$(ls "$TMPDIR")" ] || { ls "$TMPDIR" && return 1; }
	# Without any database an engine is wanted, and nothing else.
	unset DATABASE_URL
	want 0 snapshot migrations --scratch-url sqlite::memory:
	WHIMBREL_ENGINE=sqlite want 0 snapshot migrations --to 001
	has "$out" '^-- 1 table, 2 columns'
}

@test "a migration that fails on the scratch database is told, with its place" {
	migration V001__bad.sql $'-- migrate:up\nCREATE TABLE a (i INTEGER);\nCREATE NONSENSE;\n-- migrate:down\nDROP TABLE a;'
	sqlite3 app.db 'VACUUM'
	fails 3 'V001__bad\.sql:3' --url sqlite:app.db snapshot migrations
}

# ---- differences ----

@test "two databases: a list, SQL behind it, and the exit status" {
	shop old.db
	shop new.db
	sqlite3 new.db 'CREATE TABLE tags (id INTEGER PRIMARY KEY); DROP VIEW names; CREATE VIEW names AS SELECT id, name FROM people;'
	want 1 diff sqlite:old.db sqlite:new.db
	has "$out" '^table +tags +missing +high$'
	has "$out" '^view +names +'
	has "$out" '^CREATE TABLE "?tags"?'
	[ -z "$err" ]
	want 1 diff sqlite:old.db sqlite:new.db --sql
	printf '%s\n' "$out" >change.sql
	sqlite3 old.db <change.sql
	want 0 diff sqlite:old.db sqlite:new.db
}

@test "what is no row is different, not critical" {
	shop old.db
	shop new.db
	sqlite3 new.db 'CREATE INDEX orders_who ON orders (who)'
	want 1 diff sqlite:old.db sqlite:new.db
	has "$out" '^index +.*orders_who +missing +high$'
	want 1 diff sqlite:new.db sqlite:old.db --sql
	has "$out" '^DROP INDEX'
}

@test "what destroys data is a comment until it is asked for" {
	shop old.db
	sqlite3 new.db 'CREATE TABLE people (id INTEGER PRIMARY KEY)'
	shop other.db
	sqlite3 other.db 'DROP TABLE orders'
	want 2 diff sqlite:old.db sqlite:other.db --sql
	has "$err" 'warning: 1 change destroys data and is written as comments; --allow-destructive'
	has "$out" '^-- destroys data$'
	has "$out" '^-- DROP TABLE "?orders"?'
	lacks "$out" '^DROP TABLE'
	printf '%s\n' "$out" >change.sql
	sqlite3 old.db "INSERT INTO orders VALUES (1, NULL, 2)"
	sqlite3 old.db <change.sql
	[ "$(sqlite3 old.db 'SELECT sum FROM orders')" = 2.0 ]
	want 2 diff sqlite:old.db sqlite:other.db --sql --allow-destructive
	[ -z "$err" ]
	has "$out" '^DROP TABLE'
	want 2 diff sqlite:old.db sqlite:other.db -o json
	[ "$(json '[c["destroys"] for c in d["changes"] if c["kind"] == "table"]')" = '[true]' ]
}

@test "JSON and Markdown" {
	shop old.db
	shop new.db
	sqlite3 new.db 'CREATE TABLE "a|b" (i INTEGER)'
	want 1 diff sqlite:old.db sqlite:new.db -o json
	[ "$(json 'd["different"]')" = true ]
	[ "$(json '[d["from"], d["to"]]')" = '["sqlite:old.db", "sqlite:new.db"]' ]
	[ "$(json 'sorted(d["differences"][0])')" = '["actual", "attribute", "expected", "kind", "object", "severity", "sql", "type"]' ]
	[ "$(json 'sorted(d["changes"][0])')" = '["destroys", "kind", "object", "recreates", "sql"]' ]
	want 1 diff sqlite:old.db sqlite:new.db -o markdown --file report.md
	[ -z "$out" ]
	has "$(cat report.md)" '^\| table \| .*a\\\|b.* \| missing \| high \|$'
	has "$(cat report.md)" '^```sql$'
}

# ---- what does not count ----

@test "patterns leave objects out, from the configuration or an option" {
	shop old.db
	shop new.db
	sqlite3 new.db 'CREATE TABLE tmp_a (i INTEGER); CREATE TABLE tmp_b (i INTEGER); CREATE INDEX on_b ON people (town)'
	want 1 diff sqlite:old.db sqlite:new.db
	want 1 diff sqlite:old.db sqlite:new.db --ignore 'tmp_*'
	has "$out" 'on_b'
	lacks "$out" 'tmp_'
	want 0 diff sqlite:old.db sqlite:new.db --ignore 'tmp_*' --ignore 'index *on_b'
	want 1 diff sqlite:old.db sqlite:new.db --ignore 'index *on_b,table tmp_a'
	lacks "$out" 'tmp_a'
	cat >whimbrel.yaml <<-'YAML'
		databases:
		  main: { url: "sqlite:new.db", ignore: ["tmp_*", "index *on_b"] }
	YAML
	want 0 diff sqlite:old.db
	want 1 diff sqlite:old.db --ignore 'nothing*'
}

@test "scratch_url is a secret" {
	cat >whimbrel.yaml <<-'YAML'
		databases:
		  main: { url: "sqlite:app.db", scratch_url: "postgres://u:hunter2@h/x" }
	YAML
	want 0 config
	has "$out" 'scratch_url +postgres://u:\*\*\*@h/x'
	lacks "$out" hunter2
	WHIMBREL_SCRATCH_URL='host=h password=hunter3' want 0 config -o json
	lacks "$out" hunter3
	has "$out" WHIMBREL_SCRATCH_URL
}

# ---- as a migration ----

@test "a difference becomes the next migration: up, and nothing differs; down, and all is as before" {
	one_migration
	export DATABASE_URL=sqlite:app.db
	want 0 up
	want 0 snapshot --file before.snapshot
	sqlite3 goal.db <<-'SQL'
		CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, town TEXT DEFAULT '${town} ; x');
		CREATE TABLE tags (id INTEGER PRIMARY KEY, who INTEGER REFERENCES people (id));
		CREATE INDEX people_town ON people (town);
		CREATE VIEW names AS SELECT name FROM people;
	SQL
	want 0 snapshot sqlite:goal.db --file goal.snapshot
	want 0 diff sqlite:app.db goal.snapshot --write 'add tags'
	[ "$out" = migrations/V002__add_tags.sql ]
	has "$(cat "$out")" '^-- migrate:up'
	has "$(cat "$out")" '^-- migrate:down'
	want 0 validate
	want 0 up
	want 0 diff sqlite:app.db goal.snapshot
	want 0 diff migrations goal.snapshot
	lite "INSERT INTO people (name) VALUES ('Ada')"
	want 0 down
	want 0 diff sqlite:app.db before.snapshot
	[ "$(lite 'SELECT name FROM people')" = Ada ]
	want 0 up
	want 0 diff migrations goal.snapshot --write again
	has "$out" 'No differences.*nothing was written'
	[ "$(find migrations -type f | wc -l)" = 2 ]
}

@test "tables that SQLite builds anew keep their rows, and those that refer to them" {
	export DATABASE_URL=sqlite:app.db
	migration V001__shop.sql <<-'SQL'
		-- migrate:up
		CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
		CREATE TABLE orders (id INTEGER PRIMARY KEY, who INTEGER REFERENCES people (id) ON DELETE CASCADE);
		INSERT INTO people VALUES (1, NULL), (7, 'Ada');
		INSERT INTO orders VALUES (1, 7);
		-- migrate:down
		DROP TABLE orders;
		DROP TABLE people;
	SQL
	want 0 up
	sqlite3 goal.db <<-'SQL'
		CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT DEFAULT 5 CHECK (length(name) > 0), x INT NOT NULL DEFAULT 7);
		CREATE TABLE orders (id INTEGER PRIMARY KEY, who INTEGER REFERENCES people (id) ON DELETE SET NULL);
	SQL
	want 0 diff app.db goal.db --write 'stricter people'
	want 0 up
	want 0 diff goal.db
	[ "$(lite 'SELECT * FROM people; SELECT * FROM orders; SELECT seq FROM sqlite_sequence')" = $'1||7\n7|Ada|7\n1|7\n7' ]
	want 0 down
	want 0 diff migrations --to 001
	[ "$(lite 'SELECT * FROM people; SELECT * FROM orders; SELECT seq FROM sqlite_sequence')" = $'1|\n7|Ada\n1|7\n7' ]
}

# Everything as one migration, and back to nothing.
there_and_back() { # URL of the goal; DATABASE_URL is empty
	want 0 snapshot --file empty.snapshot
	want 0 diff empty.snapshot "$1" --write everything
	want 0 validate
	want 0 up
	want 0 diff "$1"
	want 0 down
	want 0 diff empty.snapshot
}

@test "everything there and back, SQLite" {
	shop goal.db
	sqlite3 goal.db 'CREATE TABLE a (id INTEGER PRIMARY KEY, z INTEGER REFERENCES z (id)); CREATE TABLE z (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id))'
	sqlite3 app.db VACUUM
	mkdir migrations
	DATABASE_URL=sqlite:app.db there_and_back sqlite:goal.db
}

@test "a migration that destroys data is written only when that is allowed" {
	one_migration
	export DATABASE_URL=sqlite:app.db
	want 0 up
	sqlite3 goal.db 'CREATE TABLE tags (id INTEGER PRIMARY KEY)'
	fails 4 'would destroy data: table people' diff migrations sqlite:goal.db --write 'no people'
	sqlite3 two.db "$(for i in $(seq 15); do printf 'CREATE TABLE t%02d (x);' "$i"; done)"
	fails 4 'would destroy data, of 15 objects' diff sqlite:two.db sqlite:goal.db --write none
	has "$err" 'table t15, .*, table t04 and 3 more$'
	[ "$(find migrations -type f | wc -l)" = 1 ]
	want 0 diff migrations sqlite:goal.db --write 'no people' --allow-destructive -o json
	[ "$(json 'd["path"]')" = migrations/V002__no_people.sql ]
	[ "$(json 'd["down_path"]')" = null ]
	has "$(cat migrations/V002__no_people.sql)" '^-- Breaking: true'
	want 0 up
	want 0 diff sqlite:goal.db
}

@test "a pair of files" {
	mkdir migrations
	printf 'CREATE TABLE a (i INTEGER);\n' >migrations/0001_a.up.sql
	printf 'DROP TABLE a;\n' >migrations/0001_a.down.sql
	sqlite3 app.db 'CREATE TABLE a (i INTEGER); CREATE TABLE b (i INTEGER)'
	want 0 --url sqlite:app.db diff migrations --write b
	[ "$out" = $'migrations/0002_b.up.sql\nmigrations/0002_b.down.sql' ]
	has "$(cat migrations/0002_b.up.sql)" '^CREATE TABLE "?b"?'
	has "$(cat migrations/0002_b.down.sql)" '^DROP TABLE "?b"?'
	want 0 --url sqlite:app.db diff migrations
}

# ---- PostgreSQL ----

pg_shop() { # DATABASE
	pg_sql "$1" "
		CREATE SCHEMA app;
		CREATE TYPE app.mood AS ENUM ('ok', 'it''s bad');
		CREATE TABLE app.people (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mood app.mood DEFAULT 'ok');
		CREATE TABLE app.orders (id bigint PRIMARY KEY, who bigint REFERENCES app.people (id) ON DELETE CASCADE, sum numeric(10,2) CHECK (sum >= 0));
		CREATE INDEX orders_who ON app.orders (who);
		CREATE VIEW app.names AS SELECT name FROM app.people;
		CREATE FUNCTION app.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
		COMMENT ON TABLE app.people IS 'who';
		CREATE TABLE public.other (i int);"
}

@test "PostgreSQL: a snapshot and back, without the password" {
	pg_database
	pg_shop "$PG_DB"
	want 0 snapshot "$PG_URL&password=hunter2" --file a.snapshot
	lacks "$(cat a.snapshot)" hunter2
	has "$err" '3 tables'
	want 0 snapshot "$PG_URL&password=hunter2" -o json
	lacks "$out$err" hunter2
	[ "$(json 'd["counts"]["enum"]')" = 1 ]
	want 0 diff a.snapshot "$PG_URL"
	want 0 dump a.snapshot
	printf '%s\n' "$out" >dump.sql
	pg_sql postgres "CREATE DATABASE \"${PG_DB}_again\" TEMPLATE template0"
	psql -X -q -v ON_ERROR_STOP=1 -d "$(pg_url "${PG_DB}_again")" -f dump.sql
	want 0 diff a.snapshot "$(pg_url "${PG_DB}_again")"
	want 0 snapshot "$(pg_url "${PG_DB}_again")"
	[ "$out" = "$(cat a.snapshot)" ]
	pg_sql postgres "DROP DATABASE \"${PG_DB}_again\""
}

@test "PostgreSQL: some schemas only; comments, owners and patterns" {
	pg_database
	pg_shop "$PG_DB"
	export DATABASE_URL=$PG_URL
	want 0 snapshot --schemas app -o json
	lacks "$out" other
	want 0 snapshot --schemas app --file a.snapshot
	want 1 diff a.snapshot
	want 0 diff a.snapshot --schemas app
	want 0 diff a.snapshot --ignore public
	pg_sql "$PG_DB" "COMMENT ON TABLE app.people IS 'somebody'"
	want 1 diff a.snapshot --schemas app
	has "$out" '^table +app\.people +comment: .*who.* -> .*somebody'
	want 0 diff a.snapshot --schemas app --no-comments
	want 0 snapshot --owners
	has "$out" postgres
	printf 'databases:\n  main: { schemas: [app], ignore: [app.names] }\n' >whimbrel.yaml
	want 0 snapshot
	lacks "$out" 'other|"names"'
}

@test "PostgreSQL: a difference becomes the next migration and goes back; the scratch database is gone" {
	pg_database
	export DATABASE_URL=$PG_URL
	migration V001__app.sql $'-- migrate:up\nCREATE SCHEMA app;\nCREATE TABLE app.people (id bigint PRIMARY KEY, name varchar(20));\nCREATE VIEW app.names AS SELECT name FROM app.people;\n-- migrate:down\nDROP SCHEMA app CASCADE;'
	want 0 up
	want 0 diff migrations
	want 0 snapshot --file before.snapshot
	pg_sql "$PG_DB" "
		DROP VIEW app.names;
		ALTER TABLE app.people ALTER COLUMN name TYPE text, ALTER COLUMN name SET NOT NULL, ALTER COLUMN name SET DEFAULT 'nobody', ADD COLUMN born date;
		CREATE VIEW app.names AS SELECT name FROM app.people WHERE name <> 'it''s \${x}';
		CREATE FUNCTION app.two(i int) RETURNS int LANGUAGE sql AS 'SELECT 2 * i';
		CREATE INDEX people_born ON app.people (born);"
	want 0 snapshot --file goal.snapshot
	want 0 diff migrations --write 'births'
	file=$out
	[ "$file" = migrations/V002__births.sql ]
	pg_database_drop
	pg_database
	export DATABASE_URL=$PG_URL
	want 0 up
	want 0 diff goal.snapshot
	want 0 diff migrations
	pg_sql "$PG_DB" "INSERT INTO app.people VALUES (1, 'Ada')"
	want 0 down
	want 0 diff before.snapshot
	[ "$(pg_sql "$PG_DB" 'SELECT name FROM app.people')" = Ada ]
	wait_gone pg_sql postgres "SELECT datname FROM pg_database WHERE datname LIKE 'whimbrel_scratch%'"
}

@test "PostgreSQL: everything there and back" {
	pg_database
	goal=$PG_DB
	pg_shop "$goal"
	pg_sql "$goal" "
		CREATE TABLE app.a (id bigint PRIMARY KEY, z bigint);
		CREATE TABLE app.z (id bigint PRIMARY KEY, a bigint REFERENCES app.a);
		ALTER TABLE app.a ADD FOREIGN KEY (z) REFERENCES app.z;
		CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS \$\$BEGIN
		-- migrate:down
		RETURN new; END\$\$;
		CREATE TRIGGER touch BEFORE UPDATE ON app.people FOR EACH ROW EXECUTE FUNCTION app.touch()"
	pg_database
	mkdir migrations
	DATABASE_URL=$PG_URL there_and_back "$(pg_url "$goal")"
	pg_sql postgres "DROP DATABASE \"$goal\""
}

@test "PostgreSQL: every kind of object there and back" {
	pg_sql postgres 'CREATE ROLE guest LOGIN' || [ "$(pg_sql postgres "SELECT count(*) FROM pg_roles WHERE rolname = 'guest'")" = 1 ]
	pg_database
	goal=$PG_DB
	psql -X -q -v ON_ERROR_STOP=1 -d "$PG_URL" -f "$repo/tests/unit/driver_pg/all_kinds.sql"
	pg_database
	mkdir migrations
	DATABASE_URL=$PG_URL there_and_back "$(pg_url "$goal")"
	want 0 snapshot "$(pg_url "$goal")" -o json
	[ "$(json 'len(d["counts"]) > 35')" = true ]
	# A database with a subscription cannot be dropped.
	pg_sql "$goal" 'DROP SUBSCRIPTION incoming'
	pg_sql postgres "DROP DATABASE \"$goal\""
}

@test "PostgreSQL: scratch_url says where a folder is run; without any server it is asked for" {
	pg_database
	migration V001__app.sql $'-- migrate:up\nCREATE TABLE people (id bigint PRIMARY KEY);\n-- migrate:down\nDROP TABLE people;'
	fails 64 'scratch-url' snapshot migrations
	want 0 snapshot migrations --scratch-url "$PG_URL" --file a.snapshot
	has "$(cat a.snapshot)" '^-- engine: postgresql$'
	WHIMBREL_SCRATCH_URL=$PG_URL want 0 diff migrations a.snapshot
	[ "$(pg_sql "$PG_DB" "SELECT count(*) FROM pg_class WHERE relname = 'people'")" = 0 ]
	# A role that may not make databases.
	pg_sql postgres "DROP ROLE IF EXISTS wb_plain" && pg_sql postgres "CREATE ROLE wb_plain LOGIN"
	fails 4 'a scratch database cannot be created' snapshot migrations --scratch-url "${PG_URL/user=postgres/user=wb_plain}"
}

@test "two engines cannot be compared" {
	pg_database
	sqlite3 app.db 'CREATE TABLE a (i INTEGER)'
	fails 64 'sqlite.*postgresql|postgresql.*sqlite' diff sqlite:app.db "$PG_URL"
	has "$err" 'one engine'
}

# ---- wrong inputs ----

@test "there is no such place, or nothing was named" {
	fails 64 'no database was named' snapshot
	fails 64 'no database, folder or snapshot nowhere' snapshot nowhere
	fails 64 'no database was named' diff migrations
	fails 6 'does not exist' snapshot sqlite:nothing.db
	[ ! -e nothing.db ]
	fails 64 'needs A' diff
	fails 64 'cannot use "c"' diff a b c
	fails 64 'cannot answer in markdown' snapshot -o markdown
	sqlite3 app.db 'VACUUM'
	fails 64 '--to is for a folder' snapshot sqlite:app.db --to 3
	sqlite3 other.db 'CREATE TABLE a (i INTEGER)'
	fails 64 'no folder of migrations' diff sqlite:app.db other.db --write x
}

@test "a file that is no snapshot, was edited, or comes from a newer Whimbrel" {
	shop app.db
	want 0 snapshot app.db --file a.snapshot
	printf 'CREATE TABLE a (i INTEGER);\n' >some.txt
	fails 65 'some\.txt:1:1: error: this is no schema snapshot' diff some.txt app.db
	sed 's/^\(--: table name=\)people/\1persons/' a.snapshot >edited.snapshot
	has "$(cat edited.snapshot)" '^--: table name=persons'
	fails 65 'edited\.snapshot:' diff edited.snapshot app.db
	sed '1s/[0-9]*$/99/' a.snapshot >newer.snapshot
	fails 4 'format 99' diff newer.snapshot app.db
	head -n 5 a.snapshot >cut.snapshot
	fails 65 'cut\.snapshot' snapshot cut.snapshot
	: >empty.snapshot
	fails 65 'empty\.snapshot' snapshot empty.snapshot
	# What could not be read leaves the old file as it was.
	cp a.snapshot kept.snapshot
	fails 65 . snapshot cut.snapshot --file kept.snapshot
	cmp a.snapshot kept.snapshot
}

@test "an error is JSON where that was asked for" {
	want 64 snapshot nowhere -o json
	[ "$(json 'd["error"]["code"]')" = WB_ENOTFOUND ]
	want 64 diff nowhere sqlite:x.db -o json
	[ "$(json 'd["error"]["code"]')" = WB_ENOTFOUND ]
}

@test "SQLite: what is only written in another case is the same, and keeps its values" {
	sqlite3 a.db "CREATE TABLE People (ID INTEGER PRIMARY KEY, Name TEXT); INSERT INTO people VALUES (1, 'kept')"
	sqlite3 b.db 'CREATE TABLE people (ID INTEGER PRIMARY KEY, name TEXT)'
	want 0 diff sqlite:a.db sqlite:b.db
	want 0 diff sqlite:b.db sqlite:a.db
	sqlite3 a.db 'CREATE INDEX BY_NAME ON people (name); CREATE VIEW All_Names AS SELECT name FROM people'
	sqlite3 b.db 'CREATE INDEX by_name ON people (name); CREATE VIEW all_names AS SELECT name FROM people'
	sqlite3 b.db 'CREATE TABLE orders (who REFERENCES PEOPLE)'
	want 1 diff sqlite:a.db sqlite:b.db --sql
	printf '%s\n' "$out" | sqlite3 a.db
	want 0 diff sqlite:a.db sqlite:b.db
	sqlite3 b.db 'DROP TABLE people; CREATE TABLE people (ID INTEGER PRIMARY KEY, name TEXT NOT NULL, town)'
	want 1 diff sqlite:a.db sqlite:b.db --sql
	printf '%s\n' "$out" | sqlite3 a.db
	[ "$(sqlite3 a.db 'SELECT name FROM people')" = kept ]
	[ "$(sqlite3 a.db "SELECT sql LIKE '%\"people\"%\"name\" TEXT NOT NULL%' FROM sqlite_schema WHERE name = 'people'")" = 1 ]
	want 0 diff sqlite:a.db sqlite:b.db
}

@test "a column of another type gets its default once" {
	sqlite3 one.db "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'x', b INTEGER)"
	sqlite3 two.db "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER NOT NULL DEFAULT 5, b TEXT DEFAULT 'y')"
	want 1 diff sqlite:one.db sqlite:two.db
	[ "$(printf '%s\n' "$out" | grep -c 'DEFAULT 5')" = 1 ]
	[ "$(printf '%s\n' "$out" | grep -c 'CREATE TABLE')" = 1 ]
}

@test "PostgreSQL: a column of another type gets its default once" {
	pg_database
	pg_sql "$PG_DB" "CREATE TABLE t (id int PRIMARY KEY, a text DEFAULT 'x', b int, c varchar(5) DEFAULT 'q', d int, e int DEFAULT 1,
		f text COLLATE \"C\" DEFAULT 'f', g int) PARTITION BY RANGE (id);
		CREATE TABLE p PARTITION OF t FOR VALUES FROM (1) TO (9); INSERT INTO t (id, a) VALUES (1, '7')"
	pg_sql "$PG_DB" "CREATE DATABASE ${PG_DB}_b TEMPLATE template0"
	pg_sql "${PG_DB}_b" "CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 5 NOT NULL, b text, c text DEFAULT 'q', d bigint DEFAULT 7, e bigint,
		f text DEFAULT 'g', g int DEFAULT 3) PARTITION BY RANGE (id);
		CREATE TABLE p PARTITION OF t FOR VALUES FROM (1) TO (9)"
	want 1 diff "$PG_URL" "$(pg_url "${PG_DB}_b")"
	! printf '%s\n' "$out" | grep -E 'ALTER COLUMN .* (SET|DROP) DEFAULT' | sed 's/ ONLY / /' | sort | uniq -d | grep .
	printf '%s\n' "$out" | sed -n '/^BEGIN/,$p' | psql -XqAt -v ON_ERROR_STOP=1 "$PG_URL"
	want 0 diff "$PG_URL" "$(pg_url "${PG_DB}_b")"
	[ "$(pg_sql "$PG_DB" "SELECT a FROM t")" = 7 ]
	pg_sql "$PG_DB" "DROP DATABASE ${PG_DB}_b"
}
