/* SPDX-License-Identifier: Apache-2.0
 *
 * A run from beginning to end. Reading and planning come first and change
 * nothing; when nothing is to be done it ends there, without a lock. Under the
 * lock everything is read and planned again, since another run may have been
 * faster.
 */
#include "run.h"

#include "result.h"
#include "trash.h"
#include "undo.h"

void wb_run_event(struct wb_run *run, const struct wb_work_item *item, struct wb_event e)
{
	e.run = run->id;
	e.direction = (item ? wb_is_down(item) : run->work.down) ? "down" : "up"; /* `redo` goes both ways */
	e.migrations = (int)run->work.items.n;
	if (item) {
		e.version = item->version;
		e.description = item->description;
		e.file = item->file;
		e.migration = (int)(item - run->work.items.v) + 1;
	}
	wb_event_emit(&run->t->sink, &e);
}

/* A resumed or changed one keeps its place in the order of application. */
void wb_run_rank(struct wb_run *run, struct wb_work_item *item)
{
	bool keeps = item->record && (item->action == WB_RESUME_UP || item->action == WB_REAPPLY);
	item->rank = keeps ? item->record->rank : ++run->next_rank;
}

int wb_run_completed(struct wb_run *run, const struct wb_work_item *item, const struct wb_tally *tally,
		     struct wb_error *err)
{
	struct wb_event e = wb_event_make(WB_EVENT_MIGRATION_COMPLETED);
	e.step = e.steps = tally->statements;
	e.rows = tally->rows;
	e.elapsed_ms = wb_tally_took(tally);
	e.rss_kb = tally->rss_kb;
	e.cpu_ms = tally->cpu_ms;
	e.lock_wait_ms = tally->lock_wait_ms;
	wb_run_event(run, item, e);
	/* `redo` reverts and applies one migration: its result names it once. */
	if (wb_is_down(item) && !strcmp(run->command, "redo"))
		return 0;
	return wb_result_add(run->result, item, tally, err);
}

/* ---- plan ------------------------------------------------------------------------ */

static bool tolerated(const struct wb_run *run, const struct wb_problem *p)
{
	bool late = run->o->plan.out_of_order ||
		    !strcmp(run->command, "resume"); /* a stored plan was allowed when it was made */
	return p->warning || (late && !strcmp(p->kind, "out_of_order"));
}

/* An empty file is applied like any other; whoever fills it in later finds it recorded as done. */
static void tell(struct wb_run *run, const struct wb_problem *p)
{
	bool empty = !strcmp(p->kind, "empty");
	wb_log(&run->t->sink, empty ? WB_LOG_WARN : WB_LOG_INFO, "%s%s%s", empty && p->file ? p->file : "",
	       empty && p->file ? ": " : "", p->message);
}

/* What validate would report stops `up`; reverting is the way out of some of it, so `down` only needs readable files.
 */
static int check_problems(struct wb_run *run, struct wb_error *err)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct wb_problems problems;
	int rc = wb_compare(run->t, &run->journal, &a, &problems, err);
	if (rc < 0)
		return rc;
	size_t n = 0;
	for (size_t i = 0; i < problems.v.n; i++) {
		if (!tolerated(run, &problems.v.v[i]))
			problems.v.v[n++] = problems.v.v[i];
		else if (!run->told)
			tell(run, &problems.v.v[i]);
	}
	run->told = true;
	problems.v.n = n;
	rc = wb_problems_check(&problems, err);
	wb_problems_done(&problems);
	if (rc < 0)
		wb_source_excerpt(run->t->source, err);
	return rc;
}

static int make_plan(struct wb_run *run, struct wb_error *err)
{
	wb_work_done(&run->work);
	wb_journal_done(&run->journal);
	int rc = wb_journal_load(run->t, !run->o->plan.down, &run->journal, err);
	if (rc == 0 && !run->o->plan.down)
		rc = check_problems(run, err);
	if (rc < 0)
		return rc;
	run->next_rank = run->journal.last_rank;
	if (!strcmp(run->command, "resume"))
		return wb_plan_resume(run, err);
	if (!strcmp(run->command, "redo"))
		return wb_plan_redo(run, err);
	return wb_work_make(run->t, &run->journal, &run->o->plan, &run->work, err);
}

/* ---- running --------------------------------------------------------------------------- */

