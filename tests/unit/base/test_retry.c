/* SPDX-License-Identifier: Apache-2.0
 *
 * The backoff: bounds, spread, ends.
 */
#include "tests.h"

static void stays_between_base_and_cap(void **state)
{
	struct wb_retry r;
	int64_t wait, last = 10, highest = 0;
	int i;

	(void)state;
	wb_retry_init(&r, 10, 500, -1, 0);
	assert_int_equal(r.deadline_ms, 0);
	for (i = 0; i < 5000; i++) {
		wait = wb_retry_next(&r);
		assert_true(wait >= 10 && wait <= 500 && wait <= last * 3);
		highest = wait > highest ? wait : highest;
		last = wait;
	}
	assert_true(highest > 250); /* it does back off */
	assert_int_equal(r.tries, 5000);
}

static void counts_tries(void **state)
{
	struct wb_retry r;
	int i;

	(void)state;
	wb_retry_init(&r, 1, 2, -1, 3);
	for (i = 0; i < 3; i++)
		assert_true(wb_retry_next(&r) >= 1);
	assert_int_equal(wb_retry_next(&r), -1);
	assert_int_equal(wb_retry_next(&r), -1);
}

static void never_waits_past_the_deadline(void **state)
{
	struct wb_retry r;
	int64_t start, wait, tries = 0;

	(void)state;
	start = wb_now_ms();
	wb_retry_init(&r, 20, 1000, 60, 0);
	while ((wait = wb_retry_next(&r)) >= 0) {
		assert_true(wb_now_ms() + wait <= r.deadline_ms + 1);
		wb_sleep_ms(wait);
		tries++;
	}
	assert_true(tries >= 1 && tries <= 4);
	assert_true(wb_now_ms() - start >= 59);
	wb_retry_init(&r, 20, 1000, 0, 0);
	assert_int_equal(wb_retry_next(&r), -1);
}

static void takes_odd_settings(void **state)
{
	struct wb_retry r;

	(void)state;
	wb_retry_init(&r, 0, 0, INT64_MAX, 0);
	assert_true(r.deadline_ms == INT64_MAX);
	assert_int_equal(wb_retry_next(&r), 1);
	wb_retry_init(&r, 50, 10, -1, 0);
	assert_int_equal(wb_retry_next(&r), 50);
	wb_retry_init(&r, INT64_MAX / 2, INT64_MAX, -1, 0);
	assert_true(wb_retry_next(&r) >= INT64_MAX / 2);
	assert_true(wb_retry_next(&r) >= INT64_MAX / 2);
}

static void jitter_reaches_both_ends(void **state)
{
	struct wb_retry r = { .seed = 1 };
	int seen[5] = { 0 };
	bool negative = false, positive = false;
	int64_t x;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		x = wb_retry_jitter(&r, -2, 2);
		assert_true(x >= -2 && x <= 2);
		seen[x + 2]++;
	}
	for (i = 0; i < 5; i++)
		assert_true(seen[i] > 100);
	assert_int_equal(wb_retry_jitter(&r, 7, 7), 7);
	assert_int_equal(wb_retry_jitter(&r, 7, 3), 7);
	for (i = 0; i < 100; i++) {
		x = wb_retry_jitter(&r, INT64_MIN, INT64_MAX);
		negative |= x < 0;
		positive |= x > 0;
	}
	assert_true(negative && positive);
}

static void two_do_not_march_in_step(void **state)
{
	struct wb_retry a, b;
	int i, same = 0;

	(void)state;
	wb_retry_init(&a, 1, 1000000, -1, 0);
	wb_sleep_ms(1);
	wb_retry_init(&b, 1, 1000000, -1, 0);
	for (i = 0; i < 100; i++)
		same += wb_retry_next(&a) == wb_retry_next(&b);
	assert_true(same < 30);
}

int test_retry(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(stays_between_base_and_cap),    cmocka_unit_test(counts_tries),
		cmocka_unit_test(never_waits_past_the_deadline), cmocka_unit_test(takes_odd_settings),
		cmocka_unit_test(jitter_reaches_both_ends),      cmocka_unit_test(two_do_not_march_in_step),
	};

	return RUN_GROUP("retry");
}
