/* SPDX-License-Identifier: Apache-2.0
 *
 * A migration that cannot commit at once: runs of statements in transactions of
 * their own, and between them steps that refuse one. Protocol of such a step:
 * its row says `running` and is committed; it runs; its row says `done`. Killed
 * in between, the next run finds `running` and asks the catalog (probe.c)
 * whether it happened. Transactions carry the count of statements done with
 * them, so that what is recorded is what is true.
 */
#include "steps.h"

#include "backfill.h"
#include "undo.h"

static void record_rows(struct steps *st, struct wb_batch *b, int64_t first, int64_t last)
{
	struct wb_run *run = st->run;
	wb_tally_sample(st->tally, &run->watch);
	for (int64_t i = first; i <= last; i++) {
		struct wb_step_row row = { .version = st->item->version,
					   .direction = st->direction,
					   .ordinal = i,
					   .state = "done",
					   .run = run->id,
					   .execution_ms = wb_now_ms() - st->step_ms,
					   .rss_kb = st->tally->rss_kb,
					   .cpu_ms = st->tally->cpu_ms,
					   .lock_wait_ms = st->tally->lock_wait_ms };
		if (!wb_journal_step_state(run->t, &b->arena, &row, wb_batch_add(b)))
			b->failed = true;
	}
}

/* Statements up to `last` are done: with that the migration is done, or it is under way. */
static int record_done(struct steps *st, struct wb_batch *b, int64_t last, bool is_all, struct wb_error *err)
{
	struct wb_run *run = st->run;
	int rc = is_all ? wb_undo_after(run, st->item, st->sender.conn->in_transaction, err) : 0;
	wb_tally_sample(st->tally, &run->watch);
	if (is_all)
		return rc < 0 ? rc : wb_record_success(run, b, st->item, st->tally, err);
	if (!wb_journal_state(run->t, &b->arena, st->item->version, WB_STATE_RUNNING, last, NULL, NULL, run->id,
			      wb_batch_add(b)))
		b->failed = true;
	return 0;
}

/* ---- transactions --------------------------------------------------------------- */

static int attempt(struct steps *st, const struct wb_chunk *c, int64_t first, int64_t last, struct wb_error *err)
{
	struct wb_sender *s = &st->sender;
	struct wb_tx_options o = { .lock_timeout_ms = st->run->patience.lock_timeout_ms,
				   .foreign_keys_off = st->item->script->rebuilds_table };
	wb_watch_step(&st->run->watch);
	int rc = steps_session_before(st, s->conn, first, false, err);
	if (rc < 0)
		return rc;
	wb_batch_begin(&s->batch, s->conn, &o);
	steps_session_in(st, &s->batch, first);
	rc = wb_sender_statements(s, first, last, err);
	if (rc == 0)
		wb_batch_restore(&s->batch, s->conn);
	if (rc == 0)
		rc = wb_sender_flush(s, err);
	if (rc == 0 && last == st->item->script->n)
		rc = wb_guard_run(st->run, st->item, WB_SEC_VERIFY, err);
	/* Rebuilding a table one statement at a time leaves broken references in between. */
	if (rc == 0 && last == c->last)
		rc = wb_check_references(s->conn, st->item, err);
	if (rc == 0 && st->stored)
		record_rows(st, &s->batch, first, last);
	if (rc == 0)
		rc = record_done(st, &s->batch, last, last == st->item->script->n, err);
	if (rc == 0) {
		wb_batch_commit(&s->batch, s->conn);
		rc = wb_sender_flush(s, err);
	}
	return rc;
}

/* What was counted in an attempt that is rolled back did not happen. */
static void forget_attempt(struct steps *st, const struct wb_tally *before)
{
	st->tally->statements = before->statements;
	st->tally->rows = before->rows;
	st->sender.sent.n = 0;
	st->sender.bytes = 0;
	wb_batch_done(&st->sender.batch);
	wb_rollback(st->sender.conn);
}

static int transaction(struct steps *st, const struct wb_chunk *c, int64_t first, int64_t last, struct wb_error *err)
{
	struct wb_run *run = st->run;
	wb_patience_start(&run->patience, st->item->script->lock_timeout_ms);
	for (;;) {
		struct wb_tally before = *st->tally;
		int rc = attempt(st, c, first, last, err);
		if (rc == 0)
			return 0;
		forget_attempt(st, &before);
		if (run->t->conn->lost)
			return rc;
		rc = wb_try_again(run, rc, wb_now_ms() - run->watch.statement_ms, st->tally, err);
		if (rc < 0)
			return rc;
	}
}

