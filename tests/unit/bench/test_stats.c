/* SPDX-License-Identifier: Apache-2.0
 *
 * Statistics against values that scipy 1.x and numpy give (mannwhitneyu with
 * method="asymptotic", binom.cdf, quantile).
 */
#include "tests.h"

#include <math.h>

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-9)

static void quantiles(void **state)
{
	double v[] = { 10, 3, 1, 4, 2 };

	(void)state;
	wb_stats_sort(v, 5);
	NEAR(wb_stats_quantile(v, 5, 0), 1);
	NEAR(wb_stats_quantile(v, 5, 0.5), 3);
	NEAR(wb_stats_quantile(v, 5, 0.95), 8.8);
	NEAR(wb_stats_quantile(v, 5, 1), 10);
	NEAR(wb_stats_quantile(v, 1, 0.95), 1);
}

static void ranks(void **state)
{
	static const struct {
		size_t n;
		double p;
		size_t lo, hi;
		bool both;
	} known[] = {
		{ 10, 0.5, 1, 8, true },     { 6, 0.5, 0, 5, true },        { 5, 0.5, 0, 4, false },
		{ 30, 0.5, 9, 20, true },    { 100, 0.5, 39, 60, true },    { 30, 0.95, 25, 29, false },
		{ 100, 0.95, 89, 99, true }, { 200, 0.95, 183, 196, true }, { 1, 0.5, 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(known); i++) {
		size_t lo, hi;

		assert_int_equal(wb_stats_ranks(known[i].n, known[i].p, &lo, &hi), known[i].both);
		assert_int_equal(lo, known[i].lo);
		assert_int_equal(hi, known[i].hi);
	}
}

static void two_samples(void **state)
{
	static const double x[] = { 1.1, 2.2, 3.3, 4.4, 5.5, 6.6, 7.7, 8.8, 9.9, 10.1 };
	static const double y[] = { 2.0, 3.1, 4.2, 5.3, 6.4, 7.5, 8.6, 9.7, 10.8, 11.9, 12.0, 12.5 };
	static const double tied_x[] = { 1, 2, 2, 3, 3, 3, 4, 5 }, tied_y[] = { 2, 3, 4, 4, 5, 5, 6, 7, 7 };
	const struct wb_stats_pair plain = { x, y, 10, 12 }, tied = { tied_x, tied_y, 8, 9 };
	struct wb_stats_shift r;

	(void)state;
	assert_int_equal(wb_stats_compare(&plain, 1, &r), 0);
	NEAR(r.u, 76);
	NEAR(r.p, 0.3067620949424035);
	NEAR(r.delta, 0.26666666666666666);
	NEAR(r.shift, 2);
	assert_true(r.lo < 0 && r.hi > 4);
	assert_int_equal(wb_stats_compare(&tied, 1, &r), 0);
	NEAR(r.u, 58.5);
	NEAR(r.p, 0.03175895714806371);
	NEAR(r.delta, 0.625);
	NEAR(r.shift, 2);
	assert_true(r.lo >= 0 && r.lo <= r.shift && r.hi >= r.shift);
}

/* Strata of different size do not mix: in each y is higher, in all together it would not be. */
static void strata(void **state)
{
	static const double x1[] = { 1, 2, 3, 4 }, y1[] = { 5, 6, 7, 8 };
	static const double x2[] = { 101, 102, 103, 104 }, y2[] = { 105, 106, 107, 108 };
	const struct wb_stats_pair v[] = { { x1, y1, 4, 4 }, { x2, y2, 4, 4 } };
	struct wb_stats_shift one, both;

	(void)state;
	assert_int_equal(wb_stats_compare(v, 1, &one), 0);
	assert_int_equal(wb_stats_compare(v, 2, &both), 0);
	NEAR(both.delta, 1);
	NEAR(both.shift, 4);
	NEAR(one.p, 0.030382821976577505); /* mannwhitneyu([5,6,7,8], [1,2,3,4], method="asymptotic") */
	assert_true(both.p < one.p);
}

static void nothing_to_compare(void **state)
{
	static const double same[] = { 3, 3, 3, 3, 3, 3 };
	const struct wb_stats_pair none = { same, same, 0, 3 }, flat = { same, same, 6, 6 };
	struct wb_stats_shift r;

	(void)state;
	assert_int_equal(wb_stats_compare(&none, 1, &r), 0);
	NEAR(r.p, 1);
	assert_true(isinf(r.lo) && isinf(r.hi));
	assert_int_equal(wb_stats_compare(&flat, 1, &r), 0);
	NEAR(r.p, 1);
	NEAR(r.shift, 0);
	NEAR(r.delta, 0);
}

static void holm(void **state)
{
	double p[] = { 0.01, 0.04, 0.03, 0.005 }, high[] = { 0.9, 0.6 };

	(void)state;
	assert_int_equal(wb_stats_holm(p, 4), 0);
	NEAR(p[0], 0.03);
	NEAR(p[1], 0.06);
	NEAR(p[2], 0.06);
	NEAR(p[3], 0.02);
	assert_int_equal(wb_stats_holm(high, 2), 0);
	NEAR(high[0], 1);
	NEAR(high[1], 1);
	assert_int_equal(wb_stats_holm(p, 0), 0);
}

static void orders(void **state)
{
	size_t v[50], w[50], moved = 0;
	uint64_t a = 7, b = 7;
	double least = 1, most = 0;

	(void)state;
	for (size_t i = 0; i < 50; i++)
		v[i] = w[i] = i;
	wb_stats_shuffle(v, 50, &a);
	wb_stats_shuffle(w, 50, &b);
	assert_memory_equal(v, w, sizeof(v));
	for (size_t i = 0, sum = 0; i < 50; i++) {
		moved += v[i] != i;
		sum += v[i];
		assert_true(i < 49 || sum == 49 * 25);
	}
	assert_true(moved > 40);
	for (size_t i = 0; i < 10000; i++) {
		double u = wb_stats_uniform(&a);

		least = fmin(least, u);
		most = fmax(most, u);
	}
	assert_true(least >= 0 && least < 0.01 && most < 1 && most > 0.99);
}

static int compare_twice(void *user)
{
	static const double x[] = { 1, 2, 3 }, y[] = { 4, 5, 6 };
	const struct wb_stats_pair v[] = { { x, y, 3, 3 }, { y, x, 3, 3 } };
	double p[] = { 0.1, 0.2 };
	struct wb_stats_shift r;
	int rc = wb_stats_compare(v, 2, &r);

	(void)user;
	return rc < 0 ? rc : wb_stats_holm(p, 2);
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
	assert_true(wb_oom_run(compare_twice, NULL) > 1);
}

int test_stats(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles),
		cmocka_unit_test(ranks),
		cmocka_unit_test(two_samples),
		cmocka_unit_test(strata),
		cmocka_unit_test(nothing_to_compare),
		cmocka_unit_test(holm),
		cmocka_unit_test(orders),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return RUN_GROUP("stats");
}
