/* SPDX-License-Identifier: Apache-2.0
 *
 * ALTER TABLE in forms that the engine lacks. When the turn of such a statement
 * comes it is run as it is, in case this version knows it; when that is refused,
 * the schema as it is and as it would be are compared, and what leads from one
 * to the other (a table built anew, mostly) runs in its place, in the same
 * transaction. Those of one table that stand together become one change. Dropping
 * the old table needs foreign keys that do not act, which has to be seen to
 * before the transaction: where nobody could know, it is begun anew.
 */
#include "run.h"

#include "schema/schema.h"

struct altering {
	struct wb_sender *s;
	struct wb_conn *conn;
	struct wb_stmt alone; /* the only statement, where they are not kept */
	const struct wb_stmt *v;
	int64_t first, n; /* ordinal of v[0] */
	struct wb_error *err;
};

/* One change of the schema. */
struct change {
	struct wb_model *from, *to;
	struct wb_diff diff;
	struct wb_ddl_script script;
	const char *shrunk; /* the table that loses a column; NULL */
	bool sound; /* views and triggers compiled before */
};

static void change_done(struct change *c)
{
	wb_ddl_script_done(&c->script);
	wb_diff_done(&c->diff);
	wb_model_free(c->from);
	wb_model_free(c->to);
}

static int fail_at(struct altering *g, int64_t i, size_t offset, int rc)
{
	wb_sender_place(g->s, g->v[i].pos, g->first + i, g->v[i].text, offset, g->err);
	return rc;
}

/* ---- which statements -------------------------------------------------------------------- */

static void take(struct altering *g, const struct wb_item *item, int64_t last)
{
	const struct wb_script *script = g->s->item->script;
	g->n = 1;
	g->v = &g->alone;
	g->alone = (struct wb_stmt){ .text = item->text, .pos = item->pos };
	g->s->run->t->driver->classify(item->text, &g->alone.info);
	if (!script->kept)
		return;
	g->v = &script->stmts[g->first - 1];
	while (script->one_transaction && !script->alters_alone && g->first + g->n <= last && g->v[g->n].info.alters &&
	       !strcmp(g->v[g->n].info.object, g->v[0].info.object))
		g->n++;
}

/* ---- what they come to ----------------------------------------------------------------------- */

static int inspect(struct altering *g, int64_t from, struct change *c)
{
	int64_t n = g->n - from;
	struct wb_sv *texts = calloc((size_t)n, sizeof(*texts));
	struct wb_alters alters = { .v = texts, .n = (size_t)n };
	struct wb_inspect_options o = { .alters = &alters };
	if (!texts)
		return wb_err_nomem(g->err);
	for (int64_t i = 0; i < n; i++)
		texts[i] = g->v[from + i].text;
	int rc = wb_conn_inspect(g->conn, NULL, &c->from, g->err);
	if (rc == 0)
		rc = wb_conn_inspect(g->conn, &o, &c->to, g->err);
	if (rc == WB_EINPUT || rc == WB_ESQL || rc == WB_EUNSUPPORTED)
		(void)fail_at(g, from + (int64_t)alters.at, alters.offset, rc);
	free(texts);
	return rc;
}

/* What goes along without having been named. */
static void tell(struct altering *g, struct change *c)
{
	for (size_t i = 0; i < c->diff.n; i++) {
		const struct wb_difference *d = &c->diff.v[i];
		if (d->type != WB_DIFF_UNEXPECTED)
			continue;
		if (d->actual->kind == WB_KIND_COLUMN)
			c->shrunk = d->actual->parent;
		if (d->actual->kind == WB_KIND_INDEX)
			wb_log(&g->s->run->t->sink, WB_LOG_INFO,
			       "the index %s goes with a column of %s that is dropped", d->actual->name,
			       d->actual->parent);
	}
}

static int plan(struct altering *g, int64_t from, struct change *c)
{
	int rc = inspect(g, from, c);
	if (rc == 0)
		rc = wb_schema_diff(c->to, c->from, &c->diff, g->err);
	if (rc < 0)
		return rc;
	rc = wb_schema_script(c->from, c->to, &c->diff, &c->script, g->err);
	if (rc < 0)
		return fail_at(g, from, 0, rc);
	tell(g, c);
	return 0;
}

/* ---- running it ---------------------------------------------------------------------------------- */

/* A text that comes back word for word is one statement, with the comment that may end it. */
static int split(const struct wb_target *t, const struct wb_change *c, struct wb_batch *b, struct wb_error *err)
{
	struct wb_mem_reader reader = { wb_sv_str(c->sql) };
	struct wb_split_options o = { .dialect = t->driver->dialect, .read = wb_mem_read, .read_user = &reader };
	struct wb_splitter *splitter = NULL;
	struct wb_item item = { 0 };
	if (c->object->sql && wb_sv_starts(wb_sv_str(c->sql), c->object->sql)) {
		wb_batch_sql(b, wb_sv_str(c->object->sql));
		return 0;
	}
	int rc = wb_split_new(&o, &splitter, err);
	while (rc == 0 && (rc = wb_split_next(splitter, &item, err)) == 0 && item.kind != WB_ITEM_END) {
		char *copy = wb_arena_sv(&b->arena, item.text);
		if (!copy)
			rc = wb_err_nomem(err);
		else
			wb_batch_sql(b, wb_sv(copy, item.text.n));
	}
	wb_split_free(splitter);
	return rc;
}

