#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# `make install` into a folder of its own: what is there, that it works from
# there, and that `make uninstall` leaves nothing.

load setup

setup_file() {
	pg_require
	install_prefix
}
teardown_file() { pg_release; }
teardown() {
	pg_database_drop
	case_teardown
}

# staged: make install with DESTDIR, as a packager calls it; root of it in $D.
staged() {
	D=$HOME/stage
	flock "$INSTALL" env DESTDIR="$D" meson install -C "$INSTALL" --quiet
	P=$D$PREFIX
}

@test "DESTDIR and PREFIX: every part in its place, nothing elsewhere" {
	staged
	lib=$(dirname "$(find "$P" -name whimbrel.pc)")/..
	for file in bin/whimbrel include/whimbrel/whimbrel.h share/man/man1/whimbrel.1 share/man/man1/whimbrel-up.1 \
		share/man/man3/wb_up.3 share/man/man3/whimbrel_run.3 share/bash-completion/completions/whimbrel \
		share/zsh/site-functions/_whimbrel share/fish/vendor_completions.d/whimbrel.fish; do
		[ -s "$P/$file" ] || { echo "$file is missing"; return 1; }
	done
	for file in libwhimbrel.so libwhimbrel.so.0 libwhimbrel.a pkgconfig/whimbrel.pc whimbrel/whimbrel-postgres.so; do
		[ -s "$lib/$file" ] || { echo "$file is missing"; return 1; }
	done
	[ "$(cd "$repo/include/whimbrel" && ls)" = "$(cd "$P/include/whimbrel" && ls)" ]
	[ -z "$(find "$D" ! -type d ! -path "$P/*")" ]
	[ -z "$(find "$P" ! -type d ! -path '*whimbrel*' ! -name 'wb_*.3')" ]
	lacks "$(cat "$lib/pkgconfig/whimbrel.pc" "$P"/share/man/man?/*)" "$D"
}

@test "make install and make uninstall call the same, and leave nothing" {
	D=$HOME/made
	# Both under the lock: uninstalling goes by the log of the last installation.
	# shellcheck disable=SC2016
	flock "$INSTALL" sh -ec 'make -s -C "$1" install BUILD="$2" PREFIX="$3" DESTDIR="$4"
		[ -x "$4$3/bin/whimbrel" ]
		make -s -C "$1" uninstall BUILD="$2" DESTDIR="$4"' sh "$repo" "${INSTALL#"$repo"/}" "$PREFIX" "$D"
	[ -z "$(find "$D" ! -type d)" ]
}

@test "the installed program: both engines, the module from its installed place" {
	pg_database
	migration V001__a.sql "CREATE TABLE a (id bigint PRIMARY KEY);"
	for url in sqlite:app.db "$PG_URL"; do
		"$PREFIX/bin/whimbrel" --url "$url" up
		"$PREFIX/bin/whimbrel" --url "$url" status --exit-code
	done
	[ "$(pg_sql "$PG_DB" 'SELECT count(*) FROM a')" = 0 ]
	"$PREFIX/bin/whimbrel" --version
}

@test "a program without its module says which file is missing, and where it was looked for" {
	mkdir alone
	strip -o alone/whimbrel "$PREFIX/bin/whimbrel"
	# The same length, so that the program stays whole.
	sed -i "s|$PREFIX/|$(printf '%s' "$PREFIX" | sed 's/./x/g')/|g" alone/whimbrel
	migration V001__a.sql "CREATE TABLE a (id bigint PRIMARY KEY);"
	run alone/whimbrel --url postgres://localhost/x up
	[ "$status" -eq 4 ] || { echo "$status $output"; return 1; }
	has "$output" 'whimbrel-postgres\.so'
	alone/whimbrel --url sqlite:app.db up
	cp "$(find "$PREFIX" -name whimbrel-postgres.so)" alone
	run alone/whimbrel --url 'postgres://nobody@127.0.0.1:1/x?connect_timeout=1' up
	[ "$status" -eq 6 ]
}

@test "manual pages render, and completion files are what their shells can read" {
	for page in "$PREFIX"/share/man/man1/*.1; do
		problems=$(groff -man -Tutf8 -ww -K utf8 "$page" 2>&1 >text) || :
		[ -z "$problems" ] && [ "$(wc -l <text)" -gt 10 ] || { echo "$page: $problems"; return 1; }
	done
	for command in $("$PREFIX/bin/whimbrel" help | sed -n 's/^  \([a-z]\{2,\}\) .*/\1/p'); do
		[ -s "$PREFIX/share/man/man1/whimbrel-$command.1" ] || { echo "$command has no page"; return 1; }
	done
	bash -n "$PREFIX/share/bash-completion/completions/whimbrel"
	has "$(head -1 "$PREFIX/share/zsh/site-functions/_whimbrel")" '^#compdef whimbrel'
	has "$(cat "$PREFIX/share/fish/vendor_completions.d/whimbrel.fish")" '^complete -c whimbrel'
	# shellcheck disable=SC2016
	completed=$(bash -c '. "$1"; COMP_WORDS=(whimbrel stat) COMP_CWORD=1 COMP_LINE="whimbrel stat" COMP_POINT=13
		"$(complete -p whimbrel | sed "s/.*-F \([^ ]*\).*/\1/")"; echo "${COMPREPLY[@]}"' \
		bash "$PREFIX/share/bash-completion/completions/whimbrel")
	has "$completed" status
}

@test "make embedded tells size and libraries" {
	run make -s -C "$repo" embedded
	[ "$status" -eq 0 ]
	has "$output" '^libwhimbrel\.so, stripped: [0-9]+ bytes$'
	has "$output" '^links: libc\.so\.6 libsqlite3\.so\.0 $'
}