static void watch_item(struct wb_run *run, struct wb_work_item *item)
{
	int64_t timeout = item->script->timeout_ms >= 0 ? item->script->timeout_ms : run->o->timeout_ms;
	struct wb_event e = wb_event_make(WB_EVENT_STEP_PROGRESS);
	e.run = run->id;
	e.direction = wb_is_down(item) ? "down" : "up";
	e.version = item->version;
	e.description = item->description;
	e.file = item->file;
	e.migration = (int)(item - run->work.items.v) + 1;
	e.migrations = (int)run->work.items.n;
	run->watch.context = e;
	run->watch.deadline_ms = timeout ? wb_now_ms() + timeout : 0;
	run->watch.backend = wb_conn_backend_pid(run->t->conn);
}

static int run_steps(struct wb_run *run, size_t i, struct wb_error *err)
{
	struct wb_work_item *item = &run->work.items.v[i];
	struct wb_target *t = run->t;
	struct wb_tx_options o = { .foreign_keys_off = item->script->rebuilds_table };
	struct wb_tally tally;
	struct wb_error after;
	int64_t done = wb_resumes(item) ? item->record->statements_done : 0;
	wb_tally_start(&tally);
	wb_run_rank(run, item);
	run->in_batches = false;
	struct wb_event e = wb_event_make(WB_EVENT_MIGRATION_STARTED);
	e.steps = item->script->n;
	wb_run_event(run, item, e);
	run->at = i;
	int rc = wb_resumes(item) ? 0 : wb_guard_run(run, item, WB_SEC_REQUIRE, err);
	if (rc == 0)
		rc = wb_conn_before_migration(t->conn, &o, err);
	if (rc == 0)
		rc = wb_steps_run(run, item, &tally, &done, err);
	bool applied = rc == 0;
	if (!t->conn->lost && wb_conn_after_migration(t->conn, &after) < 0 && rc == 0)
		rc = wb_err_set(err, after.code, "%s", after.message);
	if (rc < 0 && !applied && rc != WB_ESTATE && rc != WB_EREFUSED)
		wb_record_failure(run, item, &tally, done, err);
	run->half_done = rc < 0 && !applied && (done > 0 || run->in_batches);
	return rc < 0 ? rc : wb_run_completed(run, item, &tally, err);
}

static int run_item(struct wb_run *run, size_t i, struct wb_error *err)
{
	struct wb_work_item *item = &run->work.items.v[i];
	watch_item(run, item);
	if (item->script->one_transaction && !wb_resumes(item))
		return wb_group_run(run, i, i + 1, false, err);
	return run_steps(run, i, err);
}

static int pause_between(struct wb_run *run, struct wb_error *err)
{
	int64_t end = wb_now_ms() + run->o->pause_ms, renew_ms = 0;
	int rc = 0;
	while (rc == 0 && wb_now_ms() < end) {
		if (*run->t->cancel)
			return wb_err_set(err, WB_ECANCELLED, "cancelled between two migrations");
		wb_sleep_ms(end - wb_now_ms() < 100 ? end - wb_now_ms() : 100);
		rc = wb_lock_keep(run->t, &renew_ms, err);
	}
	return rc;
}

static int run_items(struct wb_run *run, struct wb_error *err)
{
	size_t n = run->work.items.n;
	bool rehearse = run->o->dry_run == WB_DRY_RUN_ROLLBACK,
	     together = rehearse || run->o->plan.transaction == WB_TRANSACTION_ALL;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		run->at = n; /* no migration is to blame for what happens between two */
		if (*run->t->cancel)
			return wb_err_set(err, WB_ECANCELLED, "cancelled between two migrations");
		rc = i ? pause_between(run, err) : 0;
		if (rc == 0 && together && (rehearse || !wb_resumes(&run->work.items.v[i]))) {
			watch_item(run, &run->work.items.v[i]);
			return wb_group_run(run, i, n, rehearse, err);
		}
		if (rc == 0)
			rc = run_item(run, i, err);
	}
	return rc;
}

/* ---- rolling back what this run applied ---------------------------------------------------- */

static const struct wb_migration *applied_file(const struct wb_run *run, const char *version)
{
	for (size_t i = 0; i < run->work.items.n; i++) {
		const struct wb_work_item *item = &run->work.items.v[i];
		if (!wb_is_down(item) && !strcmp(item->version, version))
			return item->migration;
	}
	return NULL;
}

