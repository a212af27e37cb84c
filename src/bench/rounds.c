/* SPDX-License-Identifier: Apache-2.0
 *
 * Rounds. In each one every query runs once with each of its parameter sets, in
 * an order that is drawn anew, so that whatever disturbs the machine for a
 * while disturbs all alike. Before and after each run a calibration (always the
 * same work, together for about as long as the run: a shorter one would slip
 * through what a longer one meets) tells how fast the machine is just then: runs
 * beside a slow one are kept, but do not count, and are made up for.
 */
#include "bench/run.h"

#include "base/banned.h"

#define QUIET 1.15 /* of the machine's undisturbed speed */
#define PATIENCE 3 /* times what the rounds asked for take: so long undisturbed runs are waited for */
#define PATIENCE_MS 15000 /* at least, where there is a comparison */
#define REPEATS_MAX 20
#define SPEED_ALPHA 0.1 /* the undisturbed speed is that of the fastest tenth */

static int push(struct samples *s, struct sample one, struct wb_error *err)
{
	return wb_vec_push(s, one) ? 0 : wb_err_nomem(err);
}

/* ---- how fast the machine is ------------------------------------------------------------------------ */

/* Adds the time of one piece of work, as the mean of several. */
static int calibrate(struct bench *b, struct wb_conn *c, size_t repeats, double *sum_ms, struct wb_error *err)
{
	const char *sql = wb_conn_sql(c, WB_SQL_BENCH_CALIBRATE);
	const struct wb_bench_call call = { .sql = wb_sv_str(sql), .prepared = true, .stop = b->place->stop };
	double total = 0, ms = 0;
	int rc = sql ? 0 : wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < repeats; i++) {
		rc = wb_bench_once(c, &call, &ms, NULL, err);
		total += ms;
	}
	*sum_ms += total / (double)repeats;
	return rc;
}

static int find_floor(struct cell *c, enum wb_bench_side side, struct wb_error *err)
{
	const struct samples *s = &c->samples[side];
	double *v = malloc((s->n + 1) * sizeof(*v));
	if (!v)
		return wb_err_nomem(err);
	for (size_t i = 0; i < s->n; i++)
		v[i] = s->v[i].speed_ms;
	wb_stats_sort(v, s->n);
	c->floor_ms[side] = s->n ? wb_stats_quantile(v, s->n, SPEED_ALPHA) : 0;
	free(v);
	return 0;
}

/* ---- one cell ------------------------------------------------------------------------------------------ */

static size_t repeats_of(double ms, double speed_ms)
{
	double n = speed_ms > 0 ? ms / speed_ms / 2 : 1;
	return n < 1 ? 1 : n > REPEATS_MAX ? REPEATS_MAX : (size_t)(n + 0.5);
}

static int run_side(struct bench *b, struct cell *c, enum wb_bench_side side, bool count, struct wb_error *err)
{
	struct wb_conn *conn = bench_conn(b, c, side), *reader = b->sides[side].reader;
	struct sample s = { .series = b->series };
	size_t repeats = c->repeats ? c->repeats : 1;
	int rc = calibrate(b, reader, repeats, &s.speed_ms, err);
	if (rc == 0)
		rc = wb_bench_once(conn, &c->call, &s.ms, NULL, err);
	if (rc == 0)
		rc = calibrate(b, reader, repeats, &s.speed_ms, err);
	s.speed_ms /= 2;
	if (rc == 0 && count)
		return push(&c->samples[side], s, err);
	/* The shortest of the warm-up counts. */
	if (rc == 0 && b->series == 1 && side == WB_BENCH_NOW &&
	    (!c->repeats || repeats_of(s.ms, s.speed_ms) < c->repeats))
		c->repeats = repeats_of(s.ms, s.speed_ms);
	return rc;
}

/* A run of one side only, beside one that failed, is compared with nothing. */
static void even_out(struct cell *c, size_t n_sides)
{
	size_t least = c->samples[0].n;
	for (size_t k = 1; k < n_sides; k++)
		least = c->samples[k].n < least ? c->samples[k].n : least;
	for (size_t k = 0; k < n_sides; k++)
		c->samples[k].n = least;
}

