/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/driver_pg/tests.h"

#include <unistd.h>

#include "driver/postgres/outside.h"

#define MAX 8
/* All settings that differ from those of a fresh session, and who we are. */
#define LEFTOVERS \
	"SELECT coalesce(string_agg(name || '=' || setting, ', ' ORDER BY name), '') FROM pg_settings WHERE setting " \
	"IS DISTINCT FROM " \
	"reset_val AND context IN ('user', 'superuser') AND name NOT IN ('client_connection_check_interval', " \
	"'idle_session_timeout', 'transaction_isolation', " \
	"'idle_in_transaction_session_timeout', 'transaction_read_only', 'transaction_deferrable', 'lock_timeout', " \
	"'in_hot_standby', 'application_name')"

static int run_all(struct wb_conn *c, struct wb_query *q, int n, struct wb_error *err)
{
	size_t done, offset;
	assert_true(n >= 0 && n <= MAX);
	return n ? wb_run(c, q, (size_t)n, &done, &offset, err) : 0;
}

static void begin(struct wb_conn *c, int64_t lock_timeout_ms)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_query q[MAX];
	struct wb_error err = { 0 };
	struct wb_tx_options o = { .lock_timeout_ms = lock_timeout_ms };
	assert_ok(run_all(c, q, wb_conn_tx_begin(c, &a, &o, q, MAX), &err), &err);
	assert_true(c->in_transaction);
}

static void restore(struct wb_conn *c)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_query q[MAX];
	struct wb_error err = { 0 };
	assert_ok(run_all(c, q, wb_conn_restore(c, &a, q, MAX), &err), &err);
}

static void commit(struct wb_conn *c)
{
	struct wb_query q[MAX];
	struct wb_error err = { 0 };
	assert_ok(run_all(c, q, wb_conn_tx_commit(c, q, MAX), &err), &err);
	assert_false(c->in_transaction);
}

static const char *const mess[] = {
	"CREATE ROLE messy_role",
	"SET search_path = ''",
	"SET ROLE messy_role",
	"SET lock_timeout = '7s'",
	"SET LOCAL statement_timeout = '8s'",
	"SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE",
	"SET default_transaction_read_only = on",
	"SET client_min_messages = error",
	"SET TimeZone = 'Asia/Tokyo'",
	"SET DateStyle = 'SQL, DMY'",
	"SET standard_conforming_strings = off",
	"SET client_encoding = latin1",
	"SET application_name = 'else'",
	"SET idle_in_transaction_session_timeout = '1h'",
	"SELECT set_config('row_security', 'off', false)",
	"SET check_function_bodies = off",
	"SET my.own = 'x'",
	"LISTEN something",
};

static void check_clean(struct wb_conn *c, const char *application)
{
	assert_sql(c, LEFTOVERS, "");
	assert_sql(c, "SELECT current_user || ' ' || session_user", "postgres postgres");
	assert_sql(c, "SHOW search_path", "\"$user\", public");
	assert_sql(c, "SHOW client_encoding", "UTF8");
	assert_sql(c, "SHOW application_name", application);
	assert_sql(c, "SHOW standard_conforming_strings", "on");
	assert_sql(c, "SHOW idle_in_transaction_session_timeout", "10min");
}

static void make_mess(struct wb_conn *c)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(mess); i++)
		sql_ok(c, mess[i]);
	sql_ok(c, "RESET ROLE");
	sql_ok(c, "SELECT pg_catalog.set_config('session_authorization', 'messy_role', false)");
}

static void test_in_transaction(void **state)
{
	struct db *db = *state;
	struct wb_conn *c = db->c;
	begin(c, 1234);
	assert_sql(c, "SHOW lock_timeout", "1234ms");
	make_mess(c);
	restore(c);
	assert_sql(c, "SHOW lock_timeout", "1234ms");
	check_clean(c, wb_pg(c)->application);
	commit(c);
	assert_sql(c, "SHOW lock_timeout", "0");
	assert_sql(c, "SHOW statement_timeout", "0");
	check_clean(c, wb_pg(c)->application);
	if (c->server_version >= 140000)
		assert_sql(c, "SHOW client_connection_check_interval", "2s");
	sql_ok(c, "DROP ROLE messy_role");
}

