/* SPDX-License-Identifier: Apache-2.0
 *
 * Before and after. A machine is never the same twice, so a change is told only
 * where nothing speaks against it: it has to be larger than what the machine's
 * own speed has changed by (which calibrations beside each run tell) and than
 * what that speed wavers by, the fast runs have to show it, which no disturbance
 * has made slower, and two series of rounds have to agree. Times are compared by
 * their logarithms: a change is a factor.
 */
#include "bench/run.h"

#include <math.h>

#include "base/banned.h"

#define ALPHA 0.01
#define LEAST_MS 0.01 /* no smaller difference matters */
#define LEAST_FILE_MS 0.1 /* of another process at another time: where its memory lies makes as much */
#define COUNTING_MIN 6 /* with fewer undisturbed runs all count */
#define WAVERING 0.05 /* that the speed of an undisturbed machine does, too */
#define BUSY 0.2 /* a machine whose speed wavers more tells nothing of changes */
#define BUSY_LEAST 3.0 /* below a factor of 20 */
#define FLOOR 0.1 /* quantile of the calibrations that is an undisturbed one */

/* ---- values -------------------------------------------------------------------------------------- */

struct strata {
	struct wb_stats_pair *pairs;
	size_t n;
};

enum what { TIME, SPEED, SPEED_OF_ALL };

static double value_of(double ms)
{
	return log(fmax(ms, 1e-6));
}

static size_t of_samples(const struct samples *s, unsigned series, enum what what, double *out)
{
	size_t quiet = 0, n = 0;
	for (size_t i = 0; i < s->n; i++)
		quiet += s->v[i].quiet && (!series || s->v[i].series == series);
	for (size_t i = 0; i < s->n; i++) {
		bool counts = (!series || s->v[i].series == series) && (s->v[i].quiet || quiet < COUNTING_MIN);
		if (counts || what == SPEED_OF_ALL)
			out[n++] = value_of(what == TIME ? s->v[i].ms : s->v[i].speed_ms);
	}
	return n;
}

static size_t of_set(const struct wb_bench_set *s, enum what what, double *out)
{
	size_t quiet = 0, n = 0;
	for (size_t i = 0; i < s->n; i++)
		quiet += !s->counts || s->counts[i];
	for (size_t i = 0; i < s->n; i++) {
		if (!s->counts || s->counts[i] || quiet < COUNTING_MIN || what == SPEED_OF_ALL)
			out[n++] = value_of(what == TIME ? s->ms[i] : s->speed_ms ? s->speed_ms[i] : 1);
	}
	return n;
}

/* Pairs of values, sorted, in the arena. */
static int collect(const struct bench *b, const struct query *q, unsigned series, enum what what, struct wb_arena *a,
		   struct strata *ret, struct wb_error *err)
{
	ret->n = 0;
	ret->pairs = wb_arena_array(a, q->n_cells + 1, sizeof(*ret->pairs));
	if (!ret->pairs)
		return wb_err_nomem(err);
	for (size_t i = 0; i < q->n_cells; i++) {
		const struct cell *c = &q->cells[i];
		size_t n_before = c->saved ? c->saved->n : c->samples[WB_BENCH_BEFORE].n;
		double *x = wb_arena_array(a, n_before + 1, sizeof(*x));
		double *y = wb_arena_array(a, c->samples[0].n + 1, sizeof(*y));
		struct wb_stats_pair p = { .x = x, .y = y };
		if (!x || !y)
			return wb_err_nomem(err);
		if (!c->saved && b->n_sides < 2)
			continue;
		p.nx = c->saved ? of_set(c->saved, what, x) : of_samples(&c->samples[WB_BENCH_BEFORE], series, what, x);
		p.ny = of_samples(&c->samples[WB_BENCH_NOW], series, what, y);
		wb_stats_sort(x, p.nx);
		wb_stats_sort(y, p.ny);
		if (p.nx && p.ny)
			ret->pairs[ret->n++] = p;
	}
	return 0;
}

/* Mean over the pairs of how far a quantile has moved. */
static double moved(const struct strata *s, double quantile)
{
	double sum = 0;
	for (size_t i = 0; i < s->n; i++)
		sum += wb_stats_quantile(s->pairs[i].y, s->pairs[i].ny, quantile) -
		       wb_stats_quantile(s->pairs[i].x, s->pairs[i].nx, quantile);
	return s->n ? sum / (double)s->n : 0;
}

/* Mean of the medians before, in milliseconds; of strata of times. */
static double before_of(const struct strata *s)
{
	double sum = 0;
	for (size_t i = 0; i < s->n; i++)
		sum += exp(wb_stats_quantile(s->pairs[i].x, s->pairs[i].nx, 0.5));
	return s->n ? sum / (double)s->n : 0;
}

static double above_floor(const double *v, size_t n)
{
	return wb_stats_quantile(v, n, 0.5) - wb_stats_quantile(v, n, FLOOR);
}

