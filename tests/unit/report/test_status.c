/* SPDX-License-Identifier: Apache-2.0
 *
 * Status, history, repair, locks, doctor: text and JSON.
 */
#include "tests.h"

#include "base/banned.h"

static const struct wb_migration_info applied[] = {
	{ .version = "001",
	  .description = "people",
	  .file = "m/V001__people.sql",
	  .type = "schema",
	  .kind = "versioned",
	  .state = "applied",
	  .applied_at = "2026-11-21T07:32:00Z",
	  .execution_ms = 12,
	  .checksum = "sha256:aa",
	  .origin = "whimbrel",
	  .has_down = true },
	{ .version = "002",
	  .description = "towns",
	  .file = "m/V002__towns.sql",
	  .type = "schema",
	  .kind = "versioned",
	  .state = "failed",
	  .applied_at = "2026-11-21T07:33:00Z",
	  .execution_ms = -1,
	  .error = "no such table" },
};
static const struct wb_migration_info pending[] = {
	{ .version = "002",
	  .description = "towns",
	  .file = "m/V002__towns.sql",
	  .type = "schema",
	  .kind = "versioned",
	  .state = "pending",
	  .execution_ms = -1 },
	{ .version = "003",
	  .description = "roads",
	  .file = "m/V003__roads.sql",
	  .type = "data",
	  .kind = "versioned",
	  .state = "pending",
	  .execution_ms = -1 },
};
static const struct wb_problem problems[] = {
	{ .kind = "modified",
	  .version = "001",
	  .file = "m/V001__people.sql",
	  .message = "it was changed",
	  .hint = "repair",
	  .line = 4,
	  .column = 2,
	  .code = WB_ECHECKSUM },
};
const struct wb_status sample_status = {
	.engine = "postgresql",
	.database = "shop",
	.server = "PostgreSQL 15.18",
	.safe_url = "postgres://u:***@h/shop",
	.current = "001",
	.applied = applied,
	.n_applied = 2,
	.pending = pending,
	.n_pending = 2,
	.problems = problems,
	.n_problems = 1,
	.has_journal = true,
};

static void shows_text(void **state)
{
	const struct wb_status_of of = { "main", &sample_status, NULL };
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;

	(void)state;
	assert_int_equal(wb_report_status(&out, WB_FORMAT_TEXT, &of, 1, false, false, &err), 0);
	assert_has(&out, "shop (PostgreSQL 15.18)");
	assert_has(&out, "Current   001");
	assert_has(&out, "Applied   1 migration\n"); /* the failed one is not applied */
	assert_has(&out, "  001      people       applied  2026-11-21 07:32:00  12 ms\n");
	assert_has(&out, "  002      towns        failed\n");
	assert_lacks(&out, "towns        pending");
	assert_has(&out, "  003      roads        pending\n");
	assert_has(&out, "m/V001__people.sql:4:2: error: it was changed [modified]\n  hint: repair\n");
	assert_has(&out, "`whimbrel up` would refuse: 1 problem");
	wb_out_done(&out);
}

static void has_the_json_shape(void **state)
{
	const struct wb_status_of of = { "main", &sample_status, NULL };
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	json_t *root;

	(void)state;
	assert_int_equal(wb_report_status(&out, WB_FORMAT_JSON, &of, 1, false, false, &err), 0);
	root = as_json(&out);
	assert_string_equal(text_at(root, "engine"), "postgresql");
	assert_string_equal(text_at(root, "database"), "shop");
	assert_string_equal(text_at(root, "current"), "001");
	assert_int_equal(json_array_size(at(root, "applied")), 2);
	assert_string_equal(text_at(root, "applied.0.state"), "applied");
	assert_string_equal(text_at(root, "applied.0.applied_at"), "2026-11-21T07:32:00Z");
	assert_int_equal(json_integer_value(at(root, "applied.0.execution_ms")), 12);
	assert_string_equal(text_at(root, "applied.0.checksum"), "sha256:aa");
	assert_string_equal(text_at(root, "applied.0.origin"), "whimbrel");
	assert_true(json_is_null(at(root, "applied.1.execution_ms")));
	assert_string_equal(text_at(root, "pending.1.type"), "data");
	assert_null(json_object_get(at(root, "pending.1"), "state"));
	assert_string_equal(text_at(root, "problems.0.kind"), "modified");
	assert_string_equal(text_at(root, "problems.0.code"), "WB_ECHECKSUM");
	assert_int_equal(json_integer_value(at(root, "problems.0.line")), 4);
	json_decref(root);
	wb_out_done(&out);
}

static void shows_several(void **state)
{
	const struct wb_error down = { .code = WB_ECONN, .message = "nobody there" };
	const struct wb_status_of of[] = { { "main", &sample_status, NULL }, { "audit", NULL, &down } };
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	json_t *root;

	(void)state;
	assert_int_equal(wb_report_status(&out, WB_FORMAT_JSON, of, 2, true, false, &err), 0);
	root = as_json(&out);
	assert_string_equal(text_at(root, "databases.0.name"), "main");
	assert_string_equal(text_at(root, "databases.0.current"), "001");
	assert_string_equal(text_at(root, "databases.1.error.code"), "WB_ECONN");
	json_decref(root);
	wb_str_clear(&out.buf);
	assert_int_equal(wb_report_status(&out, WB_FORMAT_TEXT, of, 2, true, false, &err), 0);
	assert_has(&out, "== main ==\n");
	assert_has(&out, "== audit ==\nerror: nobody there\n");
	wb_out_done(&out);
}

