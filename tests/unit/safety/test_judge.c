/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

/* Without a database: what the words say is certain, the rest is open. */
static void test_text_alone(void **state)
{
	struct wb_world *w = empty_world();
	const struct wb_name what = { NULL, "what" };
	struct wb_effect e = judged(w, OP(COLUMN_ADD, .table = NAME("t"), .object = NAME("c"), .type = "int"));

	(void)state;
	assert_int_equal(e.lock, WB_LOCK_ACCESS_EXCLUSIVE);
	assert_int_equal(e.blocks_reads, WB_YES);
	assert_int_equal(e.rewrites, WB_NO);
	assert_true(e.flags & WB_EFFECT_MORE);
	assert_non_null(e.unknown);
	wb_effect_done(&e);
	e = judged(w, OP(COLUMN_ADD, .table = NAME("t"), .object = NAME("c"), .type = "int", .functions = &what,
			 .n_functions = 1, .flags = WB_WITH_DEFAULT));
	assert_int_equal(e.lock, WB_LOCK_ACCESS_EXCLUSIVE);
	assert_int_equal(e.rewrites, WB_UNKNOWN);
	assert_non_null(strstr(e.unknown, "volatile"));
	wb_effect_done(&e);
	wb_world_free(w);
}

static void test_certain_and_possible(void **state)
{
	struct wb_world *w = empty_world();
	struct wb_effect e = judged(w, OP(COLUMN_SET_NOT_NULL, .table = NAME("t"), .object = NAME("c")));
	struct wb_touch t = touch_of(&e, "t");

	(void)state;
	assert_int_equal(t.lock, WB_LOCK_ACCESS_EXCLUSIVE);
	assert_int_equal(t.lock_max, WB_LOCK_ACCESS_EXCLUSIVE);
	assert_int_equal(t.work, 0);
	assert_int_equal(t.work_max, WB_WORK_SCAN);
	assert_int_equal(e.scans, WB_UNKNOWN);
	wb_effect_done(&e);
	/* A constraint that is a foreign key or not. */
	e = judged(w, OP(CONSTRAINT_VALIDATE, .table = NAME("t"), .object = NAME("k")));
	assert_int_equal(e.lock, WB_LOCK_SHARE_UPDATE_EXCLUSIVE);
	assert_int_equal(e.blocks_writes, WB_NO);
	wb_effect_done(&e);
	wb_world_free(w);
}

/* A column of a world's table: everything is answered. */
static void test_known(void **state)
{
	struct wb_world *w = empty_world();
	struct wb_relation *t = seen(w, "t");

	(void)state;
	column(t, "v", "character varying(20)", 0);
	column(t, "n", "integer", WB_COL_NOT_NULL);
	struct wb_effect e = judged(w, OP(COLUMN_TYPE, .table = NAME("t"), .object = NAME("v"), .type = "text"));
	assert_int_equal(e.rewrites, WB_NO);
	assert_int_equal(e.indexes, WB_NO);
	assert_null(e.unknown);
	wb_effect_done(&e);
	e = judged(w, OP(COLUMN_TYPE, .table = NAME("t"), .object = NAME("n"), .type = "bigint"));
	assert_int_equal(e.rewrites, WB_YES);
	assert_int_equal(e.bytes_read, 1000000);
	assert_int_equal(e.bytes_written, 1100000);
	assert_int_equal(e.rows, 1000);
	wb_effect_done(&e);
	e = judged(w, OP(COLUMN_SET_NOT_NULL, .table = NAME("t"), .object = NAME("n")));
	assert_int_equal(e.scans, WB_NO);
	wb_effect_done(&e);
	wb_world_free(w);
}

static void test_versions(void **state)
{
	struct wb_world *w = empty_world();
	struct wb_effect e;

	(void)state;
	w->server_version = 120022;
	e = judged(w, OP(TABLE_SET_ACCESS_METHOD, .table = NAME("t"), .type = "heap"));
	assert_null(e.fact);
	assert_non_null(e.unknown);
	wb_effect_done(&e);
	w->server_version = 150018;
	e = judged(w, OP(TABLE_SET_ACCESS_METHOD, .table = NAME("t"), .type = "heap"));
	assert_int_equal(e.lock, WB_LOCK_ACCESS_EXCLUSIVE);
	assert_int_equal(e.rewrites, WB_UNKNOWN);
	wb_effect_done(&e);
	wb_world_free(w);
}

