/* SPDX-License-Identifier: Apache-2.0
 *
 * Made-up rows for a round trip: two for each table, the first of ones and the
 * second of twos, so that keys find what they point at. A table whose
 * constraints refuse them stays empty.
 */
#include "roundtrip.h"

#include <strings.h>

#define ROWS 2

/* ---- values ------------------------------------------------------------------------------ */

/* What a type's name has in it, and a value; %d is the number of the row. */
static const struct {
	const char *word, *value;
} values[] = {
	{ "[]", "{}" },
	{ "range", "empty" },
	{ "timestamp", "2024-01-0%d 01:02:03" },
	{ "date", "2024-01-0%d" },
	{ "interval", "%d day" },
	{ "time", "01:02:0%d" },
	{ "uuid", "00000000-0000-0000-0000-00000000000%d" },
	{ "macaddr8", "00:00:00:00:00:00:00:0%d" },
	{ "macaddr", "00:00:00:00:00:0%d" },
	{ "cidr", "10.0.%d.0/24" },
	{ "inet", "10.0.0.%d" },
	{ "xml", "<a>%d</a>" },
	{ "circle", "<(1,1),%d>" },
	{ "point", "(1,%d)" },
	{ "box", "(1,1),(2,%d)" },
	{ "hstore", "a=>%d" },
	{ "bool", "true" },
};

static const struct wb_object *enum_of(const struct wb_object *column)
{
	for (size_t i = 0; i < column->n_needs; i++)
		if (column->needs[i]->kind == WB_KIND_ENUM)
			return column->needs[i];
	return NULL;
}

/* The first of its values, as SQL; false: it has none. */
static bool add_enum_value(const struct wb_object *e, struct wb_str *out)
{
	struct wb_sv rest = wb_sv_str(wb_object_get(e, "values")), one;
	bool found = wb_sv_cut(&rest, ',', &one);

	if (found)
		wb_str_addsv(out, wb_sv_trim(one));
	return found;
}

static void add_value(const struct wb_context *c, const struct wb_object *column, int row, struct wb_str *out)
{
	const char *type = wb_object_get(column, "type");
	const struct wb_object *e = enum_of(column);
	wb_autostr text = WB_STR_INIT;
	size_t i = 0;

	if (e && (!type || !strchr(type, '[')) && add_enum_value(e, out))
		return;
	while (type && i < WB_ARRAY_LEN(values) && !strcasestr(type, values[i].word))
		i++;
	for (const char *p = type && i < WB_ARRAY_LEN(values) ? values[i].value : "%d"; *p; p++) {
		if (p[0] == '%' && p[1] == 'd')
			wb_str_addf(&text, "%d", row);
		else
			wb_str_addc(&text, *p);
		p += p[0] == '%' && p[1] == 'd';
	}
	out->failed |= text.failed;
	wb_quote_literal(out, c->dialect, wb_str_sv(&text));
}

/* ---- statements ----------------------------------------------------------------------------- */

static void add_name(const struct wb_object *table, struct wb_str *out)
{
	if (table->schema)
		wb_quote_ident(out, wb_sv_str(table->schema));
	wb_str_add(out, table->schema ? "." : "");
	wb_quote_ident(out, wb_sv_str(table->name));
}

static bool gets_value(const struct wb_object *column)
{
	const char *fallback = wb_object_get(column, "default");

	return !wb_object_get(column, "generated") && !wb_object_get(column, "identity") &&
	       !(fallback && strstr(fallback, "nextval("));
}

static void add_insert(const struct wb_context *c, const struct wb_model *m, const struct wb_object *table, int row,
		       struct wb_str *out)
{
	wb_autostr names = WB_STR_INIT, list = WB_STR_INIT;
	size_t n;
	struct wb_object *const *v = wb_model_children(m, table, WB_KIND_COLUMN, &n);

