#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# backup, restore, backups on the command line: names, questions, answers. What happens to files and databases when it
# goes wrong is in tests/backup.

load setup

one_table() {
	migration V001__people.sql <<-'SQL'
		-- migrate:up
		CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL);
		INSERT INTO people VALUES (1, 'Ada');
		-- migrate:down
		DROP TABLE people;
	SQL
	want 0 --url sqlite:app.db up
	export DATABASE_URL=sqlite:app.db
}

@test "a backup has the name of its time, or the one it is given" {
	one_table
	want 0 backup
	has "$out" 'Backed up app\.db at version 001: backups/pre-migration-[0-9]{8}-[0-9]{6}\.db'
	want 0 backup named
	[ -f backups/named.db ] && [ -f backups/named.db.json ]
	want 4 backup named
	has "$err" 'there is a backup backups/named\.db already'
	want 64 backup ../elsewhere
	want 64 backup one two
}

@test "a backup can be read by its owner alone, and says what it is" {
	one_table
	umask 000
	want 0 -o json backup named --verify restore
	[ "$(json 'd["schema_version"]')" = 001 ]
	[ "$(json 'd["compared_tables"] > 0')" = true ]
	[ "$(stat -c %a backups/named.db)" = 600 ]
	[ "$(stat -c %a backups/named.db.json)" = 600 ]
	[ "sha256:$(sha256sum <backups/named.db | cut -d ' ' -f 1)" = "$(json 'd["sha256"]')" ]
}

@test "backups are listed, newest first, with what is wrong with them" {
	one_table
	want 0 backups
	has "$out" 'no backups in backups'
	want 0 backup older
	want 0 backup newer
	want 0 -o json backups
	[ "$(json '[b["name"] for b in d["backups"]]')" = '["newer", "older"]' ]
	rm backups/older.db
	want 0 backups
	has "$out" 'older .*its file is missing'
}

@test "pruning removes what is old, never the newest good one" {
	one_table
	want 0 backup first
	want 0 backup second
	want 64 backups --older-than 1d
	want 0 backups --prune
	has "$out" '^0 backups removed'
	sed -i 's/"created_at": "20../"created_at": "2019/' backups/*.json
	want 0 -o json backups --prune --older-than 7d
	[ "$(json 'len(d["removed"])')" = 1 ]
	[ "$(json 'len(d["backups"])')" = 1 ]
	[ "$(find backups -name '*.db' | wc -l)" = 1 ]
}

@test "a restore asks, and refuses where nobody can answer" {
	one_table
	want 0 backup named
	lite "INSERT INTO people VALUES (2, 'Grace')"
	want 4 restore named
	has "$err" '--yes'
	[ "$(lite 'SELECT count(*) FROM people')" = 2 ]
	want 0 restore named --yes
	[ "$(lite 'SELECT count(*) FROM people')" = 1 ]
	has "$out" 'kept as .*app_before_restore_'
	want 0 status --exit-code
	want 64 restore nothing-of-this-name --yes
	want 64 restore
}

@test "a protected environment is not restored into unasked" {
	one_table
	printf 'environments:\n  production: { protected: true }\n' >whimbrel.yaml
	want 0 -e production backup named
	want 4 -e production restore named
	want 4 -e production backups --prune
	want 0 -e production restore named --yes --drop-old
	want 0 -e production --yes backups --prune
}

@test "a restored database can be the first of its name" {
	one_table
	want 0 backup named
	rm app.db
	want 0 restore backups/named.db.json --yes
	[ "$(lite 'SELECT name FROM people')" = Ada ]
	printf 'no database at all, and longer than a header would be, so that it is looked at' >app.db
	want 0 -o json restore named --yes
	[ "$(lite 'SELECT name FROM people')" = Ada ]
	grep -q 'no database at all' "$(json 'd["kept"]')"
}

@test "backup: before is heeded by up and down, and shown in the answer" {
	one_table
	printf 'backup: before\n' >whimbrel.yaml
	want 0 -o json down
	[ "$(json 'd["backup"].startswith("backups/pre-migration-")')" = true ]
	want 0 -o json up
	[ "$(json 'd["restored"]')" = false ]
	want 0 -o json up
	[ "$(json '"backup" in d')" = false ]
	[ "$(find backups -name '*.db' | wc -l)" = 2 ]
}

@test "events tell of a backup and a restore" {
	one_table
	want 0 --events - backup named
	has "$out" '"event":"backup_started"'
	has "$out" '"event":"backup_created".*"file":"backups/named.db"'
	want 0 --events - restore named --yes
	has "$out" '"event":"restore_completed"'
}
