/* SPDX-License-Identifier: Apache-2.0
 *
 * Which candidates are worth it. Step by step: what the planner expects of each
 * one beside those chosen already; the most promising ones of each sort measured
 * in turns; the one that gains most is chosen, or a smaller one that gains as
 * good as the same. At the end what the others have made superfluous goes.
 */
#include "bench/advise.h"

#include "schema/index_report.h"

#include "base/banned.h"

#define WORTH_SHARE 0.05 /* of a query's time at first: less is not worth an index */
#define WORTH_MS 0.05
#define ALIKE 0.9 /* as good as the best */
#define STILL 0.95 /* of the time, at the end: that it was faster is known by then */
#define TRIED_MAX 8 /* at a time */
#define FAILED_MAX 3 /* times in a row */
#define INSERTED 5000 /* rows, to learn what an index costs */

static bool *flags(struct wb_advising *p, size_t n)
{
	return wb_arena_array(p->a, n + 1, sizeof(bool));
}

static bool is_used(const struct wb_candidate *c, const struct wb_texts *indexes)
{
	const char *name = c->planned ? c->planned : strrchr(c->name, '.') ? strrchr(c->name, '.') + 1 : c->name;
	for (size_t i = 0; i < indexes->n; i++) {
		if (!strcmp(indexes->v[i], name))
			return true;
	}
	return false;
}

/* Those that are looked at together. */
static bool is_with(const struct wb_candidate *c, const struct wb_candidate *other)
{
	return c == other || (c->group && c->group == other->group);
}

/* ---- building -------------------------------------------------------------------------------- */

static int take_bytes(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)err;
	(void)(row->v[0].p && wb_sv_i64(row->v[0], user));
	return 0;
}

static int bytes_of_all(struct wb_advising *p, int64_t *ret, struct wb_error *err)
{
	*ret = 0;
	return wb_query_named(p->conn, WB_SQL_ADVISE_BYTES, NULL, 0, take_bytes, ret, NULL, err);
}

static int make_name(struct wb_advising *p, struct wb_candidate *c, size_t i, struct wb_error *err)
{
	wb_autostr s = WB_STR_INIT;
	const char *schema = c->table->object->schema;
	c->number = i;
	if (schema) {
		wb_quote_ident(&s, wb_sv_str(schema));
		wb_str_addc(&s, '.');
	}
	wb_str_addf(&s, "whimbrel_advice_%zu", i + 1);
	c->name = s.failed ? NULL : wb_arena_sv(p->a, wb_str_sv(&s));
	c->gains = flags(p, p->n_queries);
	c->expected_ms = -1;
	return c->name && c->gains ? 0 : wb_err_nomem(err);
}

/* What cannot be built (a function that is not immutable, a row that is too long) is no advice. */
static int build(struct wb_advising *p, struct wb_candidate *c, int64_t *bytes, struct wb_error *err)
{
	struct wb_error why;
	wb_autostr sql = WB_STR_INIT;
	int64_t now = wb_now_ms(), after = *bytes;
	const char *bare = strrchr(c->name, '.');
	wb_str_addf(&sql, "CREATE INDEX %s ON %s %s", bare ? bare + 1 : c->name, c->table->sql, c->text);
	if (sql.failed)
		return wb_err_nomem(err);
	int rc = p->hypothetical ? wb_advise_show(p, c, &why) : wb_exec(p->conn, sql.p, &why);
	if (rc < 0 && (p->conn->lost || rc == WB_ECANCELLED || rc == WB_ENOMEM)) {
		if (err)
			*err = why;
		return rc;
	}
	if (rc < 0) {
		wb_log(p->sink, WB_LOG_DEBUG, "%s %s: %s", c->table->sql, c->text, why.message);
		c->rejected = true;
		return 0;
	}
	c->built = true;
	if (p->hypothetical)
		return 0;
	c->build_ms = wb_now_ms() - now;
	rc = bytes_of_all(p, &after, err);
	c->bytes = after - *bytes;
	*bytes = after;
	return rc;
}

