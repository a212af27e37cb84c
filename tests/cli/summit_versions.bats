#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
#
# examples/summit/sql: Summit's six tables and five functions over the journal, their defects mended.

load setup

setup_file() { pg_require; }
teardown_file() { pg_release; }

setup() {
	case_setup
	pg_database
	export DATABASE_URL=$PG_URL
	migration V001__users.sql "CREATE TABLE users (id int PRIMARY KEY, email text);
-- migrate:down
DROP TABLE users;"
	migration V002__tags.sql "-- migrate:up depends:001
CREATE TABLE tags (id int PRIMARY KEY);
-- migrate:down
DROP TABLE tags;"
	w up -q
}

teardown() {
	pg_database_drop
	case_teardown
}

q() {
	pg_sql "$PG_DB" "$1"
}

install() {
	w init --journal-sql | psql -X -q -v ON_ERROR_STOP=1 -d "$PG_URL" 2>/dev/null
	psql -X -q -v ON_ERROR_STOP=1 -d "$PG_URL" -f "$repo/examples/summit/sql/versions.sql"
}

@test "made twice, taken away, and no part of the schema" {
	install
	install
	[ "$(q "SELECT count(*) FROM pg_class WHERE relnamespace = 'summit'::regnamespace AND relname IN ('schema_versions',
		'migration_history', 'migration_locks', 'schema_snapshots', 'schema_drift_alerts', 'migration_dependencies')")" = 6 ]
	[ "$(q "SELECT count(*) FROM pg_proc WHERE pronamespace = 'summit'::regnamespace")" = 5 ]
	want 0 drift
	want 0 snapshot
	lacks "$out" summit
	want 0 --yes release
	q "CREATE VIEW public.old_history AS SELECT 1 AS x; COMMENT ON VIEW public.old_history IS 'whimbrel:compat'"
	want 4 --yes release
	has "$err" 'nothing has changed'
	psql -X -q -d "$PG_URL" -f "$repo/examples/summit/sql/versions_down.sql" 2>/dev/null
	[ -z "$(q "SELECT nspname FROM pg_namespace WHERE nspname = 'summit'")" ]
	want 0 status
}

@test "versions are filled from the history, with its times" {
	install
	[ "$(q "SELECT summit.get_current_schema_version()")" = 0.0.0 ]
	[ "$(q "SELECT count(*) FROM summit.schema_versions")" = 0 ]
	w --yes release >/dev/null
	[ "$(q "SELECT string_agg(concat_ws(' ', version, database_type, migration_id, rollback_available, length(checksum)), ',' ORDER BY id) FROM summit.schema_versions")" = '1.0.0 postgresql V001__users t 64,1.0.0 postgresql V002__tags t 64' ]
	[ "$(q "SELECT bool_and(v.applied_at = m.finished_at) FROM summit.schema_versions v JOIN whimbrel.schema_migrations m ON m.file = v.migration_id || '.sql'")" = t ]
	migration V003__more.sql "ALTER TABLE users DROP COLUMN email; CREATE TABLE more (x int);"
	w up -q
	[ "$(q "SELECT count(*) FROM summit.schema_versions")" = 2 ]
	w --yes release >/dev/null
	q "CREATE TABLE by_hand (x int)"
	w --yes release --notes 'by hand' >/dev/null
	[ "$(q "SELECT string_agg(version || ' ' || migration_id, ',' ORDER BY id) FROM summit.schema_versions")" = '1.0.0 V001__users,1.0.0 V002__tags,2.0.0 V003__more,2.1.0 003' ]
	[ "$(q "SELECT metadata->'breaking'->>0 FROM summit.schema_versions WHERE version = '2.0.0'")" = 'column public.users.email removed: what uses it fails' ]
	[ "$(q "SELECT summit.get_current_schema_version('postgresql'), summit.get_current_schema_version('neo4j')")" = '2.1.0|0.0.0' ]
	[ "$(q "SELECT string_agg(metadata->>'release', ',' ORDER BY id) FROM summit.schema_snapshots")" = 1.0.0,2.0.0,2.1.0 ]
	[ "$(q "SELECT table_count FROM summit.schema_snapshots ORDER BY id DESC LIMIT 1")" = 4 ]
}

