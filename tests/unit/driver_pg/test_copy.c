/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/driver_pg/tests.h"

struct feed {
	int lines, fail_at, code; /* lines to give; the one that fails */
	int given;
	const char *bad; /* the last line */
};

static int give(void *user, char *buf, size_t cap, size_t *ret_n, struct wb_error *err)
{
	struct feed *f = user;
	size_t n = 0;
	while (f->given < f->lines && n + 64 < cap) {
		if (f->fail_at && f->given == f->fail_at)
			return wb_err_set(err, f->code, "the file ended early");
		n += (size_t)snprintf(buf + n, cap - n, "%d\tline %d of the data\n", f->given, f->given);
		f->given++;
	}
	if (!n && f->bad) {
		n = (size_t)snprintf(buf, cap, "%s\n", f->bad);
		f->bad = NULL;
	}
	*ret_n = n;
	return 0;
}

static int copy(struct wb_conn *c, struct feed *f, struct wb_query *q, struct wb_error *err)
{
	size_t done, offset;
	*q = (struct wb_query){ .sql = WB_SV("COPY t FROM STDIN"), .copy = f ? give : NULL, .copy_user = f };
	return wb_run(c, q, 1, &done, &offset, err);
}

static int open_with_table(void **state)
{
	if (db_open(state))
		return -1;
	sql_ok(((struct db *)*state)->c, "CREATE TABLE t (a int, b text)");
	return 0;
}

static void test_data(void **state)
{
	struct db *db = *state;
	struct feed f = { .lines = 200000 };
	struct wb_query q;
	struct wb_error err = { 0 };
	assert_ok(copy(db->c, &f, &q, &err), &err);
	assert_int_equal(q.affected, 200000);
	assert_true(q.elapsed_us > 0);
	assert_sql(db->c, "SELECT count(*) || ' ' || max(b) FROM t", "200000 line 99999 of the data");
	f = (struct feed){ 0 };
	assert_ok(copy(db->c, &f, &q, &err), &err);
	assert_int_equal(q.affected, 0);
}

static void test_bad_data(void **state)
{
	struct db *db = *state;
	struct feed f = { .lines = 1000, .bad = "no number\tx" };
	struct wb_query q;
	struct wb_error err = { 0 };
	assert_int_equal(copy(db->c, &f, &q, &err), WB_ESQL);
	assert_string_equal(err.sqlstate, "22P02");
	assert_non_null(strstr(err.detail, "line 1001"));
	f = (struct feed){ .lines = 100000, .fail_at = 90000, .code = WB_EIO };
	assert_int_equal(copy(db->c, &f, &q, &err), WB_EIO);
	assert_string_equal(err.message, "the file ended early");
	assert_int_equal(copy(db->c, NULL, &q, &err), WB_EINPUT);
	assert_sql(db->c, "SELECT count(*) FROM t", "0");
}

static void test_cancelled(void **state)
{
	struct db *db = *state;
	struct feed f = { .lines = 20000000 };
	struct ticker t = { .from = 2, .code = WB_ECANCELLED };
	struct wb_query q;
	struct wb_error err = { 0 };
	db->c->tick = tick_counting;
	db->c->tick_user = &t;
	assert_int_equal(copy(db->c, &f, &q, &err), WB_ECANCELLED);
	db->c->tick = NULL;
	assert_true(f.given < f.lines);
	assert_sql(db->c, "SELECT count(*) FROM t", "0");
}

static void test_others(void **state)
{
	struct db *db = *state;
	struct wb_error err = { 0 };
	size_t done, offset;
	sql_ok(db->c, "INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 5000) i");
	sql_ok(db->c, "COPY t TO STDOUT");
	sql_ok(db->c, "/* like psql */ copy (SELECT 1) to stdout");
	sql_fails(db->c, "COPY absent FROM STDIN", WB_ESQL, "42P01");
	sql_fails(db->c, "COPY t FROM '/nowhere/at/all'", WB_ESQL, "58P01");
	sql_fails(db->c, "COPY (SELECT 1/(a-4000) FROM t ORDER BY a) TO STDOUT", WB_ESQL, "22012");
	struct feed f = { .lines = 10 };
	struct wb_query q[] = {
		{ .sql = WB_SV("BEGIN") },
		{ .sql = WB_SV("DELETE FROM t") },
		{ .sql = WB_SV("COPY t FROM STDIN"), .copy = give, .copy_user = &f },
		{ .sql = WB_SV("UPDATE t SET b = NULL") },
		{ .sql = WB_SV("COMMIT") },
	};
	assert_ok(wb_run(db->c, q, 5, &done, &offset, &err), &err);
	assert_int_equal(done, 5);
	assert_int_equal(q[2].affected, 10);
	assert_int_equal(q[3].affected, 10);
	f = (struct feed){ .lines = 1, .bad = "x\ty" };
	assert_int_equal(wb_run(db->c, q, 5, &done, &offset, &err), WB_ESQL);
	assert_int_equal(done, 2);
	assert_ok(wb_conn_rollback(db->c, &err), &err);
	assert_sql(db->c, "SELECT count(*) FROM t", "10");
	struct wb_query nul = { .sql = wb_sv("COPY \0", 6) };
	assert_int_equal(wb_run(db->c, &nul, 1, &done, &offset, &err), WB_EINPUT);
}

static int take(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)err;
	*(int *)user += row->n;
	return 0;
}

/* A copy callback on a statement that is no COPY is not called. */
static void test_no_copy(void **state)
{
	struct db *db = *state;
	struct feed f = { .lines = 1 };
	int cells = 0;
	struct wb_query q = {
		.sql = WB_SV("SELECT 1, 2"), .copy = give, .copy_user = &f, .row = take, .row_user = &cells
	};
	struct wb_error err = { 0 };
	size_t done, offset;
	assert_ok(wb_run(db->c, &q, 1, &done, &offset, &err), &err);
	assert_int_equal(f.given, 0);
	assert_int_equal(cells, 2);
}

static int terminate_then_give(void *user, char *buf, size_t cap, size_t *ret_n, struct wb_error *err)
{
	struct db *db = user;
	static bool ended;
	char sql[96];
	(void)err;
	if (!ended) {
		struct wb_conn *other = db_connect(db, NULL, DIRECT);
		snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%lld)", (long long)wb_conn_backend_pid(db->c));
		sql_ok(other, sql);
		wb_conn_close(other);
		ended = true;
	}
	memset(buf, 'x', cap);
	*ret_n = cap;
	return 0;
}

static void test_lost(void **state)
{
	struct db *db = *state;
	struct wb_query q = { .sql = WB_SV("COPY t (b) FROM STDIN"), .copy = terminate_then_give, .copy_user = db };
	struct wb_error err = { 0 };
	size_t done, offset;
	assert_int_equal(wb_run(db->c, &q, 1, &done, &offset, &err), WB_ECONN);
	assert_true(db->c->lost);
}

int test_copy(void)
{
#undef T
#define T(fn) cmocka_unit_test_setup_teardown(fn, open_with_table, db_close)
	const struct CMUnitTest tests[] = { T(test_data),   T(test_bad_data), T(test_cancelled),
					    T(test_others), T(test_no_copy),  T(test_lost) };
	return cmocka_run_group_tests_name("driver_pg copy", tests, NULL, NULL);
}
