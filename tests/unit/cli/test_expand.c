/* SPDX-License-Identifier: Apache-2.0
 *
 * ${NAME} in values of the configuration.
 */
#include "tests.h"

#include "base/banned.h"

static int set_up(void **state)
{
	(void)state;
	setenv("WB_T_HOST", "example", 1);
	setenv("WB_T_EMPTY", "", 1);
	unsetenv("WB_T_UNSET");
	return 0;
}

static void assert_expands(const char *text, const char *expected)
{
	struct cli_env env = { 0 };
	wb_autoarena arena = WB_ARENA_INIT;
	const char *out = NULL;
	struct wb_error err;

	if (cli_expand(&env, &arena, text, &out, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	assert_string_equal(out, expected);
}

static void assert_refused(const char *text, const char *message)
{
	struct cli_env env = { 0 };
	wb_autoarena arena = WB_ARENA_INIT;
	const char *out = "untouched";
	struct wb_error err;

	assert_int_equal(cli_expand(&env, &arena, text, &out, &err), WB_ECONFIG);
	if (!strstr(err.message, message))
		fail_msg("%s: %s", text, err.message);
	assert_string_equal(out, "untouched");
}

static void replaces(void **state)
{
	(void)state;
	assert_expands("", "");
	assert_expands("plain $x $ {y} }", "plain $x $ {y} }");
	assert_expands("${WB_T_HOST}", "example");
	assert_expands("postgres://${WB_T_HOST}/a${WB_T_HOST}b", "postgres://example/aexampleb");
	assert_expands("${WB_T_UNSET:-sqlite:app.db}", "sqlite:app.db");
	assert_expands("${WB_T_EMPTY:-x}", "x");
	assert_expands("${WB_T_HOST:-x}", "example");
	assert_expands("${WB_T_UNSET:-}", "");
	assert_expands("a$${WB_T_HOST}b", "a${WB_T_HOST}b");
	assert_expands("$$x", "$$x");
}

static void names_what_is_missing(void **state)
{
	(void)state;
	assert_refused("a ${WB_T_UNSET} b", "variable WB_T_UNSET is not set");
	assert_refused("${WB_T_EMPTY}", "variable WB_T_EMPTY is not set");
	assert_refused("${}", "names no environment variable");
	assert_refused("${a-b}", "names no environment variable");
	assert_refused("${1A}", "names no environment variable");
	assert_refused("${:-x}", "names no environment variable");
	assert_refused("${WB_T_HOST", "no closing");
	assert_refused("${", "no closing");
}

int test_expand(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(replaces, set_up),
		cmocka_unit_test_setup(names_what_is_missing, set_up),
	};

	return RUN_GROUP("expand");
}