/* Both databases one right after the other, either first. */
static int run_cell(struct bench *b, struct cell *c, bool count, struct wb_error *err)
{
	struct wb_error why = { 0 };
	enum wb_bench_side first = WB_BENCH_NOW;
	int rc = 0;
	if (b->n_sides > 1 && wb_stats_random(&b->chance) & 1)
		first = WB_BENCH_BEFORE;
	for (size_t i = 0; rc == 0 && i < b->n_sides; i++)
		rc = run_side(b, c, i ? (enum wb_bench_side)(WB_BENCH_BEFORE - first) : first, count, &why);
	b->done++;
	if (rc == 0)
		return 0;
	if (bench_is_fatal(rc)) {
		if (err)
			*err = why;
		return rc;
	}
	even_out(c, b->n_sides);
	c->query->error = why;
	return 0;
}

static bool is_wanted(const struct cell *c)
{
	return !c->done && !c->query->settled && !c->query->error.code;
}

static int round_of(struct bench *b, bool count, struct wb_error *err)
{
	size_t *order = malloc((b->n_cells + 1) * sizeof(*order));
	int rc = order ? 0 : wb_err_nomem(err);
	for (size_t i = 0; order && i < b->n_cells; i++)
		order[i] = i;
	if (order)
		wb_stats_shuffle(order, b->n_cells, &b->chance);
	for (size_t i = 0; rc == 0 && i < b->n_cells; i++) {
		if (is_wanted(b->cells[order[i]]))
			rc = run_cell(b, b->cells[order[i]], count, err);
		if (b->o->progress)
			b->o->progress(b->o->progress_user, b->done, b->total > b->done ? b->total : b->done);
	}
	free(order);
	return rc;
}

/* ---- what counts ------------------------------------------------------------------------------------------ */

static size_t mark_quiet(struct bench *b, struct cell *c)
{
	size_t quiet = 0;
	for (size_t i = 0; i < c->samples[0].n; i++) {
		bool is = true;
		for (size_t k = 0; k < b->n_sides; k++)
			is &= c->samples[k].v[i].speed_ms <= c->floor_ms[k] * QUIET;
		for (size_t k = 0; k < b->n_sides; k++)
			c->samples[k].v[i].quiet = is;
		quiet += is && c->samples[0].v[i].series == b->series;
	}
	return quiet;
}

static int mark_all(struct bench *b, bool *ret_done, struct wb_error *err)
{
	int rc = 0;
	*ret_done = true;
	for (size_t i = 0; rc == 0 && i < b->n_cells; i++) {
		for (size_t k = 0; rc == 0 && k < b->n_sides; k++)
			rc = find_floor(b->cells[i], (enum wb_bench_side)k, err);
		b->cells[i]->done = mark_quiet(b, b->cells[i]) >= b->runs;
		*ret_done &= !is_wanted(b->cells[i]);
	}
	return rc;
}

static int64_t patience_of(const struct bench *b, int64_t spent_ms)
{
	bool compares = b->o->against || b->o->against_url;
	if (b->o->patience_ms)
		return b->o->patience_ms;
	return compares && spent_ms * PATIENCE < PATIENCE_MS ? PATIENCE_MS : spent_ms * PATIENCE;
}

/* Have all runs enough company of an undisturbed machine, or has that been waited for long enough? */
static int is_over(struct bench *b, size_t round, int64_t start_ms, int64_t *patience_ms, bool *ret_over,
		   struct wb_error *err)
{
	int64_t spent = wb_now_ms() - start_ms;
	*ret_over = false;
	if (round < b->runs)
		return 0;
	if (round == b->runs)
		*patience_ms = patience_of(b, spent);
	int rc = mark_all(b, ret_over, err);
	*ret_over |= spent >= *patience_ms;
	return rc;
}

int bench_series(struct bench *b, struct wb_error *err)
{
	int64_t start_ms = 0, patience_ms = 0;
	bool over = false;
	int rc = 0;
	for (size_t i = 0; i < b->n_cells; i++)
		b->cells[i]->done = false;
	for (size_t i = 0; rc == 0 && i < b->warmup; i++)
		rc = round_of(b, false, err);
	start_ms = wb_now_ms();
	for (size_t round = 1; rc == 0 && !over; round++) {
		rc = round_of(b, true, err);
		if (rc == 0)
			rc = is_over(b, round, start_ms, &patience_ms, &over, err);
	}
	return rc;
}