/* What this run has found out itself. */
static bool has_stored_undo(const struct wb_run *run, const char *version)
{
	for (size_t i = 0; i < run->work.items.n; i++) {
		const struct wb_work_item *item = &run->work.items.v[i];
		const struct wb_script_undo *su = wb_is_down(item) ? NULL : item->script->undo;
		if (su && !strcmp(item->version, version))
			return su->decided && !su->draft.why;
	}
	return false;
}

static int revert_item(struct wb_run *run, const struct wb_run_migration *m, struct wb_error *err)
{
	const struct wb_migration *file = applied_file(run, m->version);
	struct wb_work_item item = { .action = WB_REVERT,
				     .migration = file,
				     .version = m->version,
				     .description = m->description,
				     .file = m->file,
				     .down_source = "file" };
	struct wb_script_options so = { .mode = WB_TRANSACTION_FILE };
	bool stored = file && !file->has_down && has_stored_undo(run, m->version);
	if (!file || (!file->has_down && !stored) || file->kind != WB_MIG_VERSIONED) {
		wb_err_set(err, WB_EIRREVERSIBLE, "migration %s has no down part: what ran before it stays applied too",
			   m->version);
		return WB_EIRREVERSIBLE;
	}
	int rc = wb_work_script(run->t, &item, &so, err);
	if (rc == 0 && !wb_vec_push(&run->work.items, item)) {
		wb_script_free(item.script);
		rc = wb_err_nomem(err);
	}
	return rc < 0 ? rc : run_item(run, run->work.items.n - 1, err);
}

static void roll_back(struct wb_run *run, struct wb_error *failure)
{
	struct wb_error err = { 0 };
	size_t applied = run->result->applied.n;
	int rc = 0;
	if (run->half_done) /* it may need what ran before it */
		rc = wb_err_set(&err, WB_EIRREVERSIBLE, "migration %s is applied half way", failure->version);
	run->watch.deaf = true;
	wb_run_event(run, NULL, wb_event_make(WB_EVENT_ROLLBACK_STARTED));
	for (size_t i = applied; rc == 0 && i-- > 0;) {
		struct wb_run_migration m = run->result->applied.v[i];
		rc = revert_item(run, &m, &err);
		if (rc == 0)
			wb_result_rolled_back(run->result, m.version);
	}
	run->result->applied.n = applied; /* reverts are no migrations of their own in the result */
	struct wb_event e = wb_event_make(WB_EVENT_ROLLBACK_COMPLETED);
	e.error = rc < 0 ? wb_code_name(rc) : NULL;
	e.message = rc < 0 ? err.message : NULL;
	wb_run_event(run, NULL, e);
	if (rc < 0)
		wb_err_hint(failure, "the rollback stopped: %s", err.message);
	run->watch.deaf = false;
}

/* ---- the whole ----------------------------------------------------------------------------------- */

static void fail_run(struct wb_run *run, struct wb_error *err)
{
	const struct wb_work_item *item = run->at < run->work.items.n ? &run->work.items.v[run->at] : NULL;
	if (item && !*err->version)
		(void)wb_sv_copy(wb_sv_str(item->version), err->version, sizeof(err->version));
	struct wb_event e = wb_event_make(WB_EVENT_MIGRATION_FAILED);
	e.message = err->message;
	e.error = wb_code_name(err->code);
	e.sqlstate = err->sqlstate;
	if (item)
		wb_run_event(run, item, e);
	wb_result_failed(run->result, err);
}

static int run_all(struct wb_run *run, struct wb_error *err)
{
	bool rehearse = run->o->dry_run == WB_DRY_RUN_ROLLBACK;
	struct wb_event e = wb_event_make(WB_EVENT_RUN_STARTED);
	int rc = rehearse ? 0 : wb_record_run_start(run, err);
	if (rc < 0)
		return rc;
	wb_run_event(run, NULL, e);
	run->began = true;
	run->has_journal = !rehearse;
	rc = run_items(run, err);
	if (rc == 0 && !rehearse && run->t->after_run) {
		run->at = run->work.items.n;
		rc = run->t->after_run(run->t->before_user, err);
	}
	if (rc < 0)
		fail_run(run, err);
	if (rc < 0 && run->o->on_failure == WB_ON_FAILURE_ROLLBACK && !rehearse && !run->t->conn->lost)
		roll_back(run, err);
	wb_record_run_end(run,
			  rc == 0               ? "ok"
			  : rc == WB_ECANCELLED ? "cancelled"
						: "failed",
			  rc == 0 ? NULL : err->message);
	if (rc < 0 && run->o->on_failure == WB_ON_FAILURE_RESTORE && run->result->view.backup)
		wb_run_go_back(run, err);
	e = wb_event_make(rc == 0 ? WB_EVENT_RUN_COMPLETED : WB_EVENT_RUN_FAILED);
	e.elapsed_ms = wb_now_ms() - run->started_ms;
	e.message = rc == 0 ? NULL : err->message;
	wb_run_event(run, NULL, e);
	return rc;
}

