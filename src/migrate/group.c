/* SPDX-License-Identifier: Apache-2.0
 *
 * Migrations in one transaction: statements first, in as few round trips as
 * they need, then the journal's rows and COMMIT in one more. Nothing is
 * recorded that did not commit, nothing commits that is not recorded. When the
 * database asks for it (lock_timeout, deadlock, serialization) the whole
 * transaction is tried again.
 */
#include "undo.h"

void wb_rollback(struct wb_conn *c)
{
	struct wb_error ignored;
	if (!c->lost && wb_conn_rollback(c, &ignored) < 0)
		return; /* only a lost connection refuses; the server rolls back by itself then */
}

struct group {
	struct wb_run *run;
	size_t first, last;
	bool rehearse, committed;
	struct wb_tally *tallies; /* one per item */
	int64_t call_ms; /* start of the attempt's last call */
};

static struct wb_work_item *item_at(struct group *g, size_t i)
{
	return &g->run->work.items.v[i];
}

static struct wb_tx_options tx_options(struct group *g)
{
	struct wb_tx_options o = { .lock_timeout_ms = g->run->patience.lock_timeout_ms };
	for (size_t i = g->first; i < g->last; i++)
		o.foreign_keys_off |= item_at(g, i)->script->rebuilds_table;
	return o;
}

static int verify(struct group *g, struct wb_sender *s, const struct wb_work_item *item, struct wb_error *err)
{
	if (g->rehearse)
		wb_batch_constraints_now(&s->batch, s->conn);
	wb_batch_restore(&s->batch, s->conn);
	int rc = wb_sender_flush(s, err);
	if (rc == 0)
		rc = wb_guard_run(g->run, item, WB_SEC_VERIFY, err);
	return rc == 0 ? wb_check_references(s->conn, item, err) : rc;
}

static int skip_step(struct group *g, const struct wb_work_item *item, const struct wb_chunk *c, struct wb_error *err)
{
	char text[700];
	snprintf(text, sizeof(text),
		 c->backfill ? "%s:%u: %s commits each of its batches" : "%s:%u: %s cannot run in a transaction",
		 item->script->file, c->line, c->kind);
	return wb_result_not_rehearsed(g->run->result, text, err);
}

static int statements(struct group *g, struct wb_sender *s, const struct wb_work_item *item, struct wb_error *err)
{
	const struct wb_script *script = item->script;
	int64_t done = wb_resumes(item) ? item->record->statements_done : 0;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < script->n_chunks; i++) {
		const struct wb_chunk *c = &script->chunks[i];
		if (c->last <= done)
			continue;
		rc = c->transactional ? wb_sender_statements(s, c->first > done ? c->first : done + 1, c->last, err)
				      : skip_step(g, item, c, err);
	}
	return rc;
}

/* How it can be undone is asked within the transaction, which may still be waiting to be begun. */
static int before(struct group *g, struct wb_sender *s, struct wb_work_item *item, struct wb_error *err)
{
	const struct wb_script_undo *su = g->rehearse ? NULL : item->script->undo;
	int rc = su && (su->drafted == WB_UNDO_ASK || su->drafted == WB_UNDO_CATALOG) ? wb_sender_flush(s, err) : 0;
	return rc < 0 || !su ? rc : wb_undo_before(g->run, item, true, err);
}

static int run_item(struct group *g, size_t i, struct wb_sender *s, struct wb_error *err)
{
	struct wb_work_item *item = item_at(g, i);
	struct wb_tally *tally = &g->tallies[i - g->first];
	int64_t retries = tally->retries;
	wb_tally_start(tally);
	tally->retries = retries;
	g->run->at = i;
	s->item = item;
	s->tally = tally;
	wb_watch_step(&g->run->watch);
	/* The first one's conditions were asked before; those of the others may need what it did. */
	int rc = i == g->first || wb_resumes(item) ? 0 : wb_guard_run(g->run, item, WB_SEC_REQUIRE, err);
	if (rc == 0)
		rc = before(g, s, item, err);
	if (rc == 0)
		rc = statements(g, s, item, err);
	if (rc == 0)
		rc = verify(g, s, item, err);
	if (rc == 0 && !g->rehearse)
		rc = wb_undo_after(g->run, item, true, err);
	wb_tally_sample(tally, &g->run->watch);
	return rc;
}

static int finish(struct group *g, struct wb_sender *s, struct wb_error *err)
{
	int rc = 0;
	for (size_t i = g->first; rc == 0 && i < g->last; i++)
		rc = wb_record_success(g->run, &s->batch, item_at(g, i), &g->tallies[i - g->first], err);
	if (rc < 0)
		return rc;
	wb_batch_commit(&s->batch, s->conn);
	return wb_sender_flush(s, err);
}

