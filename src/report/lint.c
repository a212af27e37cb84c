/* SPDX-License-Identifier: Apache-2.0
 *
 * Findings of lint: as a good compiler would print them, as JSON, and by way of
 * validation_formats.c for other tools.
 */
#include "report/report.h"

#include <stdio.h>

#include "report/text.h"
#include "base/banned.h"

static const char *const level_names[] = { "off", "info", "warning", "error" };
static const enum wb_style level_styles[] = { WB_DIM, WB_CYAN, WB_YELLOW, WB_RED };

const char *wb_lint_level_name(enum wb_lint_level level)
{
	return (unsigned)level < WB_ARRAY_LEN(level_names) ? level_names[level] : "error";
}

/* ---- text ---- */

static void excerpt(struct wb_out *out, const struct wb_lint_finding *f)
{
	struct wb_sv line = wb_sv_str(f->excerpt);
	char number[16];

	if (!line.n || !f->line)
		return;
	(void)snprintf(number, sizeof(number), "%5u", f->line);
	wb_out_styled(out, WB_DIM, "%s | ", number);
	wb_text_block(&out->buf, line);
	wb_out_add(out, "\n");
	if (f->caret > line.n || f->column == 0)
		return;
	wb_out_styled(out, WB_DIM, "%*s | ", (int)strlen(number), "");
	wb_report_caret_gap(out, wb_sv(line.p, f->caret));
	wb_out_styled(out, WB_GREEN, "^");
	wb_out_add(out, "\n");
}

static void part(struct wb_out *out, const char *label, enum wb_style style, const char *text)
{
	struct wb_sv rest = wb_sv_str(text), line;
	bool first = true;

	while (wb_sv_cut(&rest, '\n', &line)) {
		if (first)
			wb_out_styled(out, style, "  %s: ", label);
		else
			wb_out_addf(out, "  %*s  ", (int)strlen(label), "");
		wb_text_clean(&out->buf, line, 0);
		wb_out_add(out, "\n");
		first = false;
	}
}

static void finding(struct wb_out *out, const struct wb_lint_finding *f)
{
	wb_report_place(out, f->file, f->line, f->column);
	wb_out_styled(out, level_styles[f->level], "%s: ", wb_lint_level_name(f->level));
	wb_out_clean(out, f->message);
	wb_out_styled(out, WB_DIM, " [%s]\n", f->rule);
	excerpt(out, f);
	part(out, "hint", WB_CYAN, f->hint);
	part(out, "safe", WB_GREEN, f->safe_sql);
}

static void unknowns(struct wb_out *out, const struct wb_lint *v)
{
	size_t i;

	for (i = 0; i < v->n_unknown; i++)
		wb_out_addf(out, "%s%s (%zu)", i ? ", " : "not known: ", v->unknown[i].what, v->unknown[i].n);
	if (v->n_unknown)
		wb_out_add(out, v->server ? "\n" : "; a database tells (--url)\n");
}

static void lint_text(struct wb_out *out, const struct wb_lint_of *of, bool many)
{
	const struct wb_lint *v = of->lint;
	const char *nouns[] = { "", "remark", "warning", "error" };
	char buf[40];
	size_t i;

	if (many)
		wb_out_styled(out, WB_BOLD, "== %s ==\n", of->name);
	if (!v) {
		wb_report_error(out, of->error);
		return;
	}
	for (i = 0; i < v->n_findings; i++)
		finding(out, &v->findings[i]);
	wb_out_styled(out,
		      v->count[WB_LINT_ERROR]     ? WB_RED
		      : v->count[WB_LINT_WARNING] ? WB_YELLOW
						  : WB_GREEN,
		      "%s", wb_text_count((int64_t)v->files, "file", buf, sizeof(buf)));
	wb_out_addf(out, ", %s", wb_text_count((int64_t)v->statements, "statement", buf, sizeof(buf)));
	for (i = WB_LINT_ERROR; i >= WB_LINT_INFO; i--)
		wb_out_addf(out, ", %s", wb_text_count((int64_t)v->count[i], nouns[i], buf, sizeof(buf)));
	if (v->ignored)
		wb_out_addf(out, ", %zu ignored", v->ignored);
	if (v->server)
		wb_out_addf(out, " (%s)\n", v->server);
	else
		wb_out_add(out, " (text only: no database was asked)\n");
	unknowns(out, v);
}

/* ---- JSON ---- */

static json_t *finding_value(struct wb_json *j, const struct wb_lint_finding *f)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "rule", f->rule);
	wb_json_set_text(j, o, "severity", wb_lint_level_name(f->level));
	wb_json_set_text(j, o, "file", f->file);
	wb_json_set_number(j, o, "line", f->line ? (int64_t)f->line : -1);
	wb_json_set_number(j, o, "column", f->column ? (int64_t)f->column : -1);
	wb_json_set_text(j, o, "message", f->message);
	wb_json_set_text(j, o, "hint", f->hint);
	wb_json_set_text(j, o, "safe_sql", f->safe_sql);
	wb_json_set_number(j, o, "statement", f->statement ? (int64_t)f->statement : -1);
	wb_json_set_text(j, o, "version", f->version);
	wb_json_set(j, o, "loses_data", wb_json_bool(f->loses_data));
	return o;
}

