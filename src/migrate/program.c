/* SPDX-License-Identifier: Apache-2.0
 *
 * Running steps that are no files. Each has one row among the journal's steps,
 * written in the transaction that begins it, moved on by every transaction of
 * its own, and closed with a line of history.
 */
#include "program.h"

#include "run.h"

#define DIRECTION "up"

struct program_run {
	struct wb_run run;
	struct wb_program *p;
	struct wb_arena arena;
	const char *first; /* see wb_program_place */
};

/* ---- what an earlier run left ------------------------------------------------- */

struct left {
	struct wb_arena *a;
	bool found, open, done;
	const char *kind, *hash, *cursor, *run;
};

static const char *text_of(struct wb_arena *a, struct wb_sv v, bool *failed)
{
	const char *copy = v.p ? wb_arena_sv(a, v) : NULL;
	*failed |= v.p && !copy;
	return copy;
}

static int take_left(void *user, const struct wb_row *row, struct wb_error *err)
{
	enum { KIND = 3, HASH = 5, STATE = 9, CURSOR = 12, RUN = 14 };
	struct left *l = user;
	bool failed = false;
	if (row->n <= RUN)
		return wb_err_set(err, WB_EBUG, "step_list gives %d columns", row->n);
	l->found = true;
	l->open = wb_sv_eq(row->v[STATE], WB_SV("running")) || wb_sv_eq(row->v[STATE], WB_SV("failed"));
	l->done = wb_sv_eq(row->v[STATE], WB_SV("done"));
	l->run = text_of(l->a, row->v[RUN], &failed);
	l->kind = text_of(l->a, row->v[KIND], &failed);
	l->hash = text_of(l->a, row->v[HASH], &failed);
	l->cursor = text_of(l->a, row->v[CURSOR], &failed);
	return failed ? wb_err_nomem(err) : 0;
}

static void hash_of(const struct wb_step *s, char hex[65])
{
	unsigned char sum[32];
	struct wb_sha256 h;
	wb_sha256_init(&h);
	wb_sha256_add(&h, s->text, strlen(s->text));
	wb_sha256_final(&h, sum);
	wb_hex(sum, 32, hex);
}

static int changed(const struct wb_program_place *p, const struct wb_step *s, struct wb_error *err)
{
	wb_err_set(err, WB_EREFUSED, "%s is half done, and was changed since it was begun", s->id);
	wb_err_hint(err,
		    "put it back as it was to go on, or begin it anew with %s: rows that it has written already are "
		    "then met again",
		    p->item ? "`whimbrel resume --retry`" : "--restart");
	return WB_EREFUSED;
}

/* A run that goes on does not do again what is done. */
static bool is_done_already(const struct wb_program_place *p, const struct left *l, const char *hash)
{
	return l->done && l->run && !strcmp(l->run, p->first) && l->hash && !strcmp(l->hash, hash);
}

/* A migration's steps belong to the attempt that began them. */
static bool goes_on(const struct wb_program_place *p, const struct left *l)
{
	bool ours = !p->item || (l->run && !strcmp(l->run, p->first));
	return l->found && l->open && ours && !p->restart;
}

/* Sets r->cursor, and whether the step goes on; *ret_anew: it begins from its start. */
static int look_back(struct wb_program_place *place, struct wb_step_run *r, const char *hash, bool *ret_anew,
		     struct wb_error *err)
{
	struct left l = { .a = place->arena };
	struct wb_value p[] = { wb_v_text(r->t->project), wb_v_text(r->step->id) };
	int rc = wb_query_named(r->t->conn, WB_SQL_STEP_LIST, p, 2, take_left, &l, NULL, err);
	*ret_anew = true;
	if (rc == 0 && l.found && is_done_already(place, &l, hash)) {
		r->step->was_done = r->step->resumed = true;
		r->cursor = l.cursor;
		return 0;
	}
	if (rc < 0 || !goes_on(place, &l))
		return rc;
	if (!l.kind || strcmp(l.kind, r->step->kind->name)) {
		wb_err_set(err, WB_ENEWER, "the journal's step %s is of kind \"%s\", which this Whimbrel does not know",
			   r->step->id, l.kind ? l.kind : "");
		wb_err_hint(err, "a newer one has begun it; go on with that");
		return WB_ENEWER;
	}
	if (!l.hash || strcmp(l.hash, hash)) {
		wb_log(&r->t->sink, WB_LOG_INFO, "%s was changed since it was begun, and begins anew", r->step->id);
		return r->step->repeatable || place->anew ? 0 : changed(place, r->step, err);
	}
	r->cursor = l.cursor;
	r->step->resumed = true;
	*ret_anew = false;
	return 0;
}

