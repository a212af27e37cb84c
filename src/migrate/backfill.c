/* SPDX-License-Identifier: Apache-2.0
 *
 * Running a backfill section. Its row among the journal's steps says `running`
 * until all of its batches are done; its steps have rows of their own, with
 * cursors, which are gone on with only by the attempt that began them: its id
 * is the memo of the section's row.
 */
#include "backfill.h"

void wb_backfill_steps_done(struct wb_backfill_steps *s)
{
	if (s->done)
		s->done(s);
	wb_arena_done(&s->arena);
}

/* What an earlier run left of this section; NULL when it begins. */
static const struct left_step *left_of(const struct steps *st, const struct wb_chunk *c)
{
	for (size_t i = 0; i < st->n_left; i++) {
		const struct left_step *l = &st->left[i];
		bool open = !strcmp(l->state, "running") || !strcmp(l->state, "failed");
		if (l->ordinal == c->first && c->first == st->done_at_start + 1 && open && l->memo && *l->memo)
			return l;
	}
	return NULL;
}

/* The statements of the section, which are read once. */
static int read_statements(struct steps *st, const struct wb_chunk *c, struct wb_arena *a, struct wb_backfill_ask *ask,
			   struct wb_error *err)
{
	size_t n = (size_t)(c->last - c->first + 1);
	struct wb_stmt *v = wb_arena_array(a, n, sizeof(*v));
	int rc = v ? 0 : wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct wb_sv text;
		rc = wb_sender_read(&st->sender, c->first + (int64_t)i, &text, &v[i].pos, err);
		if (rc < 0)
			break;
		char *copy = wb_arena_sv(a, text);
		v[i].text = wb_sv(copy, text.n);
		rc = copy ? 0 : wb_err_nomem(err);
	}
	ask->statements = v;
	ask->n_statements = n;
	return rc;
}

static int make_steps(struct steps *st, const struct wb_backfill_ask *ask, struct wb_backfill_steps *made,
		      struct wb_error *err)
{
	const struct wb_target *t = st->run->t;
	int rc = t->backfill ? t->backfill(t->backfill_user, ask, made, err)
			     : wb_err_set(err, WB_EUNSUPPORTED, "a backfill in batches cannot be run here");
	if (rc < 0 && err && !*err->file)
		wb_err_place(err, ask->file, ask->line, 1);
	return rc;
}

static int perform(struct steps *st, struct wb_backfill_steps *made, const char *first, bool goes_on,
		   struct wb_error *err)
{
	struct wb_program_place place = { .run = st->run,
					  .action = "up",
					  .first = first,
					  .arena = &made->arena,
					  .restart = !goes_on,
					  .anew = st->run->o->retry_unknown,
					  .item = st->item };
	struct wb_tx_options o = { .foreign_keys_on = !st->item->script->rebuilds_table };
	int rc = wb_conn_before_migration(st->run->t->conn, &o, err);
	for (size_t i = 0; rc == 0 && i < made->n; i++) {
		struct wb_step *s = &made->v[i];
		s->rc = wb_program_step(&place, s);
		st->tally->rows += s->rows;
		st->run->in_batches |= s->rows > 0 || s->was_done;
		rc = s->rc;
		if (made->ended)
			made->ended(made, s);
		if (rc < 0 && err)
			*err = s->err;
	}
	return rc;
}

static int run_steps(struct steps *st, const struct wb_chunk *c, const struct wb_backfill_ask *ask, const char *first,
		     bool goes_on, struct wb_error *err)
{
	struct wb_backfill_steps made = { .arena = WB_ARENA_INIT };
	int rc = make_steps(st, ask, &made, err);
	if (rc == 0)
		rc = perform(st, &made, first, goes_on, err);
	wb_backfill_steps_done(&made);
	if (rc == 0)
		st->tally->statements += c->last - c->first + 1;
	return rc;
}

int wb_backfill_run(struct steps *st, const struct wb_chunk *c, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	const struct left_step *left = left_of(st, c);
	const char *first = left ? left->memo : st->run->id;
	struct wb_backfill_ask ask = { .section = c->backfill,
				       .id = wb_arena_printf(&a, "%s:%lld", st->item->version, (long long)c->first),
				       .file = st->item->script->file,
				       .line = c->line };
	int rc = ask.id ? read_statements(st, c, &a, &ask, err) : wb_err_nomem(err);
	if (rc < 0)
		return rc;
	struct wb_sv text = wb_sv_str(c->backfill->heading);
	st->step_ms = wb_now_ms();
	rc = steps_begin(st, c, text, first, err);
	if (rc < 0)
		return rc;
	rc = run_steps(st, c, &ask, first, left != NULL, err);
	if (rc < 0) {
		steps_failed(st, c, text, first, err);
		return rc;
	}
	return steps_end(st, c, text, err);
}
