/* SPDX-License-Identifier: Apache-2.0
 *
 * Versions, and words that are nearly right.
 */
#include "tests.h"

static void order_is_total(void **state)
{
	/* Strictly rising. */
	static const char *const v[] = {
		"0",
		"1",
		"1.0.1",
		"1_1",
		"1.2",
		"1.10",
		"2",
		"009",
		"10",
		"10.1",
		"20251120_143000",
		"20251120_143001",
		"20251120143000",
		"99999999999999999999999998",
		"99999999999999999999999999",
		"",
		"..",
		"1.",
		"1..2",
		"R__a",
		"x",
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(v); i++)
		for (size_t j = 0; j < WB_ARRAY_LEN(v); j++) {
			int c = wb_version_cmp(v[i], v[j]);
			assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
		}
}

static void key_is_equal_exactly_for_equal_versions(void **state)
{
	static const char *const v[] = {
		"0",  "000",  "0.0", "1",   "001", "1.0", "1_0_0", "01.0", "1.0.1",           "1_00_1",
		"10", "1.10", "1.1", "100", "0.1", "x",   "01x",   "1.",   "20251120_000000", "20251120",
	};
	wb_autoarena a = WB_ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(v); i++)
		for (size_t j = 0; j < WB_ARRAY_LEN(v); j++) {
			bool same = strcmp(wb_version_key(&a, v[i]), wb_version_key(&a, v[j])) == 0;
			assert_int_equal(same, wb_version_cmp(v[i], v[j]) == 0);
			assert_string_equal(wb_version_key(&a, v[i]), wb_version_key_shared(&a, v[i]));
		}
	assert_string_equal(wb_version_key(&a, "001"), "1");
	assert_string_equal(wb_version_key(&a, "1.0"), "1");
	assert_string_equal(wb_version_key(&a, "01_02.00"), "1.2");
	assert_string_equal(wb_version_key(&a, "1.0.3"), "1.0.3");
	assert_string_equal(wb_version_key(&a, "00"), "0");
	assert_string_equal(wb_version_key(&a, "R__x"), "R__x");
}

static void near_words(void **state)
{
	static const char *const names[] = { "up", "down", "expand", "backfill", "contract", "verify", "require" };
	static const char *const pairs[][2] = {
		{ "upp", "up" },
		{ "UP", "up" },
		{ "donw", "down" },
		{ "dwn", "down" },
		{ "expnad", "expand" },
		{ "backfil", "backfill" },
		{ "contarct", "contract" },
		{ "verfiy", "verify" },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(pairs); i++)
		assert_string_equal(wb_near(wb_sv_str(pairs[i][0]), names, WB_ARRAY_LEN(names)), pairs[i][1]);
	assert_null(wb_near(WB_SV("sideways"), names, WB_ARRAY_LEN(names)));
	assert_null(wb_near(WB_SV("x"), names, WB_ARRAY_LEN(names)));
	assert_null(wb_near(WB_SV(""), names, WB_ARRAY_LEN(names)));
	assert_int_equal(wb_edits(WB_SV("kitten"), WB_SV("sitting")), 3);
	assert_int_equal(wb_edits(WB_SV("ab"), WB_SV("ba")), 1);
	assert_int_equal(wb_edits(WB_SV(""), WB_SV("abc")), 3);
	assert_int_equal(wb_edits(WB_SV("a long word that is longer than all that is compared"), WB_SV("a")), 48);
}

int test_version(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_total),
		cmocka_unit_test(key_is_equal_exactly_for_equal_versions),
		cmocka_unit_test(near_words),
	};
	return RUN_GROUP("version");
}