static void test_outside(void **state)
{
	struct db *db = *state;
	make_mess(db->c);
	restore(db->c);
	check_clean(db->c, wb_pg(db->c)->application);
	assert_sql(db->c, "SHOW lock_timeout", "0");
	sql_ok(db->c, "DROP ROLE messy_role");
}

/* Settings of the role count as what the session started with. */
static void test_role_settings(void **state)
{
	struct db *db = *state;
	sql_ok(db->c, "CREATE ROLE plain LOGIN SUPERUSER");
	sql_ok(db->c, "CREATE ROLE owner_of_all");
	sql_ok(db->c, "ALTER ROLE plain SET search_path = app, public");
	sql_ok(db->c, "ALTER ROLE plain SET role = owner_of_all");
	sql_ok(db->c, "ALTER ROLE plain SET lock_timeout = '3s'");
	struct wb_conn *c = db_connect(db, "plain", DIRECT);
	begin(c, 0);
	assert_sql(c, "SHOW lock_timeout", "0");
	sql_ok(c, "SET ROLE postgres");
	sql_ok(c, "SET search_path = x");
	restore(c);
	assert_sql(c, "SELECT current_user || ' ' || session_user || ' ' || current_setting('search_path')",
		   "owner_of_all plain app, public");
	assert_sql(c, "SHOW lock_timeout", "0");
	commit(c);
	assert_sql(c, "SHOW lock_timeout", "3s");
	wb_conn_close(c);
	sql_ok(db->c, "DROP ROLE plain");
	sql_ok(db->c, "DROP ROLE owner_of_all");
}

static void test_rollback(void **state)
{
	struct db *db = *state;
	struct ticker t = { .from = 1, .code = WB_ECANCELLED };
	struct wb_error err = { 0 };
	assert_ok(wb_conn_rollback(db->c, &err), &err);
	begin(db->c, 50);
	sql_ok(db->c, "CREATE TABLE t (a int)");
	sql_ok(db->c, "SET search_path = x");
	db->c->tick = tick_counting;
	db->c->tick_user = &t;
	assert_ok(wb_conn_rollback(db->c, &err), &err);
	db->c->tick = NULL;
	assert_false(db->c->in_transaction);
	assert_sql(db->c, LEFTOVERS, "");
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_query q[MAX];
	assert_int_equal(wb_conn_restore(db->c, &a, q, MAX), 4); /* no lock_timeout of a transaction that is gone */
	assert_int_equal(wb_conn_restore(db->c, &a, q, 2), WB_EBUG);
	assert_int_equal(wb_conn_tx_commit(db->c, q, 0), WB_EBUG);
}

static void test_lock_timeout(void **state)
{
	struct db *db = *state;
	sql_ok(db->c, "CREATE TABLE t (a int)");
	pid_t child = start_child(db, (const char *[]){ "BEGIN", "LOCK TABLE t" }, 2);
	wait_sql(db->c, "SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND granted", "1");
	begin(db->c, 100);
	int64_t start = wb_now_ms();
	sql_fails(db->c, "ALTER TABLE t ADD b int", WB_ESQL, "55P03");
	assert_in_range(wb_now_ms() - start, 90, 3000);
	struct wb_error err = { 0 };
	assert_ok(wb_conn_rollback(db->c, &err), &err);
	end_child(child);
}

