/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans as something to hand on: the exact SQL, and Markdown for a pull
 * request.
 */
#include "report/report.h"

#include "report/markdown.h"
#include "report/text.h"
#include "base/banned.h"

/* ---- SQL ---- */

/* The end of the line would end the comment, and text after it would be SQL. */
static void comment(struct wb_out *out, const char *label, const char *text)
{
	wb_out_addf(out, "-- %s", label);
	wb_out_clean(out, text);
}

static void sql_heading(struct wb_out *out, const struct wb_plan *plan, const struct wb_plan_step *s)
{
	const char *description = NULL;
	size_t i;

	for (i = 0; i < plan->n_migrations; i++)
		if (plan->migrations[i].version && strcmp(plan->migrations[i].version, s->version) == 0)
			description = plan->migrations[i].description;
	comment(out, "", s->version);
	wb_out_add(out, " ");
	wb_out_clean(out, description);
	if (s->file) {
		wb_out_add(out, " (");
		wb_out_clean(out, s->file);
		wb_out_add(out, ")");
	}
	wb_out_add(out, "\n");
}

static bool ends_statement(struct wb_sv sql)
{
	return sql.n > 0 && (sql.p[sql.n - 1] == ';' || sql.p[sql.n - 1] == '.');
}

static void sql_step(struct wb_out *out, const struct wb_plan_step *s)
{
	struct wb_sv sql = wb_sv_trim(wb_sv_str(s->sql));
	bool is_copy_end = wb_sv_eq(sql, WB_SV("\\."));

	wb_out_addn(out, sql.p, sql.n);
	wb_out_add(out, ends_statement(sql) || is_copy_end || s->sql_cut ? "\n" : ";\n");
	if (s->sql_cut)
		wb_out_add(out, "-- ... cut here: the statement is longer than 64 KiB\n");
	if (s->repeats > 1)
		wb_out_addf(out, "-- ... and %lld more statements like this one\n", (long long)(s->repeats - 1));
}

static void sql_transaction(struct wb_out *out, int64_t before, int64_t now)
{
	if (before == now)
		return;
	if (before > 0)
		wb_out_addf(out, "-- transaction %lld commits here\n", (long long)before);
	if (now > 0)
		wb_out_addf(out, "-- transaction %lld begins here\n", (long long)now);
}

void wb_report_plan_sql(struct wb_out *out, const struct wb_plan *plan)
{
	const char *version = NULL;
	int64_t transaction = 0;
	size_t i;

	for (i = 0; i < plan->n_notes; i++) {
		comment(out, "note: ", plan->notes[i]);
		wb_out_add(out, "\n");
	}
	for (i = 0; i < plan->n_steps; i++) {
		const struct wb_plan_step *s = &plan->steps[i];
		bool other = !version || strcmp(version, s->version ? s->version : "") != 0;

		if (other || s->transaction != transaction)
			sql_transaction(out, transaction, s->transaction == transaction ? transaction : 0);
		if (other) {
			if (i)
				wb_out_add(out, "\n");
			version = s->version ? s->version : "";
			sql_heading(out, plan, s);
		}
		if (s->transaction != transaction)
			sql_transaction(out, 0, s->transaction);
		transaction = s->transaction;
		sql_step(out, s);
	}
	sql_transaction(out, transaction, 0);
	if (plan->n_steps == 0)
		wb_out_add(out, "-- nothing to run\n");
}

/* ---- Markdown ---- */

static void markdown_row(struct wb_out *out, const struct wb_plan_migration *m)
{
	wb_out_add(out, "| ");
	wb_markdown_cell(out, m->version);
	wb_out_add(out, " | ");
	wb_markdown_cell(out, m->description);
	wb_out_addf(out, " | %s | %lld | %s | %s |\n", m->action ? m->action : "apply", (long long)m->statements,
		    m->transaction ? m->transaction : "unknown", m->down_source ? m->down_source : "none");
}

