/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/driver_pg/tests.h"

struct seen {
	int rows, stop_at, code;
	size_t bytes;
	char first[256];
};

static int take(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct seen *s = user;
	if (!s->rows++) {
		for (int i = 0; i < row->n; i++) {
			size_t used = strlen(s->first);
			snprintf(s->first + used, sizeof(s->first) - used, "%s%s=%s", i ? "," : "", row->names[i],
				 row->v[i].p ? row->v[i].p : "NULL");
		}
	}
	for (int i = 0; i < row->n; i++)
		s->bytes += row->v[i].n;
	return s->stop_at && s->rows == s->stop_at ? wb_err_set(err, s->code, "enough") : 0;
}

static int run1(struct wb_conn *c, struct wb_query *q, struct wb_error *err)
{
	size_t done, offset;
	return wb_run(c, q, 1, &done, &offset, err);
}

static void test_values(void **state)
{
	struct db *db = *state;
	struct seen s = { 0 };
	struct wb_error err = { 0 };
	struct wb_value v[] = { wb_v_text("it's \\ \"x\" ä€😀"), wb_v_int(-9223372036854775807LL - 1), WB_V_NULL,
				wb_v_sv(wb_sv("abcdef", 3)), wb_v_text("") };
	struct wb_query q = {
		.sql = WB_SV("SELECT $1::text AS a, $2::int8 AS b, $3::text AS c, $4::text AS d, $5::text AS e"),
		.params = v,
		.n_params = 5,
		.row = take,
		.row_user = &s
	};
	assert_ok(run1(db->c, &q, &err), &err);
	assert_string_equal(s.first, "a=it's \\ \"x\" ä€😀,b=-9223372036854775808,c=NULL,d=abc,e=");
	assert_int_equal(q.affected, -1);
}

static void test_counts(void **state)
{
	struct db *db = *state;
	static const struct {
		const char *sql;
		int64_t affected;
	} cases[] = {
		{ "CREATE TABLE t (a int)", -1 },
		{ "INSERT INTO t SELECT generate_series(1, 10)", 10 },
		{ "UPDATE t SET a = a + 1 WHERE a > 5", 5 },
		{ "DELETE FROM t WHERE a = 1", 1 },
		{ "CREATE TABLE u AS SELECT * FROM t", 9 },
		{ "SELECT * FROM t", -1 },
		{ "INSERT INTO t VALUES (1), (2) RETURNING a", 2 },
		{ "TRUNCATE t", -1 },
		{ "", -1 },
		{ "-- nothing", -1 },
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct wb_query q = { .sql = wb_sv_str(cases[i].sql) };
		struct wb_error err = { 0 };
		assert_ok(run1(db->c, &q, &err), &err);
		assert_int_equal(q.affected, cases[i].affected);
		assert_true(q.elapsed_us >= 0);
	}
}

static void test_batch(void **state)
{
	struct db *db = *state;
	enum { N = 3000 };
	struct wb_query *q = calloc(N, sizeof(*q));
	struct wb_value *v = calloc(N, sizeof(*v));
	struct wb_error err = { 0 };
	size_t done, offset;
	assert_non_null(q);
	assert_non_null(v);
	sql_ok(db->c, "CREATE TABLE t (a int8)");
	for (int i = 0; i < N; i++) {
		v[i] = wb_v_int(i);
		q[i] = (struct wb_query){ .sql = WB_SV("INSERT INTO t VALUES ($1)"), .params = &v[i], .n_params = 1 };
	}
	assert_ok(wb_run(db->c, q, N, &done, &offset, &err), &err);
	assert_int_equal(done, N);
	assert_int_equal(q[N - 1].affected, 1);
	assert_sql(db->c, "SELECT count(*) || ' ' || sum(a) FROM t", "3000 4498500");
	free(q);
	free(v);
}

