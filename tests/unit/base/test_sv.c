/* SPDX-License-Identifier: Apache-2.0
 *
 * Views: comparison, cutting, numbers, durations.
 */
#include "tests.h"

static void compares(void **state)
{
	(void)state;
	assert_true(wb_sv_eq(WB_SV("ab"), wb_sv("abc", 2)));
	assert_false(wb_sv_eq(WB_SV("ab"), WB_SV("abc")));
	assert_true(wb_sv_eq(wb_sv(NULL, 0), WB_SV("")));
	assert_true(wb_sv_eq(wb_sv("a\0b", 3), wb_sv("a\0b", 3)));
	assert_false(wb_sv_eq(wb_sv("a\0b", 3), wb_sv("a\0c", 3)));
	assert_true(wb_sv_ieq(WB_SV("SeLeCt"), "sElEcT"));
	assert_false(wb_sv_ieq(WB_SV("selec"), "select"));
	assert_false(wb_sv_ieq(WB_SV("selects"), "select"));
	assert_false(wb_sv_ieq(WB_SV("@"), "`")); /* one bit apart, like A and a */
	assert_false(wb_sv_ieq(WB_SV("\xc3\x84"), "\xc3\xa4"));
}

static void looks_at_ends(void **state)
{
	(void)state;
	assert_true(wb_sv_starts(WB_SV("migrate:up"), "migrate:"));
	assert_false(wb_sv_starts(WB_SV("migrat"), "migrate:"));
	assert_false(wb_sv_starts(WB_SV("Migrate:up"), "migrate:"));
	assert_true(wb_sv_istarts(WB_SV("Migrate:up"), "mIGRATE:"));
	assert_false(wb_sv_istarts(WB_SV("migrat"), "migrate"));
	assert_true(wb_sv_ends(WB_SV("a.up.sql"), ".up.sql"));
	assert_false(wb_sv_ends(WB_SV("p.sql"), ".up.sql"));
	assert_true(wb_sv_starts(wb_sv(NULL, 0), ""));
	assert_true(wb_sv_ends(wb_sv(NULL, 0), ""));
	assert_false(wb_sv_ends(wb_sv(NULL, 0), "x"));
}

static void trims(void **state)
{
	struct wb_sv a = wb_sv_trim(WB_SV(" \t\r\n a b \n\r\t "));

	(void)state;
	assert_true(wb_sv_eq(a, WB_SV("a b")));
	assert_int_equal(wb_sv_trim(WB_SV(" \t ")).n, 0);
	assert_int_equal(wb_sv_trim(wb_sv(NULL, 0)).n, 0);
	assert_true(wb_sv_eq(wb_sv_trim(WB_SV("\va\f")), WB_SV("\va\f")));
}

static void heads_keep_characters_whole(void **state)
{
	struct wb_sv text = WB_SV("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z\xf0\x9f\x98\x80");
	struct wb_sv head;
	size_t max;

	(void)state;
	for (max = 0; max <= text.n + 2; max++) {
		head = wb_sv_head(text, max);
		assert_ptr_equal(head.p, text.p);
		assert_true(head.n <= max);
		assert_true(head.n + 4 > max || head.n == text.n);
		assert_true(is_utf8(head.p, head.n));
	}
	assert_int_equal(wb_sv_head(text, 3).n, 3);
	assert_int_equal(wb_sv_head(text, 5).n, 3);
	assert_int_equal(wb_sv_head(text, 6).n, 6);
	assert_int_equal(wb_sv_head(text, 9).n, 6);
	assert_int_equal(wb_sv_head(text, 10).n, 10);
	/* Bytes that are no UTF-8 are cut where told. */
	assert_int_equal(wb_sv_head(WB_SV("\x80\x80\x80\x80\x80\x80"), 5).n, 5);
	assert_int_equal(wb_sv_head(WB_SV("\x80\x80"), 1).n, 1);
}

static void cuts(void **state)
{
	static const char *const expected[] = { "a", "", "bc" };
	struct wb_sv rest = WB_SV("a,,bc,"), piece = WB_SV("untouched");
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_true(wb_sv_cut(&rest, ',', &piece));
		assert_true(wb_sv_eq(piece, wb_sv_str(expected[i])));
	}
	piece = WB_SV("untouched");
	assert_false(wb_sv_cut(&rest, ',', &piece));
	assert_true(wb_sv_eq(piece, WB_SV("untouched")));
	rest = WB_SV("last");
	assert_true(wb_sv_cut(&rest, ',', &piece));
	assert_true(wb_sv_eq(piece, WB_SV("last")));
	assert_false(wb_sv_cut(&rest, ',', &piece));
	rest = wb_sv(NULL, 0);
	assert_false(wb_sv_cut(&rest, ',', &piece));
}

static void reads_numbers(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int64_t value;
	} cases[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "007", true, 7 },
		{ "-42", true, -42 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775809", false, 0 },
		{ "99999999999999999999999", false, 0 },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ "--1", false, 0 },
		{ "+1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "0x1", false, 0 },
		{ "1.0", false, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		int64_t value = 77;

		assert_int_equal(wb_sv_i64(wb_sv_str(cases[i].text), &value), cases[i].good);
		assert_true(value == (cases[i].good ? cases[i].value : 77));
	}
}

static void reads_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} cases[] = {
		{ "250ms", 250 },
		{ "2s", 2000 },
		{ "3", 3000 },
		{ "0", 0 },
		{ "1.5m", 90000 },
		{ "1h", 3600000 },
		{ "30d", (int64_t)30 * 86400000 },
		{ "0.2s", 200 },
		{ "0.25", 250 },
		{ "0.0009s", 0 },
		{ "1.9ms", 1 },
		{ "0.123456789d", 10666666 },
		{ "2.05h", 7380000 },
		{ "106751991167d", (int64_t)106751991167 * 86400000 },
		{ "106751991168d", -1 },
		{ "9223372036854775807", -1 },
		{ "9223372036854775808ms", -1 },
		{ "", -1 },
		{ "s", -1 },
		{ ".5s", -1 },
		{ "5.", -1 },
		{ "5.s", -1 },
		{ "-5s", -1 },
		{ "5 s", -1 },
		{ "5S", -1 },
		{ "5sec", -1 },
		{ "1h30m", -1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		int64_t ms = -1;
		bool good = wb_sv_duration_ms(wb_sv_str(cases[i].text), &ms);

		if (good != (cases[i].ms >= 0) || ms != cases[i].ms)
			fail_msg("%s gave %lld", cases[i].text, (long long)ms);
	}
}

static void copies(void **state)
{
	char buf[4] = "###";

	(void)state;
	assert_true(wb_sv_copy(WB_SV("abc"), buf, sizeof(buf)));
	assert_string_equal(buf, "abc");
	assert_false(wb_sv_copy(WB_SV("abcd"), buf, sizeof(buf)));
	assert_string_equal(buf, "abc");
	assert_false(wb_sv_copy(WB_SV("ab\xc3\xa4"), buf, sizeof(buf)));
	assert_string_equal(buf, "ab");
	assert_true(wb_sv_copy(wb_sv(NULL, 0), buf, sizeof(buf)));
	assert_string_equal(buf, "");
	buf[0] = '#';
	assert_false(wb_sv_copy(WB_SV(""), buf, 0));
	assert_int_equal(buf[0], '#');
}

int test_sv(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares),
		cmocka_unit_test(looks_at_ends),
		cmocka_unit_test(trims),
		cmocka_unit_test(heads_keep_characters_whole),
		cmocka_unit_test(cuts),
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(reads_durations),
		cmocka_unit_test(copies),
	};

	return RUN_GROUP("sv");
}
