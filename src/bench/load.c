/* SPDX-License-Identifier: Apache-2.0
 *
 * Load at a rate: queries are due at times that are drawn beforehand, whether
 * those before them are done or not, and their latency counts from when they
 * were due: what waits for a slow one is slow itself. Workers, each with
 * connections of its own, take the next that is due.
 */
#include "bench/run.h"

#include <errno.h>
#include <math.h>

#include "base/thread.h"
#include "base/banned.h"

#define DURATION_MS 10000
#define CONNECTIONS 4
#define CONNECTIONS_MAX 64
#define LATE_NS 1000000

struct due {
	int64_t at_ns; /* from the start */
	struct cell *cell;
};
struct worker {
	struct load *load;
	struct wb_conn *reader, *writer;
	struct wb_thread thread;
};
struct load {
	struct bench *b;
	struct due *due;
	size_t n, next, finished, late;
	int64_t start_ns, end_ns, worst_ns;
	pthread_mutex_t mutex;
	struct wb_error fatal;
	struct worker workers[CONNECTIONS_MAX];
	size_t n_workers;
};

/* ---- what is due when ------------------------------------------------------------------------------- */

static int64_t weight_of(const struct query *q)
{
	return q->error.code || !q->n_cells ? 0 : q->q->weight > 0 ? q->q->weight : 1;
}

static struct cell *draw(struct bench *b, int64_t total)
{
	int64_t at = (int64_t)(wb_stats_uniform(&b->chance) * (double)total);
	for (size_t i = 0; i < b->suite->n_queries; i++) {
		struct query *q = &b->queries[i];
		at -= weight_of(q);
		if (at < 0)
			return &q->cells[wb_stats_random(&b->chance) % q->n_cells];
	}
	return NULL;
}

/* Users know nothing of each other: the gaps between them are exponential. */
static int schedule(struct load *l, struct wb_error *err)
{
	struct bench *b = l->b;
	double span_s = (double)(b->o->duration_ms ? b->o->duration_ms : DURATION_MS) / 1000, at = 0;
	WB_VEC(struct due) due = { 0 };
	int64_t total = 0;
	for (size_t i = 0; i < b->suite->n_queries; i++)
		total += weight_of(&b->queries[i]);
	while (total && (at -= log1p(-wb_stats_uniform(&b->chance)) / b->o->rate) < span_s) {
		struct due one = { (int64_t)(at * 1e9), draw(b, total) };
		if (one.cell && !wb_vec_push(&due, one)) {
			wb_vec_done(&due);
			return wb_err_nomem(err);
		}
	}
	l->due = due.v;
	l->n = due.n;
	return 0;
}

/* ---- workers ------------------------------------------------------------------------------------------- */

