#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# What was wrong with the original, shown, and shown not to happen here.

load setup

setup_file() {
	prepare tables
	prepare v1
}

empty() {
	database=t_$$_$RANDOM
	psql_in postgres -c "CREATE DATABASE \"$database\" TEMPLATE template0"
	DATABASE_URL=$(url "$database")
	export DATABASE_URL
}

@test "006 named a parent that there is not: the chain does not resolve, and nothing is run" {
	empty
	want 0 whimbrel validate
	sed -i 's/^-- Dependencies: 005_gateway_audit$/&_events/' migrations/006_protocol_adapters.sql
	want 1 whimbrel validate
	has "$out$err" '006_protocol_adapters.sql.*005_gateway_audit_events'
	want 4 whimbrel up
	has "$err" '005_gateway_audit_events'
	same "$(sql "SELECT to_regclass('users')")" ""
	want 1 whimbrel lint --text-only
	has "$out" 'parent'
}

@test "the daily summary had no unique index: it could not be refreshed while it is read" {
	begin tables
	sql "REFRESH MATERIALIZED VIEW CONCURRENTLY mv_daily_cost_summary"
	sql "DROP INDEX ix_mv_daily_cost_summary_unique"
	refused 'cannot refresh materialized view .* concurrently' "REFRESH MATERIALIZED VIEW CONCURRENTLY mv_daily_cost_summary"
}

@test "an index for recent costs cannot ask for the time: PostgreSQL refuses it, and nothing of the file is left" {
	begin tables
	printf '%s\n' '-- migrate:up' 'CREATE TABLE more (id integer);' \
		"CREATE INDEX ix_recent ON cost_tracking (principal_id) WHERE timestamp > now() - interval '7 days';" >migrations/008_recent.sql
	want 3 whimbrel up
	has "$err" 'functions in index predicate must be marked IMMUTABLE'
	has "$err" '008_recent.sql:3'
	same "$(sql "SELECT to_regclass('more')")" ""
}

# What TimescaleDB does, as far as it matters here: it wants the time in every unique index.
timescale() {
	sql "CREATE SCHEMA elsewhere;
	CREATE FUNCTION elsewhere.create_hypertable(relation regclass, time_column name) RETURNS void LANGUAGE plpgsql AS \$\$
	BEGIN
	    IF EXISTS (SELECT FROM pg_index i WHERE i.indrelid = relation AND i.indisunique
	                AND NOT (SELECT attnum FROM pg_attribute WHERE attrelid = relation AND attname = time_column) = ANY (i.indkey)) THEN
	        RAISE 'cannot create a unique index without the column \"%\" (used in partitioning)', time_column;
	    END IF;
	    EXECUTE format('COMMENT ON TABLE %s IS %L', relation, 'hypertable on ' || time_column);
	END \$\$"
}

@test "hypertables: where TimescaleDB is, the keys hold the time; where it is not, plain tables" {
	empty
	timescale
	want 0 whimbrel up
	same "$(sql "SELECT string_agg(relname || ': ' || obj_description(oid), ', ' ORDER BY relname) FROM pg_class WHERE obj_description(oid, 'pg_class') LIKE 'hyper%'")" \
		"audit_events: hypertable on timestamp, cost_tracking: hypertable on timestamp, gateway_audit_events: hypertable on timestamp"
	want 0 whimbrel down --to 0 --yes
	# The original's key.
	sed -i 's/^    PRIMARY KEY (id, timestamp)$/    PRIMARY KEY (id)/' migrations/007_federation.sql
	want 3 whimbrel up
	has "$err" 'cannot create a unique index without the column "timestamp"'
	sql "DROP SCHEMA elsewhere CASCADE"
	want 0 whimbrel down --to 0 --yes
	want 0 whimbrel up
	has "$out$err" 'cost_tracking stays a plain table|007'
	same "$(sql "SELECT obj_description('audit_events'::regclass)")" ""
}

@test "001 called a column otherwise than all that read it, and lacked two" {
	empty
	sed -i 's/^    parameters jsonb/    parameters_schema jsonb/; /^    invocation_count/d; /^    last_invoked/d' migrations/001_initial_schema.sql
	want 0 whimbrel up
	want 1 ./migrate --execute
	has "$out$err" 'original.parameters|column'
	want 0 whimbrel down --to 0 --yes
	cp "$example/migrations/001_initial_schema.sql" migrations/
	want 0 whimbrel up
	want 0 ./migrate --execute
}

@test "a server without command and endpoint cannot be copied as the original does it" {
	begin v1
	whimbrel up -q
	refused 'null value in column "endpoint"' "INSERT INTO resources (id, name, protocol, endpoint)
		SELECT id::text, name, 'mcp', coalesce(command, endpoint) FROM mcp_servers ON CONFLICT (id) DO NOTHING"
}

@test "concurrent builds are refused in a transaction; whimbrel makes them steps of their own" {
	begin tables
	refused 'cannot run inside a transaction block' "BEGIN; CREATE INDEX CONCURRENTLY x ON resources (name); COMMIT"
	want 0 step tuning up
}

@test "a concurrent build that was killed leaves nothing invalid behind" {
	begin tables
	# A transaction that holds the build up.
	psql_in "$database" -c "BEGIN; INSERT INTO resources (id, name, protocol, endpoint) VALUES ('x', 'x', 'http', 'x'); SELECT pg_sleep(60)" >/dev/null 2>&1 &
	blocker=$!
	until [ -n "$(sql "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()")" ]; do sleep 0.05; done
	WHIMBREL_PROJECT=tuning "$WHIMBREL" --dir tuning up >/dev/null 2>&1 &
	run=$!
	until [ -n "$(sql "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('ix_resources_protocol_active') AND NOT indisvalid")" ]; do sleep 0.05; done
	kill -KILL $run
	wait $run || true
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()" >/dev/null
	wait $blocker || true
	want 0 ./optimize --optimize
	same "$(sql "SELECT count(*), bool_and(indisvalid) FROM pg_index WHERE indexrelid::regclass::text LIKE 'ix_%' AND NOT indisvalid")" "0|"
	same "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_resources_protocol_active'::regclass")" t
}
