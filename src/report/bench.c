/* SPDX-License-Identifier: Apache-2.0
 *
 * Benchmarks of queries as text, Markdown and JUnit.
 */
#include "report/bench.h"

#include "report/markdown.h"
#include "report/report.h"
#include "report/table.h"
#include "report/text.h"
#include "base/banned.h"

static const enum wb_style styles[] = { WB_GREEN, WB_RED, WB_GREEN, WB_RED, WB_PLAIN, WB_YELLOW };

static bool has_change(const struct wb_bench_report *r)
{
	size_t i;

	for (i = 0; i < r->n_results; i++)
		if (r->results[i].change.known)
			return true;
	return false;
}

/* "1.234" for what is short, "123.4" for what is long. */
static void add_ms(struct wb_str *out, double ms)
{
	wb_str_addf(out, "%.*f", ms < 10 ? 3 : ms < 100 ? 2 : 1, ms);
}

static void add_target(struct wb_str *out, const struct wb_bench_query *q)
{
	if (q->target_p50_us)
		add_ms(out, (double)q->target_p50_us / 1000);
	if (q->target_p95_us) {
		wb_str_add(out, q->target_p50_us ? ", p95 " : "p95 ");
		add_ms(out, (double)q->target_p95_us / 1000);
	}
}

static void add_change(struct wb_str *out, const struct wb_bench_change *c)
{
	if (c->known)
		wb_str_addf(out, "%+.1f%%", (c->ratio - 1) * 100);
}

static void add_indexes(struct wb_str *out, const struct wb_query_plan *p)
{
	size_t i;

	for (i = 0; p && i < p->indexes.n; i++)
		wb_str_addf(out, "%s%s", i ? ", " : "", p->indexes.v[i]);
	if (p && !p->indexes.n)
		wb_str_add(out, "none");
}

/* What there is to say of a query besides its numbers. */
void wb_bench_remarks(struct wb_str *out, const struct wb_bench_result *r)
{
	size_t i;

	if (r->error)
		wb_str_addf(out, "%s", r->error);
	if (r->change.why)
		wb_str_addf(out, "%s%s", out->n ? "; " : "", r->change.why);
	for (i = 0; i < r->change.plan.n; i++)
		wb_str_addf(out, "%s%s", i ? ", " : out->n ? "; other plan: " : "other plan: ", r->change.plan.v[i]);
	if (r->plan && r->plan->spilled)
		wb_str_addf(out, "%sspills to disk", out->n ? "; " : "");
	if (r->plan && r->plan->worst_estimate >= 10)
		wb_str_addf(out, "%srows misestimated by a factor of %.0f", out->n ? "; " : "",
			    r->plan->worst_estimate);
}

/* ---- the rows, for text and Markdown ---- */

enum column { QUERY, RUNS, MEDIAN, CI, P95, P99, MAX, TARGET, BEFORE, CHANGE, ROWS, INDEXES, VERDICT, N_COLUMNS };
static const struct wb_column columns[N_COLUMNS] = {
	{ "query", false, true },        { "runs", true, false },   { "median ms", true, false },
	{ "95% interval", true, false }, { "p95", true, false },    { "p99", true, false },
	{ "max", true, false },          { "target", true, false }, { "before", true, false },
	{ "change", true, false },       { "rows", true, false },   { "indexes", false, true },
	{ "verdict", false, false },
};

static bool is_shown(const struct wb_bench_report *r, enum column c)
{
	switch (c) {
	case CI:
		return !r->is_load;
	case P99:
	case MAX:
		return r->is_load;
	case BEFORE:
	case CHANGE:
		return has_change(r);
	default:
		return true;
	}
}

static void cell(struct wb_str *out, const struct wb_bench_result *r, enum column c)
{
	wb_str_clear(out);
	if (c == QUERY)
		wb_str_add(out, r->query->name);
	else if (c == VERDICT)
		wb_str_add(out, wb_bench_verdict_name(r->verdict));
	else if (c == INDEXES)
		add_indexes(out, r->plan);
	else if (c == TARGET)
		add_target(out, r->query);
	else if (r->error || !r->runs)
		return;
	else if (c == RUNS)
		wb_str_addf(out, "%zu", r->runs);
	else if (c == MEDIAN || c == P95 || c == P99 || c == MAX)
		add_ms(out, c == MEDIAN ? r->median_ms : c == P95 ? r->p95_ms : c == P99 ? r->p99_ms : r->max_ms);
	else if (c == BEFORE && r->change.known)
		add_ms(out, r->change.before_ms);
	else if (c == CHANGE)
		add_change(out, &r->change);
	else if (c == ROWS && r->rows >= 0)
		wb_str_addf(out, "%lld", (long long)r->rows);
	if (c == CI) {
		add_ms(out, r->ci_lo_ms);
		wb_str_add(out, " - ");
		add_ms(out, r->ci_hi_ms);
	}
}

