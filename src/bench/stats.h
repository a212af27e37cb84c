/* SPDX-License-Identifier: Apache-2.0
 *
 * Statistics of times: no distribution is assumed of them. Pure functions.
 */
#ifndef WB_BENCH_STATS_H
#define WB_BENCH_STATS_H

#include "base/base.h"

void wb_stats_sort(double *v, size_t n);
/* Of sorted values, n > 0; p of 0 to 1, between two values in proportion. */
double wb_stats_quantile(const double *sorted, size_t n, double p);
/* Ranks (from 0) of the values between which the quantile p lies with 95 % confidence at least. False where a side has
 * no such value (of a median: fewer than six values): then the first or the last. */
bool wb_stats_ranks(size_t n, double p, size_t *ret_lo, size_t *ret_hi);

/* Values of one thing, before and after. */
struct wb_stats_pair {
	const double *x, *y; /* before, after */
	size_t nx, ny;
};
struct wb_stats_shift {
	double u; /* Mann-Whitney's U of y */
	double p; /* two-sided, normal with ties and continuity corrected; 1 where nothing can be said */
	double delta; /* Cliff's: share of pairs with y > x less those with y < x */
	double shift, lo, hi; /* Hodges-Lehmann: median of all y - x, with its interval of 95 % */
};
/* Compares within each of n pairs and sums up (van Elteren's way); of one pair it is plain Mann-Whitney. WB_ENOMEM. */
int wb_stats_compare(const struct wb_stats_pair *v, size_t n, struct wb_stats_shift *ret) WB_MUST_USE;
/* Holm's: p[i] becomes what it is worth among n. */
int wb_stats_holm(double *p, size_t n) WB_MUST_USE;
/* A good enough order, the same for the same seed. */
uint64_t wb_stats_random(uint64_t *state);
void wb_stats_shuffle(size_t *v, size_t n, uint64_t *state);
/* Of 0 (without) to 1 (with it). */
double wb_stats_uniform(uint64_t *state);

#endif
