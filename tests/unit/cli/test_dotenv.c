/* SPDX-License-Identifier: Apache-2.0
 *
 * .env files.
 */
#include "tests.h"

#include "base/banned.h"

static void assert_value(const char *text, const char *name, const char *expected)
{
	struct cli_env env = { 0 };
	struct wb_error err;
	bool dotenv;
	const char *value;

	if (cli_dotenv_parse(wb_sv_str(text), ".env", &env, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	value = cli_env_get(&env, name, &dotenv);
	if (!expected)
		assert_null(value);
	else if (!value || strcmp(value, expected) != 0)
		fail_msg("%s: %s is \"%s\", not \"%s\"", text, name, value ? value : "(unset)", expected);
	if (expected)
		assert_true(dotenv);
	cli_env_done(&env);
}

static void reads_values(void **state)
{
	(void)state;
	assert_value("A=b", "A", "b");
	assert_value("  A = b c \t\r\nB=2", "A", "b c");
	assert_value("\xEF\xBB\xBF"
		     "A=1\n",
		     "A", "1");
	assert_value("# A=0\n\n\texport A=1 # one\nB=2", "A", "1");
	assert_value("export=1", "export", "1");
	assert_value("A=sqlite:x#y", "A", "sqlite:x#y");
	assert_value("A=#nothing", "A", NULL);
	assert_value("A=", "A", NULL);
	assert_value("A=1\nA=2", "A", "2");
	assert_value("A=a'b\"c", "A", "a'b\"c");
	assert_value("A='a \\n $x \"q\" # no'  # yes", "A", "a \\n $x \"q\" # no");
	assert_value("A=\"a\\n\\t\\\"\\\\\\$\\x\"", "A", "a\n\t\"\\$\\x");
	assert_value("A=\"two\nlines\"\nB=3", "A", "two\nlines");
	assert_value("A='two\nlines'\nB=3", "B", "3");
	assert_value("A='${X}'", "A", "${X}");
}

static void refuses(void **state)
{
	static const struct {
		const char *text, *message;
		unsigned line, column;
	} cases[] = {
		{ "A", "\"=\" is missing", 1, 2 },        { "A=1\nB 2\n", "\"=\" is missing", 2, 3 },
		{ "=1", "a name is missing", 1, 1 },      { "1A=1", "a name is missing", 1, 1 },
		{ "A.B=1", "\"=\" is missing", 1, 2 },    { "A='b\nc\n", "not closed", 1, 3 },
		{ "\nA=\"b", "not closed", 2, 3 },        { "A='b'c", "after a quoted value", 1, 6 },
		{ "export A", "\"=\" is missing", 1, 9 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct cli_env env = { 0 };
		struct wb_error err = { 0 };

		if (cli_dotenv_parse(wb_sv_str(cases[i].text), ".env", &env, &err) != WB_ECONFIG)
			fail_msg("not refused: %s", cases[i].text);
		if (!strstr(err.message, cases[i].message) || err.line != cases[i].line ||
		    err.column != cases[i].column)
			fail_msg("%s: %u:%u %s", cases[i].text, err.line, err.column, err.message);
		assert_string_equal(err.excerpt, ""); /* it might be a password */
		cli_env_done(&env);
	}
}

static void refuses_nul(void **state)
{
	struct cli_env env = { 0 };
	struct wb_error err;

	(void)state;
	assert_int_equal(cli_dotenv_parse(wb_sv("A=1\nB=\0x", 8), ".env", &env, &err), WB_ECONFIG);
	assert_int_equal(err.line, 2);
	cli_env_done(&env);
}

static void the_real_environment_wins(void **state)
{
	struct cli_env env = { 0 };
	bool dotenv = true;

	(void)state;
	assert_int_equal(cli_dotenv_parse(WB_SV("WB_T_A=file\nWB_T_B=file"), ".env", &env, NULL), 0);
	setenv("WB_T_A", "real", 1);
	setenv("WB_T_B", "", 1); /* set to nothing is set */
	assert_string_equal(cli_env_get(&env, "WB_T_A", &dotenv), "real");
	assert_false(dotenv);
	assert_null(cli_env_get(&env, "WB_T_B", NULL));
	unsetenv("WB_T_A");
	unsetenv("WB_T_B");
	assert_string_equal(cli_env_get(&env, "WB_T_A", &dotenv), "file");
	assert_true(dotenv);
	cli_env_done(&env);
}

int test_dotenv(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_values),
		cmocka_unit_test(refuses),
		cmocka_unit_test(refuses_nul),
		cmocka_unit_test(the_real_environment_wins),
	};

	return RUN_GROUP("dotenv");
}