static int attempt(struct group *g, struct wb_error *err)
{
	struct wb_sender s;
	struct wb_tx_options o = tx_options(g);
	wb_sender_init(&s, g->run, g->run->t->conn, item_at(g, g->first), &g->tallies[0]);
	wb_batch_begin(&s.batch, s.conn, &o);
	int rc = 0;
	for (size_t i = g->first; rc == 0 && i < g->last; i++) {
		/* The reader belongs to one script. */
		wb_script_close(s.reader);
		s.reader = NULL;
		s.at = 0;
		rc = run_item(g, i, &s, err);
	}
	if (rc == 0 && !g->rehearse)
		rc = finish(g, &s, err);
	wb_sender_done(&s);
	if (rc < 0 || g->rehearse)
		wb_rollback(g->run->t->conn);
	return rc;
}

static int attempts(struct group *g, struct wb_error *err)
{
	struct wb_run *run = g->run;
	wb_patience_start(&run->patience, item_at(g, g->first)->script->lock_timeout_ms);
	for (;;) {
		int rc = attempt(g, err);
		if (rc == 0 || run->t->conn->lost)
			return rc;
		rc = wb_try_again(run, rc, wb_now_ms() - run->watch.statement_ms, &g->tallies[run->at - g->first], err);
		if (rc < 0)
			return rc;
	}
}

static int complete_all(struct group *g, struct wb_error *err)
{
	int rc = 0;
	for (size_t i = g->first; rc == 0 && i < g->last; i++)
		rc = wb_run_completed(g->run, item_at(g, i), &g->tallies[i - g->first], err);
	return rc;
}

static void start_all(struct group *g)
{
	for (size_t i = g->first; i < g->last; i++) {
		struct wb_event e = wb_event_make(WB_EVENT_MIGRATION_STARTED);
		e.steps = item_at(g, i)->script->n;
		wb_run_rank(g->run, item_at(g, i));
		wb_run_event(g->run, item_at(g, i), e);
	}
}

static int run_guarded(struct group *g, struct wb_error *err)
{
	struct wb_conn *c = g->run->t->conn;
	struct wb_tx_options o = tx_options(g);
	struct wb_error after;
	int rc = wb_conn_before_migration(c, &o, err);
	if (rc == 0)
		rc = attempts(g, err);
	g->committed = rc == 0 && !g->rehearse;
	/* Always, also after a failure: it puts back what before_migration changed. */
	int rc_after = c->lost ? 0 : wb_conn_after_migration(c, &after);
	if (rc == 0 && rc_after < 0) {
		if (err)
			*err = after;
		return rc_after;
	}
	return rc;
}

/* A statement has told something that had to be known before the transaction: its failure is not the end, but that the
 * connection is gone may be. */
static bool begins_anew(struct group *g, int *rc, struct wb_error *err)
{
	struct wb_script *s = item_at(g, g->run->at)->script;
	bool again = s->again && *rc < 0, lost = g->run->t->conn->lost;
	s->again = false;
	if (again && lost)
		*rc = wb_err_set(err, WB_ECONN, "the connection to the database was lost");
	return again && !lost;
}

static int run_prepared(struct group *g, struct wb_error *err)
{
	struct wb_run *run = g->run;
	start_all(g);
	run->at = g->first;
	wb_watch_call(&run->watch);
	int rc = wb_resumes(item_at(g, g->first)) ? 0 : wb_guard_run(run, item_at(g, g->first), WB_SEC_REQUIRE, err);
	if (rc == 0) {
		do
			rc = run_guarded(g, err);
		while (begins_anew(g, &rc, err));
	}
	/* What has committed is applied, whatever failed afterwards. */
	if (rc < 0 && !g->committed && !g->rehearse && rc != WB_EBUDGET && rc != WB_EBUSY && rc != WB_EREFUSED)
		wb_record_failure(run, item_at(g, run->at), &g->tallies[run->at - g->first], 0, err);
	return rc < 0 ? rc : complete_all(g, err);
}

int wb_group_run(struct wb_run *run, size_t first, size_t last, bool rehearse, struct wb_error *err)
{
	struct wb_tally one = { 0 };
	struct group g = { .run = run, .first = first, .last = last, .rehearse = rehearse, .tallies = &one };
	if (first >= last)
		return 0;
	if (last - first > 1 && !(g.tallies = calloc(last - first, sizeof(*g.tallies))))
		return wb_err_nomem(err);
	int rc = run_prepared(&g, err);
	if (g.tallies != &one)
		free(g.tallies);
	return rc;
}
