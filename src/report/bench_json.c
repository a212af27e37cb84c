/* SPDX-License-Identifier: Apache-2.0
 *
 * Benchmarks of queries as JSON: the keys of the contract, and every run, so
 * that whoever measures again can compare (src/cli/bench_saved.c reads it).
 */
#include "report/bench.h"

#include <math.h>

#include "base/banned.h"

/* Numbers as people read them: nanoseconds are enough. */
static json_t *real(struct wb_json *j, double v)
{
	json_t *value = isfinite(v) ? json_real(round(v * 1e6) / 1e6) : json_null();

	j->failed |= !value;
	return value;
}

static json_t *known(struct wb_json *j, double v)
{
	return v < 0 ? json_null() : real(j, v);
}

static json_t *target(struct wb_json *j, int64_t us)
{
	return us ? real(j, (double)us / 1000) : json_null();
}

static json_t *texts(struct wb_json *j, const struct wb_texts *t)
{
	json_t *list = wb_json_array(j);
	size_t i;

	for (i = 0; i < t->n; i++)
		wb_json_append(j, list, wb_json_text(j, t->v[i]));
	return list;
}

/* ---- plans ---- */

static json_t *node_value(struct wb_json *j, const struct wb_query_node *n)
{
	json_t *o = wb_json_object(j);

	wb_json_set_number(j, o, "depth", n->depth);
	wb_json_set_text(j, o, "type", n->type);
	wb_json_set_text(j, o, "relation", n->relation);
	wb_json_set_text(j, o, "alias", n->alias);
	wb_json_set_text(j, o, "index", n->index);
	wb_json_set_text(j, o, "join", n->join);
	wb_json_set_text(j, o, "keys", n->keys);
	wb_json_set_text(j, o, "condition", n->condition);
	wb_json_set(j, o, "cost", known(j, n->cost));
	wb_json_set(j, o, "rows_estimated", known(j, n->rows_estimated));
	wb_json_set(j, o, "rows", known(j, n->rows));
	wb_json_set(j, o, "loops", known(j, n->loops));
	wb_json_set(j, o, "time_ms", known(j, n->ms));
	wb_json_set_number(j, o, "blocks_hit", n->blocks_hit);
	wb_json_set_number(j, o, "blocks_read", n->blocks_read);
	wb_json_set_number(j, o, "spilled_kb", n->spilled_kb);
	return o;
}

static json_t *plan_value(struct wb_json *j, const struct wb_query_plan *p)
{
	json_t *o = wb_json_object(j), *nodes = wb_json_array(j), *buffers = wb_json_object(j);
	size_t i;

	wb_json_set(j, o, "cost", known(j, p->cost));
	for (i = 0; i < p->n_nodes; i++)
		wb_json_append(j, nodes, node_value(j, &p->nodes[i]));
	wb_json_set(j, o, "nodes", nodes);
	wb_json_set(j, o, "indexes", texts(j, &p->indexes));
	if (p->analyzed) {
		wb_json_set_number(j, buffers, "hit", p->blocks_hit);
		wb_json_set_number(j, buffers, "read", p->blocks_read);
		wb_json_set_number(j, buffers, "temp_read", p->temp_read);
		wb_json_set_number(j, buffers, "temp_written", p->temp_written);
		wb_json_set(j, o, "buffers", buffers);
	} else {
		json_decref(buffers);
		wb_json_set(j, o, "buffers", json_null());
	}
	wb_json_set(j, o, "planning_ms", known(j, p->planning_ms));
	wb_json_set(j, o, "execution_ms", known(j, p->execution_ms));
	wb_json_set(j, o, "spilled", wb_json_bool(p->spilled));
	wb_json_set(j, o, "worst_estimate", p->worst_estimate > 0 ? real(j, p->worst_estimate) : json_null());
	wb_json_set_text(j, o, "fingerprint", p->fingerprint);
	return o;
}

/* ---- runs ---- */

