/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/driver_pg/tests.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t blockers(struct db *db, int64_t pid, struct wb_blocker **ret_v)
{
	size_t n = 0;
	struct wb_error err = { 0 };
	assert_ok(wb_conn_blockers(db->c, pid, &db->arena, ret_v, &n, &err), &err);
	return n;
}

static int64_t pid_of(struct db *db, const char *query)
{
	char sql[256];
	snprintf(sql, sizeof(sql),
		 "SELECT max(pid) FROM pg_stat_activity WHERE query = '%s' AND datname = current_database()", query);
	return sql_number(db->c, sql);
}

#define WAITING "SELECT count(*) FROM pg_locks WHERE NOT granted"

static void test_blockers(void **state)
{
	struct db *db = *state;
	struct wb_blocker *v;
	assert_int_equal(blockers(db, 0, &v), 0);
	sql_ok(db->c, "CREATE SCHEMA \"My app\"");
	sql_ok(db->c, "CREATE TABLE \"My app\".t (a int)");
	pid_t holder = start_child(
		db, (const char *[]){ "SET application_name = 'reader'", "BEGIN", "SELECT * FROM \"My app\".t" }, 3);
	wait_sql(db->c,
		 "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'reader' AND state = 'idle in "
		 "transaction'",
		 "1");
	pid_t waiter = start_child(db, (const char *[]){ "ALTER TABLE \"My app\".t ADD b int" }, 1);
	wait_sql(db->c, WAITING, "1");
	int64_t blocked = pid_of(db, "ALTER TABLE \"My app\".t ADD b int");
	assert_int_equal(blockers(db, 0, &v), 1);
	assert_int_equal(v[0].blocked_pid, blocked);
	assert_string_equal(v[0].application, "reader");
	assert_string_equal(v[0].user, "postgres");
	assert_string_equal(v[0].state, "idle in transaction");
	assert_string_equal(v[0].lock, "AccessExclusiveLock");
	assert_string_equal(v[0].relation, "\"My app\".t");
	assert_string_equal(v[0].query, "SELECT * FROM \"My app\".t");
	assert_true(v[0].age_ms >= 0 && v[0].age_ms < 60000);
	assert_int_equal(blockers(db, blocked, &v), 1);
	assert_int_equal(blockers(db, v[0].blocking_pid, &v), 0);
	/* Ending the one in the way lets the other go on. */
	struct wb_error err = { 0 };
	blockers(db, 0, &v);
	assert_ok(wb_conn_terminate(db->c, v[0].blocking_pid, &err), &err);
	wait_sql(db->c, WAITING, "0");
	wait_sql(db->c, "SELECT count(*) FROM pg_attribute WHERE attrelid = '\"My app\".t'::regclass AND attname = 'b'",
		 "1");
	end_child(holder);
	end_child(waiter);
}

/* A prepared transaction has no process, and no end of its own. */
static void test_prepared_transaction(void **state)
{
	struct db *db = *state;
	struct wb_blocker *v;
	char expected[64];
	static const char *const prepare[] = { "CREATE TABLE t (a int)", "BEGIN", "LOCK TABLE t",
					       "PREPARE TRANSACTION 'left over'" };
	for (size_t i = 0; i < WB_ARRAY_LEN(prepare); i++)
		sql_ok(db->c, prepare[i]);
	pid_t waiter = start_child(db, (const char *[]){ "SELECT * FROM t" }, 1);
	wait_sql(db->c, WAITING, "1");
	assert_int_equal(blockers(db, 0, &v), 1);
	assert_int_equal(v[0].blocking_pid, 0);
	assert_int_equal(v[0].age_ms, -1);
	assert_string_equal(v[0].state, "prepared transaction");
	snprintf(expected, sizeof(expected), "public.t");
	assert_string_equal(v[0].relation, expected);
	end_child(waiter);
	sql_ok(db->c, "ROLLBACK PREPARED 'left over'");
}

