# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Each test has a database of its own, a copy of one that its file has prepared,
# on the server that tests/run has started (SARK_SERVER). HOME is empty.
# SERVERS is how much data the prepared ones hold.

example=$(cd "${BATS_TEST_DIRNAME}/.." && pwd)
for name in DATABASE_URL PROTOCOL SEED WHIMBREL_ENV WHIMBREL_PROJECT WHIMBREL_DIR WHIMBREL_CONFIG; do
	unset "$name"
done
for name in $(env | sed -n 's/^\(PG[A-Z]*\)=.*/\1/p'); do
	unset "$name"
done
export SERVERS=${SERVERS:-1000} TZ=UTC

url() { # DATABASE
	printf 'postgres:///%s?host=%s&port=5432&user=postgres' "$1" "$SARK_SERVER"
}

psql_in() { # DATABASE ARGUMENTS...
	local db=$1
	shift
	PGOPTIONS='-c client_min_messages=warning' psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$(url "$db")" "$@"
}

# sql SQL: on the test's database, bare output, stops at the first error.
sql() {
	psql_in "$database" -c "$1"
}

copy_of() { # DATABASE NEW
	psql_in postgres -c "CREATE DATABASE \"$2\" TEMPLATE \"$1\""
}

gone() {
	psql_in postgres -c "DROP DATABASE IF EXISTS \"$1\" WITH (FORCE)"
}

# prepared NAME COMMAND...: a database that COMMAND, a function, has filled; once for a run of all tests.
prepared() {
	local name=$1
	shift
	[ -z "$(psql_in postgres -c "SELECT 1 FROM pg_database WHERE datname = '$name'")" ] || return 0
	psql_in postgres -c "CREATE DATABASE \"$name\" TEMPLATE template0"
	(cd "$example" && DATABASE_URL=$(url "$name") WHIMBREL_ENV=development && export DATABASE_URL WHIMBREL_ENV && "$@" >/dev/null)
}

# ---- what is prepared: tables alone; v1 with rows; v2 with rows

fill_tables() { "$WHIMBREL" up -q; }
fill_v1() {
	"$WHIMBREL" up --to 005 -q && WHIMBREL_PROJECT=generator "$WHIMBREL" --dir generator up --to 001 -q
}
fill_v2() {
	fill_v1 && "$WHIMBREL" up -q && WHIMBREL_PROJECT=mend "$WHIMBREL" --dir mend up -q && ./migrate --execute &&
		WHIMBREL_PROJECT=generator "$WHIMBREL" --dir generator up -q
}

prepare() { # tables, v1 or v2
	prepared "sark_$1_$SERVERS" "fill_$1"
}

# begin KIND: a database of the test's own.
begin() {
	database=t_$$_$RANDOM
	copy_of "sark_$1_$SERVERS" "$database"
	DATABASE_URL=$(url "$database")
	export DATABASE_URL
}

setup() {
	HOME=$(mktemp -d "${TMPDIR:-/tmp}/sark-test-XXXXXX")
	export HOME
	mkdir "$HOME/sark"
	cp -R "$example/." "$HOME/sark/"
	cd "$HOME/sark" || return 1
	export WHIMBREL_ENV=development
}

teardown() {
	[ -z "${database:-}" ] || gone "$database"
	cd / || return 1
	rm -rf "$HOME"
}

step() { # NAME ARGUMENTS...
	local name=$1
	shift
	WHIMBREL_PROJECT=$name "$WHIMBREL" --dir "$name" "$@"
}

# shellcheck disable=SC2317
whimbrel() { "$WHIMBREL" "$@"; }

# want STATUS COMMAND…: keeps its output in $out and $err, and fails, showing both, when the status is another.
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

# refused PATTERN SQL: the database does, with that message.
refused() {
	local message
	if message=$(sql "$2" 2>&1); then
		printf 'was not refused: %s\n' "$2"
		return 1
	fi
	has "$message" "$1"
}

# ---- rows of a test

# servers N [FIRST]: of v1, alternately stdio and http, each with TOOLS (0) tools.
servers() {
	sql "INSERT INTO mcp_servers (id, name, transport, command, endpoint, sensitivity_level)
	     SELECT md5('s' || i)::uuid, 'srv-' || i, CASE WHEN i % 2 = 0 THEN 'http' ELSE 'stdio' END::transporttype,
	            CASE WHEN i % 2 = 1 THEN 'npx srv-' || i END, CASE WHEN i % 2 = 0 THEN 'https://srv' || i END, 'high'
	       FROM generate_series(${2:-1}, ${2:-1} + $1 - 1) i;
	     INSERT INTO mcp_tools (id, server_id, name, description, parameters, sensitivity_level, requires_approval, invocation_count)
	     SELECT md5('t' || i || '-' || n)::uuid, md5('s' || i)::uuid, 'tool-' || i || '-' || n, 'does it', '{\"type\": \"object\"}',
	            'critical', n = 1, 10 * n
	       FROM generate_series(${2:-1}, ${2:-1} + $1 - 1) i, generate_series(1, ${TOOLS:-0}) n"
}

# resource ID PROTOCOL [CAPABILITIES]: of v2 alone.
resource() {
	sql "INSERT INTO resources (id, name, protocol, endpoint) VALUES ('$1', 'Resource $1', '$2', '$2://$1');
	     INSERT INTO capabilities (id, resource_id, name) SELECT '$1-c' || i, '$1', 'c' || i FROM generate_series(1, ${3:-0}) i"
}

rows() { # TABLE [WHERE]
	sql "SELECT count(*) FROM $1 WHERE ${2:-true}"
}

fingerprint() { # TABLE...: of all their rows
	local table
	for table in "$@"; do
		sql "SELECT '$table', count(*), md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM $table t"
	done
}
