/* SPDX-License-Identifier: Apache-2.0
 *
 * What suites of checks have found, in every format. The keys of the JSON are
 * those that other systems read already; JUnit has every check, the formats for
 * findings only what has not passed.
 */
#include "report/report.h"

#include "report/markdown.h"
#include "report/text.h"
#include "base/banned.h"

static bool is_trouble(const struct wb_check_issue *i)
{
	return i->outcome == WB_CHECK_FAILED || i->outcome == WB_CHECK_NOT_RUN;
}

static bool has_passed(const struct wb_check_report *r)
{
	return r->count[WB_CHECK_ERROR] == 0 && r->count[WB_CHECK_CRITICAL] == 0;
}

/* ---- JSON ---- */

static json_t *number(struct wb_json *j, const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	return value ? value : wb_json_text(j, text);
}

static json_t *value_of(struct wb_json *j, const struct wb_check_value *v)
{
	json_t *list;
	size_t i;

	if (v->type == WB_CHECK_VALUE_NUMBER)
		return number(j, v->text);
	if (v->type != WB_CHECK_VALUE_LIST)
		return wb_json_text(j, v->text);
	list = wb_json_array(j);
	for (i = 0; i < v->n_list; i++)
		wb_json_append(j, list, wb_json_text(j, v->list[i]));
	return list;
}

static json_t *issue_value(struct wb_json *j, const struct wb_check_issue *issue)
{
	json_t *o = wb_json_object(j), *details = wb_json_object(j);
	size_t i;

	wb_json_set_text(j, o, "severity", wb_check_severity_name(issue->severity));
	wb_json_set_text(j, o, "check_name", issue->check_name);
	wb_json_set_text(j, o, "message", issue->message);
	for (i = 0; i < issue->n_details; i++)
		wb_json_set(j, details, issue->details[i].name, value_of(j, &issue->details[i]));
	wb_json_set(j, o, "details", details);
	wb_json_set_text(j, o, "timestamp", issue->timestamp);
	wb_json_set_text(j, o, "group", issue->group);
	wb_json_set_text(j, o, "outcome", wb_check_outcome_name(issue->outcome));
	wb_json_set_number(j, o, "duration_ms", issue->duration_ms);
	return o;
}

static json_t *report_value(struct wb_json *j, const struct wb_check_report *r)
{
	json_t *o = wb_json_object(j), *issues = wb_json_array(j);
	size_t i;

	wb_json_set_text(j, o, "suite", r->suite->name);
	wb_json_set_text(j, o, "start_time", r->start_time);
	wb_json_set_text(j, o, "end_time", r->end_time);
	wb_json_set(j, o, "duration_seconds", json_real((double)r->duration_ms / 1000));
	wb_json_set_number(j, o, "total_checks", (int64_t)r->total);
	wb_json_set_number(j, o, "passed_checks", (int64_t)r->passed);
	wb_json_set_number(j, o, "failed_checks", (int64_t)r->failed);
	wb_json_set_number(j, o, "skipped_checks", (int64_t)r->skipped);
	wb_json_set_number(j, o, "not_run_checks", (int64_t)r->not_run);
	wb_json_set(j, o, "passed", wb_json_bool(has_passed(r)));
	for (i = 0; i < r->n_issues; i++)
		wb_json_append(j, issues, issue_value(j, &r->issues[i]));
	wb_json_set(j, o, "issues", issues);
	return o;
}

static int json_form(struct wb_out *out, struct wb_check_report *const *v, size_t n, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o, *all;
	size_t i;

	if (n == 1)
		return wb_json_print(&j, out, report_value(&j, v[0]), err);
	o = wb_json_object(&j);
	all = wb_json_array(&j);
	for (i = 0; i < n; i++)
		wb_json_append(&j, all, report_value(&j, v[i]));
	wb_json_set(&j, o, "suites", all);
	return wb_json_print(&j, out, o, err);
}

/* ---- text ---- */

static const enum wb_style styles[] = { WB_GREEN, WB_YELLOW, WB_RED, WB_RED };

