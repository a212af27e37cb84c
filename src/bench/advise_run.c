/* SPDX-License-Identifier: Apache-2.0
 *
 * Advice from beginning to end: what there is, what the queries ask, what might
 * help, what does.
 */
#include "bench/advise.h"

#include "base/banned.h"

#define SETS_MAX 3 /* parameter sets of a query that are looked at */
#define TIMEOUT_MS 60000

/* ---- what there is ------------------------------------------------------------------------ */

static const char *name_of(struct wb_arena *a, const char *schema, const char *name)
{
	wb_autostr s = WB_STR_INIT;
	if (schema) {
		wb_quote_where_needed(&s, schema);
		wb_str_addc(&s, '.');
	}
	wb_quote_where_needed(&s, name);
	return s.failed ? NULL : wb_arena_sv(a, wb_str_sv(&s));
}

static int add_table(struct wb_advising *p, const struct wb_object *o, struct wb_error *err)
{
	struct wb_advise_table t = { .object = o, .rows = -1, .bytes = -1, .sql = name_of(p->a, o->schema, o->name) };
	struct wb_object *const *v = wb_model_children(p->model, o, WB_KIND_COLUMN, &t.n_columns);
	t.columns = wb_arena_array(p->a, t.n_columns + 1, sizeof(*t.columns));
	if (!t.columns || !t.sql)
		return wb_err_nomem(err);
	for (size_t i = 0; i < t.n_columns; i++) {
		t.columns[i] = (struct wb_advise_column){ .name = v[i]->name,
							  .type = wb_object_get(v[i], "type"),
							  .sql = name_of(p->a, NULL, v[i]->name) };
		if (!t.columns[i].sql)
			return wb_err_nomem(err);
	}
	return wb_vec_push(&p->tables, t) ? 0 : wb_err_nomem(err);
}

static int64_t number(struct wb_sv v)
{
	int64_t n;
	return v.p && wb_sv_i64(v, &n) ? n : -1;
}

/* Columns of advise_columns, see driver/queries.h. */
static int take_column(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct wb_advising *p = user;
	(void)err;
	for (size_t i = 0; i < p->tables.n; i++) {
		struct wb_advise_table *t = &p->tables.v[i];
		if (!wb_sv_eq(row->v[0], wb_sv_str(t->object->schema ? t->object->schema : "")) ||
		    !wb_sv_eq(row->v[1], wb_sv_str(t->object->name)))
			continue;
		t->rows = number(row->v[6]);
		t->bytes = number(row->v[7]);
		for (size_t k = 0; k < t->n_columns; k++) {
			if (!wb_sv_eq(row->v[2], wb_sv_str(t->columns[k].name)))
				continue;
			t->columns[k].distinct = row->v[3].p ? number(row->v[3]) : 0;
			t->columns[k].correlation = row->v[4].p ? number(row->v[4]) : 0;
			t->columns[k].width = row->v[5].p ? number(row->v[5]) : 0;
		}
	}
	return 0;
}

static int read_tables(struct wb_advising *p, struct wb_error *err)
{
	int rc = wb_conn_inspect(p->conn, NULL, &p->model, err);
	for (size_t i = 0; rc == 0 && i < p->model->n; i++) {
		const struct wb_object *o = p->model->v[i];
		if (o->kind == WB_KIND_TABLE || o->kind == WB_KIND_MATERIALIZED_VIEW)
			rc = add_table(p, o, err);
	}
	return rc < 0 ? rc : wb_query_named(p->conn, WB_SQL_ADVISE_COLUMNS, NULL, 0, take_column, p, NULL, err);
}

/* ---- what the queries ask -------------------------------------------------------------------- */

static int shape_of(struct wb_advising *p, struct wb_sv sql, struct wb_shapes *ret, struct wb_error *err)
{
	return p->driver->query_shape ? p->driver->query_shape(sql, p->a, ret, err)
				      : wb_query_tokens(p->driver->dialect, sql, p->a, ret, err);
}

static bool is_named(const struct wb_object *o, struct wb_name name)
{
	if (o->any_case)
		return !strcasecmp(o->name, name.name);
	return !strcmp(o->name, name.name) && (!name.schema || (o->schema && !strcmp(o->schema, name.schema)));
}

