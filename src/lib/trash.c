/* SPDX-License-Identifier: Apache-2.0
 *
 * What migrations have set aside: listed, brought back, removed. Each of the
 * latter is one transaction with its journal rows, under the migrations' lock.
 */
#include "context.h"

struct trash_box {
	struct wb_trash view; /* first: wb_trash_free gets its address */
	struct wb_arena arena;
	WB_VEC(struct kept {
		struct wb_trash_entry e;
		const char *restore;
		bool chosen;
	})
	kept;
	WB_VEC(struct wb_trash_entry) entries, acted;
};
struct call {
	struct wb_context *c;
	const struct wb_trash_options *o;
	struct trash_box *box;
	struct wb_batch batch;
	struct wb_error *err;
};

WB_API void wb_trash_free(struct wb_trash *trash)
{
	struct trash_box *b = (struct trash_box *)trash;
	if (!b)
		return;
	wb_vec_done(&b->kept);
	wb_vec_done(&b->entries);
	wb_vec_done(&b->acted);
	wb_arena_done(&b->arena);
	free(b);
}

int wb_trash_place(const struct wb_context *c, struct wb_arena *a, const char **ret_place, struct wb_error *err)
{
	const bool schema = c->driver->caps & WB_CAP_SCHEMAS;
	*ret_place = NULL;
	if (!c->o.trash)
		return 0;
	*ret_place = wb_arena_printf(a, schema ? "schema %s_trash" : "tables %s_trash_…", c->o.journal_schema);
	return *ret_place ? 0 : wb_err_nomem(err);
}

/* ---- what there is ------------------------------------------------------------------------ */

static int note_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)row;
	(void)err;
	*(bool *)user = true;
	return 0;
}

static int64_t number(struct wb_sv text)
{
	int64_t n = -1;
	return text.p && wb_sv_i64(text, &n) ? n : -1;
}

/* Columns of trash_list, see driver/queries.h. */
static int take_entry(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct trash_box *b = user;
	struct kept k = { .e = { .id = number(row->v[0]),
				 .rows = number(row->v[7]),
				 .bytes = number(row->v[8]),
				 .age_s = number(row->v[12]),
				 .missing = number(row->v[13]) == 0 } };
	const struct {
		const char **to;
		int column;
	} texts[] = { { &k.e.version, 2 }, { &k.e.kind, 3 },   { &k.e.object, 4 },       { &k.e.method, 5 },
		      { &k.e.store, 6 },   { &k.restore, 10 }, { &k.e.set_aside_at, 11 } };
	for (size_t i = 0; i < WB_ARRAY_LEN(texts); i++) {
		*texts[i].to = wb_arena_sv(&b->arena, row->v[texts[i].column]);
		if (!*texts[i].to)
			return wb_err_nomem(err);
	}
	return wb_vec_push(&b->kept, k) ? 0 : wb_err_nomem(err);
}

static int load(struct call *g)
{
	struct wb_value p = wb_v_text(g->c->o.project);
	bool there = false;
	int rc = wb_query_named(g->c->conn, WB_SQL_TRASH_EXISTS, NULL, 0, note_row, &there, NULL, g->err);
	if (rc < 0 || !there)
		return rc;
	return wb_query_named(g->c->conn, WB_SQL_TRASH_LIST, &p, 1, take_entry, g->box, NULL, g->err);
}

/* ---- what is done --------------------------------------------------------------------------- */

static void add_named(struct call *g, enum wb_sql_id id, const struct wb_value *p, int n)
{
	if (!wb_journal_named(&g->c->target, &g->batch.arena, id, p, n, wb_batch_add(&g->batch)))
		g->batch.failed = true;
}

/* A column that its migration, applied again, has made again: its values alone come back. */
static int is_there(struct call *g, struct wb_sv statement, bool *ret_is)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_operations ops = { 0 };
	struct wb_error ignored;
	*ret_is = false;
	if (g->c->driver->operations(statement, &a, &ops, &ignored) < 0 || ops.n != 1 ||
	    ops.v[0].code != WB_OP_COLUMN_ADD)
		return 0;
	const struct wb_operation *op = &ops.v[0];
	const struct wb_value p[] = { wb_v_text("column"), wb_v_text(op->table.schema), wb_v_text(op->table.name),
				      wb_v_text(op->object.name) };
	return wb_query_named(g->c->conn, WB_SQL_OBJECT_EXISTS, p, WB_ARRAY_LEN(p), note_row, ret_is, NULL, g->err);
}

