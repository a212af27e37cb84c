/* SPDX-License-Identifier: Apache-2.0
 *
 * The growing string: growth, ceiling, failure that sticks.
 */
#include "tests.h"

static void starts_empty(void **state)
{
	wb_autostr s = WB_STR_INIT;

	(void)state;
	assert_string_equal(s.p, "");
	wb_str_add(&s, "");
	wb_str_addn(&s, NULL, 0);
	wb_str_addsv(&s, wb_sv(NULL, 0));
	wb_str_clear(&s);
	assert_int_equal(s.cap, 0); /* nothing was needed, nothing allocated */
	assert_int_equal(wb_str_sv(&s).n, 0);
	assert_int_equal(wb_str_empty[0], 0);
}

static void appends_everything(void **state)
{
	wb_autostr s = WB_STR_INIT;

	(void)state;
	wb_str_add(&s, "one");
	wb_str_addc(&s, ' ');
	wb_str_addn(&s, "two-", 3);
	wb_str_addsv(&s, WB_SV(" three"));
	wb_str_addf(&s, " %d%%", 4);
	wb_str_addn(&s, "\0x", 2);
	assert_false(s.failed);
	assert_int_equal(s.n, 18);
	assert_memory_equal(s.p, "one two three 4%\0x", 18);
}

/* Every length round the growth steps, by both ways of appending. */
static void grows_at_every_length(void **state)
{
	size_t n, i;

	(void)state;
	for (n = 0; n < 300; n++) {
		wb_autostr by_char = WB_STR_INIT, by_format = WB_STR_INIT;

		for (i = 0; i < n; i++)
			wb_str_addc(&by_char, 'x');
		wb_str_addf(&by_format, "%s%s", by_char.p, "");
		wb_str_addf(&by_format, "%s", by_char.p);
		assert_int_equal(by_char.n, n);
		assert_int_equal(strlen(by_char.p), n);
		assert_int_equal(by_format.n, 2 * n);
		assert_int_equal(strspn(by_format.p, "x"), 2 * n);
		assert_false(by_format.failed);
	}
}

static void stops_at_the_ceiling(void **state)
{
	wb_autostr s = { .p = wb_str_empty, .max = 100 };

	(void)state;
	wb_str_addf(&s, "%*d", 100, 1);
	assert_false(s.failed);
	assert_int_equal(s.n, 100);
	assert_true(s.cap <= 101);
	wb_str_addc(&s, 'x');
	assert_true(s.failed);
	assert_int_equal(s.n, 100);
	assert_int_equal(strlen(s.p), 100);
	wb_str_add(&s, "y");
	wb_str_addf(&s, "%d", 1);
	assert_false(wb_str_reserve(&s, 0));
	assert_int_equal(s.n, 100);
	assert_null(wb_str_take(&s));
	assert_false(s.failed);
	assert_string_equal(s.p, "");
	assert_int_equal(s.max, 100);
}

static void a_format_that_does_not_fit_leaves_no_part(void **state)
{
	wb_autostr s = { .p = wb_str_empty, .max = 10 };

	(void)state;
	wb_str_add(&s, "12345");
	wb_str_addf(&s, "%s", "678901");
	assert_true(s.failed);
	assert_string_equal(s.p, "12345");
	wb_str_clear(&s);
	assert_false(s.failed);
	assert_string_equal(s.p, "");
	wb_str_addf(&s, "%s", "1234567890");
	assert_false(s.failed);
	assert_string_equal(s.p, "1234567890");
}

static void knows_the_largest_size(void **state)
{
	wb_autostr s = WB_STR_INIT, huge = { .p = wb_str_empty, .max = SIZE_MAX };

	(void)state;
	assert_false(wb_str_reserve(&s, WB_STR_MAX + 1));
	wb_str_clear(&s);
	assert_false(wb_str_reserve(&s, SIZE_MAX));
	assert_false(wb_str_reserve(&huge, SIZE_MAX));
	assert_true(huge.failed);
}

static void gives_its_text_away(void **state)
{
	wb_autostr s = WB_STR_INIT;
	wb_autofree char *text = NULL, *nothing = NULL;

	(void)state;
	nothing = wb_str_take(&s);
	assert_string_equal(nothing, "");
	wb_str_add(&s, "mine");
	text = wb_str_take(&s);
	assert_string_equal(text, "mine");
	assert_string_equal(s.p, "");
	assert_int_equal(s.n, 0);
	wb_str_add(&s, "next");
	assert_string_equal(s.p, "next");
	assert_string_equal(text, "mine");
}

static int build(void *user)
{
	wb_autostr s = WB_STR_INIT;
	char *text;
	int i;

	(void)user;
	for (i = 0; i < 50; i++) {
		wb_str_addf(&s, "%d ", i);
		wb_str_add(&s, "some text");
		assert_true(s.p && strlen(s.p) == s.n);
	}
	text = wb_str_take(&s);
	free(text);
	return text ? 0 : WB_ENOMEM;
}

static void survives_lack_of_memory(void **state)
{
	(void)state;
	assert_true(wb_oom_run(build, NULL) >= 3);
}

int test_str(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_empty),
		cmocka_unit_test(appends_everything),
		cmocka_unit_test(grows_at_every_length),
		cmocka_unit_test(stops_at_the_ceiling),
		cmocka_unit_test(a_format_that_does_not_fit_leaves_no_part),
		cmocka_unit_test(knows_the_largest_size),
		cmocka_unit_test(gives_its_text_away),
		cmocka_unit_test(survives_lack_of_memory),
	};

	return RUN_GROUP("str");
}