/* GIN and expressions are beyond a planner that is only shown indexes. */
static bool can_be_shown(const struct wb_candidate *c)
{
	return strcmp(c->method, "gin") != 0;
}

static int build_all(struct wb_advising *p, struct wb_error *err)
{
	int64_t bytes = 0;
	int rc = p->hypothetical ? 0 : bytes_of_all(p, &bytes, err);
	for (size_t i = 0; rc == 0 && i < p->candidates.n; i++) {
		struct wb_candidate *c = &p->candidates.v[i];
		wb_advise_tell(p, "build", i, p->candidates.n);
		rc = make_name(p, c, i, err);
		if (rc == 0 && *p->stop)
			rc = wb_err_set(err, WB_ECANCELLED, "cancelled");
		if (rc == 0 && (!p->hypothetical || can_be_shown(c)))
			rc = build(p, c, &bytes, err);
		c->rejected |= !c->built;
	}
	if (rc == 0 && p->hypothetical)
		return wb_advise_leave(p, err);
	if (rc == 0 && p->tables.n)
		rc = wb_exec(p->conn, "ANALYZE", err); /* expressions have statistics now, too */
	return rc;
}

/* ---- what there is already ---------------------------------------------------------------------- */

static struct wb_candidate *of_object(struct wb_advising *p, const struct wb_object *o)
{
	int64_t n;
	static const char head[] = "whimbrel_advice_";
	struct wb_sv name = wb_sv_str(o ? o->name : "");
	if (!wb_sv_starts(name, head))
		return NULL;
	if (!wb_sv_i64(wb_sv(name.p + strlen(head), name.n - strlen(head)), &n) || n < 1 || (size_t)n > p->candidates.n)
		return NULL;
	return &p->candidates.v[n - 1];
}

/* Candidates whose work an index does that is there, or one that is a twin of another. */
static int fold(struct wb_advising *p, struct wb_error *err)
{
	struct wb_model *m = NULL;
	struct wb_index_findings found = { .arena = WB_ARENA_INIT };
	int rc = p->hypothetical ? 0 : wb_conn_inspect(p->conn, NULL, &m, err);
	if (rc == 0 && m)
		rc = wb_index_findings_make(m, NULL, &found, err);
	for (size_t i = 0; rc == 0 && i < found.n; i++) {
		struct wb_candidate *c = of_object(p, found.v[i].object);
		if (found.v[i].fault == WB_INDEX_DUPLICATE && c && !of_object(p, found.v[i].other))
			c->rejected = true;
	}
	wb_index_findings_done(&found);
	wb_model_free(m);
	return rc;
}

/* ---- what the planner expects ---------------------------------------------------------------------- */

static bool touches(const struct wb_advising *p, const struct wb_candidate *c, size_t query)
{
	return !p->queries[query].error && p->queries[query].tables[c->table - p->tables.v];
}

/* Where costs are not told, an index that is used is promising. */
static double expected(const struct wb_advise_query *q, const struct wb_candidate *c, double cost, bool used)
{
	if (!used)
		return 0;
	if (cost < 0 || q->cost <= 0)
		return q->weight * q->now_ms * (0.4 + 0.05 * (double)c->n_keys + 0.1 * c->covering);
	return cost < q->cost ? q->weight * q->now_ms * (1 - cost / q->cost) : 0;
}