/* ---- what a step may do ----------------------------------------------------------- */

static struct wb_step_row row_of(const struct wb_step_run *r, const char *state)
{
	return (struct wb_step_row){ .version = r->step->id,
				     .direction = DIRECTION,
				     .ordinal = 1,
				     .state = state,
				     .run = r->first,
				     .execution_ms = -1,
				     .rss_kb = -1,
				     .cpu_ms = -1,
				     .lock_wait_ms = -1 };
}

static void add_all(struct wb_batch *to, const struct wb_batch *from)
{
	to->failed |= from && from->failed;
	for (size_t i = 0; from && i < from->q.n; i++)
		*wb_batch_add(to) = from->q.v[i];
}

static void take_counts(struct wb_batch *to, const struct wb_batch *from, size_t at)
{
	for (size_t i = 0; to && i < to->q.n && at + i < from->q.n; i++) {
		to->q.v[i].affected = from->q.v[at + i].affected;
		to->q.v[i].elapsed_us = from->q.v[at + i].elapsed_us;
	}
}

static int flush(struct wb_step_run *r, struct wb_batch *all, struct wb_error *err)
{
	size_t done = SIZE_MAX, offset;
	wb_watch_call(&r->run->watch);
	int rc = wb_batch_run(all, r->t->conn, &done, &offset, err);
	r->row_to_blame = rc == WB_ESQL && r->t->conn->row_to_blame;
	r->failed = rc < 0 ? done : SIZE_MAX;
	return rc;
}

static int send_work(struct wb_step_run *r, const struct wb_step_work *work, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch all = { .arena = WB_ARENA_INIT };
	struct wb_tx_options o = { .lock_timeout_ms = r->run->patience.lock_timeout_ms,
				   .one_snapshot = work->one_snapshot,
				   .lazy = true }; /* its last word, that it is done, waits */
	if (work->again)
		work->again(work->user);
	wb_batch_begin(&all, r->t->conn, &o);
	size_t first = all.q.n;
	add_all(&all, work->queries);
	int rc = flush(r, &all, err);
	r->failed = rc < 0 && r->failed >= first ? r->failed - first : SIZE_MAX;
	take_counts(work->queries, &all, first);
	return rc;
}

static int send_end(struct wb_step_run *r, const struct wb_step_work *work, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch all = { .arena = WB_ARENA_INIT };
	struct wb_step_row row = row_of(r, NULL);
	row.cursor = work->cursor(work->user);
	if (!row.cursor || !wb_journal_step_state(r->t, &all.arena, &row, wb_batch_add(&all)))
		all.failed = true;
	wb_batch_commit(&all, r->t->conn);
	add_all(&all, work->after);
	return flush(r, &all, err);
}

static int attempt(struct wb_step_run *r, const struct wb_step_work *work, struct wb_error *err)
{
	int rc = send_work(r, work, err);
	if (rc == 0)
		rc = send_end(r, work, err);
	if (rc < 0) {
		bool blame = r->row_to_blame;
		size_t failed = r->failed;
		wb_rollback(r->t->conn);
		r->row_to_blame = blame;
		r->failed = failed;
	}
	return rc;
}

int wb_step_commit(struct wb_step_run *r, const struct wb_step_work *work, struct wb_error *err)
{
	struct wb_run *run = r->run;
	wb_patience_start(&run->patience, -1);
	for (;;) {
		int rc = attempt(r, work, err);
		if (rc == 0 || r->t->conn->lost)
			return rc;
		rc = wb_try_again(run, rc, wb_now_ms() - run->watch.statement_ms, r->tally, err);
		if (rc < 0)
			return rc;
	}
}

int wb_step_read(struct wb_step_run *r, struct wb_batch *b, struct wb_error *err)
{
	return flush(r, b, err);
}

