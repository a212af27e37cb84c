/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans: text, JSON, SQL, Markdown.
 */
#include "tests.h"

#include "base/banned.h"

static const struct wb_plan_migration migrations[] = {
	{ .version = "002",
	  .description = "a|b",
	  .file = "m/V002.sql",
	  .type = "schema",
	  .kind = "versioned",
	  .checksum = "sha256:bb",
	  .reversible = true,
	  .down_source = "file",
	  .down_sql = "DROP TABLE t;",
	  .transaction = "one",
	  .action = "apply",
	  .statements = 2,
	  .bytes = 100 },
	{ .version = "003",
	  .description = "index",
	  .file = "m/V003.sql",
	  .type = "perf",
	  .kind = "versioned",
	  .down_source = "none",
	  .transaction = "none",
	  .action = "apply",
	  .statements = 1001,
	  .bytes = 90 },
};
#define NOTHING_KNOWN .blocks = "unknown", .rewrites = -1, .scans = -1, .rows = -1, .bytes = -1, .estimate_ms = -1
static const struct wb_plan_lock index_locks[] = {
	{ "public.t", "table", "SHARE UPDATE EXCLUSIVE", true },
	{ "public.p", "parent", "ACCESS SHARE", false },
};
static const char *const index_notes[] = { "cannot run in a transaction" };
static const struct wb_plan_step steps[] = {
	{ .id = "002.1",
	  .version = "002",
	  .phase = "up",
	  .kind = "sql",
	  .command = "CREATE TABLE",
	  .object = "t",
	  .sql = "CREATE TABLE t (\n\tid int)",
	  .file = "m/V002.sql",
	  .line = 2,
	  .column = 1,
	  .transactional = true,
	  .transaction = 1,
	  .repeats = 1,
	  .reversible = true,
	  NOTHING_KNOWN },
	{ .id = "002.2",
	  .version = "002",
	  .phase = "up",
	  .kind = "sql",
	  .sql = "SELECT '```'",
	  .file = "m/V002.sql",
	  .line = 4,
	  .column = 1,
	  .transactional = true,
	  .transaction = 1,
	  .repeats = 1,
	  .reversible = true,
	  NOTHING_KNOWN },
	{ .id = "003.1",
	  .version = "003",
	  .phase = "up",
	  .kind = "sql",
	  .sql = "CREATE INDEX CONCURRENTLY i ON t (id);",
	  .file = "m/V003.sql",
	  .line = 1,
	  .column = 1,
	  .repeats = 1,
	  .lock = "SHARE UPDATE EXCLUSIVE",
	  .blocks = "none",
	  .scans = 1,
	  .rows = 10,
	  .bytes = 4200000,
	  .estimate_ms = 84,
	  .risk = "low",
	  .locks = index_locks,
	  .n_locks = 2,
	  .notes = index_notes,
	  .n_notes = 1 },
	{ .id = "003.2",
	  .version = "003",
	  .phase = "up",
	  .kind = "sql",
	  .sql = "INSERT INTO t VALUES (1)",
	  .file = "m/V003.sql",
	  .line = 2,
	  .column = 1,
	  .repeats = 1000,
	  .sql_cut = true,
	  NOTHING_KNOWN },
};
static const char *const notes[] = { "mind the gap\nDROP TABLE x" };
const struct wb_plan sample_plan = {
	.direction = "up",
	.current = "001",
	.target = "003",
	.digest = "sha256:cc",
	.migrations = migrations,
	.n_migrations = 2,
	.steps = steps,
	.n_steps = 4,
	.statements = 1003,
	.notes = notes,
	.n_notes = 1,
	.estimate_ms = -1,
	.risk = "low",
	.requires_downtime = -1,
};

static void shows_text(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;

	(void)state;
	assert_int_equal(wb_report_plan(&out, WB_FORMAT_TEXT, &sample_plan, &err), 0);
	assert_has(&out, "Up from 001 to 003: 2 migrations, 1003 statements\n");
	assert_has(&out, "002 a|b  apply, 2 statements, one transaction, undo: file\n");
	assert_has(&out, "      1   CREATE TABLE t ( id int)\n");
	assert_has(&out, "      1*  CREATE INDEX CONCURRENTLY");
	assert_has(&out, "note: cannot run in a transaction\n");
	assert_has(&out, "... and 999 more like it\n");
	assert_has(&out, "* commits by itself");
	assert_has(&out, "low risk: SHARE UPDATE EXCLUSIVE on public.t, ACCESS SHARE (perhaps) on public.p (parent); "
			 "blocks nobody; "
			 "reads the whole table, 4.2 MB, 10 rows, about 84 ms\n");
	assert_has(&out,
		   "Risk: low. Work on whole tables: about 84 ms, and 3 statements of which it is not known. Whether "
		   "an application can go on meanwhile is not known.\n");
	wb_out_done(&out);
}

static void says_when_nothing_is_to_do(void **state)
{
	static const struct wb_plan up = { .direction = "up" }, down = { .direction = "down" };
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;

	(void)state;
	assert_int_equal(wb_report_plan(&out, WB_FORMAT_TEXT, &up, &err), 0);
	assert_string_equal(out.buf.p, "Nothing to do: every migration is applied.\n");
	wb_str_clear(&out.buf);
	assert_int_equal(wb_report_plan(&out, WB_FORMAT_TEXT, &down, &err), 0);
	assert_has(&out, "no applied migration is to be reverted");
	wb_str_clear(&out.buf);
	wb_report_plan_sql(&out, &up);
	assert_string_equal(out.buf.p, "-- nothing to run\n");
	wb_out_done(&out);
}