static int run_locked(struct wb_run *run, struct wb_error *err)
{
	int rc = make_plan(run, err); /* again: another run may have been here while we waited */
	if (rc == 0 && !run->work.items.n)
		return 0;
	if (rc == 0)
		rc = wb_work_scripts(run->t, &run->work, &run->o->plan, err);
	if (rc == 0 && run->t->before_run)
		rc = run->t->before_run(run->t->before_user, &run->work, err);
	if (rc == 0 && wb_run_wants_backup(run))
		rc = wb_run_back_up(run, err);
	if (rc == 0 && run->o->dry_run != WB_DRY_RUN_ROLLBACK)
		rc = wb_journal_ensure(run->t, &run->journal, err);
	if (rc == 0 && run->o->dry_run != WB_DRY_RUN_ROLLBACK)
		rc = wb_trash_ensure(run, err);
	return rc < 0 ? rc : run_all(run, err);
}

static int64_t lock_wait(const struct wb_run *run)
{
	return run->o->lock_wait_ms ? run->o->lock_wait_ms : 60000;
}

static int with_lock(struct wb_run *run, int64_t *ret_waited_ms, struct wb_error *err)
{
	struct wb_lock_result lock = { 0 };
	int rc = wb_lock_acquire(run->t, lock_wait(run), &lock, err);
	if (rc < 0)
		return rc;
	*ret_waited_ms = lock.waited_ms;
	rc = wb_peers_begin(run->t, &run->journal, lock_wait(run), &run->peers, err);
	run->t->conn->tick = wb_watch_tick;
	run->t->conn->tick_user = &run->watch;
	if (rc == 0)
		rc = run_locked(run, err);
	run->watch.deaf = true;
	run->t->conn->tick = NULL;
	wb_peers_unlock(run->t, &run->peers);
	wb_lock_release(run->t);
	return rc;
}

static void close_run(struct wb_run *run)
{
	wb_watch_done(&run->watch);
	wb_conn_close(run->direct);
	wb_peers_done(&run->peers);
	wb_work_done(&run->work);
	wb_journal_done(&run->journal);
	wb_model_free(run->schema);
}

static const char *direction(const char *command, const struct wb_run_options *o)
{
	return !strcmp(command, "redo") ? "redo" : o->plan.down ? "down" : "up";
}

int wb_execute(struct wb_target *t, const struct wb_run_options *o, const char *command,
	       struct wb_run_result **ret_result, struct wb_error *err)
{
	struct wb_run run = { .t = t, .o = o, .command = command, .started_ms = wb_now_ms(), .watch = { .t = t } };
	struct wb_error scratch = { 0 };
	int64_t waited = 0;
	err = err ? err : &scratch;
	if (o->dry_run == WB_DRY_RUN_ROLLBACK && t->is_protected) {
		wb_err_set(err, WB_EPROTECTED, "--dry-run=rollback takes locks, and this environment is protected");
		wb_err_hint(err, "use --dry-run, which only prints, or rehearse on a copy");
		return WB_EPROTECTED;
	}
	run.result = wb_result_new(direction(command, o));
	if (!run.result)
		return wb_err_nomem(err);
	wb_uuid(run.id);
	wb_patience_init(&run.patience, t->blocking_budget_ms);
	int rc = make_plan(&run, err);
	if (rc == 0 && run.work.items.n)
		rc = with_lock(&run, &waited, err);
	if (!strcmp(command, "resume") && run.work.down)
		run.result->view.direction = "down";
	struct wb_run_result *result = wb_result_finish(run.result, wb_now_ms() - run.started_ms, waited,
							run.patience.blocked_total_ms, run.patience.tries_total);
	if (rc < 0 && !run.began)
		wb_run_result_free(wb_steal(&result));
	*ret_result = result;
	close_run(&run);
	return rc;
}