/* Several statements, each ended by ';'. */
static int add_text(struct call *g, const char *text)
{
	struct wb_mem_reader reader = { wb_sv_str(text) };
	struct wb_split_options o = { .dialect = g->c->driver->dialect, .read = wb_mem_read, .read_user = &reader };
	struct wb_splitter *splitter = NULL;
	struct wb_item item = { 0 };
	int rc = wb_split_new(&o, &splitter, g->err);
	while (rc == 0 && (rc = wb_split_next(splitter, &item, g->err)) == 0 && item.kind != WB_ITEM_END) {
		bool there = false;
		rc = is_there(g, item.text, &there);
		char *one = rc == 0 ? wb_arena_sv(&g->batch.arena, item.text) : NULL;
		if (rc < 0 || there)
			continue;
		if (one)
			wb_batch_sql(&g->batch, wb_sv(one, item.text.n));
		else
			rc = wb_err_nomem(g->err);
	}
	wb_split_free(splitter);
	return rc;
}

static int add_history(struct call *g, const struct wb_trash_entry *e, const char *action)
{
	struct wb_history_row h = { .action = action,
				    .version = e->version,
				    .result = "ok",
				    .reason = wb_arena_printf(&g->batch.arena, "%s %s", e->kind, e->object),
				    .statements = -1,
				    .rows_affected = e->rows,
				    .execution_ms = -1,
				    .retries = -1,
				    .rss_kb = -1,
				    .cpu_ms = -1,
				    .lock_wait_ms = -1 };
	bool ok = h.reason && wb_journal_history(&g->c->target, &g->batch.arena, &h, wb_batch_add(&g->batch));
	return ok ? 0 : wb_err_nomem(g->err);
}

static int add_act(struct call *g, const struct kept *k)
{
	bool restore = g->o->act == WB_TRASH_RESTORE;
	char id[24];
	snprintf(id, sizeof(id), "%lld", (long long)k->e.id);
	const char *number = wb_arena_str(&g->batch.arena, id);
	const struct wb_value end[] = { wb_v_text(number), wb_v_text(restore ? "restored" : "purged") };
	const struct wb_value forget[] = { wb_v_text(g->c->o.project), wb_v_text(k->e.version),
					   wb_v_text(restore ? "no undo: what it set aside was restored by itself"
							     : "no undo: what it set aside was purged"),
					   wb_v_text(k->e.store) };
	const char *sql =
		restore ? k->restore : wb_arena_printf(&g->batch.arena, "DROP TABLE IF EXISTS %s;", k->e.store);
	int rc = number && sql ? add_text(g, sql) : wb_err_nomem(g->err);
	add_named(g, WB_SQL_TRASH_END, end, WB_ARRAY_LEN(end));
	add_named(g, WB_SQL_TRASH_FORGET, forget, WB_ARRAY_LEN(forget));
	return rc < 0 ? rc : add_history(g, &k->e, restore ? "trash_restore" : "trash_purge");
}

static int run_batch(struct call *g)
{
	size_t done, offset;
	int rc = wb_batch_run(&g->batch, g->c->conn, &done, &offset, g->err);
	g->batch.q.n = 0;
	return rc;
}

static int commit(struct call *g)
{
	int rc = run_batch(g);
	if (rc == 0)
		rc = wb_conn_check(g->c->conn, g->err);
	wb_batch_commit(&g->batch, g->c->conn);
	return rc < 0 ? rc : run_batch(g);
}

