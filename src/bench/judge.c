/* SPDX-License-Identifier: Apache-2.0
 *
 * What was measured, as the report tells it: order statistics, targets, the
 * change that the series have settled on, and one verdict of all of it.
 */
#include "bench/run.h"

#include <math.h>

#include "base/banned.h"

/* ---- targets --------------------------------------------------------------------------------------- */

/* Above it for sure is a miss; above it perhaps is not known. */
static enum wb_bench_verdict against_target(double ms, double lo, int64_t target_us)
{
	if (target_us == 0 || ms * 1000 <= (double)target_us)
		return WB_BENCH_PASS;
	return lo * 1000 > (double)target_us ? WB_BENCH_FAIL : WB_BENCH_INCONCLUSIVE;
}

static enum wb_bench_verdict worse(enum wb_bench_verdict a, enum wb_bench_verdict b)
{
	if (a == WB_BENCH_FAIL || b == WB_BENCH_FAIL)
		return WB_BENCH_FAIL;
	return a == WB_BENCH_PASS ? b : a;
}

static enum wb_bench_verdict overall(const struct wb_bench_result *r)
{
	if (r->change.known && r->change.verdict == WB_BENCH_REGRESSED)
		return WB_BENCH_REGRESSED;
	if (r->target != WB_BENCH_PASS || !r->change.known)
		return r->target;
	return r->change.verdict;
}

void bench_summary(struct wb_bench_result *r, const double *v, size_t n)
{
	size_t lo, hi, lo95, hi95;
	r->runs = n;
	if (n) {
		(void)wb_stats_ranks(n, 0.5, &lo, &hi);
		(void)wb_stats_ranks(n, 0.95, &lo95, &hi95);
		r->median_ms = wb_stats_quantile(v, n, 0.5);
		r->p95_ms = wb_stats_quantile(v, n, 0.95);
		r->p99_ms = wb_stats_quantile(v, n, 0.99);
		r->ci_lo_ms = v[lo];
		r->ci_hi_ms = v[hi];
		r->min_ms = v[0];
		r->max_ms = v[n - 1];
		r->target = worse(against_target(r->median_ms, v[lo], r->query->target_p50_us),
				  against_target(r->p95_ms, v[lo95], r->query->target_p95_us));
	}
	if (r->error)
		r->target = WB_BENCH_FAIL;
	r->verdict = overall(r);
}

void bench_count(struct wb_bench_report *r)
{
	double sum = 0;
	size_t n = 0;
	for (size_t i = 0; i < r->n_results; i++) {
		const struct wb_bench_result *one = &r->results[i];
		r->count[one->verdict]++;
		r->not_run += one->error && one->error_code != WB_ETIMEOUT;
		if (one->change.known && one->change.ratio > 0) {
			sum += log(one->change.ratio);
			n++;
		}
	}
	r->geomean = n ? exp(sum / (double)n) : 0;
}

/* ---- results ------------------------------------------------------------------------------------------ */

static int take_set(struct wb_arena *a, const struct cell *c, enum wb_bench_side side, struct wb_bench_set *ret,
		    struct wb_error *err)
{
	const struct samples *s = &c->samples[side];
	double *ms = wb_arena_array(a, s->n + 1, sizeof(*ms)), *speed = wb_arena_array(a, s->n + 1, sizeof(*speed));
	bool *counts = wb_arena_array(a, s->n + 1, sizeof(*counts));
	if (!ms || !speed || !counts)
		return wb_err_nomem(err);
	for (size_t i = 0; i < s->n; i++) {
		ms[i] = s->v[i].ms;
		speed[i] = s->v[i].speed_ms;
		counts[i] = s->v[i].quiet;
	}
	*ret = (struct wb_bench_set){ *c->params, ms, speed, counts, s->n };
	return 0;
}

static int take_sets(const struct bench *b, const struct query *q, enum wb_bench_side side,
		     const struct wb_bench_set **ret, struct wb_error *err)
{
	struct wb_bench_set *v = wb_arena_array(b->arena, q->n_cells + 1, sizeof(*v));
	int rc = v ? 0 : wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < q->n_cells; i++)
		rc = take_set(b->arena, &q->cells[i], side, &v[i], err);
	*ret = v;
	return rc;
}

/* Those that count, of all sets, in order. */
static int summarize(struct wb_bench_result *r, struct wb_error *err)
{
	size_t all = 0, quiet = 0, n = 0;
	for (size_t i = 0; i < r->n_sets; i++) {
		for (size_t k = 0; k < r->sets[i].n; k++)
			quiet += r->sets[i].counts[k];
		all += r->sets[i].n;
	}
	double *v = malloc((all + 1) * sizeof(*v));
	if (!v)
		return wb_err_nomem(err);
	bool every = quiet < WB_BENCH_RUNS_MIN * r->n_sets;
	for (size_t i = 0; i < r->n_sets; i++) {
		for (size_t k = 0; k < r->sets[i].n; k++) {
			if (every || r->sets[i].counts[k])
				v[n++] = r->sets[i].ms[k];
		}
	}
	wb_stats_sort(v, n);
	r->disturbed = every ? 0 : all - n;
	bench_summary(r, v, n);
	free(v);
	return 0;
}

/* ---- changes ------------------------------------------------------------------------------------------- */

