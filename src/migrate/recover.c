/* SPDX-License-Identifier: Apache-2.0
 *
 * What a killed or failed run left of a migration in several steps. A step
 * found running is probed: happened, go on; did not, run it; half, undo the
 * half and run it; cannot be known, refuse and name both remedies. Before a
 * probe the lock is ours, so the dead client's server process has ended.
 */
#include "steps.h"

#include "undo.h"

/* Columns of step_list, see driver/queries.h. */
enum {
	COL_VERSION,
	COL_DIRECTION,
	COL_ORDINAL,
	COL_KIND,
	COL_TRANSACTIONAL,
	COL_HASH,
	COL_SQL,
	COL_LINE,
	COL_COL,
	COL_STATE,
	COL_MEMO,
	COL_COUNT
};

struct loading {
	struct steps *st;
	WB_VEC(struct left_step) rows;
};

static int take_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct loading *l = user;
	struct wb_arena *a = &l->st->arena;
	const struct wb_sv *v = row->v;
	int64_t ordinal = 0;
	if (row->n < COL_COUNT || !wb_sv_i64(v[COL_ORDINAL], &ordinal))
		return wb_err_set(err, WB_EBUG, "step_list gives %d columns", row->n);
	if (!wb_sv_eq(v[COL_DIRECTION], wb_sv_str(l->st->direction)))
		return 0;
	struct left_step s = { .ordinal = ordinal,
			       .hash = wb_arena_sv(a, v[COL_HASH]),
			       .state = wb_arena_sv(a, v[COL_STATE]),
			       .kind = wb_arena_sv(a, v[COL_KIND]),
			       .sql = wb_arena_sv(a, v[COL_SQL]),
			       .memo = v[COL_MEMO].p ? wb_arena_sv(a, v[COL_MEMO]) : NULL };
	return s.hash && s.state && s.kind && s.sql && wb_vec_push(&l->rows, s) ? 0 : wb_err_nomem(err);
}

static int load_rows(struct steps *st, struct wb_error *err)
{
	struct loading l = { .st = st };
	struct wb_value p[] = { wb_v_text(st->run->t->project), wb_v_text(st->item->version) };
	int rc = wb_query_named(st->run->t->conn, WB_SQL_STEP_LIST, p, 2, take_row, &l, NULL, err);
	if (rc == 0 && l.rows.n) {
		st->left = wb_arena_array(&st->arena, l.rows.n, sizeof(*st->left));
		if (st->left)
			memcpy(st->left, l.rows.v, l.rows.n * sizeof(*st->left));
		st->n_left = st->left ? l.rows.n : 0;
		rc = st->left ? 0 : wb_err_nomem(err);
	}
	wb_vec_done(&l.rows);
	return rc;
}

static const struct left_step *left_at(const struct steps *st, int64_t ordinal)
{
	for (size_t i = 0; i < st->n_left; i++) {
		if (st->left[i].ordinal == ordinal)
			return &st->left[i];
	}
	return NULL;
}

static int edited(struct steps *st, int64_t ordinal, const struct wb_stmt *stmt, struct wb_error *err)
{
	wb_err_set(err, WB_ECHECKSUM, "statement %lld of migration %s was edited after it had been done",
		   (long long)ordinal, st->item->version);
	if (stmt)
		wb_script_place(st->item->script, stmt->pos, stmt->text, 0, err);
	wb_err_hint(err, "put the done statements back as they were; only those after statement %lld may change",
		    (long long)st->done);
	return WB_ECHECKSUM;
}

/* Stored text, or the very file that was begun. A down part's checksum is that of the day its migration was applied:
 * where there are rows, they know better. */
static bool is_unedited(const struct steps *st)
{
	const struct wb_record *r = st->item->record;
	const struct wb_migration *m = st->item->migration;
	if (!m || (wb_is_down(st->item) && !m->has_down))
		return true;
	if (wb_is_down(st->item))
		return !st->n_left && r->has_down_checksum && !memcmp(r->down_checksum, m->down_checksum, 32);
	return r->has_checksum && !memcmp(r->checksum, m->checksum, 32);
}

/* The file may have been mended since, but not in what is done already. */
static int check_unedited(struct steps *st, struct wb_error *err)
{
	const struct wb_script *s = st->item->script;
	if (is_unedited(st))
		return 0;
	if (st->done > s->n)
		return edited(st, s->n, NULL, err);
	for (int64_t i = 1; i <= st->done; i++) {
		const struct left_step *left = left_at(st, i);
		unsigned char sum[32];
		char hex[65];
		struct wb_sha256 h;
		if (!left || !s->kept)
			return edited(st, i, NULL, err);
		wb_sha256_init(&h);
		wb_sha256_add(&h, s->stmts[i - 1].text.p, s->stmts[i - 1].text.n);
		wb_sha256_final(&h, sum);
		wb_hex(sum, 32, hex);
		if (strcmp(hex, left->hash))
			return edited(st, i, &s->stmts[i - 1], err);
	}
	return 0;
}

int steps_load(struct steps *st, struct wb_error *err)
{
	st->done = st->done_at_start = st->item->record->statements_done;
	int rc = load_rows(st, err);
	return rc < 0 ? rc : check_unedited(st, err);
}

