/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

static void test_lengths(void **state)
{
	static const struct {
		const char *from, *to;
		enum wb_tri relabels;
	} cases[] = {
		{ "varchar(20)", "character varying(40)", WB_YES },
		{ "character varying(20)", "VARCHAR(10)", WB_NO },
		{ "varchar", "varchar(10)", WB_NO },
		{ "varchar(10)", "varchar", WB_YES },
		{ "varchar(10)", "text", WB_YES },
		{ "text", "varchar", WB_YES },
		{ "text", "varchar(10)", WB_NO },
		{ "numeric(10,2)", "numeric(12,2)", WB_YES },
		{ "numeric(10,2)", "numeric(12,3)", WB_NO },
		{ "numeric(10,2)", "decimal", WB_YES },
		{ "numeric(10)", "numeric(10,0)", WB_YES },
		{ "numeric", "numeric(10,2)", WB_NO },
		{ "int", "bigint", WB_NO },
		{ "int", "integer", WB_YES },
		{ "int4", "pg_catalog.int4", WB_YES },
		{ "char(5)", "char(8)", WB_NO },
		{ "char", "character(1)", WB_YES },
		{ "timestamp(3)", "timestamp(6)", WB_YES },
		{ "timestamp", "timestamp(3)", WB_NO },
		{ "timestamp(3) without time zone", "timestamp", WB_YES },
		{ "bit varying(5)", "varbit(9)", WB_YES },
		{ "bit(5)", "bit(9)", WB_NO },
		{ "cidr", "inet", WB_YES },
		{ "inet", "cidr", WB_NO },
		{ "varchar(10)[]", "varchar(20)[]", WB_NO },
		{ "text[]", "text[]", WB_YES },
		{ "float(24)", "real", WB_YES },
		{ "float", "real", WB_NO },
		{ "mood", "text", WB_UNKNOWN },
		{ "text", "app.mood", WB_UNKNOWN },
		{ "timestamp", "timestamptz", WB_UNKNOWN },
	};
	struct wb_world *w = empty_world();

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++)
		if (wb_type_relabels(w, cases[i].from, cases[i].to) != cases[i].relabels)
			fail_msg("%s to %s", cases[i].from, cases[i].to);
	w->utc = WB_YES;
	assert_int_equal(wb_type_relabels(w, "timestamp", "timestamptz"), WB_YES);
	assert_int_equal(wb_type_relabels(w, "timestamptz", "timestamp"), WB_YES);
	assert_int_equal(wb_type_relabels(w, "timestamp", "timestamptz(3)"), WB_NO);
	w->utc = WB_NO;
	assert_int_equal(wb_type_relabels(w, "timestamp", "timestamptz"), WB_NO);
	wb_world_free(w);
}

static void test_domains(void **state)
{
	struct wb_world *w = empty_world();
	struct wb_world_type bare = { .name = { "app", "bare" }, .base = "integer", .constrained = WB_NO };
	struct wb_world_type pos = { .name = { "app", "pos" }, .base = "app.bare", .constrained = WB_YES };

	(void)state;
	assert_true(wb_vec_push(&w->types, &bare) && wb_vec_push(&w->types, &pos));
	assert_int_equal(wb_type_relabels(w, "int", "app.bare"), WB_YES);
	assert_int_equal(wb_type_relabels(w, "app.pos", "integer"), WB_YES);
	assert_int_equal(wb_type_relabels(w, "app.bare", "bigint"), WB_NO);
	assert_int_equal(wb_type_relabels(w, "int", "pos"), WB_NO);
	assert_int_equal(wb_type_relabels(w, "int", "other.pos"), WB_UNKNOWN);
	assert_int_equal(wb_type_constrained(w, "pos"), WB_YES);
	assert_int_equal(wb_type_constrained(w, "\"bare\""), WB_NO);
	assert_int_equal(wb_type_constrained(w, "int"), WB_NO);
	assert_int_equal(wb_type_constrained(w, "what"), WB_UNKNOWN);
	assert_int_equal(wb_type_constrained(w, NULL), WB_UNKNOWN);
	wb_vec_done(&w->types);
	wb_world_free(w);
}

static void test_indexes(void **state)
{
	struct wb_world *w = empty_world();

	(void)state;
	assert_int_equal(wb_type_keeps_index(w, "varchar(10)", "text"), WB_YES);
	assert_int_equal(wb_type_keeps_index(w, "numeric(10,2)", "numeric"), WB_YES);
	assert_int_equal(wb_type_keeps_index(w, "timestamp", "timestamptz"), WB_NO);
	assert_int_equal(wb_type_keeps_index(w, "what", "text"), WB_UNKNOWN);
	wb_world_free(w);
}

static void test_functions(void **state)
{
	const struct wb_name now = { NULL, "now" }, random = { "pg_catalog", "random" }, own = { "app", "random" },
			     both[] = { now, own }, what = { NULL, "what" };
	struct wb_world *w = empty_world();
	struct wb_world_function f = { .name = { "app", "random" }, .volatile_ = WB_NO };

	(void)state;
	assert_int_equal(wb_functions_volatile(w, NULL, 0), WB_NO);
	assert_int_equal(wb_functions_volatile(w, &now, 1), WB_NO);
	assert_int_equal(wb_functions_volatile(w, &random, 1), WB_YES);
	assert_int_equal(wb_functions_volatile(w, both, 2), WB_UNKNOWN);
	assert_true(wb_vec_push(&w->functions, f));
	assert_int_equal(wb_functions_volatile(w, both, 2), WB_NO);
	assert_int_equal(wb_functions_volatile(w, &what, 1), WB_UNKNOWN);
	wb_world_free(w);
}

int test_coerce(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_indexes),
		cmocka_unit_test(test_functions),
	};

	return RUN_GROUP("coerce");
}
