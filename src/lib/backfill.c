/* SPDX-License-Identifier: Apache-2.0
 *
 * Backfill sections of migrations: from a section to the steps that run it, by
 * the rules of a file or by its own statements; and what a plan says of it.
 */
#include "backfill.h"

#include "transform/transform.h"

/* What the steps of a section refer to. */
struct held {
	struct wb_context *c;
	struct wb_rule_plan plan; /* by rules */
	struct wb_transform_options options;
	struct wb_transform_rule rule; /* of its own statements */
	struct wb_batch_job job;
};

/* ---- rules ----------------------------------------------------------------------------- */

static int load(struct wb_context *c, const char *file, const char *rules, struct wb_arena *a,
		struct wb_transform_rules *ret_rules, struct wb_transform_options *ret_o, struct wb_error *err)
{
	const char *path = NULL;
	int rc = wb_beside(a, file, rules, &path, &ret_o->only, err);
	if (rc == 0 && !c->load_rules)
		rc = wb_err_set(err, WB_EUNSUPPORTED, "nothing was given that reads the rules %s", rules);
	if (rc == 0)
		rc = c->load_rules(c->rules_user, path, ret_rules, err);
	ret_o->no_checks = ret_rules->no_checks;
	return rc;
}

static int by_rules(struct wb_context *c, const struct wb_backfill_ask *ask, struct held *h,
		    struct wb_backfill_steps *made, struct wb_error *err)
{
	struct wb_transform_rules rules = { 0 };
	const char *prefix = wb_arena_printf(&made->arena, "%s:", ask->id);
	int rc = prefix ? load(c, ask->file, ask->section->rules, &made->arena, &rules, &h->options, err)
			: wb_err_nomem(err);
	if (rc == 0)
		rc = wb_rule_plan_make(&h->plan, rules.v, rules.n, &h->options, prefix, err);
	made->v = h->plan.steps;
	made->n = rc == 0 ? h->plan.n : 0;
	return rc;
}

/* ---- statements of its own ------------------------------------------------------------------ */

/* All that it does, and in which order: what was begun goes on only as the same. */
static const char *text_of(const struct wb_backfill_ask *ask, struct wb_arena *a)
{
	wb_autostr s = WB_STR_INIT;
	wb_str_addf(&s, "table: %s\nkey: %s\n", ask->section->table, ask->section->key);
	for (size_t i = 0; i < ask->n_statements; i++)
		wb_str_addf(&s, "statement: %.*s\n", WB_SV_ARG(ask->statements[i].text));
	return s.failed ? NULL : wb_arena_sv(a, wb_str_sv(&s));
}

static int by_statements(const struct wb_backfill_ask *ask, struct held *h, struct wb_backfill_steps *made,
			 struct wb_error *err)
{
	struct wb_step *s = wb_arena_alloc(&made->arena, sizeof(*s));
	const char *text = text_of(ask, &made->arena);
	const char *id = wb_arena_printf(&made->arena, "%s:batches", ask->id);
	if (!s || !text || !id)
		return wb_err_nomem(err);
	h->rule = (struct wb_transform_rule){ .id = ask->id,
					      .file = ask->file,
					      .line = ask->line,
					      .source = ask->section->table,
					      .batch_size = ask->section->batch_size,
					      .pause_ms = ask->section->pause_ms,
					      .max_errors = -1 };
	h->job = (struct wb_batch_job){
		.rule = &h->rule, .statements = ask->statements, .n_statements = ask->n_statements, .total = -1
	};
	*s = (struct wb_step){ .id = id, .text = text, .kind = &wb_batch_kind, .spec = &h->job };
	made->v = s;
	made->n = 1;
	return wb_listed(&made->arena, wb_sv_str(ask->section->key), &h->rule.key, err);
}

/* ---- the steps --------------------------------------------------------------------------------- */

static void ended(struct wb_backfill_steps *made, const struct wb_step *s)
{
	const struct held *h = made->held;
	const struct wb_batch_job *job = s->spec;
	struct wb_event e = wb_rule_event(s);
	wb_event_emit(&h->c->sink, &e);
	if (s->rc == 0 && job->counts.failed)
		wb_log(&h->c->sink, WB_LOG_WARN, "rule %s: %lld of %lld rows were rejected%s%s", job->rule->id,
		       (long long)job->counts.failed, (long long)job->counts.processed,
		       job->rule->on_error == WB_ON_ERROR_COLLECT ? ", and are kept in " : "",
		       job->rule->on_error != WB_ON_ERROR_COLLECT ? ""
		       : job->rule->rejects                       ? job->rule->rejects
								  : "the journal's transform_rejects");
}

