/* SPDX-License-Identifier: Apache-2.0
 *
 * Made-up rows: a number of them for each table, the first of ones, the second
 * of twos, and so on, so that keys find what they point at. A table whose
 * constraints refuse them stays empty.
 */
#include "roundtrip.h"

#include <strings.h>

#define ROWS 2
#define AT_ONCE 200 /* rows in a statement */

/* ---- values ------------------------------------------------------------------------------ */

/* What a type's name has in it, and a value, in which %d is the number of the row, %2 two digits that depend on it, %h
 * two hexadecimal ones, %b a number up to 250, and %u twelve digits. */
static const struct {
	const char *word, *value;
} values[] = {
	{ "[]", "{}" },
	{ "range", "empty" },
	{ "timestamp", "2024-01-%2 01:02:03" },
	{ "date", "2024-01-%2" },
	{ "interval", "%d day" },
	{ "time", "01:02:%2" },
	{ "uuid", "00000000-0000-0000-0000-%u" },
	{ "macaddr8", "00:00:00:00:00:00:00:%h" },
	{ "macaddr", "00:00:00:00:00:%h" },
	{ "cidr", "10.0.%b.0/24" },
	{ "inet", "10.0.0.%b" },
	{ "xml", "<a>%d</a>" },
	{ "circle", "<(1,1),%d>" },
	{ "point", "(1,%d)" },
	{ "box", "(1,1),(2,%d)" },
	{ "hstore", "a=>%d" },
	{ "bool", "true" },
};

static bool add_number(char form, int64_t row, struct wb_str *out)
{
	switch (form) {
	case 'd':
		wb_str_addf(out, "%lld", (long long)row);
		return true;
	case '2':
		wb_str_addf(out, "%d", (int)(10 + row % 19));
		return true;
	case 'h':
		wb_str_addf(out, "%02x", (unsigned)(row % 256));
		return true;
	case 'b':
		wb_str_addf(out, "%d", (int)(row % 250 + 1));
		return true;
	case 'u':
		wb_str_addf(out, "%012lld", (long long)row);
		return true;
	default:
		return false;
	}
}

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

static void add_value(const struct wb_context *c, const struct wb_object *column, int64_t row, struct wb_str *out)
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
		if (*p == '%' && add_number(p[1], row, &text))
			p++;
		else
			wb_str_addc(&text, *p);
	}
	out->failed |= text.failed;
	wb_quote_literal(out, c->dialect, wb_str_sv(&text));
}

/* ---- statements ----------------------------------------------------------------------------- */

void wb_trip_table(const struct wb_object *table, struct wb_str *out)
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

static size_t add_columns(struct wb_object *const *v, size_t n, struct wb_str *out)
{
	size_t given = 0;

	for (size_t i = 0; i < n; i++) {
		if (!gets_value(v[i]))
			continue;
		wb_str_add(out, given++ ? ", " : "");
		wb_quote_ident(out, wb_sv_str(v[i]->name));
	}
	return given;
}

static void add_row(const struct wb_context *c, struct wb_object *const *v, size_t n, int64_t row, struct wb_str *out)
{
	const char *between = "(";

	for (size_t i = 0; i < n; i++) {
		if (!gets_value(v[i]))
			continue;
		wb_str_add(out, between);
		add_value(c, v[i], row, out);
		between = ", ";
	}
	wb_str_add(out, ")");
}

/* From row to last; of a table to which no values can be given, one. How many they are is returned. */
static int64_t add_insert(const struct wb_context *c, const struct wb_model *m, const struct wb_object *table,
			  int64_t row, int64_t last, struct wb_str *out)
{
	wb_autostr names = WB_STR_INIT;
	size_t n;
	struct wb_object *const *v = wb_model_children(m, table, WB_KIND_COLUMN, &n);
	int64_t first = row;

	wb_str_add(out, "INSERT INTO ");
	wb_trip_table(table, out);
	if (!add_columns(v, n, &names)) {
		wb_str_add(out, " DEFAULT VALUES");
		return 1;
	}
	wb_str_addf(out, " (%s) VALUES ", names.p);
	out->failed |= names.failed;
	for (; row <= last; row++) {
		wb_str_add(out, row > first ? ", " : "");
		add_row(c, v, n, row, out);
	}
	return row - first;
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

/* Up to the first row that the table refuses. */
static int insert(struct wb_context *c, const struct wb_model *m, const struct wb_object *table, int64_t wanted,
		  struct wb_error *err)
{
	int64_t at_once = wanted > ROWS ? AT_ONCE : 1;
	int rc = 0;

	for (int64_t i = 1; rc == 0 && i <= wanted;) {
		wb_autostr sql = WB_STR_INIT;
		int64_t last = i + at_once - 1, n;
		n = add_insert(c, m, table, i, last < wanted ? last : wanted, &sql);
		rc = sql.failed ? wb_err_nomem(err) : wb_exec(c->conn, sql.p, err);
		i += rc == 0 ? n : 0;
		if (rc < 0 && !could_not_look(rc) && at_once > 1) {
			at_once = 1; /* which of them is it? */
			rc = 0;
		}
	}
	return rc;
}

static int fill(struct wb_context *c, const struct wb_model *m, const struct wb_object *table, struct trip_rows *rows,
		struct wb_error *err)
{
	wb_autostr name = WB_STR_INIT;
	struct wb_error why = { 0 };
	bool any = false;
	char *kept;
	int rc;

	wb_trip_table(table, &name);
	if (name.failed)
		return wb_err_nomem(err);
	if (is_filled(rows, name.p))
		return 0;
	rc = has_rows(c, name.p, &any, &why);
	if (rc == 0 && !any)
		rc = insert(c, m, table, rows->wanted ? rows->wanted : ROWS, &why);
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
