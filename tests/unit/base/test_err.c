/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling errors: codes, clearing, cutting between characters.
 */
#include "tests.h"

#include <errno.h>

static void codes_are_known(void **state)
{
	(void)state;
	assert_string_equal(wb_code_name(WB_EBUSY), "WB_EBUSY");
	assert_string_equal(wb_code_name(WB_OK), "WB_OK");
	assert_int_equal(wb_code_exit_status(WB_OK), 0);
	assert_int_equal(wb_code_exit_status(WB_EBUSY), 5);
	assert_int_equal(wb_code_exit_status(WB_ECANCELLED), 130);
	assert_string_equal(wb_code_text(WB_ENOMEM), "out of memory");
#define X(name, number, status, text) \
	assert_string_equal(wb_code_name(-(number)), "WB_" #name); \
	assert_string_equal(wb_code_text(-(number)), text); \
	assert_int_equal(wb_code_exit_status(-(number)), status);
	WB_ERROR_MAP(X)
#undef X
}

static void unknown_codes_are_a_defect(void **state)
{
	static const int unknown[] = { 1, 1000, -1000, INT32_MAX, INT32_MIN };
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(unknown); i++) {
		assert_string_equal(wb_code_name(unknown[i]), "WB_EBUG");
		assert_string_equal(wb_code_text(unknown[i]), "a defect in Whimbrel");
		assert_int_equal(wb_code_exit_status(unknown[i]), 70);
	}
}

static void set_clears_the_rest(void **state)
{
	struct wb_error e;

	(void)state;
	memset(&e, 'x', sizeof(e));
	assert_int_equal(wb_err_set(&e, WB_EINPUT, "%s is %d", "this", 5), WB_EINPUT);
	assert_int_equal(e.code, WB_EINPUT);
	assert_string_equal(e.message, "this is 5");
	assert_string_equal(e.detail, "");
	assert_string_equal(e.hint, "");
	assert_string_equal(e.sqlstate, "");
	assert_string_equal(e.version, "");
	assert_string_equal(e.file, "");
	assert_string_equal(e.excerpt, "");
	assert_int_equal(e.line + e.column + e.caret + e.statement, 0);
}

static void may_quote_itself(void **state)
{
	struct wb_error e;

	(void)state;
	(void)wb_err_set(&e, WB_EIO, "inner");
	wb_err_detail(&e, "cause");
	(void)wb_err_set(&e, WB_EFAILED, "outer (%s, %s)", e.message, e.detail);
	assert_string_equal(e.message, "outer (inner, cause)");
	wb_err_prefix(&e, "%s again", e.message);
	assert_string_equal(e.message, "outer (inner, cause) again: outer (inner, cause)");
	wb_err_place(&e, "a.sql", 3, 4);
	wb_err_place(&e, e.file, 5, 6);
	assert_string_equal(e.file, "a.sql");
	assert_int_equal(e.line, 5);
	assert_int_equal(e.column, 6);
	wb_err_place(&e, NULL, 0, 0);
	assert_string_equal(e.file, "");
}

static void needs_no_error(void **state)
{
	(void)state;
	assert_int_equal(wb_err_set(NULL, WB_EBUG, "x"), WB_EBUG);
	assert_int_equal(wb_err_errno(NULL, WB_EIO, "x"), WB_EIO);
	assert_int_equal(wb_err_nomem(NULL), WB_ENOMEM);
	wb_err_detail(NULL, "x");
	wb_err_hint(NULL, "x");
	wb_err_place(NULL, "x", 1, 1);
	wb_err_excerpt(NULL, WB_SV("x"), 0);
	wb_err_prefix(NULL, "x");
}

static void tells_the_system_cause(void **state)
{
	struct wb_error e;

	(void)state;
	errno = ELOOP;
	assert_int_equal(wb_err_errno(&e, WB_EIO, "cannot open %s", "x"), WB_EIO);
	assert_string_equal(e.message, "cannot open x");
	assert_string_equal(e.detail, "Too many levels of symbolic links");
	assert_int_equal(errno, ELOOP);
	assert_int_equal(wb_err_nomem(&e), WB_ENOMEM);
	assert_string_equal(e.message, "out of memory");
	assert_string_equal(e.detail, "");
}

/* Each field is filled with characters of 3 bytes, after 0 to 2 bytes that shift them. */
static void cuts_between_characters(void **state)
{
	char text[4096] = "";
	struct wb_error e;
	size_t shift, i;

	(void)state;
	for (shift = 0; shift < 3; shift++) {
		memset(text, 'a', shift);
		for (i = shift; i + 4 < sizeof(text); i += 3)
			memcpy(text + i, "\xe2\x82\xac", 4);
		(void)wb_err_set(&e, WB_EIO, "%s", text);
		assert_int_equal(strlen(e.message), sizeof(e.message) - 1 - (sizeof(e.message) - 1 - shift) % 3);
		assert_true(is_utf8(e.message, strlen(e.message)));
		wb_err_detail(&e, "%s", text);
		assert_int_equal(strlen(e.detail), sizeof(e.detail) - 1 - (sizeof(e.detail) - 1 - shift) % 3);
		assert_true(is_utf8(e.detail, strlen(e.detail)));
		wb_err_hint(&e, "%s", text);
		assert_int_equal(strlen(e.hint), sizeof(e.hint) - 1 - (sizeof(e.hint) - 1 - shift) % 3);
		assert_true(is_utf8(e.hint, strlen(e.hint)));
		wb_err_place(&e, text, 1, 1);
		assert_true(strlen(e.file) > sizeof(e.file) - 5);
		assert_true(is_utf8(e.file, strlen(e.file)));
		wb_err_prefix(&e, "%s", "\xe2\x82\xac");
		assert_true(strlen(e.message) > sizeof(e.message) - 5);
		assert_true(is_utf8(e.message, strlen(e.message)));
		wb_err_prefix(&e, "%s", text);
		assert_true(is_utf8(e.message, strlen(e.message)));
	}
}

int test_err(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_known),         cmocka_unit_test(unknown_codes_are_a_defect),
		cmocka_unit_test(set_clears_the_rest),     cmocka_unit_test(may_quote_itself),
		cmocka_unit_test(needs_no_error),          cmocka_unit_test(tells_the_system_cause),
		cmocka_unit_test(cuts_between_characters),
	};

	return RUN_GROUP("err");
}