static void done(struct wb_backfill_steps *made)
{
	struct held *h = made->held;
	if (!h)
		return;
	wb_rule_plan_done(&h->plan);
	wb_batch_job_done(&h->job);
	free(h);
}

int wb_backfill_make(void *context, const struct wb_backfill_ask *ask, struct wb_backfill_steps *ret_steps,
		     struct wb_error *err)
{
	struct held *h = calloc(1, sizeof(*h));
	if (!h)
		return wb_err_nomem(err);
	h->c = context;
	h->options.size = sizeof(h->options);
	ret_steps->held = h;
	ret_steps->done = done;
	ret_steps->ended = ended;
	return ask->section->rules ? by_rules(context, ask, h, ret_steps, err) : by_statements(ask, h, ret_steps, err);
}

/* ---- what a plan says of it -------------------------------------------------------------------- */

static const char *describe(struct wb_arena *a, const struct wb_transform_rule *r)
{
	static const char *const conflicts[] = { "", ", keeping what is there", ", updating what is there" };
	const char *from = r->query ? "a query" : r->source;
	const char *through = r->command.n ? " through " : "", *program = r->command.n ? r->command.v[0] : "";
	if (!r->target)
		return wb_arena_printf(a, "rule %s changes %s in place, in batches", r->id, from);
	return wb_arena_printf(a, "rule %s fills %s from %s%s%s%s, in batches", r->id, r->target, from, through,
			       program, conflicts[r->on_conflict]);
}

/* "schema.table" */
static struct wb_name name_of(struct wb_arena *a, const char *table)
{
	const char *dot = table ? strrchr(table, '.') : NULL;
	return (struct wb_name){ .schema = dot ? wb_arena_sv(a, wb_sv(table, (size_t)(dot - table))) : NULL,
				 .name = dot ? dot + 1 : table };
}

/* As the statement that a batch is. */
static struct wb_operation operation_of(struct wb_arena *a, const struct wb_transform_rule *r)
{
	return (struct wb_operation){ .code = r->target ? WB_OP_INSERT : WB_OP_UPDATE,
				      .kind = WB_KIND_TABLE,
				      .flags = r->target ? 0 : WB_WITH_WHERE,
				      .table = name_of(a, r->target ? r->target : r->source),
				      .other = name_of(a, r->target ? r->source : NULL) };
}

static int note_rules(struct wb_context *c, const char *file, const struct wb_backfill *b, struct wb_arena *a,
		      struct wb_texts *ret_notes, struct wb_operations *ret_ops, struct wb_error *err)
{
	struct wb_transform_rules rules = { 0 };
	struct wb_transform_options o = { .size = sizeof(o) };
	struct wb_rule_plan plan = { .arena = WB_ARENA_INIT };
	struct wb_operation *ops = NULL;
	const char **v = NULL;
	int rc = load(c, file, b->rules, a, &rules, &o, err);
	if (rc == 0)
		rc = wb_rule_plan_make(&plan, rules.v, rules.n, &o, "", err);
	if (rc == 0) {
		v = wb_arena_array(a, plan.n + 1, sizeof(*v));
		ops = wb_arena_array(a, plan.n + 1, sizeof(*ops));
		rc = v && ops ? 0 : wb_err_nomem(err);
	}
	for (size_t i = 0; rc == 0 && i < plan.n; i++) {
		ops[i] = operation_of(a, &rules.v[plan.order[i]]);
		v[i] = describe(a, &rules.v[plan.order[i]]);
		rc = v[i] ? 0 : wb_err_nomem(err);
	}
	*ret_notes = (struct wb_texts){ v, rc == 0 ? plan.n : 0 };
	*ret_ops = (struct wb_operations){ .v = ops, .n = rc == 0 ? plan.n : 0 };
	wb_rule_plan_done(&plan);
	return rc;
}

int wb_backfill_read(struct wb_context *c, const char *file, const struct wb_backfill *b, struct wb_arena *a,
		     struct wb_texts *ret_notes, struct wb_operations *ret_ops, struct wb_error *err)
{
	const char **v = wb_arena_array(a, 1, sizeof(*v));
	if (b->rules)
		return note_rules(c, file, b, a, ret_notes, ret_ops, err);
	if (!v)
		return wb_err_nomem(err);
	v[0] = b->batch_size
		       ? wb_arena_printf(a,
					 "runs for %lld rows of %s at a time, each time with its place in the journal",
					 (long long)b->batch_size, b->table)
		       : wb_arena_printf(a,
					 "runs for some rows of %s at a time, each time with its place in the journal",
					 b->table);
	ret_notes->v = v;
	ret_notes->n = 1;
	return v[0] ? 0 : wb_err_nomem(err);
}