static void test_failure(void **state)
{
	struct db *db = *state;
	static const char *const sql[] = { "BEGIN", "CREATE TABLE t (a int)", "SELECT 'ä€😀' || nonsense",
					   "CREATE TABLE u (a int)", "COMMIT" };
	struct wb_error err = { 0 };
	size_t done, offset;
	assert_int_equal(run_texts(db->c, sql, 5, &done, &offset, &err), WB_ESQL);
	assert_int_equal(done, 2);
	assert_string_equal(err.sqlstate, "42703");
	assert_int_equal(offset, strlen("SELECT 'ä€😀' || "));
	assert_true(db->c->in_transaction);
	assert_ok(wb_conn_rollback(db->c, &err), &err);
	assert_false(db->c->in_transaction);
	assert_sql(db->c, "SELECT count(*) FROM pg_class WHERE relname IN ('t', 'u')", "0");
	assert_int_equal(run_texts(db->c, sql + 1, 2, &done, &offset, &err), WB_ESQL);
	assert_int_equal(done, 1);
	assert_sql(db->c, "SELECT count(*) FROM pg_class WHERE relname IN ('t', 'u')",
		   "0"); /* one implicit transaction */
}

static void test_failed_commit(void **state)
{
	struct db *db = *state;
	static const char *const deferred[] = { "CREATE TABLE p (a int PRIMARY KEY)",
						"CREATE TABLE c (a int REFERENCES p DEFERRABLE INITIALLY DEFERRED)",
						"INSERT INTO c VALUES (1)" };
	struct wb_error err = { 0 };
	size_t done, offset;
	assert_int_equal(run_texts(db->c, deferred, 3, &done, &offset, &err), WB_ESQL);
	assert_string_equal(err.sqlstate, "23503");
	assert_int_equal(done, 2);
	assert_sql(db->c, "SELECT count(*) FROM pg_class WHERE relname IN ('p', 'c')", "0");
	sql_ok(db->c, "BEGIN");
	sql_fails(db->c, "SELECT 1/0", WB_ESQL, "22012");
	sql_fails(db->c, " commit", WB_ESQL, "25P02");
	assert_false(db->c->in_transaction);
	sql_ok(db->c, "BEGIN");
	sql_fails(db->c, "SELECT 1/0", WB_ESQL, "22012");
	sql_ok(db->c, "ROLLBACK");
}

static void test_error_texts(void **state)
{
	struct db *db = *state;
	struct wb_error err = { 0 };
	static const struct {
		const char *sql, *state, *detail, *hint;
		int code;
	} cases[] = {
		{ "INSERT INTO t VALUES (1)", "23505", "Key (a)=(1) already exists", "", WB_ESQL },
		{ "DO $$ BEGIN RAISE EXCEPTION 'x' USING DETAIL = 'dd', HINT = 'hh'; END $$", "P0001",
		  "dd\nPL/pgSQL function inline_code_block", "hh", WB_ESQL },
		{ "DO $$ BEGIN PERFORM 1/0; END $$", "22012", "SQL statement", "", WB_ESQL },
		{ "DO $$ BEGIN RAISE EXCEPTION SQLSTATE '53100' USING MESSAGE = 'full'; END $$", "53100", "",
		  "free space", WB_EDISKFULL },
		{ "DO $$ BEGIN RAISE EXCEPTION SQLSTATE '08006' USING MESSAGE = 'dblink'; END $$", "08006", "", "",
		  WB_ESQL },
		{ "DO $$ BEGIN RAISE EXCEPTION SQLSTATE '57P03' USING MESSAGE = 'not now'; END $$", "57P03", "",
		  "whimbrel wait", WB_ESQL },
		{ "DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40P01' USING MESSAGE = 'x', HINT = 'theirs'; END $$", "40P01",
		  "", "theirs", WB_ESQL },
		{ "SELECT $$\nx$$ || y", "42703", "", "", WB_ESQL },
		{ "SET ROLE nobody_at_all", "22023", "", "", WB_ESQL },
		{ "SELECT 1; SELECT 2", "42601", "", "", WB_ESQL },
	};
	sql_ok(db->c, "CREATE TABLE t (a int PRIMARY KEY)");
	sql_ok(db->c, "INSERT INTO t VALUES (1)");
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		assert_int_equal(wb_exec(db->c, cases[i].sql, &err), cases[i].code);
		assert_string_equal(err.sqlstate, cases[i].state);
		assert_non_null(strstr(err.detail, cases[i].detail));
		assert_non_null(strstr(err.hint, cases[i].hint));
		assert_false(db->c->lost);
		assert_int_equal(wb_exec(db->c, cases[i].sql, NULL), cases[i].code);
	}
}

