/* SPDX-License-Identifier: Apache-2.0
 *
 * Statistics: stale ones, and those that tell the planner that columns belong
 * together, where it is far off without; tried on the copy. And the statements
 * that the server has counted.
 */
#include "bench/advise.h"

#include <math.h>
#include <stdio.h>

#include "base/banned.h"

#define FAR_OFF 10 /* times */

static const char *name_of(struct wb_arena *a, struct wb_sv schema, struct wb_sv name)
{
	wb_autostr s = WB_STR_INIT;
	if (!name.p)
		return NULL;
	if (schema.p) {
		wb_quote_where_needed(&s, schema.p);
		wb_str_addc(&s, '.');
	}
	wb_quote_where_needed(&s, name.p);
	return s.failed ? NULL : wb_arena_sv(a, wb_str_sv(&s));
}

/* ---- stale -------------------------------------------------------------------------------- */

static int take_stale(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct wb_advice_box *b = user;
	struct wb_arena *a = &b->arena;
	const char *table = name_of(a, row->v[0], row->v[1]);
	struct wb_recommendation r = { .kind = "analyze",
				       .table = table,
				       .query_pattern = table ? table : "the whole database",
				       .before_ms = -1,
				       .after_ms = -1,
				       .bytes = -1,
				       .build_ms = -1,
				       .write_us = -1,
				       .priority = row->v[4].p ? "low" : "medium",
				       .estimated_improvement = "the planner knows again what there is",
				       .proof = "counted by the server" };
	r.sql = table ? wb_arena_printf(a, "ANALYZE %s", table) : "ANALYZE";
	if (!table)
		r.recommendation = "nobody has ever analyzed this database: the planner knows nothing of its rows";
	else if (row->v[4].p)
		r.recommendation = wb_arena_printf(a, "%s of about %s rows have changed since %s was analyzed, %s",
						   row->v[3].p, row->v[2].p, table, row->v[4].p);
	else
		r.recommendation = wb_arena_printf(a, "%s, of about %s rows, was never analyzed", table, row->v[2].p);
	return r.sql && r.recommendation && wb_vec_push(&b->recommendations, r) ? 0 : wb_err_nomem(err);
}

int wb_advise_stale(const struct wb_advise_place *place, struct wb_advice_box *b, struct wb_error *err)
{
	return wb_query_named(place->conn, WB_SQL_ADVISE_STALE, NULL, 0, take_stale, b, NULL, err);
}

/* ---- columns that belong together ------------------------------------------------------------ */

struct pair {
	const struct wb_advise_table *table;
	const struct wb_advise_column *v[2];
};

static double off_by(const struct wb_query_plan *plan, const struct wb_advise_table *t)
{
	double worst = 0;
	for (size_t i = 0; i < plan->n_nodes; i++) {
		const struct wb_query_node *n = &plan->nodes[i];
		if (!n->relation || strcmp(n->relation, t->object->name) != 0 || n->loops <= 0 || n->rows < 0)
			continue;
		double expected = fmax(n->rows_estimated * n->loops, 1), real = fmax(n->rows, 1);
		worst = fmax(worst, fmax(expected / real, real / expected));
	}
	return worst;
}

static int how_far(struct wb_advising *p, const struct wb_advise_query *q, const struct pair *pair, double *ret,
		   struct wb_error *err)
{
	struct wb_query_plan *plan = NULL;
	int rc = wb_bench_explain(p->conn, &q->calls[0], true, p->a, &plan, err);
	if (rc == 0)
		*ret = off_by(plan, pair->table);
	return rc;
}

/* Two columns of one table that have to be equal to values. */
static bool find_pair(const struct wb_advising *p, const struct wb_shape *s, struct pair *ret)
{
	if (s->n_tables != 1 || s->limit)
		return false;
	for (size_t t = 0; t < p->tables.n; t++) {
		struct pair pair = { .table = &p->tables.v[t] };
		size_t n = 0;
		if (strcmp(pair.table->object->name, s->tables[0].name.name) != 0)
			continue;
		for (size_t i = 0; i < s->n_conditions && n < 2; i++) {
			const struct wb_shape_condition *c = &s->conditions[i];
			const struct wb_advise_column *column = wb_advise_column(pair.table, c->key.column);
			if (c->ask == WB_WANT_EQUAL && !c->either && column && (!n || pair.v[0] != column))
				pair.v[n++] = column;
		}
		*ret = pair;
		return n == 2;
	}
	return false;
}