static json_t *reals(struct wb_json *j, const double *v, size_t n)
{
	json_t *list = wb_json_array(j);
	size_t i;

	for (i = 0; v && i < n; i++)
		wb_json_append(j, list, real(j, v[i]));
	return list;
}

static json_t *set_value(struct wb_json *j, const struct wb_bench_set *s, bool load)
{
	json_t *o = wb_json_object(j), *params = wb_json_object(j), *disturbed = wb_json_array(j);
	size_t i;

	for (i = 0; i < s->params.n; i++)
		wb_json_set_text(j, params, s->params.v[i].name, s->params.v[i].value);
	wb_json_set(j, o, "params", params);
	wb_json_set(j, o, "samples_ms", reals(j, s->ms, s->n));
	if (!load)
		wb_json_set(j, o, "calibration_ms", reals(j, s->speed_ms, s->n));
	for (i = 0; s->counts && i < s->n; i++)
		if (!s->counts[i])
			wb_json_append(j, disturbed, json_integer((json_int_t)i));
	wb_json_set(j, o, "disturbed", disturbed);
	return o;
}

static json_t *sets_value(struct wb_json *j, const struct wb_bench_set *v, size_t n, bool load)
{
	json_t *list = wb_json_array(j);
	size_t i;

	for (i = 0; i < n; i++)
		wb_json_append(j, list, set_value(j, &v[i], load));
	return list;
}

/* ---- queries ---- */

static json_t *change_value(struct wb_json *j, const struct wb_bench_change *c)
{
	json_t *o, *ci = wb_json_array(j);

	if (!c->known) {
		json_decref(ci);
		return json_null();
	}
	o = wb_json_object(j);
	wb_json_set_text(j, o, "verdict", wb_bench_verdict_name(c->verdict));
	wb_json_set(j, o, "before_ms", real(j, c->before_ms));
	wb_json_set(j, o, "ratio", real(j, c->ratio));
	wb_json_append(j, ci, real(j, c->lo));
	wb_json_append(j, ci, real(j, c->hi));
	wb_json_set(j, o, "ratio_ci95", ci);
	wb_json_set(j, o, "machine_ratio", real(j, c->machine));
	wb_json_set(j, o, "p", real(j, c->p));
	wb_json_set(j, o, "p_holm", real(j, c->p_holm));
	wb_json_set(j, o, "cliffs_delta", real(j, c->delta));
	wb_json_set_number(j, o, "series", c->series);
	wb_json_set_text(j, o, "why", c->why);
	wb_json_set(j, o, "plan", texts(j, &c->plan));
	return o;
}

static json_t *result_value(struct wb_json *j, const struct wb_bench_result *r, bool load)
{
	json_t *o = wb_json_object(j), *ci = wb_json_array(j), *error;
	bool has = r->runs > 0;

	wb_json_set_text(j, o, "name", r->query->name);
	wb_json_set_text(j, o, "description", r->query->description);
	wb_json_set_text(j, o, "sql", r->query->sql);
	wb_json_set_number(j, o, "runs", (int64_t)r->runs);
	wb_json_set_number(j, o, "disturbed", (int64_t)r->disturbed);
	wb_json_set(j, o, "median_ms", has ? real(j, r->median_ms) : json_null());
	wb_json_set(j, o, "p95_ms", has ? real(j, r->p95_ms) : json_null());
	wb_json_set(j, o, "p99_ms", has ? real(j, r->p99_ms) : json_null());
	wb_json_append(j, ci, has ? real(j, r->ci_lo_ms) : json_null());
	wb_json_append(j, ci, has ? real(j, r->ci_hi_ms) : json_null());
	wb_json_set(j, o, "ci95_ms", ci);
	wb_json_set(j, o, "min_ms", has ? real(j, r->min_ms) : json_null());
	wb_json_set(j, o, "max_ms", has ? real(j, r->max_ms) : json_null());
	wb_json_set_number(j, o, "rows", r->rows);
	wb_json_set(j, o, "target_ms", target(j, r->query->target_p50_us));
	wb_json_set(j, o, "target_p95_ms", target(j, r->query->target_p95_us));
	wb_json_set_number(j, o, "weight", r->query->weight);
	wb_json_set(j, o, "writes", wb_json_bool(r->query->writes));
	wb_json_set_text(j, o, "target", wb_bench_verdict_name(r->target));
	wb_json_set_text(j, o, "verdict", wb_bench_verdict_name(r->verdict));
	wb_json_set(j, o, "change", change_value(j, &r->change));
	wb_json_set(j, o, "plan", r->plan ? plan_value(j, r->plan) : json_null());
	wb_json_set(j, o, "sets", sets_value(j, r->sets, r->n_sets, load));
	if (r->before)
		wb_json_set(j, o, "sets_before", sets_value(j, r->before, r->n_sets, load));
	if (r->error) {
		error = wb_json_object(j);
		wb_json_set_text(j, error, "code", wb_code_name(r->error_code));
		wb_json_set_text(j, error, "message", r->error);
		wb_json_set_text(j, error, "hint", r->error_hint);
		wb_json_set(j, o, "error", error);
	}
	return o;
}