static int expect(struct wb_advising *p, struct wb_candidate *c, struct wb_error *err)
{
	bool *present = flags(p, p->candidates.n), *asked = flags(p, p->n_queries);
	struct wb_error ignored;
	if (!present || !asked)
		return wb_err_nomem(err);
	for (size_t i = 0; i < p->candidates.n; i++)
		present[i] = p->candidates.v[i].chosen || is_with(c, &p->candidates.v[i]);
	for (size_t i = 0; i < p->n_queries; i++)
		asked[i] = touches(p, c, i);
	c->expected_ms = 0;
	int rc = wb_advise_enter(p, present, asked, err);
	for (size_t i = 0; rc == 0 && i < p->n_queries; i++) {
		struct wb_texts indexes;
		double cost = -1;
		if (!asked[i])
			continue;
		rc = wb_advise_cost(p, &p->queries[i], &cost, &indexes, err);
		if (rc == 0)
			c->expected_ms += expected(&p->queries[i], c, cost, is_used(c, &indexes));
	}
	int left = wb_advise_leave(p, rc < 0 ? &ignored : err);
	return rc < 0 ? rc : left;
}

static int expect_all(struct wb_advising *p, struct wb_error *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < p->candidates.n; i++) {
		struct wb_candidate *c = &p->candidates.v[i];
		if (!c->rejected && !c->chosen && c->expected_ms < 0) {
			wb_advise_tell(p, "plan", i, p->candidates.n);
			rc = expect(p, c, err);
		}
	}
	return rc;
}

/* ---- which are tried --------------------------------------------------------------------------------- */

static int sort_of(const struct wb_candidate *c)
{
	if (!strcmp(c->method, "gin"))
		return 3;
	if (!strcmp(c->method, "brin"))
		return 4;
	return c->where ? 2 : c->covering ? 1 : 0;
}

static bool promises(const struct wb_candidate *c)
{
	return c->built && !c->rejected && !c->chosen && c->expected_ms > WORTH_MS / 2;
}

/* Of two that promise about the same, the smaller one. */
static bool better(const struct wb_candidate *a, const struct wb_candidate *b)
{
	if (a->expected_ms > b->expected_ms * 1.02)
		return true;
	return a->expected_ms >= b->expected_ms * 0.98 && a->bytes < b->bytes;
}

static struct wb_candidate *best_of(struct wb_advising *p, int sort, struct wb_candidate *const *taken, size_t n)
{
	struct wb_candidate *best = NULL;
	for (size_t i = 0; i < p->candidates.n; i++) {
		struct wb_candidate *c = &p->candidates.v[i];
		bool is_taken = false;
		for (size_t k = 0; k < n; k++)
			is_taken |= is_with(taken[k], c);
		if (promises(c) && !is_taken && (sort < 0 || sort_of(c) == sort) && (!best || better(c, best)))
			best = c;
	}
	return best;
}

static bool share_a_query(const struct wb_advising *p, const struct wb_candidate *a, const struct wb_candidate *b)
{
	for (size_t i = 0; i < p->n_queries; i++) {
		if (touches(p, a, i) && touches(p, b, i))
			return true;
	}
	return false;
}

/* The best of all, and of each sort the best of those that it competes with. */
static size_t pick(struct wb_advising *p, struct wb_candidate **v)
{
	static const int sorts[] = { 0, 1, 2, 3, 4, 0, 2 };
	struct wb_candidate *seen[64];
	size_t n = 0, n_seen = 0;
	v[0] = best_of(p, -1, NULL, 0);
	if (!v[0])
		return 0;
	seen[n_seen++] = v[n++];
	for (size_t i = 0; i < WB_ARRAY_LEN(sorts); i++) {
		struct wb_candidate *c = NULL;
		while (n_seen < WB_ARRAY_LEN(seen) && (c = best_of(p, sorts[i], seen, n_seen))) {
			seen[n_seen++] = c;
			if (share_a_query(p, c, v[0]))
				break;
			c = NULL;
		}
		if (c && n < TRIED_MAX && c->expected_ms > v[0]->expected_ms * 0.3)
			v[n++] = c;
	}
	return n;
}

/* ---- trying ----------------------------------------------------------------------------------------------- */