static const char *why_unsure(const struct comparison *c, double least)
{
	if (c->wavering > least / 2)
		return "the machine was busy with something else";
	if (fabs(c->drift) > least / 4)
		return c->drift > 0 ? "the machine itself is slower than it was"
				    : "the machine itself is faster than it was";
	if (c->shift.hi - c->shift.lo > 2 * least)
		return "the runs differ too much among themselves";
	return "series of runs contradict each other, or the change is close to the smallest that matters";
}

static int take_change(const struct bench *b, struct query *q, const struct comparison *c, struct wb_bench_change *ret,
		       struct wb_error *err)
{
	const struct wb_query_plan *was = q->saved ? q->saved->plan : q->plan_before;
	if (!c->known)
		return 0;
	*ret = (struct wb_bench_change){
		.known = true,
		.verdict = q->settled ? q->change.verdict : WB_BENCH_INCONCLUSIVE,
		.before_ms = c->before_ms,
		.ratio = exp(c->shift.shift),
		.lo = exp(c->shift.lo),
		.hi = exp(c->shift.hi),
		.machine = exp(c->drift),
		.p = c->shift.p,
		.p_holm = c->p_holm,
		.delta = c->shift.delta,
		.series = q->series,
	};
	if (ret->verdict == WB_BENCH_INCONCLUSIVE)
		ret->why = why_unsure(c, bench_least(b));
	return wb_bench_plan_change(was, q->plan, b->arena, &ret->plan, err);
}

static int take_error(const struct bench *b, const struct query *q, struct wb_bench_result *r, struct wb_error *err)
{
	if (!q->error.code)
		return 0;
	r->error = wb_arena_str(b->arena, q->error.message);
	r->error_hint = *q->error.hint ? wb_arena_str(b->arena, q->error.hint) : NULL;
	r->error_code = q->error.code;
	return r->error ? 0 : wb_err_nomem(err);
}

int bench_result(const struct bench *b, struct query *q, const struct comparison *c, struct wb_bench_result *r,
		 struct wb_error *err)
{
	*r = (struct wb_bench_result){ .query = q->q, .n_sets = q->n_cells, .rows = q->rows, .plan = q->plan };
	int rc = take_sets(b, q, WB_BENCH_NOW, &r->sets, err);
	if (rc == 0 && b->n_sides > 1)
		rc = take_sets(b, q, WB_BENCH_BEFORE, &r->before, err);
	if (rc == 0)
		rc = take_error(b, q, r, err);
	if (rc == 0 && c && !r->error)
		rc = take_change(b, q, c, &r->change, err);
	return rc == 0 ? summarize(r, err) : rc;
}

/* ---- the machine ------------------------------------------------------------------------------------------ */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median_speed(const struct wb_bench_set *const *sets, const size_t *n_sets, size_t n, double *v)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; sets[i] && k < n_sets[i]; k++) {
			for (size_t m = 0; sets[i][k].speed_ms && m < sets[i][k].n; m++)
				v[count++] = sets[i][k].speed_ms[m];
		}
	}
	qsort(v, count, sizeof(*v), by_value);
	return count ? wb_stats_quantile(v, count, 0.5) : 0;
}

/* Of the sets that `of` finds in each result of a report. */
static int speed_of(const struct wb_bench_report *r, bool before, double *ret, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	const struct wb_bench_set **sets = wb_arena_array(&a, r->n_results + 1, sizeof(struct wb_bench_set *));
	size_t *n_sets = wb_arena_array(&a, r->n_results + 1, sizeof(*n_sets)), n = 0;
	for (size_t i = 0; sets && n_sets && i < r->n_results; i++) {
		sets[i] = before ? r->results[i].before : r->results[i].sets;
		n_sets[i] = r->results[i].n_sets;
		for (size_t k = 0; sets[i] && k < n_sets[i]; k++)
			n += sets[i][k].n;
	}
	double *v = wb_arena_array(&a, n + 1, sizeof(*v));
	if (!sets || !n_sets || !v)
		return wb_err_nomem(err);
	*ret = median_speed(sets, n_sets, r->n_results, v);
	return 0;
}

static int take_machine(const struct bench *b, struct wb_bench_report *r, struct wb_error *err)
{
	size_t all = 0, quiet = 0;
	double then = 0;
	int rc = speed_of(r, false, &r->speed_ms, err);
	if (rc == 0 && b->o->against)
		rc = speed_of(b->o->against, false, &then, err);
	else if (rc == 0 && b->n_sides > 1)
		rc = speed_of(r, true, &then, err);
	r->speed_ratio = then > 0 ? r->speed_ms / then : 0;
	for (size_t i = 0; i < b->n_cells; i++) {
		for (size_t k = 0; k < b->cells[i]->samples[0].n; k++)
			quiet += b->cells[i]->samples[0].v[k].quiet;
		all += b->cells[i]->samples[0].n;
	}
	r->noisy = quiet * 2 < all;
	return rc;
}

int bench_judge(struct bench *b, struct box *box, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	size_t n = b->suite->n_queries;
	struct wb_bench_result *results = wb_arena_array(&box->arena, n, sizeof(*results));
	struct comparison *v = wb_arena_array(&a, n, sizeof(*v));
	int rc = results && v ? 0 : wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (!b->queries[i].error.code)
			rc = bench_compare(b, &b->queries[i], 0, &v[i], err);
	}
	if (rc == 0)
		rc = bench_correct(v, n, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = bench_result(b, &b->queries[i], &v[i], &results[i], err);
	box->view.results = results;
	box->view.n_results = n;
	if (rc == 0)
		rc = take_machine(b, &box->view, err);
	if (rc == 0)
		bench_count(&box->view);
	return rc;
}
