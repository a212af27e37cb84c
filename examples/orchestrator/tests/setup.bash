# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Each test works in a copy of the example and on a database of its own, on the
# server that tests/run started (POSTGRES_HOST). HOME is empty.

example=$(cd "${BATS_TEST_DIRNAME}/.." && pwd)
for name in DATABASE_URL ENVIRONMENT POSTGRES_DB POSTGRES_USER POSTGRES_PASSWORD DB_HOST DB_PORT DB_NAME DB_USER DB_PASSWORD \
	DB_SSL_MODE MIGRATION_TIMEOUT MIGRATION_LOCK_TIMEOUT MAKEFLAGS MAKELEVEL MFLAGS; do
	unset "$name"
done

setup() {
	HOME=$(mktemp -d "${TMPDIR:-/tmp}/orchestrator-test-XXXXXX")
	chmod 755 "$HOME"
	POSTGRES_DB=t_$$_$RANDOM
	own=$POSTGRES_DB shared=$POSTGRES_HOST
	export HOME POSTGRES_DB WHIMBREL_ENV=development
	mkdir "$HOME/work" "$HOME/bin"
	# A folder, so that the program also runs for another user.
	cp "$WHIMBREL" "$(dirname "$WHIMBREL")/whimbrel-postgres.so" "$HOME/bin/"
	export WHIMBREL="$HOME/bin/whimbrel" PATH="$HOME/bin:$PATH" WHIMBREL_MODULE_DIR="$HOME/bin"
	cd "$example" || return 1
	cp -R Makefile whimbrel.yaml whimbrel.files.yaml .env.example .gitignore src sql scripts scenarios "$HOME/work/"
	cd "$HOME/work" || return 1
	migrations=src/db/migrations
	whimbrel create -q >/dev/null
}

teardown() {
	cd "$HOME/work" || return 1
	# A test with a server of its own that did not come to its end.
	[ "$POSTGRES_HOST" = "$shared" ] || make -s clean >/dev/null 2>&1 || true
	POSTGRES_HOST=$shared POSTGRES_PORT=5432 POSTGRES_DB=postgres
	for name in "$own" "${own}_blue" "${own}_green" "${own}_2" "${own}_2_blue"; do
		sql "DROP DATABASE IF EXISTS \"$name\" WITH (FORCE)"
	done
	cd / || return 1
	rm -rf "$HOME"
}

# sql SQL: on the test's database, bare output, stops at the first error.
sql() {
	PGHOST=$POSTGRES_HOST PGPORT=${POSTGRES_PORT:-5432} PGUSER=agent PGPASSWORD=password PGDATABASE=$POSTGRES_DB \
		PGOPTIONS='-c client_min_messages=warning' psql -X -q -A -t -v ON_ERROR_STOP=1 -c "$1"
}

# dump OPTIONS: of the test's database.
dump() {
	PGHOST=$POSTGRES_HOST PGPORT=${POSTGRES_PORT:-5432} PGUSER=agent PGPASSWORD=password \
		pg_dump "$@" "$POSTGRES_DB" | grep -v -e '^\\restrict' -e '^\\unrestrict'
}

# want STATUS COMMAND…: keeps its output in $out and $err, and fails, showing both, when the status is another.
# The answers to its questions are lines of $answers.
want() {
	local expected=$1 status=0
	shift
	printf '%s' "${answers-}" | "$@" >"$HOME/out" 2>"$HOME/err" || status=$?
	out=$(cat "$HOME/out") err=$(cat "$HOME/err")
	[ "$status" -eq "$expected" ] && return 0
	printf '%s: exit status %s, wanted %s\n--- stdout\n%s\n--- stderr\n%s\n' "$*" "$status" "$expected" "$out" "$err"
	return 1
}

# has TEXT PATTERN: an extended regular expression, shown when it is not there.
has() {
	printf '%s\n' "$1" | grep -Eq -- "$2" && return 0
	printf 'no match for: %s\nin:\n%s\n' "$2" "$1"
	return 1
}

lacks() {
	printf '%s\n' "$1" | grep -Eq -- "$2" || return 0
	printf 'unwanted match for: %s\nin:\n%s\n' "$2" "$1"
	return 1
}

# same ACTUAL WANTED
same() {
	[ "$1" = "$2" ] && return 0
	printf 'is:     %s\nwanted: %s\n' "$1" "$2"
	return 1
}

# version: the newest that is applied; 0 without a journal.
version() {
	whimbrel status -o json | python3 -c 'import json, sys; print(int(json.load(sys.stdin)["current"] or 0))'
}

file() { # VERSION: the path of its file
	printf '%s\n' $migrations/V"$1"__*.sql
}

# generated VERSION [RUNS]: a database at that version, with rows.
generated() {
	want 0 whimbrel up --to "$1"
	want 0 make generate RUNS="${2:-200}" USERS=60 OUTCOMES=8
}

# doc FILE HEADING: its shell commands as one script that stops at the first failure; $answers are typed.
doc() {
	awk -v want="$2" '/^##+ / { here = index($0, want) > 0 }
		/^```/ { inside = here && $0 == "```sh"; next }
		inside' "$example/$1" >"$HOME/script"
	[ -s "$HOME/script" ]
	want 0 bash -eu "$HOME/script"
}
