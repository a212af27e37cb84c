/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of queries, settings, and small results.
 */
#include "tests.h"

#include "base/banned.h"

static const char *const names[] = { "a", "b", "a" };

static struct wb_rows *begin(struct wb_out *out, enum wb_format format)
{
	struct wb_rows *rows = NULL;
	struct wb_error err;

	assert_int_equal(wb_rows_new(out, format, "q", &rows, &err), 0);
	return rows;
}

static void shows_text(void **state)
{
	static const char *const values[] = { "1", NULL, "x\033y" };
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_rows *rows = begin(&out, WB_FORMAT_TEXT);
	struct wb_error err;

	(void)state;
	assert_int_equal(wb_rows_add(rows, 3, names, values), 0);
	assert_int_equal(wb_rows_end(rows, true, &err), 0);
	assert_string_equal(out.buf.p, "a  b     a_2\n1  null  x y\n(1 row)\n");
	wb_out_done(&out);
}

static void shows_columns_without_rows(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_rows *rows = begin(&out, WB_FORMAT_TEXT);
	struct wb_error err;

	(void)state;
	assert_int_equal(wb_rows_add(rows, 2, names, NULL), 0);
	assert_int_equal(wb_rows_end(rows, true, &err), 0);
	assert_string_equal(out.buf.p, "a  b\n(0 rows)\n");
	wb_out_done(&out);
}

/* More rows than a bundle holds: nothing is lost between two. */
static void shows_many(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_rows *rows = begin(&out, WB_FORMAT_TEXT);
	struct wb_error err;
	char text[16];
	int i;

	(void)state;
	for (i = 0; i < 1203; i++) {
		const char *values[] = { text };

		(void)snprintf(text, sizeof(text), "row%d.", i);
		assert_int_equal(wb_rows_add(rows, 1, names, values), 0);
	}
	assert_int_equal(wb_rows_end(rows, true, &err), 0);
	assert_has(&out, "row0.\n");
	assert_has(&out, "row499.\n");
	assert_has(&out, "row500.\n");
	assert_has(&out, "row1202.\n(1203 rows)\n");
	wb_out_done(&out);
}

static void writes_json(void **state)
{
	static const char *const values[] = { "1", NULL, "\xFF" };
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_rows *rows = begin(&out, WB_FORMAT_JSON);
	struct wb_error err;
	json_t *root;

	(void)state;
	assert_int_equal(wb_rows_add(rows, 3, names, values), 0);
	assert_int_equal(wb_rows_add(rows, 3, names, values), 0);
	assert_int_equal(wb_rows_end(rows, true, &err), 0);
	root = as_json(&out);
	assert_string_equal(text_at(root, "query"), "q");
	assert_string_equal(text_at(root, "columns.2"), "a_2");
	assert_int_equal(json_array_size(at(root, "rows")), 2);
	assert_string_equal(text_at(root, "rows.1.a"), "1");
	assert_true(json_is_null(at(root, "rows.1.b")));
	assert_string_equal(text_at(root, "rows.1.a_2"), "\xEF\xBF\xBD");
	json_decref(root);
	wb_str_clear(&out.buf);
	assert_int_equal(wb_rows_end(begin(&out, WB_FORMAT_JSON), true, &err), 0);
	root = as_json(&out);
	assert_int_equal(json_array_size(at(root, "rows")), 0);
	json_decref(root);
	wb_out_done(&out);
}

static void shows_settings(void **state)
{
	static const struct wb_setting_row rows[] = {
		{ NULL, "project", "main", "default", NULL, NULL },
		{ "shop", "url", NULL, "configuration", "whimbrel.yaml:3", "X is not set" },
	};
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	json_t *root;

	(void)state;
	assert_int_equal(wb_report_settings(&out, WB_FORMAT_TEXT, rows, 2, &err), 0);
	assert_has(&out, "project             main          default\n");
	assert_has(&out, "databases.shop.url  X is not set  configuration: whimbrel.yaml:3\n");
	wb_str_clear(&out.buf);
	assert_int_equal(wb_report_settings(&out, WB_FORMAT_JSON, rows, 2, &err), 0);
	root = as_json(&out);
	assert_string_equal(text_at(root, "settings.1.database"), "shop");
	assert_true(json_is_null(at(root, "settings.1.value")));
	assert_string_equal(text_at(root, "settings.1.error"), "X is not set");
	json_decref(root);
	wb_out_done(&out);
}

static void writes_facts(void **state)
{
	static const char *const list[] = { "x", "y" };
	static const struct wb_fact facts[] = {
		WB_TEXT_FACT("t", "text"), WB_TEXT_FACT("n", NULL), WB_BOOL_FACT("b", true),
		WB_NUMBER_FACT("i", 7),    WB_NUMBER_FACT("u", -1), WB_LIST_FACT("l", list, 2),
	};
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	json_t *root;

	(void)state;
	assert_int_equal(wb_report_facts(&out, facts, WB_ARRAY_LEN(facts), &err), 0);
	root = as_json(&out);
	assert_string_equal(text_at(root, "t"), "text");
	assert_true(json_is_null(at(root, "n")));
	assert_true(json_is_true(at(root, "b")));
	assert_int_equal(json_integer_value(at(root, "i")), 7);
	assert_true(json_is_null(at(root, "u")));
	assert_string_equal(text_at(root, "l.1"), "y");
	json_decref(root);
	wb_out_done(&out);
}

int test_rows(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_text),     cmocka_unit_test(shows_columns_without_rows),
		cmocka_unit_test(shows_many),     cmocka_unit_test(writes_json),
		cmocka_unit_test(shows_settings), cmocka_unit_test(writes_facts),
	};

	return RUN_GROUP("rows");
}
