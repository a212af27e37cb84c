/* SPDX-License-Identifier: Apache-2.0
 *
 * Every attempt and act, newest first.
 */
#include "report/report.h"

#include "report/table.h"
#include "base/banned.h"

static json_t *entry_value(struct wb_json *j, const struct wb_history_entry *e)
{
	json_t *o = wb_json_object(j);

	wb_json_set_number(j, o, "id", e->id);
	wb_json_set_text(j, o, "at", e->at);
	wb_json_set_text(j, o, "version", e->version);
	wb_json_set_text(j, o, "description", e->description);
	wb_json_set_text(j, o, "action", e->action);
	wb_json_set_text(j, o, "result", e->result);
	wb_json_set_number(j, o, "statements", e->statements);
	wb_json_set_number(j, o, "rows_affected", e->rows_affected);
	wb_json_set_number(j, o, "execution_ms", e->execution_ms);
	wb_json_set_number(j, o, "retries", e->retries);
	wb_json_set_number(j, o, "rss_kb", e->rss_kb);
	wb_json_set_number(j, o, "cpu_ms", e->cpu_ms);
	wb_json_set_number(j, o, "lock_wait_ms", e->lock_wait_ms);
	wb_json_set_text(j, o, "who", e->who);
	wb_json_set_text(j, o, "host", e->host);
	wb_json_set_text(j, o, "tool_version", e->tool_version);
	wb_json_set_text(j, o, "reason", e->reason);
	wb_json_set_text(j, o, "error", e->error);
	wb_json_set_text(j, o, "run", e->run);
	return o;
}

static int history_json(struct wb_out *out, const struct wb_history *h, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *all = wb_json_array(&j);
	size_t i;

	for (i = 0; i < h->n_entries; i++)
		wb_json_append(&j, all, entry_value(&j, &h->entries[i]));
	wb_json_set(&j, o, "history", all);
	return wb_json_print(&j, out, o, err);
}

static const struct wb_column columns[] = {
	{ "When", false, false }, { "Version", false, false }, { "What", false, false }, { "Result", false, false },
	{ "Time", true, false },  { "Who", false, false },     { "Note", false, true },
};

static void add_entry(struct wb_table *t, const struct wb_history_entry *e)
{
	bool bad = e->error && e->error[0];

	wb_table_add(t, WB_PLAIN, e->at);
	wb_table_add(t, WB_BOLD, e->version);
	wb_table_add(t, WB_PLAIN, e->action);
	wb_table_add(t, bad ? WB_RED : WB_PLAIN, e->result);
	wb_table_add_ms(t, e->execution_ms);
	wb_table_addf(t, WB_PLAIN, "%s%s%s", e->who ? e->who : "", e->host && e->host[0] ? "@" : "",
		      e->host ? e->host : "");
	wb_table_add(t, WB_PLAIN, bad ? e->error : e->reason && e->reason[0] ? e->reason : e->description);
}

int wb_report_history(struct wb_out *out, enum wb_format format, const struct wb_history *history, struct wb_error *err)
{
	struct wb_table t;
	size_t i;

	if (format == WB_FORMAT_JSON)
		return history_json(out, history, err);
	if (history->n_entries == 0)
		wb_out_add(out, "No history: nothing has been run here yet.\n");
	else {
		wb_table_init(&t, columns, WB_ARRAY_LEN(columns));
		for (i = 0; i < history->n_entries; i++)
			add_entry(&t, &history->entries[i]);
		wb_table_print(&t, out, 0);
		wb_table_done(&t);
	}
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
