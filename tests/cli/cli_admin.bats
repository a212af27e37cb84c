#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# init, new, query, baseline, repair, doctor, locks, the database itself, and
# questions on a terminal.

load setup

setup() {
	case_setup
	export DATABASE_URL=sqlite:app.db
}

people() {
	migration V001__people.sql '-- migrate:up
CREATE TABLE people (id integer PRIMARY KEY, name text);
INSERT INTO people VALUES (1, NULL), (2, '"'Ann'"');
-- migrate:down
DROP TABLE people;'
}

answer() { # TEXT ARGUMENTS…: the program on a terminal, with an answer typed
	local text=$1
	shift
	printf '%s\n' "$text" | TERM=dumb script -qec "$W $*" /dev/null >shown
}

@test "init writes what a project needs, and overwrites nothing" {
	want 0 init --url sqlite:app.db
	for file in whimbrel.yaml migrations/V001__first.sql .github/workflows/whimbrel.yml; do
		[ -s "$file" ]
		has "$out" "wrote  $file"
	done
	echo '# mine' >>whimbrel.yaml
	want 0 init -o json
	[ "$(json 'd["written"]')" = '[]' ]
	[ "$(json 'len(d["kept"])')" = 3 ]
	grep -q '# mine' whimbrel.yaml
	unset DATABASE_URL
	want 0 validate
	want 0 up
	[ -e app.db ]
	python3 -c 'import yaml' 2>/dev/null || return 0
	python3 -c 'import yaml; yaml.safe_load(open(".github/workflows/whimbrel.yml")); yaml.safe_load(open("whimbrel.yaml"))'
}

@test "init in other styles and folders" {
	want 0 init --style timestamped --dir "db/a: \"b\""
	want 0 config -o json
	has "$out" 'db/a: \\"b\\"'
	[ "$(find db -name '*_first.sql' | grep -cE '/[0-9]{8}_[0-9]{6}_schema_first\.sql$')" -eq 1 ]
	want 0 validate
}

@test "init --journal-sql prints DDL that a role with rights can run" {
	want 0 init --journal-sql
	printf '%s\n' "$out" | sqlite3 other.db
	[ "$(sqlite3 other.db "SELECT count(*) FROM sqlite_master WHERE name LIKE 'whimbrel_%'")" -gt 0 ]
	[ "$(sqlite3 other.db "SELECT count(*) FROM whimbrel_transform_rejects")" = 0 ]
	[ ! -e whimbrel.yaml ]
}

@test "new prints the path of the next file" {
	people
	want 0 new add towns --type data --template data --depends-on 001 --author me@example.org
	[ "$out" = migrations/V002__add_towns.sql ]
	grep -q me@example.org "$out"
	grep -q 001 "$out"
	has "$err" 'whimbrel plan'
	want 0 new more -o json
	[ "$(json 'd["path"]')" = migrations/V003__more.sql ]
	want 64 new x --type stuff
	has "$err" 'schema|data|security|perf'
	if command -v git >/dev/null; then
		git config --global user.email ann@example.org
		want 0 new by git
		grep -q ann@example.org "$out"
	fi
}

@test "query: listed, run in text and JSON, refused when it writes" {
	people
	want 0 up
	cat >whimbrel.yaml <<-'YAML'
		queries:
		  everybody: SELECT id, name FROM people ORDER BY id
		  nobody: { sql: SELECT id FROM people WHERE id < 0, description: nobody at all }
		  writing: INSERT INTO people VALUES (9, 'x')
	YAML
	want 0 query
	has "$out" 'nobody +null +nobody at all'
	want 0 query everybody
	has "$out" '^2 +Ann$'
	want 0 query everybody -o json
	[ "$(json 'd["rows"]')" = '[{"id": "1", "name": null}, {"id": "2", "name": "Ann"}]' ]
	want 0 query nobody -o json
	[ "$(json 'd["rows"]')" = '[]' ]
	want 64 query everybdy
	has "$err" 'did you mean "everybody"\?'
	status=0
	"$W" query writing >out 2>err || status=$?
	[ "$status" -ne 0 ]
	[ "$(lite 'SELECT count(*) FROM people')" = 2 ]
}

@test "baseline, repair and history" {
	people
	migration V002__towns.sql '-- migrate:up
CREATE TABLE towns (id integer);'
	lite 'CREATE TABLE people (id integer PRIMARY KEY, name text)'
	want 0 baseline 001 --reason 'built by hand'
	has "$out" '1 migration recorded'
	want 4 baseline 001
	want 0 up
	printf -- '-- edited\n' >>migrations/V002__towns.sql
	want 0 repair --dry-run -o json
	[ "$(json '[d["dry_run"], d["repaired"][0]["action"]]')" = '[true, "checksum"]' ]
	want 1 validate
	want 0 repair --reason 'a comment'
	want 0 validate
	want 0 history --limit 1 -o json
	[ "$(json 'len(d["history"])')" = 1 ]
	has "$out" 'a comment'
	want 64 history --limit -1
}

@test "doctor, locks, wait, create" {
	people
	want 0 up
	want 0 doctor
	has "$out" '^OK$'
	want 0 locks -o json
	[ "$(json 'd["locks"]')" = '[]' ]
	want 4 locks --break x
	has "$err" 'give --yes'
	want 64 locks --break x --terminate 1
	want 0 wait
	want 0 create -o json
	[ "$(json 'd["created"]')" = false ]
	want 6 wait --timeout 200ms --url 'postgres://localhost:1/x?connect_timeout=1'
	want 2 doctor --url 'postgres://localhost:1/x?connect_timeout=1'
	has "$out" '^FAILED$'
}

@test "a question on a terminal: the name of the database, or nothing is done" {
	people
	printf 'environments: { dev: { allow_reset: true } }\n' >whimbrel.yaml
	want 0 up
	answer nope drop -e dev || true
	grep -q 'not confirmed: nothing was changed' shown
	[ -e app.db ]
	lite "INSERT INTO people VALUES (7, 'x')"
	answer app.db reset -e dev
	[ "$(lite 'SELECT count(*) FROM people')" = 2 ]
	answer app.db drop -e dev
	[ ! -e app.db ]
}
