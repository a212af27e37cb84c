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

/* One thing that is set aside. */
struct thing {
	const char *kind; /* "table", "column", "rows" */
	struct wb_name table;
	struct wb_str columns; /* JSON */
	const char *way; /* of rows */
	/* As the engine's queries say. */
	const char *store, *was, *method;
	int64_t rows;
};
struct part {
	const char *part, *sql, *why;
};
struct setting_aside {
	struct wb_sender *s;
	const struct wb_target *t;
	struct wb_conn *c;
	const struct wb_item *item;
	struct wb_undo *undo; /* NULL: none is worked out */
	size_t step;
	struct wb_operations ops;
	struct wb_arena arena;
	WB_VEC(struct thing) things;
	WB_VEC(struct part) parts; /* of the thing at hand */
	WB_VEC(const char *) after; /* of all of them */
	bool replaces;
	struct wb_error *err;
};

/* ---- which statements -------------------------------------------------------------------- */

static bool has_word(enum wb_dialect dialect, struct wb_sv statement)
{
	static const char *const words[] = { "DROP", "TRUNCATE", "DELETE" };

	for (size_t i = 0; i < WB_ARRAY_LEN(words); i++)
		if (wb_sql_has_word(dialect, statement, words[i]))
			return true;
	return false;
}

int wb_trash_sees(const struct wb_target *t, struct wb_sv statement, bool *ret_sets_aside, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_operations ops = { 0 };
	struct wb_error why = { 0 };

	*ret_sets_aside = false;
	if (!has_word(t->driver->dialect, statement))
		return 0;
	if (t->driver->operations(statement, &a, &ops, &why) == WB_ENOMEM)
		return wb_err_nomem(err);
	for (size_t i = 0; i < ops.n; i++)
		*ret_sets_aside |= wb_undo_sets_aside(t->driver->dialect, statement, &ops.v[i]);
	return 0;
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
		marked |= run->work.items.v[i].script->n_trash > 0;
	}
	if (needed)
		rc = wb_query_named(run->t->conn, WB_SQL_TRASH_EXISTS, NULL, 0, note_row, &run->has_trash, NULL, err);
	if (rc < 0 || !marked || run->has_trash)
		return rc;
	run->has_trash = true;
	return wb_journal_script(run->t, WB_SQL_TRASH_CREATE, err);
}

/* ---- what it takes ------------------------------------------------------------------------- */

static void add_json(struct wb_str *out, const char *text)
{
	if (!text) {
		wb_str_add(out, "null");
		return;
	}
	wb_str_addc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			wb_str_addf(out, "\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			wb_str_addf(out, "\\u%04x", (unsigned)*text);
		else
			wb_str_addc(out, *text);
	}
	wb_str_addc(out, '"');
}

static bool same_name(struct wb_name a, struct wb_name b)
{
	bool schemas = a.schema && b.schema ? strcmp(a.schema, b.schema) == 0 : a.schema == b.schema;

	return schemas && strcmp(a.name, b.name) == 0;
}

static int add_thing(struct setting_aside *g, struct thing thing)
{
	return wb_vec_push(&g->things, thing) ? 0 : wb_err_nomem(g->err);
}

static int add_column(struct setting_aside *g, const struct wb_operation *op)
{
	struct thing *last = g->things.n ? &g->things.v[g->things.n - 1] : NULL;
	int rc = 0;

	if (!last || strcmp(last->kind, "column") != 0 || !same_name(last->table, op->table))
		rc = add_thing(g, (struct thing){ .kind = "column", .table = op->table, .columns = WB_STR_INIT });
	if (rc < 0)
		return rc;
	last = &g->things.v[g->things.n - 1];
	wb_str_add(&last->columns, last->columns.n ? ", " : "");
	add_json(&last->columns, op->object.name);
	return last->columns.failed ? wb_err_nomem(g->err) : 0;
}

static int take_table(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct setting_aside *g = user;
	struct thing thing = { .kind = "rows", .columns = WB_STR_INIT, .way = g->things.v[0].way };

	(void)err;
	thing.table.schema = row->v[0].p ? wb_arena_sv(&g->arena, row->v[0]) : NULL;
	thing.table.name = wb_arena_sv(&g->arena, row->v[1]);
	return thing.table.name && (thing.table.schema || !row->v[0].p) ? add_thing(g, thing) : wb_err_nomem(g->err);
}

