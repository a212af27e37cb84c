/* SPDX-License-Identifier: Apache-2.0
 *
 * Drift: what a database is beside what it should be, and the SQL that undoes it.
 */
#include "report/schema.h"

#include "report/markdown.h"
#include "report/text.h"
#include "base/banned.h"

static int drift_json(struct wb_out *out, const struct wb_drift_report *r, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *alerts;

	wb_json_set_text(&j, o, "database", r->drift->actual->origin);
	wb_json_set_text(&j, o, "expected", r->drift->origin);
	wb_json_set_text(&j, o, "version", r->drift->version);
	wb_comparison_json(&j, o, r->drift->comparison);
	if (r->recorded) {
		alerts = wb_json_object(&j);
		wb_json_set_number(&j, alerts, "opened", (int64_t)r->drift->opened);
		wb_json_set_number(&j, alerts, "resolved", (int64_t)r->drift->resolved);
		wb_json_set(&j, o, "alerts", alerts);
	}
	return wb_json_print(&j, out, o, err);
}

static void add_alerts(struct wb_out *out, const struct wb_drift_report *r)
{
	char opened[48], resolved[48];

	if (r->recorded && r->drift->opened + r->drift->resolved)
		wb_out_addf(out, "%s opened, %s resolved.\n",
			    wb_text_count((int64_t)r->drift->opened, "alert", opened, sizeof(opened)),
			    wb_text_count((int64_t)r->drift->resolved, "alert", resolved, sizeof(resolved)));
}

static void drift_text(struct wb_out *out, const struct wb_drift_report *r, const struct wb_str *sql)
{
	const struct wb_schema_comparison *c = r->drift->comparison;

	if (c->n_differences == 0) {
		wb_out_add(out, "No drift: ");
		wb_out_clean(out, r->drift->actual->origin);
		wb_out_add(out, " is as expected (");
		wb_out_clean(out, r->drift->origin);
		wb_out_add(out, ").\n");
	} else {
		wb_out_add(out, "Database  ");
		wb_out_clean(out, r->drift->actual->origin);
		wb_out_add(out, "\nExpected  ");
		wb_out_clean(out, r->drift->origin);
		wb_out_add(out, "\n\n");
		wb_difference_table(out, c);
		wb_out_add(out, sql->n ? "\n-- undoes it\n" : "");
		wb_out_addn(out, sql->p, sql->n);
	}
	add_alerts(out, r);
}

static void drift_markdown(struct wb_out *out, const struct wb_drift_report *r, const struct wb_str *sql)
{
	wb_out_add(out, "### Drift of ");
	wb_markdown_cell(out, r->drift->actual->origin);
	wb_out_add(out, "\n\nExpected: ");
	wb_markdown_cell(out, r->drift->origin);
	wb_out_add(out, "\n\n");
	if (r->drift->comparison->n_differences == 0) {
		wb_out_add(out, "No drift.\n");
	} else {
		wb_difference_markdown(out, r->drift->comparison);
		wb_sql_markdown(out, sql);
	}
	add_alerts(out, r);
}

/* ---- as findings ------------------------------------------------------------------------ */

static bool make_finding(struct wb_arena *a, const struct wb_schema_difference *d, struct wb_problem *out)
{
	wb_autostr words = WB_STR_INIT;

	wb_difference_words(d, &words);
	*out = (struct wb_problem){ .kind = "drift",
				    .warning = strcmp(d->severity, "low") == 0,
				    .message = words.failed
						       ? NULL
						       : wb_arena_printf(a, "%s %s: %s", d->kind, d->object, words.p) };
	return out->message;
}

static int drift_findings(struct wb_out *out, enum wb_format format, const struct wb_drift_report *r,
			  struct wb_error *err)
{
	const struct wb_schema_comparison *c = r->drift->comparison;
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_problem *v = wb_arena_array(&a, c->n_differences, sizeof(*v));
	struct wb_validation validation = { .problems = v, .n_problems = c->n_differences };
	struct wb_validation_of of = { .name = r->name, .command = "drift", .validation = &validation };
	bool ok = v;

	for (size_t i = 0; i < c->n_differences && ok; i++)
		ok = make_finding(&a, &c->differences[i], &v[i]);
	if (!ok)
		return wb_err_nomem(err);
	return (format == WB_FORMAT_JUNIT ? wb_report_junit : wb_report_github)(out, &of, 1, err);
}

int wb_report_drift(struct wb_out *out, enum wb_format format, const struct wb_drift_report *r, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	int rc;

	if (format == WB_FORMAT_JSON)
		return drift_json(out, r, err);
	if (format == WB_FORMAT_JUNIT || format == WB_FORMAT_GITHUB)
		return drift_findings(out, format, r, err);
	rc = wb_diff_script(r->drift->comparison, r->allow_destructive, &sql, err);
	if (rc < 0)
		return rc;
	if (format == WB_FORMAT_MARKDOWN)
		drift_markdown(out, r, &sql);
	else if (r->sql_only)
		wb_out_addn(out, sql.p, sql.n);
	else
		drift_text(out, r, &sql);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
