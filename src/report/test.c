/* SPDX-License-Identifier: Apache-2.0
 *
 * What tests of migrations have found: a line for each and the failures at the
 * end, JSON, JUnit.
 */
#include "report/report.h"

#include "report/text.h"
#include "base/banned.h"

static bool is_bad(const struct wb_test_result *r)
{
	return r->outcome == WB_TEST_FAILED || r->outcome == WB_TEST_NOT_RUN;
}

/* ---- JSON ---- */

static json_t *metrics_value(struct wb_json *j, const struct wb_test_result *r)
{
	json_t *o = wb_json_object(j);

	wb_json_set_number(j, o, "rows", r->rows);
	wb_json_set_number(j, o, "migration_time_ms", r->migration_ms);
	wb_json_set_number(j, o, "throughput_rps", r->rows_per_s);
	wb_json_set(j, o, "memory_peak_mb", json_real((double)r->peak_rss_kb / 1024));
	wb_json_set(j, o, "disk_growth_mb", json_real((double)r->growth_kb / 1024));
	return o;
}

static json_t *result_value(struct wb_json *j, const struct wb_test_result *r)
{
	json_t *o = wb_json_object(j);
	bool skipped = r->outcome == WB_TEST_SKIPPED;

	wb_json_set_text(j, o, "scenario", r->scenario);
	wb_json_set_text(j, o, "suite", r->suite);
	wb_json_set(j, o, "success", skipped ? json_null() : wb_json_bool(!is_bad(r)));
	wb_json_set_number(j, o, "duration_ms", r->duration_ms);
	wb_json_set_text(j, o, "message", r->message);
	wb_json_set_text(j, o, "outcome", wb_test_outcome_name(r->outcome));
	wb_json_set_text(j, o, "hint", r->hint);
	wb_json_set_text(j, o, "file", r->file);
	wb_json_set_number(j, o, "line", r->line ? (int64_t)r->line : -1);
	if (r->rows >= 0)
		wb_json_set(j, o, "metrics", metrics_value(j, r));
	return o;
}

static int json_form(struct wb_out *out, const struct wb_test_report *r, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *results = wb_json_array(&j);
	size_t i;

	wb_json_set_number(&j, o, "totalTests", (int64_t)r->n_results);
	wb_json_set_number(&j, o, "passed", (int64_t)r->passed);
	wb_json_set_number(&j, o, "failed", (int64_t)r->failed);
	wb_json_set_number(&j, o, "skipped", (int64_t)r->skipped);
	wb_json_set_number(&j, o, "could_not_run", (int64_t)r->not_run);
	wb_json_set_number(&j, o, "duration_ms", r->duration_ms);
	wb_json_set_number(&j, o, "jobs", r->jobs);
	wb_json_set(&j, o, "stopped", wb_json_bool(r->stopped));
	for (i = 0; i < r->n_results; i++)
		wb_json_append(&j, results, result_value(&j, &r->results[i]));
	wb_json_set(&j, o, "results", results);
	return wb_json_print(&j, out, o, err);
}

/* ---- text ---- */

static const struct {
	const char *word;
	enum wb_style style;
} outcomes[] = {
	[WB_TEST_PASSED] = { "ok", WB_GREEN },
	[WB_TEST_FAILED] = { "FAIL", WB_RED },
	[WB_TEST_SKIPPED] = { "skip", WB_YELLOW },
	[WB_TEST_NOT_RUN] = { "FAIL", WB_RED },
};

static void padded(struct wb_out *out, const char *text, unsigned width)
{
	wb_autostr clean = WB_STR_INIT;
	unsigned has;

	wb_text_clean(&clean, wb_sv_str(text), 60);
	has = wb_text_width(wb_str_sv(&clean));
	wb_out_add(out, clean.p);
	wb_out_addf(out, "%*s", has < width ? (int)(width - has) : 0, "");
}

static unsigned widest(const struct wb_test_report *r, bool of_suites)
{
	unsigned width = 0, one;
	size_t i;

	for (i = 0; i < r->n_results; i++) {
		one = wb_text_width(wb_sv_str(of_suites ? r->results[i].suite : r->results[i].scenario));
		width = one > width ? one : width;
	}
	return width > 60 ? 60 : width;
}

static void text_line(struct wb_out *out, const struct wb_test_result *r, unsigned suites, unsigned names)
{
	char time[40];

	wb_out_styled(out, outcomes[r->outcome].style, "%-4s", outcomes[r->outcome].word);
	wb_out_add(out, "  ");
	padded(out, r->suite, suites + 2);
	padded(out, r->scenario, names + 2);
	wb_out_addf(out, "%9s", wb_duration_text(r->duration_ms, time, sizeof(time)));
	/* Why it failed stands below. */
	if (r->message && !is_bad(r)) {
		wb_out_add(out, "  ");
		wb_out_clean(out, r->message);
	}
	wb_out_add(out, "\n");
}

