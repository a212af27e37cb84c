/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether files and journal agree: text and JSON; formats of other tools
 * stand in validation_formats.c.
 */
#include "report/report.h"

#include "report/text.h"
#include "base/banned.h"

static json_t *validation_value(struct wb_json *j, const struct wb_validation_of *of)
{
	json_t *o = wb_json_object(j), *problems;
	size_t i;

	wb_json_set_text(j, o, "name", of->name);
	if (!of->validation) {
		wb_json_set(j, o, "error", wb_report_error_value(j, of->error));
		return o;
	}
	wb_json_set(j, o, "valid", wb_json_bool(of->validation->valid));
	wb_json_set_number(j, o, "files", (int64_t)of->validation->files);
	wb_json_set_number(j, o, "statements", (int64_t)of->validation->statements);
	wb_json_set(j, o, "files_only", wb_json_bool(of->files_only));
	problems = wb_json_array(j);
	for (i = 0; i < of->validation->n_problems; i++)
		wb_json_append(j, problems, wb_report_problem_value(j, &of->validation->problems[i], true));
	wb_json_set(j, o, "problems", problems);
	return o;
}

static int validation_json(struct wb_out *out, const struct wb_validation_of *v, size_t n, bool many,
			   struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o, *all;
	size_t i;

	if (!many)
		return wb_json_print(&j, out, n ? validation_value(&j, &v[0]) : wb_json_object(&j), err);
	o = wb_json_object(&j);
	all = wb_json_array(&j);
	for (i = 0; i < n; i++)
		wb_json_append(&j, all, validation_value(&j, &v[i]));
	wb_json_set(&j, o, "databases", all);
	return wb_json_print(&j, out, o, err);
}

static size_t count_errors(const struct wb_validation *v)
{
	size_t i, n = 0;

	for (i = 0; i < v->n_problems; i++)
		n += !v->problems[i].warning;
	return n;
}

static void validation_text(struct wb_out *out, const struct wb_validation_of *of, bool many)
{
	const struct wb_validation *v = of->validation;
	char a[40], b[40];
	size_t i, errors;

	if (many)
		wb_out_styled(out, WB_BOLD, "== %s ==\n", of->name);
	if (!v) {
		wb_report_error(out, of->error);
		return;
	}
	for (i = 0; i < v->n_problems; i++)
		wb_report_problem(out, &v->problems[i]);
	errors = count_errors(v);
	wb_out_styled(out, v->valid ? WB_GREEN : WB_RED, v->valid ? "valid" : "not valid");
	wb_out_addf(out, ": %s, %s", wb_text_count((int64_t)v->files, "file", a, sizeof(a)),
		    wb_text_count((int64_t)v->statements, "pending statement", b, sizeof(b)));
	wb_out_addf(out, ", %s, %s", wb_text_count((int64_t)errors, "error", a, sizeof(a)),
		    wb_text_count((int64_t)(v->n_problems - errors), "warning", b, sizeof(b)));
	wb_out_add(out, of->files_only ? " (files only: no database was given)\n" : "\n");
}

int wb_report_validation(struct wb_out *out, enum wb_format format, const struct wb_validation_of *v, size_t n,
			 bool many, struct wb_error *err)
{
	size_t i;

	if (format == WB_FORMAT_JSON)
		return validation_json(out, v, n, many, err);
	if (format == WB_FORMAT_SARIF)
		return wb_report_sarif(out, v, n, err);
	if (format == WB_FORMAT_JUNIT)
		return wb_report_junit(out, v, n, err);
	if (format == WB_FORMAT_GITHUB)
		return wb_report_github(out, v, n, err);
	for (i = 0; i < n; i++) {
		if (i)
			wb_out_add(out, "\n");
		validation_text(out, &v[i], many);
	}
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