static int tell_pair(struct wb_advising *p, const struct wb_advise_query *q, const struct pair *pair, const char *of,
		     double before, double after, struct wb_advice_box *b, struct wb_error *err)
{
	struct wb_arena *a = p->a;
	const char *name = wb_arena_printf(a, "%.24s_%.16s_%.16s_stat", pair->table->object->name, pair->v[0]->name,
					   pair->v[1]->name);
	wb_autostr full = WB_STR_INIT;
	if (pair->table->object->schema) {
		wb_quote_where_needed(&full, pair->table->object->schema);
		wb_str_addc(&full, '.');
	}
	if (name)
		wb_quote_where_needed(&full, name);
	if (!name || full.failed)
		return wb_err_nomem(err);
	struct wb_recommendation r = { .kind = "statistics",
				       .table = pair->table->sql,
				       .query_pattern = q->name,
				       .before_ms = q->first_ms,
				       .after_ms = -1,
				       .bytes = -1,
				       .build_ms = -1,
				       .write_us = -1,
				       .priority = "low",
				       .proof = "seen on a copy" };
	r.name = wb_arena_sv(a, wb_str_sv(&full));
	r.sql = wb_arena_printf(a, "CREATE STATISTICS %s (%s) ON %s, %s FROM %s;\nANALYZE %s", full.p, of,
				pair->v[0]->sql, pair->v[1]->sql, pair->table->sql, pair->table->sql);
	r.undo_sql = wb_arena_printf(a, "DROP STATISTICS %s", full.p);
	r.recommendation = wb_arena_printf(a,
					   "%s and %s of %s belong together, which the planner does not know: it "
					   "expects %.0f times more or less rows "
					   "than there are",
					   pair->v[0]->sql, pair->v[1]->sql, pair->table->sql, before);
	r.estimated_improvement = wb_arena_printf(a, "estimates off by %.1f in place of %.0f times", after, before);
	for (size_t i = 0; i < b->recommendations.n; i++) {
		if (!strcmp(b->recommendations.v[i].kind, "statistics") && r.name &&
		    !strcmp(b->recommendations.v[i].name, r.name))
			return 0;
	}
	return r.name && r.sql && r.undo_sql && r.recommendation && r.estimated_improvement &&
			       wb_vec_push(&b->recommendations, r)
		       ? 0
		       : wb_err_nomem(err);
}

/* With such statistics, for as long as a transaction that is rolled back. */
static int try_kind(struct wb_advising *p, const struct wb_advise_query *q, const struct pair *pair, const char *of,
		    double *ret_after, struct wb_error *err)
{
	struct wb_error ignored;
	wb_autostr make = WB_STR_INIT, analyze = WB_STR_INIT;
	wb_str_addf(&make, "CREATE STATISTICS whimbrel_advice (%s) ON %s, %s FROM %s", of, pair->v[0]->sql,
		    pair->v[1]->sql, pair->table->sql);
	wb_str_addf(&analyze, "ANALYZE %s", pair->table->sql);
	if (make.failed || analyze.failed)
		return wb_err_nomem(err);
	int rc = wb_exec(p->conn, "BEGIN", err);
	if (rc == 0 && wb_exec(p->conn, make.p, &ignored) == 0 && wb_exec(p->conn, analyze.p, &ignored) == 0)
		rc = how_far(p, q, pair, ret_after, err);
	int left = p->conn->in_transaction ? wb_conn_rollback(p->conn, rc < 0 ? &ignored : err) : 0;
	return rc < 0 ? rc : left;
}

/* One sort at a time: with both, the planner asks the list of frequent values alone. */
static int try_pair(struct wb_advising *p, const struct wb_advise_query *q, const struct pair *pair,
		    struct wb_advice_box *b, struct wb_error *err)
{
	static const char *const sorts[] = { "dependencies", "mcv" };
	const char *best = NULL;
	double before = 0, least = 0;
	int rc = how_far(p, q, pair, &before, err);
	if (rc < 0 || before < FAR_OFF)
		return rc;
	for (size_t i = 0; rc == 0 && i < WB_ARRAY_LEN(sorts); i++) {
		double after = 0;
		rc = try_kind(p, q, pair, sorts[i], &after, err);
		if (rc == 0 && after > 0 && after * 2 < before && (!best || after < least)) {
			best = sorts[i];
			least = after;
		}
	}
	return rc < 0 || !best ? rc : tell_pair(p, q, pair, best, before, least, b, err);
}

