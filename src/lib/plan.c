/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_plan: the work of a run as a public, printable plan, one entry for each
 * statement. Long files are cut: their last entry stands for the rest.
 */
#include "plan.h"

#include "backfill.h"

#include "migrate/undo.h"

#define SHOWN_PER_FILE 1000
#define SQL_MAX (64u << 10)

WB_API void wb_plan_free(struct wb_plan *plan)
{
	struct plan_box *b = (struct plan_box *)plan;
	if (!b)
		return;
	wb_vec_done(&b->migrations);
	wb_vec_done(&b->steps);
	wb_vec_done(&b->notes);
	wb_vec_done(&b->operations);
	wb_vec_done(&b->places);
	wb_vec_done(&b->parts);
	wb_arena_done(&b->arena);
	free(b);
}

static const char *keep(struct planning *p, const char *s)
{
	const char *copy = wb_arena_str(&p->b->arena, s);
	p->failed |= s && !copy;
	return copy;
}

static bool is_down(const struct wb_work_item *item)
{
	return item->action == WB_REVERT || item->action == WB_RESUME_DOWN;
}

/* Of the migration that was added last. */
static bool reversible(const struct planning *p)
{
	return p->b->migrations.v[p->b->migrations.n - 1].reversible;
}

/* What an attempt that failed has stored is stored anew by the next. */
static bool has_stored(const struct wb_work_item *item)
{
	return item->record && item->record->has_down && (is_down(item) || item->action == WB_RESUME_UP);
}

/* A step and what it is known to do, side by side. */
static int push(struct planning *p, struct wb_plan_step *s, const struct wb_operations *ops, struct wb_pos pos)
{
	s->blocks = "unknown";
	s->rewrites = s->scans = -1;
	s->rows = s->bytes = s->estimate_ms = -1;
	return s->id && s->sql && wb_vec_push(&p->b->steps, *s) && wb_vec_push(&p->b->operations, *ops) &&
			       wb_vec_push(&p->b->places, pos)
		       ? 0
		       : wb_err_nomem(p->err);
}

static int add_step_notes(struct planning *p, struct wb_plan_step *s, const char *const *v, size_t n)
{
	const char **notes = wb_arena_array(&p->b->arena, s->n_notes + n + 1, sizeof(*notes));
	if (!notes)
		return wb_err_nomem(p->err);
	if (s->n_notes)
		memcpy(notes, s->notes, s->n_notes * sizeof(*notes));
	if (n)
		memcpy(notes + s->n_notes, v, n * sizeof(*notes));
	s->notes = notes;
	s->n_notes += n;
	return 0;
}

/* "FILE:LINE:COLUMN: " as far as it is known. */
static const char *place(struct planning *p, const char *file, unsigned line, unsigned column)
{
	struct wb_arena *a = &p->b->arena;
	const char *text = !file   ? ""
			   : !line ? wb_arena_printf(a, "%s: ", file)
				   : wb_arena_printf(a, "%s:%u:%u: ", file, line, column ? column : 1);
	p->failed |= !text;
	return text ? text : "";
}

static const char *note_of(const struct wb_stmt_info *info, const struct wb_chunk *c)
{
	if (c->backfill)
		return NULL;
	if (!c->transactional)
		return info->tx == WB_TX_MAYBE ? "may commit inside: runs outside a transaction"
					       : "cannot run in a transaction: a step of its own, probed after a crash";
	if (info->remark)
		return info->remark;
	return c->each ? "commits by itself, with its journal row" : NULL;
}

/* What the engine would refuse up could not run, and says so. */
static int refuse(struct planning *p, const struct wb_script *script, const struct wb_item *stmt,
		  const struct wb_tried *t)
{
	struct wb_error e = { 0 };
	wb_script_place(script, stmt->pos, stmt->text, t->offset, &e);
	const char *note = wb_arena_printf(&p->b->arena, "%s would fail: %s%s%s%s%s", p->down ? "down" : "up",
					   place(p, script->file, e.line, e.column), t->message, t->hint ? " (" : "",
					   t->hint ? t->hint : "", t->hint ? ")" : "");
	p->b->view.refused = true;
	return note && wb_vec_push(&p->b->notes, note) ? 0 : wb_err_nomem(p->err);
}

