#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# What drift has to say about indexes: missing, invalid, double and unused ones, beside the drift and never as drift.

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

# Type and object of each finding, one a line.
findings() {
	json '"\n".join(sorted("%s %s %s" % (f["type"], f["object"], f["severity"]) for f in d["indexes"]["findings"]))'
}

@test "SQLite: a foreign key without an index, one index that another contains; no drift by that" {
	migration V001__shop.sql <<-'SQL'
		CREATE TABLE towns (id INTEGER PRIMARY KEY, name TEXT);
		CREATE TABLE people (id INTEGER PRIMARY KEY, town INTEGER REFERENCES towns (id), home INTEGER REFERENCES towns (id));
		CREATE INDEX people_home ON people (home, id);
		CREATE INDEX people_only_home ON people (home);
	SQL
	want 0 up -q
	want 0 drift -o json
	[ "$(findings)" = $'duplicate_index people.people_only_home low\nforeign_key_without_index people.FOREIGN KEY (town) REFERENCES towns (id) medium' ]
	want 0 drift
	has "$out" '^No drift'
	has "$out" '^index +people\.people_only_home +duplicate index: people_home does all that it is good for +low$'
	has "$out" '^-- CREATE INDEX "people_town_idx" ON "people" \(town\);$'
	printf '%s\n' "$out" | sed -n 's/^-- \([A-Z].*;\)$/\1/p' | sqlite3 app.db
	want 1 drift -o json
	[ "$(json 'd["indexes"]["findings"]')" = '[]' ]
	want 1 drift --no-indexes -o json
	[ "$(json '"indexes" in d')" = false ]
	want 1 drift --sql
	lacks "$out" 'people_town_idx" ON'
	want 1 drift -o markdown
	lacks "$out" '#### Indexes'
}

@test "Markdown has them as a table of their own" {
	migration V001__shop.sql 'CREATE TABLE a (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a (id));'
	want 0 up -q
	want 0 drift -o markdown
	has "$out" '^#### Indexes$'
	has "$out" '^\| a\.FOREIGN KEY \(a\) REFERENCES a \(id\) \| foreign key without index: no index begins with \(a\) \| medium \|$'
	has "$out" '^CREATE INDEX "a_a_idx" ON "a" \(a\);$'
}

@test "PostgreSQL: each rule on a real server, with the SQL that mends it" {
	pg_database
	export DATABASE_URL=$PG_URL
	migration V001__shop.sql <<-'SQL'
		CREATE SCHEMA app;
		CREATE TABLE app.towns (id integer PRIMARY KEY, name text);
		CREATE TABLE app.people (id integer PRIMARY KEY, town integer REFERENCES app.towns, home integer REFERENCES app.towns,
			"Odd ""One" integer REFERENCES app.towns, code text, kind integer, UNIQUE (code));
		CREATE INDEX people_home ON app.people (home) WHERE kind > 3;
		CREATE INDEX people_odd ON app.people ("Odd ""One", id);
		CREATE INDEX people_kind ON app.people (kind);
		CREATE INDEX people_kind_id ON app.people (kind, id) INCLUDE (home);
		CREATE INDEX people_unread ON app.people (reverse(code));
		CREATE INDEX people_read ON app.people (md5(code));
		CREATE TABLE app.parted (id integer, town integer REFERENCES app.towns) PARTITION BY LIST (id);
		CREATE TABLE app.part_one PARTITION OF app.parted FOR VALUES IN (1);
	SQL
	want 0 up -q
	want 0 drift -o json
	printf '%s\n' "$(findings)" >.found
	has "$(cat .found)" '^duplicate_index app\.people\.people_kind low$'
	has "$(cat .found)" '^foreign_key_without_index app\.parted\.parted_town_fkey medium$'
	has "$(cat .found)" '^foreign_key_without_index app\.people\.people_town_fkey (low|medium)$'
	has "$(cat .found)" '^foreign_key_without_index app\.people\.people_home_fkey (low|medium)$'
	[ "$(wc -l <.found)" = 4 ]
	# Rows, statistics, reads of the one index only, and an index whose building broke off.
	pg_sql "$PG_DB" "INSERT INTO app.towns VALUES (1, 'Ur');
		INSERT INTO app.people SELECT i, 1, 1, 1, md5(i::text), i % 7 FROM generate_series(1, 5000) i;
		ANALYZE app.people;
		UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.people_odd'::regclass"
	pg_sql "$PG_DB" "SELECT pg_stat_reset()"
	pg_sql "$PG_DB" "SET enable_seqscan = off; SELECT count(*) FROM app.people WHERE md5(code) = 'x'"
	for _ in $(seq 50); do
		want 1 drift -o json
		if ! grep -q people_read <<<"$(findings)"; then break; fi
		sleep 0.1
	done
	[ "$(json '[(x["attribute"], x["object"]) for x in d["differences"]]')" = '[["invalid", "app.people.people_odd"]]' ]
	has "$(findings)" '^foreign_key_without_index app\.people\.people_town_fkey medium$'
	# The one that was not built to its end does not count.
	has "$(findings)" '^foreign_key_without_index app\.people\."people_Odd .*_fkey" medium$'
	has "$(findings)" '^invalid_index app\.people\.people_odd high$'
	has "$(findings)" '^unused_index app\.people\.people_unread low$'
	lacks "$(findings)" 'people_read|_pkey|_code_key'
	has "$(json 'd["indexes"]["since"]')" '^20[0-9-]+T[0-9:]+Z$'
	want 1 drift
	has "$out" 'unused index: not read since the statistics were reset, 20[0-9-]+T[0-9:]+Z; it takes [0-9]+ kB'
	printf '%s\n' "$out" | sed -n '/^-- for the indexes/,$s/^-- \([A-Z].*;\)$/\1/p' >mend.sql
	has "$(cat mend.sql)" '^CREATE INDEX CONCURRENTLY "people_town_idx" ON "app"."people" \(town\);$'
	has "$(cat mend.sql)" '^CREATE INDEX "parted_town_idx" ON "app"."parted" \(town\);$'
	has "$(cat mend.sql)" '^REINDEX INDEX CONCURRENTLY "app"."people_odd";$'
	psql -X -q -v ON_ERROR_STOP=1 -d "$PG_URL" -f mend.sql
	want 1 drift -o json
	lacks "$(findings)" 'foreign_key|invalid|duplicate|people_unread'
}

@test "PostgreSQL: columns whose statistics ask for an index" {
	pg_database
	export DATABASE_URL=$PG_URL
	migration V001__logs.sql <<-'SQL'
		CREATE TABLE logs (id integer PRIMARY KEY, who text, kind integer, sorted integer, found text);
		CREATE INDEX logs_found ON logs (found);
	SQL
	want 0 up -q
	pg_sql "$PG_DB" "INSERT INTO logs SELECT i, md5(i::text), i % 5, i, md5(i::text) FROM generate_series(1, 3000) i; ANALYZE logs; SELECT count(*) FROM logs WHERE who = 'x'"
	for _ in $(seq 50); do
		want 0 drift -o json
		[ "$(json '[f["type"] for f in d["indexes"]["findings"]].count("missing_index")')" = 1 ] && break
		sleep 0.1
	done
	has "$(findings)" '^missing_index logs\.who low$|^missing_index public\.logs\.who low$'
	lacks "$(findings)" 'missing_index.*(kind|sorted|found|id) '
}