/* ---- what others notice ---- */

static void markdown_effect(struct wb_out *out, const struct wb_plan_step *s, const char *effect)
{
	wb_autostr line = WB_STR_INIT, sql = WB_STR_INIT;
	size_t i;

	wb_text_squeeze(&line, wb_sv_trim(wb_sv_str(s->sql)));
	wb_text_clean(&sql, wb_str_sv(&line), 80);
	out->buf.failed |= line.failed || sql.failed;
	wb_out_add(out, "| ");
	wb_markdown_cell(out, s->id);
	wb_out_add(out, " | ");
	wb_markdown_cell(out, sql.p);
	wb_out_add(out, " | ");
	wb_markdown_cell(out, s->risk);
	wb_out_add(out, " | ");
	wb_markdown_cell(out, effect);
	for (i = 0; i < s->n_notes; i++) {
		wb_out_add(out, "<br>");
		wb_markdown_cell(out, s->notes[i]);
	}
	wb_out_add(out, " |\n");
}

/* ---- safer forms ---- */

static void markdown_safe(struct wb_out *out, const struct wb_plan_step *s, const struct wb_plan_safe *safe)
{
	size_t n = wb_markdown_fence_for(safe->safe_sql, wb_markdown_fence_for(NULL, 0));
	struct wb_sv sql = wb_sv_trim(wb_sv_str(safe->safe_sql));

	wb_out_add(out, "\n**");
	wb_markdown_cell(out, s->id);
	wb_out_add(out, "** ");
	wb_markdown_cell(out, safe->message);
	if (safe->hint) {
		wb_out_add(out, ": ");
		wb_markdown_cell(out, safe->hint);
	}
	wb_out_addf(out, " (`%s`)\n", safe->rule);
	if (!safe->safe_sql)
		return;
	wb_out_add(out, "\n");
	wb_markdown_fence(out, n, "sql");
	wb_out_addn(out, sql.p, sql.n);
	wb_out_add(out, "\n");
	wb_markdown_fence(out, n, "");
}

void wb_report_plan_safe_markdown(struct wb_out *out, const struct wb_plan *plan)
{
	bool any = false;
	size_t i, k;

	for (i = 0; i < plan->n_steps; i++) {
		for (k = 0; k < plan->steps[i].n_safe; k++) {
			wb_out_add(out, any ? "" : "\n#### Safer\n");
			markdown_safe(out, &plan->steps[i], &plan->steps[i].safe[k]);
			any = true;
		}
	}
}

void wb_report_plan_effects_markdown(struct wb_out *out, const struct wb_plan *plan)
{
	wb_autostr summary = WB_STR_INIT;
	bool any = false;
	size_t i;

	wb_report_plan_summary(&summary, plan);
	if (summary.n) {
		wb_out_add(out, "\n**");
		wb_markdown_cell(out, summary.p);
		wb_out_add(out, "**\n");
	}
	for (i = 0; i < plan->n_steps; i++) {
		wb_autostr effect = WB_STR_INIT;

		wb_report_plan_effect(&effect, &plan->steps[i]);
		if (effect.n && !any)
			wb_out_add(out, "\n| Step | Statement | Risk | What others notice |\n|---|---|---|---|\n");
		any |= effect.n > 0;
		if (effect.n)
			markdown_effect(out, &plan->steps[i], effect.p);
		out->buf.failed |= effect.failed;
	}
	out->buf.failed |= summary.failed;
}

/* A fence longer than any run of backticks in the text cannot be closed by it. */
static size_t fence_length(const struct wb_plan *plan, const char *version)
{
	size_t longest = wb_markdown_fence_for(NULL, 0), i;

	for (i = 0; i < plan->n_steps; i++) {
		if (!plan->steps[i].version || strcmp(plan->steps[i].version, version) != 0)
			continue;
		longest = wb_markdown_fence_for(plan->steps[i].sql, longest);
	}
	return longest;
}