int wb_advise_statistics(struct wb_advising *p, struct wb_advice_box *b, struct wb_error *err)
{
	int rc = 0;
	if (p->hypothetical || !(p->driver->index_ways & WB_INDEX_INCLUDE))
		return 0;
	for (size_t i = 0; rc == 0 && i < p->n_suite; i++) {
		const struct wb_advise_query *q = &p->queries[i];
		struct pair pair;
		for (size_t k = 0; rc == 0 && !q->error && k < q->shapes.n; k++) {
			if (find_pair(p, &q->shapes.v[k], &pair))
				rc = try_pair(p, q, &pair, b, err);
		}
	}
	return rc;
}

/* ---- what the server has counted ------------------------------------------------------------------ */

struct counted {
	struct wb_arena *a;
	struct wb_advise_query *v;
	size_t n;
};

static int64_t number(struct wb_sv v)
{
	int64_t n;
	return v.p && wb_sv_i64(v, &n) ? n : -1;
}

static int take_statement(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct counted *c = user;
	struct wb_advise_query *q = &c->v[c->n];
	q->text = wb_arena_sv(c->a, row->v[0]);
	q->times = number(row->v[1]);
	q->first_ms = (double)number(row->v[2]) / 1000;
	q->rows = number(row->v[3]);
	q->cost = -1;
	q->name = wb_arena_printf(c->a, "statement %zu", ++c->n);
	return q->text && q->name ? 0 : wb_err_nomem(err);
}

static int parameters(struct wb_sv sql)
{
	struct wb_lexer lx;
	struct wb_token t;
	int64_t most = 0, n;
	wb_lex_init(&lx, WB_DIALECT_POSTGRES, sql);
	while ((t = wb_lex_next_solid(&lx)).kind != WB_TOK_END) {
		if (t.kind == WB_TOK_PARAM && wb_sv_i64(wb_sv(t.text.p + 1, t.text.n - 1), &n) && n > most && n < 1000)
			most = n;
	}
	return (int)most;
}

/* Prepared once, its plan is asked for any value. */
static int prepare(struct wb_advising *p, struct wb_advise_query *q, size_t i, struct wb_error *err)
{
	wb_autostr make = WB_STR_INIT, call = WB_STR_INIT;
	struct wb_error why;
	int n = parameters(wb_sv_str(q->text));
	wb_str_addf(&make, "PREPARE whimbrel_advice_%zu AS %s", i, q->text);
	wb_str_addf(&call, "EXECUTE whimbrel_advice_%zu", i);
	for (int k = 0; k < n; k++)
		wb_str_addf(&call, "%sNULL%s", k ? ", " : "(", k + 1 == n ? ")" : "");
	q->calls = wb_arena_array(p->a, 1, sizeof(*q->calls));
	const char *sql = call.failed ? NULL : wb_arena_sv(p->a, wb_str_sv(&call));
	if (make.failed || !sql || !q->calls)
		return wb_err_nomem(err);
	q->calls[0] = (struct wb_bench_call){ .sql = wb_sv_str(sql), .stop = p->stop };
	q->n_calls = 1;
	q->weight = (double)q->times;
	q->now_ms = q->after_ms = q->first_ms;
	q->prepared = wb_exec(p->conn, make.p, &why) == 0;
	if (q->prepared)
		return 0;
	q->error = wb_arena_str(p->a, why.message);
	return q->error ? 0 : wb_err_nomem(err);
}

int wb_advise_counted(struct wb_advising *p, const struct wb_advise_place *place, int64_t limit, struct wb_error *err)
{
	struct counted c = { p->a, p->queries + p->n_suite, 0 };
	struct wb_value v = wb_v_int(limit);
	struct wb_error why;
	if (!p->statements)
		return 0;
	int rc = wb_query_named(place->conn, WB_SQL_ADVISE_STATEMENTS, &v, 1, take_statement, &c, NULL, &why);
	if (rc < 0 && (rc == WB_ENOMEM || place->conn->lost)) {
		*err = why;
		return rc;
	}
	p->statements = rc == 0; /* the extension is there, but not loaded */
	for (size_t i = 0; rc == 0 && i < c.n; i++)
		rc = prepare(p, &c.v[i], i, err);
	p->n_queries = p->n_suite + (p->statements ? c.n : 0);
	return p->statements ? rc : 0;
}

int wb_advise_counted_done(struct wb_advising *p, struct wb_error *err)
{
	int rc = 0;
	for (size_t i = p->n_suite; rc == 0 && !p->conn->lost && i < p->n_queries; i++) {
		char sql[64];
		(void)snprintf(sql, sizeof(sql), "DEALLOCATE whimbrel_advice_%zu", i - p->n_suite);
		if (p->queries[i].prepared)
			rc = wb_exec(p->conn, sql, err);
	}
	return rc;
}