static int run_one(struct altering *g, const struct wb_change *change)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	size_t done, offset;
	int rc = split(g->s->run->t, change, &b, g->err);
	wb_watch_call(&g->s->run->watch);
	return rc < 0 ? rc : wb_batch_run(&b, g->conn, &done, &offset, g->err);
}

/* Views and triggers that were sound must be so again. */
static int check_code(struct altering *g, struct change *c, bool before)
{
	struct wb_error e;
	int rc = c->shrunk && (before || c->sound) ? wb_conn_compile(g->conn, c->shrunk, &e) : 0;
	if (before && (rc == 0 || rc == WB_ESQL)) {
		c->sound = rc == 0;
		return 0;
	}
	if (rc < 0 && g->err)
		*g->err = e;
	if (rc == WB_ESQL)
		wb_err_hint(g->err, "drop what needs the column before, and make it again without it after");
	return rc;
}

/* Whoever drops a column wants what was in it gone. */
static int run_all(struct altering *g, struct change *c)
{
	struct wb_error ignored;
	int rc = wb_conn_rebuild_begin(g->conn, !c->shrunk, g->err);
	for (size_t i = 0; rc == 0 && i < c->script.n; i++)
		rc = run_one(g, &c->script.v[i]);
	int after = g->conn->lost ? 0 : wb_conn_rebuild_end(g->conn, rc < 0 ? &ignored : g->err);
	return rc < 0 ? rc : after;
}

static int run(struct altering *g, struct change *c)
{
	int rc = check_code(g, c, true);
	if (rc == 0)
		rc = run_all(g, c);
	if (rc == 0)
		rc = check_code(g, c, false);
	wb_rebuild_hide(g->err);
	return rc;
}

/* Statements from `from` on. */
static int rebuild(struct altering *g, int64_t from)
{
	struct wb_script *script = g->s->item->script;
	struct change c = { 0 };
	int rc = plan(g, from, &c);
	if (rc == 0) {
		rc = run(g, &c);
		if (rc == WB_ESQL && g->n - from > 1)
			script->again = script->alters_alone = true; /* to see which of them it is */
		if (rc < 0)
			(void)fail_at(g, from, 0, rc);
	}
	change_done(&c);
	return rc;
}

/* ---- as they are -------------------------------------------------------------------------------------- */

static int run_as_is(struct altering *g, int64_t i)
{
	struct wb_query q = { .sql = g->v[i].text };
	size_t done, offset = SIZE_MAX;
	wb_watch_call(&g->s->run->watch);
	int rc = wb_run(g->conn, &q, 1, &done, &offset, g->err);
	return rc < 0 ? fail_at(g, i, offset, rc) : 0;
}

int wb_alter_run(struct wb_sender *s, const struct wb_item *item, int64_t last, int64_t *ret_last, struct wb_error *err)
{
	struct wb_script *script = s->item->script;
	struct wb_error scratch = { 0 };
	struct altering g = { .s = s, .conn = s->conn, .first = s->at, .err = err ? err : &scratch };
	int64_t i = 0;
	int rc = 0;
	take(&g, item, last);
	while (rc == 0 && i < g.n && !g.v[i].info.rebuilds_table) {
		rc = run_as_is(&g, i);
		i += rc == 0;
	}
	/* Some errors end the transaction; that a lost connection does is told when it is begun anew. */
	if (rc < 0 && (rc != WB_ESQL || (!s->conn->in_transaction && !s->conn->lost)))
		return rc;
	if (i < g.n && !script->rebuilds_table) {
		script->again = script->rebuilds_table = true;
		return rc < 0 ? rc : wb_err_set(err, WB_EREFUSED, "the migration has to be begun anew");
	}
	rc = i < g.n ? rebuild(&g, i) : 0;
	s->tally->statements += rc == 0 ? g.n : 0;
	*ret_last = g.first + g.n - 1;
	return rc;
}

/* The cause begins with the table's name: "people (town) = 7". */
void wb_alter_blame(const struct wb_script *script, enum wb_dialect dialect, struct wb_error *err)
{
	for (int64_t i = script->kept && script->alters ? script->n : 0; i > 0; i--) {
		const struct wb_stmt *st = &script->stmts[i - 1];
		struct wb_sv table = wb_sv_str(st->info.object);
		if (!st->info.alters || !wb_sv_starts(wb_sv_str(err->detail), st->info.object) ||
		    err->detail[table.n] != ' ' || !wb_sql_has_word(dialect, st->text, "REFERENCES"))
			continue;
		wb_script_place(script, st->pos, st->text, SIZE_MAX, err);
		err->statement = (unsigned)i;
		return;
	}
}
