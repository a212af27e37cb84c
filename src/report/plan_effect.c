/* SPDX-License-Identifier: Apache-2.0
 *
 * What a step of a plan does to others, and what a whole plan does, in one line:
 * for terminals and for pull requests alike.
 */
#include "report/report.h"

#include "report/text.h"
#include "base/banned.h"

/* ---- a step ---- */

static void separate(struct wb_str *out)
{
	if (out->n)
		wb_str_add(out, "; ");
}

static void add_locks(struct wb_str *out, const struct wb_plan_step *s)
{
	size_t i;

	for (i = 0; i < s->n_locks; i++) {
		wb_str_addf(out, "%s%s%s on %s", i ? ", " : "", s->locks[i].lock,
			    s->locks[i].certain ? "" : " (perhaps)", s->locks[i].relation);
		if (s->locks[i].role && strcmp(s->locks[i].role, "table") != 0)
			wb_str_addf(out, " (%s)", s->locks[i].role);
	}
}

static void add_blocks(struct wb_str *out, const char *blocks)
{
	static const struct {
		const char *word, *text;
	} texts[] = {
		{ "none", "blocks nobody" },
		{ "writes", "blocks writers" },
		{ "reads", "blocks readers and writers" },
		{ "unknown", "whom it blocks is not known" },
	};
	size_t i;

	for (i = 0; blocks && i < WB_ARRAY_LEN(texts); i++) {
		if (strcmp(texts[i].word, blocks) == 0) {
			separate(out);
			wb_str_add(out, texts[i].text);
		}
	}
}

static void add_work(struct wb_str *out, const struct wb_plan_step *s)
{
	const char *verb = s->rewrites == 1 ? "writes" : "reads";
	char took[40];

	if (s->rewrites != 1 && s->scans != 1)
		return;
	separate(out);
	wb_str_addf(out, "%s the whole table", verb);
	if (s->bytes >= 0) {
		wb_str_add(out, ", ");
		wb_text_bytes(out, s->bytes);
	}
	if (s->rows >= 0)
		wb_str_addf(out, ", %lld row%s", (long long)s->rows, s->rows == 1 ? "" : "s");
	if (s->estimate_ms >= 0)
		wb_str_addf(out, ", about %s", wb_duration_text(s->estimate_ms, took, sizeof(took)));
}

static bool is_noticed(const struct wb_plan_step *s)
{
	return s->n_locks || s->rewrites == 1 || s->scans == 1 || (s->risk && strcmp(s->risk, "low") != 0);
}

void wb_report_plan_effect(struct wb_str *out, const struct wb_plan_step *s)
{
	if (!s->risk || !is_noticed(s))
		return;
	add_locks(out, s);
	add_blocks(out, s->blocks);
	add_work(out, s);
}

/* ---- a plan ---- */

/* What is known is said, also where something is not. */
static void add_estimate(struct wb_str *out, const struct wb_plan *plan)
{
	int64_t known = 0, open = 0;
	char took[40], count[40];
	size_t i;

	for (i = 0; i < plan->n_steps; i++) {
		known += plan->steps[i].estimate_ms > 0 ? plan->steps[i].estimate_ms : 0;
		open += plan->steps[i].estimate_ms < 0 ? 1 : 0;
	}
	if (plan->estimate_ms >= 0)
		known = plan->estimate_ms;
	if (known > 0)
		wb_str_addf(out, ". Work on whole tables: about %s", wb_duration_text(known, took, sizeof(took)));
	if (plan->estimate_ms < 0 && known > 0)
		wb_str_addf(out, ", and %s of which it is not known",
			    wb_text_count(open, "statement", count, sizeof(count)));
	else if (plan->estimate_ms < 0)
		wb_str_add(out, ". How long it takes is not known");
}

void wb_report_plan_summary(struct wb_str *out, const struct wb_plan *plan)
{
	/* Of what will not run as a whole, how long it takes and who goes on meanwhile means nothing. */
	if (plan->refused) {
		wb_str_addf(out, "Would be refused: %s does not get through, the notes say why.",
			    plan->direction && strcmp(plan->direction, "down") == 0 ? "down" : "up");
		if (plan->risk && strcmp(plan->risk, "low") != 0)
			wb_str_addf(out, " Risk of its statements: %s.", plan->risk);
		return;
	}
	if (!plan->risk)
		return;
	wb_str_addf(out, "Risk: %s", plan->risk);
	add_estimate(out, plan);
	wb_str_add(out, plan->requires_downtime == 1   ? ". An application cannot go on meanwhile."
			: plan->requires_downtime == 0 ? ". The application goes on."
						       : ". Whether an application can go on meanwhile is not known.");
}
