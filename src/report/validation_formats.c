/* SPDX-License-Identifier: Apache-2.0
 *
 * Validation for machines that have a form of their own: SARIF 2.1.0 (code
 * scanning), JUnit XML (CI test reports), GitHub workflow commands. A database
 * that could not be looked at is a failing entry, never a missing one.
 */
#include "report/report.h"

#include "report/text.h"
#include "base/banned.h"

static const char *level_of(const struct wb_problem *p, const char *remark)
{
	return p->remark ? remark : p->warning ? "warning" : "error";
}

/* ---- SARIF ---- */

/* A path as a URI: a blank, a colon or a percent sign would end it or mean something else. */
static void add_uri(struct wb_str *uri, const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";

	for (; *path; path++) {
		if (strchr(plain, *path))
			wb_str_addc(uri, *path);
		else
			wb_str_addf(uri, "%%%02X", (unsigned)(unsigned char)*path);
	}
}

static json_t *sarif_location(struct wb_json *j, const struct wb_problem *p)
{
	wb_autostr uri = WB_STR_INIT;
	json_t *all = wb_json_array(j), *location = wb_json_object(j), *physical = wb_json_object(j);
	json_t *artifact = wb_json_object(j), *region = wb_json_object(j);

	add_uri(&uri, p->file);
	j->failed |= uri.failed;
	wb_json_set_text(j, artifact, "uri", uri.p);
	wb_json_set(j, physical, "artifactLocation", artifact);
	wb_json_set_number(j, region, "startLine", p->line ? (int64_t)p->line : 1);
	if (p->line && p->column)
		wb_json_set_number(j, region, "startColumn", (int64_t)p->column);
	wb_json_set(j, physical, "region", region);
	wb_json_set(j, location, "physicalLocation", physical);
	wb_json_append(j, all, location);
	return all;
}

static json_t *sarif_message(struct wb_json *j, const char *text)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "text", text ? text : "");
	return o;
}

static json_t *sarif_result(struct wb_json *j, const struct wb_problem *p)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "ruleId", p->kind);
	wb_json_set_text(j, o, "level", level_of(p, "note"));
	wb_json_set(j, o, "message", sarif_message(j, p->message));
	if (p->file)
		wb_json_set(j, o, "locations", sarif_location(j, p));
	return o;
}

static json_t *sarif_results(struct wb_json *j, const struct wb_validation_of *of)
{
	json_t *all = wb_json_array(j);
	size_t i;

	for (i = 0; of->validation && i < of->validation->n_problems; i++)
		wb_json_append(j, all, sarif_result(j, &of->validation->problems[i]));
	return all;
}

static json_t *sarif_invocations(struct wb_json *j, const struct wb_validation_of *of)
{
	json_t *all = wb_json_array(j), *o = wb_json_object(j), *notes, *note;

	wb_json_set(j, o, "executionSuccessful", wb_json_bool(of->validation != NULL));
	if (!of->validation) {
		notes = wb_json_array(j);
		note = wb_json_object(j);
		wb_json_set_text(j, note, "level", "error");
		wb_json_set(j, note, "message", sarif_message(j, of->error->message));
		wb_json_append(j, notes, note);
		wb_json_set(j, o, "toolExecutionNotifications", notes);
	}
	wb_json_append(j, all, o);
	return all;
}

static json_t *sarif_run(struct wb_json *j, const struct wb_validation_of *of)
{
	json_t *run = wb_json_object(j), *tool = wb_json_object(j), *driver = wb_json_object(j);

	wb_json_set_text(j, driver, "name", "whimbrel");
	wb_json_set_text(j, driver, "version", wb_version());
	if (of->lint)
		wb_json_set(j, driver, "rules", wb_report_lint_rules(j, of->lint));
	wb_json_set(j, tool, "driver", driver);
	wb_json_set(j, run, "tool", tool);
	wb_json_set(j, run, "invocations", sarif_invocations(j, of));
	wb_json_set(j, run, "results", sarif_results(j, of));
	return run;
}

