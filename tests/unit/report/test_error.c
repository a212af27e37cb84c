/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors, events and log lines.
 */
#include "tests.h"

#include "base/banned.h"

static struct wb_error sample(void)
{
	struct wb_error e;

	wb_err_set(&e, WB_ESQL, "no such table: towns");
	wb_err_detail(&e, "first\nsecond");
	wb_err_hint(&e, "look");
	wb_err_place(&e, "m/V1__a.sql", 3, 7);
	wb_err_excerpt(&e,
		       WB_SV("a\nb\n\xC3\xA4\xE6\xBC\xA2"
			     "a\xFF x;"),
		       4 + 6);
	(void)wb_sv_copy(WB_SV("42P01"), e.sqlstate, sizeof(e.sqlstate));
	e.statement = 2;
	return e;
}

static void looks_like_a_compiler(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error e = sample();

	(void)state;
	wb_report_error(&out, &e);
	assert_has(&out, "m/V1__a.sql:3:7: error: no such table: towns (SQLSTATE 42P01)\n");
	/* The caret stands under the byte: one narrow, one wide, one narrow character before it. */
	assert_has(&out, "    3 | \xC3\xA4\xE6\xBC\xA2"
			 "a? x;\n");
	assert_has(&out, "\n      |     ^\n");
	assert_has(&out, "  cause: first\n         second\n");
	assert_has(&out, "  hint: look\n");
	wb_out_done(&out);
}

static void keeps_tabs_under_the_caret(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error e = { .code = WB_EINPUT, .message = "m", .file = "f", .line = 12, .column = 4, .caret = 3 };

	(void)state;
	(void)wb_sv_copy(WB_SV("a\tbcd"), e.excerpt, sizeof(e.excerpt));
	wb_report_error(&out, &e);
	assert_has(&out, "   12 | a\tbcd\n      |  \t ^\n");
	wb_out_done(&out);
}

static void says_something_without_text(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error e = { .code = WB_EBUSY };

	(void)state;
	wb_report_error(&out, &e);
	assert_string_equal(out.buf.p, "error: another run holds the lock\n");
	wb_out_done(&out);
}

static void has_the_json_shape(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error e = sample(), err;
	json_t *root;

	(void)state;
	assert_int_equal(wb_report_error_json(&out, &e, &err), 0);
	root = as_json(&out);
	assert_string_equal(text_at(root, "error.code"), "WB_ESQL");
	assert_string_equal(text_at(root, "error.message"), "no such table: towns");
	assert_string_equal(text_at(root, "error.detail"), "first\nsecond");
	assert_string_equal(text_at(root, "error.hint"), "look");
	assert_string_equal(text_at(root, "error.sqlstate"), "42P01");
	assert_string_equal(text_at(root, "error.file"), "m/V1__a.sql");
	assert_int_equal(json_integer_value(at(root, "error.line")), 3);
	assert_int_equal(json_integer_value(at(root, "error.column")), 7);
	assert_int_equal(json_integer_value(at(root, "error.statement")), 2);
	json_decref(root);
	wb_out_done(&out);
}

static void unknown_parts_are_null(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error e = { .code = WB_ENO, .message = "bytes \xFF" }, err;
	json_t *root;

	(void)state;
	assert_int_equal(wb_report_error_json(&out, &e, &err), 0);
	root = as_json(&out);
	assert_string_equal(text_at(root, "error.message"), "bytes \xEF\xBF\xBD");
	assert_true(json_is_null(at(root, "error.hint")));
	assert_true(json_is_null(at(root, "error.line")));
	json_decref(root);
	wb_out_done(&out);
}

static void events_are_lines(void **state)
{
	struct wb_event e = wb_event_make(WB_EVENT_MIGRATION_COMPLETED);
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	json_t *root;

	(void)state;
	e.at_us = 1700000000000000;
	e.version = "003";
	e.description = "two\nlines";
	e.elapsed_ms = 12;
	assert_int_equal(wb_report_event(&out, &e, &err), 0);
	assert_ptr_equal(strchr(out.buf.p, '\n'), out.buf.p + out.buf.n - 1);
	root = as_json(&out);
	assert_string_equal(text_at(root, "event"), "migration_completed");
	assert_string_equal(text_at(root, "version"), "003");
	assert_true(wb_sv_starts(wb_sv_str(text_at(root, "time")), "2023-11-14T22:13:20"));
	assert_int_equal(json_integer_value(at(root, "elapsed_ms")), 12);
	assert_null(json_object_get(root, "rows"));
	assert_null(json_object_get(root, "sqlstate"));
	json_decref(root);
	wb_out_done(&out);
}

static void log_lines(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	json_t *root;

	(void)state;
	assert_int_equal(wb_report_log(&out, WB_LOG_WARN, "careful", "WB_EBUSY", &err), 0);
	root = as_json(&out);
	assert_string_equal(text_at(root, "level"), "warn");
	assert_string_equal(text_at(root, "message"), "careful");
	assert_string_equal(text_at(root, "code"), "WB_EBUSY");
	json_decref(root);
	wb_out_done(&out);
}

int test_error(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_like_a_compiler),
		cmocka_unit_test(keeps_tabs_under_the_caret),
		cmocka_unit_test(says_something_without_text),
		cmocka_unit_test(has_the_json_shape),
		cmocka_unit_test(unknown_parts_are_null),
		cmocka_unit_test(events_are_lines),
		cmocka_unit_test(log_lines),
	};

	return RUN_GROUP("error");
}
