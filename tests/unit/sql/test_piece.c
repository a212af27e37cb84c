/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel_batch(KEY): found as the lexer sees it, and replaced.
 */
#include "tests.h"

static const char *filled(struct wb_str *s, const char *text, const char *from, const char *to)
{
	wb_str_clear(s);
	wb_sql_piece(WB_DIALECT_POSTGRES, wb_sv_str(text), from, to, s);
	return s->p;
}

static void found_where_it_stands(void **state)
{
	static const struct {
		const char *text;
		size_t n;
	} v[] = {
		{ "UPDATE t SET a = 1 WHERE whimbrel_batch(id)", 1 },
		{ "UPDATE t SET a = 1 WHERE WHIMBREL_BATCH (a, t.b)", 2 },
		{ "SELECT whimbrel_batch(coalesce(a, 'x,)'), b[1,2])", 2 },
		{ "SELECT whimbrel_batch(a) AND whimbrel_batch(b)", 1 },
		{ "SELECT whimbrel_batch(a) AND whimbrel_batch(a, b)", 0 },
		{ "SELECT 'whimbrel_batch(id)' -- whimbrel_batch(id)", 0 },
		{ "SELECT \"whimbrel_batch\"(id), whimbrel_batch, my_whimbrel_batch(id)", 0 },
		{ "SELECT whimbrel_batch()", 0 },
		{ "SELECT whimbrel_batch(a,)", 0 },
		{ "SELECT whimbrel_batch(a", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(v); i++)
		assert_int_equal(wb_sql_piece_keys(WB_DIALECT_POSTGRES, wb_sv_str(v[i].text)), v[i].n);
}

static void replaced_by_a_condition(void **state)
{
	static const char one[] = "UPDATE t SET a = 1 WHERE whimbrel_batch( id ) AND b",
			  two[] = "x whimbrel_batch(a, t.b) y";
	wb_autostr s = WB_STR_INIT;

	(void)state;
	assert_string_equal(filled(&s, one, NULL, "'5'"), "UPDATE t SET a = 1 WHERE ((id) <= ('5')) AND b");
	assert_string_equal(filled(&s, one, "'5'", "'9'"),
			    "UPDATE t SET a = 1 WHERE ((id) > ('5') AND (id) <= ('9')) AND b");
	assert_string_equal(filled(&s, one, "'9'", NULL), "UPDATE t SET a = 1 WHERE ((id) IS NULL) AND b");
	assert_string_equal(filled(&s, two, "1, 2", "3, 4"),
			    "x ((a, t.b) > (1, 2) AND (a, t.b) <= (3, 4) AND (a) IS NOT NULL AND (t.b) IS NOT NULL) y");
	assert_string_equal(filled(&s, two, NULL, NULL), "x ((a) IS NULL OR (t.b) IS NULL) y");
	assert_string_equal(filled(&s, "nothing", NULL, NULL), "nothing");
}

static void read_without_it(void **state)
{
	char text[] = "UPDATE t SET a = 'whimbrel_batch(x)' WHERE whimbrel_batch(a, b)";

	(void)state;
	wb_sql_piece_blank(WB_DIALECT_SQLITE, text, strlen(text));
	assert_string_equal(text, "UPDATE t SET a = 'whimbrel_batch(x)' WHERE NULL       IN (a, b)");
}

int test_piece(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_where_it_stands),
		cmocka_unit_test(replaced_by_a_condition),
		cmocka_unit_test(read_without_it),
	};
	return RUN_GROUP("piece");
}