/* An error in the middle of a block points at its line. */
static void test_block_line(void **state)
{
	struct db *db = *state;
	static const char *const blocks[] = {
		"DO $$\nBEGIN\n\tNULL;\n\tPERFORM 1/0;\nEND $$",
		"DO LANGUAGE plpgsql $tag$ BEGIN NULL;\nPERFORM 1/0; END $tag$",
		"DO 'BEGIN\n PERFORM ''x''::int; END'",
		"DO $$ BEGIN PERFORM 1/0; END $$",
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(blocks); i++) {
		struct wb_error err = { 0 };
		size_t done, offset;
		assert_int_equal(run_texts(db->c, &blocks[i], 1, &done, &offset, &err), WB_ESQL);
		assert_true(offset < strlen(blocks[i]));
		assert_true(strncmp(blocks[i] + offset, i == 3 ? "BEGIN" : "PERFORM", 5) == 0);
	}
	struct wb_error err = { 0 };
	size_t done, offset;
	static const char *const plain = "SELECT 1/0";
	assert_int_equal(run_texts(db->c, &plain, 1, &done, &offset, &err), WB_ESQL);
	assert_int_equal(offset, SIZE_MAX);
}

static void test_hints(void **state)
{
	struct db *db = *state;
	struct wb_error err = { 0 };
	size_t done, offset;
	static const char *const vacuum[] = { "BEGIN", "VACUUM" };
	static const char *const commits[] = { "BEGIN", "DO $$ BEGIN COMMIT; END $$" };
	static const char *const added[] = { "BEGIN", "ALTER TYPE e ADD VALUE 'b'", "SELECT 'b'::e" };
	static const char *const read_only[] = { "BEGIN READ ONLY", "CREATE TABLE t (a int)" };
	sql_ok(db->c, "CREATE TYPE e AS ENUM ('a')");
	assert_int_equal(run_texts(db->c, vacuum, 2, &done, &offset, &err), WB_ESQL);
	assert_string_equal(err.sqlstate, "25001");
	assert_non_null(strstr(err.hint, "transaction:false"));
	assert_ok(wb_conn_rollback(db->c, &err), &err);
	assert_int_equal(run_texts(db->c, commits, 2, &done, &offset, &err), WB_ESQL);
	assert_string_equal(err.sqlstate, "2D000");
	assert_non_null(strstr(err.hint, "transaction:false"));
	assert_ok(wb_conn_rollback(db->c, &err), &err);
	assert_int_equal(run_texts(db->c, added, 3, &done, &offset, &err), WB_ESQL);
	assert_string_equal(err.sqlstate, "55P04");
	assert_non_null(strstr(err.hint, "ADD VALUE"));
	assert_ok(wb_conn_rollback(db->c, &err), &err);
	assert_int_equal(run_texts(db->c, read_only, 2, &done, &offset, &err), WB_EPRIVILEGE);
	assert_non_null(strstr(err.hint, "primary"));
	assert_ok(wb_conn_rollback(db->c, &err), &err);
	sql_ok(db->c, "SET statement_timeout = 50");
	assert_int_equal(wb_exec(db->c, "SELECT pg_sleep(5)", &err), WB_ESQL);
	assert_string_equal(err.sqlstate, "57014");
	assert_non_null(strstr(err.hint, "statement_timeout"));
}