static int find_tables(struct wb_advising *p, struct wb_advise_query *q, struct wb_sv sql, struct wb_error *err)
{
	int rc = shape_of(p, sql, &q->shapes, err);
	q->tables = wb_arena_array(p->a, p->tables.n + 1, sizeof(bool));
	if (rc == 0 && !q->tables)
		rc = wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < q->shapes.n; i++) {
		const struct wb_shape *s = &q->shapes.v[i];
		for (size_t k = 0; k < s->n_tables; k++) {
			for (size_t t = 0; s->tables[k].name.name && t < p->tables.n; t++)
				q->tables[t] |= is_named(p->tables.v[t].object, s->tables[k].name);
		}
	}
	return rc;
}

static int make_calls(struct wb_advising *p, struct wb_advise_query *q, struct wb_error *err)
{
	const struct wb_named_values *sets;
	size_t n;
	int rc = wb_bench_sets(p->conn, p->a, q->q, &sets, &n, err);
	if (rc < 0)
		return rc;
	n = n > SETS_MAX ? SETS_MAX : n;
	q->calls = wb_arena_array(p->a, n + 1, sizeof(*q->calls));
	if (!q->calls)
		return wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = wb_bench_call(p->a, p->driver, q->q, sets[i].n ? &sets[i] : NULL, &q->calls[i], err);
		q->calls[i].timeout_ms = p->o->timeout_ms   ? p->o->timeout_ms
					 : q->q->timeout_ms ? q->q->timeout_ms
							    : TIMEOUT_MS;
		q->calls[i].stop = p->stop;
		q->calls[i].prepared = false; /* indexes come and go */
		q->n_calls = i + 1;
	}
	return rc;
}

/* A query that cannot be run is told, and left out. */
static int read_query(struct wb_advising *p, struct wb_advise_query *q, struct wb_error *err)
{
	struct wb_error why = { 0 };
	double ms;
	q->name = q->q->name;
	q->weight = q->q->weight ? (double)q->q->weight : 1;
	q->rows = -1;
	q->cost = -1;
	int rc = make_calls(p, q, &why);
	if (rc == 0)
		rc = find_tables(p, q, q->calls[0].sql, &why);
	if (rc == 0)
		rc = wb_bench_once(p->conn, &q->calls[0], &ms, &q->rows, &why);
	if (rc == 0)
		return 0;
	if (rc == WB_ECANCELLED || rc == WB_ENOMEM || p->conn->lost) {
		*err = why;
		return rc;
	}
	q->error = wb_arena_str(p->a, why.message);
	q->n_calls = 0;
	q->shapes = (struct wb_shapes){ 0 };
	if (!q->tables)
		q->tables = wb_arena_array(p->a, p->tables.n + 1, sizeof(bool));
	return q->error && q->tables ? 0 : wb_err_nomem(err);
}

static int read_queries(struct wb_advising *p, const struct wb_bench_suite *suite, struct wb_error *err)
{
	int64_t more = p->statements ? p->o->statements : 0;
	int rc = 0;
	p->queries = wb_arena_array(p->a, suite->n_queries + (size_t)more + 1, sizeof(*p->queries));
	if (!p->queries)
		return wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < suite->n_queries; i++) {
		p->queries[i].q = &suite->queries[i];
		rc = read_query(p, &p->queries[i], err);
		p->n_queries = p->n_suite = i + 1;
	}
	return rc;
}

static int find_candidates(struct wb_advising *p, struct wb_advice_box *b, struct wb_error *err)
{
	struct wb_candidate_making m = { .a = p->a,
					 .tables = &p->tables,
					 .ways = p->driver->index_ways,
					 .trigrams = p->trigrams,
					 .n_queries = p->n_queries };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < p->n_queries; i++) {
		if (!p->queries[i].error)
			rc = wb_candidates_add(&m, &p->queries[i].shapes, i, &p->candidates, err);
	}
	if (rc == 0 && p->candidates.cut &&
	    !wb_vec_push(&b->notes, "there would have been more candidates: give the suite in parts"))
		rc = wb_err_nomem(err);
	return rc;
}

/* ---- what can be asked ---------------------------------------------------------------------------- */

struct ways {
	bool shown, trigrams, statements;
};

static int take_ways(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct ways *w = user;
	(void)err;
	*w = (struct ways){ number(row->v[0]) == 1, number(row->v[1]) == 1, number(row->v[2]) == 1 };
	return 0;
}

