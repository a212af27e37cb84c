/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

static void test_using(void **state)
{
	(void)state;
	assert_int_equal(wb_expr_is_column("a", "a", "text"), WB_YES);
	assert_int_equal(wb_expr_is_column("(A)::text", "a", "text"), WB_NO);
	assert_int_equal(wb_expr_is_column("A::TEXT", "a", "text"), WB_YES);
	assert_int_equal(wb_expr_is_column("CAST(a AS varchar(20))", "a", "varchar(20)"), WB_YES);
	assert_int_equal(wb_expr_is_column("\"Odd\"::text", "Odd", "text"), WB_YES);
	assert_int_equal(wb_expr_is_column("odd::text", "Odd", "text"), WB_NO);
	assert_int_equal(wb_expr_is_column("a::varchar", "a", "text"), WB_UNKNOWN);
	assert_int_equal(wb_expr_is_column("a + 1", "a", "int"), WB_NO);
	assert_int_equal(wb_expr_is_column("lower(a)", "a", "text"), WB_NO);
	assert_int_equal(wb_expr_is_column("a AT TIME ZONE 'UTC'", "a", "timestamptz"), WB_NO);
}

static void test_not_null(void **state)
{
	(void)state;
	assert_int_equal(wb_check_not_null("CHECK ((a IS NOT NULL))", "a"), WB_YES);
	assert_int_equal(wb_check_not_null("((a IS NOT NULL) AND (a > 0))", "a"), WB_YES);
	assert_int_equal(wb_check_not_null("b > 0 AND (c < 1 AND \"A b\" IS NOT NULL)", "A b"), WB_YES);
	assert_int_equal(wb_check_not_null("(a > 0)", "a"), WB_NO);
	assert_int_equal(wb_check_not_null("(ab IS NOT NULL)", "a"), WB_NO);
	assert_int_equal(wb_check_not_null("((a IS NOT NULL) OR (b IS NOT NULL))", "a"), WB_UNKNOWN);
	assert_int_equal(wb_check_not_null("f(a IS NOT NULL)", "a"), WB_UNKNOWN);
	assert_int_equal(wb_check_not_null("((a IS NOT NULL) = false)", "a"), WB_UNKNOWN);
	assert_int_equal(wb_check_not_null("", "a"), WB_NO);
	assert_int_equal(wb_check_not_null("((((", "a"), WB_NO);
}

static enum wb_tri implied(const char *check, unsigned flags, const char *key, const char *bound)
{
	struct wb_world *w = empty_world();
	struct wb_relation *r = seen(w, "n");
	struct wb_world_constraint k = { .name = "k", .kind = 'c', .expr = check };
	enum wb_tri is;

	column(r, "k", "integer", flags);
	assert_true(!check || wb_vec_push(&r->constraints, k));
	is = wb_bound_implied(r, key, bound);
	wb_world_free(w);
	return is;
}

static void test_bounds(void **state)
{
	const char *range = "FOR VALUES FROM (0) TO (10)";

	(void)state;
	assert_int_equal(implied("((k >= 0) AND (k < 10))", WB_COL_NOT_NULL, "RANGE (k)", range), WB_YES);
	assert_int_equal(implied("((k >= 0) AND (k < 10))", 0, "RANGE (k)", range), WB_NO);
	assert_int_equal(implied("((k IS NOT NULL) AND (k >= 0) AND (k < 10))", 0, "RANGE (k)", range), WB_YES);
	assert_int_equal(implied("((k >= 0) AND (k < 11))", WB_COL_NOT_NULL, "RANGE (k)", range), WB_UNKNOWN);
	assert_int_equal(implied("(other > 3)", WB_COL_NOT_NULL, "RANGE (k)", range), WB_NO);
	assert_int_equal(implied(NULL, WB_COL_NOT_NULL, "RANGE (k)", range), WB_NO);
	assert_int_equal(implied("((k >= 0) AND (k < 10))", WB_COL_NOT_NULL, "RANGE (k, l)", range), WB_UNKNOWN);
	assert_int_equal(implied("(k >= '2024-01-01 00:00:00'::timestamp without time zone AND k < '2024-02-01'::date)",
				 WB_COL_NOT_NULL, "RANGE (k)",
				 "FOR VALUES FROM ('2024-01-01') TO ('2024-02-01 00:00:00')"),
			 WB_YES);
	assert_int_equal(implied("(k = 'a'::text)", WB_COL_NOT_NULL, "LIST (k)", "FOR VALUES IN ('a')"), WB_YES);
	assert_int_equal(implied("(k = 'b'::text)", WB_COL_NOT_NULL, "LIST (k)", "FOR VALUES IN ('a')"), WB_UNKNOWN);
}

int test_expr(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_using),
		cmocka_unit_test(test_not_null),
		cmocka_unit_test(test_bounds),
	};

	return RUN_GROUP("expr");
}
