/* SPDX-License-Identifier: Apache-2.0
 *
 * One query, timed on one connection. What surrounds it (a transaction that is
 * rolled back, or one that cannot write) is not timed; a run that takes longer
 * than it may is cancelled.
 */
#include "bench/bench.h"

#include "base/banned.h"

struct watch {
	const struct wb_bench_call *call;
	int64_t deadline_ms;
	wb_tick_fn tick;
	void *tick_user;
};

static int on_tick(void *user)
{
	const struct watch *w = user;
	if (w->call->stop && *w->call->stop)
		return WB_ECANCELLED;
	if (w->deadline_ms && wb_now_ms() >= w->deadline_ms)
		return WB_ETIMEOUT;
	return w->tick ? w->tick(w->tick_user) : 0;
}

static int count_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)row, (void)err;
	++*(int64_t *)user;
	return 0;
}

typedef int (*watched_fn)(struct wb_conn *c, void *user, struct wb_error *err);

/* Calls fn, which is cancelled when it takes too long. */
static int watched(struct wb_conn *c, const struct wb_bench_call *call, watched_fn fn, void *user, double *ret_ms,
		   struct wb_error *err)
{
	struct watch w = { call, call->timeout_ms ? wb_now_ms() + call->timeout_ms : 0, c->tick, c->tick_user };
	char text[40];
	c->tick = on_tick;
	c->tick_user = &w;
	int64_t start = wb_now_ns();
	int rc = fn(c, user, err);
	int64_t end = wb_now_ns();
	c->tick = w.tick;
	c->tick_user = w.tick_user;
	*ret_ms = (double)(end - start) / 1e6;
	if (rc == WB_ETIMEOUT) {
		wb_err_set(err, rc, "it ran longer than %s", wb_duration_text(call->timeout_ms, text, sizeof(text)));
		wb_err_hint(err, "give it a longer timeout, or an index");
	}
	return rc;
}

static int begin(struct wb_conn *c, struct wb_error *err)
{
	const struct wb_tx_options o = { .lock_timeout_ms = 10000 };
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_query q[8] = { 0 };
	size_t done, offset;
	int n = wb_conn_tx_begin(c, &a, &o, q, 8);
	return n < 0 ? wb_err_nomem(err) : wb_run(c, q, (size_t)n, &done, &offset, err);
}

/* What is around a run. Nothing: the session itself cannot write, and stays so. */
enum around { AROUND_NOTHING, AROUND_LOOK, AROUND_SAVEPOINT, AROUND_TRANSACTION };

static enum around around_of(const struct wb_conn *c, const struct wb_bench_call *call)
{
	if (call->writes)
		return c->in_transaction ? AROUND_SAVEPOINT : AROUND_TRANSACTION;
	return c->options.read_only && !c->pooled ? AROUND_NOTHING : AROUND_LOOK;
}

static int enter(struct wb_conn *c, enum around around, struct wb_error *err)
{
	if (around == AROUND_LOOK)
		return wb_conn_look(c, true, err);
	if (around == AROUND_SAVEPOINT)
		return wb_exec(c, "SAVEPOINT whimbrel_bench", err);
	return around == AROUND_TRANSACTION ? begin(c, err) : 0;
}

static int leave(struct wb_conn *c, enum around around, bool failed, struct wb_error *err)
{
	if (c->lost)
		return 0;
	if (around == AROUND_LOOK)
		return wb_conn_look(c, false, err);
	if (!c->in_transaction)
		return 0;
	if (around == AROUND_SAVEPOINT) {
		int rc = wb_exec(c, "ROLLBACK TO SAVEPOINT whimbrel_bench", err);
		return rc < 0 ? rc : wb_exec(c, "RELEASE SAVEPOINT whimbrel_bench", err);
	}
	return around == AROUND_TRANSACTION || failed ? wb_conn_rollback(c, err) : 0;
}

/* The same, and nothing of it stays: what is said to write is undone, what is not cannot write, whatever functions it
 * calls. A transaction that is open already goes on, after an error as well. */
static int surrounded(struct wb_conn *c, const struct wb_bench_call *call, watched_fn fn, void *user, double *ret_ms,
		      struct wb_error *err)
{
	enum around around = around_of(c, call);
	struct wb_error ignored;
	int rc = enter(c, around, err);
	if (rc == 0)
		rc = watched(c, call, fn, user, ret_ms, err);
	int left = leave(c, around, rc < 0, rc < 0 ? &ignored : err);
	return rc < 0 ? rc : left;
}

