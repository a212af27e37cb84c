/* SPDX-License-Identifier: Apache-2.0
 *
 * The excerpt of an error: the right line, the right caret, printable UTF-8
 * whatever the input is.
 */
#include "tests.h"

static void check(const char *text, size_t n, size_t offset, const char *excerpt, unsigned caret)
{
	struct wb_error e = { .code = WB_EINPUT };

	wb_err_excerpt(&e, wb_sv(text, n), offset);
	assert_string_equal(e.excerpt, excerpt);
	assert_int_equal(e.caret, caret);
}

static void finds_the_line(void **state)
{
	static const char text[] = "first\nsecond line\r\n\nlast";
	const size_t n = sizeof(text) - 1;

	(void)state;
	check(text, n, 0, "first", 0);
	check(text, n, 4, "first", 4);
	check(text, n, 5, "first", 5);
	check(text, n, 6, "second line", 0);
	check(text, n, 13, "second line", 7);
	check(text, n, 17, "second line", 11);
	check(text, n, 18, "second line", 11);
	check(text, n, 19, "", 0);
	check(text, n, 20, "last", 0);
	check(text, n, 24, "last", 4);
	check(text, n, SIZE_MAX, "last", 4);
	check("x\n", 2, 2, "", 0);
	check(NULL, 0, 0, "", 0);
	check(NULL, 0, 7, "", 0);
}

static void makes_bytes_printable(void **state)
{
	(void)state;
	check("a\tb\x1b[1m\x7f", 8, 2, "a b [1m ", 2);
	check("a\0b", 3, 2, "a b", 2);
	check("\xc2\x9b"
	      "5n",
	      4, 2, "  5n", 2); /* a terminal's other escape */
	check("a\xff\xc3", 3, 2, "a??", 2); /* no UTF-8 */
	check("\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80", 9, 9, "?????????", 9);
	check("\xc3\xa4\xe2\x82\xac", 5, 3, "\xc3\xa4\xe2\x82\xac", 2); /* inside a character: its start */
}

static void shows_a_window_of_a_long_line(void **state)
{
	char text[2000];
	struct wb_error e = { .code = WB_EINPUT };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 26);
	for (i = 0; i <= sizeof(text); i++) {
		wb_err_excerpt(&e, wb_sv(text, sizeof(text)), i);
		assert_int_equal(strlen(e.excerpt), 200);
		assert_true(e.caret <= 200);
		assert_true(e.caret < 200 || i == sizeof(text));
		if (i < sizeof(text))
			assert_int_equal(e.excerpt[e.caret], text[i]);
		if (i >= 100 && i + 100 < sizeof(text))
			assert_int_equal(e.caret, 100);
	}
}

static void windows_keep_characters_whole(void **state)
{
	char text[1500];
	struct wb_error e = { .code = WB_EINPUT };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(text); i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	for (i = 0; i < sizeof(text); i++) {
		wb_err_excerpt(&e, wb_sv(text, sizeof(text)), i);
		assert_true(is_utf8(e.excerpt, strlen(e.excerpt)));
		assert_null(strchr(e.excerpt, '?'));
		assert_true(strlen(e.excerpt) >= 195 && strlen(e.excerpt) <= 200);
		assert_int_equal(e.caret % 3, 0);
		assert_int_equal((unsigned char)e.excerpt[e.caret], 0xe2);
	}
}

/* Random bytes, rich in line ends and starts of characters; the seed is fixed. */
static void takes_any_bytes(void **state)
{
	static const char alphabet[] = "\n\r\t\x80\xbf\xc2\xe2\xf0\x9f\xff"
				       "ab";
	struct wb_retry random = { .seed = 4711 };
	struct wb_error e = { .code = WB_EINPUT };
	char text[700];
	size_t round, i, n, offset;

	(void)state;
	for (round = 0; round < 3000; round++) {
		n = (size_t)wb_retry_jitter(&random, 0, sizeof(text));
		for (i = 0; i < n; i++) {
			text[i] = (char)wb_retry_jitter(&random, 0, 255);
			if (round % 2)
				text[i] = alphabet[wb_retry_jitter(&random, round % 4 == 1 ? 0 : 1, 11)];
		}
		offset = (size_t)wb_retry_jitter(&random, 0, (int64_t)n + 2);
		wb_err_excerpt(&e, wb_sv(text, n), offset);
		assert_true(strlen(e.excerpt) <= 200);
		assert_true(e.caret <= strlen(e.excerpt));
		assert_true(is_utf8(e.excerpt, strlen(e.excerpt)));
		for (i = 0; e.excerpt[i]; i++)
			assert_true((unsigned char)e.excerpt[i] >= 0x20 && e.excerpt[i] != 0x7f);
	}
}

int test_excerpt(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_line),
		cmocka_unit_test(makes_bytes_printable),
		cmocka_unit_test(shows_a_window_of_a_long_line),
		cmocka_unit_test(windows_keep_characters_whole),
		cmocka_unit_test(takes_any_bytes),
	};

	return RUN_GROUP("excerpt");
}
