/* SPDX-License-Identifier: Apache-2.0
 *
 * Did you mean.
 */
#include "tests.h"

#include "base/banned.h"

static const char *guess(const char *word)
{
	static const char *const names[] = { "up",       "down",   "status", "history",
					     "validate", "resume", "reset",  "lock-wait" };
	struct cli_guess g;
	size_t i;

	cli_guess_init(&g, wb_sv_str(word));
	for (i = 0; i < WB_ARRAY_LEN(names); i++)
		cli_guess_try(&g, wb_sv_str(names[i]));
	for (i = 0; i < WB_ARRAY_LEN(names); i++)
		if (g.best.p == names[i])
			return names[i];
	return NULL;
}

static void finds_what_is_near(void **state)
{
	(void)state;
	assert_string_equal(guess("statsu"), "status");
	assert_string_equal(guess("stat"), "status");
	assert_string_equal(guess("pu"), "up");
	assert_string_equal(guess("histroy"), "history");
	assert_string_equal(guess("VALIDATE"), "validate");
	assert_string_equal(guess("lock_wait"), "lock-wait");
	assert_string_equal(guess("rese"), "reset");
}

static void says_nothing_of_what_is_far(void **state)
{
	char longer[200];

	(void)state;
	assert_null(guess("frobnicate"));
	assert_null(guess("xy"));
	memset(longer, 's', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_null(guess(longer));
}

static void gives_a_hint(void **state)
{
	struct cli_guess g;
	struct wb_error err;

	(void)state;
	wb_err_set(&err, WB_EUSAGE, "x");
	cli_guess_init(&g, WB_SV("dwon"));
	assert_false(cli_guess_hint(&g, "--", &err));
	assert_string_equal(err.hint, "");
	cli_guess_try(&g, WB_SV("down"));
	assert_true(cli_guess_hint(&g, "--", &err));
	assert_string_equal(err.hint, "did you mean \"--down\"?");
}

int test_guess(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_is_near),
		cmocka_unit_test(says_nothing_of_what_is_far),
		cmocka_unit_test(gives_a_hint),
	};

	return RUN_GROUP("guess");
}
