/* SPDX-License-Identifier: Apache-2.0
 *
 * The public run calls: each prepares the context and hands over to the executor.
 */
#include "backfill.h"
#include "learn.h"
#include "schema.h"

static int options_of(const struct wb_run_options *given, struct wb_run_options *ret_o, struct wb_error *err)
{
	return wb_take_options(ret_o, sizeof(*ret_o), given, "wb_run_options", err);
}

/* What somebody else has changed must not become what is expected. */
static bool may_keep_snapshot(struct wb_context *c, const struct wb_run_options *o)
{
	struct wb_error why;
	bool drifted = false;
	if (!c->o.keep_snapshots || o->dry_run)
		return false;
	if (wb_drifted_since_snapshot(c, &drifted, &why) < 0)
		wb_log(&c->sink, WB_LOG_WARN, "whether the schema has drifted cannot be seen: %s", why.message);
	else if (drifted)
		wb_log(&c->sink, WB_LOG_WARN,
		       "the schema was changed since its last snapshot, so none is kept: `whimbrel drift` shows how, "
		       "`whimbrel drift --store` takes it as it is");
	else
		return true;
	return false;
}

struct before {
	struct wb_context *c;
	const struct wb_run_options *o;
	const char *command;
	bool asks; /* whether it has drifted */
	bool keep;
	struct wb_learning learning;
};

/* Only a run that has something to do looks at the schema. */
static int before_run(void *user, const struct wb_work *work, struct wb_error *err)
{
	struct before *b = user;
	bool judged = false;
	int rc = wb_named_check(b->c, work, err);
	if (rc == 0 && b->asks)
		rc = wb_drift_gate(b->c, b->o->drift_gate, &judged, err);
	if (rc == 0 && !strcmp(b->command, "up"))
		rc = wb_check_gate(b->c, b->o->check_before, b->o->n_check_before, WB_EREFUSED, err);
	b->keep = rc == 0 && (judged ? b->c->o.keep_snapshots && !b->o->dry_run : may_keep_snapshot(b->c, b->o));
	if (rc == 0 && !b->o->dry_run)
		wb_learn_before(&b->learning, work);
	return rc;
}

static int after_run(void *user, struct wb_error *err)
{
	const struct before *b = user;
	return strcmp(b->command, "up") != 0
		       ? 0
		       : wb_check_gate(b->c, b->o->check_after, b->o->n_check_after, WB_EFAILED, err);
}

/* The run is committed; that its snapshot could not be kept must not look as if it were not. */
static void keep_snapshot(struct wb_context *c)
{
	struct wb_error why;
	if (wb_snapshot_store(c, NULL, &why) < 0)
		wb_log(&c->sink, WB_LOG_WARN, "the snapshot of the schema could not be kept: %s", why.message);
}

static bool tell_each(void *user, const struct wb_work_item *item, int64_t ordinal)
{
	struct wb_context *c = user;
	(void)item, (void)ordinal;
	c->each(c->each_user, c);
	return true;
}

static void set_hooks(struct wb_context *c, struct before *before)
{
	struct wb_target *t = &c->target;
	t->before_run = before_run;
	t->before_user = before;
	t->after_run = after_run;
	t->expects = c->each ? tell_each : wb_learn_expects;
	t->took = c->each ? NULL : wb_learn_took;
	t->took_user = c->each ? (void *)c : &before->learning;
}

