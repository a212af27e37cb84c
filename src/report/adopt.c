/* SPDX-License-Identifier: Apache-2.0
 *
 * What was taken over from another tool.
 */
#include "report/report.h"

#include "report/table.h"
#include "report/text.h"
#include "base/banned.h"

static json_t *item_value(struct wb_json *j, const struct wb_adoption_item *i)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "version", i->version);
	wb_json_set_text(j, o, "description", i->description);
	wb_json_set_text(j, o, "file", i->file);
	wb_json_set_text(j, o, "state", i->state);
	wb_json_set_text(j, o, "checksum", i->checksum);
	wb_json_set_text(j, o, "applied_at", i->applied_at);
	wb_json_set_text(j, o, "note", i->note);
	wb_json_set(j, o, "known", wb_json_bool(i->known));
	return o;
}

static json_t *texts_value(struct wb_json *j, const char *const *v, size_t n)
{
	json_t *all = wb_json_array(j);
	size_t i;

	for (i = 0; i < n; i++)
		wb_json_append(j, all, wb_json_text(j, v[i]));
	return all;
}

static int adoption_json(struct wb_out *out, const struct wb_adoption *a, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *all = wb_json_array(&j);
	size_t i;

	for (i = 0; i < a->n_items; i++)
		wb_json_append(&j, all, item_value(&j, &a->items[i]));
	wb_json_set_text(&j, o, "tool", a->tool);
	wb_json_set_text(&j, o, "schema", a->schema);
	wb_json_set_text(&j, o, "table", a->table);
	wb_json_set(&j, o, "dry_run", wb_json_bool(a->dry_run));
	wb_json_set_number(&j, o, "recorded", (int64_t)a->recorded);
	wb_json_set_number(&j, o, "changed", (int64_t)a->changed);
	wb_json_set_number(&j, o, "pending", (int64_t)a->pending);
	wb_json_set(&j, o, "migrations", all);
	wb_json_set(&j, o, "written", texts_value(&j, a->written, a->n_written));
	wb_json_set(&j, o, "notes", texts_value(&j, a->notes, a->n_notes));
	return wb_json_print(&j, out, o, err);
}

static const struct wb_column columns[] = {
	{ "Version", false, false },  { "Description", false, true }, { "State", false, false },
	{ "Checksum", false, false }, { "Applied", false, false },    { "Note", false, true },
};

static void add_item(struct wb_table *t, const struct wb_adoption_item *i)
{
	bool changed = strcmp(i->checksum, "changed") == 0;
	bool half = strcmp(i->state, "failed") == 0 || strcmp(i->state, "missing") == 0;

	wb_table_add(t, WB_BOLD, i->version);
	wb_table_add(t, WB_PLAIN, i->description);
	wb_table_add(t, half ? WB_YELLOW : WB_PLAIN, i->state);
	wb_table_add(t, changed ? WB_RED : WB_PLAIN, strcmp(i->checksum, "none") == 0 ? NULL : i->checksum);
	wb_table_add(t, WB_DIM, i->applied_at);
	wb_table_add(t, WB_PLAIN, i->note);
}

static void add_table(struct wb_out *out, const struct wb_adoption *a)
{
	struct wb_table t;
	size_t i;

	wb_table_init(&t, columns, WB_ARRAY_LEN(columns));
	for (i = 0; i < a->n_items; i++)
		if (!a->items[i].known)
			add_item(&t, &a->items[i]);
	if (wb_table_rows(&t))
		wb_table_print(&t, out, 2);
	wb_table_done(&t);
}

static void add_next(struct wb_out *out, const struct wb_adoption *a)
{
	char buf[40];

	if (a->dry_run && a->changed)
		wb_out_addf(out, "%s differ from what was applied: adopt would refuse.\n",
			    wb_text_count((int64_t)a->changed, "file", buf, sizeof(buf)));
	else if (a->dry_run)
		wb_out_addf(out, "%s would be recorded; nothing was changed.\n",
			    wb_text_count((int64_t)a->recorded, "migration", buf, sizeof(buf)));
	else
		wb_out_addf(out, "%s recorded; the tables of %s were only read.\n",
			    wb_text_count((int64_t)a->recorded, "migration", buf, sizeof(buf)), a->title);
	if (a->pending)
		wb_out_addf(out, "%s pending: `whimbrel up` goes on from here.\n",
			    wb_text_count((int64_t)a->pending, "file", buf, sizeof(buf)));
	else if (!a->dry_run)
		wb_out_add(out, "Nothing is pending: `whimbrel new DESCRIPTION` writes the next migration.\n");
}

int wb_report_adoption(struct wb_out *out, enum wb_format format, const struct wb_adoption *a, struct wb_error *err)
{
	size_t i;

	if (format == WB_FORMAT_JSON)
		return adoption_json(out, a, err);
	wb_out_addf(out, "The history of %s is in ", a->title);
	if (a->schema) {
		wb_out_clean(out, a->schema);
		wb_out_add(out, ".");
	}
	wb_out_clean(out, a->table);
	wb_out_add(out, ".\n");
	for (i = 0; i < a->n_written; i++) {
		wb_out_add(out, "  wrote ");
		wb_out_clean(out, a->written[i]);
		wb_out_add(out, "\n");
	}
	add_table(out, a);
	for (i = 0; i < a->n_notes; i++) {
		wb_out_clean(out, a->notes[i]);
		wb_out_add(out, "\n");
	}
	if (a->recorded == 0)
		wb_out_add(out, "Nothing to do: all of it is recorded already.\n");
	else
		add_next(out, a);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
