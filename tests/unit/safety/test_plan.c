/* SPDX-License-Identifier: Apache-2.0
 *
 * Several statements one after the other: the later ones see what the earlier ones have left.
 */
#include "tests.h"

static void run(struct wb_world *w, struct wb_operation op)
{
	struct wb_effect e = judged(w, op);

	wb_effect_done(&e);
}

static void test_made_is_private(void **state)
{
	struct wb_world *w = empty_world();
	struct wb_effect e;

	(void)state;
	run(w, OP(TABLE_CREATE, .table = NAME("t")));
	e = judged(w, OP(INDEX_CREATE, .table = { "public", "t" }, .object = NAME("i")));
	assert_true(touch_of(&e, "t").made);
	assert_int_equal(e.lock, WB_LOCK_NONE);
	assert_int_equal(e.blocks_writes, WB_NO);
	assert_int_equal(e.bytes_read, 0);
	assert_null(e.unknown);
	wb_effect_done(&e);
	/* Its foreign key is felt by the other table. */
	e = judged(w, OP(FOREIGN_KEY_ADD, .table = NAME("t"), .other = NAME("p")));
	assert_int_equal(e.lock, WB_LOCK_SHARE_ROW_EXCLUSIVE);
	assert_int_equal(touch_of(&e, "p").lock, WB_LOCK_SHARE_ROW_EXCLUSIVE);
	wb_effect_done(&e);
	/* Filled, it is still private, but not small any more. */
	run(w, OP(INSERT, .table = NAME("t"), .other = NAME("p")));
	e = judged(w, OP(INDEX_CREATE, .table = NAME("t"), .object = NAME("j")));
	assert_int_equal(e.lock, WB_LOCK_NONE);
	assert_int_equal(e.bytes_read, -1);
	wb_effect_done(&e);
	wb_world_free(w);
}

static void test_names_change(void **state)
{
	struct wb_world *w = empty_world();
	struct wb_relation *t = seen(w, "t");
	struct wb_effect e;

	(void)state;
	column(t, "a", "integer", 0);
	run(w, ON_KIND(RENAME, COLUMN, .table = NAME("t"), .object = NAME("a"), .expr = "b"));
	run(w, ON_KIND(RENAME, TABLE, .object = NAME("t"), .expr = "u"));
	e = judged(w, OP(COLUMN_TYPE, .table = NAME("u"), .object = NAME("b"), .type = "bigint"));
	assert_int_equal(e.rewrites, WB_YES);
	assert_ptr_equal(touch_of(&e, "u").relation, t);
	wb_effect_done(&e);
	/* The type is the new one now. */
	e = judged(w, OP(COLUMN_TYPE, .table = NAME("u"), .object = NAME("b"), .type = "int8"));
	assert_int_equal(e.rewrites, WB_NO);
	wb_effect_done(&e);
	/* Another table of the old name is made, and is another one. */
	run(w, OP(TABLE_CREATE, .table = NAME("t")));
	e = judged(w, OP(COLUMN_ADD, .table = NAME("t"), .object = NAME("x"), .type = "int"));
	assert_true(touch_of(&e, "t").made);
	wb_effect_done(&e);
	wb_world_free(w);
}

static void test_safe_not_null(void **state)
{
	struct wb_world *w = empty_world();
	struct wb_relation *t = seen(w, "t");
	struct wb_effect e;

	(void)state;
	column(t, "a", "integer", 0);
	run(w, OP(CHECK_ADD, .table = NAME("t"), .object = NAME("k"), .expr = "a IS NOT NULL",
		  .flags = WB_WITH_NOT_VALID));
	e = judged(w, OP(COLUMN_SET_NOT_NULL, .table = NAME("t"), .object = NAME("a")));
	assert_int_equal(e.scans, WB_YES); /* not valid yet */
	wb_effect_done(&e);
	run(w, OP(COLUMN_DROP_NOT_NULL, .table = NAME("t"), .object = NAME("a")));
	e = judged(w, OP(CONSTRAINT_VALIDATE, .table = NAME("t"), .object = NAME("k")));
	assert_int_equal(e.lock, WB_LOCK_SHARE_UPDATE_EXCLUSIVE);
	assert_int_equal(e.scans, WB_YES);
	wb_effect_done(&e);
	e = judged(w, OP(COLUMN_SET_NOT_NULL, .table = NAME("t"), .object = NAME("a")));
	assert_int_equal(e.scans, WB_NO);
	wb_effect_done(&e);
	run(w, OP(CONSTRAINT_DROP, .table = NAME("t"), .object = NAME("k")));
	assert_null(wb_relation_constraint(t, "k"));
	wb_world_free(w);
}

