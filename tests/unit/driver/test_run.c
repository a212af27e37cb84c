/* SPDX-License-Identifier: Apache-2.0
 *
 * Running statements: rows, parameters, counts, errors and their places, and the
 * prepared ones across changes of the schema.
 */
#include "tests.h"

struct seen {
	char text[512];
	int rows, stop_at;
};

static int see_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct seen *s = user;
	size_t n = strlen(s->text);
	int i;

	for (i = 0; i < row->n; i++) {
		const char *v = row->v[i].p;

		assert_true(!v || strlen(v) <= row->v[i].n);
		n += (size_t)snprintf(s->text + n, sizeof(s->text) - n, "%s=%s,", row->names[i], v ? v : "NULL");
	}
	if (++s->rows == s->stop_at)
		return wb_err_set(err, WB_ENO, "enough");
	return 0;
}

static void test_rows(void **state)
{
	struct place *p = *state;
	struct seen s = { .stop_at = -1 };
	struct wb_query q[] = {
		{ .sql = WB_SV("CREATE TABLE t (a, b)") },
		{ .sql = WB_SV("INSERT INTO t VALUES (1, 'x'), (NULL, 2.5), (X'41', '')") },
		{ .sql = WB_SV("SELECT a, b AS bee FROM t"), .row = see_row, .row_user = &s },
		{ .sql = WB_SV("SELECT 1 WHERE 0"), .row = see_row, .row_user = &s },
	};
	size_t done = 99, offset = 99;

	assert_ok(wb_run(p->c, q, 4, &done, &offset, &p->err), &p->err);
	assert_int_equal(done, 4);
	assert_int_equal(offset, SIZE_MAX);
	assert_string_equal(s.text, "a=1,bee=x,a=NULL,bee=2.5,a=A,bee=,");
	assert_int_equal(q[0].affected, -1);
	assert_int_equal(q[1].affected, 3);
	assert_int_equal(q[2].affected, -1);
	assert_true(q[1].elapsed_us >= 0);
}

static void test_stop_in_row(void **state)
{
	struct place *p = *state;
	struct seen s = { .stop_at = 2 };
	struct wb_query q = {
		.sql = WB_SV("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"),
		.row = see_row,
		.row_user = &s
	};

	assert_int_equal(wb_run(p->c, &q, 1, NULL, NULL, &p->err), WB_ENO);
	assert_int_equal(s.rows, 2);
	assert_string_equal(p->err.message, "enough");
}

static void test_parameters(void **state)
{
	struct place *p = *state;
	struct seen s = { .stop_at = -1 };
	const struct wb_value v[] = { wb_v_text("it's\n"), wb_v_int(INT64_MIN), wb_v_text(NULL),
				      wb_v_sv(wb_sv("abc", 2)) };
	struct wb_query q = { .sql = WB_SV("SELECT $2 AS b, $1 AS a, $4 AS d, $3 AS c, $2 AS again"),
			      .params = v,
			      .n_params = 4,
			      .row = see_row,
			      .row_user = &s,
			      .cached = true };
	int i;

	for (i = 0; i < 3; i++) {
		s.text[0] = '\0';
		assert_ok(wb_run(p->c, &q, 1, NULL, NULL, &p->err), &p->err);
		assert_string_equal(s.text, "b=-9223372036854775808,a=it's\n,d=ab,c=NULL,again=-9223372036854775808,");
	}
	s.text[0] = '\0';
	q.sql = WB_SV("SELECT ?1 AS a, ? AS b");
	assert_ok(wb_run(p->c, &q, 1, NULL, NULL, &p->err), &p->err);
	assert_string_equal(s.text, "a=it's\n,b=-9223372036854775808,");
}

static void test_wrong_parameters(void **state)
{
	struct place *p = *state;
	const struct wb_value v[] = { wb_v_int(1) };
	struct wb_query q = { .sql = WB_SV("SELECT $2"), .params = v, .n_params = 1 };

	assert_int_equal(wb_run(p->c, &q, 1, NULL, NULL, &p->err), WB_EBUG);
	q.sql = WB_SV("SELECT :name");
	assert_int_equal(wb_run(p->c, &q, 1, NULL, NULL, &p->err), WB_EBUG);
	/* A migration's :name would silently be NULL. */
	exec(p->c, "CREATE TABLE t (a)");
	assert_int_equal(try_exec(p->c, "INSERT INTO t VALUES (:name)", &p->err), WB_ESQL);
	assert_non_null(strstr(p->err.message, ":name"));
	assert_int_equal(try_exec(p->c, "INSERT INTO t VALUES (?)", &p->err), WB_ESQL);
	assert_value(p->c, "SELECT count(*) FROM t", "0");
}

