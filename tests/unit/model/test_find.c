/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects, parts and paths out of a finished model, and the list of kinds.
 */
#include "tests.h"

#include "base/base.h"

static struct wb_model *some(void)
{
	struct wb_model *m = wb_model_new("postgresql", NULL);
	struct wb_error err;

	for (int t = 0; t < 5; t++) {
		char table[8], column[8];

		(void)snprintf(table, sizeof(table), "t%d", t);
		assert_non_null(wb_model_add(m, WB_KIND_TABLE, "s", NULL, table));
		for (int c = 0; c < t; c++) {
			(void)snprintf(column, sizeof(column), "c%d", c);
			assert_non_null(wb_model_add(m, WB_KIND_COLUMN, "s", table, column));
			assert_non_null(wb_model_add(m, WB_KIND_INDEX, "s", table, column));
		}
	}
	assert_non_null(wb_model_add(m, WB_KIND_TABLE, "r", NULL, "t3"));
	assert_non_null(wb_model_add(m, WB_KIND_COLUMN, "r", "t3", "only"));
	assert_non_null(wb_model_add(m, WB_KIND_SCHEMA, NULL, NULL, "s"));
	assert_int_equal(wb_model_finish(m, &err), 0);
	return m;
}

static void test_finding(void **state)
{
	struct wb_model *m = some();

	(void)state;
	for (size_t i = 0; i < m->n; i++) {
		const struct wb_object *o = m->v[i];
		assert_ptr_equal(wb_model_find(m, o->kind, o->schema, o->parent, o->name), o);
	}
	assert_null(wb_model_find(m, WB_KIND_TABLE, NULL, NULL, "t1"));
	assert_null(wb_model_find(m, WB_KIND_TABLE, "s", "t1", "t1"));
	assert_null(wb_model_find(m, WB_KIND_TABLE, "s", NULL, "t"));
	assert_null(wb_model_find(m, WB_KIND_TABLE, "s", NULL, "t9"));
	assert_null(wb_model_find(m, WB_KIND_DEFAULT_PRIVILEGES, "s", NULL, "t1"));
	wb_model_free(m);
}

static void test_children(void **state)
{
	struct wb_model *m = some();
	size_t n;

	(void)state;
	for (size_t t = 0; t < 5; t++) {
		char table[8];
		struct wb_object *const *v;

		(void)snprintf(table, sizeof(table), "t%zu", t);
		v = wb_model_children(m, wb_model_find(m, WB_KIND_TABLE, "s", NULL, table), WB_KIND_COLUMN, &n);
		assert_int_equal(n, t);
		for (size_t i = 0; i < n; i++) {
			assert_string_equal(v[i]->parent, table);
			assert_int_equal(v[i]->name[1], '0' + (int)i);
		}
	}
	(void)wb_model_children(m, wb_model_find(m, WB_KIND_TABLE, "r", NULL, "t3"), WB_KIND_COLUMN, &n);
	assert_int_equal(n, 1);
	(void)wb_model_children(m, wb_model_find(m, WB_KIND_TABLE, "r", NULL, "t3"), WB_KIND_INDEX, &n);
	assert_int_equal(n, 0);
	wb_model_free(m);
}

