/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of a query. JSON is written row by row; a text table is laid out a
 * bundle of rows at a time, so that a long answer needs no more memory than a
 * short one.
 */
#include "report/report.h"

#include "report/table.h"
#include "report/text.h"
#include "base/banned.h"

#define BUNDLE 500u

struct wb_rows {
	struct wb_out *out;
	enum wb_format format;
	struct wb_arena arena;
	const char **names; /* no two alike */
	struct wb_column *columns;
	size_t n;
	struct wb_table table;
	bool table_used;
	int64_t rows;
};

int wb_rows_new(struct wb_out *out, enum wb_format format, const char *query, struct wb_rows **ret_rows,
		struct wb_error *err)
{
	struct wb_rows *r = calloc(1, sizeof(*r));
	struct wb_json j = { false };
	int rc = 0;

	if (!r)
		return wb_err_nomem(err);
	r->out = out;
	r->format = format;
	if (format == WB_FORMAT_JSON) {
		wb_out_add(out, "{\n  \"query\": ");
		rc = wb_json_inline(&j, out, wb_json_text(&j, query), err);
	}
	if (rc < 0)
		free(r);
	else
		*ret_rows = r;
	return rc;
}

static bool is_taken(const struct wb_rows *r, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(r->names[i], name) == 0)
			return true;
	return false;
}

/* A JSON object cannot hold two columns of one name: the second gets a number. */
static const char *distinct_name(struct wb_rows *r, size_t i, const char *name)
{
	wb_autostr clean = WB_STR_INIT;
	const char *base, *result;
	int k;

	wb_text_clean(&clean, wb_sv_str(name), 0);
	base = clean.failed ? NULL : wb_arena_sv(&r->arena, wb_str_sv(&clean));
	for (result = base, k = 2; result && is_taken(r, i, result); k++)
		result = wb_arena_printf(&r->arena, "%s_%d", base, k);
	return result;
}

static int start(struct wb_rows *r, size_t n, const char *const *names)
{
	size_t i;

	r->names = wb_arena_array(&r->arena, n ? n : 1, sizeof(*r->names));
	r->columns = wb_arena_array(&r->arena, n ? n : 1, sizeof(*r->columns));
	if (!r->names || !r->columns)
		return WB_ENOMEM;
	for (i = 0; i < n; i++) {
		r->names[i] = distinct_name(r, i, names[i]);
		if (!r->names[i])
			return WB_ENOMEM;
		r->columns[i] = (struct wb_column){ r->names[i], false, true };
	}
	r->n = n;
	return 0;
}

static int start_json(struct wb_rows *r)
{
	struct wb_json j = { false };
	json_t *columns = wb_json_array(&j);
	struct wb_error err;
	size_t i;

	for (i = 0; i < r->n; i++)
		wb_json_append(&j, columns, wb_json_text(&j, r->names[i]));
	wb_out_add(r->out, ",\n  \"columns\": ");
	return wb_json_inline(&j, r->out, columns, &err);
}

static int row_json(struct wb_rows *r, const char *const *values)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j);
	struct wb_error err;
	size_t i;

	for (i = 0; i < r->n; i++)
		wb_json_set_text(&j, o, r->names[i], values[i]);
	wb_out_add(r->out, r->rows ? ",\n    " : ",\n  \"rows\": [\n    ");
	return wb_json_inline(&j, r->out, o, &err);
}

static void print_bundle(struct wb_rows *r)
{
	if (!r->table_used)
		return;
	wb_table_print(&r->table, r->out, 0);
	wb_table_done(&r->table);
	r->table_used = false;
}

static int row_text(struct wb_rows *r, const char *const *values)
{
	size_t i;

	if (!r->table_used)
		wb_table_init(&r->table, r->columns, r->n);
	r->table_used = true;
	for (i = 0; i < r->n; i++)
		wb_table_add(&r->table, values[i] ? WB_PLAIN : WB_DIM, values[i] ? values[i] : "null");
	if (r->table.failed)
		return WB_ENOMEM;
	if (wb_table_rows(&r->table) >= BUNDLE)
		print_bundle(r);
	return 0;
}

int wb_rows_add(void *user, size_t n, const char *const *names, const char *const *values)
{
	struct wb_rows *r = user;
	int rc;

	if (!r->names) {
		/* A text table has a limit to its columns; JSON has none. */
		rc = start(r, r->format == WB_FORMAT_JSON || n < WB_TABLE_COLUMNS ? n : WB_TABLE_COLUMNS, names);
		if (rc == 0 && r->format == WB_FORMAT_JSON)
			rc = start_json(r);
		if (rc < 0)
			return rc;
	}
	if (!values || r->n == 0)
		return 0;
	rc = r->format == WB_FORMAT_JSON ? row_json(r, values) : row_text(r, values);
	r->rows += rc == 0;
	return rc;
}

static void end_json(struct wb_rows *r)
{
	if (!r->names)
		wb_out_add(r->out, ",\n  \"columns\": []");
	wb_out_add(r->out, r->rows ? "\n  ]\n}\n" : ",\n  \"rows\": []\n}\n");
}

static void end_text(struct wb_rows *r)
{
	char buf[40];

	if (r->rows == 0 && r->names && r->n) {
		wb_table_init(&r->table, r->columns, r->n);
		r->table_used = true;
	}
	print_bundle(r);
	wb_out_styled(r->out, WB_DIM, "(%s)\n", wb_text_count(r->rows, "row", buf, sizeof(buf)));
}

int wb_rows_end(struct wb_rows *r, bool complete, struct wb_error *err)
{
	bool failed;

	if (!r)
		return 0;
	if (complete && r->format == WB_FORMAT_JSON)
		end_json(r);
	else if (complete)
		end_text(r);
	if (r->table_used)
		wb_table_done(&r->table);
	failed = r->out->buf.failed;
	wb_arena_done(&r->arena);
	free(r);
	return complete && failed ? wb_err_nomem(err) : 0;
}