static int try_planner(struct wb_advising *p, struct wb_candidate **v, size_t n, const bool *queries,
		       struct wb_advise_times *t, struct wb_error *err)
{
	struct wb_error ignored;
	int rc = 0;
	for (size_t i = 0; i < p->n_queries; i++) {
		if (p->hypothetical || !p->queries[i].q)
			t[i].median_ms = p->queries[i].now_ms;
	}
	for (size_t k = 0; rc == 0 && k < n; k++) {
		bool *present = flags(p, p->candidates.n);
		if (!present)
			return wb_err_nomem(err);
		for (size_t i = 0; i < p->candidates.n; i++)
			present[i] = p->candidates.v[i].chosen || is_with(v[k], &p->candidates.v[i]);
		rc = wb_advise_enter(p, present, queries, err);
		for (size_t i = 0; rc == 0 && i < p->n_queries; i++) {
			struct wb_advise_times *x = &t[(k + 1) * p->n_queries + i];
			const struct wb_advise_query *q = &p->queries[i];
			struct wb_texts indexes;
			double cost;
			if (!queries[i] || (q->q && !p->hypothetical))
				continue;
			rc = wb_advise_cost(p, q, &cost, &indexes, err);
			x->median_ms = rc == 0 && q->cost > 0 ? q->now_ms * cost / q->cost : q->now_ms;
			x->faster = x->median_ms < q->now_ms * 0.9;
		}
		int left = wb_advise_leave(p, rc < 0 ? &ignored : err);
		rc = rc < 0 ? rc : left;
	}
	return rc;
}

static int try_all(struct wb_advising *p, struct wb_candidate **v, size_t n, const bool *queries,
		   struct wb_advise_times **ret_times, struct wb_error *err)
{
	const bool **variants = wb_arena_array(p->a, n + 1, sizeof(*variants));
	struct wb_advise_times *t = wb_arena_array(p->a, (n + 1) * p->n_queries + 1, sizeof(*t));
	if (!variants || !t)
		return wb_err_nomem(err);
	p->measured += n;
	if (p->hypothetical) {
		*ret_times = t;
		return try_planner(p, v, n, queries, t, err);
	}
	for (size_t k = 0; k <= n; k++) {
		bool *present = flags(p, p->candidates.n);
		if (!present)
			return wb_err_nomem(err);
		for (size_t i = 0; i < p->candidates.n; i++)
			present[i] = p->candidates.v[i].chosen || (k && is_with(v[k - 1], &p->candidates.v[i]));
		variants[k] = present;
	}
	int rc = wb_advise_measure(p, variants, n + 1, queries, ret_times, err);
	return rc < 0 || p->n_queries == p->n_suite ? rc : try_planner(p, v, n, queries, *ret_times, err);
}

/* What it gains, weighted; queries that it makes slower count against it. */
static void weigh(struct wb_advising *p, struct wb_candidate *c, const struct wb_advise_times *base,
		  const struct wb_advise_times *with, const bool *queries)
{
	c->gain_ms = c->best_before_ms = c->best_after_ms = 0;
	for (size_t i = 0; i < p->n_queries; i++) {
		const struct wb_advise_query *q = &p->queries[i];
		double gain = base[i].median_ms - with[i].median_ms;
		bool worth = with[i].faster && gain >= WORTH_MS && gain >= base[i].median_ms * WORTH_SHARE / q->left;
		c->gains[i] = queries[i] && worth;
		if (queries[i])
			wb_log(p->sink, WB_LOG_DEBUG, "%s with %s %s: %.3f ms to %.3f ms%s", q->name, c->table->sql,
			       c->text, base[i].median_ms, with[i].median_ms, worth ? ", a gain" : "");
		if (queries[i] && (worth || with[i].slower))
			c->gain_ms += gain * q->weight;
		if (c->gains[i] && gain > c->best_before_ms - c->best_after_ms) {
			c->best_before_ms = base[i].median_ms;
			c->best_after_ms = with[i].median_ms;
		}
	}
}