static void test_gone(void **state)
{
	struct wb_world *w = empty_world();
	struct wb_relation *t = seen(w, "t"), *m = seen(w, "m");

	(void)state;
	assert_true(wb_relations_add(&m->children, t) && wb_relations_add(&t->parents, m));
	run(w, ON_KIND(DROP, TABLE, .object = NAME("t")));
	assert_true(t->flags & WB_REL_GONE);
	assert_int_equal(m->children.n, 0);
	run(w, OP(TABLE_CREATE, .table = NAME("t")));
	assert_ptr_equal(wb_world_find(w, NAME("t")), t);
	assert_false(t->flags & WB_REL_GONE);
	assert_int_equal(t->rows, 0);
	wb_world_free(w);
}

static void test_session(void **state)
{
	struct wb_world *w = empty_world();

	(void)state;
	run(w, OP(SET, .object = NAME("search_path"), .expr = "app, \"Odd\", public"));
	assert_int_equal(w->n_path, 3);
	assert_string_equal(w->path[1], "Odd");
	run(w, OP(TABLE_CREATE, .table = NAME("t")));
	assert_non_null(wb_world_find(w, (struct wb_name){ "app", "t" }));
	assert_null(wb_world_find(w, (struct wb_name){ "public", "t" }));
	run(w, OP(SET, .object = NAME("timezone"), .expr = "UTC"));
	assert_int_equal(w->utc, WB_YES);
	wb_world_free(w);
}

/* A statement of several operations: each relation once, with the strongest. */
static void test_together(void **state)
{
	struct wb_world *w = empty_world();
	struct wb_operation v[] = {
		OP(COLUMN_SET_STATISTICS, .table = NAME("t"), .object = NAME("a")),
		OP(COLUMN_TYPE, .table = NAME("t"), .object = NAME("a"), .type = "bigint"),
		OP(COLUMN_TYPE, .table = NAME("t"), .object = NAME("b"), .type = "bigint"),
	};
	struct wb_operations ops = { .v = v, .n = WB_ARRAY_LEN(v) };
	struct wb_relation *t = seen(w, "t");
	struct wb_effect e;

	(void)state;
	column(t, "a", "integer", 0);
	column(t, "b", "integer", 0);
	assert_int_equal(wb_judge_all(w, &ops, &e, NULL), 0);
	assert_int_equal(e.touches.n, 1);
	assert_int_equal(e.lock, WB_LOCK_ACCESS_EXCLUSIVE);
	assert_int_equal(e.bytes_read, 1000000); /* once */
	wb_effect_done(&e);
	ops = (struct wb_operations){ .v = v, .n = 1, .unknown = "it cannot be read" };
	assert_int_equal(wb_judge_all(w, &ops, &e, NULL), 0);
	assert_int_equal(e.rewrites, WB_UNKNOWN);
	assert_int_equal(e.blocks_reads, WB_UNKNOWN);
	wb_effect_done(&e);
	wb_world_free(w);
}

/* A short plan, with whatever a world can hold. */
static int run_all(void *user)
{
	const char *columns[] = { "a", NULL };
	const struct wb_name what = { NULL, "what" };
	struct wb_operation v[] = {
		OP(TABLE_CREATE, .table = NAME("t"), .flags = WB_WITH_PARTITIONED),
		OP(TABLE_CREATE, .table = NAME("u"), .other = NAME("t"), .flags = WB_WITH_PARTITION),
		OP(COLUMN_ADD, .table = NAME("t"), .object = NAME("a"), .type = "int", .functions = &what,
		   .n_functions = 1, .flags = WB_WITH_DEFAULT),
		OP(INDEX_CREATE, .table = NAME("t"), .object = NAME("i"), .columns = columns, .n_columns = 2),
		OP(FOREIGN_KEY_ADD, .table = NAME("t"), .object = NAME("k"), .other = NAME("p"), .columns = columns,
		   .n_columns = 1),
		OP(COLUMN_SET_NOT_NULL, .table = NAME("far"), .object = NAME("a")),
		ON_KIND(CREATE, DOMAIN, .object = NAME("d"), .type = "int"),
		ON_KIND(RENAME, TABLE, .object = NAME("t"), .expr = "t2"),
		OP(SET, .object = NAME("search_path"), .expr = "a, b"),
		ON_KIND(DROP, TABLE, .object = NAME("t2")),
	};
	struct wb_operations ops = { .v = v, .n = WB_ARRAY_LEN(v) };
	struct wb_world *w = wb_world_new();
	struct wb_effect e;
	int rc = w ? wb_judge_all(w, &ops, &e, NULL) : WB_ENOMEM;

	(void)user;
	if (rc == 0)
		wb_effect_done(&e);
	wb_world_free(w);
	return rc;
}

static void test_memory(void **state)
{
	(void)state;
	assert_true(wb_oom_run(run_all, NULL) > 20);
}

int test_plan(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_is_private), cmocka_unit_test(test_names_change),
		cmocka_unit_test(test_safe_not_null),   cmocka_unit_test(test_gone),
		cmocka_unit_test(test_session),         cmocka_unit_test(test_together),
		cmocka_unit_test(test_memory),
	};

	return RUN_GROUP("plan");
}
