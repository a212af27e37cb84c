/* SPDX-License-Identifier: Apache-2.0
 *
 * Trying candidates. On a copy all of them are built, and those that are not to
 * count are dropped in a transaction that is rolled back; a planner that can be
 * shown indexes that are not there is shown those that count. Variants are
 * measured in turns, so that what disturbs the machine disturbs all of them.
 */
#include "bench/advise.h"

#include "bench/stats.h"

#include "base/banned.h"

#define ROUNDS 6 /* one run in each is enough to be sure of a difference: of five it is not */
#define ROUNDS_MAX 18 /* of variants that look faster, where it cannot be told */
#define RUNS 3 /* in each */
#define ROUND_MS 120 /* of one query and parameter set: slow ones run less often */
#define LOOKED_AT 1 /* after this round those are left out that are no faster than */
#define HOPELESS 0.93
#define CLEAR_P 0.01
#define CLEAR_RATIO 0.9
#define CLEAR_MS 0.03

void wb_advise_tell(const struct wb_advising *p, const char *phase, size_t done, size_t total)
{
	if (p->o->progress)
		p->o->progress(p->o->progress_user, phase, done, total);
}

/* ---- what is in place --------------------------------------------------------------------- */

static bool matters(const struct wb_advising *p, const struct wb_candidate *c, const bool *queries)
{
	size_t table = (size_t)(c->table - p->tables.v);
	for (size_t i = 0; i < p->n_queries; i++) {
		if ((!queries || queries[i]) && p->queries[i].tables[table])
			return true;
	}
	return false;
}

static int enter_copy(struct wb_advising *p, const bool *present, const bool *queries, struct wb_error *err)
{
	int rc = wb_exec(p->conn, "BEGIN", err);
	for (size_t i = 0; rc == 0 && i < p->candidates.n; i++) {
		const struct wb_candidate *c = &p->candidates.v[i];
		wb_autostr sql = WB_STR_INIT;
		if (!c->built || present[i] || !matters(p, c, queries))
			continue;
		wb_str_addf(&sql, "DROP INDEX %s", c->name);
		rc = sql.failed ? wb_err_nomem(err) : wb_exec(p->conn, sql.p, err);
	}
	return rc;
}

static int take_planned(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct {
		struct wb_arena *a;
		struct wb_candidate *c;
	} *to = user;
	int64_t bytes = -1;
	to->c->planned = wb_arena_sv(to->a, row->v[0]);
	(void)(row->v[1].p && wb_sv_i64(row->v[1], &bytes));
	to->c->bytes = bytes;
	return to->c->planned ? 0 : wb_err_nomem(err);
}

int wb_advise_show(struct wb_advising *p, struct wb_candidate *c, struct wb_error *err)
{
	struct {
		struct wb_arena *a;
		struct wb_candidate *c;
	} to = { p->a, c };
	const char *sql = wb_arena_printf(p->a, "CREATE INDEX ON %s %s", c->table->sql, c->text);
	struct wb_value v = wb_v_text(sql);
	return sql ? wb_query_named(p->conn, WB_SQL_ADVISE_SHOW, &v, 1, take_planned, &to, NULL, err)
		   : wb_err_nomem(err);
}

static int enter_planner(struct wb_advising *p, const bool *present, struct wb_error *err)
{
	int rc = wb_query_named(p->conn, WB_SQL_ADVISE_FORGET, NULL, 0, NULL, NULL, NULL, err);
	for (size_t i = 0; rc == 0 && i < p->candidates.n; i++) {
		if (present[i] && p->candidates.v[i].built)
			rc = wb_advise_show(p, &p->candidates.v[i], err);
	}
	return rc;
}

int wb_advise_enter(struct wb_advising *p, const bool *present, const bool *queries, struct wb_error *err)
{
	if (*p->stop)
		return wb_err_set(err, WB_ECANCELLED, "cancelled");
	return p->hypothetical ? enter_planner(p, present, err) : enter_copy(p, present, queries, err);
}

int wb_advise_leave(struct wb_advising *p, struct wb_error *err)
{
	if (p->hypothetical)
		return wb_query_named(p->conn, WB_SQL_ADVISE_FORGET, NULL, 0, NULL, NULL, NULL, err);
	return p->conn->in_transaction && !p->conn->lost ? wb_conn_rollback(p->conn, err) : 0;
}

/* ---- what the planner says ------------------------------------------------------------------- */

static int add_indexes(struct wb_arena *a, struct wb_texts *to, const struct wb_texts *from, struct wb_error *err)
{
	const char **v = wb_arena_array(a, to->n + from->n + 1, sizeof(*v));
	size_t n = to->n;
	if (!v)
		return wb_err_nomem(err);
	for (size_t i = 0; i < n; i++)
		v[i] = to->v[i];
	for (size_t i = 0; i < from->n; i++) {
		size_t k = 0;
		while (k < n && strcmp(v[k], from->v[i]) != 0)
			k++;
		if (k == n)
			v[n++] = from->v[i];
	}
	*to = (struct wb_texts){ v, n };
	return 0;
}

