/* SPDX-License-Identifier: Apache-2.0
 *
 * Problems of files and journal, as text and JSON.
 */
#include "report/report.h"

#include "report/text.h"
#include "base/banned.h"

json_t *wb_report_problem_value(struct wb_json *j, const struct wb_problem *p, bool place)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "kind", p->kind);
	wb_json_set_text(j, o, "version", p->version);
	wb_json_set_text(j, o, "file", p->file);
	wb_json_set_text(j, o, "message", p->message);
	wb_json_set_text(j, o, "hint", p->hint);
	wb_json_set_text(j, o, "severity", p->warning ? "warning" : "error");
	if (p->code)
		wb_json_set_text(j, o, "code", wb_code_name(p->code));
	if (place) {
		wb_json_set_number(j, o, "line", p->line ? (int64_t)p->line : -1);
		wb_json_set_number(j, o, "column", p->column ? (int64_t)p->column : -1);
	}
	return o;
}

static void print_place(struct wb_out *out, const struct wb_problem *p)
{
	wb_out_style(out, WB_BOLD);
	if (p->file)
		wb_out_clean(out, p->file);
	else if (p->version)
		wb_out_clean(out, p->version);
	if (p->file && p->line)
		wb_out_addf(out, ":%u", p->line);
	if (p->file && p->line && p->column)
		wb_out_addf(out, ":%u", p->column);
	if (p->file || p->version)
		wb_out_add(out, ":");
	wb_out_style(out, WB_PLAIN);
	if (p->file || p->version)
		wb_out_add(out, " ");
}

void wb_report_problem(struct wb_out *out, const struct wb_problem *p)
{
	print_place(out, p);
	wb_out_styled(out, p->warning ? WB_YELLOW : WB_RED, p->warning ? "warning: " : "error: ");
	wb_out_clean(out, p->message);
	wb_out_styled(out, WB_DIM, " [%s]\n", p->kind);
	if (p->hint && p->hint[0]) {
		wb_out_styled(out, WB_CYAN, "  hint: ");
		wb_out_clean(out, p->hint);
		wb_out_add(out, "\n");
	}
}