/* ---- steps outside transactions ---------------------------------------------------- */

/* Journal rows between steps, in a transaction of their own; retried like any other. */
static int write_step(struct steps *st, const struct wb_step_row *row, bool put, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	if (put && !wb_journal_step_put(st->run->t, &b.arena, row, wb_batch_add(&b)))
		b.failed = true;
	if (!wb_journal_step_state(st->run->t, &b.arena, row, wb_batch_add(&b)))
		b.failed = true;
	return wb_batch_run_alone(&b, st->run->t->conn, err);
}

static struct wb_step_row step_row(struct steps *st, const struct wb_chunk *c, struct wb_sv text, const char *state,
				   const char *memo)
{
	unsigned char sum[32];
	struct wb_sha256 h;
	wb_sha256_init(&h);
	wb_sha256_add(&h, text.p, text.n);
	wb_sha256_final(&h, sum);
	wb_hex(sum, 32, st->hash);
	return (struct wb_step_row){ .version = st->item->version,
				     .direction = st->direction,
				     .ordinal = c->first,
				     .kind = c->kind,
				     .hash = st->hash,
				     .sql = text,
				     .line = c->line,
				     .column = c->column,
				     .state = state,
				     .memo = memo,
				     .run = st->run->id,
				     .execution_ms = -1,
				     .rss_kb = -1,
				     .cpu_ms = -1,
				     .lock_wait_ms = -1 };
}

/* Waits of CREATE INDEX CONCURRENTLY for old snapshots count against lock_timeout, and being cut off leaves an invalid
 * index: these kinds run without one. */
static bool waits_for_snapshots(const char *kind)
{
	static const char *const kinds[] = { "index_create", "index_drop", "reindex", "detach" };
	for (size_t i = 0; i < WB_ARRAY_LEN(kinds); i++) {
		if (!strcmp(kind, kinds[i]))
			return true;
	}
	return false;
}

static int set_lock_timeout(struct steps *st, const struct wb_chunk *c, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	size_t done, offset;
	wb_batch_lock_timeout(&b, st->outside, waits_for_snapshots(c->kind) ? 0 : st->run->patience.lock_timeout_ms);
	return wb_batch_run(&b, st->outside, &done, &offset, err);
}

static int run_statement(struct steps *st, const struct wb_chunk *c, struct wb_sv text, struct wb_pos pos,
			 struct wb_error *err)
{
	struct wb_query q = { .sql = text };
	size_t done, offset = SIZE_MAX;
	int rc = steps_session_before(st, st->outside, c->first, true, err);
	if (rc == 0)
		rc = set_lock_timeout(st, c, err);
	wb_watch_step(&st->run->watch);
	if (rc == 0 && st->run->t->expects) /* it is alone anyway */
		(void)st->run->t->expects(st->run->t->took_user, st->item, c->first);
	if (rc == 0) {
		rc = wb_run(st->outside, &q, 1, &done, &offset, err);
		if (rc < 0)
			wb_sender_place(&st->sender, pos, c->first, text, offset, err);
	}
	if (rc == 0) {
		wb_sender_took(&st->sender, c->first, q.elapsed_us / 1000);
		st->tally->statements++;
		st->tally->rows += q.affected > 0 ? q.affected : 0;
	}
	return rc;
}

static int restore_session(struct steps *st, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	size_t done, offset;
	wb_batch_restore(&b, st->outside);
	return wb_batch_run(&b, st->outside, &done, &offset, err);
}

/* A half that stays behind is found and undone by the next run too; cleaning now spares the table a dead index. */
static void clean_half(struct steps *st, struct wb_sv text, const char *memo)
{
	struct wb_error e;
	if (st->outside->lost)
		return;
	st->run->watch.deaf = true;
	int rc = wb_conn_undo_half(st->outside, text, memo, &e);
	if (rc < 0 && rc != WB_EUNSUPPORTED)
		wb_log(&st->run->t->sink, WB_LOG_WARN, "what the failed step left could not be removed yet: %s",
		       e.message);
	st->run->watch.deaf = false;
}

void steps_failed(struct steps *st, const struct wb_chunk *c, struct wb_sv text, const char *memo,
		  const struct wb_error *cause)
{
	struct wb_error e;
	struct wb_step_row row = step_row(st, c, text, "failed", memo);
	row.error = cause ? cause->message : NULL;
	if (st->run->t->conn->lost)
		return;
	st->run->watch.deaf = true;
	if (write_step(st, &row, false, &e) < 0)
		wb_log(&st->run->t->sink, WB_LOG_WARN, "the failed step could not be recorded: %s", e.message);
	st->run->watch.deaf = false;
}

