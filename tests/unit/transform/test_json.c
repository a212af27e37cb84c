/* SPDX-License-Identifier: Apache-2.0
 *
 * The one answer of a program that is understood here.
 */
#include "tests.h"

static void expect(const char *text, const char *wanted)
{
	wb_autostr out = WB_STR_INIT;
	bool is = json_member(wb_sv_str(text), "error", &out);

	assert_int_equal(is, wanted != NULL);
	assert_int_equal(json_member(wb_sv_str(text), "error", NULL), wanted != NULL);
	if (wanted)
		assert_string_equal(out.p, wanted);
}

static void finds_the_error(void **state)
{
	(void)state;
	expect("{\"error\":\"no\"}", "no");
	expect(" { \"error\" : \"a \\\"b\\\" \\\\ \\/ \\n\\t\" } ", "a \"b\" \\ / \n\t");
	expect("{\"error\": \"\\u00e9\\u20ac\\ud83e\\udd80 \\u0041\"}", "\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x80 A");
	expect("{\"error\": \"\\ud83e x \\u0000\"}", "\xef\xbf\xbd x \xef\xbf\xbd");
	expect("{\"error\": 42}", "42");
	expect("{\"error\": {\"code\": 1}}", "{\"code\": 1}");
	expect("{\"\\u0065rror\": \"same\"}", "same");
}

static void leaves_rows_alone(void **state)
{
	(void)state;
	expect("", NULL);
	expect("{}", NULL);
	expect("null", NULL);
	expect("{\"id\": 1, \"error\": \"a column\"}", NULL);
	expect("[{\"error\": \"in a list\"}]", NULL);
	expect("{\"error", NULL);
	expect("{\"error\"", NULL);
	expect("{\"err\\", NULL);
	expect("{\"err\\u12", NULL);
}

int test_json(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_error),
		cmocka_unit_test(leaves_rows_alone),
	};

	return RUN_GROUP("json");
}