/* Tables are renamed and dropped: foreign keys do not act meanwhile, and must hold at the end. */
static int act(struct call *g)
{
	struct wb_tx_options o = { .foreign_keys_off = true };
	struct wb_error ignored;
	struct wb_conn *c = g->c->conn;
	int rc = wb_conn_before_migration(c, &o, g->err);
	if (rc == 0) {
		g->batch = (struct wb_batch){ .arena = WB_ARENA_INIT };
		wb_batch_begin(&g->batch, c, &o);
		for (size_t i = 0; rc == 0 && i < g->box->kept.n; i++)
			if (g->box->kept.v[i].chosen)
				rc = add_act(g, &g->box->kept.v[i]);
		if (rc == 0)
			rc = commit(g);
		if (rc < 0 && !c->lost && wb_conn_rollback(c, &ignored) < 0)
			wb_log(&g->c->sink, WB_LOG_DEBUG, "rolling back failed: %s", ignored.message);
		wb_batch_done(&g->batch);
	}
	int after = c->lost ? 0 : wb_conn_after_migration(c, rc < 0 ? &ignored : g->err);
	return rc < 0 ? rc : after;
}

/* ---- the call ---------------------------------------------------------------------------------- */

#define MONTH_MS (30LL * 24 * 3600 * 1000)

static int choose(struct call *g, size_t *ret_n)
{
	int64_t age_ms = g->o->older_than_ms ? g->o->older_than_ms : MONTH_MS;
	*ret_n = 0;
	for (size_t i = 0; i < g->box->kept.n; i++) {
		struct kept *k = &g->box->kept.v[i];
		k->chosen = g->o->act == WB_TRASH_RESTORE ? k->e.id == g->o->id : k->e.age_s * 1000 >= age_ms;
		*ret_n += k->chosen;
		if (k->chosen && k->e.missing && g->o->act == WB_TRASH_RESTORE)
			return wb_err_set(g->err, WB_EREFUSED, "%s cannot be restored: somebody has dropped %s",
					  k->e.object, k->e.store);
	}
	if (!*ret_n && g->o->act == WB_TRASH_RESTORE) {
		wb_err_set(g->err, WB_ENOTFOUND, "there is no %lld in the trash", (long long)g->o->id);
		wb_err_hint(g->err, "`whimbrel trash` lists what there is");
		return WB_ENOTFOUND;
	}
	return 0;
}

static int load_and_act(struct call *g)
{
	size_t n = 0;
	int rc = load(g);
	if (rc == 0)
		rc = choose(g, &n);
	return rc < 0 || !n ? rc : act(g);
}

static int with_lock(struct call *g)
{
	struct wb_lock_result waited;
	int64_t wait = g->o->lock_wait_ms ? g->o->lock_wait_ms : 60000;
	int rc = wb_lock_acquire(&g->c->target, wait, &waited, g->err);
	if (rc < 0)
		return rc;
	rc = load_and_act(g);
	wb_lock_release(&g->c->target);
	return rc;
}

static int fill(struct call *g)
{
	struct trash_box *b = g->box;
	for (size_t i = 0; i < b->kept.n; i++) {
		const struct kept *k = &b->kept.v[i];
		if (!(k->chosen ? wb_vec_push(&b->acted, k->e) : wb_vec_push(&b->entries, k->e)))
			return wb_err_nomem(g->err);
	}
	b->view = (struct wb_trash){ b->entries.v, b->entries.n, b->acted.v, b->acted.n };
	return 0;
}

WB_API int wb_trash(struct wb_context *context, const struct wb_trash_options *options, struct wb_trash **ret_trash,
		    struct wb_error *err)
{
	struct wb_error scratch = { 0 };
	struct wb_trash_options o = { .size = sizeof(o) };
	struct call g = { .c = context, .o = &o, .err = err ? err : &scratch };
	int rc = options ? wb_take_options(&o, sizeof(o), options, "wb_trash_options", g.err) : 0;
	if (rc == 0)
		rc = wb_prepare(context, o.act == WB_TRASH_LIST ? WB_NEED_READ : WB_NEED_CONN, g.err);
	if (rc < 0)
		return rc;
	g.box = calloc(1, sizeof(*g.box));
	if (!g.box)
		return wb_err_nomem(g.err);
	rc = o.act == WB_TRASH_LIST ? load(&g) : with_lock(&g);
	if (rc == 0)
		rc = fill(&g);
	if (rc < 0) {
		wb_trash_free(&g.box->view);
		return rc;
	}
	*ret_trash = &g.box->view;
	return 0;
}
