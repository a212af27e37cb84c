/* SPDX-License-Identifier: Apache-2.0
 *
 * What DROP TABLE, DROP COLUMN, TRUNCATE and DELETE of all rows take, set aside
 * in the transaction of the migration before it is gone. How, the engine's
 * queries say as statements: to be run now, and to bring it back. The latter
 * become part of the undo, and of the row that the journal has of each thing. A
 * table that is moved must leave the schema as dropping it would: that is tried
 * first, and rolled back.
 */
#include "trash.h"

#include "schema/schema.h"
#include "undo.h"

#define SAVEPOINT "whimbrel_trash"
#define NAME_MAX_BYTES 36 /* of a table, within a name in the trash */

struct setting_aside {
	struct wb_sender *s;
	struct wb_conn *c;
	const struct wb_item *item;
	struct wb_undo *undo; /* NULL: none is worked out */
	size_t step; /* there */
	struct wb_taking k;
	WB_VEC(const char *) after; /* of all things */
	bool replaces;
	struct wb_error *err;
};

static int note_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)row;
	(void)err;
	*(bool *)user = true;
	return 0;
}

static bool needs_trash(const struct wb_work_item *item)
{
	return item->script->n_trash || (item->down_source && strcmp(item->down_source, "inferred") == 0);
}

int wb_trash_ensure(struct wb_run *run, struct wb_error *err)
{
	bool needed = false, marked = false;
	int rc = 0;

	for (size_t i = 0; i < run->work.items.n; i++) {
		needed |= needs_trash(&run->work.items.v[i]);
		marked |= run->t->trash && run->work.items.v[i].script->n_trash > 0;
	}
	if (needed)
		rc = wb_query_named(run->t->conn, WB_SQL_TRASH_EXISTS, NULL, 0, note_row, &run->has_trash, NULL, err);
	if (rc < 0 || !marked || run->has_trash)
		return rc;
	run->has_trash = true;
	return wb_journal_script(run->t, WB_SQL_TRASH_CREATE, err);
}

static const struct wb_trash_mark *mark_of(const struct wb_script *s, int64_t ordinal)
{
	for (size_t i = 0; i < s->n_trash; i++)
		if (s->trash[i].ordinal == ordinal)
			return &s->trash[i];
	return NULL;
}

bool wb_trash_marks(const struct wb_script *s, int64_t ordinal)
{
	return mark_of(s, ordinal) != NULL;
}

/* ---- statements -------------------------------------------------------------------------------- */

static int fail(struct setting_aside *g, int rc)
{
	wb_sender_place(g->s, g->item->pos, g->s->at, g->item->text, SIZE_MAX, g->err);
	return rc;
}

static int refuse(struct setting_aside *g, const struct wb_taken *thing, const char *why)
{
	wb_err_set(g->err, WB_EREFUSED, "%s cannot be set aside: %s", thing->table.name, why);
	wb_err_hint(g->err, "run this migration with trash off (WHIMBREL_TRASH=off): what it takes is lost then");
	return fail(g, WB_EREFUSED);
}

static int exec(struct setting_aside *g, const char *sql, int64_t *ret_affected)
{
	struct wb_query q = { .sql = wb_sv_str(sql) };
	size_t done, offset;
	int rc;

	wb_watch_call(&g->s->run->watch);
	rc = wb_run(g->c, &q, 1, &done, &offset, g->err);
	if (rc == 0 && ret_affected)
		*ret_affected = q.affected;
	return rc < 0 ? fail(g, rc) : 0;
}

/* Several, each ended by ';'. */
static int exec_all(struct setting_aside *g, const char *text)
{
	struct wb_mem_reader reader = { wb_sv_str(text) };
	struct wb_split_options o = { .dialect = g->k.t->driver->dialect, .read = wb_mem_read, .read_user = &reader };
	struct wb_splitter *splitter = NULL;
	struct wb_item item = { 0 };
	int rc = wb_split_new(&o, &splitter, g->err);

	while (rc == 0 && (rc = wb_split_next(splitter, &item, g->err)) == 0 && item.kind != WB_ITEM_END) {
		char *one = wb_arena_sv(&g->k.arena, item.text);
		rc = one ? exec(g, one, NULL) : wb_err_nomem(g->err);
	}
	wb_split_free(splitter);
	return rc;
}

