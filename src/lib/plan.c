/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_plan: the work of a run as a public, printable plan, one entry for each
 * statement. Long files are cut: their last entry stands for the rest.
 */
#include "context.h"

#define SHOWN_PER_FILE 1000
#define SQL_MAX (64u << 10)

struct plan_box {
	struct wb_plan view; /* first: wb_plan_free gets its address */
	struct wb_arena arena;
	WB_VEC(struct wb_plan_migration) migrations;
	WB_VEC(struct wb_plan_step) steps;
	WB_VEC(const char *) notes;
};

struct planning {
	struct wb_context *c;
	struct plan_box *b;
	int64_t transaction; /* number of the one open now */
	bool failed; /* memory ran out for a text */
	struct wb_error *err;
};

WB_API void wb_plan_free(struct wb_plan *plan)
{
	struct plan_box *b = (struct plan_box *)plan;
	if (!b)
		return;
	wb_vec_done(&b->migrations);
	wb_vec_done(&b->steps);
	wb_vec_done(&b->notes);
	wb_arena_done(&b->arena);
	free(b);
}

/* Texts are not checked one by one: one test at the end decides. */
static const char *keep(struct planning *p, const char *s)
{
	const char *copy = wb_arena_str(&p->b->arena, s);
	p->failed |= s && !copy;
	return copy;
}

static const struct wb_chunk *chunk_of(const struct wb_script *s, int64_t ordinal)
{
	size_t i = 0;
	while (i + 1 < s->n_chunks && ordinal > s->chunks[i].last)
		i++;
	return &s->chunks[i]; /* a script has a chunk for each of its statements */
}

static bool is_down(const struct wb_work_item *item)
{
	return item->action == WB_REVERT || item->action == WB_RESUME_DOWN;
}

static const char *note_of(const struct wb_stmt_info *info, const struct wb_chunk *c)
{
	if (!c->transactional)
		return info->tx == WB_TX_MAYBE ? "may commit inside: runs outside a transaction"
					       : "cannot run in a transaction: a step of its own, probed after a crash";
	if (info->remark)
		return info->remark;
	return c->each ? "commits by itself, with its journal row" : NULL;
}

static int add_step(struct planning *p, const struct wb_work_item *item, int64_t ordinal, const struct wb_item *stmt)
{
	struct wb_arena *a = &p->b->arena;
	const struct wb_chunk *c = chunk_of(item->script, ordinal);
	struct wb_stmt_info info = { 0 };
	p->c->driver->classify(stmt->text, &info);
	if (c->transactional && (c->each || ordinal == c->first))
		p->transaction++;
	struct wb_sv sql = stmt->text.n > SQL_MAX ? wb_sv_head(stmt->text, SQL_MAX) : stmt->text;
	struct wb_plan_step s = {
		.id = wb_arena_printf(a, "%s.%lld", item->version, (long long)ordinal),
		.version = keep(p, item->version),
		.phase = is_down(item) ? "down" : "up",
		.kind = info.step_kind,
		.command = keep(p, info.command),
		.object = keep(p, info.object),
		.sql = wb_arena_sv(a, sql),
		.sql_cut = sql.n < stmt->text.n,
		.file = keep(p, item->script->file),
		.line = stmt->pos.line,
		.column = stmt->pos.column,
		.transactional = c->transactional,
		.transaction = c->transactional ? p->transaction : 0,
		.repeats = 1,
		.note = note_of(&info, c),
	};
	return s.id && s.sql && wb_vec_push(&p->b->steps, s) ? 0 : wb_err_nomem(p->err);
}

static int add_rest(struct planning *p, const struct wb_work_item *item, int64_t shown)
{
	struct wb_arena *a = &p->b->arena;
	struct wb_plan_step s = { .id = wb_arena_printf(a, "%s.%lld", item->version, (long long)shown + 1),
				  .version = keep(p, item->version),
				  .phase = is_down(item) ? "down" : "up",
				  .kind = "sql",
				  .command = "",
				  .object = "",
				  .sql = "",
				  .sql_cut = true,
				  .file = keep(p, item->script->file),
				  .transactional = true,
				  .transaction = p->transaction,
				  .repeats = item->script->n - shown,
				  .note = wb_arena_printf(a, "%lld more statements",
							  (long long)(item->script->n - shown)) };
	return s.id && s.note && wb_vec_push(&p->b->steps, s) ? 0 : wb_err_nomem(p->err);
}

static int add_steps(struct planning *p, const struct wb_work_item *item)
{
	struct wb_script_reader *r = NULL;
	int rc = wb_script_open(&p->c->target, item->script, &r, p->err);
	int64_t from =
		item->action == WB_RESUME_UP || item->action == WB_RESUME_DOWN ? item->record->statements_done : 0;
	int64_t ordinal = 0, shown = 0;
	while (rc == 0 && ordinal < item->script->n && shown < SHOWN_PER_FILE) {
		struct wb_item stmt;
		rc = wb_script_next(r, &stmt, p->err);
		if (rc < 0 || stmt.kind != WB_ITEM_STATEMENT)
			continue;
		if (++ordinal > from) {
			rc = add_step(p, item, ordinal, &stmt);
			shown++;
		}
	}
	wb_script_close(r);
	return rc == 0 && ordinal < item->script->n ? add_rest(p, item, ordinal) : rc;
}

