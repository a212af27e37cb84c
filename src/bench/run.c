/* SPDX-License-Identifier: Apache-2.0
 *
 * A suite from its connections to its report. What is wrong with one query is
 * told in its result; the others are measured.
 */
#include "bench/run.h"

#include "base/banned.h"

#define SERIES_MAX 4 /* measured anew until two series agree */

bool bench_is_fatal(int rc)
{
	return rc == WB_ECANCELLED || rc == WB_ENOMEM || rc == WB_ECONN || rc == WB_EBUG;
}

struct wb_conn *bench_conn(const struct bench *b, const struct cell *c, enum wb_bench_side side)
{
	const struct side *s = &b->sides[side];
	return c->call.writes && s->writer ? s->writer : s->reader;
}

/* ---- connections --------------------------------------------------------------------------------- */

static int connect_side(struct bench *b, enum wb_bench_side side, struct wb_error *err)
{
	const struct wb_bench_place *p = b->place;
	bool writes = false;
	for (size_t i = 0; i < b->suite->n_queries; i++)
		writes |= b->suite->queries[i].writes;
	int rc = p->connect(p->user, side, p->alone && writes, &b->sides[side].reader, err);
	if (rc == 0 && writes && !p->alone)
		rc = p->connect(p->user, side, true, &b->sides[side].writer, err);
	return rc;
}

static void disconnect(struct bench *b)
{
	for (size_t i = 0; i < WB_BENCH_SIDES; i++) {
		if (b->sides[i].writer)
			b->place->close(b->place->user, b->sides[i].writer);
		if (b->sides[i].reader)
			b->place->close(b->place->user, b->sides[i].reader);
	}
}

/* ---- what is to be run ------------------------------------------------------------------------------ */

static int make_cell(struct bench *b, struct query *q, const struct wb_named_values *set, struct cell *c,
		     struct wb_error *err)
{
	c->query = q;
	c->params = set;
	int rc = wb_bench_call(b->arena, b->place->driver, q->q, set, &c->call, err);
	c->call.stop = b->place->stop;
	if (b->o->timeout_ms)
		c->call.timeout_ms = b->o->timeout_ms;
	else if (!c->call.timeout_ms)
		c->call.timeout_ms = b->suite->timeout_ms ? b->suite->timeout_ms : WB_BENCH_TIMEOUT_MS;
	return rc;
}

/* All of them or none. */
static int make_cells(struct bench *b, struct query *q, struct wb_error *err)
{
	const struct wb_named_values *sets = NULL;
	size_t n = 0;
	int rc = wb_bench_sets(b->sides[0].reader, b->arena, q->q, &sets, &n, err);
	if (rc < 0)
		return rc;
	q->cells = wb_arena_array(b->arena, n + 1, sizeof(*q->cells));
	if (!q->cells)
		return wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = make_cell(b, q, &sets[i], &q->cells[i], err);
	if (rc == 0)
		q->n_cells = n;
	return rc;
}

/* Each query once: does it run at all, and how many rows does it give? */
static int try_query(struct bench *b, struct query *q, struct wb_error *err)
{
	double ms;
	int rc = make_cells(b, q, err);
	for (size_t i = 0; rc == 0 && i < q->n_cells; i++) {
		int64_t rows = 0;
		for (size_t k = 0; rc == 0 && k < b->n_sides; k++)
			rc = wb_bench_once(bench_conn(b, &q->cells[i], (enum wb_bench_side)k), &q->cells[i].call, &ms,
					   k ? NULL : &rows, err);
		q->rows = rows > q->rows ? rows : q->rows;
	}
	return rc;
}

static int explain(struct bench *b, struct query *q, struct wb_error *err)
{
	int rc = 0;
	if (b->o->no_plans || !q->n_cells)
		return 0;
	for (size_t k = 0; rc == 0 && k < b->n_sides; k++)
		rc = wb_bench_explain(bench_conn(b, &q->cells[0], (enum wb_bench_side)k), &q->cells[0].call, true,
				      b->arena, k ? &q->plan_before : &q->plan, err);
	return rc;
}

