# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# A private PostgreSQL in a folder, reached over a socket there alone: for `run`
# and the tests. It refuses to run as root; there it runs as the user postgres.

as_server() {
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && runuser -u postgres -- "$@")
	else
		"$@"
	fi
}

server_bin() {
	bin=$(find /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)
	[ -n "$bin" ] || bin=$(command -v initdb) || { echo "no PostgreSQL server is installed (Debian: postgresql)" >&2; return 1; }
	dirname "$bin"
}

# server_start FOLDER: durable enough for what is thrown away afterwards.
server_start() {
	server_programs=$(server_bin) || return 1
	mkdir -p "$1" && chmod 755 "$1" || return 1
	[ "$(id -u)" -ne 0 ] || chown postgres "$1" || return 1
	as_server "$server_programs/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$1/initdb.log" ||
		{ cat "$1/initdb.log"; return 1; }
	cat >>"$1/data/postgresql.auto.conf" <<-END
		listen_addresses = ''
		unix_socket_directories = '$1'
		port = 5432
		fsync = off
		shared_buffers = 256MB
		work_mem = 16MB
		max_wal_size = 4GB
		timezone = 'UTC'
	END
	as_server "$server_programs/pg_ctl" -D "$1/data" -s -w -t 60 -l "$1/server.log" start || { cat "$1/server.log"; return 1; }
}

server_stop() {
	[ ! -e "$1/data/postmaster.pid" ] || as_server "${server_programs:-$(server_bin)}/pg_ctl" -D "$1/data" -s -w -m immediate stop
}

# server_url FOLDER DATABASE
server_url() {
	printf 'postgres:///%s?host=%s&port=5432&user=postgres' "$2" "$1"
}
