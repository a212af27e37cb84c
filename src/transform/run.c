/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules as steps of one program, and what came of them. A dry run counts: the
 * rows of each rule, those that would fail a check, and how long it would take.
 */
#include "transform.h"

#define ESTIMATE_MS 100 /* of a batch */
#define ESTIMATE_ROWS 1000 /* in it, where time decides its size */

struct plan {
	struct wb_target *t;
	const struct wb_transform_options *o;
	struct wb_rule_plan rules;
	int64_t started_ms;
};

struct result {
	struct wb_transform_result view; /* first, so that the public pointer is ours */
	struct wb_arena arena;
};

/* ---- the result ----------------------------------------------------------------------- */

static const char *state_of(const struct plan *p, const struct wb_step *s)
{
	if (p->o->dry_run)
		return "planned";
	if (s->skipped || (!s->ran && s->rc == 0))
		return "skipped";
	return s->rc == 0 ? "done" : s->rc == WB_ECANCELLED ? "cancelled" : "failed";
}

static int copy_errors(struct wb_arena *a, const struct wb_batch_job *job, struct wb_rule_result *r,
		       struct wb_error *err)
{
	struct wb_rule_error *v = wb_arena_array(a, job->errors.n + 1, sizeof(*v));
	for (size_t i = 0; v && i < job->errors.n; i++) {
		v[i].row = wb_arena_str(a, job->errors.v[i].row);
		v[i].error = wb_arena_str(a, job->errors.v[i].error);
		if (!v[i].row || !v[i].error)
			return wb_err_nomem(err);
	}
	r->errors = v;
	r->n_errors = job->errors.n;
	return v ? 0 : wb_err_nomem(err);
}

static int64_t estimate(const struct wb_batch_job *job)
{
	int64_t size = job->batch_size         ? job->batch_size
		       : job->rule->batch_size ? job->rule->batch_size
					       : ESTIMATE_ROWS;
	return (job->total + size - 1) / size * (ESTIMATE_MS + job->rule->pause_ms);
}

/* So many rejected rows end it; as far as can be told from their number at the end. */
static bool would_stop(const struct plan *p, const struct wb_batch_job *job)
{
	const struct wb_transform_rule *r = job->rule;
	int64_t failed = job->counts.failed;
	if (!p->o->dry_run || failed <= 0)
		return false;
	return r->on_error == WB_ON_ERROR_STOP || (r->max_errors >= 0 && failed > r->max_errors) ||
	       (r->max_error_percent && job->total >= 100 && failed * 100 > r->max_error_percent * job->total);
}

/* What checks would reject is counted in a dry run; the rest would be written. */
static void fill_dry(struct plan *p, const struct wb_batch_job *job, struct wb_arena *a, struct wb_rule_result *r)
{
	r->estimated_ms = estimate(job);
	r->successful = job->total > job->counts.failed ? job->total - job->counts.failed : 0;
	r->would_stop = would_stop(p, job);
	if (r->would_stop)
		r->message =
			wb_arena_printf(a, "would stop: %s",
					job->rule->on_error == WB_ON_ERROR_STOP ? "at the first row that is rejected"
										: "more rows are rejected than may be");
}

static int fill_rule(struct plan *p, size_t i, struct wb_arena *a, struct wb_rule_result *r, struct wb_error *err)
{
	const struct wb_batch_job *job = &p->rules.jobs[i];
	const struct wb_step *s = &p->rules.steps[i];
	int64_t here = job->counts.processed - job->processed_before;
	*r = (struct wb_rule_result){ .id = wb_arena_str(a, job->rule->id),
				      .description = wb_arena_str(a, job->rule->description),
				      .state = state_of(p, s),
				      .message = s->rc < 0 || s->skipped ? wb_arena_str(a, s->err.message) : NULL,
				      .total = job->total,
				      .processed = job->counts.processed,
				      .successful = job->counts.successful,
				      .failed = job->counts.failed,
				      .ignored = job->counts.ignored,
				      .batches = job->counts.batches,
				      .batch_size = job->size,
				      .duration_ms = s->elapsed_ms,
				      .estimated_ms = -1,
				      .resumed = s->resumed,
				      .in_place = !job->rule->target };
	r->rows_per_s = s->elapsed_ms > 0 ? here * 1000 / s->elapsed_ms : here;
	if (p->o->dry_run)
		fill_dry(p, job, a, r);
	bool said = s->rc < 0 || s->skipped || r->would_stop;
	if (!r->id || (job->rule->description && !r->description) || (said && !r->message))
		return wb_err_nomem(err);
	return copy_errors(a, job, r, err);
}

/* What a source gets behind the place where a run is, comes by running again only where that updates. */
static bool misses_changes(const struct wb_transform_rule *r)
{
	return r->target && r->on_conflict != WB_CONFLICT_UPDATE;
}

static void add_up(struct plan *p, struct wb_transform_result *v, struct wb_rule_result *rules)
{
	v->dry_run = p->o->dry_run;
	v->rules = rules;
	v->n_rules = p->rules.n;
	v->estimated_ms = p->o->dry_run ? 0 : -1;
	for (size_t i = 0; i < p->rules.n; i++) {
		v->total += rules[i].total > 0 ? rules[i].total : 0;
		v->processed += rules[i].processed;
		v->successful += rules[i].successful;
		v->failed += rules[i].failed;
		v->ignored += rules[i].ignored;
		v->estimated_ms += p->o->dry_run ? rules[i].estimated_ms : 0;
		v->requires_downtime |= misses_changes(p->rules.jobs[i].rule);
	}
	v->duration_ms = wb_now_ms() - p->started_ms;
	v->peak_rss_kb = wb_proc_peak_rss_kb();
}

