# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# PostgreSQL for bats. A file that needs one calls pg_require in setup_file and
# pg_release in teardown_file; each test takes a database of its own with
# pg_database. Under tests/run all files share one cluster (WHIMBREL_TEST_PG
# holds its folder); a file that restarts its server or wants fsync or a pooler
# says `pg_private [--fsync]` instead and has one alone.

servers_py="${BASH_SOURCE[0]%/*}/servers.py"

pg_require() {
	if [ -n "${WHIMBREL_TEST_PG:-}" ]; then
		export PG_DIR=$WHIMBREL_TEST_PG PG_PRIVATE=
	else
		pg_private
	fi
}

# shellcheck disable=SC2120
pg_private() {
	PG_DIR=$(mktemp -d "${TMPDIR:-/tmp}/wb-pg-XXXXXX")
	export PG_DIR PG_PRIVATE=1
	python3 "$servers_py" start "$PG_DIR" "$@"
}

pg_release() {
	[ -n "${PG_PRIVATE:-}" ] || return 0
	python3 "$servers_py" stop "$PG_DIR"
	rm -rf "$PG_DIR"
}

pg_restart() { # fast|immediate
	python3 "$servers_py" restart "$PG_DIR" "${1:-fast}"
}

# PgBouncer in transaction mode before the cluster; private clusters only.
pg_pool_start() {
	python3 "$servers_py" pool-start "$PG_DIR"
}

pg_pool_stop() {
	python3 "$servers_py" pool-stop "$PG_DIR"
}

pg_url() { # DATABASE
	printf 'postgres:///%s?host=%s&port=5432&user=postgres' "$1" "$PG_DIR"
}

pg_pool_url() { # DATABASE
	printf 'postgres:///%s?host=%s/pool&port=6432&user=postgres' "$1" "$PG_DIR"
}

# psql on a database, bare output, stops at the first error: pg_sql DATABASE SQL
pg_sql() {
	psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$(pg_url "$1")" -c "$2"
}

# A fresh database for this test; sets PG_DB and PG_URL.
pg_database() {
	PG_DB="t_${BATS_SUITE_TEST_NUMBER:-0}_$$_$RANDOM"
	PG_URL=$(pg_url "$PG_DB")
	export PG_DB PG_URL
	pg_sql postgres "CREATE DATABASE \"$PG_DB\" TEMPLATE template0"
}

pg_database_drop() {
	[ -n "${PG_DB:-}" ] || return 0
	pg_sql postgres "DROP DATABASE IF EXISTS \"$PG_DB\" WITH (FORCE)"
}
