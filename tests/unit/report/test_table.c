/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables.
 */
#include "tests.h"

#include "base/banned.h"

static const struct wb_column columns[] = {
	{ "Name", false, false },
	{ "What", false, true },
	{ "N", true, false },
};

static void fill(struct wb_table *t)
{
	wb_table_init(t, columns, WB_ARRAY_LEN(columns));
	wb_table_add(t, WB_PLAIN,
		     "b\xC3\xA4"
		     "d");
	wb_table_add(t, WB_PLAIN, "a rather long description of it");
	wb_table_addf(t, WB_PLAIN, "%d", 7);
	wb_table_add(t, WB_PLAIN, "\xE6\xBC\xA2\xE5\xAD\x97");
	wb_table_add(t, WB_PLAIN, NULL);
	wb_table_add(t, WB_PLAIN, "12345");
}

static void aligns(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_table t;

	(void)state;
	fill(&t);
	assert_int_equal(wb_table_rows(&t), 2);
	wb_table_print(&t, &out, 1);
	assert_string_equal(out.buf.p, " Name  What                                 N\n"
				       " b\xC3\xA4"
				       "d   a rather long description of it      7\n"
				       " \xE6\xBC\xA2\xE5\xAD\x97                                   12345\n");
	wb_table_done(&t);
	wb_out_done(&out);
}

static void fits_the_terminal(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_sv rest, line;
	struct wb_table t;

	(void)state;
	out.columns = 30;
	fill(&t);
	wb_table_print(&t, &out, 0);
	assert_has(&out, "a rather long ...      7\n");
	rest = wb_str_sv(&out.buf);
	while (wb_sv_cut(&rest, '\n', &line))
		assert_true(wb_text_width(line) <= 30);
	wb_table_done(&t);
	wb_out_done(&out);
}

/* Where nothing can give way, the line is long rather than wrong. */
static void keeps_what_cannot_give_way(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_table t;

	(void)state;
	out.columns = 10;
	fill(&t);
	wb_table_print(&t, &out, 0);
	assert_has(&out, "a rather ...");
	assert_has(&out, "12345");
	wb_table_done(&t);
	wb_out_done(&out);
}

static void leaves_no_blanks_behind(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_table t;

	(void)state;
	wb_table_init(&t, columns, 2);
	wb_table_add(&t, WB_PLAIN, "x");
	wb_table_add(&t, WB_PLAIN, "");
	wb_table_print(&t, &out, 0);
	assert_has(&out, "\nx\n");
	wb_table_done(&t);
	wb_out_done(&out);
}

int test_table(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(aligns),
		cmocka_unit_test(fits_the_terminal),
		cmocka_unit_test(keeps_what_cannot_give_way),
		cmocka_unit_test(leaves_no_blanks_behind),
	};

	return RUN_GROUP("table");
}
