/* SPDX-License-Identifier: Apache-2.0
 *
 * What was found out, as recommendations: in words, in SQL, in figures.
 */
#include "bench/advise.h"

#include "base/banned.h"

#define HIGH_SHARE 0.2 /* of the time of the suite */
#define MEDIUM_SHARE 0.05
#define SLOW_MS 100

/* Gain against what it takes: room, and time with every row that is written. */
double wb_advise_worth(const struct wb_recommendation *r)
{
	double megabytes = r->bytes > 0 ? (double)r->bytes / 1048576 : 0, write = r->write_us > 0 ? r->write_us : 0;
	return r->gain_ms / (1 + megabytes / 100 + write / 100);
}

static double total_of(const struct wb_advising *p)
{
	double total = 0;
	for (size_t i = 0; i < p->n_queries; i++)
		total += p->queries[i].error ? 0 : p->queries[i].weight * p->queries[i].first_ms;
	return total;
}

/* ---- indexes ------------------------------------------------------------------------------- */

static int names_of(struct wb_advising *p, const struct wb_candidate *c, struct wb_recommendation *r,
		    struct wb_error *err)
{
	const char **v = wb_arena_array(p->a, p->n_queries + 1, sizeof(*v));
	wb_autostr all = WB_STR_INIT;
	size_t n = 0;
	for (size_t i = 0; v && i < p->n_queries; i++) {
		if (!c->gains[i])
			continue;
		wb_str_addf(&all, "%s%s", n ? ", " : "", p->queries[i].name);
		v[n++] = p->queries[i].name;
	}
	r->queries = (struct wb_texts){ v, n };
	r->query_pattern = all.failed ? NULL : wb_arena_sv(p->a, wb_str_sv(&all));
	return v && r->query_pattern ? 0 : wb_err_nomem(err);
}

static const char *what(const struct wb_candidate *c)
{
	if (!strcmp(c->method, "gin"))
		return "a GIN index";
	if (!strcmp(c->method, "brin"))
		return "a BRIN index";
	if (c->where)
		return c->covering ? "a covering index of a part of the table" : "an index of a part of the table";
	if (c->expression)
		return "an index of an expression";
	return c->covering ? "a covering index" : "an index";
}

/* Any of its queries misses its target without it. */
static bool misses_target(const struct wb_advising *p, const struct wb_candidate *c)
{
	for (size_t i = 0; i < p->n_suite; i++) {
		const struct wb_bench_query *q = p->queries[i].q;
		if (c->gains[i] && q->target_p50_us && p->queries[i].first_ms * 1000 > (double)q->target_p50_us)
			return true;
	}
	return false;
}

static const char *priority(const struct wb_advising *p, const struct wb_candidate *c,
			    const struct wb_recommendation *r)
{
	double saved = r->before_ms > 0 ? 1 - r->after_ms / r->before_ms : 0;
	if (misses_target(p, c) || r->share >= HIGH_SHARE || (r->before_ms >= SLOW_MS && saved >= 0.5))
		return "high";
	return r->share >= MEDIUM_SHARE || saved >= 0.5 ? "medium" : "low";
}

static int words(struct wb_advising *p, const struct wb_candidate *c, const char *name, struct wb_recommendation *r,
		 struct wb_error *err)
{
	struct wb_arena *a = p->a;
	const char *schema = c->table->object->schema;
	const char *concurrently = p->driver->index_ways & WB_INDEX_CONCURRENTLY ? "CONCURRENTLY " : "";
	wb_autostr full = WB_STR_INIT, bare = WB_STR_INIT;
	if (schema) {
		wb_quote_where_needed(&full, schema);
		wb_str_addc(&full, '.');
	}
	wb_quote_where_needed(&bare, name);
	wb_str_addsv(&full, wb_str_sv(&bare));
	if (full.failed || bare.failed)
		return wb_err_nomem(err);
	if (wb_object_get(c->table->object, "partition_by"))
		concurrently = "";
	r->table = c->table->sql;
	r->name = wb_arena_sv(a, wb_str_sv(&full));
	r->sql = wb_arena_printf(a, "CREATE INDEX %s%s ON %s %s", concurrently, bare.p, c->table->sql, c->text);
	r->undo_sql = wb_arena_printf(a, "DROP INDEX %s%s", concurrently, full.p);
	r->recommendation = wb_arena_printf(a, "%s on %s %s", what(c), c->table->sql, c->text);
	r->estimated_improvement = wb_arena_printf(a, "%.0f %% (%.2f ms to %.2f ms)",
						   r->before_ms > 0 ? 100 * (1 - r->after_ms / r->before_ms) : 0,
						   r->before_ms, r->after_ms);
	return r->name && r->sql && r->undo_sql && r->recommendation && r->estimated_improvement ? 0
												 : wb_err_nomem(err);
}

