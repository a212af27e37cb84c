# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What every bats file starts with: `load setup`. Each test works in an empty
# folder of its own with an empty HOME and none of the variables that would
# lead the program elsewhere; W is the program, run through w.

load ../lib/servers

repo=$(cd "${BATS_TEST_DIRNAME}/../.." && pwd)
W=${WHIMBREL:-$repo/build/whimbrel}
unset DATABASE_URL DIRECT_URL NO_COLOR
while IFS= read -r name; do unset "$name"; done < <(compgen -e | grep -E '^PG(HOST|PORT|USER|DATABASE|PASSWORD|SERVICE|OPTIONS)$')

case_setup() {
	HOME=$(mktemp -d "${TMPDIR:-/tmp}/wb-cli-XXXXXX")
	export HOME
	cd "$HOME" || return 1
}

case_teardown() {
	cd / || return 1
	rm -rf "$HOME"
}

setup() { case_setup; }
teardown() { case_teardown; }

w() {
	"$W" "$@"
}

# want STATUS ARGUMENTS…: runs the program, keeps standard output in $out and standard error in $err, and fails,
# showing both, when the exit status is another.
want() {
	local expected=$1 status=0
	shift
	"$W" "$@" >.out 2>.err </dev/null || status=$?
	out=$(cat .out) err=$(cat .err)
	[ "$status" -eq "$expected" ] && return 0
	printf 'whimbrel %s: exit status %s, wanted %s\n--- stdout\n%s\n--- stderr\n%s\n' "$*" "$status" "$expected" "$out" "$err"
	return 1
}

# has TEXT PATTERN: an extended regular expression in a text, shown when it is not there.
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

# json FILTER-IN-PYTHON: evaluates an expression over `d`, the JSON in $out, and prints its value.
json() {
	printf '%s' "$out" | python3 -c 'import json, sys
d = json.load(sys.stdin)
value = eval(sys.argv[1])
print(value if isinstance(value, str) else json.dumps(value))' "$1"
}

# migration NAME [TEXT]: a file in migrations/, from standard input without TEXT.
migration() {
	mkdir -p migrations
	if [ $# -gt 1 ]; then printf '%s\n' "$2" >"migrations/$1"; else cat >"migrations/$1"; fi
}

# lite SQL: on app.db, through the sqlite3 shell.
lite() {
	sqlite3 app.db "$1"
}

# wait_gone COMMAND…: what the command lists now is gone within 20 s. Other tests have scratch databases, too, but one that
# was left behind never goes.
wait_gone() {
	local left still
	left=$("$@")
	for _ in {1..100}; do
		still=$(comm -12 <(sort <<<"$left") <("$@" | sort) | grep . || true)
		[ -n "$still" ] || return 0
		sleep 0.2
	done
	printf 'left behind:\n%s\n' "$still"
	return 1
}
