/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions about one statement.
 */
#include "tests.h"

static void first_words(void **state)
{
	static const struct {
		enum wb_dialect dialect;
		const char *text, *words;
	} v[] = {
		{ PG, "", "" },
		{ PG, "  select 1", "SELECT" },
		{ PG, "-- c\nCreate /* or */ Or replace\tFunction f(a)", "CREATE OR REPLACE FUNCTION F" },
		{ PG, "(select 1)", "" },
		{ PG, "a b c d e f g h i j", "A B C D E F G H" },
		{ PG, "drop table \"x\" cascade", "DROP TABLE" },
		{ PG, "é à", "é à" },
		{ LITE, "pragma foreign_keys = on", "PRAGMA FOREIGN_KEYS" },
		{ LITE, "create [table] x", "CREATE" },
		{ PG, "abcdefghijklmnopqrstuvwxyz0123456789 b", "ABCDEFGHIJKLMNOPQRSTUVWXYZ01234 B" },
	};
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++) {
		wb_autostr out = WB_STR_INIT;
		struct wb_head head;

		wb_sql_head(v[i].dialect, wb_sv_str(v[i].text), &head);
		for (k = 0; k < WB_HEAD_WORDS; k++) {
			if (k < head.n)
				wb_str_addf(&out, "%s%s", k ? " " : "", head.words[k]);
			else
				assert_string_equal(head.words[k], "");
		}
		assert_string_equal(out.p, v[i].words);
	}
}

static void words_anywhere(void **state)
{
	(void)state;
	assert_true(wb_sql_has_word(PG, WB_SV("vacuum into 'x'"), "INTO"));
	assert_true(wb_sql_has_word(PG, WB_SV("into"), "into"));
	assert_false(wb_sql_has_word(PG, WB_SV("'into' \"into\" /* into */ -- into"), "into"));
	assert_false(wb_sql_has_word(PG, WB_SV("intox $$into$$"), "into"));
	assert_true(wb_sql_has_word(LITE, WB_SV("[x] into"), "into"));
	assert_false(wb_sql_has_word(LITE, WB_SV("[into]"), "into"));
	assert_false(wb_sql_has_word(LITE, wb_sv(NULL, 0), "into"));
}

static void copy_from_stdin(void **state)
{
	static const struct {
		const char *text;
		bool is;
	} v[] = {
		{ "COPY t FROM STDIN", true },
		{ "copy binary t from stdin", true },
		{ "copy s.t (a, b) from /* c */ stdin with (format csv)", true },
		{ "-- c\n copy t(a) from stdin csv", true },
		{ "copy t from stdin where a > 1", true },
		{ "copy t to stdout", false },
		{ "copy t from 'stdin'", false },
		{ "copy t from \"stdin\"", false },
		{ "copy t from program 'stdin'", false },
		{ "copy (select * from stdin) to stdout", false },
		{ "copy ) t from stdin", true },
		{ "select copy from stdin", false },
		{ "\"copy\" t from stdin", false },
		{ "copy from", false },
		{ "", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++)
		assert_int_equal(wb_sql_is_copy_from_stdin(wb_sv_str(v[i].text)), v[i].is);
}

int test_head(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_words),
		cmocka_unit_test(words_anywhere),
		cmocka_unit_test(copy_from_stdin),
	};
	return RUN_GROUP("head");
}
