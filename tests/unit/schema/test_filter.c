/* SPDX-License-Identifier: Apache-2.0
 *
 * What does not count leaves the model, with its parts and with what pointed to it.
 */
#include "tests.h"

#include "base/base.h"

static const struct spec specs[] = {
	{ .kind = WB_KIND_SCHEMA, .name = "app" },
	{ .kind = WB_KIND_SCHEMA, .name = "scratch" },
	{ .kind = WB_KIND_TABLE,
	  .schema = "app",
	  .name = "users",
	  .attrs = { "comment", "who", "privileges", "SELECT" } },
	{ .kind = WB_KIND_COLUMN, .schema = "app", .parent = "users", .name = "id", .attrs = { "comment", "which" } },
	{ .kind = WB_KIND_TABLE, .schema = "app", .name = "tmp_1" },
	{ .kind = WB_KIND_COLUMN, .schema = "app", .parent = "tmp_1", .name = "id" },
	{ .kind = WB_KIND_TABLE, .schema = "scratch", .name = "x" },
	{ .kind = WB_KIND_VIEW, .schema = "app", .name = "tmp_view", .needs = { "tmp_1", "users" } },
};

/* In the shape of another tool's, over the journal: no filter has to say so. */
static const struct spec compat[] = {
	{ .kind = WB_KIND_SCHEMA, .name = "app" },
	{ .kind = WB_KIND_SCHEMA, .name = "old", .attrs = { "comment", "whimbrel:compat of what was" } },
	{ .kind = WB_KIND_TABLE, .schema = "old", .name = "t" },
	{ .kind = WB_KIND_COLUMN, .schema = "old", .parent = "t", .name = "id" },
	{ .kind = WB_KIND_VIEW, .schema = "old", .name = "v" },
	{ .kind = WB_KIND_TABLE, .schema = "app", .name = "t" },
	{ .kind = WB_KIND_VIEW, .schema = "app", .name = "v", .attrs = { "comment", "whimbrel:compat" } },
	{ .kind = WB_KIND_TRIGGER, .schema = "app", .parent = "v", .name = "r" },
	{ .kind = WB_KIND_FUNCTION, .schema = "app", .name = "f()", .attrs = { "comment", "not whimbrel:compat" } },
};

static void assert_left_of(struct wb_model *m, const struct wb_filter *f, const char *expected)
{
	wb_autostr left = WB_STR_INIT;
	struct wb_error err = { 0 };

	assert_ok(wb_schema_filter(m, f, &err), &err);
	for (size_t i = 0; i < m->n; i++) {
		wb_str_add(&left, i ? " " : "");
		assert_true(wb_object_path(m->v[i], &left));
		if (m->v[i]->n_attrs)
			wb_str_addf(&left, "(%zu)", m->v[i]->n_attrs);
		for (size_t k = 0; k < m->v[i]->n_needs; k++)
			wb_str_addf(&left, "<%s", m->v[i]->needs[k]->name);
	}
	assert_string_equal(left.p, expected);
	wb_model_free(m);
}

static void assert_left(const struct wb_filter *f, const char *expected)
{
	assert_left_of(MODEL("postgresql", specs), f, expected);
}

static void test_compat(void **state)
{
	const struct wb_filter none = { 0 }, remarks = { .without_comments = true };

	(void)state;
	assert_left_of(MODEL("postgresql", compat), &none, "app app.t app.f()(1)");
	assert_left_of(MODEL("postgresql", compat), &remarks, "app app.t app.f()");
}

static void test_filters(void **state)
{
	const struct wb_filter none = { 0 };
	const struct wb_filter plain = { .ignore = (const char *const[]){ "app.tmp_1" }, .n_ignore = 1 };
	const struct wb_filter kinds = { .ignore = (const char *const[]){ "table app.tmp*", "column *.id" },
					 .n_ignore = 2 };
	const struct wb_filter schema = { .ignore = (const char *const[]){ "schema scratch" }, .n_ignore = 1 };
	const struct wb_filter remarks = { .without_privileges = true, .without_comments = true };
	const struct wb_filter all = { .ignore = (const char *const[]){ "*" }, .n_ignore = 1 };

	(void)state;
	assert_left(&none, "app scratch app.tmp_1 app.users(2) scratch.x app.tmp_1.id app.users.id(1) "
			   "app.tmp_view<tmp_1<users");
	assert_left(&plain, "app scratch app.users(2) scratch.x app.users.id(1) app.tmp_view<users");
	assert_left(&kinds, "app scratch app.users(2) scratch.x app.tmp_view<users");
	assert_left(&schema, "app app.tmp_1 app.users(2) app.tmp_1.id app.users.id(1) app.tmp_view<tmp_1<users");
	assert_left(&remarks, "app scratch app.tmp_1 app.users scratch.x app.tmp_1.id app.users.id "
			      "app.tmp_view<tmp_1<users");
	assert_left(&all, "");
}

static void test_hides(void **state)
{
	static const char *const ignore[] = { "app.tmp_*", "table app.users", "schema \"odd.one\"" };
	static const char *const schemas[] = { "app", "odd.one" };
	static const struct {
		struct wb_filter f;
		const char *kind, *path, *attribute;
		bool hides;
	} cases[] = {
		{ { .ignore = NULL }, "table", "app.users", "", false },
		{ { .ignore = ignore, .n_ignore = 3 }, "table", "app.users", "", true },
		{ { .ignore = ignore, .n_ignore = 3 }, "view", "app.users", "", false },
		{ { .ignore = ignore, .n_ignore = 3 }, "column", "app.users.id", "type", true },
		{ { .ignore = ignore, .n_ignore = 3 }, "column", "app.users2.id", "type", false },
		{ { .ignore = ignore, .n_ignore = 3 }, "view", "app.tmp_1", "", true },
		{ { .ignore = ignore, .n_ignore = 3 }, "table", "\"odd.one\".t", "", true },
		{ { .ignore = ignore, .n_ignore = 3 }, "table", "odd.t", "", false },
		{ { .schemas = schemas, .n_schemas = 2 }, "table", "app.t", "", false },
		{ { .schemas = schemas, .n_schemas = 2 }, "table", "\"odd.one\".t", "", false },
		{ { .schemas = schemas, .n_schemas = 2 }, "table", "other.t", "", true },
		{ { .schemas = schemas, .n_schemas = 2 }, "extension", "hstore", "", true },
		{ { .without_privileges = true }, "table", "app.t", "privileges", true },
		{ { .without_comments = true }, "table", "app.t", "comment", true },
		{ { .without_owners = true }, "table", "app.t", "owner", true },
		{ { .without_owners = true }, "table", "app.t", "options", false },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct wb_error err = { 0 };
		bool hides;

		assert_ok(wb_filter_hides(&cases[i].f, cases[i].kind, cases[i].path, cases[i].attribute, &hides, &err),
			  &err);
		if (hides != cases[i].hides)
			print_error("%s %s (%zu)\n", cases[i].kind, cases[i].path, i);
		assert_int_equal(hides, cases[i].hides);
	}
}

static int filter_life(void *user)
{
	const struct wb_filter f = { .ignore = (const char *const[]){ "nothing" }, .n_ignore = 1 };

	return wb_schema_filter(user, &f, NULL);
}

static void test_memory(void **state)
{
	struct wb_model *m = MODEL("postgresql", specs);

	(void)state;
	assert_true(wb_oom_run(filter_life, m) > 0);
	wb_model_free(m);
}

int test_filter(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_filters), cmocka_unit_test(test_compat),
						   cmocka_unit_test(test_hides), cmocka_unit_test(test_memory) };

	return RUN_GROUP("filter");
}
