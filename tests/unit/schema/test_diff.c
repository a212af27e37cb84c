/* SPDX-License-Identifier: Apache-2.0
 *
 * What differs between two models: missing, unexpected, changed, each told
 * once, in the order of names.
 */
#include "tests.h"

#include "base/base.h"

static const struct spec before[] = {
	{ .kind = WB_KIND_TABLE, .name = "a" },
	{ .kind = WB_KIND_COLUMN, .parent = "a", .name = "gone", .attrs = { "type", "INT" } },
	{ .kind = WB_KIND_COLUMN,
	  .parent = "a",
	  .name = "id",
	  .attrs = { "default", "1", "position", "1", "type", "INT", "unique", "true" } },
	{ .kind = WB_KIND_TABLE, .name = "lost" },
	{ .kind = WB_KIND_COLUMN, .parent = "lost", .name = "c" },
	{ .kind = WB_KIND_VIEW, .name = "v", .attrs = { "definition", "one" } },
	{ .kind = WB_KIND_TRIGGER, .parent = "v", .name = "r" },
};
static const struct spec after[] = {
	{ .kind = WB_KIND_TABLE, .name = "a", .attrs = { "strict", "true" } },
	{ .kind = WB_KIND_COLUMN,
	  .parent = "a",
	  .name = "id",
	  .attrs = { "collate", "NOCASE", "default", "1", "position", "2", "type", "TEXT" } },
	{ .kind = WB_KIND_COLUMN, .parent = "a", .name = "more" },
	{ .kind = WB_KIND_TABLE, .name = "new" },
	{ .kind = WB_KIND_COLUMN, .parent = "new", .name = "c" },
	{ .kind = WB_KIND_VIEW, .name = "v", .attrs = { "definition", "one" } },
};

/* "-kind path", "+kind path", "~kind path attribute: expected -> actual", one a line. */
static void tell(const struct wb_diff *d, struct wb_str *out)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct wb_difference *x = &d->v[i];
		const struct wb_object *o = x->expected ? x->expected : x->actual;

		wb_str_addf(out, "%c%s ", "-+~"[x->type], wb_kind_name(o->kind));
		assert_true(wb_object_path(o, out));
		if (x->type == WB_DIFF_CHANGED)
			wb_str_addf(out, " %s: %s -> %s", x->attribute, x->expected_value ? x->expected_value : "none",
				    x->actual_value ? x->actual_value : "none");
		wb_str_addc(out, '\n');
	}
}

static void assert_diff(const struct wb_model *expected, const struct wb_model *actual, const char *text)
{
	wb_autostr told = WB_STR_INIT;
	struct wb_diff d;
	struct wb_error err = { 0 };

	assert_ok(wb_schema_diff(expected, actual, &d, &err), &err);
	tell(&d, &told);
	assert_string_equal(told.p, text);
	wb_diff_done(&d);
	assert_int_equal(d.n, 0);
}

static void test_all_types(void **state)
{
	struct wb_model *b = MODEL("sqlite", before), *a = MODEL("sqlite", after);

	(void)state;
	assert_diff(b, a,
		    "~table a strict: none -> true\n-table lost\n+table new\n-column a.gone\n"
		    "~column a.id type: INT -> TEXT\n~column a.id unique: true -> none\n"
		    "~column a.id collate: none -> NOCASE\n+column a.more\n-trigger v.r\n");
	assert_diff(a, b,
		    "~table a strict: true -> none\n+table lost\n-table new\n+column a.gone\n"
		    "~column a.id collate: NOCASE -> none\n~column a.id type: TEXT -> INT\n"
		    "~column a.id unique: none -> true\n-column a.more\n+trigger v.r\n");
	wb_model_free(a);
	wb_model_free(b);
}

static void test_nothing(void **state)
{
	struct wb_model *a = MODEL("sqlite", after), *b = MODEL("sqlite", after), *none = model_from("sqlite", NULL, 0);

	(void)state;
	assert_diff(a, a, "");
	assert_diff(a, b, "");
	assert_diff(none, none, "");
	assert_diff(none, a, "+table a\n+table new\n+view v\n");
	assert_diff(a, none, "-table a\n-table new\n-view v\n");
	wb_model_free(a);
	wb_model_free(b);
	wb_model_free(none);
}

