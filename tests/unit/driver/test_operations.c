/* SPDX-License-Identifier: Apache-2.0
 *
 * What statements do: all of operations.txt; one with very many rows; drivers
 * that read none; and memory that runs out on the way.
 */
#include "tests.h"

#include "tests/unit/oom.h"
#include "tests/unit/operations.h"

#include "base/banned.h"

static void operations_forms(void **state)
{
	(void)state;
	check_operations(wb_sqlite_driver(), "unit/driver/operations.txt", 80);
}

static void operations_rows(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	wb_autostr text = WB_STR_INIT;
	struct wb_operations ops = { 0 };

	(void)state;
	wb_str_add(&text, "INSERT INTO t (a) VALUES (1)");
	while (text.n < (size_t)8 << 20)
		wb_str_add(&text, ", ('it''s one more row')");
	assert_int_equal(wb_driver_operations(wb_sqlite_driver(), wb_str_sv(&text), &a, &ops, NULL), 0);
	assert_int_equal(ops.n, 1);
	assert_int_equal(ops.v[0].code, WB_OP_INSERT);
	assert_null(ops.unknown);
}

static void operations_none(void **state)
{
	static const struct wb_driver silent = { .name = "silent" };
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_operations ops = { 0 };

	(void)state;
	assert_int_equal(wb_driver_operations(&silent, WB_SV("DROP TABLE t"), &a, &ops, NULL), 0);
	assert_int_equal(ops.n, 1);
	assert_int_equal(ops.v[0].code, WB_OP_UNKNOWN);
	assert_non_null(ops.unknown);
}

static int read_it(void *statement)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_operations ops = { 0 };

	return wb_driver_operations(wb_sqlite_driver(), wb_sv_str(statement), &a, &ops, NULL);
}

static void operations_memory(void **state)
{
	static const char *const statements[] = {
		("CREATE TABLE main.t (a varchar(20) DEFAULT (f(1)) NOT NULL REFERENCES o, CONSTRAINT k CHECK (g(a)), "
		 "UNIQUE (a, b))"),
		"ALTER TABLE t ADD c int, ALTER d TYPE text, RENAME a TO b",
		"CREATE INDEX i ON t (a, lower(b)) WHERE c",
		"WITH x AS (SELECT 1) UPDATE t SET a = 1, b = f(2) WHERE d",
		"INSERT INTO t (a, b) SELECT f(a) FROM s",
		"PRAGMA foreign_keys = ON",
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(statements); i++) {
		char text[256];

		assert_true(wb_sv_copy(wb_sv_str(statements[i]), text, sizeof(text)));
		assert_true(wb_oom_run(read_it, text) > 0);
	}
}

int test_operations(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_forms),
		cmocka_unit_test(operations_rows),
		cmocka_unit_test(operations_none),
		cmocka_unit_test(operations_memory),
	};

	return cmocka_run_group_tests_name("driver operations", tests, NULL, NULL);
}
