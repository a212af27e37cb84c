/* SPDX-License-Identifier: Apache-2.0
 *
 * Validation in all its forms.
 */
#include "tests.h"

#include "base/banned.h"

static const struct wb_problem problems[] = {
	{ .kind = "gap", .version = "003", .message = "002 is missing", .code = WB_EORDER },
	{ .kind = "syntax",
	  .version = "004",
	  .file = "m/a,b:c.sql",
	  .message = "50% \"odd\" <text>\nsecond",
	  .hint = "mend",
	  .line = 9,
	  .column = 4,
	  .code = WB_EINPUT },
	{ .kind = "empty", .version = "005", .file = "m/V005.sql", .message = "no statement", .warning = true },
};
const struct wb_validation sample_validation = { false, problems, 3, 12, 40 };
static const struct wb_validation valid = { true, NULL, 0, 2, 3 };
static const struct wb_error unreachable = { .code = WB_ECONN, .message = "nobody there" };

static void run(struct wb_out *out, enum wb_format format, const struct wb_validation *v)
{
	const struct wb_validation_of of = { "main", v, v ? NULL : &unreachable, false, NULL, NULL };
	struct wb_error err;

	wb_str_clear(&out->buf);
	assert_int_equal(wb_report_validation(out, format, &of, 1, false, &err), 0);
}

static void text(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;

	(void)state;
	run(&out, WB_FORMAT_TEXT, &sample_validation);
	assert_has(&out, "003: error: 002 is missing [gap]\n");
	assert_has(&out, "m/a,b:c.sql:9:4: error: 50% \"odd\" <text> second [syntax]\n");
	assert_has(&out, "m/V005.sql: warning: no statement [empty]\n");
	assert_has(&out, "not valid: 12 files, 40 pending statements, 2 errors, 1 warning\n");
	run(&out, WB_FORMAT_TEXT, &valid);
	assert_string_equal(out.buf.p, "valid: 2 files, 3 pending statements, 0 errors, 0 warnings\n");
	wb_out_done(&out);
}

static void json(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	json_t *root;

	(void)state;
	run(&out, WB_FORMAT_JSON, &sample_validation);
	root = as_json(&out);
	assert_true(json_is_false(at(root, "valid")));
	assert_string_equal(text_at(root, "problems.1.kind"), "syntax");
	assert_int_equal(json_integer_value(at(root, "problems.1.column")), 4);
	assert_string_equal(text_at(root, "problems.2.severity"), "warning");
	json_decref(root);
	wb_out_done(&out);
}

static void github(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;

	(void)state;
	run(&out, WB_FORMAT_GITHUB, &sample_validation);
	assert_has(&out, "::error title=whimbrel gap::002 is missing\n");
	assert_has(&out, "::error file=m/a%2Cb%3Ac.sql,line=9,col=4,title=whimbrel syntax::50%25 \"odd\" <text> "
			 "second%0Amend\n");
	assert_has(&out, "::warning file=m/V005.sql,line=1,title=whimbrel empty::no statement\n");
	run(&out, WB_FORMAT_GITHUB, NULL);
	assert_string_equal(out.buf.p, "::error title=whimbrel::nobody there\n");
	wb_out_done(&out);
}

static void junit(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;

	(void)state;
	run(&out, WB_FORMAT_JUNIT, &sample_validation);
	assert_has(&out, "<testsuite name=\"whimbrel validate main\" tests=\"3\" failures=\"2\">");
	assert_has(&out, "message=\"50% &quot;odd&quot; &lt;text&gt; second; mend\"");
	run(&out, WB_FORMAT_JUNIT, &valid);
	assert_has(&out, "tests=\"1\" failures=\"0\"");
	assert_lacks(&out, "<failure");
	run(&out, WB_FORMAT_JUNIT, NULL);
	assert_has(&out, "tests=\"1\" failures=\"1\"");
	assert_has(&out, "<failure type=\"WB_ECONN\" message=\"nobody there\"/>");
	wb_out_done(&out);
}

static void sarif(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	json_t *root;

	(void)state;
	run(&out, WB_FORMAT_SARIF, &sample_validation);
	root = as_json(&out);
	assert_string_equal(text_at(root, "version"), "2.1.0");
	assert_string_equal(text_at(root, "runs.0.tool.driver.name"), "whimbrel");
	assert_string_equal(text_at(root, "runs.0.results.1.ruleId"), "syntax");
	assert_string_equal(text_at(root, "runs.0.results.1.locations.0.physicalLocation.artifactLocation.uri"),
			    "m/a%2Cb%3Ac.sql");
	assert_int_equal(json_integer_value(at(root, "runs.0.results.1.locations.0.physicalLocation.region.startLine")),
			 9);
	assert_string_equal(text_at(root, "runs.0.results.2.level"), "warning");
	assert_null(json_object_get(at(root, "runs.0.results.0"), "locations"));
	json_decref(root);
	run(&out, WB_FORMAT_SARIF, NULL);
	root = as_json(&out);
	assert_true(json_is_false(at(root, "runs.0.invocations.0.executionSuccessful")));
	json_decref(root);
	wb_out_done(&out);
}

int test_validation(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),  cmocka_unit_test(json),  cmocka_unit_test(github),
		cmocka_unit_test(junit), cmocka_unit_test(sarif),
	};

	return RUN_GROUP("validation");
}