static void text_details(struct wb_out *out, const struct wb_check_issue *issue)
{
	size_t i;

	for (i = 0; i < issue->n_details; i++) {
		wb_out_add(out, "      ");
		wb_out_clean(out, issue->details[i].name);
		wb_out_add(out, ": ");
		wb_out_clean(out, issue->details[i].text ? issue->details[i].text : "null");
		wb_out_add(out, "\n");
	}
}

static void text_issue(struct wb_out *out, const struct wb_check_issue *issue)
{
	wb_out_add(out, "  ");
	wb_out_clean(out, issue->check_name);
	wb_out_add(out, ": ");
	wb_out_clean(out, issue->message);
	wb_out_add(out, "\n");
	if (is_trouble(issue))
		text_details(out, issue);
}

static void text_severity(struct wb_out *out, const struct wb_check_report *r, enum wb_check_severity severity)
{
	size_t i;

	if (!r->count[severity])
		return;
	wb_out_style(out, styles[severity]);
	wb_out_addf(out, "%s (%zu)\n", wb_check_severity_name(severity), r->count[severity]);
	wb_out_style(out, WB_PLAIN);
	for (i = 0; i < r->n_issues; i++)
		if (r->issues[i].severity == severity)
			text_issue(out, &r->issues[i]);
	wb_out_add(out, "\n");
}

static void text_form(struct wb_out *out, const struct wb_check_report *r)
{
	char time[40], checks[40];
	int severity;

	wb_out_styled(out, WB_BOLD, "== ");
	wb_out_clean(out, r->suite->name);
	wb_out_addf(out, ": %s in %s, %s\n\n", wb_text_count((int64_t)r->total, "check", checks, sizeof(checks)),
		    wb_duration_text(r->duration_ms, time, sizeof(time)), r->start_time);
	for (severity = WB_CHECK_CRITICAL; severity >= WB_CHECK_INFO; severity--)
		text_severity(out, r, (enum wb_check_severity)severity);
	wb_out_styled(out, has_passed(r) ? WB_GREEN : WB_RED, has_passed(r) ? "PASSED" : "FAILED");
	wb_out_addf(out, ": %zu passed, %zu failed", r->passed, r->failed);
	if (r->not_run)
		wb_out_addf(out, " (%zu of them could not run)", r->not_run);
	if (r->skipped)
		wb_out_addf(out, ", %zu skipped", r->skipped);
	wb_out_add(out, "\n");
}

/* ---- Markdown ---- */

static void markdown_issue(struct wb_out *out, const struct wb_check_issue *issue)
{
	size_t i;

	wb_out_addf(out, "| %s | ",
		    issue->outcome == WB_CHECK_SKIPPED  ? "skipped"
		    : issue->outcome == WB_CHECK_PASSED ? "passed"
							: wb_check_severity_name(issue->severity));
	wb_markdown_cell(out, issue->check_name);
	wb_out_add(out, " | ");
	wb_markdown_cell(out, issue->message);
	wb_out_add(out, " | ");
	for (i = 0; is_trouble(issue) && i < issue->n_details; i++) {
		wb_out_add(out, i ? ", " : "");
		wb_markdown_cell(out, issue->details[i].name);
		wb_out_add(out, " ");
		wb_markdown_cell(out, issue->details[i].text ? issue->details[i].text : "null");
	}
	wb_out_add(out, " |\n");
}

static void markdown_form(struct wb_out *out, const struct wb_check_report *r)
{
	char time[40];
	int severity;
	size_t i;

	wb_out_add(out, "## ");
	wb_markdown_cell(out, r->suite->name);
	wb_out_addf(out, ": %s\n\n%zu checks: %zu passed, %zu failed, %zu skipped; %s\n\n",
		    has_passed(r) ? "passed" : "failed", r->total, r->passed, r->failed, r->skipped,
		    wb_duration_text(r->duration_ms, time, sizeof(time)));
	wb_out_add(out, "| severity | check | message | details |\n|---|---|---|---|\n");
	for (severity = WB_CHECK_CRITICAL; severity >= WB_CHECK_INFO; severity--)
		for (i = 0; i < r->n_issues; i++)
			if ((int)r->issues[i].severity == severity)
				markdown_issue(out, &r->issues[i]);
}

/* ---- JUnit ---- */