/* The smallest of those that gain as good as the most. */
static struct wb_candidate *winner(struct wb_candidate **v, size_t n)
{
	struct wb_candidate *best = NULL;
	double most = 0;
	for (size_t i = 0; i < n; i++)
		most = v[i]->gain_ms > most ? v[i]->gain_ms : most;
	for (size_t i = 0; i < n && most > 0; i++) {
		if (v[i]->gain_ms < most * ALIKE)
			continue;
		bool smaller = best && (double)v[i]->bytes < (double)best->bytes * 0.8;
		bool simpler = best && (double)v[i]->bytes < (double)best->bytes * 1.2 &&
			       v[i]->n_keys + (v[i]->covering ? 2 : 0) + (v[i]->where ? 1 : 0) <
				       best->n_keys + (best->covering ? 2 : 0) + (best->where ? 1 : 0);
		if (!best || smaller || simpler)
			best = v[i];
	}
	return best;
}

static void choose(struct wb_advising *p, struct wb_candidate *c, const struct wb_advise_times *base,
		   const struct wb_advise_times *with, const bool *queries)
{
	size_t together = 0;
	for (size_t i = 0; i < p->candidates.n; i++)
		together += is_with(c, &p->candidates.v[i]) && p->candidates.v[i].built;
	c->gain_ms /= (double)(together ? together : 1);
	for (size_t i = 0; i < p->candidates.n; i++) {
		struct wb_candidate *other = &p->candidates.v[i];
		if (!is_with(c, other) || !other->built || other->chosen)
			continue;
		other->chosen = true;
		other->gain_ms = c->gain_ms;
		other->best_before_ms = c->best_before_ms;
		other->best_after_ms = c->best_after_ms;
		memcpy(other->gains, c->gains, p->n_queries * sizeof(*c->gains));
	}
	for (size_t i = 0; i < p->n_queries; i++) {
		struct wb_advise_query *q = &p->queries[i];
		if (!queries[i] || q->error)
			continue;
		if (q->now_ms > 0 && base[i].median_ms > 0)
			q->left *= with[i].median_ms / base[i].median_ms;
		q->now_ms = with[i].median_ms;
	}
	for (size_t i = 0; i < p->candidates.n; i++) {
		if (share_a_query(p, &p->candidates.v[i], c))
			p->candidates.v[i].expected_ms = -1;
	}
}

static int costs(struct wb_advising *p, bool first, struct wb_error *err)
{
	bool *present = flags(p, p->candidates.n);
	struct wb_error ignored;
	if (!present)
		return wb_err_nomem(err);
	for (size_t i = 0; i < p->candidates.n; i++)
		present[i] = p->candidates.v[i].chosen;
	int rc = wb_advise_enter(p, present, NULL, err);
	for (size_t i = 0; rc == 0 && i < p->n_queries; i++) {
		struct wb_advise_query *q = &p->queries[i];
		if (!q->error)
			rc = wb_advise_cost(p, q, &q->cost, first ? &q->indexes : &q->indexes_after, err);
	}
	int left = wb_advise_leave(p, rc < 0 ? &ignored : err);
	return rc < 0 ? rc : left;
}

/* One step: *ret_chosen NULL where none of those tried was worth it. */
static int step(struct wb_advising *p, struct wb_candidate **v, size_t n, struct wb_candidate **ret_chosen,
		struct wb_error *err)
{
	bool *queries = flags(p, p->n_queries);
	struct wb_advise_times *t = NULL;
	if (!queries)
		return wb_err_nomem(err);
	for (size_t k = 0; k < n; k++) {
		for (size_t i = 0; i < p->n_queries; i++)
			queries[i] |= touches(p, v[k], i);
	}
	int rc = try_all(p, v, n, queries, &t, err);
	for (size_t k = 0; rc == 0 && k < n; k++)
		weigh(p, v[k], t, t + (k + 1) * p->n_queries, queries);
	if (rc < 0)
		return rc;
	*ret_chosen = winner(v, n);
	for (size_t k = 0; k < n; k++) {
		v[k]->rejected = v[k] != *ret_chosen && v[k]->gain_ms <= 0;
		for (size_t i = 0; v[k]->rejected && i < p->candidates.n; i++)
			p->candidates.v[i].rejected |= is_with(v[k], &p->candidates.v[i]) && !p->candidates.v[i].chosen;
		if (v[k] == *ret_chosen)
			choose(p, v[k], t, t + (k + 1) * p->n_queries, queries);
	}
	return *ret_chosen ? costs(p, false, err) : 0;
}

