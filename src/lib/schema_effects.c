/* SPDX-License-Identifier: Apache-2.0
 *
 * What the SQL of a comparison would do where it would be run, statement by
 * statement, as a plan has it. The database that the schema was read from is
 * asked; of a schema that is in no database, its own DDL tells what there is.
 */
#include "plan.h"
#include "schema.h"

#define SQL_MAX (64u << 10)

struct job {
	struct planning p;
	const struct schema_box *actual;
	const struct wb_schema_comparison *comparison;
	bool allow_destructive;
	struct wb_context *other; /* opened for this; NULL */
	WB_VEC(bool) skips, returns; /* of each step */
	struct wb_error *err;
};

/* ---- where it would be run ---------------------------------------------------------------- */

static int open_target(struct job *j, struct wb_context *c)
{
	struct planning *p = &j->p;
	int rc = 0;
	p->c = c;
	if (!j->actual->live && !j->actual->url) {
		bool own = c->engine && !strcmp(c->engine, j->actual->pub.engine);
		rc = own ? wb_need_driver(c, j->err) : wb_driver_of(c, j->actual->pub.engine, &p->driver, j->err);
		if (rc == 0 && own)
			p->driver = c->driver;
		return rc;
	}
	if (j->actual->url) {
		rc = wb_open_like(c, j->actual->url, &j->other, j->err);
		p->c = j->other;
	}
	if (rc == 0)
		rc = wb_prepare(p->c, WB_NEED_CONN, j->err);
	if (rc < 0)
		return rc;
	p->driver = p->c->driver;
	p->conn = p->c->conn;
	return 0;
}

/* ---- statements --------------------------------------------------------------------------- */

typedef int (*statement_fn)(struct job *j, void *user, const struct wb_item *item, size_t ordinal);

static int each_statement(struct job *j, const char *sql, statement_fn take, void *user)
{
	struct wb_mem_reader reader = { wb_sv_str(sql) };
	struct wb_split_options o = { .dialect = j->p.driver->dialect, .read = wb_mem_read, .read_user = &reader };
	struct wb_splitter *s = NULL;
	struct wb_item item = { .kind = WB_ITEM_STATEMENT };
	size_t ordinal = 0;
	int rc = wb_split_new(&o, &s, j->err);
	while (rc == 0) {
		rc = wb_split_next(s, &item, j->err);
		if (rc < 0 || item.kind == WB_ITEM_END)
			break;
		if (item.kind == WB_ITEM_STATEMENT)
			rc = take(j, user, &item, ++ordinal);
	}
	wb_split_free(s);
	return rc;
}

static int add_step(struct job *j, void *user, const struct wb_item *item, size_t ordinal)
{
	struct plan_box *b = j->p.b;
	const struct wb_schema_change *change = user;
	const struct wb_schema_comparison *c = j->comparison;
	size_t number = (size_t)(change - c->changes) + 1;
	struct wb_stmt_info info = { 0 };
	struct wb_operations ops = { 0 };
	bool skip = change->destroys && !j->allow_destructive;
	j->p.driver->classify(item->text, &info);
	struct wb_plan_step s = {
		.id = wb_arena_printf(&b->arena, "%zu.%zu", number, ordinal),
		.kind = info.step_kind,
		.command = wb_arena_str(&b->arena, info.command),
		.object = change->object,
		.sql = wb_arena_sv(&b->arena, wb_sv_head(item->text, SQL_MAX)),
		.sql_cut = item->text.n > SQL_MAX,
		.line = item->pos.line,
		.column = item->pos.column,
		.transactional = true,
		.transaction = 1,
		.repeats = 1,
		.reversible = !change->destroys,
		.blocks = "unknown",
		.rewrites = -1,
		.scans = -1,
		.rows = -1,
		.bytes = -1,
		.estimate_ms = -1,
		.change = number,
	};
	int rc = wb_plan_read(&j->p, item->text, &ops);
	if (rc < 0)
		return rc;
	return s.id && s.command && s.sql && wb_vec_push(&b->steps, s) && wb_vec_push(&b->operations, ops) &&
			       wb_vec_push(&b->places, item->pos) && wb_vec_push(&j->skips, skip) &&
			       wb_vec_push(&j->returns, change->recreates)
		       ? 0
		       : wb_err_nomem(j->err);
}