static int take_id(void *user, const struct wb_row *row, struct wb_error *err)
{
	return wb_sv_i64(row->v[0], user) ? 0 : wb_err_set(err, WB_EBUG, "trash_next gives no number");
}

/* The number alone would do, but for a journal that was lost while the trash was not. */
static int name_it(struct setting_aside *g, const struct wb_taken *thing, char **ret_name)
{
	size_t n = strlen(thing->table.name);
	int64_t id = 0;
	int rc = wb_query_named(g->c, WB_SQL_TRASH_NEXT, NULL, 0, take_id, &id, NULL, g->err);

	if (rc < 0)
		return rc;
	if (n > NAME_MAX_BYTES) {
		n = NAME_MAX_BYTES;
		while (n && ((unsigned char)thing->table.name[n] & 0xC0) == 0x80)
			n--;
	}
	*ret_name =
		wb_arena_printf(&g->k.arena, "%lld_%.6s_%.*s", (long long)id, g->s->run->id, (int)n, thing->table.name);
	return *ret_name ? 0 : wb_err_nomem(g->err);
}

/* Before anything is changed: can it be done, and under which name? */
static int look(struct setting_aside *g, struct wb_taken *thing)
{
	char *name = NULL;
	int rc = name_it(g, thing, &name);

	if (rc == 0)
		rc = wb_taking_look(&g->k, thing, name, g->err);
	if (rc < 0)
		return fail(g, rc);
	for (size_t i = 0; i < g->k.parts.n; i++)
		g->replaces |= strcmp(g->k.parts.v[i].part, "replaces") == 0;
	return thing->refused ? refuse(g, thing, thing->refused) : 0;
}

static int run_now(struct setting_aside *g, struct wb_taken *thing)
{
	bool copies = thing->method && strcmp(thing->method, "copy") == 0;
	int64_t n = -1;
	int rc = 0;

	thing->rows = -1;
	for (size_t i = 0; rc == 0 && i < g->k.parts.n; i++) {
		const struct wb_taken_part *p = &g->k.parts.v[i];
		if (strcmp(p->part, "now") == 0)
			rc = exec(g, p->sql, &n);
		else if (strcmp(p->part, "after") == 0 && !wb_vec_push(&g->after, p->sql))
			rc = wb_err_nomem(g->err);
		thing->rows = copies && n > thing->rows ? n : thing->rows;
	}
	return rc;
}

/* ---- what is kept of it ------------------------------------------------------------------------------ */

/* data and late: a copy is needed no more once its rows are back. */
static int add_back(struct setting_aside *g, const struct wb_taken_part *p)
{
	static const struct {
		const char *part;
		enum wb_undo_back_part back;
	} kinds[] = { { "back", WB_UNDO_BACK }, { "data", WB_UNDO_BACK_DATA }, { "late", WB_UNDO_BACK_LATE } };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < WB_ARRAY_LEN(kinds); i++) {
		struct wb_undo_back b = {
			.step = g->step, .statement = g->s->at, .part = kinds[i].back, .sql = p->sql
		};
		if (strcmp(p->part, kinds[i].part) == 0)
			rc = wb_undo_add_back(g->undo, &b, g->err);
	}
	if (rc == 0 && strcmp(p->part, "sequence") == 0)
		rc = wb_undo_add_kept(g->undo, WB_KIND_SEQUENCE, (struct wb_name){ p->sql, p->why }, g->err);
	return rc;
}

static int tell_undo(struct setting_aside *g, const struct wb_taken *thing)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < g->k.parts.n; i++)
		rc = add_back(g, &g->k.parts.v[i]);
	return rc == 0 ? wb_undo_add_kept(g->undo, WB_KIND_TABLE, thing->table, g->err) : rc;
}