static bool name_taken(const struct wb_advice_box *b, const char *name)
{
	for (size_t i = 0; i < b->recommendations.n; i++) {
		const char *dot = strrchr(b->recommendations.v[i].name, '.');
		if (!strcmp(dot ? dot + 1 : b->recommendations.v[i].name, name))
			return true;
	}
	return false;
}

static int tell(struct wb_advising *p, const struct wb_candidate *c, struct wb_advice_box *b, struct wb_error *err)
{
	double total = total_of(p);
	const char *name = wb_candidate_name(p->a, c, p->model);
	for (int i = 2; name && name_taken(b, name) && i < 100; i++)
		name = wb_arena_printf(p->a, "%s_%d", wb_candidate_name(p->a, c, p->model), i);
	struct wb_recommendation r = { .kind = "index",
				       .before_ms = c->best_before_ms,
				       .after_ms = c->best_after_ms,
				       .gain_ms = c->gain_ms,
				       .share = total > c->gain_ms ? c->gain_ms / total
						: total > 0        ? 1
								   : 0,
				       .bytes = c->bytes,
				       .build_ms = c->build_ms,
				       .write_us = c->write_us,
				       .proof = p->hypothetical ? "expected by the planner" : "measured on a copy" };
	int rc = name ? names_of(p, c, &r, err) : wb_err_nomem(err);
	r.priority = priority(p, c, &r);
	if (rc == 0)
		rc = words(p, c, name, &r, err);
	return rc == 0 && !wb_vec_push(&b->recommendations, r) ? wb_err_nomem(err) : rc;
}

int wb_advise_tell_indexes(struct wb_advising *p, struct wb_advice_box *b, struct wb_error *err)
{
	int rc = 0;
	b->view.candidates = p->candidates.n;
	b->view.measured = p->measured;
	for (size_t i = 0; rc == 0 && i < p->candidates.n; i++) {
		const struct wb_candidate *c = &p->candidates.v[i];
		b->view.built += c->built;
		b->view.rejected += c->built && !c->chosen;
		if (c->chosen)
			rc = tell(p, c, b, err);
	}
	return rc;
}

/* ---- queries -------------------------------------------------------------------------------------- */

/* Tried indexes under the names that they are to have. */
static int rename_indexes(struct wb_advising *p, struct wb_advice_box *b, struct wb_texts *t, struct wb_error *err)
{
	const char **v = wb_arena_array(p->a, t->n + 1, sizeof(*v));
	if (!v)
		return wb_err_nomem(err);
	for (size_t i = 0; i < t->n; i++) {
		size_t told = 0;
		v[i] = t->v[i];
		for (size_t k = 0; k < p->candidates.n; k++) {
			const struct wb_candidate *c = &p->candidates.v[k];
			const char *bare = c->name && strrchr(c->name, '.') ? strrchr(c->name, '.') + 1 : c->name;
			const char *is = c->planned ? c->planned : bare;
			if (c->chosen && is && !strcmp(is, t->v[i]))
				v[i] = b->recommendations.v[told].name;
			told += c->chosen;
		}
	}
	*t = (struct wb_texts){ v, t->n };
	return 0;
}

static int slower(const void *a, const void *b)
{
	const struct wb_advice_query *x = a, *y = b;
	return (x->before_ms < y->before_ms) - (x->before_ms > y->before_ms);
}

int wb_advise_tell_queries(struct wb_advising *p, struct wb_advice_box *b, struct wb_error *err)
{
	struct wb_advice_query *v = wb_arena_array(p->a, p->n_queries + 1, sizeof(*v));
	int rc = v ? 0 : wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < p->n_queries; i++) {
		struct wb_advise_query *q = &p->queries[i];
		rc = rename_indexes(p, b, &q->indexes_after, err);
		v[i] = (struct wb_advice_query){ .name = q->name,
						 .sql = q->q ? q->q->sql : q->text,
						 .weight = q->weight,
						 .before_ms = q->error ? -1 : q->first_ms,
						 .after_ms = q->error ? -1 : q->after_ms,
						 .target_ms = q->q && q->q->target_p50_us
								      ? (double)q->q->target_p50_us / 1000
								      : -1,
						 .rows = q->rows,
						 .indexes = q->indexes,
						 .indexes_after = q->indexes_after.v ? q->indexes_after : q->indexes,
						 .counted = !q->q,
						 .calls = q->times,
						 .error = q->error };
	}
	if (rc == 0 && p->n_queries)
		qsort(v, p->n_queries, sizeof(*v), slower);
	b->view.queries = v;
	b->view.n_queries = p->n_queries;
	return rc;
}