static int make_result(struct plan *p, struct wb_transform_result **ret_result, struct wb_error *err)
{
	struct result *r = calloc(1, sizeof(*r));
	struct wb_rule_result *rules = r ? wb_arena_array(&r->arena, p->rules.n + 1, sizeof(*rules)) : NULL;
	int rc = rules ? 0 : wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < p->rules.n; i++)
		rc = fill_rule(p, i, &r->arena, &rules[i], err);
	if (rc < 0) {
		wb_transform_result_free(r ? &r->view : NULL);
		return rc;
	}
	add_up(p, &r->view, rules);
	*ret_result = &r->view;
	return 0;
}

WB_API void wb_transform_result_free(struct wb_transform_result *result)
{
	struct result *r = (struct result *)result;
	if (!r)
		return;
	wb_arena_done(&r->arena);
	free(r);
}

/* ---- running ------------------------------------------------------------------------------ */

static void emit(struct plan *p, enum wb_event_type type, const struct wb_transform_result *v)
{
	struct wb_event e = wb_event_make(type);
	e.rules = (int64_t)p->rules.n;
	e.dry_run = p->o->dry_run;
	if (v) {
		e.total = v->total;
		e.rows = v->processed;
		e.successful = v->successful;
		e.failed = v->failed;
		e.elapsed_ms = v->duration_ms;
	}
	wb_event_emit(&p->t->sink, &e);
}

struct wb_event wb_rule_event(const struct wb_step *s)
{
	const struct wb_batch_job *job = s->spec;
	struct wb_event e = wb_event_make(s->rc < 0 ? WB_EVENT_RULE_ERROR : WB_EVENT_RULE_COMPLETED);
	e.rule = job->rule->id;
	e.description = job->rule->description;
	e.rows = job->counts.processed;
	e.total = job->total;
	e.successful = job->counts.successful;
	e.failed = job->counts.failed;
	e.batches = job->counts.batches;
	e.elapsed_ms = s->elapsed_ms;
	e.rss_kb = wb_proc_peak_rss_kb();
	if (s->rc < 0) {
		e.message = s->err.message;
		e.error = wb_code_name(s->rc);
		e.sqlstate = *s->err.sqlstate ? s->err.sqlstate : NULL;
	}
	return e;
}

static void rule_ended(void *user, const struct wb_step *s)
{
	struct plan *p = user;
	struct wb_event e;
	if (s->skipped)
		return;
	e = wb_rule_event(s);
	wb_event_emit(&p->t->sink, &e);
}

static int count_all(struct plan *p, struct wb_error *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < p->rules.n; i++) {
		rc = wb_batch_count(p->t->conn, &p->rules.jobs[i], err);
		if (rc < 0)
			wb_err_prefix(err, "rule %s", p->rules.jobs[i].rule->id);
	}
	return rc;
}

static int execute(struct plan *p, struct wb_error *err)
{
	struct wb_program program = { .command = "transform",
				      .steps = p->rules.steps,
				      .n = p->rules.n,
				      .restart = p->o->restart,
				      .keep_going = p->o->continue_on_error,
				      .lock_wait_ms = p->o->lock_wait_ms,
				      .ended = rule_ended,
				      .user = p };
	return p->o->dry_run ? count_all(p, err) : wb_program_run(p->t, &program, err);
}

static bool any_ran(const struct plan *p)
{
	for (size_t i = 0; i < p->rules.n; i++) {
		if (p->rules.steps[i].ran || p->rules.steps[i].rc < 0)
			return true;
	}
	return p->o->dry_run;
}

/* Rows that would be rejected are no failure, unless they would stop a rule. */
static int answer_dry(const struct wb_transform_result *v, struct wb_error *err)
{
	for (size_t i = 0; i < v->n_rules; i++) {
		if (v->rules[i].would_stop)
			return wb_err_set(err, WB_ENO, "rule %s %s", v->rules[i].id, v->rules[i].message);
	}
	return 0;
}

static int run(struct plan *p, struct wb_transform_result **ret_result, struct wb_error *err)
{
	struct wb_error ignored;
	struct wb_transform_result *v = NULL;
	emit(p, WB_EVENT_TRANSFORMATION_STARTED, NULL);
	int rc = execute(p, err);
	if (rc < 0 && (p->o->dry_run || !any_ran(p)))
		return rc;
	int made = make_result(p, &v, rc < 0 ? &ignored : err);
	if (made < 0)
		return rc < 0 ? rc : made;
	emit(p, rc == WB_ECANCELLED ? WB_EVENT_TRANSFORMATION_CANCELLED : WB_EVENT_TRANSFORMATION_COMPLETED, v);
	*ret_result = v;
	if (rc == 0 && v->dry_run)
		return answer_dry(v, err);
	if (rc == 0 && v->failed)
		return wb_err_set(err, WB_ENO, "%lld rows were rejected", (long long)v->failed);
	return rc;
}

int wb_transform_run(struct wb_target *t, const struct wb_transform_rule *rules, size_t n,
		     const struct wb_transform_options *o, struct wb_transform_result **ret_result,
		     struct wb_error *err)
{
	struct plan p = { .t = t, .o = o, .started_ms = wb_now_ms() };
	int rc = wb_rule_plan_make(&p.rules, rules, n, o, "transform:", err);
	if (rc == 0)
		rc = run(&p, ret_result, err);
	wb_rule_plan_done(&p.rules);
	return rc;
}
