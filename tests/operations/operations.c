/* SPDX-License-Identifier: Apache-2.0
 *
 * operations ENGINE [--mock] [FILE]: what the statements of a file (or of standard
 * input) do, as JSON: for tests, and for whoever works on a driver. --mock: each
 * one is tried on a mock, too, which begins empty.
 */
#include "driver/driver.h"
#include "driver/sqlite/sqlite.h"
#include "wb_build.h"
#ifdef WB_POSTGRES
#include "driver/postgres/postgres.h"
#endif

#include <jansson.h>
#include <stdio.h>

#include "base/banned.h"

static const struct wb_driver *driver_named(const char *engine)
{
#ifdef WB_POSTGRES
	if (!strcmp(engine, "postgresql"))
		return wb_postgres_driver();
#endif
	return strcmp(engine, "sqlite") == 0 ? wb_sqlite_driver() : NULL;
}

static void set_text(json_t *o, const char *key, const char *text)
{
	if (text)
		(void)json_object_set_new(o, key, json_string(text));
}

static void set_name(json_t *o, const char *key, struct wb_name name)
{
	if (name.schema || name.name)
		(void)json_object_set_new(o, key,
					  json_sprintf("%s%s%s", name.schema ? name.schema : "", name.schema ? "." : "",
						       name.name ? name.name : "*"));
}

static json_t *lists_of(json_t *o, const struct wb_operation *op)
{
	json_t *flags = json_array(), *columns = json_array(), *functions = json_array();
	for (unsigned bit = 0; bit < WB_WITH_BITS; bit++) {
		if (op->flags & 1u << bit)
			(void)json_array_append_new(flags, json_string(wb_op_flag_name((enum wb_op_bit)bit)));
	}
	for (size_t i = 0; i < op->n_columns; i++)
		(void)json_array_append_new(columns, op->columns[i] ? json_string(op->columns[i]) : json_null());
	for (size_t i = 0; i < op->n_functions; i++) {
		const struct wb_name *f = &op->functions[i];
		(void)json_array_append_new(
			functions, json_sprintf("%s%s%s", f->schema ? f->schema : "", f->schema ? "." : "", f->name));
	}
	(void)json_object_set_new(o, "flags", flags);
	(void)json_object_set_new(o, "columns", columns);
	(void)json_object_set_new(o, "functions", functions);
	return o;
}

static json_t *json_of(const struct wb_operation *op)
{
	json_t *o = json_object();
	set_text(o, "op", wb_op_name(op->code));
	set_text(o, "kind", op->kind < WB_KIND_COUNT ? wb_kind_name(op->kind) : op->noun);
	set_name(o, "table", op->table);
	set_name(o, "object", op->object);
	set_name(o, "other", op->other);
	set_text(o, "type", op->type);
	set_name(o, "base", op->base);
	set_text(o, "expr", op->expr);
	(void)json_object_set_new(o, "offset", json_integer((json_int_t)op->offset));
	return lists_of(o, op);
}

static json_t *tried_on(struct wb_mock *mock, struct wb_sv statement, struct wb_arena *a, struct wb_operations *ops)
{
	static const char *const verdicts[] = { "taken", "doubtful", "refused", "wrong" };
	struct wb_tried t;
	struct wb_error err = { 0 };
	if (wb_mock_try(mock, statement, a, ops, &t, &err) < 0)
		return json_pack("{s:s}", "error", err.message);
	json_t *notes = json_array();
	for (size_t i = 0; i < t.n_notes; i++)
		(void)json_array_append_new(notes, json_string(t.notes[i]));
	return json_pack("{s:s, s:b, s:s?, s:s?, s:I, s:o}", "verdict", verdicts[t.verdict], "corrected", t.corrected,
			 "message", t.message, "hint", t.hint, "offset",
			 t.offset == SIZE_MAX ? (json_int_t)-1 : (json_int_t)t.offset, "notes", notes);
}

static json_t *read_statement(const struct wb_driver *d, struct wb_mock *mock, struct wb_sv statement)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_operations ops = { 0 };
	struct wb_error err = { 0 };
	if (wb_driver_operations(d, statement, &a, &ops, &err) < 0)
		return json_pack("{s:s}", "error", err.message);
	json_t *o = json_object(), *list = json_array();
	if (mock)
		(void)json_object_set_new(o, "tried", tried_on(mock, statement, &a, &ops));
	for (size_t i = 0; i < ops.n; i++)
		(void)json_array_append_new(list, json_of(&ops.v[i]));
	(void)json_object_set_new(o, "statement", json_stringn(statement.p, statement.n));
	(void)json_object_set_new(o, "operations", list);
	(void)json_object_set_new(o, "unknown", ops.unknown ? json_string(ops.unknown) : json_null());
	return o;
}

static int read_all(const struct wb_driver *d, struct wb_mock *mock, struct wb_sv text, json_t *list,
		    struct wb_error *err)
{
	struct wb_mem_reader mem = { text };
	struct wb_split_options o = { .dialect = d->dialect, .read = wb_mem_read, .read_user = &mem };
	struct wb_splitter *s = NULL;
	struct wb_item item = { .kind = WB_ITEM_COPY_END };
	int rc = wb_split_new(&o, &s, err);
	while (rc == 0 && item.kind != WB_ITEM_END) {
		rc = wb_split_next(s, &item, err);
		if (rc == 0 && item.kind == WB_ITEM_STATEMENT)
			(void)json_array_append_new(list, read_statement(d, mock, item.text));
	}
	wb_split_free(s);
	return rc;
}

int main(int argc, char *argv[])
{
	wb_autostr text = WB_STR_INIT;
	struct wb_error err = { 0 };
	char buf[65536];
	size_t n;
	const struct wb_driver *d = argc > 1 ? driver_named(argv[1]) : NULL;
	struct wb_mock *mock = NULL;
	bool mocks = argc > 2 && strcmp(argv[2], "--mock") == 0;
	FILE *in = argc > 2 + mocks ? fopen(argv[2 + mocks], "r") : stdin;
	if (!d || !in) {
		(void)fprintf(stderr, "usage: operations postgresql|sqlite [--mock] [FILE]\n");
		return 64;
	}
	while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
		wb_str_addn(&text, buf, n);
	if (in != stdin)
		(void)fclose(in);
	json_t *list = json_array();
	int rc = text.failed ? wb_err_nomem(&err) : 0;
	if (rc == 0 && mocks)
		rc = wb_mock_open(d, NULL, &mock, &err);
	if (rc == 0)
		rc = read_all(d, mock, wb_str_sv(&text), list, &err);
	wb_mock_close(mock);
	(void)json_dumpf(list, stdout, JSON_INDENT(1));
	(void)printf("\n");
	json_decref(list);
	if (rc < 0)
		(void)fprintf(stderr, "%s\n", err.message);
	return rc < 0;
}
