/* SPDX-License-Identifier: Apache-2.0
 *
 * What the SQL of a difference does to others: comments between its statements,
 * which whoever runs it may leave in, and Markdown.
 */
#include "report/schema.h"

#include "report/markdown.h"
#include "report/text.h"
#include "base/banned.h"

/* The end of a line would end the comment, and what follows would be SQL. */
static void add_comment(struct wb_str *out, const char *label, const char *text)
{
	struct wb_sv rest = wb_sv_str(text), line;

	while (wb_sv_cut(&rest, '\n', &line)) {
		wb_str_addf(out, "-- %s", label);
		wb_text_clean(out, line, 0);
		wb_str_add(out, "\n");
	}
}

static void add_step(struct wb_str *out, const struct wb_plan_step *s)
{
	wb_autostr effect = WB_STR_INIT, label = WB_STR_INIT;
	size_t i;

	wb_report_plan_effect(&effect, s);
	wb_str_addf(&label, "%s risk: ", s->risk ? s->risk : "unknown");
	out->failed |= effect.failed || label.failed;
	if (effect.n && label.p)
		add_comment(out, label.p, effect.p);
	for (i = 0; i < s->n_notes; i++)
		add_comment(out, "note: ", s->notes[i]);
	for (i = 0; i < s->n_safe; i++) {
		add_comment(out, "safer: ", s->safe[i].hint);
		add_comment(out, "safer: ", s->safe[i].safe_sql);
	}
}

void wb_effect_comments(struct wb_str *out, const struct wb_plan *effects, size_t *next, size_t change, unsigned line)
{
	const struct wb_plan_step *s = effects->steps + *next;

	for (; *next < effects->n_steps && s->change == change && s->line == line; s++, (*next)++)
		add_step(out, s);
}

void wb_effect_summary(struct wb_str *out, const struct wb_plan *effects)
{
	wb_autostr summary = WB_STR_INIT;
	size_t i;

	if (!effects)
		return;
	wb_report_plan_summary(&summary, effects);
	out->failed |= summary.failed;
	if (summary.n)
		add_comment(out, "", summary.p);
	for (i = 0; i < effects->n_notes; i++)
		add_comment(out, "note: ", effects->notes[i]);
}

void wb_effects_markdown(struct wb_out *out, const struct wb_plan *effects)
{
	size_t i;

	if (!effects)
		return;
	wb_report_plan_effects_markdown(out, effects);
	wb_report_plan_safe_markdown(out, effects);
	for (i = 0; i < effects->n_notes; i++) {
		wb_out_add(out, "\n> ");
		wb_markdown_cell(out, effects->notes[i]);
		wb_out_add(out, "\n");
	}
}
