/* SPDX-License-Identifier: Apache-2.0
 *
 * What statements do: all of operations.txt; statements too large or too odd for
 * the parser; and memory that runs out on the way. No server is needed.
 */
#include "tests/unit/driver_pg/tests.h"

#include "tests/unit/oom.h"
#include "tests/unit/operations.h"

#include "base/banned.h"

static void test_operations_forms(void **state)
{
	(void)state;
	check_operations(wb_postgres_driver(), "unit/driver_pg/operations.txt", 350);
}

static void first_of(struct wb_sv statement, struct wb_arena *a, struct wb_operation *ret_op, const char **ret_unknown)
{
	struct wb_operations ops = { 0 };
	struct wb_error err = { 0 };
	assert_int_equal(wb_pg_operations(statement, a, &ops, &err), 0);
	assert_true(ops.n > 0);
	*ret_op = ops.v[0];
	*ret_unknown = ops.unknown;
}

/* Never a tree for it: its rows change nothing of what it does. */
static void test_operations_payload(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	wb_autostr text = WB_STR_INIT;
	struct wb_operation op;
	const char *unknown;
	(void)state;
	wb_str_add(&text, "INSERT INTO app.\"T\" (a, b) VALUES (1, 'x')");
	while (text.n < (size_t)2 << 20)
		wb_str_add(&text, ", (2, 'select ''it''')");
	first_of(wb_str_sv(&text), &a, &op, &unknown);
	assert_int_equal(op.code, WB_OP_INSERT);
	assert_string_equal(op.table.schema, "app");
	assert_string_equal(op.table.name, "T");
	assert_null(unknown);
}

static void test_operations_guarded(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	wb_autostr text = WB_STR_INIT;
	struct wb_operation op;
	const char *unknown;
	(void)state;
	wb_str_add(&text, "ALTER TABLE app.t ADD CHECK (");
	for (int i = 0; i < 500; i++)
		wb_str_add(&text, "(");
	first_of(wb_str_sv(&text), &a, &op, &unknown);
	assert_int_equal(op.code, WB_OP_UNKNOWN);
	assert_string_equal(op.table.name, "t");
	assert_non_null(strstr(unknown, "too deeply nested"));
}

/* The parser cuts names at 63 bytes, here within a character. */
static void test_operations_names(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	wb_autostr text = WB_STR_INIT;
	struct wb_operation op;
	const char *unknown;
	(void)state;
	wb_str_add(&text, "DROP TABLE aa");
	for (int i = 0; i < 40; i++)
		wb_str_add(&text, "ö");
	first_of(wb_str_sv(&text), &a, &op, &unknown);
	assert_int_equal(strlen(op.table.name), 62);
}

static void test_operations_long(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	wb_autostr text = WB_STR_INIT;
	struct wb_operation op;
	const char *unknown;
	(void)state;
	wb_str_add(&text, "ALTER TABLE t ALTER c SET DEFAULT '");
	for (int i = 0; i < 10000; i++)
		wb_str_add(&text, "1234567890");
	wb_str_add(&text, "'");
	first_of(wb_str_sv(&text), &a, &op, &unknown);
	assert_int_equal(strlen(op.expr), 64 << 10);
}

static void test_operations_two(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_operation op;
	const char *unknown;
	(void)state;
	first_of(WB_SV("DROP TABLE a; DROP TABLE b"), &a, &op, &unknown);
	assert_int_equal(op.code, WB_OP_UNKNOWN);
	assert_non_null(unknown);
	first_of(WB_SV(""), &a, &op, &unknown);
	assert_int_equal(op.code, WB_OP_UNKNOWN);
}

static int read_it(void *statement)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_operations ops = { 0 };
	return wb_pg_operations(wb_sv_str(statement), &a, &ops, NULL);
}

static void test_operations_memory(void **state)
{
	static const char *const statements[] = {
		"ALTER TABLE app.t ADD c varchar(20) DEFAULT f('x') NOT NULL CHECK (g(c) > 0), ALTER d TYPE int USING "
		"h(d), "
		"SET (fillfactor = 70, autovacuum_enabled = off), ADD CONSTRAINT k FOREIGN KEY (a, b) REFERENCES o NOT "
		"VALID",
		"CREATE TABLE p1 PARTITION OF p (a DEFAULT f(1), UNIQUE (a, b)) FOR VALUES IN (1)",
		"CREATE INDEX i ON t (a, lower(b)) WHERE f(c)",
		"CREATE FUNCTION app.f(a int, b text[]) RETURNS int LANGUAGE sql AS ''",
		"CREATE SCHEMA s CREATE TABLE t (a int)",
		"ALTER TABLE t ADD CONSTRAINT n NOT NULL c NOT VALID, ALTER d SET EXPRESSION AS (f(a))",
		"WITH x AS (DELETE FROM t) INSERT INTO u SELECT f(a) FROM app.v",
		"SELECT set_config('search_path', 'app', true)",
		"SET LOCAL search_path = a, b",
		"CREATE DOMAIN d AS text CHECK (VALUE <> '')",
		"UPDATE app.t SET a = FLY FLY WHERE",
	};
	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(statements); i++) {
		char text[512];
		(void)wb_sv_copy(wb_sv_str(statements[i]), text, sizeof(text));
		assert_true(wb_oom_run(read_it, text) > 0);
	}
}

int test_operations(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operations_forms),   cmocka_unit_test(test_operations_payload),
		cmocka_unit_test(test_operations_guarded), cmocka_unit_test(test_operations_names),
		cmocka_unit_test(test_operations_long),    cmocka_unit_test(test_operations_two),
		cmocka_unit_test(test_operations_memory),
	};
	return cmocka_run_group_tests_name("driver_pg operations", tests, NULL, NULL);
}