static void test_outside_methods(void **state)
{
	struct db *db = *state;
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_query q[MAX];
	struct wb_error err = { 0 };
	assert_ok(run_all(db->c, q, wb_pg_set_lock_timeout(db->c, &a, 4321, q, MAX), &err), &err);
	assert_sql(db->c, "SHOW lock_timeout", "4321ms");
	restore(db->c);
	assert_sql(db->c, "SHOW lock_timeout", "0");
	assert_int_equal(wb_pg_set_lock_timeout(db->c, &a, 1, q, 0), -1);
	sql_ok(db->c, "CREATE TABLE p (a int PRIMARY KEY)");
	sql_ok(db->c, "CREATE TABLE c (a int REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
	begin(db->c, 0);
	sql_ok(db->c, "INSERT INTO c VALUES (1)");
	assert_int_equal(run_all(db->c, q, wb_pg_constraints_now(db->c, q, MAX), &err), WB_ESQL);
	assert_string_equal(err.sqlstate, "23503");
	assert_ok(wb_conn_rollback(db->c, &err), &err);
	assert_int_equal(wb_pg_constraints_now(db->c, q, 0), -1);
}

/* ---- behind a transaction pooler ---------------------------------------------- */

static void test_pooled(void **state)
{
	struct db *db = *state;
	struct wb_conn *c = db_connect(db, NULL, POOLED);
	assert_true(c->pooled);
	assert_int_equal(wb_conn_backend_pid(c), -1);
	assert_sql(c, "SHOW idle_in_transaction_session_timeout", "0");
	begin(c, 777);
	assert_sql(c, "SHOW lock_timeout", "777ms");
	assert_sql(c, "SHOW idle_in_transaction_session_timeout", "10min");
	assert_sql(c, "SHOW standard_conforming_strings", "on");
	make_mess(c);
	restore(c);
	assert_sql(c, "SHOW lock_timeout", "777ms");
	check_clean(c, wb_pg(c)->application);
	commit(c);
	assert_sql(c, "SHOW idle_in_transaction_session_timeout", "0");
	assert_sql(c, "SHOW search_path", "\"$user\", public");
	restore(c);
	assert_sql(c, "SHOW client_encoding", "UTF8");
	struct wb_error err = { 0 };
	assert_int_equal(wb_conn_read_only(c, true, &err), WB_EUNSUPPORTED);
	sql_ok(c, "DROP ROLE messy_role");
	wb_conn_close(c);
}

/* Nothing is kept prepared, and a batch goes through in one piece. */
static void test_pooled_run(void **state)
{
	struct db *db = *state;
	struct wb_conn *c = db_connect(db, NULL, POOLED);
	struct wb_value v = wb_v_int(5);
	struct wb_query q[] = {
		{ .sql = WB_SV("BEGIN") },
		{ .sql = WB_SV("CREATE TABLE t (a int8)") },
		{ .sql = WB_SV("INSERT INTO t SELECT generate_series(1, $1::int8)"),
		  .params = &v,
		  .n_params = 1,
		  .cached = true },
		{ .sql = WB_SV("INSERT INTO t SELECT generate_series(1, $1::int8)"),
		  .params = &v,
		  .n_params = 1,
		  .cached = true },
		{ .sql = WB_SV("COMMIT") },
	};
	struct wb_error err = { 0 };
	size_t done, offset;
	assert_ok(wb_run(c, q, 5, &done, &offset, &err), &err);
	assert_int_equal(q[3].affected, 5);
	assert_sql(db->c, "SELECT count(*) FROM t", "10");
	assert_sql(c, "SELECT count(*) FROM pg_prepared_statements", "0");
	static const char *const bad[] = { "BEGIN", "DELETE FROM t", "SELECT 1/0", "COMMIT" };
	assert_int_equal(run_texts(c, bad, 4, &done, &offset, &err), WB_ESQL);
	assert_int_equal(done, 2);
	assert_ok(wb_conn_rollback(c, &err), &err);
	assert_sql(c, "SELECT count(*) FROM t", "10");
	struct ticker t = { .from = 2, .code = WB_ECANCELLED };
	c->tick = tick_counting;
	c->tick_user = &t;
	assert_int_equal(wb_exec(c, "SELECT pg_sleep(60)", &err), WB_ECANCELLED);
	c->tick = NULL;
	sql_ok(c, "SELECT 1");
	wb_conn_close(c);
}

int test_session(void)
{
	const struct CMUnitTest tests[] = {
		T(test_in_transaction), T(test_outside),         T(test_role_settings), T(test_rollback),
		T(test_lock_timeout),   T(test_outside_methods), T(test_pooled),        T(test_pooled_run),
	};
	return cmocka_run_group_tests_name("driver_pg session", tests, NULL, NULL);
}