static int decide(struct wb_advising *p, const struct wb_advise_place *place, struct wb_error *err)
{
	struct ways w = { 0 };
	int rc = wb_query_named(place->conn, WB_SQL_ADVISE_WAYS, NULL, 0, take_ways, &w, NULL, err);
	if (rc < 0)
		return rc;
	p->trigrams = w.trigrams;
	p->statements = w.statements;
	p->hypothetical = w.shown && p->o->proof != WB_PROOF_COPY;
	if (p->o->proof != WB_PROOF_PLANNER || w.shown)
		return 0;
	wb_err_set(err, WB_EUNSUPPORTED, "the planner cannot be shown indexes that are not there");
	wb_err_hint(err, "that takes the extension hypopg (CREATE EXTENSION hypopg); or let them be tried on a copy");
	return WB_EUNSUPPORTED;
}

static int start_times(struct wb_advice_box *b, struct wb_error *err)
{
	char buf[40];
	b->view.generated = wb_arena_str(&b->arena, wb_time_rfc3339(wb_wall_us(), buf, sizeof(buf)));
	return b->view.generated ? 0 : wb_err_nomem(err);
}

static int work(struct wb_advising *p, const struct wb_advise_place *place, const struct wb_bench_suite *suite,
		struct wb_advice_box *b, struct wb_error *err)
{
	int rc = read_tables(p, err);
	if (rc == 0)
		rc = read_queries(p, suite, err);
	if (rc == 0 && p->o->statements > 0)
		rc = wb_advise_counted(p, place, p->o->statements, err);
	for (size_t i = p->n_suite; rc == 0 && i < p->n_queries; i++)
		rc = find_tables(p, &p->queries[i], wb_sv_str(p->queries[i].text), err);
	if (rc == 0)
		rc = find_candidates(p, b, err);
	if (rc == 0)
		rc = wb_advise_prove(p, err);
	if (rc == 0)
		rc = wb_advise_tell_indexes(p, b, err);
	if (rc == 0)
		rc = wb_advise_tell_queries(p, b, err);
	return rc == 0 ? wb_advise_statistics(p, b, err) : rc;
}

static int notes(const struct wb_advising *p, struct wb_advice_box *b, struct wb_error *err)
{
	bool ok = true;
	if (p->hypothetical)
		ok = wb_vec_push(&b->notes,
				 "times with recommended indexes are what the planner's costs let expect: no "
				 "index was built; GIN was not looked at (--prove copy does)");
	if (ok && p->n_queries > p->n_suite)
		ok = wb_vec_push(&b->notes,
				 "queries that the server has counted have no values: they are judged by the "
				 "costs of their generic plans alone");
	if (ok && p->o->statements > 0 && !p->statements)
		ok = wb_vec_push(&b->notes,
				 "the server counts no statements: that takes the extension pg_stat_statements");
	return ok ? 0 : wb_err_nomem(err);
}

int wb_advise_at(const struct wb_advise_place *place, const struct wb_bench_suite *suite,
		 const struct wb_advise_options *o, struct wb_advice_box **ret_box, struct wb_error *err)
{
	struct wb_advice_box *b = calloc(1, sizeof(*b));
	struct wb_advise_copy copy = { 0 };
	int64_t start = wb_now_ms();
	if (!b)
		return wb_err_nomem(err);
	struct wb_advising p = { .a = &b->arena,
				 .driver = place->driver,
				 .sink = place->sink,
				 .o = o,
				 .stop = place->stop,
				 .random = o->seed ? (uint64_t)o->seed : 1 };
	int rc = wb_bench_suite_valid(suite, place->driver, err);
	if (rc == 0)
		rc = start_times(b, err);
	if (rc == 0)
		rc = decide(&p, place, err);
	if (rc == 0 && !p.hypothetical)
		rc = wb_advise_copy_open(place, o, &copy, err);
	p.conn = p.hypothetical ? place->conn : copy.conn;
	b->view.copy_ms = copy.ms;
	if (rc == 0) {
		rc = work(&p, place, suite, b, err);
		struct wb_error ignored;
		int left = p.hypothetical ? wb_advise_counted_done(&p, rc < 0 ? &ignored : err) : 0;
		rc = rc < 0 ? rc : left;
	}
	wb_advise_copy_close(place, &copy);
	if (rc == 0)
		rc = wb_advise_stale(place, b, err);
	if (rc == 0)
		rc = notes(&p, b, err);
	wb_vec_done(&p.tables);
	wb_vec_done(&p.candidates);
	wb_model_free(p.model);
	b->view.suite = suite;
	b->view.server = wb_arena_str(&b->arena, place->conn->server);
	b->view.proof = p.hypothetical ? "planner" : "copy";
	b->view.duration_ms = wb_now_ms() - start;
	if (rc < 0)
		wb_advise_done(b);
	else
		*ret_box = b;
	return rc;
}