static void markdown_sql(struct wb_out *out, const struct wb_plan *plan, const struct wb_plan_migration *m)
{
	size_t i, n = fence_length(plan, m->version);

	wb_out_add(out, "\n<details><summary>");
	wb_markdown_cell(out, m->version);
	wb_out_add(out, " ");
	wb_markdown_cell(out, m->description);
	wb_out_add(out, "</summary>\n\n");
	wb_markdown_fence(out, n, "sql");
	for (i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].version && strcmp(plan->steps[i].version, m->version) == 0)
			sql_step(out, &plan->steps[i]);
	wb_markdown_fence(out, n, "");
	wb_out_add(out, "\n</details>\n");
}

/* ---- the way back ---- */

static void markdown_undo(struct wb_out *out, const struct wb_plan_migration *m)
{
	struct wb_sv sql = wb_sv_trim(wb_sv_str(m->down_sql));
	size_t n = wb_markdown_fence_for(m->down_sql, wb_markdown_fence_for(NULL, 0));

	wb_out_add(out, "\n**");
	wb_markdown_cell(out, m->version);
	wb_out_addf(out, "** %s", m->down_source ? m->down_source : "none");
	if (m->down_note) {
		wb_out_add(out, ": ");
		wb_markdown_cell(out, m->down_note);
	}
	wb_out_add(out, "\n");
	if (!sql.n)
		return;
	wb_out_add(out, "\n");
	wb_markdown_fence(out, n, "sql");
	wb_out_addn(out, sql.p, sql.n);
	wb_out_add(out, "\n");
	wb_markdown_fence(out, n, "");
}

/* Newest first, as `down` goes. */
static void markdown_way_back(struct wb_out *out, const struct wb_plan *plan)
{
	size_t i;

	wb_out_add(out, "\n<details><summary>The way back, newest first</summary>\n");
	for (i = plan->n_migrations; i-- > 0;)
		markdown_undo(out, &plan->migrations[i]);
	wb_out_add(out, "\n</details>\n");
}

static void markdown_notes(struct wb_out *out, const struct wb_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n_notes; i++) {
		wb_out_add(out, "\n> ");
		wb_markdown_cell(out, plan->notes[i]);
		wb_out_add(out, "\n");
	}
}

int wb_report_plan_markdown(struct wb_out *out, const struct wb_plan *plan, struct wb_error *err)
{
	bool down = plan->direction && strcmp(plan->direction, "down") == 0;
	char buf[40];
	size_t i;

	wb_out_addf(out, "### Migration plan: %s from ", down ? "down" : "up");
	wb_markdown_cell(out, plan->current ? plan->current : "nothing");
	wb_out_add(out, " to ");
	wb_markdown_cell(out, plan->target ? plan->target : "nothing");
	wb_out_add(out, "\n\n");
	if (plan->n_migrations == 0) {
		wb_out_add(out, "Nothing to do.\n");
		wb_report_plan_effects_markdown(out, plan);
		markdown_notes(out, plan);
		return out->buf.failed ? wb_err_nomem(err) : 0;
	}
	wb_out_add(out, "| Version | Description | Action | Statements | Transactions | Undo |\n"
			"|---|---|---|---:|---|---|\n");
	for (i = 0; i < plan->n_migrations; i++)
		markdown_row(out, &plan->migrations[i]);
	wb_out_addf(out, "\n%s in all. Digest `%s`.\n", wb_text_count(plan->statements, "statement", buf, sizeof(buf)),
		    plan->digest ? plan->digest : "unknown");
	wb_report_plan_effects_markdown(out, plan);
	wb_report_plan_safe_markdown(out, plan);
	markdown_notes(out, plan);
	for (i = 0; i < plan->n_migrations; i++)
		markdown_sql(out, plan, &plan->migrations[i]);
	if (!down)
		markdown_way_back(out, plan);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