int wb_advise_cost(struct wb_advising *p, const struct wb_advise_query *q, double *ret_cost,
		   struct wb_texts *ret_indexes, struct wb_error *err)
{
	int rc = q->q ? 0 : wb_exec(p->conn, "SET plan_cache_mode = force_generic_plan", err);
	/* The server keeps a generic plan, and sees no reason for another in an index that is only shown to the
	 * planner. */
	if (rc == 0 && !q->q)
		rc = wb_exec(p->conn, "DISCARD PLANS", err);
	*ret_cost = 0;
	*ret_indexes = (struct wb_texts){ 0 };
	for (size_t i = 0; rc == 0 && i < q->n_calls; i++) {
		struct wb_query_plan *plan = NULL;
		rc = wb_bench_explain(p->conn, &q->calls[i], false, p->a, &plan, err);
		if (rc == 0)
			rc = add_indexes(p->a, ret_indexes, &plan->indexes, err);
		if (rc == 0)
			*ret_cost = plan->cost < 0 || *ret_cost < 0 ? -1 : *ret_cost + plan->cost;
	}
	if (rc == 0 && !q->q)
		rc = wb_exec(p->conn, "RESET plan_cache_mode", err);
	return rc;
}

/* ---- times ----------------------------------------------------------------------------------------- */

struct sample {
	double ms[ROUNDS_MAX * RUNS];
	size_t n;
};
struct measuring {
	struct wb_advising *p;
	const bool *const *variants;
	size_t n;
	const bool *queries;
	struct sample **samples; /* [variant * n_queries + query][call] */
};

static int make_samples(struct measuring *m, struct wb_error *err)
{
	size_t all = m->n * m->p->n_queries;
	m->samples = wb_arena_array(m->p->a, all + 1, sizeof(*m->samples));
	for (size_t i = 0; m->samples && i < all; i++) {
		const struct wb_advise_query *q = &m->p->queries[i % m->p->n_queries];
		if (!m->queries[i % m->p->n_queries])
			continue;
		m->samples[i] = wb_arena_array(m->p->a, q->n_calls + 1, sizeof(**m->samples));
		if (!m->samples[i])
			return wb_err_nomem(err);
	}
	return m->samples ? 0 : wb_err_nomem(err);
}

static bool is_timed(const struct measuring *m, size_t query)
{
	const struct wb_advise_query *q = &m->p->queries[query];
	return m->queries[query] && q->q && !q->error;
}

/* One that fails is told, and not measured any more. What it failed in may have taken the transaction with it. */
static int give_up(struct measuring *m, size_t variant, size_t query, int rc, const struct wb_error *why,
		   struct wb_error *err)
{
	struct wb_advising *p = m->p;
	if (rc == WB_ECANCELLED || rc == WB_ENOMEM || p->conn->lost) {
		if (err)
			*err = *why;
		return rc;
	}
	p->queries[query].error = wb_arena_str(p->a, why->message);
	if (!p->queries[query].error)
		return wb_err_nomem(err);
	return p->hypothetical || p->conn->in_transaction ? 0
							  : wb_advise_enter(p, m->variants[variant], m->queries, err);
}

static int run_query(struct measuring *m, size_t variant, size_t query, struct wb_error *err)
{
	const struct wb_advise_query *q = &m->p->queries[query];
	struct sample *s = m->samples[variant * m->p->n_queries + query];
	struct wb_error why = { 0 };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < q->n_calls; i++) {
		struct wb_bench_call call = q->calls[i];
		size_t n = 0;
		call.limit_ms = ROUND_MS;
		rc = wb_bench_time(m->p->conn, &call, 1, RUNS, s[i].ms + s[i].n, &n, &why);
		s[i].n += rc == 0 ? n : 0;
	}
	return rc < 0 ? give_up(m, variant, query, rc, &why, err) : 0;
}

static int run_variant(struct measuring *m, size_t variant, struct wb_error *err)
{
	struct wb_error ignored;
	int rc = wb_advise_enter(m->p, m->variants[variant], m->queries, err);
	for (size_t i = 0; rc == 0 && i < m->p->n_queries; i++) {
		if (is_timed(m, i))
			rc = run_query(m, variant, i, err);
	}
	int left = wb_advise_leave(m->p, rc < 0 ? &ignored : err);
	return rc < 0 ? rc : left;
}

/* Of each parameter set the median; of the query their mean. */
static double median_of(const struct wb_advise_query *q, const struct sample *s)
{
	double sum = 0, sorted[ROUNDS_MAX * RUNS];
	for (size_t i = 0; i < q->n_calls; i++) {
		memcpy(sorted, s[i].ms, s[i].n * sizeof(*sorted));
		wb_stats_sort(sorted, s[i].n);
		sum += wb_stats_quantile(sorted, s[i].n, 0.5);
	}
	return q->n_calls ? sum / (double)q->n_calls : 0;
}

/* After some rounds: is none of the queries any faster than without it? */
static bool is_hopeless(const struct measuring *m, size_t variant)
{
	for (size_t i = 0; i < m->p->n_queries; i++) {
		const struct wb_advise_query *q = &m->p->queries[i];
		if (is_timed(m, i) &&
		    median_of(q, m->samples[variant * m->p->n_queries + i]) < median_of(q, m->samples[i]) * HOPELESS)
			return false;
	}
	return true;
}