static int choose_all(struct wb_advising *p, struct wb_error *err)
{
	struct wb_candidate *v[TRIED_MAX], *chosen;
	size_t failed = 0, n;
	int rc = expect_all(p, err);
	while (rc == 0 && failed < FAILED_MAX * p->n_queries + FAILED_MAX && (n = pick(p, v)) > 0) {
		chosen = NULL;
		wb_advise_tell(p, "measure", p->measured, p->candidates.n);
		rc = step(p, v, n, &chosen, err);
		failed = chosen ? 0 : failed + 1;
		if (rc == 0 && chosen)
			rc = expect_all(p, err);
	}
	return rc;
}

/* ---- afterwards ---------------------------------------------------------------------------------------------- */

/* One that no query uses any more, since others were chosen after it. */
static int prune(struct wb_advising *p, struct wb_error *err)
{
	bool *all = flags(p, p->candidates.n), *used = flags(p, p->candidates.n);
	struct wb_error ignored;
	if (!all || !used)
		return wb_err_nomem(err);
	for (size_t i = 0; i < p->candidates.n; i++)
		all[i] = p->candidates.v[i].chosen;
	int rc = wb_advise_enter(p, all, NULL, err);
	for (size_t i = 0; rc == 0 && i < p->n_queries; i++) {
		struct wb_texts indexes;
		double cost;
		if (p->queries[i].error)
			continue;
		rc = wb_advise_cost(p, &p->queries[i], &cost, &indexes, err);
		for (size_t k = 0; rc == 0 && k < p->candidates.n; k++)
			used[k] |= all[k] && is_used(&p->candidates.v[k], &indexes);
	}
	int left = wb_advise_leave(p, rc < 0 ? &ignored : err);
	for (size_t k = 0; rc == 0 && k < p->candidates.n; k++) {
		if (all[k] && !used[k]) {
			p->candidates.v[k].chosen = false;
			p->candidates.v[k].rejected = true;
		}
	}
	return rc < 0 ? rc : left;
}

/* Rows of the table into an empty one like it, with the index and without. */
static int insert_all(struct wb_advising *p, const struct wb_candidate *c, bool index, double *ret_us,
		      struct wb_error *err)
{
	wb_autostr make = WB_STR_INIT, add = WB_STR_INIT, fill = WB_STR_INIT;
	struct wb_query q;
	size_t done, offset;
	wb_str_addf(&make, "CREATE TABLE whimbrel_advice AS SELECT * FROM %s LIMIT 0", c->table->sql);
	wb_str_addf(&add, "CREATE INDEX whimbrel_advice_index ON whimbrel_advice %s", c->text);
	wb_str_addf(&fill, "INSERT INTO whimbrel_advice SELECT * FROM %s LIMIT %d", c->table->sql, INSERTED);
	if (make.failed || add.failed || fill.failed)
		return wb_err_nomem(err);
	int rc = wb_exec(p->conn, "BEGIN", err);
	if (rc == 0)
		rc = wb_exec(p->conn, make.p, err);
	if (rc == 0 && index)
		rc = wb_exec(p->conn, add.p, err);
	q = (struct wb_query){ .sql = wb_str_sv(&fill) };
	int64_t start = wb_now_ns();
	if (rc == 0)
		rc = wb_run(p->conn, &q, 1, &done, &offset, err);
	if (rc == 0 && q.affected > 0)
		*ret_us = (double)(wb_now_ns() - start) / 1e3 / (double)q.affected;
	return rc;
}