static void test_affected(void **state)
{
	static const struct {
		const char *sql;
		int64_t n;
	} cases[] = {
		{ "INSERT INTO t VALUES (1), (2), (3)", 3 },
		{ "/* c */ UPDATE t SET a = a + 1 WHERE a > 1", 2 },
		{ "REPLACE INTO t VALUES (9)", 1 },
		{ "WITH x AS (SELECT 3 AS a) DELETE FROM t WHERE a IN (SELECT a FROM x)", 1 },
		{ "WITH x AS (SELECT 3 AS a) SELECT * FROM x", -1 },
		{ "SELECT * FROM t", -1 },
		{ "CREATE TABLE u AS SELECT * FROM t", -1 },
		{ "EXPLAIN INSERT INTO t VALUES (1)", -1 },
		{ "DELETE FROM t", 3 },
		{ "DELETE FROM t", 0 },
		{ "INSERT INTO t VALUES (5) RETURNING a", 1 },
		{ "DROP TABLE t", -1 },
	};
	struct place *p = *state;
	size_t i;

	exec(p->c, "CREATE TABLE t (a)");
	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct wb_query q = { .sql = wb_sv_str(cases[i].sql), .cached = i % 2 };

		assert_ok(wb_run(p->c, &q, 1, NULL, NULL, &p->err), &p->err);
		assert_int_equal(q.affected, cases[i].n);
	}
}

static void test_errors(void **state)
{
	struct place *p = *state;
	struct wb_query q[] = {
		{ .sql = WB_SV("CREATE TABLE t (a UNIQUE)") },
		{ .sql = WB_SV("INSERT INTO t VALUES (1)") },
		{ .sql = WB_SV("SELECT nosuch FROM t") },
		{ .sql = WB_SV("INSERT INTO t VALUES (2)") },
	};
	size_t done, offset;

	assert_int_equal(wb_run(p->c, q, 4, &done, &offset, &p->err), WB_ESQL);
	assert_int_equal(done, 2);
	assert_int_equal(offset, 7);
	assert_string_equal(p->err.message, "no such column: nosuch");
	assert_string_equal(p->err.sqlstate, "");
	assert_value(p->c, "SELECT count(*) FROM t", "1");
	assert_int_equal(wb_run(p->c, &q[1], 1, &done, &offset, &p->err), WB_ESQL);
	assert_int_equal(done, 0);
	assert_int_equal(offset, SIZE_MAX);
	assert_string_equal(p->err.message, "UNIQUE constraint failed: t.a");
	assert_string_equal(p->err.detail, ""); /* the message has said it */
	exec(p->c, "PRAGMA foreign_keys = ON;CREATE TABLE c (a REFERENCES t (a))");
	assert_int_equal(try_exec(p->c, "INSERT INTO c VALUES (5)", &p->err), WB_ESQL);
	assert_non_null(strstr(p->err.hint, "foreign_key_check"));
	assert_int_equal(try_exec(p->c, "SELECT json(1, 2, 3, 4)", &p->err), WB_ESQL);
}

static void test_one_statement(void **state)
{
	static const char *const several[] = { "SELECT 1; SELECT 2", "SELECT 1;;x", "", " -- nothing\n", ";" };
	struct place *p = *state;
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(several); i++)
		assert_int_equal(try_exec(p->c, several[i], &p->err), WB_EBUG);
	assert_ok(try_exec(p->c, "SELECT 1 ; -- and\n /* that */ ;", &p->err), &p->err);
}

static void test_copy(void **state)
{
	struct place *p = *state;
	struct wb_mem_reader r = { WB_SV("1\n") };
	struct wb_query q = { .sql = WB_SV("COPY t FROM STDIN"), .copy = wb_mem_read, .copy_user = &r };

	assert_int_equal(wb_run(p->c, &q, 1, NULL, NULL, &p->err), WB_EUNSUPPORTED);
}

/* More texts than the cache has places, and the schema changing under them. */
static void test_cache(void **state)
{
	struct place *p = *state;
	char sql[64];
	int i, round;

	exec(p->c, "CREATE TABLE t (a)");
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 50; i++) {
			const struct wb_value v[] = { wb_v_int(i) };
			struct wb_query q = { .params = v, .n_params = 1, .cached = true };

			(void)snprintf(sql, sizeof(sql), "INSERT INTO t (a) VALUES ($1 + %d)", i);
			q.sql = wb_sv_str(sql); /* the same address for each text */
			assert_ok(wb_run(p->c, &q, 1, NULL, NULL, &p->err), &p->err);
			assert_int_equal(q.affected, 1);
		}
		(void)snprintf(sql, sizeof(sql), "ALTER TABLE t ADD COLUMN c%d", round);
		assert_ok(try_exec(p->c, sql, &p->err), &p->err);
	}
	assert_value(p->c, "SELECT count(*) || ' ' || sum(a) FROM t", "150 7350");
}

static int nested(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)row;
	return wb_exec(user, "SELECT 1", err);
}

