/* SPDX-License-Identifier: Apache-2.0
 *
 * What migrations have set aside: listed, restored, removed.
 */
#include "report/report.h"

#include "report/table.h"
#include "report/text.h"
#include "base/banned.h"

static json_t *entry_value(struct wb_json *j, const struct wb_trash_entry *e)
{
	json_t *o = wb_json_object(j);

	wb_json_set_number(j, o, "id", e->id);
	wb_json_set_text(j, o, "version", e->version);
	wb_json_set_text(j, o, "kind", e->kind);
	wb_json_set_text(j, o, "object", e->object);
	wb_json_set_text(j, o, "method", e->method);
	wb_json_set_text(j, o, "store", e->store);
	wb_json_set_number(j, o, "rows", e->rows);
	wb_json_set_number(j, o, "bytes", e->bytes);
	wb_json_set_text(j, o, "set_aside_at", e->set_aside_at);
	wb_json_set(j, o, "missing", e->missing ? json_true() : json_false());
	return o;
}

static json_t *entries_value(struct wb_json *j, const struct wb_trash_entry *v, size_t n)
{
	json_t *a = wb_json_array(j);
	size_t i;

	for (i = 0; i < n; i++)
		wb_json_append(j, a, entry_value(j, &v[i]));
	return a;
}

static int trash_json(struct wb_out *out, const struct wb_trash *t, enum wb_trash_act act, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j);

	wb_json_set(&j, o, "trash", entries_value(&j, t->entries, t->n_entries));
	wb_json_set(&j, o, "restored", entries_value(&j, t->acted, act == WB_TRASH_RESTORE ? t->n_acted : 0));
	wb_json_set(&j, o, "purged", entries_value(&j, t->acted, act == WB_TRASH_PURGE ? t->n_acted : 0));
	return wb_json_print(&j, out, o, err);
}

static const struct wb_column columns[] = {
	{ "Id", true, false },         { "What", false, false }, { "Of", false, true },   { "Migration", false, false },
	{ "Set aside", false, false }, { "Rows", true, false },  { "Size", true, false }, { "", false, true },
};

static void add_entry(struct wb_table *t, const struct wb_trash_entry *e)
{
	wb_autostr size = WB_STR_INIT;

	if (e->bytes >= 0)
		wb_text_bytes(&size, e->bytes);
	wb_table_addf(t, WB_BOLD, "%lld", (long long)e->id);
	wb_table_add(t, WB_PLAIN, e->kind);
	wb_table_add(t, WB_PLAIN, e->object);
	wb_table_add(t, WB_PLAIN, e->version);
	wb_table_addf(t, WB_PLAIN, "%.10s %.8s", e->set_aside_at,
		      strlen(e->set_aside_at) > 11 ? e->set_aside_at + 11 : "");
	if (e->rows >= 0)
		wb_table_addf(t, WB_PLAIN, "%lld", (long long)e->rows);
	else
		wb_table_add(t, WB_PLAIN, "");
	wb_table_add(t, WB_PLAIN, size.n ? size.p : "");
	wb_table_add(t, WB_RED, e->missing ? "somebody has dropped it" : "");
}

static void print_acted(struct wb_out *out, const struct wb_trash *t, enum wb_trash_act act)
{
	char count[48];
	size_t i;

	if (act == WB_TRASH_PURGE)
		wb_out_addf(out, "%s removed for good.\n",
			    wb_text_count((int64_t)t->n_acted, "thing", count, sizeof(count)));
	for (i = 0; act == WB_TRASH_RESTORE && i < t->n_acted; i++) {
		wb_out_styled(out, WB_GREEN, "Restored ");
		wb_out_addf(out, "the %s %s", t->acted[i].kind, strcmp(t->acted[i].kind, "rows") == 0 ? "of " : "");
		wb_out_clean(out, t->acted[i].object);
		wb_out_addf(out, ", taken by migration %s.\n", t->acted[i].version);
	}
}

int wb_report_trash(struct wb_out *out, enum wb_format format, const struct wb_trash *t, enum wb_trash_act act,
		    struct wb_error *err)
{
	struct wb_table table;
	size_t i;

	if (format == WB_FORMAT_JSON)
		return trash_json(out, t, act, err);
	print_acted(out, t, act);
	if (act == WB_TRASH_LIST && !t->n_entries)
		wb_out_add(out, "The trash is empty.\n");
	if (act == WB_TRASH_LIST && t->n_entries) {
		wb_table_init(&table, columns, WB_ARRAY_LEN(columns));
		for (i = 0; i < t->n_entries; i++)
			add_entry(&table, &t->entries[i]);
		wb_table_print(&table, out, 0);
		wb_table_done(&table);
	}
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