static int unknowable(struct steps *st, const struct wb_chunk *c, const char *why, struct wb_sv text,
		      struct wb_error *err)
{
	struct wb_pos pos = { .line = c->line, .column = c->column };
	wb_err_set(err, WB_ESTATE,
		   "step %lld of migration %s was running when an earlier run ended, and whether it happened cannot be "
		   "known",
		   (long long)c->first, st->item->version);
	wb_err_detail(err, "%s", why ? why : "the catalog does not tell");
	wb_script_place(st->item->script, pos, text, 0, err);
	wb_err_hint(err, "look at the database, then `whimbrel resume --retry` runs it again, or `whimbrel resume "
			 "--skip` takes it as done");
	if (err)
		(void)wb_sv_copy(wb_sv_str(st->item->version), err->version, sizeof(err->version));
	return WB_ESTATE;
}

static void tell(struct steps *st, const struct wb_chunk *c, const char *answer, const char *why)
{
	struct wb_event e = wb_event_make(WB_EVENT_STEP_PROBED);
	char text[320];
	snprintf(text, sizeof(text), "%s%s%s", answer, why ? ": " : "", why ? why : "");
	e.step = c->first;
	e.steps = st->item->script->n;
	e.kind = c->kind;
	e.message = text;
	wb_run_event(st->run, st->item, e);
}

/* The half of an index is removed; that of a detached partition is finished, and then it has happened. */
static int finish_half(struct steps *st, const struct left_step *left, bool *ret_happened, struct wb_error *err)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	enum wb_probe probe = WB_PROBE_UNKNOWN;
	const char *why = NULL;
	int rc = wb_conn_undo_half(st->outside, wb_sv_str(left->sql), left->memo, err);
	if (rc == 0)
		rc = wb_conn_probe(st->outside, &a, wb_sv_str(left->sql), left->memo, &probe, &why, err);
	*ret_happened = rc == 0 && probe == WB_PROBE_DONE;
	return rc;
}

static int act(struct steps *st, const struct wb_chunk *c, struct wb_sv text, const struct left_step *left,
	       enum wb_probe probe, const char *why, bool *ret_happened, struct wb_error *err)
{
	const struct wb_run_options *o = st->run->o;
	switch (probe) {
	case WB_PROBE_DONE:
		tell(st, c, "it had happened", why);
		*ret_happened = true;
		return 0;
	case WB_PROBE_NOT_DONE:
		tell(st, c, "it had not happened", why);
		return 0;
	case WB_PROBE_REPEAT:
		tell(st, c, "it can be repeated", why);
		return 0;
	case WB_PROBE_HALF:
		tell(st, c, "it was half done; the half is dealt with first", why);
		return finish_half(st, left, ret_happened, err);
	case WB_PROBE_UNKNOWN:
		break;
	}
	/* An error was reported back then: the server had refused it. */
	if (o->retry_unknown || !strcmp(left->state, "failed")) {
		tell(st, c, "unknown; it is run again as asked", why);
		return 0;
	}
	if (o->skip_unknown) {
		tell(st, c, "unknown; it is taken as done as asked", why);
		*ret_happened = true;
		return 0;
	}
	return unknowable(st, c, why, text, err);
}

int steps_recover(struct steps *st, const struct wb_chunk *c, struct wb_arena *a, struct wb_sv text, bool *ret_happened,
		  struct wb_error *err)
{
	const struct left_step *left = left_at(st, c->first);
	enum wb_probe probe = WB_PROBE_UNKNOWN;
	const char *why = NULL;
	if (!left || c->first != st->done_at_start + 1 ||
	    (strcmp(left->state, "running") && strcmp(left->state, "failed")))
		return 0;
	int rc = wb_conn_probe(st->outside, a, wb_sv_str(left->sql), left->memo, &probe, &why, err);
	if (rc == 0)
		rc = act(st, c, text, left, probe, why, ret_happened, err);
	if (rc == 0 && *ret_happened && !wb_sv_eq(text, wb_sv_str(left->sql)))
		return edited(st, c->first, NULL, err);
	return rc;
}

static int wait_for_lock(struct steps *st, struct wb_conn *direct, struct wb_error *err)
{
	struct wb_target t = *st->run->t;
	struct wb_lock_result waited;
	t.conn = direct;
	return wb_lock_acquire(&t, st->run->o->lock_wait_ms ? st->run->o->lock_wait_ms : 60000, &waited, err);
}

int steps_outside_conn(struct steps *st, const struct wb_chunk *c, struct wb_error *err)
{
	struct wb_run *run = st->run;
	st->outside = run->t->conn;
	if (!run->t->conn->pooled)
		return 0;
	if (!run->t->has_direct) {
		wb_err_set(err, WB_EUNSUPPORTED,
			   "this step cannot run in a transaction, and not through a transaction pooler either");
		wb_err_place(err, st->item->script->file, c->line, c->column);
		wb_err_hint(err, "set direct_url (or WHIMBREL_DIRECT_URL) to an address of the server itself");
		return WB_EUNSUPPORTED;
	}
	if (!run->direct) {
		int rc = run->t->connect(run->t->connect_user, true, &run->direct, err);
		if (rc == 0) {
			run->direct->tick = wb_watch_tick;
			run->direct->tick_user = &run->watch;
			run->direct->beside = run->t->conn;
			/* A killed run's server process may still be at work behind the pooler's back: it holds this
			 * lock. */
			rc = wait_for_lock(st, run->direct, err);
		}
		if (rc < 0)
			return rc;
	}
	st->outside = run->direct;
	run->watch.backend = wb_conn_backend_pid(run->direct);
	return 0;
}

int steps_finish_only(struct steps *st, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	int rc = wb_guard_run(st->run, st->item, WB_SEC_VERIFY, err);
	if (rc == 0)
		rc = wb_undo_after(st->run, st->item, false, err);
	if (rc == 0)
		rc = wb_record_success(st->run, &b, st->item, st->tally, err);
	return rc < 0 ? rc : wb_batch_run_alone(&b, st->run->t->conn, err);
}
