/* SPDX-License-Identifier: Apache-2.0
 *
 * From an offset in a statement to a place in its file; reading from memory.
 */
#include "tests.h"

static void error_places(void **state)
{
	static const char text[] = "select a,\r\n  é b,\n\n c";
	static const struct {
		size_t offset;
		unsigned line, column, caret;
		const char *excerpt;
	} v[] = {
		{ 0, 5, 9, 0, "select a," }, { 7, 5, 16, 7, "select a," }, { 13, 6, 3, 2, "  é b," },
		{ 16, 6, 6, 5, "  é b," },   { 20, 8, 1, 0, " c" },        { 21, 8, 2, 1, " c" },
		{ 22, 8, 3, 2, " c" },       { 1000, 8, 3, 2, " c" },
	};
	struct wb_pos pos = { 100, 5, 9 };
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++) {
		struct wb_error err = { 0 };

		wb_err_set(&err, WB_ESQL, "x");
		wb_sql_error_place(&err, "a.sql", pos, wb_sv_str(text), v[i].offset);
		assert_string_equal(err.file, "a.sql");
		assert_int_equal(err.line, v[i].line);
		assert_int_equal(err.column, v[i].column);
		assert_string_equal(err.excerpt, v[i].excerpt);
		assert_int_equal(err.caret, v[i].caret);
	}
	wb_sql_error_place(NULL, "a.sql", pos, wb_sv_str(text), 3);
}

static void memory_reader(void **state)
{
	struct wb_mem_reader r = { WB_SV("abcde") };
	char buf[3];
	size_t n;

	(void)state;
	assert_int_equal(wb_mem_read(&r, buf, 3, &n, NULL), 0);
	assert_int_equal(n, 3);
	assert_memory_equal(buf, "abc", 3);
	assert_int_equal(wb_mem_read(&r, buf, 3, &n, NULL), 0);
	assert_int_equal(n, 2);
	assert_int_equal(wb_mem_read(&r, buf, 3, &n, NULL), 0);
	assert_int_equal(n, 0);
	r.rest = wb_sv(NULL, 0);
	assert_int_equal(wb_mem_read(&r, buf, 3, &n, NULL), 0);
	assert_int_equal(n, 0);
}

int test_place(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(error_places),
		cmocka_unit_test(memory_reader),
	};
	return RUN_GROUP("place");
}