static void test_outside(void **state)
{
	struct db *db = *state;
	static const char *const sql[] = {
		"CREATE TABLE t (a int, b text)",
		"CREATE INDEX CONCURRENTLY ON t (a)",
		"CREATE INDEX CONCURRENTLY i ON t (b)",
		"REINDEX INDEX CONCURRENTLY i",
		"DROP INDEX CONCURRENTLY i",
		"VACUUM t",
		"ALTER SYSTEM SET work_mem = '5MB'",
		"ALTER SYSTEM RESET work_mem",
		"CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN INSERT INTO t VALUES (1); COMMIT; END'",
		"CALL p()",
		"DO $$ BEGIN INSERT INTO t VALUES (3); COMMIT; END $$",
		"CREATE SUBSCRIPTION s CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false)",
		"ALTER SUBSCRIPTION s SET (slot_name = NONE)",
		"DROP SUBSCRIPTION s",
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(sql); i++)
		sql_ok(db->c, sql[i]);
	assert_sql(db->c, "SELECT string_agg(a::text, ',' ORDER BY a) FROM t", "1,3");
}

static void test_large(void **state)
{
	struct db *db = *state;
	enum { MB = 1 << 20, N = 24 };
	wb_autostr text = WB_STR_INIT;
	struct seen s = { 0 };
	struct wb_error err = { 0 };
	size_t done, offset;
	/* Several large statements whose answers are as large: neither side may wait for the other. */
	wb_str_add(&text, "SELECT '");
	assert_true(wb_str_reserve(&text, (size_t)N * MB));
	for (int i = 0; i < N * MB / 16; i++)
		wb_str_add(&text, "0123456789abcdef");
	wb_str_add(&text, "'");
	struct wb_query q[3];
	for (int i = 0; i < 3; i++)
		q[i] = (struct wb_query){ .sql = wb_str_sv(&text), .row = take, .row_user = &s };
	assert_ok(wb_run(db->c, q, 3, &done, &offset, &err), &err);
	assert_int_equal(s.bytes, 3u * N * MB);
	assert_true(wb_pg(db->c)->text.cap < 2u * MB);
}

static void test_rows(void **state)
{
	struct db *db = *state;
	struct seen s = { 0 };
	struct wb_error err = { 0 };
	struct wb_query q = { .sql = WB_SV("SELECT i, 'row ' || i FROM generate_series(1, 100000) i"),
			      .row = take,
			      .row_user = &s };
	assert_ok(run1(db->c, &q, &err), &err);
	assert_int_equal(s.rows, 100000);
	s = (struct seen){ .stop_at = 5, .code = WB_ENO };
	q.sql = WB_SV("SELECT i FROM generate_series(1, 20000) i, generate_series(1, 20000) j");
	int64_t start = wb_now_ms();
	assert_int_equal(run1(db->c, &q, &err), WB_ENO);
	assert_string_equal(err.message, "enough");
	assert_int_equal(s.rows, 5);
	assert_true(wb_now_ms() - start < 5000);
	s = (struct seen){ 0 };
	q.sql = WB_SV("SELECT 1/(3-i) FROM generate_series(1, 5) i");
	assert_int_equal(run1(db->c, &q, &err), WB_ESQL);
	assert_int_equal(s.rows, 2);
	sql_ok(db->c, "SELECT 1");
}

static void test_bad_text(void **state)
{
	struct db *db = *state;
	struct wb_error err = { 0 };
	struct wb_query q[] = { { .sql = WB_SV("CREATE TABLE t (a int)") },
				{ .sql = wb_sv("SELECT '\0'", 10) },
				{ .sql = WB_SV("SELECT 1") } };
	size_t done, offset;
	assert_int_equal(wb_run(db->c, q, 3, &done, &offset, &err), WB_EINPUT);
	assert_int_equal(done, 1);
	sql_ok(db->c, "SELECT * FROM t"); /* what was sent before it did commit */
	q[1].copy = NULL;
	struct wb_query none = { .sql = wb_sv(NULL, 0) };
	assert_int_equal(wb_run(db->c, &none, 1, &done, &offset, &err), WB_ENOMEM);
	sql_ok(db->c, "SELECT 1");
}

static void run_cached(struct wb_conn *c, const char *sql, int times)
{
	for (int i = 0; i < times; i++) {
		struct wb_value v = wb_v_int(i);
		struct seen s = { 0 };
		struct wb_query q = {
			.sql = wb_sv_str(sql), .params = &v, .n_params = 1, .cached = true, .row = take, .row_user = &s
		};
		struct wb_error err = { 0 };
		assert_ok(run1(c, &q, &err), &err);
		assert_int_equal(s.rows, 1);
	}
}