@test "the history: what was rolled back is not applied, and can be again" {
	install
	[ "$(q "SELECT summit.is_migration_applied('V002__tags.sql'), summit.is_migration_applied('V002__tags'), summit.is_migration_applied('V009')")" = 't|t|f' ]
	w down -q
	[ "$(q "SELECT summit.is_migration_applied('V002__tags.sql')")" = f ]
	w up -q
	[ "$(q "SELECT summit.is_migration_applied('V002__tags.sql')")" = t ]
	[ "$(q "SELECT string_agg(status, ',' ORDER BY id) FROM summit.migration_history WHERE migration_id = 'V002__tags'")" = completed,rolled_back,completed ]
	[ "$(q "SELECT DISTINCT rollback_sql LIKE '%DROP TABLE tags%' FROM summit.migration_history WHERE migration_id = 'V002__tags'")" = t ]
	migration V003__bad.sql "SELECT nothing FROM nowhere;"
	want 3 up -q
	[ "$(q "SELECT status, metadata->>'error' LIKE '%nowhere%' FROM summit.migration_history WHERE migration_id = 'V003__bad'")" = 'failed|t' ]
	[ "$(q "SELECT migration_id, depends_on_migration_id FROM summit.migration_dependencies")" = '002|001' ]
}

@test "a lock is one's own, and free again" {
	install
	[ "$(q "SELECT summit.acquire_migration_lock('m', 'a', '{\"x\": 1}'), summit.acquire_migration_lock('m', 'b'), summit.acquire_migration_lock('n', 'b')")" = 't|f|t' ]
	[ "$(q "SELECT summit.release_migration_lock('m', 'b')")" = f ]
	[ "$(q "SELECT summit.release_migration_lock('m', 'a')")" = t ]
	[ "$(q "SELECT summit.release_migration_lock('m', 'a')")" = f ]
	[ "$(q "SELECT summit.acquire_migration_lock('m', 'b')")" = t ]
	[ "$(q "SELECT summit.release_migration_lock('m', 'b')")" = t ]
	[ "$(q "SELECT count(*) FROM summit.migration_locks WHERE migration_id = 'm'")" = 2 ]
	run q "INSERT INTO summit.migration_locks (migration_id, locked_by) VALUES ('n', 'c')"
	[ "$status" -ne 0 ]
	has "$output" active_lock_unique
}

@test "of many that want one lock at once, one gets it" {
	install
	for i in 1 2 3 4 5 6 7 8; do
		q "SELECT summit.acquire_migration_lock('one', 'p$i') FROM pg_sleep(0.2)" >"got$i" &
	done
	wait
	[ "$(cat got? | sort | uniq -c | tr -s ' \n' ' ')" = ' 7 f 1 t ' ]
}

@test "versions that are logged only go up, and ties are decided by order" {
	install
	[ "$(q "SELECT summit.log_schema_version('1.9.0', 'neo4j', 'm1', 'c', 5, 'me'), summit.log_schema_version('1.10.0', 'neo4j', 'm2', 'c', 5, 'me', '{\"a\": 1}')")" = '1|3' ]
	[ "$(q "SELECT summit.get_current_schema_version('neo4j'), summit.get_current_schema_version('redis')")" = '1.10.0|0.0.0' ]
	[ "$(q "SELECT string_agg(id || ' ' || version, ',' ORDER BY id) FROM summit.schema_versions WHERE database_type = 'neo4j'")" = '1 1.9.0,3 1.10.0' ]
	run q "SELECT summit.log_schema_version('1.9.9', 'neo4j', 'm3', 'c', 5, 'me')"
	has "$output" 'version 1.9.9 of neo4j is below 1.10.0, which it has'
	run q "SELECT summit.log_schema_version('v2.0.0', 'neo4j', 'm3', 'c', 5, 'me')"
	has "$output" valid_semver
	run q "SELECT summit.log_schema_version('2.0.0', 'mysql', 'm3', 'c', 5, 'me')"
	has "$output" valid_database_type
	q "BEGIN; SELECT summit.log_schema_version('3.0.0', 'redis', 'm', 'c', 1, 'me'), summit.log_schema_version('3.0.1', 'redis', 'm', 'c', 1, 'me'); COMMIT" >/dev/null
	[ "$(q "SELECT summit.get_current_schema_version('redis')")" = 3.0.1 ]
	w --yes release 4.0.0 >/dev/null
	[ "$(q "SELECT summit.get_current_schema_version()")" = 4.0.0 ]
}

@test "alerts of drift have Summit's columns" {
	install
	q 'ALTER TABLE users DROP COLUMN email; CREATE INDEX more ON users (id); ALTER TABLE tags ADD "odd.na""me" int'
	want 2 drift --record
	[ "$(q "SELECT string_agg(concat_ws('|', drift_type, table_name, column_name, severity), ',' ORDER BY drift_type, column_name) FROM summit.schema_drift_alerts WHERE resolved_at IS NULL")" = 'missing_column|public.users|email|critical,unexpected_column|public.tags|"odd.na""me"|critical,unexpected_index|public.users|medium' ]
	q 'ALTER TABLE users ADD email text; DROP INDEX more; ALTER TABLE tags DROP COLUMN "odd.na""me"'
	want 0 drift --record
	[ "$(q "SELECT count(*), count(resolved_at) FROM summit.schema_drift_alerts")" = '3|3' ]
}