/* What would not run is not told to be of low risk. */
static void says_when_it_would_be_refused(void **state)
{
	static const char *const why[] = { "up will refuse: migration 001 was changed" };
	struct wb_plan refused = sample_plan;
	struct wb_plan nothing = { .direction = "up", .refused = true, .notes = why, .n_notes = 1 };
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	json_t *root;

	(void)state;
	refused.refused = true;
	assert_int_equal(wb_report_plan(&out, WB_FORMAT_TEXT, &refused, &err), 0);
	assert_has(&out, "\nWould be refused: up does not get through, the notes say why.\n");
	assert_null(strstr(out.buf.p, "Risk: "));
	wb_str_clear(&out.buf);
	refused.risk = "high";
	assert_int_equal(wb_report_plan(&out, WB_FORMAT_MARKDOWN, &refused, &err), 0);
	assert_has(&out, "\n**Would be refused: up does not get through, the notes say why. Risk of its statements: "
			 "high.**\n");
	wb_str_clear(&out.buf);
	assert_int_equal(wb_report_plan(&out, WB_FORMAT_MARKDOWN, &nothing, &err), 0);
	assert_has(&out, "Nothing to do.\n");
	assert_has(&out, "> up will refuse: migration 001 was changed\n");
	wb_str_clear(&out.buf);
	assert_int_equal(wb_report_plan(&out, WB_FORMAT_JSON, &refused, &err), 0);
	root = as_json(&out);
	assert_true(json_is_true(at(root, "refused")));
	json_decref(root);
	wb_out_done(&out);
}

static void has_the_json_shape(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	json_t *root;

	(void)state;
	assert_int_equal(wb_report_plan(&out, WB_FORMAT_JSON, &sample_plan, &err), 0);
	root = as_json(&out);
	assert_string_equal(text_at(root, "current"), "001");
	assert_true(json_is_false(at(root, "refused")));
	assert_string_equal(text_at(root, "target"), "003");
	assert_int_equal(json_array_size(at(root, "steps")), 4);
	assert_string_equal(text_at(root, "steps.0.id"), "002.1");
	assert_string_equal(text_at(root, "steps.0.sql"), "CREATE TABLE t (\n\tid int)");
	assert_true(json_is_true(at(root, "steps.0.transactional")));
	assert_true(json_is_true(at(root, "steps.0.reversible")));
	assert_true(json_is_false(at(root, "steps.2.reversible")));
	assert_string_equal(text_at(root, "steps.2.notes.0"), "cannot run in a transaction");
	/* What is not measured is not guessed. */
	assert_string_equal(text_at(root, "steps.0.blocks"), "unknown");
	assert_true(json_is_null(at(root, "steps.0.lock")));
	assert_true(json_is_null(at(root, "steps.0.risk")));
	assert_true(json_is_null(at(root, "estimate_ms")));
	assert_true(json_is_null(at(root, "requires_downtime")));
	assert_string_equal(text_at(root, "steps.2.lock"), "SHARE UPDATE EXCLUSIVE");
	assert_true(json_is_false(at(root, "steps.2.rewrites")));
	assert_true(json_is_true(at(root, "steps.2.scans")));
	assert_string_equal(text_at(root, "steps.2.locks.1.relation"), "public.p");
	assert_true(json_is_false(at(root, "steps.2.locks.1.certain")));
	assert_string_equal(text_at(root, "risk"), "low");
	/* Newest first. */
	assert_string_equal(text_at(root, "rollback.0.version"), "003");
	assert_string_equal(text_at(root, "rollback.0.source"), "none");
	assert_true(json_is_null(at(root, "rollback.0.sql")));
	assert_string_equal(text_at(root, "rollback.1.sql"), "DROP TABLE t;");
	json_decref(root);
	wb_out_done(&out);
}

static void prints_the_exact_sql(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;

	(void)state;
	wb_report_plan_sql(&out, &sample_plan);
	assert_string_equal(out.buf.p, "-- note: mind the gap DROP TABLE x\n"
				       "-- 002 a|b (m/V002.sql)\n"
				       "-- transaction 1 begins here\n"
				       "CREATE TABLE t (\n\tid int);\n"
				       "SELECT '```';\n"
				       "-- transaction 1 commits here\n"
				       "\n"
				       "-- 003 index (m/V003.sql)\n"
				       "CREATE INDEX CONCURRENTLY i ON t (id);\n"
				       "INSERT INTO t VALUES (1)\n"
				       "-- ... cut here: the statement is longer than 64 KiB\n"
				       "-- ... and 999 more statements like this one\n");
	wb_out_done(&out);
}

static void writes_markdown(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;

	(void)state;
	assert_int_equal(wb_report_plan(&out, WB_FORMAT_MARKDOWN, &sample_plan, &err), 0);
	assert_has(&out, "### Migration plan: up from 001 to 003\n");
	assert_has(&out, "| 002 | a\\|b | apply | 2 | one | file |\n"); /* a bar ends no cell */
	assert_has(&out, "\n````sql\nCREATE TABLE"); /* backticks end no fence */
	assert_has(&out, "> mind the gap DROP TABLE x\n");
	assert_has(&out, "**Risk: low. ");
	assert_has(&out, "| 003.1 | CREATE INDEX CONCURRENTLY i ON t (id); | low | SHARE UPDATE EXCLUSIVE on public.t");
	assert_has(&out, "<br>cannot run in a transaction |\n");
	wb_out_done(&out);
}

int test_plan(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_text),
		cmocka_unit_test(says_when_nothing_is_to_do),
		cmocka_unit_test(says_when_it_would_be_refused),
		cmocka_unit_test(has_the_json_shape),
		cmocka_unit_test(prints_the_exact_sql),
		cmocka_unit_test(writes_markdown),
	};

	return RUN_GROUP("plan");
}