static void test_nested(void **state)
{
	struct place *p = *state;
	struct wb_query q = { .sql = WB_SV("SELECT 1"), .row = nested, .row_user = p->c };

	assert_int_equal(wb_run(p->c, &q, 1, NULL, NULL, &p->err), WB_EBUG);
	assert_ok(try_exec(p->c, "SELECT 1", &p->err), &p->err);
}

static void test_transactions(void **state)
{
	struct place *p = *state;
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_query q[8] = { { .sql = WB_SV("") } };
	int n;

	exec(p->c, "CREATE TABLE t (a)");
	n = wb_conn_tx_begin(p->c, &a, NULL, q, 8);
	assert_int_equal(n, 1);
	q[n++] = (struct wb_query){ .sql = WB_SV("INSERT INTO t VALUES (1)") };
	n += wb_conn_restore(p->c, &a, q + n, 8 - n);
	n += wb_conn_lock_fence(p->c, &a, q + n, 8 - n);
	assert_ok(wb_run(p->c, q, (size_t)n, NULL, NULL, &p->err), &p->err);
	assert_true(p->c->in_transaction);
	assert_ok(wb_conn_rollback(p->c, &p->err), &p->err);
	assert_false(p->c->in_transaction);
	assert_ok(wb_conn_rollback(p->c, &p->err), &p->err); /* nothing to do */
	assert_value(p->c, "SELECT count(*) FROM t", "0");
	n = 2 + wb_conn_tx_commit(p->c, q + 2, 6);
	assert_ok(wb_run(p->c, q, (size_t)n, NULL, NULL, &p->err), &p->err);
	assert_false(p->c->in_transaction);
	assert_value(p->c, "SELECT count(*) FROM t", "1");
	assert_int_equal(wb_conn_tx_begin(p->c, &a, NULL, q, 0), 0);
	assert_int_equal(wb_conn_tx_commit(p->c, q, 0), 0);
}

/* DDL and the journal's row are one: a crash before the commit leaves neither. */
static void test_ddl_rolls_back(void **state)
{
	struct place *p = *state;

	exec(p->c, "BEGIN IMMEDIATE;CREATE TABLE t (a);CREATE INDEX i ON t (a);PRAGMA user_version = 5");
	assert_ok(wb_conn_rollback(p->c, &p->err), &p->err);
	assert_value(p->c, "SELECT count(*) FROM sqlite_master", "0");
	assert_value(p->c, "PRAGMA user_version", "0");
}

static void test_full(void **state)
{
	struct place *p = *state;

	exec(p->c, "CREATE TABLE t (a);PRAGMA max_page_count = 10");
	assert_int_equal(try_exec(p->c, "INSERT INTO t VALUES (zeroblob(100000))", &p->err), WB_EDISKFULL);
	assert_non_null(strstr(p->err.message, "no space"));
	assert_non_null(strstr(p->err.detail, "full"));
}

static void test_read_only_switch(void **state)
{
	struct place *p = *state;

	exec(p->c, "CREATE TABLE t (a)");
	assert_ok(wb_conn_read_only(p->c, true, &p->err), &p->err);
	assert_int_equal(try_exec(p->c, "INSERT INTO t VALUES (1)", &p->err), WB_EPRIVILEGE);
	assert_int_equal(try_exec(p->c, "DROP TABLE t", &p->err), WB_EPRIVILEGE);
	assert_value(p->c, "SELECT count(*) FROM t", "0");
	assert_ok(wb_conn_read_only(p->c, false, &p->err), &p->err);
	exec(p->c, "INSERT INTO t VALUES (1)");
}

static void test_constraints_now(void **state)
{
	struct place *p = *state;
	struct wb_query q;

	exec(p->c, "PRAGMA foreign_keys = ON;CREATE TABLE p (id INTEGER PRIMARY KEY);"
		   "CREATE TABLE c (p REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED);BEGIN;INSERT INTO c VALUES (1)");
	assert_int_equal(p->c->driver->constraints_now(p->c, &q, 1), 1);
	assert_int_equal(wb_run(p->c, &q, 1, NULL, NULL, &p->err), WB_ESQL);
	exec(p->c, "INSERT INTO p VALUES (1)");
	assert_ok(wb_run(p->c, &q, 1, NULL, NULL, &p->err), &p->err);
	exec(p->c, "COMMIT");
}

int test_run(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_CONN(test_rows),
		TEST_CONN(test_stop_in_row),
		TEST_CONN(test_parameters),
		TEST_CONN(test_wrong_parameters),
		TEST_CONN(test_affected),
		TEST_CONN(test_errors),
		TEST_CONN(test_one_statement),
		TEST_CONN(test_copy),
		TEST_CONN(test_cache),
		TEST_CONN(test_nested),
		TEST_CONN(test_transactions),
		TEST_CONN(test_ddl_rolls_back),
		TEST_CONN(test_full),
		TEST_CONN(test_read_only_switch),
		TEST_CONN(test_constraints_now),
	};

	return RUN_GROUP("run");
}
