/* SPDX-License-Identifier: Apache-2.0
 *
 * The order in which objects can be made: after what they need, in circles, in
 * chains deeper than a thread's stack.
 */
#include "tests.h"

#include "base/base.h"

static void assert_order(const struct wb_model *m, const char *expected)
{
	wb_autostr names = WB_STR_INIT;
	struct wb_object **v = NULL;
	struct wb_error err = { 0 };

	assert_non_null(m);
	assert_ok(wb_schema_order(m, &v, &err), &err);
	for (size_t i = 0; i < m->n; i++)
		wb_str_addf(&names, "%s%s", i ? " " : "", v[i]->name);
	assert_string_equal(names.p, expected);
	free(v);
}

static void test_needs_first(void **state)
{
	static const struct spec specs[] = {
		{ .kind = WB_KIND_VIEW, .name = "a", .needs = { "c", "t" } },
		{ .kind = WB_KIND_VIEW, .name = "b", .needs = { "d" } },
		{ .kind = WB_KIND_VIEW, .name = "c", .needs = { "b" } },
		{ .kind = WB_KIND_VIEW, .name = "d" },
		{ .kind = WB_KIND_TABLE, .name = "t", .needs = { "f()" } },
		{ .kind = WB_KIND_FUNCTION, .name = "f()" },
		{ .kind = WB_KIND_TRIGGER, .parent = "t", .name = "r", .needs = { "a" } },
	};
	struct wb_model *m = MODEL("sqlite", specs);

	(void)state;
	assert_order(m, "f() t d b c a r");
	wb_model_free(m);
}

static void test_schemas_and_owners(void **state)
{
	static const struct spec specs[] = {
		{ .kind = WB_KIND_ENUM, .schema = "s", .name = "e" },
		{ .kind = WB_KIND_SCHEMA, .name = "s" },
		{ .kind = WB_KIND_COLUMN, .schema = "s", .parent = "t", .name = "c", .needs = { "e" } },
		{ .kind = WB_KIND_TABLE, .schema = "s", .name = "t" },
		{ .kind = WB_KIND_COLUMN, .schema = "s", .parent = "d", .name = "x" },
		{ .kind = WB_KIND_DOMAIN, .schema = "s", .name = "d" },
	};
	struct wb_model *m = MODEL("postgresql", specs);

	(void)state;
	assert_order(m, "s e d t x c");
	wb_model_free(m);
}

/* What the columns of a table need comes before it, since they are made with it. */
static void test_needs_of_columns(void **state)
{
	static const struct spec specs[] = {
		{ .kind = WB_KIND_TABLE, .name = "a" },
		{ .kind = WB_KIND_COLUMN, .parent = "a", .name = "ca", .needs = { "z" } },
		{ .kind = WB_KIND_COLUMN, .parent = "a", .name = "cb", .needs = { "ca" } },
		{ .kind = WB_KIND_TABLE, .name = "z" },
	};
	struct wb_model *m = MODEL("postgresql", specs);

	(void)state;
	assert_order(m, "z a ca cb");
	wb_model_free(m);
}

static void test_cycles(void **state)
{
	static const struct spec specs[] = {
		{ .kind = WB_KIND_VIEW, .name = "a", .needs = { "b" } },
		{ .kind = WB_KIND_VIEW, .name = "b", .needs = { "c" } },
		{ .kind = WB_KIND_VIEW, .name = "c", .needs = { "a" } },
		{ .kind = WB_KIND_VIEW, .name = "self", .needs = { "self" } },
	};
	struct wb_model *m = MODEL("sqlite", specs);

	(void)state;
	assert_order(m, "c b a self");
	wb_model_free(m);
}

static void test_empty(void **state)
{
	struct wb_model *m = model_from("sqlite", NULL, 0);

	(void)state;
	assert_order(m, "");
	wb_model_free(m);
}

/* v000000 needs v000001 needs … */
static struct wb_model *chain(int n)
{
	struct wb_model *m = wb_model_new("sqlite", NULL);
	struct wb_error err = { 0 };

	for (int i = 0; i < n; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "v%06d", i);
		assert_non_null(wb_model_add(m, WB_KIND_VIEW, NULL, NULL, name));
	}
	for (int i = 0; i + 1 < n; i++)
		assert_true(wb_object_need(m, m->v[i], m->v[i + 1]));
	assert_ok(wb_model_finish(m, &err), &err);
	return m;
}

static void test_deep(void **state)
{
	int n = 100000;
	struct wb_model *m = chain(n);
	struct wb_object **v;
	struct wb_error err = { 0 };

	(void)state;
	assert_ok(wb_schema_order(m, &v, &err), &err);
	for (int i = 0; i < n; i++)
		assert_ptr_equal(v[i], m->v[n - 1 - i]);
	free(v);
	wb_model_free(m);
}

static int order_life(void *user)
{
	struct wb_object **v;
	int rc = wb_schema_order(user, &v, NULL);

	if (rc == 0)
		free(v);
	return rc;
}

static void test_memory(void **state)
{
	struct wb_model *m = chain(100);

	(void)state;
	assert_true(wb_oom_run(order_life, m) > 1);
	wb_model_free(m);
}

int test_order(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_needs_first),
		cmocka_unit_test(test_schemas_and_owners),
		cmocka_unit_test(test_needs_of_columns),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_memory),
	};

	return RUN_GROUP("order");
}