int wb_report_sarif(struct wb_out *out, const struct wb_validation_of *v, size_t n, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *runs = wb_json_array(&j);
	size_t i;

	wb_json_set_text(&j, o, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	wb_json_set_text(&j, o, "version", "2.1.0");
	for (i = 0; i < n; i++)
		wb_json_append(&j, runs, sarif_run(&j, &v[i]));
	wb_json_set(&j, o, "runs", runs);
	return wb_json_print(&j, out, o, err);
}

/* ---- JUnit ---- */

void wb_report_xml(struct wb_out *out, const char *text)
{
	wb_autostr clean = WB_STR_INIT;
	size_t i;

	wb_text_clean(&clean, wb_sv_str(text), 0);
	out->buf.failed |= clean.failed;
	for (i = 0; i < clean.n; i++) {
		switch (clean.p[i]) {
		case '&':
			wb_out_add(out, "&amp;");
			break;
		case '<':
			wb_out_add(out, "&lt;");
			break;
		case '>':
			wb_out_add(out, "&gt;");
			break;
		case '"':
			wb_out_add(out, "&quot;");
			break;
		default:
			wb_out_addn(out, &clean.p[i], 1);
		}
	}
}

void wb_report_junit_case(struct wb_out *out, const struct wb_junit_case *c)
{
	static const char *const elements[] = { NULL, "failure", "error", "skipped" };
	const char *element = elements[c->result];

	wb_out_add(out, "    <testcase classname=\"");
	wb_report_xml(out, c->suite);
	wb_out_add(out, "\" name=\"");
	wb_report_xml(out, c->name);
	if (c->timed)
		wb_out_addf(out, "\" time=\"%lld.%03lld", (long long)(c->ms / 1000), (long long)(c->ms % 1000));
	if (!element) {
		wb_out_add(out, "\"/>\n");
		return;
	}
	wb_out_addf(out, "\">\n      <%s type=\"", element);
	wb_report_xml(out, c->kind);
	wb_out_add(out, "\" message=\"");
	wb_report_xml(out, c->message);
	wb_out_add(out, "\"/>\n    </testcase>\n");
}

static void junit_case(struct wb_out *out, const char *suite, const char *name, const char *kind, const char *message)
{
	const struct wb_junit_case one = { .suite = suite,
					   .name = name,
					   .kind = kind,
					   .message = message,
					   .result = kind ? WB_JUNIT_FAILURE : WB_JUNIT_PASS };

	wb_report_junit_case(out, &one);
}

static void junit_problem(struct wb_out *out, const char *suite, const struct wb_problem *p)
{
	wb_autostr name = WB_STR_INIT, message = WB_STR_INIT;

	wb_str_add(&name, p->file ? p->file : p->version ? p->version : "journal");
	if (p->file && p->line)
		wb_str_addf(&name, ":%u", p->line);
	wb_str_addf(&name, " %s", p->kind);
	wb_str_addf(&message, "%s%s%s", p->message, p->hint && p->hint[0] ? "; " : "", p->hint ? p->hint : "");
	out->buf.failed |= name.failed || message.failed;
	junit_case(out, suite, name.p, p->warning ? NULL : p->kind, message.p);
}

static void junit_suite(struct wb_out *out, const struct wb_validation_of *of)
{
	const char *suite = of->name ? of->name : "main";
	size_t i, failures = 0, n = of->validation ? of->validation->n_problems : 1;

	for (i = 0; of->validation && i < n; i++)
		failures += !of->validation->problems[i].warning;
	wb_out_addf(out, "  <testsuite name=\"whimbrel %s ", of->command ? of->command : "validate");
	wb_report_xml(out, suite);
	wb_out_addf(out, "\" tests=\"%zu\" failures=\"%zu\">\n", n ? n : 1, of->validation ? failures : 1);
	for (i = 0; of->validation && i < n; i++)
		junit_problem(out, suite, &of->validation->problems[i]);
	if (!of->validation)
		junit_case(out, suite, "validate", wb_code_name(of->error->code), of->error->message);
	else if (n == 0)
		junit_case(out, suite, of->command ? of->command : "validate", NULL, NULL);
	wb_out_add(out, "  </testsuite>\n");
}

int wb_report_junit(struct wb_out *out, const struct wb_validation_of *v, size_t n, struct wb_error *err)
{
	size_t i;

	wb_out_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	for (i = 0; i < n; i++)
		junit_suite(out, &v[i]);
	wb_out_add(out, "</testsuites>\n");
	return out->buf.failed ? wb_err_nomem(err) : 0;
}

/* ---- GitHub ---- */

/* Workflow commands end at the line's end; properties end at a comma or colon as well. */
static void github_escape(struct wb_out *out, const char *text, const char *special)
{
	wb_autostr clean = WB_STR_INIT;
	size_t i;

	wb_text_clean(&clean, wb_sv_str(text), 0);
	out->buf.failed |= clean.failed;
	for (i = 0; i < clean.n; i++) {
		if (clean.p[i] == '%' || strchr(special, clean.p[i]))
			wb_out_addf(out, "%%%02X", (unsigned)(unsigned char)clean.p[i]);
		else
			wb_out_addn(out, &clean.p[i], 1);
	}
}

static void github_problem(struct wb_out *out, const struct wb_problem *p)
{
	wb_out_addf(out, "::%s ", level_of(p, "notice"));
	if (p->file) {
		wb_out_add(out, "file=");
		github_escape(out, p->file, ":,");
		wb_out_addf(out, ",line=%u,", p->line ? p->line : 1);
		if (p->line && p->column)
			wb_out_addf(out, "col=%u,", p->column);
	}
	wb_out_add(out, "title=whimbrel ");
	github_escape(out, p->kind, ":,");
	wb_out_add(out, "::");
	github_escape(out, p->message, "");
	if (p->hint && p->hint[0]) {
		wb_out_add(out, "%0A");
		github_escape(out, p->hint, "");
	}
	wb_out_add(out, "\n");
}

int wb_report_github(struct wb_out *out, const struct wb_validation_of *v, size_t n, struct wb_error *err)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		if (!v[i].validation) {
			wb_out_add(out, "::error title=whimbrel::");
			github_escape(out, v[i].error->message, "");
			wb_out_add(out, "\n");
			continue;
		}
		for (k = 0; k < v[i].validation->n_problems; k++)
			github_problem(out, &v[i].validation->problems[k]);
		if (v[i].validation->n_problems == 0 && v[i].command)
			wb_out_addf(out, "::notice title=whimbrel::no %s\n", v[i].command);
		else if (v[i].validation->n_problems == 0)
			wb_out_addf(out, "::notice title=whimbrel::%zu migration files are valid\n",
				    v[i].validation->files);
	}
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
