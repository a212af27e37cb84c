/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8 and columns.
 */
#include "tests.h"

#include "base/banned.h"

static void assert_clean(const char *text, unsigned columns, const char *expected)
{
	wb_autostr out = WB_STR_INIT;

	wb_text_clean(&out, wb_sv_str(text), columns);
	assert_string_equal(out.p, expected);
}

static void decodes(void **state)
{
	static const struct {
		const char *bytes;
		uint32_t c;
		size_t n;
	} cases[] = {
		{ "a", 'a', 1 },
		{ "\xC3\xA4", 0xE4, 2 },
		{ "\xE2\x82\xAC", 0x20AC, 3 },
		{ "\xF0\x9F\x90\xA6", 0x1F426, 4 },
		{ "\xC0\xAF", 0xFFFD, 1 }, /* overlong */
		{ "\xE0\x80\xAF", 0xFFFD, 1 }, /* overlong */
		{ "\xED\xA0\x80", 0xFFFD, 1 }, /* surrogate */
		{ "\xF4\x90\x80\x80", 0xFFFD, 1 }, /* beyond Unicode */
		{ "\xE2\x82", 0xFFFD, 1 }, /* cut */
		{ "\xFF", 0xFFFD, 1 },
		{ "\x80", 0xFFFD, 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		uint32_t c;
		size_t n = wb_utf8_next(wb_sv_str(cases[i].bytes), &c);

		assert_int_equal(c, cases[i].c);
		assert_int_equal(n, cases[i].n);
	}
}

static void measures(void **state)
{
	(void)state;
	assert_int_equal(wb_text_width(wb_sv_str("abc")), 3);
	assert_int_equal(wb_text_width(wb_sv_str("b\xC3\xA4"
						 "d")),
			 3);
	assert_int_equal(wb_text_width(wb_sv_str("be\xCC\x81")), 2); /* combining accent */
	assert_int_equal(wb_text_width(wb_sv_str("\xE6\xBC\xA2\xE5\xAD\x97")), 4); /* two wide characters */
	assert_int_equal(wb_text_width(wb_sv_str("\xF0\x9F\x90\xA6")), 2);
	assert_int_equal(wb_text_width(wb_sv_str("a\tb\n")), 4);
}

static void makes_harmless(void **state)
{
	(void)state;
	assert_clean("a\033[31mb\r\nc", 0, "a [31mb  c");
	assert_clean("bell\a del\x7F", 0, "bell  del ");
	assert_clean("c1 \xC2\x9B"
		     "2J",
		     0, "c1  2J");
	assert_clean("bad \xFF byte", 0, "bad \xEF\xBF\xBD byte");
	assert_clean("turn \xE2\x80\xAE"
		     "round",
		     0, "turn  round"); /* right-to-left override */
}

static void cuts(void **state)
{
	(void)state;
	assert_clean("abcdefgh", 8, "abcdefgh");
	assert_clean("abcdefghi", 8, "abcde...");
	assert_clean("\xE6\xBC\xA2\xE5\xAD\x97\xE6\xBC\xA2\xE5\xAD\x97", 6,
		     "\xE6\xBC\xA2..."); /* a wide one is not halved */
	assert_clean("abcdef", 2, "ab");
}

static void squeezes(void **state)
{
	wb_autostr out = WB_STR_INIT;

	(void)state;
	wb_text_squeeze(&out, wb_sv_str("SELECT  a,\r\n\t\tb \n FROM t"));
	assert_string_equal(out.p, "SELECT a, b FROM t");
}

static void keeps_lines_of_blocks(void **state)
{
	wb_autostr out = WB_STR_INIT;

	(void)state;
	wb_text_block(&out, wb_sv_str("a\tb\r\nc\033[0m"));
	assert_string_equal(out.p, "a\tb\nc [0m");
}

static void counts(void **state)
{
	char buf[40];

	(void)state;
	assert_string_equal(wb_text_count(0, "row", buf, sizeof(buf)), "0 rows");
	assert_string_equal(wb_text_count(1, "row", buf, sizeof(buf)), "1 row");
	assert_string_equal(wb_text_count(2, "row", buf, sizeof(buf)), "2 rows");
}

int test_text(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes), cmocka_unit_test(measures), cmocka_unit_test(makes_harmless),
		cmocka_unit_test(cuts),    cmocka_unit_test(squeezes), cmocka_unit_test(keeps_lines_of_blocks),
		cmocka_unit_test(counts),
	};

	return RUN_GROUP("text");
}
