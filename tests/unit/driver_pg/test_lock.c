/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/driver_pg/tests.h"

#include <sys/wait.h>
#include <unistd.h>

#define TTL 60000

static void take(struct wb_conn *c, const char *project, int64_t ttl_ms)
{
	struct wb_lock_holder h;
	struct wb_error err = { 0 };
	assert_ok(wb_conn_lock_try(c, project, ttl_ms, &h, &err), &err);
}

static void busy(struct wb_conn *c, const char *project, struct wb_lock_holder *ret_holder)
{
	struct wb_error err = { 0 };
	*ret_holder = (struct wb_lock_holder){ 0 };
	assert_int_equal(wb_conn_lock_try(c, project, TTL, ret_holder, &err), WB_EBUSY);
	assert_string_equal(err.sqlstate, "");
}

static void release(struct wb_conn *c)
{
	struct wb_error err = { 0 };
	assert_ok(wb_conn_lock_release(c, &err), &err);
}

static size_t list(struct db *db, struct wb_conn *c, struct wb_lock_holder **ret_v)
{
	size_t n = 0;
	struct wb_error err = { 0 };
	assert_ok(wb_conn_lock_list(c, "main", &db->arena, ret_v, &n, &err), &err);
	return n;
}

/* A transaction as the executor makes it: begin, fence, the statement, commit. */
static int fenced(struct wb_conn *c, const char *sql, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_tx_options o = { 0 };
	struct wb_query q[8] = { 0 };
	size_t done, offset;
	int n = wb_conn_tx_begin(c, &a, &o, q, 8);
	n += wb_conn_lock_fence(c, &a, q + n, 8 - n);
	q[n++] = (struct wb_query){ .sql = wb_sv_str(sql) };
	n += wb_conn_tx_commit(c, q + n, 8 - n);
	int rc = wb_run(c, q, (size_t)n, &done, &offset, err);
	struct wb_error ignored;
	if (rc < 0 && !c->lost)
		assert_int_equal(wb_conn_rollback(c, &ignored), 0);
	return rc;
}