/* ---- as it is ------------------------------------------------------------------------------------------ */

static int look(struct wb_advising *p, const struct wb_bench_suite *suite, struct wb_advise_times **ret_times,
		struct wb_error *err)
{
	int rc = read_tables(p, err);
	if (rc == 0)
		rc = read_queries(p, suite, err);
	bool *none = wb_arena_array(p->a, 1, sizeof(*none)),
	     *asked = wb_arena_array(p->a, p->n_queries + 1, sizeof(*asked));
	if (rc == 0 && (!none || !asked))
		rc = wb_err_nomem(err);
	const bool *const variants[] = { none };
	for (size_t i = 0; rc == 0 && i < p->n_queries; i++)
		asked[i] = !p->queries[i].error;
	if (rc == 0)
		rc = wb_advise_measure(p, variants, 1, asked, ret_times, err);
	for (size_t i = 0; rc == 0 && i < p->n_queries; i++) {
		double cost;
		if (!p->queries[i].error)
			rc = wb_advise_cost(p, &p->queries[i], &cost, &p->queries[i].indexes, err);
	}
	return rc;
}

int wb_advise_look(const struct wb_advise_place *place, const struct wb_bench_suite *suite,
		   const struct wb_advise_options *o, struct wb_arena *a, struct wb_advice_query **ret_v, size_t *ret_n,
		   struct wb_error *err)
{
	struct wb_advising p = { .a = a,
				 .driver = place->driver,
				 .conn = place->conn,
				 .sink = place->sink,
				 .o = o,
				 .stop = place->stop,
				 .random = 1 };
	struct wb_advise_times *t = NULL;
	struct wb_advice_query *v = wb_arena_array(a, suite->n_queries + 1, sizeof(*v));
	int rc = v ? look(&p, suite, &t, err) : wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < p.n_queries; i++) {
		const struct wb_advise_query *q = &p.queries[i];
		v[i] = (struct wb_advice_query){ .name = q->name,
						 .sql = q->q->sql,
						 .weight = q->weight,
						 .before_ms = q->error ? -1 : t[i].median_ms,
						 .after_ms = -1,
						 .target_ms =
							 q->q->target_p50_us ? (double)q->q->target_p50_us / 1000 : -1,
						 .rows = q->rows,
						 .indexes = q->indexes,
						 .error = q->error };
	}
	wb_vec_done(&p.tables);
	wb_model_free(p.model);
	if (rc == 0) {
		*ret_v = v;
		*ret_n = p.n_queries;
	}
	return rc;
}

static int rank(const void *a, const void *b)
{
	const struct wb_recommendation *x = a, *y = b;
	bool ix = !strcmp(x->kind, "index"), iy = !strcmp(y->kind, "index");
	if (ix != iy)
		return ix ? -1 : 1;
	double wx = wb_advise_worth(x), wy = wb_advise_worth(y);
	return (wx < wy) - (wx > wy);
}

void wb_advise_finish(struct wb_advice_box *b)
{
	if (b->recommendations.n)
		qsort(b->recommendations.v, b->recommendations.n, sizeof(*b->recommendations.v), rank);
	b->view.size = sizeof(b->view);
	b->view.recommendations = b->recommendations.v;
	b->view.n_recommendations = b->recommendations.n;
	b->view.notes = b->notes.v;
	b->view.n_notes = b->notes.n;
}

void wb_advise_done(struct wb_advice_box *b)
{
	if (!b)
		return;
	wb_vec_done(&b->recommendations);
	wb_vec_done(&b->notes);
	wb_arena_done(&b->arena);
	free(b);
}