static void test_terminate(void **state)
{
	struct db *db = *state;
	struct wb_error err = { 0 };
	assert_int_equal(wb_conn_terminate(db->c, 999999999, &err), WB_ENOTFOUND);
	assert_int_equal(wb_conn_terminate(db->c, wb_conn_backend_pid(db->c), &err), WB_EREFUSED);
	struct wb_conn *own = db_connect(db, NULL, DIRECT);
	assert_int_equal(wb_conn_terminate(db->c, wb_conn_backend_pid(own), &err), WB_EREFUSED);
	pid_t child = start_child(db, (const char *[]){ "SET application_name = 'superuser'" }, 1);
	wait_sql(db->c, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'superuser'", "1");
	int64_t pid = sql_number(db->c, "SELECT pid FROM pg_stat_activity WHERE application_name = 'superuser'");
	sql_ok(db->c, "CREATE ROLE plain LOGIN");
	struct wb_conn *plain = db_connect(db, "plain", DIRECT);
	assert_int_equal(wb_conn_terminate(plain, pid, &err), WB_EPRIVILEGE);
	assert_non_null(strstr(err.hint, "pg_signal_backend"));
	wb_conn_close(plain);
	wb_conn_close(own);
	sql_ok(db->c, "DROP ROLE plain");
	end_child(child);
}

static void test_progress(void **state)
{
	struct db *db = *state;
	int64_t done = 0, total = 0;
	const char *unit = NULL;
	assert_false(wb_conn_progress(db->c, wb_conn_backend_pid(db->c), &done, &total, &unit));
	sql_ok(db->c, "CREATE TABLE t (a int, b text)");
	sql_ok(db->c, "INSERT INTO t SELECT i, repeat('x', 500) FROM generate_series(1, 20000) i");
	/* An expression that takes its time keeps the build in its scan. */
	sql_ok(db->c, "CREATE FUNCTION slow(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN IF a % 100 = 0 "
		      "THEN PERFORM pg_sleep(0.05); "
		      "END IF; RETURN a; END $$");
	pid_t child = start_child(db, (const char *[]){ "CREATE INDEX ON t (slow(a))" }, 1);
	wait_sql(db->c, "SELECT count(*) FROM pg_stat_progress_create_index WHERE blocks_done > 0", "1");
	assert_true(wb_conn_progress(db->c, pid_of(db, "CREATE INDEX ON t (slow(a))"), &done, &total, &unit));
	assert_string_equal(unit, "blocks");
	assert_true(done > 0 && total > 500 && done <= total);
	char end[96];
	snprintf(end, sizeof(end), "SELECT pg_terminate_backend(%lld)",
		 (long long)pid_of(db, "CREATE INDEX ON t (slow(a))"));
	sql_ok(db->c, end);
	end_child(child);
	/* Waiting for a reader counts sessions. */
	struct wb_conn *reader = db_connect(db, NULL, DIRECT);
	sql_ok(reader, "BEGIN ISOLATION LEVEL REPEATABLE READ");
	sql_ok(reader, "SELECT a FROM t LIMIT 1");
	child = start_child(db, (const char *[]){ "CREATE INDEX CONCURRENTLY ON t (a)" }, 1);
	wait_sql(db->c, "SELECT count(*) FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'", "1");
	assert_true(wb_conn_progress(db->c, pid_of(db, "CREATE INDEX CONCURRENTLY ON t (a)"), &done, &total, &unit));
	assert_string_equal(unit, "sessions");
	struct wb_blocker *v;
	assert_int_equal(blockers(db, pid_of(db, "CREATE INDEX CONCURRENTLY ON t (a)"), &v), 1);
	assert_string_equal(v[0].lock, "virtualxid");
	wb_conn_close(reader);
	end_child(child);
	/* A copy. */
	child = start_child(db, (const char *[]){ "COPY (SELECT slow(a) FROM t) TO '/dev/null'" }, 1);
	wait_sql(db->c, "SELECT count(*) FROM pg_stat_progress_copy", "1");
	assert_true(wb_conn_progress(db->c, pid_of(db, "COPY (SELECT slow(a) FROM t) TO ''/dev/null''"), &done, &total,
				     &unit));
	assert_string_equal(unit, "bytes");
	end_child(child);
}

struct findings {
	int n;
	char text[8192];
};

static void note(void *user, const char *check, const char *level, const char *message)
{
	struct findings *f = user;
	size_t used = strlen(f->text);
	f->n++;
	snprintf(f->text + used, sizeof(f->text) - used, "%s|%s|%s\n", check, level, message);
}

static void look(struct wb_conn *c, struct findings *f)
{
	struct wb_error err = { 0 };
	*f = (struct findings){ 0 };
	assert_ok(wb_conn_health(c, note, f, &err), &err);
}
#define assert_finding(f, text_) \
	do { \
		if (!strstr((f).text, (text_))) \
			fail_msg("no \"%s\" in:\n%s", (text_), (f).text); \
	} while (0)

static void test_health(void **state)
{
	struct db *db = *state;
	struct findings f;
	look(db->c, &f);
	assert_finding(f, "round_trip|ok|");
	assert_finding(f, "pooler|ok|a direct connection");
	assert_finding(f, "server|ok|PostgreSQL ");
	assert_finding(f, ", primary, up since 2");
	assert_finding(f, "writable|ok|");
	assert_finding(f, "privileges|ok|role postgres may create schemas");
	assert_finding(f, "invalid_indexes|ok|");
	assert_finding(f, "wraparound|ok|");
	assert_finding(f, "long_transactions|ok|");
	assert_finding(f, "idle_in_transaction|ok|");
	assert_finding(f, "prepared_transactions|ok|");
	assert_finding(f, "dead_client_check|ok|the server looks every 2s");
	assert_finding(f, "connections|ok|");
	assert_null(strstr(f.text, "|failed|"));
	assert_null(strstr(f.text, "journal_privileges"));
}

static void test_ill_health(void **state)
{
	struct db *db = *state;
	struct findings f;
	static const char *const sql[] = {
		"CREATE TABLE t (a int)",
		"INSERT INTO t VALUES (1), (1)",
		"CREATE SCHEMA whimbrel",
		"CREATE ROLE plain LOGIN",
		"ALTER ROLE plain SET default_transaction_read_only = on",
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(sql); i++)
		sql_ok(db->c, sql[i]);
	sql_fails(db->c, "CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)", WB_ESQL, "23505");
	sql_ok(db->c, "BEGIN");
	sql_ok(db->c, "SELECT 1");
	sql_ok(db->c, "PREPARE TRANSACTION 'waits'");
	struct wb_conn *c = db_connect(db, "plain", DIRECT);
	look(c, &f);
	assert_finding(f, "writable|degraded|default_transaction_read_only");
	assert_finding(f, "privileges|degraded|role plain may not create");
	assert_finding(f, "journal_privileges|degraded|role plain lacks");
	assert_finding(f, "invalid_indexes|degraded|1 invalid: public.broken");
	assert_finding(f, "prepared_transactions|degraded|1 prepared");
	sql_ok(c, "SET client_connection_check_interval = 0");
	look(c, &f);
	assert_finding(f, "dead_client_check|degraded|");
	wb_conn_close(c);
	c = db_connect(db, NULL, POOLED);
	look(c, &f);
	assert_finding(f, "pooler|degraded|");
	wb_conn_close(c);
	sql_ok(db->c, "ROLLBACK PREPARED 'waits'");
	sql_ok(db->c, "DROP ROLE plain");
	c = db_connect(db, NULL, DIRECT);
	wb_pg_drop_link(c);
	struct wb_error err = { 0 };
	assert_int_equal(wb_conn_health(c, note, &f, &err), WB_ECONN);
	wb_conn_close(c);
}

int test_monitor(void)
{
	const struct CMUnitTest tests[] = {
		T(test_blockers), T(test_prepared_transaction), T(test_terminate), T(test_progress),
		T(test_health),   T(test_ill_health),
	};
	return cmocka_run_group_tests_name("driver_pg monitor", tests, NULL, NULL);
}