static json_t *load_value(struct wb_json *j, const struct wb_bench_load *l)
{
	json_t *o = wb_json_object(j);

	wb_json_set(j, o, "rate", real(j, l->rate));
	wb_json_set(j, o, "achieved", real(j, l->achieved));
	wb_json_set_number(j, o, "duration_ms", l->duration_ms);
	wb_json_set_number(j, o, "connections", l->connections);
	wb_json_set_number(j, o, "queries", (int64_t)l->sent);
	wb_json_set_number(j, o, "late", (int64_t)l->late);
	wb_json_set(j, o, "worst_late_ms", real(j, l->worst_late_ms));
	return o;
}

static json_t *machine_value(struct wb_json *j, const struct wb_bench_report *r)
{
	json_t *o = wb_json_object(j);

	wb_json_set(j, o, "calibration_ms", real(j, r->speed_ms));
	wb_json_set(j, o, "ratio", r->speed_ratio > 0 ? real(j, r->speed_ratio) : json_null());
	wb_json_set(j, o, "noisy", wb_json_bool(r->noisy));
	return o;
}

int wb_bench_json(struct wb_out *out, const struct wb_bench_report *r, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *queries = wb_json_array(&j), *settings = wb_json_object(&j);
	json_t *summary = wb_json_object(&j);
	size_t i;

	wb_json_set_text(&j, o, "suite", r->suite->name);
	wb_json_set_text(&j, o, "server", r->server);
	wb_json_set_text(&j, o, "start_time", r->start_time);
	wb_json_set_text(&j, o, "end_time", r->end_time);
	wb_json_set_number(&j, o, "duration_ms", r->duration_ms);
	wb_json_set_text(&j, o, "compared_with", r->compared_with);
	wb_json_set(&j, o, "machine", r->is_load ? json_null() : machine_value(&j, r));
	for (i = 0; i < r->n_settings; i++)
		wb_json_set_text(&j, settings, r->settings[i].name, r->settings[i].value);
	wb_json_set(&j, o, "settings", settings);
	wb_json_set(&j, o, "load", r->is_load ? load_value(&j, &r->load) : json_null());
	for (i = 0; i <= WB_BENCH_INCONCLUSIVE; i++)
		wb_json_set_number(&j, summary, wb_bench_verdict_name((enum wb_bench_verdict)i), (int64_t)r->count[i]);
	wb_json_set_number(&j, summary, "not_run", (int64_t)r->not_run);
	wb_json_set(&j, summary, "geomean_ratio", r->geomean > 0 ? real(&j, r->geomean) : json_null());
	wb_json_set(&j, o, "summary", summary);
	for (i = 0; i < r->n_results; i++)
		wb_json_append(&j, queries, result_value(&j, &r->results[i], r->is_load));
	wb_json_set(&j, o, "queries", queries);
	return wb_json_print(&j, out, o, err);
}