static void test_prepared(void **state)
{
	struct db *db = *state;
	const char *mine = "SELECT count(*) || ' ' || coalesce(sum(generic_plans + custom_plans), 0) FROM "
			   "pg_prepared_statements WHERE name LIKE 'whimbrel%'";
	run_cached(db->c, "SELECT $1::int8 + 1", 10);
	assert_sql(db->c, mine, "1 10");
	run_cached(db->c, "SELECT $1::int8 + 2", 1);
	assert_sql(db->c, mine, "2 11");
	/* Gone by a migration: before, and in the same batch. */
	sql_ok(db->c, "DEALLOCATE ALL");
	run_cached(db->c, "SELECT $1::int8 + 1", 2);
	assert_sql(db->c, mine, "1 2");
	struct wb_value v = wb_v_int(1);
	struct wb_query q[] = { { .sql = WB_SV("SELECT $1::int8 + 1"), .params = &v, .n_params = 1, .cached = true },
				{ .sql = WB_SV("/* all */ deallocate all") },
				{ .sql = WB_SV("SELECT $1::int8 + 1"), .params = &v, .n_params = 1, .cached = true },
				{ .sql = WB_SV("SELECT $1::int8 + 1"), .params = &v, .n_params = 1, .cached = true } };
	struct wb_error err = { 0 };
	size_t done, offset;
	assert_ok(wb_run(db->c, q, 4, &done, &offset, &err), &err);
	assert_sql(db->c, mine, "1 2");
	/* By something that we cannot see: one failure, then it works again. */
	sql_ok(db->c,
	       "CREATE FUNCTION forget() RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE ''DEALLOCATE ALL''; END'");
	sql_ok(db->c, "SELECT forget()");
	assert_int_equal(wb_run(db->c, q, 1, &done, &offset, &err), WB_ESQL);
	assert_string_equal(err.sqlstate, "26000");
	assert_ok(wb_run(db->c, q, 1, &done, &offset, &err), &err);
	/* A text that cannot be prepared is tried again, not remembered as prepared. */
	struct wb_query bad = { .sql = WB_SV("SELECT a FROM absent"), .cached = true };
	assert_int_equal(run1(db->c, &bad, &err), WB_ESQL);
	assert_string_equal(err.sqlstate, "42P01");
	assert_int_equal(run1(db->c, &bad, &err), WB_ESQL);
	assert_string_equal(err.sqlstate, "42P01");
	sql_ok(db->c, "CREATE TABLE absent (a int)");
	assert_ok(run1(db->c, &bad, &err), &err);
	/* Not sent because of a failure before it. */
	struct wb_query after[] = {
		{ .sql = WB_SV("SELECT 1/0") },
		{ .sql = WB_SV("SELECT $1::int8 + 77"), .params = &v, .n_params = 1, .cached = true }
	};
	assert_int_equal(wb_run(db->c, after, 2, &done, &offset, &err), WB_ESQL);
	run_cached(db->c, "SELECT $1::int8 + 77", 1);
}

static void test_prepared_many(void **state)
{
	struct db *db = *state;
	char sql[64];
	for (int i = 0; i < 300; i++) {
		snprintf(sql, sizeof(sql), "SELECT $1::int8 * %d", i);
		run_cached(db->c, sql, 1);
	}
	assert_sql(db->c, "SELECT count(*) FROM pg_prepared_statements", "256");
	run_cached(db->c, "SELECT $1::int8 * 299", 1);
}

/* Listens to the tick for one statement. */
static int ticking(struct wb_conn *c, const char *const *sql, size_t n, struct ticker *t, size_t *ret_done,
		   struct wb_error *err)
{
	size_t offset;
	c->tick = tick_counting;
	c->tick_user = t;
	int rc = run_texts(c, sql, n, ret_done, &offset, err);
	c->tick = NULL;
	return rc;
}