/* Runs the statement, again where a lock_timeout allows it. */
static int try_statement(struct steps *st, const struct wb_chunk *c, struct wb_sv text, struct wb_pos pos,
			 struct wb_error *err)
{
	wb_patience_start(&st->run->patience, st->item->script->lock_timeout_ms);
	for (;;) {
		int rc = run_statement(st, c, text, pos, err);
		if (rc == 0 || st->outside->lost)
			return rc;
		rc = wb_try_again(st->run, rc, wb_now_ms() - st->run->watch.statement_ms, st->tally, err);
		if (rc < 0)
			return rc;
	}
}

static int finish_outside(struct steps *st, const struct wb_chunk *c, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	bool last = c->last == st->item->script->n, promises = wb_guard_has(st->item, WB_SEC_VERIFY);
	record_rows(st, &b, c->first, c->last); /* it has one in any case */
	int rc = record_done(st, &b, c->last, last && !promises, err);
	if (rc == 0)
		rc = wb_batch_run_alone(&b, st->run->t->conn, err);
	if (rc < 0)
		return rc;
	st->done = c->last;
	/* It happened, and stays recorded even if what it promised does not hold. */
	return last && promises ? steps_finish_only(st, err) : 0;
}

static int copy_statement(struct steps *st, const struct wb_chunk *c, struct wb_arena *a, struct wb_sv *ret_text,
			  struct wb_pos *ret_pos, struct wb_error *err)
{
	struct wb_sv text;
	int rc = wb_sender_read(&st->sender, c->first, &text, ret_pos, err);
	if (rc < 0)
		return rc;
	char *copy = wb_arena_sv(a, text);
	*ret_text = wb_sv(copy, text.n);
	return copy ? 0 : wb_err_nomem(err);
}

static void step_event(struct steps *st, const struct wb_chunk *c, enum wb_event_type type, struct wb_sv text,
		       const char *message)
{
	struct wb_event e = wb_event_make(type);
	char sql[201];
	(void)wb_sv_copy(text, sql, sizeof(sql));
	e.step = c->first;
	e.steps = st->item->script->n;
	e.kind = c->kind;
	e.sql = sql;
	e.message = message;
	if (type == WB_EVENT_STEP_COMPLETED) {
		e.elapsed_ms = wb_now_ms() - st->step_ms;
		e.rss_kb = wb_proc_rss_kb();
		e.cpu_ms = wb_proc_cpu_ms() - st->tally->cpu_start_ms;
		e.lock_wait_ms = st->run->watch.lock_wait_ms;
	}
	wb_run_event(st->run, st->item, e);
}

int steps_begin(struct steps *st, const struct wb_chunk *c, struct wb_sv text, const char *memo, struct wb_error *err)
{
	struct wb_step_row row = step_row(st, c, text, "running", memo);
	step_event(st, c, WB_EVENT_STEP_STARTED, text, NULL);
	return write_step(st, &row, true, err);
}

int steps_end(struct steps *st, const struct wb_chunk *c, struct wb_sv text, struct wb_error *err)
{
	int rc = finish_outside(st, c, err);
	if (rc == 0)
		step_event(st, c, WB_EVENT_STEP_COMPLETED, text, NULL);
	return rc;
}

/* Looks in the catalog as the statement itself would: with the search_path that the file has set. */
static int look(struct steps *st, const struct wb_chunk *c, struct wb_arena *a, struct wb_sv text,
		const char **ret_memo, bool *ret_happened, struct wb_error *err)
{
	struct wb_error ignored;
	int rc = steps_session_before(st, st->outside, c->first, true, err);
	if (rc == 0)
		rc = steps_recover(st, c, a, text, ret_happened, err);
	if (rc == 0 && !*ret_happened)
		rc = wb_conn_probe_prepare(st->outside, a, text, ret_memo, err);
	/* What is written to the journal next is written as the role that we came as. */
	int restored = st->outside->lost ? 0 : restore_session(st, rc < 0 ? &ignored : err);
	return rc < 0 ? rc : restored;
}