int wb_step_keep(struct wb_step_run *r, struct wb_error *err)
{
	if (*r->t->cancel)
		return wb_err_set(err, WB_ECANCELLED, "cancelled between two batches");
	return wb_lock_keep(r->t, &r->renew_ms, err);
}

int wb_step_outside(struct wb_step_run *r, struct wb_sv sql, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	struct wb_query q = { .sql = sql };
	struct wb_error ignored;
	size_t done, offset;
	wb_batch_lock_timeout(&b, r->t->conn, 0);
	int rc = wb_batch_run(&b, r->t->conn, &done, &offset, err);
	wb_watch_step(&r->run->watch);
	wb_watch_call(&r->run->watch);
	if (rc == 0)
		rc = wb_run(r->t->conn, &q, 1, &done, &offset, err);
	r->tally->statements += rc == 0;
	if (r->t->conn->lost)
		return rc;
	b.q.n = 0;
	wb_batch_restore(&b, r->t->conn);
	int restored = wb_batch_run(&b, r->t->conn, &done, &offset, rc < 0 ? &ignored : err);
	return rc < 0 ? rc : restored;
}

int wb_step_pause(struct wb_step_run *r, int64_t ms, struct wb_error *err)
{
	int64_t end = wb_now_ms() + ms;
	for (;;) {
		int64_t left = end - wb_now_ms();
		int rc = wb_step_keep(r, err);
		if (rc < 0 || left <= 0)
			return rc;
		wb_sleep_ms(left < 100 ? left : 100);
	}
}

const char *wb_step_run_id(const struct wb_step_run *r)
{
	return r->run->id;
}

void wb_step_event(struct wb_step_run *r, struct wb_event e)
{
	e.run = r->run->id;
	e.kind = e.kind ? e.kind : r->step->kind->name;
	if (r->item) {
		e.version = r->item->version;
		e.file = r->item->file;
		e.migration = (int)(r->item - r->run->work.items.v) + 1;
		e.migrations = (int)r->run->work.items.n;
	}
	wb_event_emit(&r->t->sink, &e);
}

/* ---- one step ---------------------------------------------------------------------- */

static int begin(struct wb_step_run *r, const char *hash, bool anew, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	struct wb_step_row row = row_of(r, "running");
	row.kind = r->step->kind->name;
	row.hash = hash;
	row.sql = wb_sv_head(wb_sv_str(r->step->text), 1u << 20);
	row.transactional = true;
	if (anew && !wb_journal_step_put(r->t, &b.arena, &row, wb_batch_add(&b)))
		b.failed = true;
	if (!wb_journal_step_state(r->t, &b.arena, &row, wb_batch_add(&b)))
		b.failed = true;
	int rc = anew && r->step->kind->begin ? r->step->kind->begin(r, &b, err) : 0;
	return rc < 0 ? rc : wb_batch_run_alone(&b, r->t->conn, err);
}

/* Step and history; after a failure nothing that goes wrong here may hide it. */
static int finish(struct wb_program_place *place, struct wb_step_run *r, int rc, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	struct wb_step_row row = row_of(r, rc < 0 ? "failed" : "done");
	struct wb_step *s = r->step;
	wb_tally_sample(r->tally, &r->run->watch);
	s->elapsed_ms = wb_now_ms() - r->tally->started_ms;
	row.error = rc < 0 ? s->err.message : NULL;
	row.execution_ms = s->elapsed_ms;
	row.rss_kb = r->tally->rss_kb;
	row.cpu_ms = r->tally->cpu_ms;
	row.lock_wait_ms = r->tally->lock_wait_ms;
	struct wb_history_row h = { .run = r->run->id,
				    .version = s->id,
				    .description = s->description,
				    .action = place->action,
				    .result = rc == 0 ? "ok" : "failed",
				    .error = row.error,
				    .statements = r->tally->statements,
				    .rows_affected = s->rows,
				    .execution_ms = s->elapsed_ms,
				    .retries = r->tally->retries,
				    .rss_kb = row.rss_kb,
				    .cpu_ms = row.cpu_ms,
				    .lock_wait_ms = row.lock_wait_ms };
	if (!wb_journal_step_state(r->t, &b.arena, &row, wb_batch_add(&b)))
		b.failed = true;
	/* A migration has its own line of history. */
	if (!place->item && !wb_journal_history(r->t, &b.arena, &h, wb_batch_add(&b)))
		b.failed = true;
	return wb_batch_run_alone(&b, r->t->conn, err);
}