static int run_query(struct wb_conn *c, void *query, struct wb_error *err)
{
	size_t done, offset = SIZE_MAX;
	return wb_run(c, query, 1, &done, &offset, err);
}

int wb_bench_once(struct wb_conn *c, const struct wb_bench_call *call, double *ret_ms, int64_t *ret_rows,
		  struct wb_error *err)
{
	int64_t rows = 0;
	struct wb_query q = { .sql = call->sql,
			      .params = call->values,
			      .n_params = call->n_values,
			      .cached = call->prepared,
			      .row = ret_rows ? count_row : NULL,
			      .row_user = &rows };
	int rc = surrounded(c, call, run_query, &q, ret_ms, err);
	if (rc == 0 && ret_rows)
		*ret_rows = rows ? rows : call->writes && q.affected > 0 ? q.affected : 0;
	return rc;
}

struct asking {
	struct wb_query q;
	bool analyze;
	struct wb_arena *a;
	struct wb_query_plan *plan;
};

static int ask_plan(struct wb_conn *c, void *user, struct wb_error *err)
{
	struct asking *k = user;
	return wb_conn_explain(c, &k->q, k->analyze, k->a, k->plan, err);
}

int wb_bench_ask_plan(struct wb_conn *c, const struct wb_bench_call *call, bool analyze, struct wb_arena *a,
		      struct wb_query_plan *ret_plan, struct wb_error *err)
{
	struct asking k = {
		{ .sql = call->sql, .params = call->values, .n_params = call->n_values }, analyze, a, ret_plan
	};
	double ms;
	return surrounded(c, call, ask_plan, &k, &ms, err);
}

int wb_bench_time(struct wb_conn *c, const struct wb_bench_call *call, size_t warmup, size_t runs, double *ret_ms,
		  size_t *ret_n, struct wb_error *err)
{
	double spent = 0, ms = 0;
	size_t n = 0;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < warmup && (call->limit_ms <= 0 || spent < call->limit_ms); i++) {
		rc = wb_bench_once(c, call, &ms, NULL, err);
		spent += ms;
	}
	for (spent = 0; rc == 0 && n < runs && (n == 0 || call->limit_ms <= 0 || spent < call->limit_ms); n++) {
		rc = wb_bench_once(c, call, &ret_ms[n], NULL, err);
		spent += ret_ms[n];
	}
	if (rc == 0)
		*ret_n = n;
	return rc;
}

/* ---- parameter sets out of the database ------------------------------------------------------------- */

struct reading {
	struct wb_arena *a;
	struct wb_named_values *v;
	size_t n;
};

static int take_set(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct reading *r = user;
	struct wb_named_value *v = wb_arena_array(r->a, (size_t)row->n + 1, sizeof(*v));
	if (!v)
		return wb_err_nomem(err);
	if (r->n == WB_BENCH_SETS_MAX)
		return 0;
	for (int i = 0; i < row->n; i++) {
		v[i].name = row->names ? wb_arena_str(r->a, row->names[i]) : NULL;
		v[i].value = row->v[i].p ? wb_arena_sv(r->a, row->v[i]) : NULL;
		if (!v[i].name || (row->v[i].p && !v[i].value))
			return wb_err_nomem(err);
	}
	r->v[r->n++] = (struct wb_named_values){ v, (size_t)row->n };
	return 0;
}

int wb_bench_sets(struct wb_conn *c, struct wb_arena *a, const struct wb_bench_query *q,
		  const struct wb_named_values **ret_v, size_t *ret_n, struct wb_error *err)
{
	struct reading r = { a, wb_arena_array(a, WB_BENCH_SETS_MAX, sizeof(*r.v)), 0 };
	if (!r.v)
		return wb_err_nomem(err);
	if (!q->sets_query) {
		*ret_v = q->n_sets ? q->sets : r.v;
		*ret_n = q->n_sets ? q->n_sets : 1; /* one that is empty */
		return 0;
	}
	struct wb_query ask = { .sql = wb_sv_str(q->sets_query), .row = take_set, .row_user = &r };
	while (ask.sql.n && strchr("; \t\r\n", ask.sql.p[ask.sql.n - 1]))
		ask.sql.n--;
	const struct wb_bench_call reads = { .sql = ask.sql };
	double ms;
	int rc = surrounded(c, &reads, run_query, &ask, &ms, err);
	if (rc == 0 && r.n == 0)
		rc = wb_err_set(err, WB_EINPUT, "its params_query gave no row");
	*ret_v = r.v;
	*ret_n = rc == 0 ? r.n : 0;
	return rc;
}