/* The engine itself says what the statement does, and whether it can. */
static int try_step(struct planning *p, const struct wb_script *script, const struct wb_item *stmt,
		    struct wb_plan_step *s, struct wb_operations *ops)
{
	struct wb_tried t;
	int rc = wb_mock_try(p->mock, stmt->text, &p->b->arena, ops, &t, p->err);
	if (rc == 0 && t.n_notes)
		rc = add_step_notes(p, s, t.notes, t.n_notes);
	if (rc < 0 || (t.verdict != WB_REFUSED && t.verdict != WB_WRONG))
		return rc;
	rc = add_step_notes(p, s, &t.message, 1);
	if (t.verdict == WB_WRONG)
		*ops = (struct wb_operations){ .n = 0 }; /* nothing */
	return rc == 0 ? refuse(p, script, stmt, &t) : rc;
}

/* What our own grammar cannot read, the server's may: a newer one, or none. */
static int ask_syntax(struct planning *p, const struct wb_script *script, const struct wb_item *stmt,
		      struct wb_plan_step *s, struct wb_operations *ops)
{
	struct wb_error e = { 0 };
	struct wb_tried t = { .verdict = WB_WRONG, .offset = SIZE_MAX };
	if (!ops->unknown || p->mock || !p->conn || stmt->text.n > SQL_MAX)
		return 0;
	int rc = wb_conn_syntax(p->driver, p->conn, stmt->text, &t.offset, &e);
	if (rc == WB_EINPUT) {
		t.message = keep(p, e.message);
		*ops = (struct wb_operations){ .n = 0 };
		rc = t.message ? add_step_notes(p, s, &t.message, 1) : wb_err_nomem(p->err);
		return rc == 0 ? refuse(p, script, stmt, &t) : rc;
	}
	if (rc < 0 && p->err)
		*p->err = e;
	return rc;
}

static int would_fail(struct planning *p, const struct wb_error *e)
{
	const char *note =
		wb_arena_printf(&p->b->arena, "up would fail: %s%s", place(p, e->file, e->line, e->column), e->message);
	p->b->view.refused = true;
	return note && wb_vec_push(&p->b->notes, note) ? 0 : wb_err_nomem(p->err);
}

/* Suites that sections name are read, too. */
static int note_suites(struct planning *p, const struct wb_work_item *item)
{
	const struct wb_migration *m = is_down(item) ? NULL : item->migration;
	int rc = 0;
	for (size_t i = 0; rc == 0 && m && i < m->n_sections; i++) {
		const struct wb_section *s = &m->sections[i];
		struct wb_error e = { 0 };
		if (!s->suite || wb_check_section_valid(p->c, m->file, s->suite, &e) == 0)
			continue;
		if (e.code == WB_ENOMEM)
			return wb_err_nomem(p->err);
		if (!*e.file)
			wb_err_place(&e, m->file, s->heading_line, 1);
		rc = would_fail(p, &e);
	}
	return rc;
}

/* The rules are read: what is wrong with them shows before anything runs. */
static int note_backfill(struct planning *p, const struct wb_work_item *item, const struct wb_chunk *c,
			 struct wb_plan_step *s, struct wb_operations *ops)
{
	struct wb_texts notes = { NULL, 0 };
	struct wb_error e = { 0 };
	int rc = wb_backfill_read(p->c, item->script->file, c->backfill, &p->b->arena, &notes, ops, &e);
	if (rc == WB_ENOMEM)
		return wb_err_nomem(p->err);
	if (rc == 0)
		return add_step_notes(p, s, notes.v, notes.n);
	if (!*e.file)
		wb_err_place(&e, item->script->file, c->line, 1);
	return would_fail(p, &e);
}

/* A line that stands for rules is no statement, whose effect could be read. */
static int read_step(struct planning *p, const struct wb_work_item *item, const struct wb_chunk *c,
		     const struct wb_item *stmt, struct wb_plan_step *s, struct wb_operations *ops)
{
	struct wb_item plain = *stmt;
	int rc = c->backfill ? note_backfill(p, item, c, s, ops) : 0;
	if (rc == 0 && c->backfill && c->backfill->rules)
		return 0;
	if (rc == 0)
		rc = wb_script_plain(&p->c->target, c, &p->b->arena, &plain, p->err);
	if (rc == 0)
		rc = wb_plan_read(p, plain.text, ops);
	if (rc == 0)
		rc = try_step(p, item->script, &plain, s, ops);
	return rc == 0 ? ask_syntax(p, item->script, &plain, s, ops) : rc;
}

