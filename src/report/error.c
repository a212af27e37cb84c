/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors for people and for programs.
 */
#include "report/report.h"

#include <stdio.h>

#include "report/text.h"
#include "base/banned.h"

static const char *const format_names[] = {
#define X(name, text) [WB_FORMAT_##name] = text,
	WB_FORMAT_MAP(X)
#undef X
};

const char *wb_format_name(enum wb_format format)
{
	return (unsigned)format < WB_FORMAT_COUNT ? format_names[format] : "unknown";
}

void wb_report_place(struct wb_out *out, const char *file, unsigned line, unsigned column)
{
	if (!file || !*file)
		return;
	wb_out_style(out, WB_BOLD);
	wb_out_clean(out, file);
	if (line)
		wb_out_addf(out, ":%u", line);
	if (line && column)
		wb_out_addf(out, ":%u", column);
	wb_out_add(out, ":");
	wb_out_style(out, WB_PLAIN);
	wb_out_add(out, " ");
}

void wb_report_caret_gap(struct wb_out *out, struct wb_sv before)
{
	uint32_t c;
	size_t n;
	unsigned i;

	for (; (n = wb_utf8_next(before, &c)) > 0; before.p += n, before.n -= n) {
		if (c == '\t')
			wb_out_add(out, "\t");
		else
			for (i = wb_text_width(wb_sv(before.p, n)); i > 0; i--)
				wb_out_add(out, " ");
	}
}

/* The line of the file, tabs kept. */
static void print_excerpt(struct wb_out *out, const struct wb_error *error)
{
	struct wb_sv line = wb_sv_str(error->excerpt);
	char number[16];

	if (line.n == 0)
		return;
	(void)snprintf(number, sizeof(number), "%5u", error->line);
	wb_out_styled(out, WB_DIM, "%s | ", number);
	wb_text_block(&out->buf, line);
	wb_out_add(out, "\n");
	if (error->caret > line.n || error->column == 0)
		return;
	wb_out_styled(out, WB_DIM, "%*s | ", (int)strlen(number), "");
	wb_report_caret_gap(out, wb_sv(line.p, error->caret));
	wb_out_styled(out, WB_GREEN, "^");
	wb_out_add(out, "\n");
}

/* Later lines of a text stand under its first. */
static void print_part(struct wb_out *out, const char *label, enum wb_style style, const char *text)
{
	struct wb_sv rest = wb_sv_str(text), line;
	bool first = true;

	if (!text[0])
		return;
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

void wb_report_error(struct wb_out *out, const struct wb_error *error)
{
	const char *message = error->message[0] ? error->message : wb_code_text(error->code);

	wb_report_place(out, error->file, error->line, error->column);
	wb_out_styled(out, WB_RED, "error: ");
	wb_out_clean(out, message);
	if (error->sqlstate[0])
		wb_out_styled(out, WB_DIM, " (SQLSTATE %s)", error->sqlstate);
	wb_out_add(out, "\n");
	print_excerpt(out, error);
	print_part(out, "cause", WB_BOLD, error->detail);
	print_part(out, "hint", WB_CYAN, error->hint);
}

static const char *some(const char *text)
{
	return text[0] ? text : NULL;
}

static int64_t positive(unsigned n)
{
	return n ? (int64_t)n : -1;
}

json_t *wb_report_error_value(struct wb_json *j, const struct wb_error *error)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "code", wb_code_name(error->code));
	wb_json_set_text(j, o, "message", error->message[0] ? error->message : wb_code_text(error->code));
	wb_json_set_text(j, o, "detail", some(error->detail));
	wb_json_set_text(j, o, "hint", some(error->hint));
	wb_json_set_text(j, o, "sqlstate", some(error->sqlstate));
	wb_json_set_text(j, o, "version", some(error->version));
	wb_json_set_text(j, o, "file", some(error->file));
	wb_json_set_number(j, o, "line", positive(error->line));
	wb_json_set_number(j, o, "column", positive(error->column));
	wb_json_set_number(j, o, "statement", positive(error->statement));
	return o;
}

int wb_report_error_json(struct wb_out *out, const struct wb_error *error, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j);

	wb_json_set(&j, o, "error", wb_report_error_value(&j, error));
	return wb_json_print(&j, out, o, err);
}