static enum wb_junit junit_result(const struct wb_check_issue *i)
{
	if (i->outcome == WB_CHECK_NOT_RUN)
		return WB_JUNIT_ERROR;
	if (i->outcome == WB_CHECK_SKIPPED)
		return WB_JUNIT_SKIPPED;
	return i->outcome == WB_CHECK_FAILED && i->severity >= WB_CHECK_ERROR ? WB_JUNIT_FAILURE : WB_JUNIT_PASS;
}

static void junit_suite(struct wb_out *out, const struct wb_check_report *r)
{
	size_t count[4] = { 0 }, i;

	for (i = 0; i < r->n_issues; i++)
		count[junit_result(&r->issues[i])]++;
	wb_out_add(out, "  <testsuite name=\"whimbrel check ");
	wb_report_xml(out, r->suite->name);
	wb_out_addf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\">\n",
		    r->n_issues, count[WB_JUNIT_FAILURE], count[WB_JUNIT_ERROR], count[WB_JUNIT_SKIPPED],
		    (double)r->duration_ms / 1000);
	for (i = 0; i < r->n_issues; i++) {
		const struct wb_check_issue *issue = &r->issues[i];
		const struct wb_junit_case one = { .suite = r->suite->name,
						   .name = issue->check_name,
						   .kind = wb_check_severity_name(issue->severity),
						   .message = issue->message,
						   .result = junit_result(issue),
						   .timed = true,
						   .ms = issue->duration_ms };

		wb_report_junit_case(out, &one);
	}
	wb_out_add(out, "  </testsuite>\n");
}

static void junit_form(struct wb_out *out, struct wb_check_report *const *v, size_t n)
{
	size_t i;

	wb_out_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	for (i = 0; i < n; i++)
		junit_suite(out, v[i]);
	wb_out_add(out, "</testsuites>\n");
}

/* ---- as findings: SARIF, GitHub ---- */

static struct wb_problem problem_of(const struct wb_check_report *r, const struct wb_check_issue *issue)
{
	return (struct wb_problem){ .kind = issue->check_name,
				    .file = r->suite->file,
				    .line = issue->check->line,
				    .column = issue->check->column,
				    .message = issue->message,
				    .warning = issue->severity <= WB_CHECK_WARNING,
				    .remark = issue->severity == WB_CHECK_INFO };
}

static int findings(struct wb_out *out, enum wb_format format, struct wb_check_report *const *v, size_t n,
		    struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_validation *validations = wb_arena_array(&a, n, sizeof(*validations));
	struct wb_validation_of *of = wb_arena_array(&a, n, sizeof(*of));
	size_t i, k;

	for (i = 0; validations && of && i < n; i++) {
		struct wb_problem *problems = wb_arena_array(&a, v[i]->n_issues + 1, sizeof(*problems));
		size_t count = 0;

		for (k = 0; problems && k < v[i]->n_issues; k++)
			if (is_trouble(&v[i]->issues[k]))
				problems[count++] = problem_of(v[i], &v[i]->issues[k]);
		if (!problems)
			return wb_err_nomem(err);
		validations[i] = (struct wb_validation){ .problems = problems, .n_problems = count };
		of[i] = (struct wb_validation_of){ .name = v[i]->suite->name,
						   .validation = &validations[i],
						   .command = "failed checks" };
	}
	if (!validations || !of)
		return wb_err_nomem(err);
	return (format == WB_FORMAT_SARIF ? wb_report_sarif : wb_report_github)(out, of, n, err);
}

int wb_report_checks(struct wb_out *out, enum wb_format format, struct wb_check_report *const *v, size_t n,
		     struct wb_error *err)
{
	size_t i;

	if (format == WB_FORMAT_JSON)
		return json_form(out, v, n, err);
	if (format == WB_FORMAT_SARIF || format == WB_FORMAT_GITHUB)
		return findings(out, format, v, n, err);
	if (format == WB_FORMAT_JUNIT)
		junit_form(out, v, n);
	for (i = 0; i < n && format != WB_FORMAT_JUNIT; i++) {
		if (i)
			wb_out_add(out, "\n");
		(format == WB_FORMAT_MARKDOWN ? markdown_form : text_form)(out, v[i]);
	}
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
