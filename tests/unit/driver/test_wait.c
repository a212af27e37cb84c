/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for other writers, and stopping what works or waits.
 */
#include "tests.h"

struct ticker {
	int calls, stop_at, code;
};

static int tick(void *user)
{
	struct ticker *t = user;

	return ++t->calls >= t->stop_at ? t->code : 0;
}

static void begin(struct wb_conn *c, int64_t patience_ms)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_tx_options o = { .lock_timeout_ms = patience_ms };
	struct wb_query q;

	assert_int_equal(wb_conn_tx_begin(c, &a, &o, &q, 1), 1);
}

static void test_busy(void **state)
{
	struct place *p = *state;
	struct wb_conn *c = open_again(p, NULL);
	int64_t start;

	exec(c, "CREATE TABLE t (a);BEGIN IMMEDIATE;INSERT INTO t VALUES (1)");
	begin(p->c, 150);
	start = wb_now_ms();
	assert_int_equal(try_exec(p->c, "BEGIN IMMEDIATE", &p->err), WB_EBUSY);
	assert_in_range(wb_now_ms() - start, 140, 2000);
	assert_non_null(strstr(p->err.message, "locked"));
	assert_true(p->err.hint[0]);
	assert_false(p->c->lost);
	assert_int_equal(p->c->driver->set_lock_timeout(p->c, NULL, 50, NULL, 0), 0);
	start = wb_now_ms();
	assert_int_equal(try_exec(p->c, "VACUUM", &p->err), WB_EBUSY);
	assert_in_range(wb_now_ms() - start, 40, 2000);
	wb_conn_close(c);
	exec(p->c, "BEGIN IMMEDIATE;INSERT INTO t VALUES (2);COMMIT");
}

/* The other writer goes away while we wait. */
static int let_go(void *user)
{
	wb_conn_close(wb_steal((struct wb_conn **)user));
	return 0;
}

static void test_wait_ends(void **state)
{
	struct place *p = *state;
	struct wb_conn *c = open_again(p, NULL);

	exec(c, "CREATE TABLE t (a);BEGIN IMMEDIATE");
	begin(p->c, 0);
	p->c->tick = let_go;
	p->c->tick_user = &c;
	exec(p->c, "BEGIN IMMEDIATE;INSERT INTO t VALUES (2);COMMIT");
	assert_null(c);
}

static void test_cancel_waiting(void **state)
{
	struct place *p = *state;
	struct wb_conn *c = open_again(p, NULL);
	struct ticker t = { .stop_at = 2, .code = WB_ECANCELLED };
	int64_t start = wb_now_ms();

	exec(c, "BEGIN IMMEDIATE");
	begin(p->c, 0);
	p->c->tick = tick;
	p->c->tick_user = &t;
	assert_int_equal(try_exec(p->c, "BEGIN IMMEDIATE", &p->err), WB_ECANCELLED);
	assert_in_range(wb_now_ms() - start, 90, 3000); /* the second tick comes after 100 ms */
	assert_int_equal(t.calls, 2);
	wb_conn_close(c);
}

static const char endless[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

static void test_cancel_working(void **state)
{
	struct place *p = *state;
	struct ticker t = { .stop_at = 3, .code = WB_ETIMEOUT };

	p->c->tick = tick;
	p->c->tick_user = &t;
	assert_int_equal(try_exec(p->c, endless, &p->err), WB_ETIMEOUT);
	assert_int_equal(t.calls, 3);
	assert_non_null(strstr(p->err.message, "stopped"));
	/* The tick goes on asking to stop; rolling back must work all the same. */
	t.stop_at = 1000;
	exec(p->c, "CREATE TABLE t (a);BEGIN IMMEDIATE;INSERT INTO t VALUES (1)");
	t.stop_at = 0;
	assert_int_equal(try_exec(p->c, endless, &p->err), WB_ETIMEOUT);
	assert_ok(wb_conn_rollback(p->c, &p->err), &p->err);
	assert_ok(wb_conn_after_migration(p->c, &p->err), &p->err);
	p->c->tick = NULL;
	assert_value(p->c, "SELECT count(*) FROM t", "0");
}

/* What a tick said once does not stop the next call. */
static void test_stop_is_forgotten(void **state)
{
	struct place *p = *state;
	struct ticker t = { .stop_at = 1, .code = WB_ECANCELLED };

	p->c->tick = tick;
	p->c->tick_user = &t;
	assert_int_equal(try_exec(p->c, endless, &p->err), WB_ECANCELLED);
	p->c->tick = NULL;
	assert_value(
		p->c,
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT count(*) FROM n",
		"100000");
}

static void test_connect_timeout(void **state)
{
	struct place *p = *state;
	struct wb_open_options o = p->o;
	struct wb_conn *c;
	int64_t start;

	exec(p->c, "PRAGMA locking_mode = EXCLUSIVE;CREATE TABLE t (a);BEGIN EXCLUSIVE");
	o.connect_timeout_ms = 120;
	start = wb_now_ms();
	assert_int_equal(wb_conn_open(wb_sqlite_driver(), &o, &c, &p->err), WB_EBUSY);
	assert_in_range(wb_now_ms() - start, 110, 2000);
}

/* A table that one of our own statements reads cannot be dropped: locked, and no waiting helps. */
static int drop_inside(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)row, (void)err;
	assert_int_equal(sqlite3_exec(user, "DROP TABLE t", NULL, NULL, NULL), SQLITE_LOCKED);
	return 0;
}

static void test_locked(void **state)
{
	struct place *p = *state;
	struct wb_query q = { .sql = WB_SV("SELECT a FROM t"), .row = drop_inside };
	sqlite3_stmt *stmt;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)", NULL, NULL, NULL),
			 SQLITE_OK);
	wb_conn_close(p->c);
	p->o.handle = db;
	p->c = open_again(p, NULL);
	q.row_user = db;
	assert_ok(wb_run(p->c, &q, 1, NULL, NULL, &p->err), &p->err);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT a FROM t", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_int_equal(try_exec(p->c, "DROP TABLE t", &p->err), WB_EBUSY);
	assert_non_null(strstr(p->err.message, "in use"));
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	wb_conn_close(wb_steal(&p->c));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int test_wait(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_CONN(test_busy),           TEST_CONN(test_wait_ends),         TEST_CONN(test_cancel_waiting),
		TEST_CONN(test_cancel_working), TEST_CONN(test_stop_is_forgotten), TEST_CONN(test_connect_timeout),
		TEST_CONN(test_locked),
	};

	return RUN_GROUP("wait");
}