static void test_parts(void **state)
{
	struct wb_world *w = empty_world();
	struct wb_relation *m = seen(w, "m"), *m1 = seen(w, "m1"), *md = seen(w, "md");
	struct wb_effect e;

	(void)state;
	m->flags |= WB_REL_PARTITIONED;
	m1->flags |= WB_REL_PARTITION;
	md->flags |= WB_REL_PARTITION | WB_REL_DEFAULT;
	assert_true(wb_relations_add(&m->children, m1) && wb_relations_add(&m->children, md));
	assert_true(wb_relations_add(&m1->parents, m) && wb_relations_add(&md->parents, m));
	e = judged(w, OP(CHECK_ADD, .table = NAME("m"), .object = NAME("k"), .expr = "a > 0"));
	assert_int_equal(touch_of(&e, "m").lock, WB_LOCK_ACCESS_EXCLUSIVE);
	assert_int_equal(touch_of(&e, "m").work, 0);
	assert_int_equal(touch_of(&e, "m1").work, WB_WORK_SCAN);
	assert_int_equal(e.bytes_read, 2000000);
	wb_effect_done(&e);
	e = judged(w, OP(TABLE_CREATE, .table = NAME("m2"), .other = NAME("m"), .flags = WB_WITH_PARTITION));
	assert_int_equal(touch_of(&e, "m").lock, WB_LOCK_ACCESS_EXCLUSIVE);
	assert_int_equal(touch_of(&e, "md").work, WB_WORK_SCAN);
	assert_int_equal(e.lock, WB_LOCK_ACCESS_EXCLUSIVE);
	wb_effect_done(&e);
	e = judged(w, ON_KIND(DROP, TABLE, .object = NAME("m1")));
	assert_int_equal(touch_of(&e, "m").lock, WB_LOCK_ACCESS_EXCLUSIVE);
	assert_int_equal(touch_of(&e, "md").lock, WB_LOCK_ACCESS_EXCLUSIVE);
	wb_effect_done(&e);
	wb_world_free(w);
}

/* Rows of one operation stand together, each with a name of its own and a source. */
static void test_table(void **state)
{
	bool over[WB_OP_COUNT] = { false };

	(void)state;
	for (size_t i = 0; i < wb_facts_postgres_n; i++) {
		const struct wb_fact *f = &wb_facts_postgres[i];

		assert_non_null(wb_fact_label(f));
		assert_non_null(wb_fact_source(f));
		if (i && f[-1].op != f->op)
			over[f[-1].op] = true;
		if (over[f->op])
			fail_msg("%s/%s stands apart", wb_op_name(f->op), f->label);
		for (size_t k = 0; k < i; k++)
			if (wb_facts_postgres[k].op == f->op && !strcmp(wb_facts_postgres[k].label, f->label))
				fail_msg("%s/%s is there twice", wb_op_name(f->op), f->label);
	}
	for (unsigned op = 0; op < WB_OP_COUNT; op++)
		if (!over[op] && wb_facts_postgres[wb_facts_postgres_n - 1].op != op)
			fail_msg("%s has no fact", wb_op_name((enum wb_op)op));
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(wb_lock_name(WB_LOCK_SHARE_ROW_EXCLUSIVE), "SHARE ROW EXCLUSIVE");
	assert_int_equal(wb_lock_blocks(WB_LOCK_SHARE_UPDATE_EXCLUSIVE), WB_BLOCKS_NONE);
	assert_int_equal(wb_lock_blocks(WB_LOCK_SHARE), WB_BLOCKS_WRITES);
	assert_string_equal(wb_blocks_name(wb_lock_blocks(WB_LOCK_ACCESS_EXCLUSIVE)), "reads");
}

int test_judge(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_alone), cmocka_unit_test(test_certain_and_possible),
		cmocka_unit_test(test_known),      cmocka_unit_test(test_versions),
		cmocka_unit_test(test_parts),      cmocka_unit_test(test_table),
		cmocka_unit_test(test_names),
	};

	return RUN_GROUP("judge");
}