static int add_step(struct planning *p, const struct wb_work_item *item, int64_t ordinal, const struct wb_item *stmt)
{
	struct wb_arena *a = &p->b->arena;
	const struct wb_chunk *c = wb_script_chunk(item->script, ordinal);
	struct wb_stmt_info info = { 0 };
	p->c->driver->classify(stmt->text, &info);
	if (c->transactional && (c->each || ordinal == c->first))
		p->transaction++;
	struct wb_sv sql = stmt->text.n > SQL_MAX ? wb_sv_head(stmt->text, SQL_MAX) : stmt->text;
	struct wb_plan_step s = {
		.id = wb_arena_printf(a, "%s.%lld", item->version, (long long)ordinal),
		.version = keep(p, item->version),
		.phase = is_down(item) ? "down" : "up",
		.kind = c->backfill ? c->kind : info.step_kind,
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
		.reversible = reversible(p),
	};
	const char *note = note_of(&info, c);
	struct wb_operations ops = { 0 };
	int rc = note ? add_step_notes(p, &s, &note, 1) : 0;
	if (rc == 0)
		rc = read_step(p, item, c, stmt, &s, &ops);
	return rc == 0 ? push(p, &s, &ops, stmt->pos) : rc;
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
				  .reversible = reversible(p) };
	const struct wb_operations ops = { .unknown = "only the first statements of a long file are looked at" };
	const char *note = wb_arena_printf(a, "%lld more statements", (long long)(item->script->n - shown));
	int rc = note ? add_step_notes(p, &s, &note, 1) : wb_err_nomem(p->err);
	wb_mock_close(wb_steal(&p->mock)); /* what they leave behind is not known */
	return rc == 0 ? push(p, &s, &ops, (struct wb_pos){ 0 }) : rc;
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

/* Of one that is still to be applied: what its text tells. */
static int inferred(struct planning *p, const struct wb_work_item *item, struct wb_plan_migration *m)
{
	const struct wb_script_undo *su = item->script->undo;
	if (!su || is_down(item))
		return 0;
	m->reversible = !su->draft.why;
	if (su->draft.why) {
		m->down_note = wb_undo_reason(&su->draft, &p->b->arena);
		return m->down_note ? 0 : wb_err_nomem(p->err);
	}
	m->down_source = "inferred";
	if (su->drafted != WB_UNDO_TEXT) {
		m->down_note = "worked out when it is applied, from the schema as it is then";
		return 0;
	}
	if (su->text.n > SQL_MAX)
		return 0;
	m->down_sql = wb_arena_sv(&p->b->arena, wb_sv_trim(wb_str_sv(&su->text)));
	return m->down_sql ? 0 : wb_err_nomem(p->err);
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
	bool from_file = m && m->has_down, stored = has_stored(item);
	bool inferable = item->down_source && !strcmp(item->down_source, "inferred");
	struct wb_plan_migration v = {
		.version = keep(p, item->version),
		.description = keep(p, item->description),
		.file = keep(p, item->file),
		.type = keep(p, m ? m->type : NULL),
		.kind = wb_mig_kind_name(m ? m->kind : WB_MIG_VERSIONED),
		.checksum = m ? keep(p, sum) : NULL,
		.reversible = from_file || stored || inferable,
		.down_source = from_file   ? "file"
			       : inferable ? "inferred"
			       : stored    ? "stored"
					   : "none",
		.transaction = transactions_of(item->script),
		.action = wb_action_name(item->action),
		.statements = item->script->n,
		.bytes = item->script->bytes,
	};
	const struct plan_part part = { m, v.file ? v.file : v.version, p->b->steps.n };
	int rc = from_file ? down_text(p, item, &v.down_sql) : inferred(p, item, &v);
	if (rc == 0 && !wb_vec_push(&p->b->parts, part))
		rc = wb_err_nomem(p->err);
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
			rc = note_suites(p, &w->items.v[i]);
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
		const char *hint = problem->warning ? NULL : problem->hint;
		p->b->view.refused |= !problem->warning;
		const char *note =
			wb_arena_printf(&p->b->arena, "%s%s%s%s%s%s", problem->warning ? "" : "up will refuse: ",
					place(p, problem->file, problem->line, problem->column), problem->message,
					hint ? " (" : "", hint ? hint : "", hint ? ")" : "");
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
		rc = wb_mock_open(p->c->driver, p->c->conn, &p->mock, p->err);
	if (rc == 0)
		rc = fill(p, &w);
	wb_mock_close(wb_steal(&p->mock));
	if (rc == 0)
		rc = wb_plan_judge(p);
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
	struct planning p = { .c = context,
			      .b = calloc(1, sizeof(*p.b)),
			      .driver = context->driver,
			      .conn = context->conn_is_standin ? NULL : context->conn,
			      .settings = o.settings,
			      .n_settings = o.n_settings,
			      .probe = o.probe,
			      .down = o.down,
			      .err = err };
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