static int close_step(struct wb_program_place *place, struct wb_step_run *r, int rc)
{
	struct wb_error e = { 0 };
	struct wb_step *s = r->step;
	if (r->t->conn->lost)
		return rc;
	r->run->watch.deaf = true;
	int written = finish(place, r, rc, &e);
	r->run->watch.deaf = false;
	if (written < 0 && rc == 0)
		s->err = e;
	else if (written < 0)
		wb_log(&r->t->sink, WB_LOG_WARN, "the failed step could not be recorded: %s", e.message);
	return rc == 0 ? written : rc;
}

static void watch_step(struct wb_run *run, const struct wb_program_place *place, const struct wb_step *s)
{
	wb_watch_step(&run->watch);
	if (place->item)
		return; /* it is the migration's */
	run->watch.context = wb_event_make(WB_EVENT_STEP_PROGRESS);
	run->watch.context.version = s->id;
}

int wb_program_step(struct wb_program_place *place, struct wb_step *s)
{
	struct wb_tally tally;
	struct wb_run *run = place->run;
	struct wb_step_run r = { .t = run->t,
				 .step = s,
				 .run = run,
				 .tally = &tally,
				 .first = place->first,
				 .failed = SIZE_MAX,
				 .item = place->item };
	char hash[65];
	bool anew = true;
	hash_of(s, hash);
	wb_tally_start(&tally);
	watch_step(run, place, s);
	int rc = look_back(place, &r, hash, &anew, &s->err);
	if (rc == 0 && s->was_done) {
		s->ran = true;
		return s->kind->recall ? s->kind->recall(&r, &s->err) : 0;
	}
	if (rc == 0)
		rc = begin(&r, hash, anew, &s->err);
	if (rc < 0)
		return rc;
	s->ran = true;
	rc = s->kind->run(&r, &s->err);
	return close_step(place, &r, rc);
}

/* ---- all of them ---------------------------------------------------------------------- */

static bool lacks(const struct wb_program *p, const struct wb_step *s)
{
	for (size_t i = 0; i < s->n_needs; i++) {
		const struct wb_step *other = &p->steps[s->needs[i]];
		if (other->rc < 0 || other->skipped)
			return true;
	}
	return false;
}

static void skip(struct wb_step *s, const char *why)
{
	s->skipped = true;
	wb_err_set(&s->err, WB_EREFUSED, "%s", why);
}

static int run_steps(struct program_run *pr)
{
	struct wb_program *p = pr->p;
	struct wb_program_place place = {
		.run = &pr->run, .action = p->command, .first = pr->first, .arena = &pr->arena, .restart = p->restart
	};
	int rc = 0;
	bool over = false;
	for (size_t i = 0; i < p->n; i++) {
		struct wb_step *s = &p->steps[i];
		if (lacks(p, s))
			skip(s, "what it depends on is not done");
		else if (over)
			skip(s, "the run has stopped before it");
		else
			s->rc = wb_program_step(&place, s);
		if (s->rc < 0)
			rc = s->rc;
		over |= s->rc == WB_ECANCELLED || (s->rc < 0 && (!p->keep_going || pr->run.t->conn->lost));
		if (p->ended)
			p->ended(p->user, s);
	}
	return rc;
}

static const char *plan_text(struct program_run *pr)
{
	const char *all = "";
	for (size_t i = 0; all && i < pr->p->n; i++)
		all = wb_arena_printf(&pr->arena, "%s%s %s\n", all, pr->p->command, pr->p->steps[i].id);
	return all;
}

static int take_before(void *user, const struct wb_row *row, struct wb_error *err)
{
	enum { DIGEST = 2, RESULT = 9 };
	struct program_run *pr = user;
	if (row->n <= RESULT)
		return wb_err_set(err, WB_EBUG, "run_open gives %d columns", row->n);
	if (wb_sv_eq(row->v[RESULT], WB_SV("ok")) || !row->v[DIGEST].p)
		return 0;
	pr->first = wb_arena_sv(&pr->arena, row->v[DIGEST]);
	return pr->first ? 0 : wb_err_nomem(err);
}