static void shortens_a_long_history(void **state)
{
	struct wb_migration_info many[25];
	struct wb_status s = {
		.engine = "sqlite", .database = "x", .applied = many, .n_applied = 25, .has_journal = true
	};
	const struct wb_status_of of = { "main", &s, NULL };
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	char versions[25][8];
	size_t i;

	(void)state;
	for (i = 0; i < 25; i++) {
		many[i] = applied[0];
		(void)snprintf(versions[i], sizeof(versions[i]), "%03zu", i + 1);
		many[i].version = versions[i];
	}
	assert_int_equal(wb_report_status(&out, WB_FORMAT_TEXT, &of, 1, false, false, &err), 0);
	assert_has(&out, "15 earlier ones");
	assert_lacks(&out, "  015 ");
	assert_has(&out, "  016 ");
	assert_has(&out, "Nothing is pending.");
	wb_str_clear(&out.buf);
	assert_int_equal(wb_report_status(&out, WB_FORMAT_TEXT, &of, 1, false, true, &err), 0);
	assert_has(&out, "  001 ");
	wb_out_done(&out);
}

static void shows_history(void **state)
{
	static const struct wb_history_entry entries[] = {
		{ .id = 2,
		  .at = "2026-11-21T07:33:00Z",
		  .version = "002",
		  .action = "up",
		  .result = "failed",
		  .execution_ms = 1500,
		  .statements = 3,
		  .rows_affected = -1,
		  .who = "ann",
		  .host = "box",
		  .error = "no such table",
		  .description = "towns" },
		{ .id = 1,
		  .at = "2026-11-21T07:32:00Z",
		  .version = "001",
		  .action = "up",
		  .result = "ok",
		  .execution_ms = 12,
		  .who = "ann",
		  .host = "box",
		  .description = "people" },
	};
	static const struct wb_history history = { entries, 2 };
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	json_t *root;

	(void)state;
	assert_int_equal(wb_report_history(&out, WB_FORMAT_TEXT, &history, &err), 0);
	assert_has(&out, "failed  1.5 s  ann@box  no such table\n");
	assert_has(&out, "people\n");
	wb_str_clear(&out.buf);
	assert_int_equal(wb_report_history(&out, WB_FORMAT_JSON, &history, &err), 0);
	root = as_json(&out);
	assert_int_equal(json_integer_value(at(root, "history.0.id")), 2);
	assert_true(json_is_null(at(root, "history.0.rows_affected")));
	assert_string_equal(text_at(root, "history.0.error"), "no such table");
	json_decref(root);
	wb_out_done(&out);
}

static void shows_repair_locks_doctor(void **state)
{
	static const struct wb_repair_item items[] = { { "001", "checksum", "comments only" } };
	static const struct wb_repair repair = { items, 1, true };
	static const struct wb_lock_info lock = {
		.id = "main", .kind = "session", .owner = "ann", .pid = 42, .backend = 7
	};
	static const struct wb_blocker_info blocker = {
		.blocked_pid = 7, .blocking_pid = 9, .age_ms = 2000, .user = "bob"
	};
	static const struct wb_locks locks = { &lock, 1, &blocker, 1 };
	static const struct wb_finding finding = { "connection", "degraded", "slow" };
	static const struct wb_doctor doctor = { "DEGRADED", &finding, 1 };
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	json_t *root;

	(void)state;
	assert_int_equal(wb_report_repair(&out, WB_FORMAT_TEXT, &repair, &err), 0);
	assert_has(&out, "1 would be repaired; nothing was changed.\n");
	assert_int_equal(wb_report_locks(&out, WB_FORMAT_TEXT, &locks, &err), 0);
	assert_has(&out, "main  session         ann           42        7\n");
	assert_has(&out, "      7           9  2.0 s  bob\n");
	assert_int_equal(wb_report_doctor(&out, WB_FORMAT_TEXT, &doctor, &err), 0);
	assert_has(&out, "degraded  connection  slow\nDEGRADED\n");
	wb_str_clear(&out.buf);
	assert_int_equal(wb_report_locks(&out, WB_FORMAT_JSON, &locks, &err), 0);
	root = as_json(&out);
	assert_int_equal(json_integer_value(at(root, "locks.0.pid")), 42);
	assert_int_equal(json_integer_value(at(root, "blockers.0.blocking_pid")), 9);
	json_decref(root);
	wb_out_done(&out);
}

int test_status(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_text),    cmocka_unit_test(has_the_json_shape),
		cmocka_unit_test(shows_several), cmocka_unit_test(shortens_a_long_history),
		cmocka_unit_test(shows_history), cmocka_unit_test(shows_repair_locks_doctor),
	};

	return RUN_GROUP("status");
}
