/* SPDX-License-Identifier: Apache-2.0
 *
 * Times and durations as text; the clocks themselves only in their order.
 */
#include "tests.h"

static void writes_rfc3339(void **state)
{
	static const struct {
		int64_t us;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000000Z" },
		{ 1795246320123456, "2026-11-21T07:32:00.123456Z" },
		{ 951782400000001, "2000-02-29T00:00:00.000001Z" },
		{ -1, "1969-12-31T23:59:59.999999Z" },
		{ -1000000, "1969-12-31T23:59:59.000000Z" },
		{ -62135596800000000, "0001-01-01T00:00:00.000000Z" },
	};
	char buf[32];
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		assert_ptr_equal(wb_time_rfc3339(cases[i].us, buf, sizeof(buf)), buf);
		assert_string_equal(buf, cases[i].text);
	}
	/* Absurd times must only stay inside their buffers. */
	assert_true(strlen(wb_time_rfc3339(INT64_MAX, buf, sizeof(buf))) < sizeof(buf));
	assert_true(strlen(wb_time_rfc3339(INT64_MIN, buf, sizeof(buf))) < sizeof(buf));
	assert_string_equal(wb_time_rfc3339(0, buf, 5), "1970");
}

static void writes_compact_times(void **state)
{
	char date[9], time[7];

	(void)state;
	wb_time_compact(1795246320123456, date, time);
	assert_string_equal(date, "20261121");
	assert_string_equal(time, "073200");
	wb_time_compact(INT64_MIN, date, time);
	assert_true(strlen(date) <= 8 && strlen(time) <= 6);
	wb_time_compact(INT64_MAX, date, time);
	assert_true(strlen(date) <= 8 && strlen(time) <= 6);
}

static void writes_durations(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{ 0, "0 ms" },
		{ 850, "850 ms" },
		{ 999, "999 ms" },
		{ 1000, "1.0 s" },
		{ 12345, "12.3 s" },
		{ 59999, "59.9 s" },
		{ 60000, "1 min 00 s" },
		{ 245999, "4 min 05 s" },
		{ 3599999, "59 min 59 s" },
		{ 3600000, "1 h 00 min" },
		{ 3720000, "1 h 02 min" },
		{ 360000000, "100 h 00 min" },
		{ -1, "unknown" },
	};
	char buf[32];
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(cases); i++)
		assert_string_equal(wb_duration_text(cases[i].ms, buf, sizeof(buf)), cases[i].text);
	assert_string_equal(wb_duration_text(INT64_MAX, buf, sizeof(buf)), "2562047788015 h 12 min");
	assert_string_equal(wb_duration_text(12345, buf, 5), "12.3");
}

static void time_goes_on(void **state)
{
	int64_t us = wb_now_us(), ms = wb_now_ms();

	(void)state;
	wb_sleep_ms(20);
	assert_true(wb_now_us() - us >= 20000);
	assert_true(wb_now_ms() - ms >= 19);
	us = wb_now_us();
	wb_sleep_ms(0);
	wb_sleep_ms(-5);
	assert_true(wb_now_us() - us < 1000000);
	assert_true(wb_wall_us() > (int64_t)1600000000 * 1000000);
}

int test_clock(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_rfc3339),
		cmocka_unit_test(writes_compact_times),
		cmocka_unit_test(writes_durations),
		cmocka_unit_test(time_goes_on),
	};

	return RUN_GROUP("clock");
}