static int down_text(struct planning *p, const struct wb_work_item *item, const char **ret_sql)
{
	wb_autostr s = WB_STR_INIT;
	int rc = wb_migration_down_text(item->migration, SQL_MAX, &s, p->err);
	if (rc == WB_EINPUT)
		return 0; /* too long to be shown */
	if (rc == 0 && !(*ret_sql = wb_arena_sv(&p->b->arena, wb_sv_trim(wb_str_sv(&s)))))
		rc = wb_err_nomem(p->err);
	return rc;
}

static const char *transactions_of(const struct wb_script *s)
{
	if (s->one_transaction)
		return "one";
	for (size_t i = 0; i < s->n_chunks; i++) {
		if (s->chunks[i].transactional)
			return "several";
	}
	return "none";
}

static int add_migration(struct planning *p, const struct wb_work_item *item)
{
	const struct wb_migration *m = item->migration;
	char sum[WB_CHECKSUM_SIZE] = "";
	if (m)
		wb_checksum_text(m->checksum, sum);
	bool from_file = m && m->has_down, stored = item->record && item->record->has_down;
	struct wb_plan_migration v = {
		.version = keep(p, item->version),
		.description = keep(p, item->description),
		.file = keep(p, item->file),
		.type = keep(p, m ? m->type : NULL),
		.kind = wb_mig_kind_name(m ? m->kind : WB_MIG_VERSIONED),
		.checksum = m ? keep(p, sum) : NULL,
		.reversible = from_file || stored,
		.down_source = from_file ? "file"
			       : stored  ? "stored"
					 : "none",
		.transaction = transactions_of(item->script),
		.action = wb_action_name(item->action),
		.statements = item->script->n,
		.bytes = item->script->bytes,
	};
	int rc = from_file ? down_text(p, item, &v.down_sql) : 0;
	if (rc < 0)
		return rc;
	p->b->view.statements += item->script->n;
	return v.version && wb_vec_push(&p->b->migrations, v) ? 0 : wb_err_nomem(p->err);
}

static int fill(struct planning *p, const struct wb_work *w)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < w->items.n; i++) {
		rc = add_migration(p, &w->items.v[i]);
		if (rc == 0)
			rc = add_steps(p, &w->items.v[i]);
	}
	struct wb_plan *v = &p->b->view;
	v->direction = w->down ? "down" : "up";
	v->current = keep(p, w->current);
	v->target = keep(p, w->target);
	v->digest = keep(p, w->digest);
	v->migrations = p->b->migrations.v;
	v->n_migrations = p->b->migrations.n;
	v->steps = p->b->steps.v;
	v->n_steps = p->b->steps.n;
	v->notes = p->b->notes.v;
	v->n_notes = p->b->notes.n;
	return rc == 0 && p->failed ? wb_err_nomem(p->err) : rc;
}

/* A plan of something that `up` would refuse would promise what cannot happen: blocking problems are notes of the plan.
 */
static int add_notes(struct planning *p, const struct wb_journal *j, const struct wb_plan_options *o)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct wb_problems problems;
	int rc = wb_compare(&p->c->target, j, &a, &problems, p->err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < problems.v.n; i++) {
		const struct wb_problem *problem = &problems.v.v[i];
		if (o->out_of_order && !strcmp(problem->kind, "out_of_order"))
			continue;
		p->b->view.refused |= !problem->warning;
		const char *note = wb_arena_printf(&p->b->arena, "%s%s",
						   problem->warning ? "" : "up will refuse: ", problem->message);
		rc = note && wb_vec_push(&p->b->notes, note) ? 0 : wb_err_nomem(p->err);
	}
	wb_problems_done(&problems);
	return rc;
}

static int make(struct planning *p, const struct wb_plan_options *o)
{
	struct wb_journal j = { 0 };
	struct wb_work w = { 0 };
	int rc = wb_journal_load(&p->c->target, false, &j, p->err);
	if (rc == 0)
		rc = wb_work_make(&p->c->target, &j, o, &w, p->err);
	if (rc == 0)
		rc = wb_work_scripts(&p->c->target, &w, o, p->err);
	if (rc == 0 && !o->down)
		rc = add_notes(p, &j, o);
	if (rc == 0)
		rc = fill(p, &w);
	wb_work_done(&w);
	wb_journal_done(&j);
	return rc;
}

WB_API int wb_plan(struct wb_context *context, const struct wb_plan_options *options, struct wb_plan **ret_plan,
		   struct wb_error *err)
{
	struct wb_plan_options o;
	int rc = wb_take_options(&o, sizeof(o), options, "wb_plan_options", err);
	if (rc == 0)
		rc = wb_prepare(context, WB_NEED_SOURCE | WB_NEED_READ, err);
	if (rc < 0)
		return rc;
	struct planning p = { .c = context, .b = calloc(1, sizeof(*p.b)), .err = err };
	if (!p.b)
		return wb_err_nomem(err);
	rc = make(&p, &o);
	if (rc < 0) {
		wb_plan_free(&p.b->view);
		return rc;
	}
	*ret_plan = &p.b->view;
	return 0;
}
