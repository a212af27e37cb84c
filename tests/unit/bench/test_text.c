/* SPDX-License-Identifier: Apache-2.0
 *
 * Parameters by name, and what may not be measured.
 */
#include "tests.h"

#include "driver/sqlite/sqlite.h"

static const struct wb_named_value values[] = { { "a", "1" }, { "b", "x" } };
static const struct wb_named_values set = { values, 2 };

/* SQLite's words with PostgreSQL's lexer, and the other way round, where a test wants it. */
static struct wb_driver driver_of(enum wb_dialect dialect)
{
	struct wb_driver d = *wb_sqlite_driver();

	d.dialect = dialect;
	return d;
}

static int call(enum wb_dialect dialect, const char *sql, const struct wb_named_values *params, bool writes,
		struct wb_arena *a, struct wb_bench_call *ret, struct wb_error *err)
{
	const struct wb_bench_query q = { .name = "q", .sql = sql, .writes = writes };
	const struct wb_driver d = driver_of(dialect);

	return wb_bench_call(a, &d, &q, params, ret, err);
}

static void names_become_numbers(void **state)
{
	static const struct {
		const char *sql, *wanted;
	} cases[] = {
		{ "SELECT :a, :b, :a", "SELECT $1, $2, $1" },
		{ "SELECT :b,:a;", "SELECT $1,$2" },
		{ "SELECT ':a', \":b\", x FROM t -- :a\n WHERE a=:a AND b>=:b",
		  "SELECT ':a', \":b\", x FROM t -- :a\n WHERE a=$1 AND b>=$2" },
		{ "SELECT /* :b */ :a || :b", "SELECT /* :b */ $1 || $2" },
	};

	(void)state;
	for (int dialect = WB_DIALECT_POSTGRES; dialect <= WB_DIALECT_SQLITE; dialect++) {
		for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
			wb_autoarena a = WB_ARENA_INIT;
			struct wb_bench_call c;
			struct wb_error err;

			assert_int_equal(call((enum wb_dialect)dialect, cases[i].sql, &set, false, &a, &c, &err), 0);
			assert_string_equal(c.sql.p, cases[i].wanted);
			assert_int_equal(c.n_values, 2);
		}
	}
}

static void casts_and_slices_stay(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_bench_call c;
	struct wb_error err;

	(void)state;
	assert_int_equal(call(WB_DIALECT_POSTGRES, "SELECT :a::text, x[1:n], x::b, :b", &set, false, &a, &c, &err), 0);
	assert_string_equal(c.sql.p, "SELECT $1::text, x[1:n], x::b, $2");
	assert_int_equal(c.values[0].kind, WB_VALUE_INT);
	assert_int_equal(c.values[1].kind, WB_VALUE_TEXT);
}

static void refuses(void **state)
{
	static const struct {
		const char *sql, *says;
		bool writes;
	} cases[] = {
		{ "SELECT :a, :b, :c", "\"c\"", false }, { "SELECT :a", "no :b", false },
		{ "DELETE FROM t", "reads", false },     { "SELECT 1; SELECT 2", "more than one", false },
		{ "SELECT 'x", "without end", false },   { "  ", "no SQL", false },
		{ "COMMIT", "rolled back", true },       { "VACUUM", "rolled back", true },
		{ "PRAGMA query_only = OFF", "", true },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		wb_autoarena a = WB_ARENA_INIT;
		struct wb_bench_call c;
		struct wb_error err;

		assert_int_equal(call(WB_DIALECT_SQLITE, cases[i].sql, &set, cases[i].writes, &a, &c, &err), WB_EINPUT);
		if (!strstr(err.message, cases[i].says))
			fail_msg("%s: %s", cases[i].sql, err.message);
	}
}

static int one_call(void *user)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_bench_call c;

	(void)user;
	return call(WB_DIALECT_SQLITE, "SELECT :a, :b", &set, false, &a, &c, NULL);
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
	assert_true(wb_oom_run(one_call, NULL) > 1);
}

int test_text(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_numbers),
		cmocka_unit_test(casts_and_slices_stay),
		cmocka_unit_test(refuses),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return RUN_GROUP("text");
}
