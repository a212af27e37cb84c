#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# Commands that only look, on a real hot standby: made by pg_basebackup from a cluster of its own, following it.

load setup

setup_file() {
	pg_private
	STANDBY=$(mktemp -d "${TMPDIR:-/tmp}/wb-standby-XXXXXX")
	export STANDBY
	python3 "$BATS_TEST_DIRNAME/../lib/servers.py" standby "$PG_DIR" "$STANDBY"
}

teardown_file() {
	python3 "$BATS_TEST_DIRNAME/../lib/servers.py" stop "$STANDBY"
	rm -rf "$STANDBY"
	pg_release
}

setup() {
	case_setup
	pg_database
	export PRIMARY=$PG_URL
	standby="postgres:///$PG_DB?host=$STANDBY&port=5432&user=postgres"
	echo 'snapshots: true' >whimbrel.yaml
	migration V001__orders.sql "CREATE TABLE orders (id bigint PRIMARY KEY, total int);
INSERT INTO orders SELECT i, i FROM generate_series(1, 100000) i;
ANALYZE orders;"
	w --url "$PRIMARY" up -q
	migration V002__type.sql "ALTER TABLE orders ALTER COLUMN total TYPE bigint;"
	caught_up
}

teardown() {
	pg_database_drop
	case_teardown
}

# The standby has replayed all that the primary has done.
caught_up() {
	local lsn
	lsn=$(pg_sql postgres "SELECT pg_current_wal_insert_lsn()")
	for _ in {1..200}; do
		[ "$(psql -X -A -t -d "postgres:///postgres?host=$STANDBY&port=5432&user=postgres" -c "SELECT pg_last_wal_replay_lsn() >= '$lsn'")" = t ] && return 0
		sleep 0.1
	done
	return 1
}

@test "plan, lint, status, history, validate, snapshot and drift work on a hot standby" {
	[ "$(psql -X -A -t -d "$standby" -c "SELECT pg_is_in_recovery()")" = t ]
	want 0 --url "$standby" plan -o json
	[ "$(json '[[s["rewrites"], s["rows"], s["risk"]] for s in d["steps"]]')" = '[[true, 100000, "low"]]' ]
	[ "$(json '[x["rule"] for x in d["steps"][0]["safe"]]')" = '["column-type"]' ]
	want 1 --url "$standby" lint -o json
	[ "$(json '[[f["rule"], "100,000 rows" in f["message"]] for f in d["findings"] if f["rule"] == "column-type"]')" = '[["column-type", true]]' ]
	want 0 --url "$standby" status -o json
	[ "$(json '[d["current"], [p["version"] for p in d["pending"]]]')" = '["001", ["002"]]' ]
	want 0 --url "$standby" history
	want 0 --url "$standby" validate
	want 0 --url "$standby" snapshot
	has "$out" 'CREATE TABLE "public"."orders"'
	want 0 --url "$standby" drift
	has "$out" '^No drift: .*the snapshot of version 001'
	pg_sql "$PG_DB" "CREATE INDEX orders_total ON orders (total)"
	caught_up
	want 1 --url "$standby" drift -o json --no-indexes
	[ "$(json '[[x["type"], x["object"]] for x in d["differences"]]')" = '[["unexpected", "public.orders.orders_total"]]' ]
	[ "$(json '[s["lock"] for s in d["steps"]]')" = '["ACCESS EXCLUSIVE"]' ]
}

@test "what would write is refused, and --probe says that it could not" {
	want 4 --url "$standby" drift --replay || want 3 --url "$standby" drift --replay || want 6 --url "$standby" drift --replay
	has "$err" 'read-only|recovery|standby'
	pg_sql "$PG_DB" "CREATE FUNCTION pick() RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN 4; END';
		CREATE FUNCTION pick(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 4'"
	migration V003__pick.sql "ALTER TABLE orders ADD COLUMN a int DEFAULT pick();"
	caught_up
	want 0 --url "$standby" plan --probe -o json
	[ "$(json '[d["steps"][1]["rewrites"], d["steps"][1]["probed"]]')" = '[null, false]' ]
	has "$(json 'd["steps"][1]["notes"]')" 'could not be probed: .*(read-only|recovery)'
}

@test "on the primary a plan knows of the standby that its log goes to" {
	want 0 --url "$PRIMARY" plan -o json
	has "$(json 'd["steps"][0]["notes"]')" 'about [0-9.]+ MB of log go to 1 replica, which follows later; readers there wait, too'
}