static int record(struct setting_aside *g, const struct wb_taken *thing)
{
	wb_autostr restore = WB_STR_INIT;
	const struct wb_run *run = g->s->run;

	for (size_t i = 0; i < g->k.parts.n; i++)
		if (strcmp(g->k.parts.v[i].part, "back") == 0 || strcmp(g->k.parts.v[i].part, "data") == 0)
			wb_str_addf(&restore, "%s;\n", g->k.parts.v[i].sql);
	if (restore.failed)
		return wb_err_nomem(g->err);
	const struct wb_value p[] = { wb_v_text(g->k.t->project), wb_v_text(g->s->item->version),
				      wb_v_text(run->id),         wb_v_text(thing->kind),
				      wb_v_text(thing->was),      wb_v_text(thing->method),
				      wb_v_text(thing->store),    thing->rows < 0 ? WB_V_NULL : wb_v_int(thing->rows),
				      wb_v_text(restore.p) };
	int rc = wb_query_named(g->c, WB_SQL_TRASH_ADD, p, WB_ARRAY_LEN(p), NULL, NULL, NULL, g->err);
	if (rc == 0)
		wb_log(&g->k.t->sink, WB_LOG_INFO, "%s is set aside as %s (%s)", thing->was, thing->store,
		       thing->method);
	return rc < 0 ? fail(g, rc) : 0;
}

static int set_aside(struct setting_aside *g, struct wb_taken *thing)
{
	int rc = look(g, thing);

	if (rc == 0)
		rc = run_now(g, thing);
	if (rc < 0 || !thing->store)
		return rc; /* not there, or temporary: the statement says what it thinks of that */
	rc = record(g, thing);
	return rc == 0 && g->undo ? tell_undo(g, thing) : rc;
}

/* ---- what else goes with a table ---------------------------------------------------------------------- */

static int savepoint(struct setting_aside *g, const char *what)
{
	char sql[80];

	(void)snprintf(sql, sizeof(sql), "%s " SAVEPOINT, what);
	return exec(g, sql, NULL);
}

static int back(struct setting_aside *g)
{
	int rc = savepoint(g, "ROLLBACK TO SAVEPOINT");

	return rc < 0 ? rc : savepoint(g, "RELEASE SAVEPOINT");
}

static int inspect(struct setting_aside *g, struct wb_model **ret_m)
{
	struct wb_inspect_options o = { .inside = true };
	int rc = wb_conn_inspect(g->c, &o, ret_m, g->err);

	return rc < 0 ? fail(g, rc) : 0;
}

/* As the statement itself leaves the schema: NULL where it takes nothing but the tables that it names. */
static int rehearse(struct setting_aside *g, struct wb_model **ret_plain)
{
	char *text = wb_arena_sv(&g->k.arena, g->item->text);
	bool cascade = wb_sql_has_word(g->k.t->driver->dialect, g->item->text, "CASCADE");
	int rc = savepoint(g, "SAVEPOINT");

	*ret_plain = NULL;
	if (rc == 0)
		rc = text ? exec(g, text, NULL) : wb_err_nomem(g->err);
	if (rc == 0 && cascade)
		rc = inspect(g, ret_plain);
	return rc < 0 ? rc : back(g);
}

/* It may take no values but those that were set aside. */
static int drop_rest(struct setting_aside *g, const struct wb_model *plain)
{
	struct wb_ddl_script script = { .arena = WB_ARENA_INIT };
	struct wb_model *now = NULL;
	struct wb_diff diff = { 0 };
	int rc = inspect(g, &now);

	if (rc == 0)
		rc = wb_schema_diff(plain, now, &diff, g->err);
	if (rc == 0)
		rc = wb_schema_script(now, plain, &diff, &script, g->err);
	for (size_t i = 0; rc == 0 && i < script.n; i++) {
		const struct wb_change *c = &script.v[i];
		if (c->destroys && wb_schema_holds_data(c->object) && c->object->kind != WB_KIND_MATERIALIZED_VIEW)
			rc = refuse(g, &g->k.things.v[0], "CASCADE would take values of other tables, too");
		else
			rc = exec_all(g, c->sql);
	}
	wb_ddl_script_done(&script);
	wb_diff_done(&diff);
	wb_model_free(now);
	return rc;
}

/* An attempt that was rolled back has told it already. */
static void forget(struct setting_aside *g)
{
	struct wb_undo *u = g->undo;

	while (u && u->backs.n && u->backs.v[u->backs.n - 1].statement >= g->s->at)
		u->backs.n--;
}

