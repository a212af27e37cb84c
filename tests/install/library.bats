#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# The C library as its users meet it: installed, found by pkg-config, with its
# four examples, which stand here for applications.

load setup

setup_file() {
	pg_require
	install_prefix
}
teardown_file() { pg_release; }

setup() {
	case_setup
	export C_INCLUDE_PATH='' CPLUS_INCLUDE_PATH='' LIBRARY_PATH=''
}

teardown() {
	pg_database_drop
	case_teardown
}

# example NAME: built as an application would, plain C11.
example() {
	# shellcheck disable=SC2046
	cc -std=c11 -Wall -Wextra -Werror -o "$1" "$repo/examples/library/$1.c" $(pkg-config --cflags --libs whimbrel sqlite3)
}

folder() {
	migration V001__users.sql "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);"
	migration V002__emails.sql "CREATE UNIQUE INDEX users_email ON users (email);"
	migration V003__people.sql "INSERT INTO users VALUES (1, 'ada@example.org'), (2, 'grace@example.org');"
}

memcheck() {
	valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect,possible \
		--errors-for-leak-kinds=definite,indirect,possible --suppressions="$repo/tests/lib/valgrind.supp" "$@"
}

@test "the examples compile as C11 and as C++17, with gcc and clang, without a warning" {
	count=0
	for source in "$repo"/examples/library/*.c; do
		for compiler in "gcc -std=c11" "clang -std=c11" "g++ -x c++ -std=c++17" "clang++ -x c++ -std=c++17"; do
			# shellcheck disable=SC2046,SC2086
			$compiler -Wall -Wextra -Wpedantic -Werror -c -o one.o "$source" $(pkg-config --cflags whimbrel sqlite3)
			# shellcheck disable=SC2046,SC2086
			${compiler%% *} -o one one.o $(pkg-config --libs whimbrel sqlite3)
			count=$((count + 1))
		done
	done
	[ "$count" -eq 16 ]
}

@test "the embedding example and the one about drift have fewer than 30 lines" {
	[ "$(wc -l <"$repo/examples/library/embed.c")" -lt 30 ]
	[ "$(wc -l <"$repo/examples/library/drift.c")" -lt 30 ]
}

@test "the example about drift tells what differs, in its exit status, too" {
	example drift
	migration V001__users.sql "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);"
	sqlite3 app.db "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL)"
	memcheck ./drift sqlite:app.db migrations >out
	[ ! -s out ]
	sqlite3 app.db "ALTER TABLE users ADD COLUMN phone TEXT; CREATE TABLE more (x)"
	status=0
	memcheck ./drift sqlite:app.db migrations >out || status=$?
	[ "$status" = 1 ]
	grep -qx 'unexpected: column users.phone ' out
	grep -qx 'unexpected: table more ' out
	status=0
	./drift sqlite:app.db nowhere 2>err || status=$?
	[ "$status" = 66 ] || [ "$status" = 64 ]
	grep -q nowhere err
}

@test "the Makefile of the examples builds them with what pkg-config says" {
	cp "$repo"/examples/library/* .
	make -s CFLAGS='-Wall -Wextra -Werror'
	./embed one.db
	[ "$(sqlite3 one.db 'SELECT body FROM notes')" = welcome ]
}

@test "a static link needs nothing of Whimbrel at run time, and sees only its public names" {
	printf 'int wb_str_add(void); int steps_load(void) { return 0; }\nint wb_str_add(void) { return steps_load(); }\n' >own.c
	# shellcheck disable=SC2046
	cc -std=c11 -o embed "$repo/examples/library/embed.c" own.c $(pkg-config --cflags whimbrel) -Wl,-Bstatic \
		$(pkg-config --libs whimbrel) -Wl,-Bdynamic $(pkg-config --static --libs whimbrel | sed 's/-lwhimbrel//')
	lacks "$(ldd embed)" whimbrel
	env -u LD_LIBRARY_PATH ./embed notes.db
	[ "$(sqlite3 notes.db 'SELECT count(*) FROM notes')" = 1 ]
	# shellcheck disable=SC2046
	cc -std=c11 -o whole "$repo/examples/library/embed.c" $(pkg-config --cflags --static --libs whimbrel) -static 2>/dev/null
	run ldd whole
	has "$output" 'not a dynamic executable'
	./whole whole.db
	has "$(pkg-config --static --libs whimbrel)" -lsqlite3
	lacks "$(pkg-config --libs whimbrel)" -lsqlite3
}

@test "embed: once, again, and in the handle of the application; valgrind clean" {
	example embed
	for _ in 1 2; do
		memcheck ./embed notes.db
	done
	[ "$(sqlite3 notes.db 'SELECT count(*) FROM notes')" = 1 ]
	[ "$(sqlite3 notes.db "SELECT count(*) FROM whimbrel_schema_migrations WHERE state = 'applied'")" = 2 ]
	sqlite3 notes.db "UPDATE whimbrel_schema_migrations SET checksum = 'sha256:' || printf('%064d', 0) WHERE version = '001'"
	run memcheck ./embed notes.db
	[ "$status" -eq 1 ]
	has "$output" WB_ECHECKSUM
}

@test "an application that starts ten times at once migrates once" {
	example embed
	for round in 1 2 3 4 5; do
		rm -f notes.db*
		: >gate
		# All wait for the gate, so that they begin within the same moment.
		exec 9>gate
		flock 9
		pids=()
		for n in 1 2 3 4 5 6 7 8 9 10; do
			(exec 9>&-; flock -s gate ./embed notes.db >"out.$n" 2>&1) &
			pids+=($!)
		done
		sleep 0.2
		exec 9>&-
		for pid in "${pids[@]}"; do
			wait "$pid" || { cat out.*; return 1; }
		done
		[ "$(sqlite3 notes.db 'SELECT count(*) FROM notes')" = 1 ]
		[ "$(sqlite3 notes.db 'SELECT count(*) FROM whimbrel_migration_history')" = 2 ] || {
			echo "round $round"
			sqlite3 notes.db 'SELECT * FROM whimbrel_migration_history'
			return 1
		}
	done
}

@test "folder: against PostgreSQL; valgrind clean" {
	pg_database
	folder
	example folder
	[ ! -e whimbrel-postgres.so ] # it is found where `make install` puts it
	run memcheck ./folder "$PG_URL" migrations
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	has "$output" 'will apply 001 users: 1 statements'
	has "$output" 'applied 003 in [0-9]+ ms'
	[ "$(pg_sql "$PG_DB" 'SELECT count(*) FROM users')" = 2 ]
	run ./folder "$PG_URL" migrations
	has "$output" 'nothing was applied'
	migration V004__wrong.sql "INSERT INTO users VALUES (3, 'x'), (1, 'twice');"
	run memcheck ./folder "$PG_URL" migrations
	[ "$status" -eq 3 ]
	has "$output" 'V004__wrong\.sql:1:1: WB_E'
	has "$output" 'cause: '
	run ./folder "mysql://localhost/x" migrations
	[ "$status" -eq 64 ]
	run ./folder
	[ "$status" -eq 64 ]
}

@test "progress: draws what the events tell; valgrind clean" {
	folder
	example progress
	run memcheck ./progress sqlite:app.db migrations
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	has "$output" '\[#{30}\] 3/3  done'
	has "$output" '^3 migrations, 3 statements$'
	run ./progress sqlite:app.db migrations
	[ "$output" = '0 migrations, 0 statements' ]
	migration V004__wrong.sql "SELECT nothing FROM nowhere;"
	run memcheck ./progress sqlite:app.db migrations
	[ "$status" -eq 3 ]
	has "$output" 'WB_E'
}

@test "progress: Ctrl-C ends it between two instructions, and the next run goes on" {
	migration V001__long.sql "CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000000)
		SELECT count(*) AS n FROM n;"
	example progress
	./progress sqlite:app.db migrations >out 2>&1 &
	pid=$!
	for _ in $(seq 100); do
		if grep -q running out; then break; fi
		sleep 0.05
	done
	kill -INT "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 130 ] || { cat out; return 1; }
	has "$(cat out)" WB_ECANCELLED
	migration V001__long.sql "CREATE TABLE t (n integer);"
	./progress sqlite:app.db migrations
	[ "$(lite 'SELECT count(*) FROM t')" = 0 ]
}

@test "the library for embedding links sqlite3 and libc, and nothing else" {
	needed=$(objdump -p "$EMBEDDED/libwhimbrel.so" | awk '$1 == "NEEDED" { print $2 }' | sort | tr '\n' ' ')
	[ "$needed" = 'libc.so.6 libsqlite3.so.0 ' ] || { echo "$needed"; return 1; }
	lacks "$(nm -D --undefined-only "$EMBEDDED/libwhimbrel.so")" ' dlopen'
	strip --strip-unneeded -o small "$EMBEDDED/libwhimbrel.so"
	echo "stripped: $(wc -c <small) bytes"
	[ "$(wc -c <small)" -lt 1000000 ]
	# shellcheck disable=SC2046
	cc -std=c11 -o embed "$repo/examples/library/embed.c" -I"$repo/include" "$EMBEDDED/libwhimbrel.a" -lsqlite3
	env -u LD_LIBRARY_PATH ./embed notes.db
	others=$(ldd embed | awk '{ print $1 }' | grep -Ev '^(linux-vdso|linux-gate|/lib.*ld-|libc\.so|libsqlite3\.so|libm\.so)' || :)
	[ -z "$others" ] || { ldd embed; return 1; }
}

@test "the library for embedding says that it has no PostgreSQL" {
	# shellcheck disable=SC2046
	cc -std=c11 -o folder "$repo/examples/library/folder.c" -I"$repo/include" "$EMBEDDED/libwhimbrel.a" -lsqlite3
	folder
	run ./folder postgres://localhost/x migrations
	[ "$status" -eq 4 ]
	has "$output" 'WB_EUNSUPPORTED: this build has no postgres driver'
	./folder sqlite:app.db migrations
}

@test "each function of the headers has a page in section 3 that man can show" {
	pages=$PREFIX/share/man/man3
	names=$(awk '/^ wb_/ { sub("@.*", ""); print $1 }' "$repo/debian/libwhimbrel0.symbols")
	[ "$(printf '%s\n' "$names" | wc -l)" -ge 40 ]
	for name in $names; do
		[ -s "$pages/$name.3" ] || { echo "no page for $name"; return 1; }
	done
	for page in "$pages"/whimbrel*.3; do
		problems=$(cd "$PREFIX/share/man" && groff -man -Tutf8 -ww -K utf8 "$page" 2>&1 >text) || :
		[ -z "$problems" ] || { echo "$page: $problems"; return 1; }
	done
	text=$(groff -man -Tutf8 -K utf8 "$pages/whimbrel_context.3" | sed 's/\x1b\[[0-9;]*m//g')
	has "$text" 'int wb_open\(const struct wb_options \*options'
	has "$text" 'May be called from a signal'
}