/* Did the newest run of this command get to its end? */
static int find_first(struct program_run *pr, struct wb_error *err)
{
	struct wb_value p[] = { wb_v_text(pr->run.t->project), wb_v_text(pr->p->command) };
	pr->first = pr->run.id;
	if (pr->p->restart)
		return 0;
	return wb_query_named(pr->run.t->conn, WB_SQL_RUN_OPEN, p, 2, take_before, pr, NULL, err);
}

static int start(struct program_run *pr, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	const struct wb_target *t = pr->run.t;
	const char *plan = pr->p->plan ? pr->p->plan : plan_text(pr);
	struct wb_value p[] = { wb_v_text(pr->run.id),       wb_v_text(t->project), wb_v_text(pr->p->command),
				wb_v_text(pr->first),        wb_v_text(plan),       wb_v_text(t->tool_version),
				wb_v_text(wb_applied_by(t)), wb_v_text(t->host),    wb_v_int(getpid()) };
	if (!plan || !wb_journal_named(t, &b.arena, WB_SQL_RUN_ADD, p, WB_ARRAY_LEN(p), wb_batch_add(&b)))
		b.failed = true;
	int rc = wb_batch_run_alone(&b, t->conn, err);
	pr->run.has_journal = rc == 0;
	return rc;
}

/* Which step it was, and that step's error. */
static int failure(const struct wb_program *p, int rc, struct wb_error *err)
{
	const struct wb_step *failed = NULL;
	for (size_t i = 0; i < p->n; i++) {
		if (p->steps[i].rc == rc)
			failed = &p->steps[i];
	}
	if (!failed)
		return wb_err_set(err, WB_EBUG, "no step has failed");
	if (err)
		*err = failed->err;
	return rc;
}

static int run_locked(struct program_run *pr, struct wb_error *err)
{
	struct wb_run *run = &pr->run;
	int rc = wb_journal_load(run->t, true, &run->journal, err);
	if (rc == 0)
		rc = wb_journal_ensure(run->t, &run->journal, err);
	if (rc == 0)
		rc = find_first(pr, err);
	if (rc == 0)
		rc = start(pr, err);
	if (rc < 0)
		return rc;
	run->watch.backend = wb_conn_backend_pid(run->t->conn);
	rc = run_steps(pr);
	if (rc < 0)
		rc = failure(pr->p, rc, err);
	wb_record_run_end(run,
			  rc == 0               ? "ok"
			  : rc == WB_ECANCELLED ? "cancelled"
						: "failed",
			  rc == 0 || !err ? NULL : err->message);
	return rc;
}

static int with_lock(struct program_run *pr, struct wb_error *err)
{
	struct wb_run *run = &pr->run;
	struct wb_lock_result lock = { 0 };
	int64_t wait_ms = pr->p->lock_wait_ms ? pr->p->lock_wait_ms : 60000;
	struct wb_tx_options o = { .foreign_keys_on = true };
	struct wb_error after;
	int rc = wb_lock_acquire(run->t, wait_ms, &lock, err);
	if (rc < 0)
		return rc;
	run->t->conn->tick = wb_watch_tick;
	run->t->conn->tick_user = &run->watch;
	rc = wb_conn_before_migration(run->t->conn, &o, err);
	if (rc == 0)
		rc = run_locked(pr, err);
	run->watch.deaf = true;
	if (!run->t->conn->lost && wb_conn_after_migration(run->t->conn, &after) < 0 && rc == 0)
		rc = wb_err_set(err, after.code, "%s", after.message);
	run->t->conn->tick = NULL;
	wb_lock_release(run->t);
	return rc;
}

int wb_program_run(struct wb_target *t, struct wb_program *p, struct wb_error *err)
{
	struct wb_run_options o = { .size = sizeof(o), .lock_wait_ms = p->lock_wait_ms };
	struct program_run pr = {
		.run = { .t = t, .o = &o, .command = p->command, .started_ms = wb_now_ms(), .watch = { .t = t } },
		.p = p,
		.arena = WB_ARENA_INIT,
	};
	wb_uuid(pr.run.id);
	wb_patience_init(&pr.run.patience, t->blocking_budget_ms);
	int rc = with_lock(&pr, err);
	wb_watch_done(&pr.run.watch);
	wb_journal_done(&pr.run.journal);
	wb_arena_done(&pr.arena);
	return rc;
}