static int add_steps(struct job *j)
{
	const struct wb_schema_comparison *c = j->comparison;
	const struct plan_part part = { NULL, "the differences", 0 };
	int rc = wb_vec_push(&j->p.b->parts, part) ? 0 : wb_err_nomem(j->err);
	for (size_t i = 0; rc == 0 && i < c->n_changes; i++)
		rc = each_statement(j, c->changes[i].sql, add_step, (void *)(uintptr_t)&c->changes[i]);
	return rc;
}

/* ---- a world out of a model ---------------------------------------------------------------------- */

/* Texts of the operations are needed as long as the statement is judged. */
static int add_to_world(struct job *j, void *user, const struct wb_item *item, size_t ordinal)
{
	struct wb_world *w = user;
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_operations ops = { 0 };
	struct wb_effect e = { 0 };
	(void)ordinal;
	int rc = wb_driver_operations(j->p.driver, item->text, &a, &ops, j->err);
	if (rc == 0)
		rc = wb_judge_all(w, &ops, &e, j->err);
	wb_effect_done(&e);
	return rc;
}

/* What the DDL has made is there, and others use it: about its rows nothing is known. */
static int fill_world(struct job *j, struct wb_world *w)
{
	wb_autostr ddl = WB_STR_INIT;
	int rc = wb_schema_write(j->actual->model, &ddl, j->err);
	if (rc == 0)
		rc = each_statement(j, ddl.p ? ddl.p : "", add_to_world, w);
	for (size_t i = 0; rc == 0 && i < w->relations.n; i++) {
		struct wb_relation *r = w->relations.v[i];
		r->flags = (r->flags & ~(unsigned)(WB_REL_MADE | WB_REL_FILLED)) | WB_REL_SEEN;
		r->rows = r->bytes = r->index_bytes = -1;
	}
	return rc;
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static int judge(struct job *j)
{
	struct wb_world *w = wb_world_new();
	int rc = w ? 0 : wb_err_nomem(j->err);
	if (w)
		w->dialect = j->p.driver->dialect;
	if (rc == 0 && !j->p.conn && j->p.driver->operations)
		rc = fill_world(j, w);
	if (rc == 0)
		rc = wb_plan_effects(&j->p, w);
	wb_world_free(w);
	return rc;
}

static int show(struct job *j)
{
	static const char blind[] = "no database was asked: how large tables are, and how long it takes, is not known";
	struct plan_box *b = j->p.b;
	if (!j->p.conn && b->steps.n && !wb_vec_push(&b->notes, blind))
		return wb_err_nomem(j->err);
	b->view.steps = b->steps.v;
	b->view.n_steps = b->steps.n;
	b->view.statements = (int64_t)b->steps.n;
	b->view.notes = b->notes.v;
	b->view.n_notes = b->notes.n;
	return 0;
}

WB_API int wb_schema_effects(struct wb_context *context, const struct wb_schema *actual,
			     const struct wb_schema_comparison *comparison,
			     const struct wb_schema_effects_options *options, struct wb_plan **ret_plan,
			     struct wb_error *err)
{
	struct wb_schema_effects_options o;
	struct job j = { .actual = (const struct schema_box *)actual, .comparison = comparison, .err = err };
	int rc = wb_take_options(&o, sizeof(o), options, "wb_schema_effects_options", err);
	if (rc < 0)
		return rc;
	j.allow_destructive = o.allow_destructive;
	j.p = (struct planning){
		.b = calloc(1, sizeof(*j.p.b)), .settings = o.settings, .n_settings = o.n_settings, .err = err
	};
	if (!j.p.b)
		return wb_err_nomem(err);
	rc = comparison->n_changes ? open_target(&j, context) : 0;
	if (rc == 0 && comparison->n_changes)
		rc = add_steps(&j);
	j.p.skips = j.skips.v;
	j.p.returns = j.returns.v;
	if (rc == 0 && comparison->n_changes)
		rc = judge(&j);
	if (rc == 0)
		rc = show(&j);
	wb_vec_done(&j.skips);
	wb_vec_done(&j.returns);
	wb_close(j.other);
	if (rc < 0)
		wb_plan_free(&j.p.b->view);
	else
		*ret_plan = &j.p.b->view;
	return rc;
}