static int execute(struct wb_context *c, struct wb_run_options *o, const char *command,
		   struct wb_run_result **ret_result, struct wb_error *err)
{
	struct wb_run_result *result = NULL;
	if (o->dry_run == WB_DRY_RUN_SQL) {
		wb_err_set(err, WB_EUSAGE, "a dry run that prints does not run anything");
		wb_err_hint(err, "call wb_plan(), whose steps are what would run");
		return WB_EUSAGE;
	}
	unsigned needs = o->dry_run ? WB_NEED_READ : WB_NEED_WRITE;
	int rc = o->wait_ms ? wb_wait_for(c, needs, o->wait_ms, err) : 0;
	if (rc == 0)
		rc = wb_prepare(c, WB_NEED_SOURCE | needs | (o->plan.down ? 0 : WB_NEED_JOURNAL), err);
	struct before before = { .c = c,
				 .o = o,
				 .command = command,
				 .asks = o->drift_gate && !strcmp(command, "up"),
				 .learning = { .c = c } };
	set_hooks(c, &before);
	if (rc == 0)
		rc = wb_execute(&c->target, o, command, &result, err);
	c->target.before_run = NULL;
	c->target.after_run = NULL;
	c->target.expects = NULL;
	c->target.took = NULL;
	if (rc == 0)
		wb_learn_keep(&before.learning);
	wb_learn_done(&before.learning);
	if (rc == 0 && before.keep && result && result->n_applied)
		keep_snapshot(c);
	if (rc == WB_ECANCELLED)
		*c->stop = 0; /* what was asked to stop has stopped */
	if (ret_result)
		*ret_result = result;
	else
		wb_run_result_free(result);
	return rc;
}

WB_API int wb_up(struct wb_context *context, const struct wb_run_options *options, struct wb_run_result **ret_result,
		 struct wb_error *err)
{
	struct wb_run_options o;
	int rc = options_of(options, &o, err);
	o.plan.down = false;
	return rc < 0 ? rc : execute(context, &o, "up", ret_result, err);
}

WB_API int wb_down(struct wb_context *context, const struct wb_run_options *options, struct wb_run_result **ret_result,
		   struct wb_error *err)
{
	struct wb_run_options o;
	int rc = options_of(options, &o, err);
	o.plan.down = true;
	return rc < 0 ? rc : execute(context, &o, "down", ret_result, err);
}

WB_API int wb_redo(struct wb_context *context, const struct wb_run_options *options, struct wb_run_result **ret_result,
		   struct wb_error *err)
{
	struct wb_run_options o;
	int rc = options_of(options, &o, err);
	o.plan.down = true;
	return rc < 0 ? rc : execute(context, &o, "redo", ret_result, err);
}

WB_API int wb_resume(struct wb_context *context, const struct wb_run_options *options,
		     struct wb_run_result **ret_result, struct wb_error *err)
{
	struct wb_run_options o;
	int rc = options_of(options, &o, err);
	if (rc == 0 && o.retry_unknown && o.skip_unknown)
		rc = wb_err_set(err, WB_EUSAGE, "--retry and --skip exclude each other");
	o.plan.down = false;
	return rc < 0 ? rc : execute(context, &o, "resume", ret_result, err);
}

WB_API int wb_declare_applied(struct wb_context *context, const char *file, const char *reason, struct wb_error *err)
{
	int rc = wb_prepare(context, WB_NEED_SOURCE | WB_NEED_WRITE, err);
	if (rc == 0)
		rc = wb_declare_run(&context->target, file, reason ? reason : "it was there already", err);
	if (rc == 0 && context->o.keep_snapshots)
		keep_snapshot(context);
	return rc;
}

WB_API int wb_baseline(struct wb_context *context, const char *version, const char *reason, size_t *ret_recorded,
		       struct wb_error *err)
{
	if (!version || !*version)
		return wb_err_set(err, WB_EUSAGE, "a baseline needs a version");
	int rc = wb_prepare(context, WB_NEED_SOURCE | WB_NEED_WRITE, err);
	return rc < 0 ? rc : wb_baseline_run(&context->target, version, reason, ret_recorded, err);
}

WB_API int wb_repair(struct wb_context *context, bool dry_run, const char *reason, struct wb_repair **ret_repair,
		     struct wb_error *err)
{
	int rc = wb_prepare(context, WB_NEED_SOURCE | WB_NEED_CONN, err);
	return rc < 0 ? rc : wb_repair_run(&context->target, dry_run, reason, ret_repair, err);
}