static int prepare_query(struct bench *b, struct query *q, struct wb_error *err)
{
	struct wb_error why = { 0 };
	int rc = try_query(b, q, &why);
	if (rc == 0)
		rc = explain(b, q, &why);
	if (rc == 0)
		return 0;
	if (bench_is_fatal(rc) || (rc == WB_EINPUT && !q->q->sets_query)) {
		if (rc == WB_EINPUT && b->suite->file)
			wb_err_place(&why, b->suite->file, q->q->line, q->q->column);
		if (err)
			*err = why;
		return rc;
	}
	q->error = why;
	return 0;
}

static bool same_values(const struct wb_named_values *x, const struct wb_named_values *y)
{
	bool same = x->n == y->n;
	for (size_t i = 0; same && i < x->n; i++) {
		const char *v = x->v[i].value, *w = y->v[i].value;
		same = !strcmp(x->v[i].name, y->v[i].name) && (v && w ? !strcmp(v, w) : v == w);
	}
	return same;
}

static void find_saved(const struct bench *b, struct query *q)
{
	const struct wb_bench_report *r = b->o->against;
	for (size_t i = 0; r && i < r->n_results; i++) {
		if (!strcmp(r->results[i].query->name, q->q->name) && !r->results[i].error)
			q->saved = &r->results[i];
	}
	for (size_t i = 0; q->saved && i < q->n_cells; i++) {
		for (size_t k = 0; k < q->saved->n_sets; k++) {
			if (same_values(q->cells[i].params, &q->saved->sets[k].params))
				q->cells[i].saved = &q->saved->sets[k];
		}
	}
}

static int prepare(struct bench *b, struct wb_error *err)
{
	const struct wb_bench_suite *s = b->suite;
	size_t n = 0;
	int rc = 0;
	b->queries = wb_arena_array(b->arena, s->n_queries, sizeof(*b->queries));
	if (!b->queries)
		return wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < s->n_queries; i++) {
		b->queries[i].q = &s->queries[i];
		rc = prepare_query(b, &b->queries[i], err);
		find_saved(b, &b->queries[i]);
		b->n_cells += b->queries[i].n_cells;
	}
	b->cells = wb_arena_array(b->arena, b->n_cells + 1, sizeof(*b->cells));
	if (!b->cells)
		return wb_err_nomem(err);
	for (size_t i = 0; i < s->n_queries; i++) {
		for (size_t k = 0; k < b->queries[i].n_cells; k++)
			b->cells[n++] = &b->queries[i].cells[k];
	}
	b->total = n * (b->runs + b->warmup);
	return rc;
}

/* ---- the server ------------------------------------------------------------------------------------------ */

struct settings {
	struct wb_arena *a;
	WB_VEC(struct wb_bench_setting) v;
};

static int take_setting(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct settings *s = user;
	struct wb_bench_setting one = { 0 };
	if (row->n < 2 || !row->v[0].p || !row->v[1].p)
		return 0;
	one.name = wb_arena_sv(s->a, row->v[0]);
	one.value = wb_arena_sv(s->a, row->v[1]);
	return one.name && one.value && wb_vec_push(&s->v, one) ? 0 : wb_err_nomem(err);
}

static int read_settings(struct bench *b, struct wb_bench_report *r, struct wb_error *err)
{
	struct settings s = { .a = b->arena };
	int rc = wb_query_named(b->sides[0].reader, WB_SQL_BENCH_SETTINGS, NULL, 0, take_setting, &s, NULL, err);
	struct wb_bench_setting *v = rc == 0 ? wb_arena_array(b->arena, s.v.n + 1, sizeof(*v)) : NULL;
	if (rc == 0 && !v)
		rc = wb_err_nomem(err);
	if (rc == 0 && s.v.n)
		memcpy(v, s.v.v, s.v.n * sizeof(*v));
	r->settings = v;
	r->n_settings = s.v.n;
	r->server = wb_arena_str(b->arena, b->sides[0].reader->server);
	wb_vec_done(&s.v);
	return rc == 0 && !r->server ? wb_err_nomem(err) : rc;
}