static void text_table(struct wb_out *out, const struct wb_bench_report *r)
{
	struct wb_column shown[N_COLUMNS];
	struct wb_table t;
	wb_autostr text = WB_STR_INIT;
	size_t n = 0, i;
	int c;

	for (c = 0; c < N_COLUMNS; c++)
		if (is_shown(r, (enum column)c))
			shown[n++] = columns[c];
	wb_table_init(&t, shown, n);
	for (i = 0; i < r->n_results; i++)
		for (c = 0; c < N_COLUMNS; c++) {
			if (!is_shown(r, (enum column)c))
				continue;
			cell(&text, &r->results[i], (enum column)c);
			wb_table_add(&t, c == VERDICT ? styles[r->results[i].verdict] : WB_PLAIN, text.p);
		}
	wb_table_print(&t, out, 2);
	wb_table_done(&t);
}

static void counts(struct wb_out *out, const struct wb_bench_report *r)
{
	bool first = true;
	int v;

	for (v = 0; v <= WB_BENCH_INCONCLUSIVE; v++)
		if (r->count[v]) {
			wb_out_addf(out, "%s%zu %s", first ? "" : ", ", r->count[v],
				    wb_bench_verdict_name((enum wb_bench_verdict)v));
			first = false;
		}
}

static void notes(struct wb_out *out, const struct wb_bench_report *r, const char *before)
{
	if (r->is_load)
		wb_out_addf(out,
			    "%s%.1f queries a second of %.1f asked for, for %.1f s on %lld connections; %zu of %zu "
			    "began late, by %.1f ms at most\n",
			    before, r->load.achieved, r->load.rate, (double)r->load.duration_ms / 1000,
			    (long long)r->load.connections, r->load.late, r->load.sent, r->load.worst_late_ms);
	if (r->geomean > 0)
		wb_out_addf(out, "%sall queries together: %+.1f%%\n", before, (r->geomean - 1) * 100);
	if (r->speed_ratio > 1.05 || (r->speed_ratio > 0 && r->speed_ratio < 0.95))
		wb_out_addf(out, "%sthe machine was %s than for what it is compared with: the same work took %+.1f%%\n",
			    before, r->speed_ratio > 1 ? "slower" : "faster", (r->speed_ratio - 1) * 100);
	if (r->noisy)
		wb_out_addf(out, "%sthe machine was busy with something else most of the time\n", before);
}

static void text_form(struct wb_out *out, const struct wb_bench_report *r)
{
	wb_autostr text = WB_STR_INIT;
	char time[40];
	size_t i;

	wb_out_styled(out, WB_BOLD, "== ");
	wb_out_clean(out, r->suite->name);
	wb_out_addf(out, ": %s, %s", r->server, wb_duration_text(r->duration_ms, time, sizeof(time)));
	if (r->compared_with) {
		wb_out_add(out, ", compared with ");
		wb_out_clean(out, r->compared_with);
	}
	wb_out_add(out, "\n\n");
	text_table(out, r);
	wb_out_add(out, "\n");
	for (i = 0; i < r->n_results; i++) {
		wb_str_clear(&text);
		wb_bench_remarks(&text, &r->results[i]);
		if (!text.n)
			continue;
		wb_out_add(out, "  ");
		wb_out_clean(out, r->results[i].query->name);
		wb_out_add(out, ": ");
		wb_out_clean(out, text.p);
		wb_out_add(out, "\n");
	}
	notes(out, r, "  ");
	counts(out, r);
	wb_out_add(out, "\n");
}

/* ---- Markdown ---- */

