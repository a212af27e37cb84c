/* SPDX-License-Identifier: Apache-2.0
 *
 * What was done of advice, and whether it helped.
 */
#include "report/report.h"

#include "report/advise.h"
#include "report/text.h"
#include "base/banned.h"

/* ---- JSON ---- */

static void set_ms(struct wb_json *j, json_t *o, const char *key, double ms)
{
	wb_json_set(j, o, key, ms < 0 ? json_null() : json_real(ms));
}

static json_t *step_value(struct wb_json *j, const struct wb_optimize_step *s)
{
	json_t *o = wb_json_object(j);

	wb_json_set_text(j, o, "name", s->name);
	wb_json_set_text(j, o, "sql", s->sql);
	wb_json_set_text(j, o, "undo_sql", s->undo_sql);
	wb_json_set_text(j, o, "state", s->state);
	wb_json_set_text(j, o, "message", s->message);
	wb_json_set_number(j, o, "duration_ms", s->duration_ms < 0 ? 0 : s->duration_ms);
	wb_json_set(j, o, "gained", s->judged ? wb_json_bool(s->gained) : json_null());
	set_ms(j, o, "before_ms", s->judged ? s->before_ms : -1);
	set_ms(j, o, "after_ms", s->judged ? s->after_ms : -1);
	return o;
}

static int as_json(struct wb_out *out, const struct wb_optimization *r, const struct wb_error *error,
		   struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *steps = wb_json_array(&j), *queries = wb_json_array(&j);
	size_t i;

	for (i = 0; i < r->n_steps; i++)
		wb_json_append(&j, steps, step_value(&j, &r->steps[i]));
	for (i = 0; i < r->n_queries; i++)
		wb_json_append(&j, queries, wb_report_advice_query(&j, &r->queries[i]));
	wb_json_set(&j, o, "dry_run", wb_json_bool(r->dry_run));
	wb_json_set(&j, o, "resumed", wb_json_bool(r->resumed));
	wb_json_set(&j, o, "steps", steps);
	wb_json_set(&j, o, "queries", queries);
	if (r->advice)
		wb_json_set(&j, o, "advice", wb_report_advice_value(&j, r->advice));
	wb_json_set_number(&j, o, "duration_ms", r->duration_ms);
	if (error)
		wb_json_set(&j, o, "error", wb_report_error_value(&j, error));
	return wb_json_print(&j, out, o, err);
}

/* ---- text ---- */

static void print_sql(struct wb_out *out, const struct wb_optimization *r)
{
	size_t i;

	for (i = 0; i < r->n_steps; i++)
		wb_out_addf(out, "%s;\n", r->steps[i].sql);
	if (r->n_steps == 0)
		wb_out_add(out, "-- nothing to do\n");
}

static void print_step(struct wb_out *out, const struct wb_optimize_step *s)
{
	bool failed = strcmp(s->state, "failed") == 0, done = strcmp(s->state, "skipped") != 0 && !failed;
	char time[40];

	wb_out_add(out, "  ");
	wb_out_styled(out, failed ? WB_RED : done ? WB_GREEN : WB_YELLOW, "%-8s", s->state);
	wb_out_addf(out, " %s", s->sql);
	if (s->duration_ms >= 0 && done)
		wb_out_addf(out, "  %s", wb_duration_text(s->duration_ms, time, sizeof(time)));
	wb_out_add(out, "\n");
	if (s->message) {
		wb_out_add(out, "           ");
		wb_out_clean(out, s->message);
		wb_out_add(out, "\n");
	}
	if (s->judged && s->gained)
		wb_out_addf(out, "           gained: %.2f ms to %.2f ms\n", s->before_ms, s->after_ms);
	if (s->judged && !s->gained) {
		wb_out_styled(out, WB_YELLOW, "           gained nothing here");
		wb_out_addf(out, " (%.2f ms to %.2f ms)%s%s\n", s->before_ms, s->after_ms,
			    s->undo_sql ? "; to undo it: " : "", s->undo_sql ? s->undo_sql : "");
	}
}

static void print_all(struct wb_out *out, const struct wb_optimization *r)
{
	size_t i;

	if (r->resumed)
		wb_out_add(out, "going on with the run that was cut short\n");
	for (i = 0; i < r->n_steps; i++)
		print_step(out, &r->steps[i]);
	if (r->n_steps == 0)
		wb_out_add(out, "nothing to do: nothing that was tried makes these queries faster\n");
	if (r->n_steps == 0)
		return;
	wb_out_add(out, "\n");
	wb_report_advice_queries(out, false, r->queries, r->n_queries);
	wb_out_add(out, "\n");
	wb_report_advice_bars(out, false, r->queries, r->n_queries);
}

int wb_report_optimization(struct wb_out *out, enum wb_format format, const struct wb_optimization *result,
			   const struct wb_error *error, struct wb_error *err)
{
	if (format == WB_FORMAT_JSON)
		return as_json(out, result, error, err);
	if (result->dry_run)
		print_sql(out, result);
	else
		print_all(out, result);
	return 0;
}