/* ---- all of it --------------------------------------------------------------------------------------------- */

static int measure(struct bench *b, struct wb_error *err)
{
	bool more = true;
	int rc = 0;
	for (b->series = 1; rc == 0 && more && b->series <= SERIES_MAX; b->series++) {
		rc = bench_series(b, err);
		if (rc == 0)
			rc = bench_vote(b, &more, err);
	}
	return rc;
}

static int run_all(struct bench *b, struct box *box, struct wb_error *err)
{
	int rc = connect_side(b, WB_BENCH_NOW, err);
	if (rc == 0 && b->n_sides > 1)
		rc = connect_side(b, WB_BENCH_BEFORE, err);
	if (rc == 0)
		rc = read_settings(b, &box->view, err);
	if (rc == 0)
		rc = prepare(b, err);
	if (rc == 0 && b->o->rate > 0)
		return bench_load(b, box, err);
	if (rc == 0)
		rc = measure(b, err);
	return rc < 0 ? rc : bench_judge(b, box, err);
}

static const char *now_text(struct wb_arena *a)
{
	char now[32];
	return wb_arena_str(a, wb_time_rfc3339(wb_wall_us(), now, sizeof(now)));
}

static size_t rounds_of(int64_t said, int64_t suite, int64_t usual, int64_t least)
{
	int64_t n = said ? said : suite ? suite : usual;
	return (size_t)(n < least ? least : n);
}

int wb_bench_at(const struct wb_bench_place *place, const struct wb_bench_suite *suite,
		const struct wb_bench_options *o, struct wb_bench_report **ret_report, struct wb_error *err)
{
	int64_t start = wb_now_ms();
	struct box *box = NULL;
	struct bench b = { .place = place,
			   .suite = suite,
			   .o = o,
			   .n_sides = o->against_url ? 2 : 1,
			   .chance = (uint64_t)(o->seed ? o->seed : 1),
			   .runs = rounds_of(o->runs, suite->runs, WB_BENCH_RUNS, WB_BENCH_RUNS_MIN),
			   .warmup = rounds_of(o->warmup, suite->warmup, WB_BENCH_WARMUP, 1) };
	int rc = wb_bench_suite_valid(suite, place->driver, err);
	if (rc < 0)
		return rc;
	box = calloc(1, sizeof(*box));
	if (!box)
		return wb_err_nomem(err);
	b.arena = &box->arena;
	box->view.size = sizeof(box->view);
	box->view.suite = suite;
	box->view.start_time = now_text(b.arena);
	if (o->against_name)
		box->view.compared_with = wb_arena_str(b.arena, o->against_name);
	rc = run_all(&b, box, err);
	box->view.end_time = now_text(b.arena);
	box->view.duration_ms = wb_now_ms() - start;
	for (size_t i = 0; i < b.n_cells; i++) {
		for (size_t k = 0; b.cells && k < WB_BENCH_SIDES; k++)
			wb_vec_done(&b.cells[i]->samples[k]);
	}
	disconnect(&b);
	if (rc == 0 && (!box->view.start_time || !box->view.end_time))
		rc = wb_err_nomem(err);
	if (rc < 0)
		wb_bench_report_done(&box->view);
	else
		*ret_report = &box->view;
	return rc;
}

void wb_bench_report_done(struct wb_bench_report *report)
{
	struct box *box = (struct box *)report;
	if (!box)
		return;
	wb_arena_done(&box->arena);
	free(box);
}

WB_API const char *wb_bench_verdict_name(enum wb_bench_verdict verdict)
{
	static const char *const names[] = { "pass", "fail", "improved", "regressed", "unchanged", "inconclusive" };
	return (unsigned)verdict < WB_ARRAY_LEN(names) ? names[verdict] : "";
}