/* Tables that are emptied together come back so that each finds what it refers to. */
static int order_rows(struct setting_aside *g, bool cascade)
{
	wb_autostr json = WB_STR_INIT;
	size_t named = g->things.n;
	int rc;

	for (size_t i = 0; i < named; i++) {
		wb_str_add(&json, i ? ", [" : "[[");
		add_json(&json, g->things.v[i].table.schema);
		wb_str_add(&json, ", ");
		add_json(&json, g->things.v[i].table.name);
		wb_str_addc(&json, ']');
	}
	wb_str_addc(&json, ']');
	if (json.failed)
		return wb_err_nomem(g->err);
	const struct wb_value p[] = { wb_v_sv(wb_str_sv(&json)), wb_v_text(cascade ? "1" : "0") };
	rc = wb_query_named(g->c, WB_SQL_TRASH_CLOSURE, p, WB_ARRAY_LEN(p), take_table, g, NULL, g->err);
	if (rc < 0)
		return rc;
	memmove(g->things.v, g->things.v + named, (g->things.n - named) * sizeof(*g->things.v));
	g->things.n -= named;
	return 0;
}

static const char *way_of(const struct setting_aside *g, const struct wb_operation *op)
{
	if (op->code == WB_OP_DELETE)
		return "d";
	return wb_sql_has_word(g->t->driver->dialect, g->item->text, "RESTART") ? "r" : "t";
}

static int find_things(struct setting_aside *g)
{
	bool rows = false, cascade = false;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < g->ops.n; i++) {
		const struct wb_operation *op = &g->ops.v[i];
		if (!wb_undo_sets_aside(g->t->driver->dialect, g->item->text, op))
			continue;
		struct wb_name table = op->table.name ? op->table : op->object;
		bool drop = op->code == WB_OP_DROP;
		if (!table.name)
			continue;
		rows |= op->code == WB_OP_TABLE_TRUNCATE;
		cascade |= op->flags & WB_WITH_CASCADE;
		rc = op->code == WB_OP_COLUMN_DROP
			     ? add_column(g, op)
			     : add_thing(g, (struct thing){ .kind = drop ? "table" : "rows",
							    .table = table,
							    .columns = WB_STR_INIT,
							    .way = drop ? NULL : way_of(g, op) });
	}
	cascade |= wb_sql_has_word(g->t->driver->dialect, g->item->text, "CASCADE");
	return rc == 0 && rows ? order_rows(g, cascade) : rc;
}

/* ---- statements -------------------------------------------------------------------------------- */

static int fail(struct setting_aside *g, int rc)
{
	wb_sender_place(g->s, g->item->pos, g->s->at, g->item->text, SIZE_MAX, g->err);
	return rc;
}

static int refuse(struct setting_aside *g, const struct thing *thing, const char *why)
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
	struct wb_split_options o = { .dialect = g->t->driver->dialect, .read = wb_mem_read, .read_user = &reader };
	struct wb_splitter *splitter = NULL;
	struct wb_item item = { 0 };
	int rc = wb_split_new(&o, &splitter, g->err);

	while (rc == 0 && (rc = wb_split_next(splitter, &item, g->err)) == 0 && item.kind != WB_ITEM_END) {
		char *one = wb_arena_sv(&g->arena, item.text);
		rc = one ? exec(g, one, NULL) : wb_err_nomem(g->err);
	}
	wb_split_free(splitter);
	return rc;
}

static int take_part(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct setting_aside *g = user;
	struct part p = { 0 };
	const char **to[] = { &p.part, &p.sql, &p.why };

	(void)err;
	for (size_t i = 0; i < WB_ARRAY_LEN(to); i++) {
		if (row->v[i].p && !(*to[i] = wb_arena_sv(&g->arena, row->v[i])))
			return wb_err_nomem(g->err);
	}
	return p.part && wb_vec_push(&g->parts, p) ? 0 : wb_err_nomem(g->err);
}

static int take_id(void *user, const struct wb_row *row, struct wb_error *err)
{
	return wb_sv_i64(row->v[0], user) ? 0 : wb_err_set(err, WB_EBUG, "trash_next gives no number");
}

