/* SPDX-License-Identifier: Apache-2.0
 *
 * Small results and the table of settings.
 */
#include "report/report.h"

#include "report/table.h"
#include "base/banned.h"

static json_t *list_value(struct wb_json *j, const struct wb_fact *f)
{
	json_t *all = wb_json_array(j);
	size_t i;

	for (i = 0; i < f->n_list; i++)
		wb_json_append(j, all, wb_json_text(j, f->list[i]));
	return all;
}

static json_t *fact_value(struct wb_json *j, const struct wb_fact *f)
{
	if (f->type == WB_FACT_BOOL)
		return wb_json_bool(f->yes);
	if (f->type == WB_FACT_NUMBER)
		return wb_json_number(j, f->number);
	return f->type == WB_FACT_LIST ? list_value(j, f) : wb_json_text(j, f->text);
}

int wb_report_facts(struct wb_out *out, const struct wb_fact *facts, size_t n, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j);
	size_t i;

	for (i = 0; i < n; i++)
		wb_json_set(&j, o, facts[i].key, fact_value(&j, &facts[i]));
	return wb_json_print(&j, out, o, err);
}

static int settings_json(struct wb_out *out, const struct wb_setting_row *rows, size_t n, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *all = wb_json_array(&j), *row;
	size_t i;

	for (i = 0; i < n; i++) {
		row = wb_json_object(&j);
		wb_json_set_text(&j, row, "database", rows[i].database);
		wb_json_set_text(&j, row, "key", rows[i].key);
		wb_json_set_text(&j, row, "value", rows[i].value);
		wb_json_set_text(&j, row, "origin", rows[i].origin);
		wb_json_set_text(&j, row, "source", rows[i].source);
		if (rows[i].error)
			wb_json_set_text(&j, row, "error", rows[i].error);
		wb_json_append(&j, all, row);
	}
	wb_json_set(&j, o, "settings", all);
	return wb_json_print(&j, out, o, err);
}

static const struct wb_column columns[] = {
	{ "Setting", false, false },
	{ "Value", false, true },
	{ "From", false, false },
};

static void add_setting(struct wb_table *t, const struct wb_setting_row *r)
{
	if (r->database)
		wb_table_addf(t, WB_BOLD, "databases.%s.%s", r->database, r->key);
	else
		wb_table_add(t, WB_BOLD, r->key);
	if (r->error)
		wb_table_add(t, WB_RED, r->error);
	else if (r->value)
		wb_table_add(t, WB_PLAIN, r->value);
	else
		wb_table_add(t, WB_DIM, "-");
	if (r->source)
		wb_table_addf(t, WB_PLAIN, "%s: %s", r->origin, r->source);
	else
		wb_table_add(t, WB_DIM, r->origin);
}

int wb_report_settings(struct wb_out *out, enum wb_format format, const struct wb_setting_row *rows, size_t n,
		       struct wb_error *err)
{
	struct wb_table t;
	size_t i;

	if (format == WB_FORMAT_JSON)
		return settings_json(out, rows, n, err);
	wb_table_init(&t, columns, WB_ARRAY_LEN(columns));
	for (i = 0; i < n; i++)
		add_setting(&t, &rows[i]);
	wb_table_print(&t, out, 0);
	wb_table_done(&t);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
