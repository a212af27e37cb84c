/* SPDX-License-Identifier: Apache-2.0
 *
 * What a transformation did, or would do.
 */
#include "report/report.h"

#include "report/table.h"
#include "report/text.h"
#include "base/banned.h"

/* ---- JSON ---- */

static json_t *errors_value(struct wb_json *j, const struct wb_rule_result *r)
{
	json_t *all = wb_json_array(j), *o;
	size_t i;

	for (i = 0; i < r->n_errors; i++) {
		o = wb_json_object(j);
		wb_json_set_text(j, o, "row", r->errors[i].row);
		wb_json_set_text(j, o, "error", r->errors[i].error);
		wb_json_append(j, all, o);
	}
	return all;
}

static json_t *rule_value(struct wb_json *j, const struct wb_rule_result *r, bool dry_run)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "rule_id", r->id);
	wb_json_set_text(j, o, "description", r->description);
	wb_json_set_text(j, o, "state", r->state);
	wb_json_set_text(j, o, "message", r->message);
	wb_json_set_number(j, o, "total", r->total);
	wb_json_set_number(j, o, "processed", r->processed);
	wb_json_set_number(j, o, "successful", r->successful);
	wb_json_set_number(j, o, "failed", r->failed);
	wb_json_set_number(j, o, "ignored", r->ignored);
	wb_json_set(j, o, "errors", errors_value(j, r));
	wb_json_set_number(j, o, "batches", r->batches);
	wb_json_set_number(j, o, "batch_size", r->batch_size);
	wb_json_set_number(j, o, "duration_ms", r->duration_ms);
	wb_json_set_number(j, o, "rows_per_s", r->rows_per_s);
	wb_json_set(j, o, "resumed", wb_json_bool(r->resumed));
	wb_json_set(j, o, "in_place", wb_json_bool(r->in_place));
	if (dry_run) {
		wb_json_set_number(j, o, "estimated_ms", r->estimated_ms);
		wb_json_set(j, o, "would_stop", wb_json_bool(r->would_stop));
	}
	return o;
}

static int as_json(struct wb_out *out, const struct wb_transform_result *r, const struct wb_error *error,
		   struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *rules = wb_json_array(&j);
	size_t i;

	for (i = 0; i < r->n_rules; i++)
		wb_json_append(&j, rules, rule_value(&j, &r->rules[i], r->dry_run));
	wb_json_set(&j, o, "dry_run", wb_json_bool(r->dry_run));
	wb_json_set(&j, o, "results", rules);
	wb_json_set_number(&j, o, "total_records", r->total);
	wb_json_set_number(&j, o, "processed", r->processed);
	wb_json_set_number(&j, o, "successful", r->successful);
	wb_json_set_number(&j, o, "failed", r->failed);
	wb_json_set_number(&j, o, "ignored", r->ignored);
	wb_json_set_number(&j, o, "duration_ms", r->duration_ms);
	if (r->dry_run)
		wb_json_set_number(&j, o, "estimated_duration_ms", r->estimated_ms);
	wb_json_set(&j, o, "requires_downtime", wb_json_bool(r->requires_downtime));
	wb_json_set_number(&j, o, "peak_rss_kb", r->peak_rss_kb);
	if (error)
		wb_json_set(&j, o, "error", wb_report_error_value(&j, error));
	return wb_json_print(&j, out, o, err);
}

/* ---- text ---- */

static const struct wb_column columns[] = {
	{ NULL, false, false },      { NULL, false, false },      { "rows", true, false }, { "done", true, false },
	{ "rejected", true, false }, { "left out", true, false }, { "time", true, false }, { "rows/s", true, false },
};
static const struct wb_column dry_columns[] = {
	{ NULL, false, false },      { NULL, false, false },          { "rows", true, false },
	{ "would do", true, false }, { "would reject", true, false }, { "about", true, false },
};

static void add_number(struct wb_table *t, int64_t n)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%lld", (long long)n);
	wb_table_add(t, WB_PLAIN, n < 0 ? NULL : buf);
}

static enum wb_style style_of(const struct wb_rule_result *r)
{
	if (strcmp(r->state, "done") == 0)
		return r->failed ? WB_YELLOW : WB_GREEN;
	return strcmp(r->state, "planned") == 0 ? WB_PLAIN : strcmp(r->state, "skipped") == 0 ? WB_YELLOW : WB_RED;
}

static void add_rule(struct wb_table *t, const struct wb_rule_result *r, bool dry_run)
{
	wb_table_add(t, WB_BOLD, r->id);
	wb_table_add(t, style_of(r), r->state);
	add_number(t, dry_run ? r->total : r->processed);
	add_number(t, r->successful);
	add_number(t, r->failed);
	if (!dry_run)
		add_number(t, r->ignored);
	wb_table_add_ms(t, dry_run ? r->estimated_ms : r->duration_ms);
	if (!dry_run)
		add_number(t, r->rows_per_s);
}

#define SHOWN 5 /* rejected rows of a rule */

static void print_errors(struct wb_out *out, const struct wb_rule_result *r)
{
	size_t i;

	if (r->message) {
		wb_out_addf(out, "  %s: ", r->id);
		wb_out_clean(out, r->message);
		wb_out_add(out, "\n");
	}
	for (i = 0; i < r->n_errors && i < SHOWN; i++) {
		wb_out_addf(out, "  %s: row ", r->id);
		wb_out_clean(out, r->errors[i].row);
		wb_out_add(out, ": ");
		wb_out_clean(out, r->errors[i].error);
		wb_out_add(out, "\n");
	}
	if (r->n_errors && r->failed > SHOWN)
		wb_out_addf(out, "  %s: and %lld more\n", r->id, (long long)(r->failed - SHOWN));
}

static void as_text(struct wb_out *out, const struct wb_transform_result *r)
{
	struct wb_table t;
	char buf[40];
	size_t i;

	if (r->n_rules == 0) {
		wb_out_add(out, "There is no rule.\n");
		return;
	}
	if (r->dry_run)
		wb_table_init(&t, dry_columns, WB_ARRAY_LEN(dry_columns));
	else
		wb_table_init(&t, columns, WB_ARRAY_LEN(columns));
	for (i = 0; i < r->n_rules; i++)
		add_rule(&t, &r->rules[i], r->dry_run);
	wb_table_print(&t, out, 2);
	wb_table_done(&t);
	for (i = 0; i < r->n_rules; i++)
		print_errors(out, &r->rules[i]);
	if (r->dry_run)
		wb_out_styled(out, r->failed ? WB_YELLOW : WB_GREEN,
			      "Would transform %lld rows, would reject %lld; nothing was changed.\n",
			      (long long)r->successful, (long long)r->failed);
	else
		wb_out_styled(out, r->failed ? WB_YELLOW : WB_GREEN, "Transformed %lld rows in %s, %lld rejected.\n",
			      (long long)r->successful, wb_duration_text(r->duration_ms, buf, sizeof(buf)),
			      (long long)r->failed);
}

int wb_report_transform(struct wb_out *out, enum wb_format format, const struct wb_transform_result *result,
			const struct wb_error *error, struct wb_error *err)
{
	if (format == WB_FORMAT_JSON)
		return as_json(out, result, error, err);
	as_text(out, result);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