static void markdown_form(struct wb_out *out, const struct wb_bench_report *r)
{
	wb_autostr text = WB_STR_INIT;
	size_t i;
	int c;

	wb_out_add(out, "## ");
	wb_markdown_cell(out, r->suite->name);
	wb_out_add(out, "\n\n");
	wb_markdown_cell(out, r->server);
	if (r->compared_with) {
		wb_out_add(out, ", compared with ");
		wb_markdown_cell(out, r->compared_with);
	}
	wb_out_add(out, ": ");
	counts(out, r);
	wb_out_add(out, "\n\n|");
	for (c = 0; c < N_COLUMNS; c++)
		if (is_shown(r, (enum column)c))
			wb_out_addf(out, " %s |", columns[c].title);
	wb_out_add(out, " remarks |\n|");
	for (c = 0; c < N_COLUMNS; c++)
		if (is_shown(r, (enum column)c))
			wb_out_add(out, columns[c].right ? "---:|" : "---|");
	wb_out_add(out, "---|\n");
	for (i = 0; i < r->n_results; i++) {
		wb_out_add(out, "|");
		for (c = 0; c < N_COLUMNS; c++) {
			if (!is_shown(r, (enum column)c))
				continue;
			cell(&text, &r->results[i], (enum column)c);
			wb_out_add(out, " ");
			wb_markdown_cell(out, text.p);
			wb_out_add(out, " |");
		}
		wb_str_clear(&text);
		wb_bench_remarks(&text, &r->results[i]);
		wb_out_add(out, " ");
		wb_markdown_cell(out, text.p);
		wb_out_add(out, " |\n");
	}
	wb_out_add(out, "\n");
	notes(out, r, "- ");
}

/* ---- JUnit ---- */

static enum wb_junit junit_result(const struct wb_bench_result *r)
{
	if (r->error && r->error_code != WB_ETIMEOUT)
		return WB_JUNIT_ERROR;
	if (r->verdict == WB_BENCH_INCONCLUSIVE)
		return WB_JUNIT_SKIPPED;
	return r->verdict == WB_BENCH_FAIL || r->verdict == WB_BENCH_REGRESSED ? WB_JUNIT_FAILURE : WB_JUNIT_PASS;
}

static void junit_message(struct wb_str *out, const struct wb_bench_result *r)
{
	wb_str_clear(out);
	if (r->runs && !r->error) {
		wb_str_add(out, "median ");
		add_ms(out, r->median_ms);
		wb_str_add(out, " ms");
	}
	if (r->change.known && !r->error) {
		wb_str_add(out, ", ");
		add_change(out, &r->change);
	}
	if (r->query->target_p50_us || r->query->target_p95_us) {
		wb_str_add(out, out->n ? ", target " : "target ");
		add_target(out, r->query);
	}
	wb_str_add(out, out->n ? "; " : "");
	wb_bench_remarks(out, r);
}

static void junit_form(struct wb_out *out, const struct wb_bench_report *r)
{
	wb_autostr text = WB_STR_INIT;
	size_t count[4] = { 0 }, i;

	for (i = 0; i < r->n_results; i++)
		count[junit_result(&r->results[i])]++;
	wb_out_add(out,
		   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"whimbrel bench ");
	wb_report_xml(out, r->suite->name);
	wb_out_addf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\">\n",
		    r->n_results, count[WB_JUNIT_FAILURE], count[WB_JUNIT_ERROR], count[WB_JUNIT_SKIPPED],
		    (double)r->duration_ms / 1000);
	for (i = 0; i < r->n_results; i++) {
		const struct wb_bench_result *one = &r->results[i];

		junit_message(&text, one);
		wb_report_junit_case(out, &(struct wb_junit_case){ .suite = r->suite->name,
								   .name = one->query->name,
								   .kind = wb_bench_verdict_name(one->verdict),
								   .message = text.p,
								   .result = junit_result(one),
								   .timed = true,
								   .ms = (int64_t)(one->median_ms + 0.5) });
	}
	wb_out_add(out, "  </testsuite>\n</testsuites>\n");
}

int wb_report_bench(struct wb_out *out, enum wb_format format, const struct wb_bench_report *report,
		    struct wb_error *err)
{
	if (format == WB_FORMAT_JSON)
		return wb_bench_json(out, report, err);
	if (format == WB_FORMAT_JUNIT)
		junit_form(out, report);
	else if (format == WB_FORMAT_MARKDOWN)
		markdown_form(out, report);
	else
		text_form(out, report);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
