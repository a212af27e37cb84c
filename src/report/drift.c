/* SPDX-License-Identifier: Apache-2.0
 *
 * Drift: what a database is beside what it should be, and the SQL that undoes it.
 */
#include "report/schema.h"

#include "report/markdown.h"
#include "report/table.h"
#include "report/text.h"
#include "base/banned.h"

/* ---- indexes ------------------------------------------------------------------------------ */

static json_t *index_value(struct wb_json *j, const struct wb_index_note *n)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "type", n->type);
	wb_json_set_text(j, o, "kind", n->kind);
	wb_json_set_text(j, o, "object", n->object);
	wb_json_set_text(j, o, "severity", n->severity);
	wb_json_set_text(j, o, "message", n->message);
	wb_json_set_text(j, o, "sql", n->sql);
	return o;
}

static json_t *indexes_value(struct wb_json *j, const struct wb_index_report *r)
{
	json_t *o = wb_json_object(j), *all = wb_json_array(j);

	for (size_t i = 0; i < r->n_notes; i++)
		wb_json_append(j, all, index_value(j, &r->notes[i]));
	wb_json_set_text(j, o, "since", r->since);
	wb_json_set(j, o, "findings", all);
	return o;
}

/* "duplicate index: other does all that it is good for" */
static void note_words(const struct wb_index_note *n, struct wb_str *out)
{
	for (const char *p = n->type; *p; p++)
		wb_str_addc(out, *p == '_' ? ' ' : *p);
	wb_str_addf(out, ": %s", n->message);
}

static void indexes_text(struct wb_out *out, const struct wb_index_report *r)
{
	static const struct wb_column columns[] = { { "Kind", false, false },
						    { "Object", false, false },
						    { "Finding", false, true },
						    { "Severity", false, false } };
	struct wb_table t;

	if (!r || !r->n_notes)
		return;
	wb_out_add(out, "\nIndexes, which are no drift:\n\n");
	wb_table_init(&t, columns, WB_ARRAY_LEN(columns));
	for (size_t i = 0; i < r->n_notes; i++) {
		wb_autostr words = WB_STR_INIT;
		note_words(&r->notes[i], &words);
		t.failed |= words.failed;
		wb_table_add(&t, WB_PLAIN, r->notes[i].kind);
		wb_table_add(&t, WB_BOLD, r->notes[i].object);
		wb_table_add(&t, WB_PLAIN, words.p);
		wb_table_add(&t, WB_PLAIN, r->notes[i].severity);
	}
	wb_table_print(&t, out, 0);
	wb_table_done(&t);
}

/* As comments: whoever pastes the text undoes the drift, nothing else. */
static void indexes_sql(struct wb_out *out, const struct wb_index_report *r)
{
	wb_autostr sql = WB_STR_INIT;

	for (size_t i = 0; r && i < r->n_notes; i++)
		wb_sql_comment(&sql, r->notes[i].sql);
	wb_out_add(out, sql.n ? "\n-- for the indexes, one by one, in no transaction\n" : "");
	wb_out_addn(out, sql.p, sql.n);
	out->buf.failed |= sql.failed;
}

static void indexes_markdown(struct wb_out *out, const struct wb_index_report *r)
{
	wb_autostr sql = WB_STR_INIT;

	if (!r || !r->n_notes)
		return;
	wb_out_add(out, "\n#### Indexes\n\n| Object | Finding | Severity |\n|---|---|---|\n");
	for (size_t i = 0; i < r->n_notes; i++) {
		const struct wb_index_note *n = &r->notes[i];
		wb_autostr words = WB_STR_INIT;
		note_words(n, &words);
		out->buf.failed |= words.failed;
		wb_out_add(out, "| ");
		wb_markdown_cell(out, n->object);
		wb_out_add(out, " | ");
		wb_markdown_cell(out, words.p);
		wb_out_addf(out, " | %s |\n", n->severity);
		wb_str_add(&sql, n->sql);
	}
	wb_sql_markdown(out, &sql);
	out->buf.failed |= sql.failed;
}

/* ---- drift --------------------------------------------------------------------------------- */

static int drift_json(struct wb_out *out, const struct wb_drift_report *r, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *alerts;

	wb_json_set_text(&j, o, "database", r->drift->actual->origin);
	wb_json_set_text(&j, o, "expected", r->drift->origin);
	wb_json_set_text(&j, o, "version", r->drift->version);
	wb_comparison_json(&j, o, r->drift->comparison);
	if (r->effects)
		wb_plan_effects_json(&j, o, r->effects);
	if (r->drift->indexes)
		wb_json_set(&j, o, "indexes", indexes_value(&j, r->drift->indexes));
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
	}
	indexes_text(out, r->drift->indexes);
	if (c->n_differences) {
		wb_out_add(out, sql->n ? "\n-- undoes it\n" : "");
		wb_out_addn(out, sql->p, sql->n);
	}
	indexes_sql(out, r->drift->indexes);
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
		wb_effects_markdown(out, r->effects);
		wb_sql_markdown(out, sql);
	}
	indexes_markdown(out, r->drift->indexes);
	add_alerts(out, r);
}

/* ---- as findings ------------------------------------------------------------------------ */

/* GitHub shows remarks in another colour; to a test report any drift is a failure. */
static bool make_finding(struct wb_arena *a, const struct wb_schema_difference *d, enum wb_format format,
			 struct wb_problem *out)
{
	wb_autostr words = WB_STR_INIT;

	wb_difference_words(d, &words);
	*out = (struct wb_problem){ .kind = "drift",
				    .version = wb_arena_printf(a, "%s %s", d->kind, d->object),
				    .warning = format == WB_FORMAT_GITHUB && strcmp(d->severity, "low") == 0,
				    .message = words.failed
						       ? NULL
						       : wb_arena_printf(a, "%s %s: %s", d->kind, d->object, words.p) };
	return out->message && out->version;
}

static bool make_note(struct wb_arena *a, const struct wb_index_note *n, struct wb_problem *out)
{
	wb_autostr words = WB_STR_INIT;

	note_words(n, &words);
	*out = (struct wb_problem){ .kind = "index", .warning = true };
	out->message = words.failed ? NULL : wb_arena_printf(a, "%s: %s", n->object, words.p);
	return out->message;
}

/* What is to be said of indexes is no failure, so test reports leave it out. */
static int drift_findings(struct wb_out *out, enum wb_format format, const struct wb_drift_report *r,
			  struct wb_error *err)
{
	const struct wb_schema_comparison *c = r->drift->comparison;
	const struct wb_index_report *x = format == WB_FORMAT_GITHUB ? r->drift->indexes : NULL;
	size_t n = c->n_differences, all = n + (x ? x->n_notes : 0);
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_problem *v = wb_arena_array(&a, all, sizeof(*v));
	struct wb_validation validation = { .problems = v, .n_problems = all };
	struct wb_validation_of of = { .name = r->name, .command = "drift", .validation = &validation };
	bool ok = v;

	for (size_t i = 0; i < n && ok; i++)
		ok = make_finding(&a, &c->differences[i], format, &v[i]);
	for (size_t i = n; i < all && ok; i++)
		ok = make_note(&a, &x->notes[i - n], &v[i]);
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
	rc = wb_diff_script(r->drift->comparison, r->allow_destructive,
			    format == WB_FORMAT_TEXT && !r->sql_only ? r->effects : NULL, &sql, err);
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
