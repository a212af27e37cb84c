/* SPDX-License-Identifier: Apache-2.0
 *
 * Order statistics, ranks, corrections (stats.h).
 */
#include "bench/stats.h"

#include <math.h>

#include "base/banned.h"

#define Z95 1.959963984540054

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

void wb_stats_sort(double *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), by_value);
}

double wb_stats_quantile(const double *sorted, size_t n, double p)
{
	double at = p * (double)(n - 1);
	size_t i = (size_t)at;
	return i + 1 < n ? sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

/* How many of n values lie below the quantile is binomial: the lower rank is the last one that is too high with a
 * chance of at most 2.5 %, the upper one the first that is too low with no more. */
bool wb_stats_ranks(size_t n, double p, size_t *ret_lo, size_t *ret_hi)
{
	double one = (double)n * log1p(-p), below = 0; /* one: logarithm of the chance of exactly k */
	bool lo = false, hi = false;
	*ret_lo = 0;
	*ret_hi = n ? n - 1 : 0;
	for (size_t k = 0; k < n && !hi; k++) {
		below += exp(one);
		if (below <= 0.025) {
			*ret_lo = k;
			lo = true;
		}
		if (below >= 0.975) {
			*ret_hi = k;
			hi = true;
		}
		one += log((double)(n - k)) - log((double)(k + 1)) + log(p) - log1p(-p);
	}
	return lo && hi;
}

/* ---- before and after ----------------------------------------------------------------------- */

struct sums {
	double greater, ties, pairs, variance;
};

/* Of all values, how many share one: the sum of t³ - t. */
static double tied(const double *sorted, size_t n)
{
	double sum = 0;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && !(sorted[end] > sorted[i]);)
			end++;
		double t = (double)(end - i);
		sum += t * t * t - t;
	}
	return sum;
}

static int add_pair(const struct wb_stats_pair *p, double *differences, struct sums *s)
{
	double *all = malloc((p->nx + p->ny) * sizeof(*all)), nx = (double)p->nx, ny = (double)p->ny, n = nx + ny;
	size_t at = 0;
	if (!all)
		return WB_ENOMEM;
	for (size_t i = 0; i < p->nx; i++) {
		for (size_t k = 0; k < p->ny; k++) {
			double d = p->y[k] - p->x[i];
			s->greater += d > 0;
			s->ties += !(d > 0) && !(d < 0);
			differences[at++] = d;
		}
	}
	memcpy(all, p->x, p->nx * sizeof(*all));
	memcpy(all + p->nx, p->y, p->ny * sizeof(*all));
	wb_stats_sort(all, p->nx + p->ny);
	s->pairs += nx * ny;
	s->variance += nx * ny / 12 * (n + 1 - tied(all, p->nx + p->ny) / (n * (n - 1)));
	free(all);
	return 0;
}

static struct wb_stats_shift summed(const struct sums *s, const double *sorted, size_t n)
{
	double sd = sqrt(s->variance), u = s->greater + s->ties / 2, off = fabs(u - s->pairs / 2) - 0.5;
	double rank = floor(s->pairs / 2 - Z95 * sd);
	size_t lo = rank > 0 ? (size_t)rank : 0;
	struct wb_stats_shift r = { .u = u, .p = 1 };
	if (sd > 0)
		r.p = off > 0 ? erfc(off / sd / sqrt(2)) : 1;
	r.delta = 2 * u / s->pairs - 1;
	r.shift = wb_stats_quantile(sorted, n, 0.5);
	r.lo = sorted[lo < n ? lo : n - 1];
	r.hi = sorted[lo < n ? n - 1 - lo : 0];
	return r;
}

int wb_stats_compare(const struct wb_stats_pair *v, size_t n, struct wb_stats_shift *ret)
{
	struct sums s = { 0 };
	size_t total = 0, at = 0;
	int rc = 0;
	for (size_t i = 0; i < n; i++)
		total += v[i].nx * v[i].ny;
	*ret = (struct wb_stats_shift){ .p = 1, .lo = -INFINITY, .hi = INFINITY };
	if (total == 0)
		return 0;
	double *differences = malloc(total * sizeof(*differences));
	if (!differences)
		return WB_ENOMEM;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (v[i].nx && v[i].ny)
			rc = add_pair(&v[i], differences + at, &s);
		at += v[i].nx * v[i].ny;
	}
	wb_stats_sort(differences, rc == 0 ? total : 0);
	if (rc == 0)
		*ret = summed(&s, differences, total);
	free(differences);
	return rc;
}

/* ---- many at once ---------------------------------------------------------------------------- */

int wb_stats_holm(double *p, size_t n)
{
	double *sorted = malloc((n + 1) * sizeof(*sorted)), *worth = malloc((n + 1) * sizeof(*worth)), most = 0;
	if (!sorted || !worth) {
		free(sorted);
		free(worth);
		return WB_ENOMEM;
	}
	memcpy(sorted, p, n * sizeof(*p));
	wb_stats_sort(sorted, n);
	for (size_t i = 0; i < n; i++) {
		most = fmax(most, sorted[i] * (double)(n - i));
		worth[i] = fmin(most, 1);
	}
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k + 1 < n && sorted[k] < p[i])
			k++;
		p[i] = worth[k];
	}
	free(sorted);
	free(worth);
	return 0;
}

/* ---- chance ------------------------------------------------------------------------------------ */

/* SplitMix64. */
uint64_t wb_stats_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

double wb_stats_uniform(uint64_t *state)
{
	return (double)(wb_stats_random(state) >> 11) * 0x1p-53;
}

void wb_stats_shuffle(size_t *v, size_t n, uint64_t *state)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = (size_t)(wb_stats_random(state) % i), kept = v[i - 1];
		v[i - 1] = v[k];
		v[k] = kept;
	}
}