/* To SQLite Name, name and "NAME" are one column; what stands in quotes in an expression may be a text. */
static void test_any_case(void **state)
{
	static const struct spec is[] = {
		{ .kind = WB_KIND_TABLE, .name = "People" },
		{ .kind = WB_KIND_COLUMN,
		  .parent = "People",
		  .name = "Name",
		  .attrs = { "default", "upper(Name, \"a\")" } },
		{ .kind = WB_KIND_INDEX, .parent = "people", .name = "I", .attrs = { "columns", "Name, \"Odd One\"" } },
		{ .kind = WB_KIND_VIEW, .name = "v", .attrs = { "definition", "SELECT Name, 'a'" } },
		{ .kind = WB_KIND_VIEW, .name = "w", .attrs = { "definition", "SELECT Name, 'a'" } },
	};
	static const struct spec wanted[] = {
		{ .kind = WB_KIND_TABLE, .name = "people" },
		{ .kind = WB_KIND_COLUMN,
		  .parent = "people",
		  .name = "name",
		  .attrs = { "default", "UPPER(name, \"A\")" } },
		{ .kind = WB_KIND_INDEX,
		  .parent = "people",
		  .name = "i",
		  .attrs = { "columns", "\"NAME\", \"odd one\"" } },
		{ .kind = WB_KIND_VIEW, .name = "V", .attrs = { "definition", "select name, 'a'" } },
		{ .kind = WB_KIND_VIEW, .name = "W", .attrs = { "definition", "SELECT Name, 'A'" } },
	};
	struct wb_model *e = MODEL("sqlite", wanted), *a = MODEL("sqlite", is);

	(void)state;
	assert_diff(e, a,
		    "~column people.name default: UPPER(name, \"A\") -> upper(Name, \"a\")\n"
		    "~view \"W\" definition: SELECT Name, 'A' -> SELECT Name, 'a'\n");
	wb_model_free(e);
	wb_model_free(a);
}

/* A part whose owner nobody knows is told itself. */
static void test_without_owner(void **state)
{
	static const struct spec parts[] = { { .kind = WB_KIND_INDEX, .parent = "nowhere", .name = "i" } };
	struct wb_model *m = MODEL("sqlite", parts), *none = model_from("sqlite", NULL, 0);

	(void)state;
	assert_diff(m, none, "-index nowhere.i\n");
	wb_model_free(m);
	wb_model_free(none);
}

static void test_severity(void **state)
{
	const struct wb_object table = { .kind = WB_KIND_TABLE, .name = "t" },
			       view = { .kind = WB_KIND_VIEW, .name = "v" };
	const struct {
		struct wb_difference d;
		const char *name;
	} cases[] = {
		{ { .type = WB_DIFF_MISSING, .expected = &table }, "critical" },
		{ { .type = WB_DIFF_UNEXPECTED, .actual = &table }, "critical" },
		{ { .type = WB_DIFF_CHANGED, .expected = &table, .actual = &table, .attribute = "strict" }, "high" },
		{ { .type = WB_DIFF_CHANGED, .expected = &table, .actual = &table, .attribute = "comment" }, "low" },
		{ { .type = WB_DIFF_MISSING, .expected = &view }, "high" },
		{ { .type = WB_DIFF_UNEXPECTED, .actual = &view }, "medium" },
		{ { .type = WB_DIFF_CHANGED, .expected = &view, .actual = &view, .attribute = "definition" },
		  "medium" },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++)
		assert_string_equal(wb_severity_name(wb_difference_severity(&cases[i].d)), cases[i].name);
}

static int diff_life(void *user)
{
	struct wb_model **pair = user;
	struct wb_diff d;
	int rc = wb_schema_diff(pair[0], pair[1], &d, NULL);

	if (rc == 0)
		wb_diff_done(&d);
	return rc;
}

static void test_memory(void **state)
{
	struct wb_model *pair[] = { MODEL("sqlite", before), MODEL("sqlite", after) };

	(void)state;
	assert_true(wb_oom_run(diff_life, pair) > 0);
	wb_model_free(pair[0]);
	wb_model_free(pair[1]);
}

int test_diff(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_types),     cmocka_unit_test(test_nothing),  cmocka_unit_test(test_any_case),
		cmocka_unit_test(test_without_owner), cmocka_unit_test(test_severity), cmocka_unit_test(test_memory),
	};

	return RUN_GROUP("differences");
}
