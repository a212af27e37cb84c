/* SPDX-License-Identifier: Apache-2.0
 *
 * Every allocation of our own fails once: the report says so, or is whole.
 */
#include "tests.h"

#include "tests/unit/oom.h"
#include "base/banned.h"

struct want {
	enum wb_format format;
	size_t n; /* bytes of the whole report; 0 until it is known */
};

/* What was written is the whole, or the call told that it is not. */
static int judge(struct want *want, struct wb_out *out, int rc)
{
	struct wb_error err;

	if (rc == 0)
		rc = wb_out_finish(out, "memory", &err);
	if (rc == 0 && want->n)
		assert_int_equal(out->buf.n, want->n);
	if (rc == 0)
		want->n = out->buf.n;
	wb_out_done(out);
	return rc;
}

static int status(void *user)
{
	const struct wb_status_of of = { "main", &sample_status, NULL };
	struct want *want = user;
	struct wb_out out = WB_OUT_MEMORY;

	return judge(want, &out, wb_report_status(&out, want->format, &of, 1, false, false, NULL));
}

static int validation(void *user)
{
	const struct wb_validation_of of = { "main", &sample_validation, NULL, false, NULL, NULL };
	struct want *want = user;
	struct wb_out out = WB_OUT_MEMORY;

	return judge(want, &out, wb_report_validation(&out, want->format, &of, 1, false, NULL));
}

static int plan(void *user)
{
	struct want *want = user;
	struct wb_out out = WB_OUT_MEMORY;

	return judge(want, &out, wb_report_plan(&out, want->format, &sample_plan, NULL));
}

static int rows(void *user)
{
	static const char *const names[] = { "a", "a" }, *const values[] = { "1", "\xFF" };
	struct want *want = user;
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_rows *r = NULL;
	int rc = wb_rows_new(&out, want->format, "q", &r, NULL), ended;

	if (rc == 0)
		rc = wb_rows_add(r, 2, names, values);
	ended = wb_rows_end(r, rc == 0, NULL);
	return judge(want, &out, rc < 0 ? rc : ended);
}

static int diff(void *user)
{
	struct want *want = user;
	struct wb_out out = WB_OUT_MEMORY;

	return judge(want, &out, wb_report_diff(&out, want->format, &sample_diff, NULL));
}

static int schema(void *user)
{
	struct want *want = user;
	struct wb_out out = WB_OUT_MEMORY;

	return judge(want, &out, wb_report_schema(&out, want->format, sample_diff.from, "text", 4, NULL));
}

static int release(void *user)
{
	struct want *want = user;
	struct wb_out out = WB_OUT_MEMORY;

	return judge(want, &out, wb_report_release(&out, want->format, &sample_release, NULL));
}

static int releases(void *user)
{
	struct want *want = user;
	struct wb_out out = WB_OUT_MEMORY;

	return judge(want, &out, wb_report_releases(&out, want->format, &sample_releases, NULL));
}

static int lint(void *user)
{
	static const struct wb_lint_finding findings[] = {
		{ .rule = "gap", .level = WB_LINT_ERROR, .message = "one is missing", .hint = "add it" },
		{ .rule = "drop-table",
		  .level = WB_LINT_INFO,
		  .file = "m/V001.sql",
		  .line = 3,
		  .column = 2,
		  .excerpt = "\tDROP TABLE \xFF;",
		  .caret = 1,
		  .statement = 1,
		  .message = "rows are lost",
		  .hint = "rename it",
		  .safe_sql = "ALTER TABLE a\nRENAME TO b;" },
	};
	static const struct wb_lint_unknown unknown = { "how large a table is", 1 };
	static const struct wb_lint sample = { .findings = findings,
					       .n_findings = WB_ARRAY_LEN(findings),
					       .files = 1,
					       .statements = 2,
					       .count = { 0, 1, 0, 1 },
					       .unknown = &unknown,
					       .n_unknown = 1 };
	const struct wb_lint_of of = { "main", &sample, NULL };
	struct want *want = user;
	struct wb_out out = WB_OUT_MEMORY;

	return judge(want, &out, wb_report_lint(&out, want->format, &of, 1, false, NULL));
}

static int rule(void *user)
{
	struct want *want = user;
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_lint_rule r;

	if (!wb_lint_rule_find("set-not-null", &r))
		return WB_EBUG;
	return judge(want, &out, wb_report_rule(&out, want->format, &r, NULL));
}

static void every_allocation_fails(void **state)
{
	static int (*const reports[])(void *) = { status, validation, plan,     rows, diff,
						  schema, release,    releases, lint, rule };
	size_t i, format;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(reports); i++)
		for (format = 0; format < WB_FORMAT_COUNT; format++) {
			struct want want = { (enum wb_format)format, 0 };

			/* The whole report first, so that a part of it is seen as one. */
			assert_int_equal(reports[i](&want), 0);
			assert_true(wb_oom_run(reports[i], &want) > 0);
		}
}

int test_oom(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(every_allocation_fails) };

	return RUN_GROUP("oom");
}
