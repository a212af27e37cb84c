/* SPDX-License-Identifier: Apache-2.0
 *
 * Which tables, columns or rows a statement takes, and how the engine says that
 * each can be set aside. Only looks.
 */
#include "trash.h"

#include "undo.h"

void wb_taking_done(struct wb_taking *k)
{
	for (size_t i = 0; i < k->things.n; i++)
		wb_str_done(&k->things.v[i].columns);
	wb_vec_done(&k->things);
	wb_vec_done(&k->parts);
	wb_arena_done(&k->arena);
}

/* ---- which statements -------------------------------------------------------------------- */

static bool has_word(enum wb_dialect dialect, struct wb_sv statement)
{
	static const char *const words[] = { "DROP", "TRUNCATE", "DELETE" };

	for (size_t i = 0; i < WB_ARRAY_LEN(words); i++)
		if (wb_sql_has_word(dialect, statement, words[i]))
			return true;
	return false;
}

int wb_trash_sees(const struct wb_target *t, struct wb_sv statement, bool columns_alone, bool *ret_sets_aside,
		  struct wb_error *err)
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
		*ret_sets_aside |= (!columns_alone || ops.v[i].code == WB_OP_COLUMN_DROP) &&
				   wb_undo_sets_aside(t->driver->dialect, statement, &ops.v[i]);
	return 0;
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

static int add_thing(struct wb_taking *k, struct wb_taken thing, struct wb_error *err)
{
	return wb_vec_push(&k->things, thing) ? 0 : wb_err_nomem(err);
}

static int add_column(struct wb_taking *k, const struct wb_operation *op, struct wb_error *err)
{
	struct wb_taken *last = k->things.n ? &k->things.v[k->things.n - 1] : NULL;
	int rc = 0;

	if (!last || strcmp(last->kind, "column") != 0 || !same_name(last->table, op->table))
		rc = add_thing(k, (struct wb_taken){ .kind = "column", .table = op->table, .columns = WB_STR_INIT },
			       err);
	if (rc < 0)
		return rc;
	last = &k->things.v[k->things.n - 1];
	wb_str_add(&last->columns, last->columns.n ? ", " : "");
	add_json(&last->columns, op->object.name);
	return last->columns.failed ? wb_err_nomem(err) : 0;
}

static int take_table(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct wb_taking *k = user;
	struct wb_taken thing = { .kind = "rows", .columns = WB_STR_INIT, .way = k->things.v[0].way };

	thing.table.schema = row->v[0].p ? wb_arena_sv(&k->arena, row->v[0]) : NULL;
	thing.table.name = wb_arena_sv(&k->arena, row->v[1]);
	return thing.table.name && (thing.table.schema || !row->v[0].p) ? add_thing(k, thing, err) : wb_err_nomem(err);
}

/* Tables that are emptied together come back so that each finds what it refers to. */
static int order_rows(struct wb_taking *k, bool cascade, struct wb_error *err)
{
	wb_autostr json = WB_STR_INIT;
	size_t named = k->things.n;
	int rc;

	for (size_t i = 0; i < named; i++) {
		wb_str_add(&json, i ? ", [" : "[[");
		add_json(&json, k->things.v[i].table.schema);
		wb_str_add(&json, ", ");
		add_json(&json, k->things.v[i].table.name);
		wb_str_addc(&json, ']');
	}
	wb_str_addc(&json, ']');
	if (json.failed)
		return wb_err_nomem(err);
	const struct wb_value p[] = { wb_v_sv(wb_str_sv(&json)), wb_v_text(cascade ? "1" : "0") };
	rc = wb_query_named(k->t->conn, WB_SQL_TRASH_CLOSURE, p, WB_ARRAY_LEN(p), take_table, k, NULL, err);
	if (rc < 0)
		return rc;
	memmove(k->things.v, k->things.v + named, (k->things.n - named) * sizeof(*k->things.v));
	k->things.n -= named;
	return 0;
}

static const char *way_of(const struct wb_taking *k, const struct wb_operation *op)
{
	if (op->code == WB_OP_DELETE)
		return "d";
	return wb_sql_has_word(k->t->driver->dialect, k->text, "RESTART") ? "r" : "t";
}