static json_t *summary_value(struct wb_json *j, const struct wb_lint *v)
{
	json_t *o = wb_json_object(j), *unknown = wb_json_array(j);
	size_t i;

	wb_json_set_number(j, o, "files", (int64_t)v->files);
	wb_json_set_number(j, o, "statements", (int64_t)v->statements);
	for (i = WB_LINT_ERROR; i >= WB_LINT_INFO; i--)
		wb_json_set_number(j, o, level_names[i], (int64_t)v->count[i]);
	wb_json_set_number(j, o, "ignored", (int64_t)v->ignored);
	wb_json_set_text(j, o, "server", v->server);
	for (i = 0; i < v->n_unknown; i++) {
		json_t *one = wb_json_object(j);

		wb_json_set_text(j, one, "what", v->unknown[i].what);
		wb_json_set_number(j, one, "places", (int64_t)v->unknown[i].n);
		wb_json_append(j, unknown, one);
	}
	wb_json_set(j, o, "unknown", unknown);
	return o;
}

static json_t *lint_value(struct wb_json *j, const struct wb_lint_of *of, bool many)
{
	json_t *o = wb_json_object(j), *findings;
	size_t i;

	if (many)
		wb_json_set_text(j, o, "name", of->name);
	if (!of->lint) {
		wb_json_set(j, o, "error", wb_report_error_value(j, of->error));
		return o;
	}
	findings = wb_json_array(j);
	for (i = 0; i < of->lint->n_findings; i++)
		wb_json_append(j, findings, finding_value(j, &of->lint->findings[i]));
	wb_json_set(j, o, "findings", findings);
	wb_json_set(j, o, "summary", summary_value(j, of->lint));
	return o;
}

static int lint_json(struct wb_out *out, const struct wb_lint_of *v, size_t n, bool many, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o, *all;
	size_t i;

	if (!many)
		return wb_json_print(&j, out, n ? lint_value(&j, &v[0], false) : wb_json_object(&j), err);
	o = wb_json_object(&j);
	all = wb_json_array(&j);
	for (i = 0; i < n; i++)
		wb_json_append(&j, all, lint_value(&j, &v[i], true));
	wb_json_set(&j, o, "databases", all);
	return wb_json_print(&j, out, o, err);
}

/* ---- as problems, for the formats of other tools ---- */

struct listed {
	struct wb_arena arena;
	struct wb_validation *v;
	struct wb_validation_of *of;
};

static const char *advice(struct wb_arena *a, const struct wb_lint_finding *f)
{
	if (f->hint && f->safe_sql)
		return wb_arena_printf(a, "%s; safe: %s", f->hint, f->safe_sql);
	return f->hint ? f->hint : f->safe_sql ? wb_arena_printf(a, "safe: %s", f->safe_sql) : "";
}

static bool list(struct listed *l, size_t i, const struct wb_lint_of *of)
{
	const struct wb_lint *lint = of->lint;
	struct wb_problem *problems = wb_arena_array(&l->arena, lint ? lint->n_findings + 1 : 1, sizeof(*problems));
	size_t k;

	if (!problems)
		return false;
	l->of[i] = (struct wb_validation_of){ .name = of->name,
					      .validation = lint ? &l->v[i] : NULL,
					      .error = of->error,
					      .command = "lint",
					      .lint = lint };
	for (k = 0; lint && k < lint->n_findings; k++) {
		const struct wb_lint_finding *f = &lint->findings[k];

		problems[k] = (struct wb_problem){ .kind = f->rule,
						   .version = f->version,
						   .file = f->file,
						   .message = f->message,
						   .hint = advice(&l->arena, f),
						   .line = f->line,
						   .column = f->column,
						   .warning = f->level != WB_LINT_ERROR,
						   .remark = f->level == WB_LINT_INFO };
		if (!problems[k].hint)
			return false;
	}
	l->v[i].problems = problems;
	l->v[i].n_problems = lint ? lint->n_findings : 0;
	l->v[i].files = lint ? lint->files : 0;
	return true;
}

static int as_problems(struct wb_out *out, enum wb_format format, const struct wb_lint_of *v, size_t n,
		       struct wb_error *err)
{
	struct listed l = { .arena = WB_ARENA_INIT };
	bool ok;
	size_t i;
	int rc;

	l.v = wb_arena_array(&l.arena, n + 1, sizeof(*l.v));
	l.of = wb_arena_array(&l.arena, n + 1, sizeof(*l.of));
	ok = l.v && l.of;
	for (i = 0; ok && i < n; i++)
		ok = list(&l, i, &v[i]);
	if (!ok)
		rc = wb_err_nomem(err);
	else if (format == WB_FORMAT_SARIF)
		rc = wb_report_sarif(out, l.of, n, err);
	else
		rc = (format == WB_FORMAT_JUNIT ? wb_report_junit : wb_report_github)(out, l.of, n, err);
	wb_arena_done(&l.arena);
	return rc;
}

int wb_report_lint(struct wb_out *out, enum wb_format format, const struct wb_lint_of *v, size_t n, bool many,
		   struct wb_error *err)
{
	size_t i;

	if (format == WB_FORMAT_JSON)
		return lint_json(out, v, n, many, err);
	if (format != WB_FORMAT_TEXT)
		return as_problems(out, format, v, n, err);
	for (i = 0; i < n; i++) {
		if (i)
			wb_out_add(out, "\n");
		lint_text(out, &v[i], many);
	}
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