static void test_tick(void **state)
{
	struct db *db = *state;
	struct ticker t = { .from = 1000 };
	struct wb_error err = { 0 };
	size_t done;
	assert_ok(ticking(db->c, (const char *[]){ "SELECT pg_sleep(1.05)" }, 1, &t, &done, &err), &err);
	assert_in_range(t.calls, 7, 11);
}

static void test_cancel(void **state)
{
	struct db *db = *state;
	struct ticker t = { .from = 3, .code = WB_ECANCELLED };
	struct wb_error err = { 0 };
	size_t done;
	int64_t start = wb_now_ms();
	static const char *const sql[] = { "BEGIN", "CREATE TABLE t (a int)", "SELECT pg_sleep(60)", "COMMIT" };
	assert_int_equal(ticking(db->c, sql, 4, &t, &done, &err), WB_ECANCELLED);
	assert_true(wb_now_ms() - start < 3000);
	assert_int_equal(done, 2);
	assert_string_equal(err.message, "cancelled");
	assert_true(db->c->in_transaction);
	assert_int_equal(t.calls, 3); /* not asked again after its answer */
	assert_ok(wb_conn_rollback(db->c, &err), &err);
	assert_sql(db->c, "SELECT count(*) FROM pg_class WHERE relname = 't'", "0");
	t = (struct ticker){ .from = 2, .code = WB_ETIMEOUT };
	assert_int_equal(ticking(db->c, sql + 2, 1, &t, &done, &err), WB_ETIMEOUT);
	sql_ok(db->c, "SELECT 1");
}

/* A cancellation that falls between two statements of a pipeline is sent again. */
static void test_cancel_many(void **state)
{
	struct db *db = *state;
	enum { N = 4000 };
	const char **sql = calloc(N, sizeof(*sql));
	struct ticker t = { .from = 2, .code = WB_ECANCELLED };
	struct wb_error err = { 0 };
	size_t done;
	assert_non_null(sql);
	for (int i = 0; i < N; i++)
		sql[i] = "SELECT pg_sleep(0.02)";
	int64_t start = wb_now_ms();
	assert_int_equal(ticking(db->c, sql, N, &t, &done, &err), WB_ECANCELLED);
	assert_true(wb_now_ms() - start < 10000);
	assert_true(done < N);
	sql_ok(db->c, "SELECT 1");
	free(sql);
}

static void test_deaf(void **state)
{
	struct db *db = *state;
	struct ticker t = { .from = 1, .code = WB_ECANCELLED };
	struct wb_pg *c = wb_pg(db->c);
	struct wb_error err = { 0 };
	size_t done;
	c->deaf = true;
	assert_ok(ticking(db->c, (const char *[]){ "SELECT pg_sleep(0.5)" }, 1, &t, &done, &err), &err);
	c->deaf = false;
	assert_true(t.calls >= 2);
}

static void test_elapsed(void **state)
{
	struct db *db = *state;
	struct wb_query q[] = { { .sql = WB_SV("SELECT pg_sleep(0.3)") },
				{ .sql = WB_SV("SELECT 1") },
				{ .sql = WB_SV("SELECT pg_sleep(0.1)") } };
	struct wb_error err = { 0 };
	size_t done, offset;
	assert_ok(wb_run(db->c, q, 3, &done, &offset, &err), &err);
	assert_in_range(q[0].elapsed_us, 290000, 1000000);
	assert_true(q[1].elapsed_us < 90000);
	assert_in_range(q[2].elapsed_us, 90000, 600000);
}

int test_run(void)
{
	const struct CMUnitTest tests[] = {
		T(test_values),        T(test_counts),        T(test_batch),      T(test_failure),
		T(test_failed_commit), T(test_error_texts),   T(test_block_line), T(test_hints),
		T(test_outside),       T(test_large),         T(test_rows),       T(test_bad_text),
		T(test_prepared),      T(test_prepared_many), T(test_tick),       T(test_cancel),
		T(test_cancel_many),   T(test_deaf),          T(test_elapsed),
	};
	return cmocka_run_group_tests_name("driver_pg run", tests, NULL, NULL);
}