static void test_session_lock(void **state)
{
	struct db *db = *state;
	struct wb_conn *other = db_connect(db, NULL, DIRECT);
	struct wb_lock_holder h, *v;
	struct wb_error err = { 0 };
	char id[64];
	take(db->c, "main", TTL);
	take(db->c, "main", TTL); /* once more is no second lock */
	assert_int_equal(wb_conn_lock_try(db->c, "else", TTL, &h, &err), WB_EBUG);
	busy(other, "main", &h);
	snprintf(id, sizeof(id), "session:%lld", (long long)wb_conn_backend_pid(db->c));
	assert_string_equal(h.id, id);
	assert_string_equal(h.kind, "session");
	assert_int_equal(h.backend, wb_conn_backend_pid(db->c));
	assert_int_equal(h.pid, getpid());
	assert_true(strncmp(h.owner, "postgres (whimbrel/", 19) == 0);
	assert_string_equal(h.state, "idle");
	assert_true(strlen(h.since) == 27);
	char host[128];
	assert_true(strncmp(h.host, wb_proc_host(host, sizeof(host)), strlen(h.host)) == 0);
	take(other, "elsewhere", TTL);
	assert_int_equal(list(db, other, &v), 1);
	assert_string_equal(v[0].id, id);
	release(db->c);
	release(db->c);
	release(other);
	assert_int_equal(list(db, other, &v), 0);
	take(other, "main", TTL);
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_query q[1];
	assert_int_equal(wb_conn_lock_fence(other, &a, q, 1), 0);
	wb_conn_close(other);
	wait_sql(db->c, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", "0");
	take(db->c, "main", TTL);
}

static void test_unlock_all(void **state)
{
	struct db *db = *state;
	take(db->c, "main", TTL);
	sql_ok(db->c, "SELECT pg_advisory_unlock_all()");
	db->told = (struct told){ 0 };
	release(db->c);
	assert_int_equal(db->told.logs, 0);
	char name[300];
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	struct wb_lock_holder h;
	struct wb_error err = { 0 };
	assert_int_equal(wb_conn_lock_try(db->c, name, TTL, &h, &err), WB_EUSAGE);
	take(db->c, "main", TTL);
	wb_pg_drop_link(db->c);
	sql_fails(db->c, "SELECT 1", WB_ECONN, NULL);
	assert_int_equal(wb_pg_lock_release(db->c, &err), 0);
}

static void test_break_session(void **state)
{
	struct db *db = *state;
	struct wb_error err = { 0 };
	char id[64];
	int64_t key = wb_pg_lock_key(wb_pg(db->c), "main");
	char sql[96];
	snprintf(sql, sizeof(sql), "SELECT pg_advisory_lock(%lld)", (long long)key);
	pid_t child = start_child(db, (const char *[]){ "SET application_name = 'old tool 4711@far.example'", sql }, 2);
	wait_sql(db->c, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", "1");
	struct wb_lock_holder h;
	busy(db->c, "main", &h);
	assert_string_equal(h.owner, "postgres (old tool)");
	assert_string_equal(h.host, "far.example");
	assert_int_equal(h.pid, 4711);
	assert_int_equal(wb_conn_lock_break(db->c, "main", "session:1", &err), WB_ENOTFOUND);
	assert_int_equal(wb_conn_lock_break(db->c, "main", "session", &err), WB_ENOTFOUND);
	assert_int_equal(wb_conn_lock_break(db->c, "main", "tree:1", &err), WB_ENOTFOUND);
	assert_int_equal(wb_conn_lock_break(db->c, "main", "lease:1", &err), WB_ENOTFOUND); /* no table yet */
	snprintf(id, sizeof(id), "%s", h.id);
	assert_ok(wb_conn_lock_break(db->c, "main", id, &err), &err);
	wait_sql(db->c, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", "0");
	take(db->c, "main", TTL);
	snprintf(id, sizeof(id), "session:%lld", (long long)wb_conn_backend_pid(db->c));
	assert_int_equal(wb_conn_lock_break(db->c, "main", id, &err), WB_EREFUSED); /* not one's own */
	end_child(child);
}

static void test_lease(void **state)
{
	struct db *db = *state;
	struct wb_conn *a = db_connect(db, NULL, POOLED), *b = db_connect(db, NULL, POOLED);
	struct wb_lock_holder h, *v;
	struct wb_error err = { 0 };
	char user[128];
	take(a, "main", TTL); /* makes the table */
	take(a, "main", TTL);
	assert_true(wb_pg(a)->lock.lease);
	busy(b, "main", &h);
	assert_string_equal(h.kind, "lease");
	assert_string_equal(h.id, "lease:1");
	assert_string_equal(h.owner, wb_proc_user(user, sizeof(user)));
	assert_string_equal(h.state, "active");
	assert_int_equal(h.pid, getpid());
	take(b, "other", TTL);
	release(b);
	assert_int_equal(list(db, db->c, &v), 1);
	assert_string_equal(v[0].id, "lease:1");
	assert_ok(fenced(a, "CREATE TABLE t (a int)", &err), &err);
	release(a);
	assert_int_equal(list(db, b, &v), 0);
	take(b, "main", TTL);
	assert_int_equal(wb_pg(b)->lock.token, 2);
	/* Leases and session locks keep each other out. */
	busy(db->c, "main", &h);
	assert_string_equal(h.id, "lease:2");
	wait_sql(db->c, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", "0");
	release(b);
	take(db->c, "main", TTL);
	busy(b, "main", &h);
	assert_string_equal(h.kind, "session");
	release(db->c);
	wb_conn_close(a);
	wb_conn_close(b);
}

/* The direct connection of a run that holds a lease is no stranger to it. */
static void test_beside(void **state)
{
	struct db *db = *state;
	struct wb_conn *pooled = db_connect(db, NULL, POOLED);
	struct wb_lock_holder h;
	take(pooled, "main", TTL);
	busy(db->c, "main", &h);
	db->c->beside = pooled;
	take(db->c, "main", TTL);
	release(db->c);
	release(pooled);
	struct wb_conn *other = db_connect(db, NULL, POOLED);
	take(other, "main", TTL);
	busy(db->c, "main", &h); /* now it is a stranger's */
	wb_conn_close(other);
	wb_conn_close(pooled);
}

static void test_expired(void **state)
{
	struct db *db = *state;
	struct wb_conn *a = db_connect(db, NULL, POOLED), *b = db_connect(db, NULL, POOLED);
	struct wb_lock_holder h, *v;
	struct wb_error err = { 0 };
	take(a, "main", 300);
	busy(b, "main", &h);
	wait_sql(db->c, "SELECT expires_at < clock_timestamp() FROM whimbrel.migration_locks", "t");
	assert_int_equal(list(db, db->c, &v), 1);
	assert_string_equal(v[0].state, "stale");
	/* In the middle of a transaction nobody takes it, however late. */
	sql_ok(a, "BEGIN");
	wb_autoarena arena = WB_ARENA_INIT;
	struct wb_query q[1];
	size_t done, offset;
	assert_int_equal(wb_conn_lock_fence(a, &arena, q, 1), 1);
	assert_ok(wb_run(a, q, 1, &done, &offset, &err), &err);
	wb_sleep_ms(400);
	int64_t start = wb_now_ms();
	busy(b, "main", &h);
	assert_true(wb_now_ms() - start < 1000);
	assert_string_equal(h.state, "active");
	assert_int_equal(wb_conn_lock_break(b, "main", "lease:1", &err), WB_EBUSY);
	sql_ok(a, "COMMIT");
	wait_sql(db->c, "SELECT expires_at < clock_timestamp() FROM whimbrel.migration_locks", "t");
	take(b, "main", TTL);
	/* The late holder is fenced off. */
	assert_int_equal(fenced(a, "CREATE TABLE late (a int)", &err), WB_EBUSY);
	assert_string_not_equal(err.sqlstate, "");
	assert_non_null(strstr(err.detail, "it is now held by"));
	assert_sql(db->c, "SELECT count(*) FROM pg_class WHERE relname = 'late'", "0");
	release(a);
	assert_int_equal(list(db, db->c, &v), 1); /* its release does not release b's */
	wb_conn_close(a);
	wb_conn_close(b);
}

static void test_break_lease(void **state)
{
	struct db *db = *state;
	struct wb_conn *a = db_connect(db, NULL, POOLED);
	struct wb_lock_holder *v;
	struct wb_error err = { 0 };
	take(a, "main", TTL);
	assert_int_equal(wb_conn_lock_break(db->c, "main", "lease:7", &err), WB_ENOTFOUND);
	assert_ok(wb_conn_lock_break(db->c, "main", "lease:1", &err), &err);
	assert_int_equal(list(db, db->c, &v), 0);
	assert_int_equal(fenced(a, "CREATE TABLE late (a int)", &err), WB_EBUSY);
	assert_non_null(strstr(err.detail, "it was broken by"));
	wb_pg(a)->lock.held = false;
	take(a, "main", TTL);
	assert_ok(fenced(a, "CREATE TABLE good (a int)", &err), &err);
	release(a);
	wb_pg(a)->lock.held = true;
	assert_int_equal(fenced(a, "SELECT 1", &err), 0); /* a released lease is still ours by its token … */
	sql_ok(db->c, "UPDATE whimbrel.migration_locks SET token = token + 1, owner = NULL, broken_by = NULL");
	assert_int_equal(fenced(a, "SELECT 1", &err), WB_EBUSY); /* … until the next one */
	assert_non_null(strstr(err.detail, "released"));
	sql_ok(db->c, "DELETE FROM whimbrel.migration_locks");
	assert_int_equal(fenced(a, "SELECT 1", &err), WB_EBUSY);
	assert_non_null(strstr(err.detail, "row is gone"));
	wb_conn_close(a);
}

/* Many first runs at the same moment, nothing there yet: exactly one wins, none fails. */
static void test_race(void **state)
{
	struct db *db = *state;
	enum { N = 12 };
	pid_t pids[N];
	int won = 0, lost = 0, status;
	const char *url = db_url(db, NULL, POOLED);
	for (int i = 0; i < N; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i])
			continue;
		struct wb_conn *c = NULL;
		struct wb_lock_holder h;
		struct wb_error err = { 0 };
		int rc = db_try_connect(db, url, &c, &err);
		if (rc == 0)
			rc = wb_conn_lock_try(c, "main", TTL, &h, &err);
		if (rc < 0 && rc != WB_EBUSY)
			fprintf(stderr, "%s %s %s\n", wb_code_name(rc), err.message, err.sqlstate);
		_exit(rc == 0 ? 0 : rc == WB_EBUSY ? 1 : 2);
	}
	for (int i = 0; i < N; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		won += WEXITSTATUS(status) == 0;
		lost += WEXITSTATUS(status) == 1;
	}
	assert_int_equal(won, 1);
	assert_int_equal(lost, N - 1);
}

static void test_no_right(void **state)
{
	struct db *db = *state;
	struct wb_lock_holder h, *v;
	struct wb_error err = { 0 };
	size_t n;
	sql_ok(db->c, "CREATE ROLE plain LOGIN");
	struct wb_conn *c = db_connect(db, "plain", POOLED);
	assert_int_equal(wb_conn_lock_try(c, "main", TTL, &h, &err), WB_EPRIVILEGE);
	assert_non_null(strstr(err.hint, "--journal-sql"));
	sql_ok(db->c, "CREATE SCHEMA whimbrel");
	sql_ok(db->c, "CREATE TABLE whimbrel.migration_locks (a int)");
	assert_int_equal(wb_conn_lock_list(c, "main", &db->arena, &v, &n, &err), WB_EPRIVILEGE);
	wb_conn_close(c);
	sql_ok(db->c, "DROP ROLE plain");
}

int test_lock(void)
{
	const struct CMUnitTest tests[] = {
		T(test_session_lock), T(test_unlock_all),  T(test_break_session), T(test_lease),    T(test_beside),
		T(test_expired),      T(test_break_lease), T(test_race),          T(test_no_right),
	};
	return cmocka_run_group_tests_name("driver_pg lock", tests, NULL, NULL);
}