	for (size_t i = 0; i < n; i++) {
		if (!gets_value(v[i]))
			continue;
		wb_str_add(&names, names.n ? ", " : "");
		wb_quote_ident(&names, wb_sv_str(v[i]->name));
		wb_str_add(&list, list.n ? ", " : "");
		add_value(c, v[i], row, &list);
	}
	wb_str_add(out, "INSERT INTO ");
	add_name(table, out);
	if (names.n)
		wb_str_addf(out, " (%s) VALUES (%s)", names.p, list.p);
	else
		wb_str_add(out, " DEFAULT VALUES");
	out->failed |= names.failed || list.failed;
}

static bool is_filled(const struct trip_rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->filled.n; i++)
		if (strcmp(rows->filled.v[i], name) == 0)
			return true;
	return false;
}

static int note_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)row;
	(void)err;
	*(bool *)user = true;
	return 0;
}

static int has_rows(struct wb_context *c, const char *name, bool *ret_any, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	struct wb_query q = { .row = note_row, .row_user = ret_any };

	wb_str_addf(&sql, "SELECT 1 FROM %s LIMIT 1", name);
	q.sql = wb_str_sv(&sql);
	return sql.failed ? wb_err_nomem(err) : wb_run(c->conn, &q, 1, NULL, NULL, err);
}

static bool could_not_look(int rc)
{
	return rc == WB_ENOMEM || rc == WB_ECONN || rc == WB_ECANCELLED;
}

/* What the table refuses is left out. */
static int fill(struct wb_context *c, const struct wb_model *m, const struct wb_object *table, struct trip_rows *rows,
		struct wb_error *err)
{
	wb_autostr name = WB_STR_INIT;
	struct wb_error why = { 0 };
	bool any = false;
	char *kept;
	int rc;

	add_name(table, &name);
	if (name.failed)
		return wb_err_nomem(err);
	if (is_filled(rows, name.p))
		return 0;
	rc = has_rows(c, name.p, &any, &why);
	for (int i = 1; rc == 0 && !any && i <= ROWS; i++) {
		wb_autostr sql = WB_STR_INIT;
		add_insert(c, m, table, i, &sql);
		rc = sql.failed ? wb_err_nomem(&why) : wb_exec(c->conn, sql.p, &why);
	}
	if (could_not_look(rc)) {
		*err = why;
		return rc;
	}
	kept = any ? NULL : wb_arena_sv(&rows->arena, wb_str_sv(&name));
	return any || (kept && wb_vec_push(&rows->filled, kept)) ? 0 : wb_err_nomem(err);
}

int wb_trip_fill(struct wb_context *c, const struct wb_model *m, struct trip_rows *rows, struct wb_error *err)
{
	struct wb_object **order = NULL;
	int rc = wb_schema_order(m, &order, err);

	for (size_t i = 0; rc == 0 && i < m->n; i++)
		if (order[i]->kind == WB_KIND_TABLE)
			rc = fill(c, m, order[i], rows, err);
	free(order);
	return rc;
}

void wb_trip_empty(struct wb_context *c, struct trip_rows *rows)
{
	struct wb_error ignored;

	for (size_t i = rows->filled.n; i-- > 0 && !c->conn->lost;) {
		wb_autostr sql = WB_STR_INIT;
		wb_str_addf(&sql, "DELETE FROM %s", rows->filled.v[i]);
		(void)(sql.failed || wb_exec(c->conn, sql.p, &ignored) < 0); /* what points at it may hold it */
	}
}

void wb_trip_rows_done(struct trip_rows *rows)
{
	wb_vec_done(&rows->filled);
	wb_arena_done(&rows->arena);
}

/* ---- what there is ---------------------------------------------------------------------------- */

struct printing {
	struct wb_arena *a;
	struct trip_print *print;
};

static int take_table(void *user, const char *table, int64_t rows, const char *checksum, struct wb_error *err)
{
	struct printing *p = user;
	struct trip_table t = { wb_arena_str(p->a, table), wb_arena_str(p->a, checksum) };

	(void)rows;
	return t.name && t.checksum && wb_vec_push(&p->print->tables, t) ? 0 : wb_err_nomem(err);
}

int wb_trip_print(struct wb_context *c, struct wb_arena *a, struct trip_print *ret_print, struct wb_error *err)
{
	struct printing p = { a, ret_print };

	return wb_conn_fingerprint(c->conn, take_table, &p, err);
}