static void sleep_until(int64_t at_ns)
{
	const struct timespec t = { .tv_sec = at_ns / 1000000000, .tv_nsec = at_ns % 1000000000 };
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static bool take(struct load *l, size_t *ret_i)
{
	pthread_mutex_lock(&l->mutex);
	bool is = l->next < l->n && !l->fatal.code && !*l->b->place->stop;
	*ret_i = is ? l->next++ : 0;
	pthread_mutex_unlock(&l->mutex);
	return is;
}

static void finish(struct load *l, struct due *d, int64_t begun_ns, int rc, const struct wb_error *why)
{
	int64_t end = wb_now_ns(), wait = begun_ns - l->start_ns - d->at_ns;
	struct query *q = d->cell->query;
	const struct sample one = { .ms = (double)(end - l->start_ns - d->at_ns) / 1e6, .quiet = true };
	pthread_mutex_lock(&l->mutex);
	l->finished++;
	l->late += wait > LATE_NS;
	l->worst_ns = wait > l->worst_ns ? wait : l->worst_ns;
	l->end_ns = end > l->end_ns ? end : l->end_ns;
	if (rc == 0 && !wb_vec_push(&d->cell->samples[0], one))
		(void)wb_err_nomem(&l->fatal);
	else if (rc < 0 && bench_is_fatal(rc))
		l->fatal = *why;
	else if (rc < 0 && !q->error.code)
		q->error = *why;
	pthread_mutex_unlock(&l->mutex);
}

static void work(void *user)
{
	struct worker *w = user;
	struct load *l = w->load;
	size_t i;
	while (take(l, &i)) {
		struct due *d = &l->due[i];
		struct wb_error why = { 0 };
		double ms;
		sleep_until(l->start_ns + d->at_ns);
		int64_t begun = wb_now_ns();
		int rc = wb_bench_once(d->cell->call.writes && w->writer ? w->writer : w->reader, &d->cell->call, &ms,
				       NULL, &why);
		finish(l, d, begun, rc, &why);
	}
}

/* The first one has the connections that are open already. */
static int connect_all(struct load *l, size_t wanted, struct wb_error *err)
{
	const struct wb_bench_place *p = l->b->place;
	struct side *s = &l->b->sides[WB_BENCH_NOW];
	int rc = 0;
	l->workers[0] = (struct worker){ .load = l, .reader = s->reader, .writer = s->writer };
	l->n_workers = 1;
	for (; rc == 0 && l->n_workers < wanted; l->n_workers += rc == 0) {
		struct worker *w = &l->workers[l->n_workers];
		*w = (struct worker){ .load = l };
		rc = p->connect(p->user, WB_BENCH_NOW, false, &w->reader, err);
		if (rc == 0 && s->writer)
			rc = p->connect(p->user, WB_BENCH_NOW, true, &w->writer, err);
		if (rc < 0 && w->reader)
			p->close(p->user, w->reader);
	}
	return rc;
}

static void disconnect(struct load *l)
{
	const struct wb_bench_place *p = l->b->place;
	for (size_t i = 1; i < l->n_workers; i++) {
		if (l->workers[i].writer)
			p->close(p->user, l->workers[i].writer);
		p->close(p->user, l->workers[i].reader);
	}
}

static void run_workers(struct load *l)
{
	l->start_ns = wb_now_ns() + 10000000; /* all are there by then */
	l->end_ns = l->start_ns;
	for (size_t i = 1; i < l->n_workers; i++)
		wb_thread_start(&l->workers[i].thread, work, &l->workers[i]);
	work(&l->workers[0]);
	for (size_t i = 1; i < l->n_workers; i++)
		wb_thread_finish(&l->workers[i].thread);
}

/* ---- the report ------------------------------------------------------------------------------------------ */

static int report(struct load *l, struct box *box, struct wb_error *err)
{
	struct bench *b = l->b;
	double span_s = (double)(l->end_ns - l->start_ns) / 1e9;
	struct wb_bench_result *results = wb_arena_array(b->arena, b->suite->n_queries, sizeof(*results));
	int rc = results ? 0 : wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < b->suite->n_queries; i++)
		rc = bench_result(b, &b->queries[i], NULL, &results[i], err);
	box->view.results = results;
	box->view.n_results = b->suite->n_queries;
	box->view.is_load = true;
	box->view.load = (struct wb_bench_load){ .rate = b->o->rate,
						 .achieved = span_s > 0 ? (double)l->finished / span_s : 0,
						 .duration_ms = (int64_t)(span_s * 1000),
						 .sent = l->finished,
						 .late = l->late,
						 .worst_late_ms = (double)l->worst_ns / 1e6,
						 .connections = (int64_t)l->n_workers };
	if (rc == 0)
		bench_count(&box->view);
	return rc;
}

int bench_load(struct bench *b, struct box *box, struct wb_error *err)
{
	struct load *l = calloc(1, sizeof(*l));
	size_t wanted = (size_t)(b->o->connections > 0 ? b->o->connections : CONNECTIONS);
	if (!l)
		return wb_err_nomem(err);
	l->b = b;
	pthread_mutex_init(&l->mutex, NULL);
	int rc = schedule(l, err);
	if (rc == 0)
		rc = connect_all(l, b->place->alone ? 1 : wanted > CONNECTIONS_MAX ? CONNECTIONS_MAX : wanted, err);
	if (rc == 0)
		run_workers(l);
	if (rc == 0 && l->fatal.code) {
		rc = l->fatal.code;
		if (err)
			*err = l->fatal;
	} else if (rc == 0 && *b->place->stop) {
		rc = wb_err_set(err, WB_ECANCELLED, "cancelled while queries were running");
	}
	if (rc == 0)
		rc = report(l, box, err);
	disconnect(l);
	free(l->due);
	pthread_mutex_destroy(&l->mutex);
	free(l);
	return rc;
}
