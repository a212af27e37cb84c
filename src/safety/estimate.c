/* SPDX-License-Identifier: Apache-2.0
 *
 * How long whole tables take. Every kind of work has its speed, and the speed
 * changes with the size (what fits in memory is faster), so that what is known of
 * tables of about the same size counts most: a weighted median of the speeds seen,
 * the weight falling with the distance of the sizes' logarithms. The same
 * operation counts more than another one that does the same kind of work.
 */
#include "safety/risk.h"

#define MIB ((double)(1 << 20))
#define KNOWN_MAX 512

/* Bytes a second where nothing is known yet: a single process, data in memory, a disk of the usual kind. */
static const struct {
	unsigned work;
	double speed;
} defaults[] = {
	{ WB_WORK_REWRITE, 60 * MIB },
	{ WB_WORK_INDEX, 50 * MIB },
	{ WB_WORK_SCAN, 400 * MIB },
};

unsigned wb_work_of(unsigned work)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(defaults); i++) {
		if (work & defaults[i].work)
			return defaults[i].work;
	}
	return 0;
}

int64_t wb_work_bytes(const struct wb_touch *t)
{
	const struct wb_relation *r = t->relation;
	if (t->made && !(r && r->flags & WB_REL_FILLED))
		return 0;
	if (!r || r->bytes < 0)
		return -1;
	if (t->work_max & WB_WORK_REWRITE && r->index_bytes > 0)
		return r->bytes + r->index_bytes;
	return r->bytes;
}

struct seen {
	double speed, weight;
};

static int by_speed(const void *a, const void *b)
{
	double x = ((const struct seen *)a)->speed, y = ((const struct seen *)b)->speed;
	return x < y ? -1 : x > y;
}

/* How many times the one has to be doubled to be the other, about. */
static double doublings(int64_t a, int64_t b)
{
	double ratio = a > b ? (double)a / (double)b : (double)b / (double)a, n = 0;
	for (; ratio >= 2; ratio /= 2)
		n++;
	return n + ratio - 1;
}

static double weight_of(const struct wb_timing *t, enum wb_op op, int64_t bytes)
{
	double apart = doublings(t->bytes, bytes);
	return (t->op == op ? 8.0 : 1.0) / (1.0 + apart * apart);
}

/* Where half of the weight lies below. */
static double middle(struct seen *v, size_t n)
{
	double all = 0, sum = 0;
	qsort(v, n, sizeof(*v), by_speed);
	for (size_t i = 0; i < n; i++)
		all += v[i].weight;
	for (size_t i = 0; i < n; i++) {
		sum += v[i].weight;
		if (sum * 2 >= all)
			return v[i].speed;
	}
	return v[n - 1].speed;
}

static double default_speed(unsigned work)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(defaults); i++) {
		if (work == defaults[i].work)
			return defaults[i].speed;
	}
	return MIB;
}

static double speed_of(enum wb_op op, unsigned work, int64_t bytes, const struct wb_timings *known)
{
	struct seen v[KNOWN_MAX];
	size_t n = 0;
	for (size_t i = 0; known && i < known->n && n < KNOWN_MAX; i++) {
		const struct wb_timing *t = &known->v[i];
		if (t->work != work || t->bytes < WB_TIMING_MIN_BYTES || t->ms < 1)
			continue;
		v[n++] = (struct seen){ .speed = (double)t->bytes * 1000 / (double)t->ms,
					.weight = weight_of(t, op, bytes) };
	}
	return n ? middle(v, n) : default_speed(work);
}

int64_t wb_estimate_ms(const struct wb_effect *e, enum wb_op op, const struct wb_timings *known)
{
	double ms = 0;
	if (e->flags & WB_EFFECT_MORE && e->bytes_read < 0)
		return -1; /* it may go through what is not named here */
	for (size_t i = 0; i < e->touches.n; i++) {
		const struct wb_touch *t = &e->touches.v[i];
		unsigned work = wb_work_of(t->work_max);
		if (!work)
			continue;
		int64_t bytes = wb_work_bytes(t);
		if (bytes < 0)
			return -1;
		if (bytes > 0)
			ms += (double)bytes * 1000 / speed_of(op, work, bytes, known);
	}
	return (int64_t)(ms + 0.5);
}