static bool drops_tables(const struct setting_aside *g)
{
	return g->k.things.n && strcmp(g->k.things.v[0].kind, "table") == 0;
}

static int run_all(struct setting_aside *g)
{
	bool rehearsed = drops_tables(g) && g->k.t->driver->caps & WB_CAP_SCHEMAS;
	struct wb_model *plain = NULL;
	int rc = rehearsed ? rehearse(g, &plain) : 0;

	for (size_t i = 0; rc == 0 && i < g->k.things.n; i++)
		rc = set_aside(g, &g->k.things.v[i]);
	if (rc == 0 && plain)
		rc = drop_rest(g, plain);
	for (size_t i = 0; rc == 0 && i < g->after.n; i++)
		rc = exec(g, g->after.v[i], NULL);
	wb_model_free(plain);
	return rc;
}

/* ---- without trash ------------------------------------------------------------------------------------- */

static int has_rows(struct setting_aside *g, const struct wb_name *table, bool *ret_any)
{
	wb_autostr sql = WB_STR_INIT;
	size_t done, offset;

	wb_str_add(&sql, "SELECT 1 FROM ");
	if (table->schema) {
		wb_quote_ident(&sql, wb_sv_str(table->schema));
		wb_str_addc(&sql, '.');
	}
	wb_quote_ident(&sql, wb_sv_str(table->name));
	wb_str_add(&sql, " LIMIT 1");
	if (sql.failed)
		return wb_err_nomem(g->err);
	struct wb_query q = { .sql = wb_str_sv(&sql), .row = note_row, .row_user = ret_any };
	*ret_any = false;
	int rc = wb_run(g->c, &q, 1, &done, &offset, g->err);
	return rc < 0 ? fail(g, rc) : 0;
}

int wb_trash_tell(struct wb_sender *s, const struct wb_item *item, struct wb_error *err)
{
	struct wb_error scratch = { 0 };
	struct wb_operations ops = { 0 };
	struct setting_aside g = {
		.s = s, .c = s->conn, .item = item, .k = { .arena = WB_ARENA_INIT }, .err = err ? err : &scratch
	};
	const struct wb_target *t = s->run->t;
	int rc = wb_sender_flush(s, err);

	if (rc == 0)
		rc = t->driver->operations(item->text, &g.k.arena, &ops, g.err);
	for (size_t i = 0; rc == 0 && i < ops.n; i++) {
		const struct wb_operation *op = &ops.v[i];
		bool any = false;
		if (op->code != WB_OP_COLUMN_DROP || !op->table.name || !op->object.name)
			continue;
		rc = has_rows(&g, &op->table, &any);
		if (rc == 0 && any)
			wb_log(&t->sink, WB_LOG_WARN,
			       "the undo of %s drops column %s of %s: its values are lost (`trash: on` keeps them)",
			       s->item->version, op->object.name, op->table.name);
	}
	wb_taking_done(&g.k);
	return rc;
}

/* ---- with it -------------------------------------------------------------------------------------------- */

int wb_trash_run(struct wb_sender *s, const struct wb_item *item, bool *ret_replaced, struct wb_error *err)
{
	struct wb_error scratch = { 0 };
	struct wb_script_undo *su = s->item->script->undo;
	const struct wb_trash_mark *mark = mark_of(s->item->script, s->at);
	struct setting_aside g = { .s = s,
				   .c = s->conn,
				   .item = item,
				   .undo = su && !su->decided ? &su->draft : NULL,
				   .step = mark ? mark->step : 0,
				   .k = { .t = s->run->t, .text = item->text, .arena = WB_ARENA_INIT },
				   .err = err ? err : &scratch };
	int rc = wb_sender_flush(s, err);

	if (rc == 0)
		rc = wb_taking_find(&g.k, g.err);
	forget(&g);
	if (rc == 0)
		rc = run_all(&g);
	*ret_replaced = g.replaces;
	s->tally->statements += rc == 0 && g.replaces;
	wb_vec_done(&g.after);
	wb_taking_done(&g.k);
	return rc;
}