/* Two tables to the one engine, one to the other; what a check says is its own in both. */
static void test_any_case(void **state)
{
	static const char *const engines[] = { "postgresql", "sqlite" };
	const struct wb_path path = { .parts = { "USERS", "EMAIL" }, .n = 2 };

	(void)state;
	for (int any = 0; any < 2; any++) {
		struct wb_model *m = wb_model_new(engines[any], NULL);
		struct wb_object *column;
		size_t n;

		assert_non_null(m);
		assert_non_null(wb_model_add(m, WB_KIND_CONSTRAINT, NULL, "Users", "CHECK (a <> 'x')"));
		assert_non_null(wb_model_add(m, WB_KIND_CONSTRAINT, NULL, "users", "CHECK (a <> 'X')"));
		assert_non_null(wb_model_add(m, WB_KIND_TABLE, NULL, NULL, "_last"));
		assert_non_null(wb_model_add(m, WB_KIND_TABLE, NULL, NULL, "Users"));
		column = wb_model_add(m, WB_KIND_COLUMN, NULL, "users", "eMail");
		assert_non_null(column);
		assert_int_equal(wb_model_finish(m, NULL), 0);
		assert_int_equal(wb_model_find(m, WB_KIND_TABLE, NULL, NULL, "uSERS") != NULL, any);
		assert_int_equal(wb_model_find(m, WB_KIND_COLUMN, NULL, "USERS", "EMAIL") == column, any);
		assert_null(wb_model_find(m, WB_KIND_CONSTRAINT, NULL, "Users", "check (A <> 'x')"));
		(void)wb_model_children(m, wb_model_find(m, WB_KIND_TABLE, NULL, NULL, "Users"), WB_KIND_CONSTRAINT,
					&n);
		assert_int_equal(n, 1 + any);
		assert_int_equal(column->owner != NULL, any);
		assert_int_equal(wb_path_fits(&path, column), any);
		wb_model_free(m);
	}
}

static void test_same_in_any_case(void **state)
{
	struct wb_model *m = wb_model_new("sqlite", NULL);

	(void)state;
	assert_non_null(m);
	assert_non_null(wb_model_add(m, WB_KIND_TABLE, NULL, NULL, "t"));
	assert_non_null(wb_model_add(m, WB_KIND_TABLE, NULL, NULL, "T"));
	assert_int_equal(wb_model_finish(m, NULL), WB_EBUG);
	wb_model_free(m);
}

static void test_paths(void **state)
{
	static const struct {
		struct wb_object o;
		const char *path;
	} cases[] = {
		{ { .name = "t" }, "t" },
		{ { .schema = "app", .name = "t_1" }, "app.t_1" },
		{ { .schema = "app", .parent = "users", .name = "email" }, "app.users.email" },
		{ { .parent = "Odd Name", .name = "t" }, "\"Odd Name\".t" },
		{ { .schema = "S", .name = "a\"b" }, "\"S\".\"a\"\"b\"" },
		{ { .name = "1st" }, "\"1st\"" },
		{ { .name = "" }, "\"\"" },
		{ { .name = "_x" }, "_x" },
		{ { .name = "é" }, "\"é\"" },
		{ { .schema = "app", .name = "f(integer, text)" }, "app.f(integer, text)" },
		{ { .parent = "t", .name = "UNIQUE (a, b)" }, "t.UNIQUE (a, b)" },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		wb_autostr path = WB_STR_INIT;

		assert_true(wb_object_path(&cases[i].o, &path));
		assert_string_equal(path.p, cases[i].path);
	}
}

static int path_life(void *user)
{
	wb_autostr path = WB_STR_INIT;

	return wb_object_path(user, &path) ? 0 : WB_ENOMEM;
}

static void test_path_memory(void **state)
{
	struct wb_object o = { .schema = "A schema", .parent = "a parent", .name = "a name" };

	(void)state;
	assert_true(wb_oom_run(path_life, &o) > 0);
}

static void test_kinds(void **state)
{
	(void)state;
	for (int i = 0; i < WB_KIND_COUNT; i++) {
		enum wb_kind kind;

		assert_true(wb_kind_find(wb_kind_name((enum wb_kind)i), &kind));
		assert_int_equal(kind, i);
		assert_true(strlen(wb_kind_plural((enum wb_kind)i)) > 0);
	}
	enum wb_kind kind = WB_KIND_TABLE;

	assert_false(wb_kind_find("tables", &kind));
	assert_false(wb_kind_find("", &kind));
	assert_int_equal(wb_kind_flags(WB_KIND_COLUMN), WB_KIND_PART | WB_KIND_DATA);
	assert_int_equal(wb_kind_flags(WB_KIND_VIEW), 0);
}

int test_find(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finding),
		cmocka_unit_test(test_children),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_path_memory),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_any_case),
		cmocka_unit_test(test_same_in_any_case),
	};

	return RUN_GROUP("finding");
}
