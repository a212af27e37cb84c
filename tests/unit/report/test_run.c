/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run did.
 */
#include "tests.h"

#include "base/banned.h"

static const struct wb_run_migration applied[] = {
	{ .version = "001",
	  .description = "people",
	  .file = "m/V001.sql",
	  .statements = 1,
	  .execution_ms = 12,
	  .rows_affected = 0 },
	{ .version = "002",
	  .description = "towns",
	  .file = "m/V002.sql",
	  .statements = 3,
	  .execution_ms = 1500,
	  .rows_affected = 10,
	  .rolled_back = true },
};

static void show(struct wb_out *out, enum wb_format format, enum wb_action action, const struct wb_run_result *result,
		 const struct wb_error *error, bool brief)
{
	const struct wb_run_report run = { action, result, error, brief };
	struct wb_error err;

	wb_str_clear(&out->buf);
	assert_int_equal(wb_report_run(out, format, &run, &err), 0);
}

static void shows_text(void **state)
{
	const struct wb_run_result r = { .direction = "up", .applied = applied, .n_applied = 1, .duration_ms = 20 };
	struct wb_out out = WB_OUT_MEMORY;

	(void)state;
	show(&out, WB_FORMAT_TEXT, WB_ACTION_UP, &r, NULL, false);
	assert_string_equal(out.buf.p, "  001  people  1 statement  12 ms\nApplied 1 migration in 20 ms.\n");
	show(&out, WB_FORMAT_TEXT, WB_ACTION_DOWN, &r, NULL, true);
	assert_string_equal(out.buf.p, "Reverted 1 migration in 20 ms.\n");
	wb_out_done(&out);
}

static void tells_of_waiting(void **state)
{
	const struct wb_run_result r = { .applied = applied,
					 .n_applied = 1,
					 .duration_ms = 9000,
					 .lock_wait_ms = 3000,
					 .blocked_ms = 250,
					 .retries = 2 };
	struct wb_out out = WB_OUT_MEMORY;

	(void)state;
	show(&out, WB_FORMAT_TEXT, WB_ACTION_UP, &r, NULL, true);
	assert_string_equal(out.buf.p, "Applied 1 migration in 9.0 s, 3.0 s of it waiting for another run; others were "
				       "blocked for at most 250 ms; 2 retries.\n");
	wb_out_done(&out);
}

static void says_when_nothing_was_to_do(void **state)
{
	const struct wb_run_result r = { .direction = "up" };
	struct wb_out out = WB_OUT_MEMORY;

	(void)state;
	show(&out, WB_FORMAT_TEXT, WB_ACTION_UP, &r, NULL, false);
	assert_string_equal(out.buf.p, "Nothing to apply: every migration is applied.\n");
	show(&out, WB_FORMAT_TEXT, WB_ACTION_RESUME, NULL, NULL, false);
	assert_string_equal(out.buf.p, "Nothing to resume: no run was left unfinished.\n");
	wb_out_done(&out);
}

static void shows_a_failure(void **state)
{
	const struct wb_error error = { .code = WB_ESQL,
					.message = "no such table",
					.version = "003",
					.file = "m/V003.sql",
					.line = 3,
					.column = 2,
					.statement = 2 };
	const struct wb_run_result r = { .direction = "up",
					 .applied = applied,
					 .n_applied = 2,
					 .has_failed = true,
					 .failed = error,
					 .duration_ms = 20 };
	struct wb_out out = WB_OUT_MEMORY;
	json_t *root;

	(void)state;
	show(&out, WB_FORMAT_TEXT, WB_ACTION_UP, &r, &error, false);
	assert_has(&out, "rolled back again\n");
	assert_has(&out, "Applied 1 migration in 20 ms, then stopped.\n"); /* the one that stayed */
	show(&out, WB_FORMAT_JSON, WB_ACTION_UP, &r, &error, false);
	root = as_json(&out);
	assert_string_equal(text_at(root, "direction"), "up");
	assert_int_equal(json_integer_value(at(root, "applied.1.statements")), 3);
	assert_int_equal(json_integer_value(at(root, "applied.1.execution_ms")), 1500);
	assert_string_equal(text_at(root, "failed.version"), "003");
	assert_string_equal(text_at(root, "failed.message"), "no such table");
	assert_int_equal(json_integer_value(at(root, "failed.statement")), 2);
	assert_string_equal(text_at(root, "error.code"), "WB_ESQL");
	json_decref(root);
	wb_out_done(&out);
}

static void shows_a_rehearsal(void **state)
{
	static const char *const left_out[] = { "003.1 CREATE INDEX CONCURRENTLY" };
	const struct wb_run_result r = { .direction = "up",
					 .applied = applied,
					 .n_applied = 1,
					 .not_rehearsed = left_out,
					 .n_not_rehearsed = 1,
					 .duration_ms = 20 };
	struct wb_out out = WB_OUT_MEMORY;
	json_t *root;

	(void)state;
	show(&out, WB_FORMAT_TEXT, WB_ACTION_REHEARSE, &r, NULL, false);
	assert_has(&out, "Rehearsed 1 migration");
	assert_has(&out, "rolled back: the database is as it was");
	assert_has(&out, "  003.1 CREATE INDEX CONCURRENTLY\n");
	show(&out, WB_FORMAT_JSON, WB_ACTION_REHEARSE, &r, NULL, false);
	root = as_json(&out);
	assert_true(json_is_true(at(root, "dry_run")));
	assert_string_equal(text_at(root, "not_rehearsed.0"), left_out[0]);
	assert_true(json_is_null(at(root, "failed")));
	json_decref(root);
	wb_out_done(&out);
}

int test_run(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_text),
		cmocka_unit_test(tells_of_waiting),
		cmocka_unit_test(says_when_nothing_was_to_do),
		cmocka_unit_test(shows_a_failure),
		cmocka_unit_test(shows_a_rehearsal),
	};

	return RUN_GROUP("run");
}
