/* SPDX-License-Identifier: Apache-2.0
 *
 * How long work on whole tables takes: from defaults, from what was seen, and
 * where the size is not known.
 */
#include "tests.h"

#include "safety/risk.h"

#define MIB (INT64_C(1) << 20)

static struct wb_relation table(int64_t bytes, int64_t index_bytes)
{
	return (struct wb_relation){ .name = { "app", "orders" },
				     .flags = WB_REL_SEEN,
				     .rows = bytes < 0 ? -1 : bytes / 100,
				     .bytes = bytes,
				     .index_bytes = index_bytes };
}

static int64_t estimate(const struct wb_relation *r, unsigned work, enum wb_op op, const struct wb_timings *known)
{
	struct wb_touch t = { .name = { "app", "orders" }, .relation = r, .work = work, .work_max = work };
	struct wb_effect e = { .touches = { .v = &t, .n = 1, .cap = 1 } };
	return wb_estimate_ms(&e, op, known);
}

static void defaults(void **state)
{
	(void)state;
	struct wb_relation r = table(600 * MIB, 0);
	assert_int_equal(estimate(&r, 0, WB_OP_COLUMN_ADD, NULL), 0);
	assert_int_equal(estimate(&r, WB_WORK_REWRITE, WB_OP_COLUMN_TYPE, NULL), 10000);
	assert_int_equal(estimate(&r, WB_WORK_INDEX, WB_OP_INDEX_CREATE, NULL), 12000);
	assert_int_equal(estimate(&r, WB_WORK_SCAN, WB_OP_CHECK_ADD, NULL), 1500);
	/* A rewrite writes the indexes, too. */
	r = table(300 * MIB, 300 * MIB);
	assert_int_equal(estimate(&r, WB_WORK_REWRITE | WB_WORK_INDEX, WB_OP_COLUMN_TYPE, NULL), 10000);
}

static void size_unknown(void **state)
{
	(void)state;
	struct wb_relation r = table(-1, -1);
	assert_int_equal(estimate(&r, WB_WORK_SCAN, WB_OP_CHECK_ADD, NULL), -1);
	assert_int_equal(estimate(NULL, WB_WORK_SCAN, WB_OP_CHECK_ADD, NULL), -1);
	assert_int_equal(estimate(NULL, 0, WB_OP_CHECK_ADD, NULL), 0);
}

/* Seen speeds count instead of the defaults; the same operation and about the same size most. */
static void learnt(void **state)
{
	(void)state;
	static const struct wb_timing seen[] = {
		{ WB_OP_COLUMN_TYPE, WB_WORK_REWRITE, 100 * MIB, 5000 }, /* 20 MiB a second */
		{ WB_OP_COLUMN_TYPE, WB_WORK_REWRITE, 110 * MIB, 5500 },
		{ WB_OP_COLUMN_TYPE, WB_WORK_REWRITE, 2 * MIB, 20 }, /* 100: all in memory */
		{ WB_OP_COLUMN_TYPE, WB_WORK_REWRITE, 1000, 1 }, /* too small to say anything */
		{ WB_OP_TABLE_VACUUM_FULL, WB_WORK_REWRITE, 100 * MIB, 1000 },
		{ WB_OP_COLUMN_TYPE, WB_WORK_SCAN, 100 * MIB, 1 },
	};
	const struct wb_timings known = { seen, WB_ARRAY_LEN(seen) };
	struct wb_relation r = table(100 * MIB, 0), small = table(2 * MIB, 0);
	assert_int_equal(estimate(&r, WB_WORK_REWRITE, WB_OP_COLUMN_TYPE, &known), 5000);
	assert_int_equal(estimate(&small, WB_WORK_REWRITE, WB_OP_COLUMN_TYPE, &known), 20);
	assert_int_equal(estimate(&r, WB_WORK_REWRITE, WB_OP_TABLE_VACUUM_FULL, &known), 1000);
	/* Of this kind of work nothing was seen. */
	assert_int_equal(estimate(&r, WB_WORK_INDEX, WB_OP_INDEX_CREATE, &known), 2000);
}

int test_estimate(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(size_unknown),
		cmocka_unit_test(learnt),
	};
	return cmocka_run_group_tests_name("estimate", tests, NULL, NULL);
}