/* The number alone would do, but for a journal that was lost while the trash was not. */
static char *name_in_trash(struct setting_aside *g, const struct thing *thing, int64_t id)
{
	size_t n = strlen(thing->table.name);

	if (n > NAME_MAX_BYTES) {
		n = NAME_MAX_BYTES;
		while (n && ((unsigned char)thing->table.name[n] & 0xC0) == 0x80)
			n--;
	}
	return wb_arena_printf(&g->arena, "%lld_%.6s_%.*s", (long long)id, g->s->run->id, (int)n, thing->table.name);
}

static int ask(struct setting_aside *g, struct thing *thing)
{
	bool table = strcmp(thing->kind, "table") == 0, column = strcmp(thing->kind, "column") == 0;
	int64_t id = 0;
	char *name = NULL, *extra = NULL;
	int rc = wb_query_named(g->c, WB_SQL_TRASH_NEXT, NULL, 0, take_id, &id, NULL, g->err);

	if (rc < 0)
		return fail(g, rc);
	name = name_in_trash(g, thing, id);
	extra = column ? wb_arena_printf(&g->arena, "[%s]", thing->columns.p) : wb_arena_str(&g->arena, thing->way);
	if (!name || (!table && !extra))
		return wb_err_nomem(g->err);
	const struct wb_value p[] = { wb_v_text(thing->table.schema), wb_v_text(thing->table.name), wb_v_text(name),
				      wb_v_text(extra) };
	g->parts.n = 0;
	rc = wb_query_named(g->c,
			    table    ? WB_SQL_TRASH_TABLE
			    : column ? WB_SQL_TRASH_COLUMNS
				     : WB_SQL_TRASH_ROWS,
			    p, table ? 3 : 4, take_part, g, NULL, g->err);
	return rc < 0 ? fail(g, rc) : 0;
}

static int take_data(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct setting_aside *g = user;
	struct part p = { .part = "data", .sql = row->v[0].p ? wb_arena_sv(&g->arena, row->v[0]) : NULL };

	(void)err;
	return p.sql && wb_vec_push(&g->parts, p) ? 0 : wb_err_nomem(g->err);
}

/* Before anything is changed: can it be done, and under which name? What has to be asked is asked. */
static int look(struct setting_aside *g, struct thing *thing)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < g->parts.n; i++) {
		struct part p = g->parts.v[i];
		bool any = false;
		if (strcmp(p.part, "refuse") == 0)
			return refuse(g, thing, p.why);
		if (strcmp(p.part, "unless") == 0) {
			struct wb_query q = { .sql = wb_sv_str(p.sql), .row = note_row, .row_user = &any };
			size_t done, offset;
			rc = wb_run(g->c, &q, 1, &done, &offset, g->err);
			if (rc == 0 && any)
				return refuse(g, thing, p.why);
		} else if (strcmp(p.part, "asked") == 0) {
			struct wb_query q = { .sql = wb_sv_str(p.sql), .row = take_data, .row_user = g };
			size_t done, offset;
			rc = wb_run(g->c, &q, 1, &done, &offset, g->err);
		} else if (strcmp(p.part, "store") == 0) {
			thing->store = p.sql;
			thing->was = p.why;
		} else if (strcmp(p.part, "method") == 0) {
			thing->method = p.sql;
		}
		g->replaces |= strcmp(p.part, "replaces") == 0;
	}
	return rc < 0 ? fail(g, rc) : 0;
}

static int run_now(struct setting_aside *g, struct thing *thing)
{
	bool copies = thing->method && strcmp(thing->method, "copy") == 0;
	int rc = 0;

	thing->rows = -1;
	for (size_t i = 0; rc == 0 && i < g->parts.n; i++) {
		const struct part *p = &g->parts.v[i];
		if (strcmp(p->part, "now") == 0)
			rc = exec(g, p->sql, copies ? &thing->rows : NULL);
		else if (strcmp(p->part, "after") == 0 && !wb_vec_push(&g->after, p->sql))
			rc = wb_err_nomem(g->err);
	}
	return rc;
}

/* ---- what is kept of it ------------------------------------------------------------------------------ */

/* data and late: a copy is needed no more once its rows are back. */
static int add_back(struct setting_aside *g, const struct part *p)
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