/* How far from undisturbed the machine mostly was, before or now: the worst. That runs which count were chosen does not
 * help: what keeps a machine busy also slows down what no calibration notices, the caches above all. */
static double wavering_of(const struct strata *speeds)
{
	double most = 0;
	for (size_t i = 0; i < speeds->n; i++) {
		const struct wb_stats_pair *p = &speeds->pairs[i];
		most = fmax(most, fmax(above_floor(p->x, p->nx), above_floor(p->y, p->ny)));
	}
	return fmax(most - WAVERING, 0);
}

int bench_compare(const struct bench *b, const struct query *q, unsigned series, struct comparison *ret,
		  struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct strata times, speeds, all;
	struct comparison c = { 0 };
	int rc = collect(b, q, series, TIME, &a, &times, err);
	if (rc == 0)
		rc = collect(b, q, series, SPEED, &a, &speeds, err);
	if (rc == 0)
		rc = collect(b, q, series, SPEED_OF_ALL, &a, &all, err);
	if (rc < 0)
		return rc;
	if (wb_stats_compare(times.pairs, times.n, &c.shift) < 0)
		return wb_err_nomem(err);
	c.known = times.n > 0;
	c.fast = moved(&times, 0.25);
	c.drift = moved(&speeds, 0.5);
	/* Measured in turn, both databases have had the same of it. */
	c.wavering = b->n_sides > 1 ? 0 : wavering_of(&all);
	c.least_ms = b->n_sides > 1 ? LEAST_MS : LEAST_FILE_MS;
	c.before_ms = before_of(&times);
	*ret = c;
	return 0;
}

/* ---- what one series says --------------------------------------------------------------------------- */

static bool is_within(const struct wb_stats_shift *s, double by)
{
	return fabs(s->shift) < by && s->lo > -2 * by && s->hi < 2 * by;
}

/* By how much the machine itself has changed is no change of a query, nor is it known more exactly than that. */
static enum wb_bench_verdict verdict_of(const struct comparison *c, double least)
{
	double by = least + fabs(c->drift) + c->wavering, size = fabs(c->shift.shift);
	by = c->wavering > BUSY ? fmax(by, BUSY_LEAST) : by;
	bool up = c->shift.shift > 0;
	if (expm1(size + fabs(c->drift)) * c->before_ms < c->least_ms)
		return WB_BENCH_UNCHANGED;
	if (c->p_holm < ALPHA && size >= by && (up ? c->fast : -c->fast) >= size / 2)
		return up ? WB_BENCH_REGRESSED : WB_BENCH_IMPROVED;
	return is_within(&c->shift, least) && fabs(c->drift) < least / 2 ? WB_BENCH_UNCHANGED : WB_BENCH_INCONCLUSIVE;
}

double bench_least(const struct bench *b)
{
	return log1p(b->o->min_change > 0 ? b->o->min_change : WB_BENCH_MIN_CHANGE);
}

/* ---- all queries together ------------------------------------------------------------------------------ */

static bool is_asked(const struct query *q)
{
	return !q->settled && !q->error.code;
}

/* Holm's correction over those that are known. */
int bench_correct(struct comparison *v, size_t n, struct wb_error *err)
{
	double *p = malloc((n + 1) * sizeof(*p));
	size_t known = 0;
	int rc = p ? 0 : WB_ENOMEM;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (v[i].known)
			p[known++] = v[i].shift.p;
	}
	if (rc == 0)
		rc = wb_stats_holm(p, known);
	for (size_t i = known = 0; rc == 0 && i < n; i++) {
		if (v[i].known)
			v[i].p_holm = p[known++];
	}
	free(p);
	return rc < 0 ? wb_err_nomem(err) : 0;
}

/* The first series may say that nothing has changed, which is what there mostly is to say; else two have to agree. */
static void vote(struct query *q, enum wb_bench_verdict verdict)
{
	q->series++;
	q->votes[verdict]++;
	if (verdict == WB_BENCH_INCONCLUSIVE)
		return;
	q->settled = q->votes[verdict] >= 2 || (verdict == WB_BENCH_UNCHANGED && q->series == 1);
	if (q->settled)
		q->change.verdict = verdict;
}

int bench_vote(struct bench *b, bool *ret_more, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	size_t n = b->suite->n_queries;
	struct comparison *v = wb_arena_array(&a, n, sizeof(*v));
	int rc = v ? 0 : wb_err_nomem(err);
	*ret_more = false;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (is_asked(&b->queries[i]))
			rc = bench_compare(b, &b->queries[i], b->series, &v[i], err);
	}
	if (rc == 0)
		rc = bench_correct(v, n, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct query *q = &b->queries[i];
		if (v[i].known)
			vote(q, verdict_of(&v[i], bench_least(b)));
		*ret_more |= v[i].known && !q->settled;
		q->settled |= !v[i].known;
	}
	return rc;
}