static void text_failure(struct wb_out *out, const struct wb_test_result *r, size_t number)
{
	wb_out_addf(out, "\n%zu) ", number);
	wb_out_clean(out, r->suite);
	wb_out_add(out, ": ");
	wb_out_clean(out, r->scenario);
	wb_out_add(out, "\n   ");
	if (r->file)
		wb_report_place(out, r->file, r->line, 0);
	if (r->outcome == WB_TEST_NOT_RUN)
		wb_out_add(out, "it could not be run: ");
	wb_out_clean(out, r->message ? r->message : "it failed");
	wb_out_add(out, "\n");
	if (r->hint) {
		wb_out_styled(out, WB_CYAN, "   hint: ");
		wb_out_clean(out, r->hint);
		wb_out_add(out, "\n");
	}
}

static void text_form(struct wb_out *out, const struct wb_test_report *r)
{
	unsigned suites = widest(r, true), names = widest(r, false);
	size_t i, number = 0;
	char time[40];

	for (i = 0; i < r->n_results; i++)
		text_line(out, &r->results[i], suites, names);
	for (i = 0; i < r->n_results; i++)
		if (is_bad(&r->results[i]))
			text_failure(out, &r->results[i], ++number);
	wb_out_add(out, "\n");
	wb_out_styled(out, r->failed ? WB_RED : WB_GREEN, "%zu passed, %zu failed", r->passed, r->failed);
	if (r->not_run)
		wb_out_addf(out, " (%zu of them could not be run)", r->not_run);
	if (r->skipped)
		wb_out_addf(out, ", %zu skipped", r->skipped);
	wb_out_addf(out, " in %s\n", wb_duration_text(r->duration_ms, time, sizeof(time)));
}

/* ---- JUnit: the results of a suite stand together ---- */

static void junit_suite(struct wb_out *out, const struct wb_test_report *r, const char *suite)
{
	size_t count[4] = { 0 }, n = 0, i;
	int64_t ms = 0;
	static const enum wb_junit results[] = { [WB_TEST_PASSED] = WB_JUNIT_PASS,
						 [WB_TEST_FAILED] = WB_JUNIT_FAILURE,
						 [WB_TEST_SKIPPED] = WB_JUNIT_SKIPPED,
						 [WB_TEST_NOT_RUN] = WB_JUNIT_ERROR };

	for (i = 0; i < r->n_results; i++) {
		if (strcmp(r->results[i].suite, suite) != 0)
			continue;
		n++;
		ms += r->results[i].duration_ms;
		count[results[r->results[i].outcome]]++;
	}
	wb_out_add(out, "  <testsuite name=\"whimbrel test ");
	wb_report_xml(out, suite);
	wb_out_addf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%lld.%03lld\">\n", n,
		    count[WB_JUNIT_FAILURE], count[WB_JUNIT_ERROR], count[WB_JUNIT_SKIPPED], (long long)(ms / 1000),
		    (long long)(ms % 1000));
	for (i = 0; i < r->n_results; i++) {
		const struct wb_test_result *one = &r->results[i];
		const struct wb_junit_case c = { .suite = one->suite,
						 .name = one->scenario,
						 .kind = wb_test_outcome_name(one->outcome),
						 .message = one->message ? one->message : "",
						 .result = results[one->outcome],
						 .timed = true,
						 .ms = one->duration_ms };

		if (strcmp(one->suite, suite) == 0)
			wb_report_junit_case(out, &c);
	}
	wb_out_add(out, "  </testsuite>\n");
}

static void junit_form(struct wb_out *out, const struct wb_test_report *r)
{
	size_t i, k;

	wb_out_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	for (i = 0; i < r->n_results; i++) {
		for (k = 0; k < i && strcmp(r->results[k].suite, r->results[i].suite) != 0; k++)
			;
		if (k == i)
			junit_suite(out, r, r->results[i].suite);
	}
	wb_out_add(out, "</testsuites>\n");
}

int wb_report_test(struct wb_out *out, enum wb_format format, const struct wb_test_report *report, struct wb_error *err)
{
	if (format == WB_FORMAT_JSON)
		return json_form(out, report, err);
	if (format == WB_FORMAT_JUNIT)
		junit_form(out, report);
	else
		text_form(out, report);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