static int run_outside(struct steps *st, const struct wb_chunk *c, struct wb_sv text, struct wb_pos pos,
		       const char *memo, struct wb_error *err)
{
	struct wb_error ignored;
	int rc = steps_begin(st, c, text, memo, err);
	if (rc < 0)
		return rc;
	rc = try_statement(st, c, text, pos, err);
	if (rc < 0)
		clean_half(st, text, memo);
	int restored = st->outside->lost ? 0 : restore_session(st, rc < 0 ? &ignored : err);
	if (rc < 0)
		steps_failed(st, c, text, memo, err);
	return rc < 0 ? rc : restored;
}

static int outside_alone(struct steps *st, const struct wb_chunk *c, struct wb_error *err)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct wb_sv text;
	struct wb_pos pos;
	const char *memo = NULL;
	bool happened = false;
	int rc = steps_outside_conn(st, c, err);
	if (rc == 0)
		rc = copy_statement(st, c, &a, &text, &pos, err);
	if (rc < 0)
		return rc;
	st->step_ms = wb_now_ms();
	rc = look(st, c, &a, text, &memo, &happened, err);
	if (rc == 0 && happened)
		return finish_outside(st, c, err);
	if (rc == 0)
		rc = run_outside(st, c, text, pos, memo, err);
	return rc == 0 ? steps_end(st, c, text, err) : rc;
}

/* An adopted tool that waits for its lock inside the server holds a snapshot, and a concurrent index build would wait
 * for it in turn: it gets its lock meanwhile. */
static int outside(struct steps *st, const struct wb_chunk *c, struct wb_error *err)
{
	struct wb_run *run = st->run;
	struct wb_error again = { 0 };
	wb_peers_unlock(run->t, &run->peers);
	int rc = outside_alone(st, c, err);
	if (run->t->conn->lost)
		return rc;
	int locked = wb_peers_lock(run->t, run->o->lock_wait_ms ? run->o->lock_wait_ms : 60000, &run->peers, &again);
	if (rc == 0 && locked < 0)
		rc = wb_err_set(err, locked, "%s", again.message);
	return rc;
}

/* ---- all of it ------------------------------------------------------------------------ */

static int run_chunk(struct steps *st, const struct wb_chunk *c, struct wb_error *err)
{
	int64_t first = c->first > st->done ? c->first : st->done + 1;
	int rc = 0;
	if (c->backfill)
		rc = wb_backfill_run(st, c, err);
	else if (!c->transactional)
		rc = outside(st, c, err);
	for (int64_t i = first; c->each && rc == 0 && i <= c->last; i++) {
		st->step_ms = wb_now_ms();
		rc = transaction(st, c, i, i, err);
		if (rc == 0)
			st->done = i;
	}
	if (c->transactional && !c->each) {
		st->step_ms = wb_now_ms();
		rc = transaction(st, c, first, c->last, err);
	}
	if (rc == 0)
		st->done = c->last;
	return rc;
}

static int begin(struct steps *st, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	int rc = wb_record_begin(st->run, &b, st->item, st->done, err);
	return rc < 0 ? rc : wb_batch_run_alone(&b, st->run->t->conn, err);
}

/* Its first step may have left a half that could not be cleaned then. */
static bool failed_before(const struct wb_work_item *item)
{
	return item->record && item->record->state == WB_STATE_FAILED && item->record->down == wb_is_down(item);
}

int wb_steps_run(struct wb_run *run, struct wb_work_item *item, struct wb_tally *tally, int64_t *ret_done,
		 struct wb_error *err)
{
	const struct wb_script *script = item->script;
	bool resumes = wb_resumes(item);
	struct steps st = { .run = run,
			    .item = item,
			    .tally = tally,
			    .direction = wb_is_down(item) ? "down" : "up",
			    .stored = script->kept && script->n <= WB_STORED_STEPS_MAX };
	wb_sender_init(&st.sender, run, run->t->conn, item, tally);
	int rc = resumes || failed_before(item) ? steps_load(&st, err) : 0;
	if (rc == 0)
		rc = resumes ? wb_undo_resumed(run, item, err) : wb_undo_before(run, item, false, err);
	if (rc == 0)
		rc = begin(&st, err);
	for (size_t i = 0; rc == 0 && i < script->n_chunks; i++) {
		if (script->chunks[i].last > st.done)
			rc = run_chunk(&st, &script->chunks[i], err);
	}
	/* Killed after the last statement and before its row: everything is there but the record. */
	if (rc == 0 && resumes && st.done_at_start >= script->n)
		rc = steps_finish_only(&st, err);
	*ret_done = st.done;
	wb_sender_done(&st.sender);
	wb_arena_done(&st.arena);
	return rc;
}