static int write_cost(struct wb_advising *p, struct wb_candidate *c, struct wb_error *err)
{
	double with = -1, without = -1;
	struct wb_error why;
	c->write_us = -1;
	for (int i = 0; i < 4; i++) {
		double us = -1, *to = i % 2 ? &with : &without;
		int rc = insert_all(p, c, i % 2, &us, &why);
		int left = wb_advise_leave(p, err);
		if (left < 0)
			return left;
		if (rc == 0 && us >= 0 && (*to < 0 || us < *to))
			*to = us;
	}
	if (with >= 0 && without >= 0)
		c->write_us = with > without ? with - without : 0;
	return 0;
}

/* Before and after, once more in turns. */
static int settle(struct wb_advising *p, struct wb_error *err)
{
	bool *none = flags(p, p->candidates.n), *all = flags(p, p->candidates.n), *queries = flags(p, p->n_queries);
	struct wb_advise_times *t = NULL;
	bool any = false;
	if (!none || !all || !queries)
		return wb_err_nomem(err);
	for (size_t i = 0; i < p->candidates.n; i++)
		any |= all[i] = p->candidates.v[i].chosen;
	for (size_t i = 0; i < p->n_queries; i++) {
		queries[i] = !p->queries[i].error;
		p->queries[i].after_ms = p->queries[i].now_ms;
	}
	const bool *const variants[] = { none, all };
	if (p->hypothetical || !any)
		return 0;
	wb_advise_tell(p, "settle", 0, 1);
	int rc = wb_advise_measure(p, variants, 2, queries, &t, err);
	for (size_t i = 0; rc == 0 && i < p->n_suite; i++) {
		if (!queries[i] || p->queries[i].error)
			continue;
		p->queries[i].first_ms = t[i].median_ms;
		p->queries[i].after_ms = t[p->n_queries + i].median_ms;
	}
	/* One whose queries are not faster after all was chosen by chance. */
	for (size_t k = 0; rc == 0 && k < p->candidates.n; k++) {
		struct wb_candidate *c = &p->candidates.v[k];
		bool gains = false;
		for (size_t i = 0; i < p->n_queries; i++)
			gains |= c->chosen && c->gains[i] &&
				 (!p->queries[i].q || t[p->n_queries + i].median_ms < t[i].median_ms * STILL);
		if (c->chosen && !gains) {
			c->chosen = false;
			c->rejected = true;
		}
	}
	return rc;
}

static int first_times(struct wb_advising *p, struct wb_error *err)
{
	bool *none = flags(p, p->candidates.n), *queries = flags(p, p->n_queries);
	struct wb_advise_times *t = NULL;
	if (!none || !queries)
		return wb_err_nomem(err);
	const bool *const variants[] = { none };
	for (size_t i = 0; i < p->n_queries; i++) {
		queries[i] = !p->queries[i].error;
		p->queries[i].left = 1;
	}
	wb_advise_tell(p, "measure", 0, p->candidates.n);
	int rc = wb_advise_measure(p, variants, 1, queries, &t, err);
	for (size_t i = 0; rc == 0 && i < p->n_suite; i++)
		p->queries[i].first_ms = p->queries[i].now_ms = p->queries[i].after_ms = t[i].median_ms;
	return rc;
}

int wb_advise_prove(struct wb_advising *p, struct wb_error *err)
{
	int rc = build_all(p, err);
	if (rc == 0)
		rc = fold(p, err);
	if (rc == 0)
		rc = first_times(p, err);
	if (rc == 0)
		rc = costs(p, true, err);
	if (rc == 0)
		rc = choose_all(p, err);
	if (rc == 0)
		rc = prune(p, err);
	if (rc == 0)
		rc = settle(p, err);
	if (rc == 0)
		rc = costs(p, false, err);
	for (size_t i = 0; rc == 0 && i < p->candidates.n; i++) {
		if (p->candidates.v[i].chosen && !p->hypothetical)
			rc = write_cost(p, &p->candidates.v[i], err);
	}
	return rc;
}