int wb_taking_find(struct wb_taking *k, struct wb_error *err)
{
	struct wb_operations ops = { 0 };
	bool rows = false, cascade = wb_sql_has_word(k->t->driver->dialect, k->text, "CASCADE");
	int rc = k->t->driver->operations(k->text, &k->arena, &ops, err);

	for (size_t i = 0; rc == 0 && i < ops.n; i++) {
		const struct wb_operation *op = &ops.v[i];
		struct wb_name table = op->table.name ? op->table : op->object;
		bool drop = op->code == WB_OP_DROP;
		if (!wb_undo_sets_aside(k->t->driver->dialect, k->text, op) || !table.name)
			continue;
		rows |= op->code == WB_OP_TABLE_TRUNCATE;
		rc = op->code == WB_OP_COLUMN_DROP ? add_column(k, op, err)
						   : add_thing(k,
							       (struct wb_taken){ .kind = drop ? "table" : "rows",
										  .table = table,
										  .columns = WB_STR_INIT,
										  .way = drop ? NULL : way_of(k, op) },
							       err);
	}
	return rc == 0 && rows ? order_rows(k, cascade, err) : rc;
}

/* ---- how it can be set aside ------------------------------------------------------------------- */

static int take_part(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct wb_taking *k = user;
	struct wb_taken_part p = { 0 };
	const char **to[] = { &p.part, &p.sql, &p.why };

	for (size_t i = 0; i < WB_ARRAY_LEN(to); i++) {
		if (row->v[i].p && !(*to[i] = wb_arena_sv(&k->arena, row->v[i])))
			return wb_err_nomem(err);
	}
	return p.part && wb_vec_push(&k->parts, p) ? 0 : wb_err_nomem(err);
}

static int take_data(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct wb_taking *k = user;
	struct wb_taken_part p = { .part = "data", .sql = row->v[0].p ? wb_arena_sv(&k->arena, row->v[0]) : NULL };

	return p.sql && wb_vec_push(&k->parts, p) ? 0 : wb_err_nomem(err);
}

static int note_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)row;
	(void)err;
	*(bool *)user = true;
	return 0;
}

static int ask(struct wb_taking *k, const char *sql, wb_row_fn row, void *user, struct wb_error *err)
{
	struct wb_query q = { .sql = wb_sv_str(sql), .row = row, .row_user = user };
	size_t done, offset;

	return wb_run(k->t->conn, &q, 1, &done, &offset, err);
}

static int read_part(struct wb_taking *k, struct wb_taken *thing, struct wb_taken_part p, struct wb_error *err)
{
	bool any = false;
	int rc = 0;

	if (strcmp(p.part, "asked") == 0)
		return ask(k, p.sql, take_data, k, err);
	if (strcmp(p.part, "unless") == 0)
		rc = ask(k, p.sql, note_row, &any, err);
	if ((any || strcmp(p.part, "refuse") == 0) && !thing->refused)
		thing->refused = p.why;
	if (strcmp(p.part, "method") == 0)
		thing->method = p.sql;
	if (strcmp(p.part, "store") == 0) {
		thing->store = p.sql;
		thing->was = p.why;
	}
	return rc;
}

int wb_taking_look(struct wb_taking *k, struct wb_taken *thing, const char *name, struct wb_error *err)
{
	bool table = strcmp(thing->kind, "table") == 0, column = strcmp(thing->kind, "column") == 0;
	enum wb_sql_id id = table ? WB_SQL_TRASH_TABLE : column ? WB_SQL_TRASH_COLUMNS : WB_SQL_TRASH_ROWS;
	char *extra = column ? wb_arena_printf(&k->arena, "[%s]", thing->columns.p)
			     : wb_arena_str(&k->arena, thing->way ? thing->way : "");
	const struct wb_value p[] = { wb_v_text(thing->table.schema), wb_v_text(thing->table.name), wb_v_text(name),
				      wb_v_text(extra) };
	int rc;

	if (!extra)
		return wb_err_nomem(err);
	k->parts.n = 0;
	rc = wb_query_named(k->t->conn, id, p, table ? 3 : 4, take_part, k, NULL, err);
	for (size_t i = 0, n = k->parts.n; rc == 0 && i < n && !thing->refused; i++)
		rc = read_part(k, thing, k->parts.v[i], err);
	return rc;
}