static int tell_undo(struct setting_aside *g, const struct thing *thing)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < g->parts.n; i++)
		rc = add_back(g, &g->parts.v[i]);
	return rc == 0 ? wb_undo_add_kept(g->undo, WB_KIND_TABLE, thing->table, g->err) : rc;
}

static int record(struct setting_aside *g, const struct thing *thing)
{
	wb_autostr restore = WB_STR_INIT;
	const struct wb_run *run = g->s->run;

	for (size_t i = 0; i < g->parts.n; i++)
		if (strcmp(g->parts.v[i].part, "back") == 0 || strcmp(g->parts.v[i].part, "data") == 0)
			wb_str_addf(&restore, "%s;\n", g->parts.v[i].sql);
	if (restore.failed)
		return wb_err_nomem(g->err);
	const struct wb_value p[] = { wb_v_text(g->t->project),  wb_v_text(g->s->item->version),
				      wb_v_text(run->id),        wb_v_text(thing->kind),
				      wb_v_text(thing->was),     wb_v_text(thing->method),
				      wb_v_text(thing->store),   thing->rows < 0 ? WB_V_NULL : wb_v_int(thing->rows),
				      wb_v_text(restore.p) };
	int rc = wb_query_named(g->c, WB_SQL_TRASH_ADD, p, WB_ARRAY_LEN(p), NULL, NULL, NULL, g->err);
	if (rc == 0)
		wb_log(&g->t->sink, WB_LOG_INFO, "%s is set aside as %s (%s)", thing->was, thing->store, thing->method);
	return rc < 0 ? fail(g, rc) : 0;
}

static int set_aside(struct setting_aside *g, struct thing *thing)
{
	int rc = ask(g, thing);

	if (rc == 0)
		rc = look(g, thing);
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
	char *text = wb_arena_sv(&g->arena, g->item->text);
	bool cascade = wb_sql_has_word(g->t->driver->dialect, g->item->text, "CASCADE");
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
			rc = refuse(g, &g->things.v[0], "CASCADE would take values of other tables, too");
		else
			rc = exec_all(g, c->sql);
	}
	wb_ddl_script_done(&script);
	wb_diff_done(&diff);
	wb_model_free(now);
	return rc;
}

static bool drops_tables(const struct setting_aside *g)
{
	return g->things.n && strcmp(g->things.v[0].kind, "table") == 0;
}

static int run_all(struct setting_aside *g)
{
	bool rehearsed = drops_tables(g) && g->t->driver->caps & WB_CAP_SCHEMAS;
	struct wb_model *plain = NULL;
	int rc = rehearsed ? rehearse(g, &plain) : 0;

	for (size_t i = 0; rc == 0 && i < g->things.n; i++)
		rc = set_aside(g, &g->things.v[i]);
	if (rc == 0 && plain)
		rc = drop_rest(g, plain);
	for (size_t i = 0; rc == 0 && i < g->after.n; i++)
		rc = exec(g, g->after.v[i], NULL);
	wb_model_free(plain);
	return rc;
}

int wb_trash_run(struct wb_sender *s, const struct wb_item *item, bool *ret_replaced, struct wb_error *err)
{
	struct wb_error scratch = { 0 };
	const struct wb_script_undo *su = s->item->script->undo;
	const struct wb_trash_mark *mark = mark_of(s->item->script, s->at);
	struct setting_aside g = { .s = s,
				   .t = s->run->t,
				   .c = s->conn,
				   .item = item,
				   .undo = su && !su->decided ? &s->item->script->undo->draft : NULL,
				   .step = mark ? mark->step : 0,
				   .arena = WB_ARENA_INIT,
				   .err = err ? err : &scratch };
	int rc = wb_sender_flush(s, err);

	if (rc == 0)
		rc = g.t->driver->operations(item->text, &g.arena, &g.ops, g.err);
	if (rc == 0)
		rc = find_things(&g);
	if (rc == 0)
		rc = run_all(&g);
	*ret_replaced = g.replaces;
	s->tally->statements += rc == 0 && g.replaces;
	for (size_t i = 0; i < g.things.n; i++)
		wb_str_done(&g.things.v[i].columns);
	wb_vec_done(&g.things);
	wb_vec_done(&g.parts);
	wb_vec_done(&g.after);
	wb_arena_done(&g.arena);
	return rc;
}
