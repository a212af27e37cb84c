/* SPDX-License-Identifier: Apache-2.0
 *
 * What a rule must have, and the order of rules.
 */
#include "tests.h"

static const char *const id_key[] = { "id" };
static const struct wb_named_value one_column[] = { { "a", NULL } };

static struct wb_transform_rule good(const char *id)
{
	return (struct wb_transform_rule){ .id = id,
					   .file = "rules.yaml",
					   .line = 7,
					   .source = "s",
					   .key = { id_key, 1 },
					   .target = "t",
					   .columns = { one_column, 1 },
					   .priority = 100,
					   .max_errors = -1 };
}

static void expect_order(const struct wb_transform_rule *rules, size_t n, const char *wanted)
{
	wb_autoarena a = WB_ARENA_INIT;
	wb_autostr got = WB_STR_INIT;
	struct wb_error err;
	size_t *order = NULL, i;

	assert_int_equal(wb_rules_order(rules, n, &a, &order, &err), 0);
	for (i = 0; i < n; i++)
		wb_str_add(&got, rules[order[i]].id);
	assert_string_equal(got.p, wanted);
}

static void dependencies_go_before_priorities(void **state)
{
	struct wb_transform_rule r[] = { good("a"), good("b"), good("c"), good("d") };

	(void)state;
	expect_order(r, 4, "abcd");
	r[3].priority = 1;
	expect_order(r, 4, "dabc");
	r[3].depends = (struct wb_texts)TEXTS("c");
	expect_order(r, 4, "abcd");
	r[2].priority = 2;
	expect_order(r, 4, "cdab");
	r[2].depends = (struct wb_texts)TEXTS("a", "b");
	expect_order(r, 4, "abcd");
	expect_order(r, 0, "");
}

static void refuse_order(const struct wb_transform_rule *rules, size_t n, const char *message)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_error err = { 0 };
	size_t *order = NULL;

	assert_int_equal(wb_rules_order(rules, n, &a, &order, &err), WB_EINPUT);
	assert_string_equal(err.message, message);
	assert_string_equal(err.file, "rules.yaml");
	assert_int_equal(err.line, 7);
}

static void circles_are_named(void **state)
{
	struct wb_transform_rule r[] = { good("a"), good("b"), good("c"), good("d") };

	(void)state;
	r[0].depends = (struct wb_texts)TEXTS("b"); /* outside the circle, but waiting for it */
	r[1].depends = (struct wb_texts)TEXTS("c");
	r[2].depends = (struct wb_texts)TEXTS("d");
	r[3].depends = (struct wb_texts)TEXTS("b");
	refuse_order(r, 4, "rules depend on each other in a circle: b -> c -> d -> b");
	r[3].depends = (struct wb_texts)TEXTS("nobody");
	refuse_order(r, 4, "rule d depends on nobody, which is not there");
}

static void refuse(const struct wb_transform_rule *r, size_t n, const char *message)
{
	struct wb_error err = { 0 };

	assert_int_equal(wb_rules_check(r, n, &err), WB_EINPUT);
	assert_string_equal(err.message, message);
	assert_int_equal(err.line, 7);
}

#define REFUSED(message, ...) \
	do { \
		struct wb_transform_rule r = good("a"); \
		struct wb_error err; \
		assert_int_equal(wb_rules_check(&r, 1, &err), 0); \
		__VA_ARGS__; \
		refuse(&r, 1, "rule a: " message); \
	} while (0)

static void what_is_missing_is_told(void **state)
{
	struct wb_transform_rule two[] = { good("x"), good("x") };

	(void)state;
	REFUSED("it has no source", r.source = NULL);
	REFUSED("it has a source and a query", r.query = "SELECT 1");
	REFUSED("it has no key", r.key.n = 0);
	REFUSED("it has no columns", r.columns.n = 0);
	REFUSED("a query cannot be changed in place", (r.target = NULL, r.source = NULL, r.query = "SELECT 1"));
	REFUSED("it updates on conflict, but has no conflict_key", r.on_conflict = WB_CONFLICT_UPDATE);
	REFUSED("on_conflict is for a rule with a target", (r.target = NULL, r.on_conflict = WB_CONFLICT_IGNORE));
	REFUSED("`on_error: continue` needs max_errors", r.on_error = WB_ON_ERROR_CONTINUE);
	REFUSED("it names a table of rejects, but does not collect", r.rejects = "bad");
	REFUSED("it depends on itself", r.depends = (struct wb_texts)TEXTS("a"));
	REFUSED("it changes its own key", (r.target = NULL, r.key = (struct wb_texts)TEXTS("a")));
	REFUSED("it has a program and columns",
		(r.command = (struct wb_texts)TEXTS("x"), r.fields = (struct wb_texts)TEXTS("y")));
	refuse(two, 2, "rule x: there are two of this id");
}

int test_order(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dependencies_go_before_priorities),
		cmocka_unit_test(circles_are_named),
		cmocka_unit_test(what_is_missing_is_told),
	};

	return RUN_GROUP("order");
}