static int compare(const struct measuring *m, size_t variant, size_t query, struct wb_stats_shift *ret,
		   struct wb_error *err)
{
	const struct wb_advise_query *q = &m->p->queries[query];
	const struct sample *before = m->samples[query], *after = m->samples[variant * m->p->n_queries + query];
	struct wb_stats_pair *pairs = wb_arena_array(m->p->a, q->n_calls + 1, sizeof(*pairs));
	for (size_t i = 0; pairs && i < q->n_calls; i++)
		pairs[i] = (struct wb_stats_pair){ before[i].ms, after[i].ms, before[i].n, after[i].n };
	return pairs && wb_stats_compare(pairs, q->n_calls, ret) == 0 ? 0 : wb_err_nomem(err);
}

/* A query looks faster, and it may be chance. */
static int look_again(const struct measuring *m, size_t variant, bool *ret_again, struct wb_error *err)
{
	int rc = 0;
	*ret_again = false;
	for (size_t i = 0; rc == 0 && i < m->p->n_queries; i++) {
		const struct wb_advise_query *q = &m->p->queries[i];
		struct wb_stats_shift shift;
		if (!is_timed(m, i) || median_of(q, m->samples[variant * m->p->n_queries + i]) >=
					       median_of(q, m->samples[i]) * CLEAR_RATIO)
			continue;
		rc = compare(m, variant, i, &shift, err);
		*ret_again |= rc == 0 && shift.p >= CLEAR_P;
	}
	return rc;
}

/* Variants that need no further round leave the order. */
static int thin_out(const struct measuring *m, int round, size_t *order, size_t *n, struct wb_error *err)
{
	size_t variants = 0;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < *n;) {
		bool stays = true;
		if (order[i] && round == LOOKED_AT)
			stays = !is_hopeless(m, order[i]);
		else if (order[i] && round + 1 >= ROUNDS)
			rc = look_again(m, order[i], &stays, err);
		variants += order[i] && stays;
		if (stays)
			i++;
		else
			order[i] = order[--*n];
	}
	if (!variants && (round + 1 >= ROUNDS || (m->n > 1 && round >= LOOKED_AT)))
		*n = 0;
	return rc;
}

static int run_rounds(struct measuring *m, struct wb_error *err)
{
	size_t *order = wb_arena_array(m->p->a, m->n + 1, sizeof(*order)), n = m->n;
	int rc = order ? 0 : wb_err_nomem(err);
	for (size_t i = 0; order && i < m->n; i++)
		order[i] = i;
	for (int round = 0; rc == 0 && n && round < ROUNDS_MAX; round++) {
		wb_stats_shuffle(order, n, &m->p->random);
		for (size_t i = 0; rc == 0 && i < n; i++)
			rc = run_variant(m, order[i], err);
		if (rc == 0)
			rc = thin_out(m, round, order, &n, err);
	}
	return rc;
}

static int judge(struct measuring *m, size_t at, size_t query, struct wb_advise_times *t,
		 const struct wb_advise_times *base, struct wb_error *err)
{
	const struct wb_advise_query *q = &m->p->queries[query];
	struct wb_stats_shift shift;
	int rc = compare(m, at / m->p->n_queries, query, &shift, err);
	if (rc < 0)
		return rc;
	t->median_ms = median_of(q, m->samples[at]);
	bool sure = shift.p < CLEAR_P;
	t->faster = sure && shift.hi < 0 && t->median_ms < base->median_ms * CLEAR_RATIO &&
		    base->median_ms - t->median_ms >= CLEAR_MS;
	if (m->p->sink)
		wb_log(m->p->sink, WB_LOG_TRACE, "%s: n %zu %zu, p %.4f, shift %.3f (%.3f to %.3f)", q->name,
		       m->samples[query][0].n, m->samples[at][0].n, shift.p, shift.shift, shift.lo, shift.hi);
	t->slower = sure && shift.lo > 0 && t->median_ms > base->median_ms / CLEAR_RATIO &&
		    t->median_ms - base->median_ms >= CLEAR_MS;
	return 0;
}

int wb_advise_measure(struct wb_advising *p, const bool *const *variants, size_t n, const bool *queries,
		      struct wb_advise_times **ret_times, struct wb_error *err)
{
	struct measuring m = { .p = p, .variants = variants, .n = n, .queries = queries };
	struct wb_advise_times *t = wb_arena_array(p->a, n * p->n_queries + 1, sizeof(*t));
	int rc = t ? make_samples(&m, err) : wb_err_nomem(err);
	if (rc == 0)
		rc = run_rounds(&m, err);
	for (size_t i = 0; rc == 0 && i < n * p->n_queries; i++) {
		size_t query = i % p->n_queries;
		if (is_timed(&m, query))
			rc = judge(&m, i, query, &t[i], &t[query], err);
	}
	if (rc == 0)
		*ret_times = t;
	return rc;
}
