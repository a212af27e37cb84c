/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run leaves that fails or is killed, and what goes on from there:
 * rollback of what it applied, redo, resume. A kill is played by writing the
 * journal's rows as they stand at that moment.
 */
#include "tests.h"

#include <unistd.h>

static void simple(struct place *p, const char *name, const char *table)
{
	char text[160];
	snprintf(text, sizeof(text), "CREATE TABLE %s (x int);\n-- migrate:down\nDROP TABLE %s;\n", table, table);
	put(p, name, text);
}

static const char *tables(struct place *p)
{
	return ask(p,
		   "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'whimbrel%' ORDER BY name");
}

/* ---- on_failure ------------------------------------------------------------------- */

static void test_rollback(void **state)
{
	struct place *p = *state;
	simple(p, "V1__a.sql", "a");
	ok(p, UP(p));
	simple(p, "V2__b.sql", "b");
	simple(p, "V3__c.sql", "c");
	put(p, "V4__d.sql", "CREATE TABLE d (x int);\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p, .on_failure = WB_ON_FAILURE_ROLLBACK), WB_ESQL);
	assert_string_equal(applied(p), "2! 3!");
	assert_string_equal(p->result->failed.version, "4");
	assert_string_equal(tables(p), "a");
	assert_string_equal(states(p), "1:applied 2:reverted 3:reverted 4:failed");
	assert_string_equal(history(p), "up:1:ok up:2:ok up:3:ok up:4:failed down:3:ok down:2:ok");
	assert_has(p->events.p, "rollback_started");
	assert_has(p->events.p, "rollback_completed");
	put(p, "V4__d.sql", "CREATE TABLE d (x int);\n");
	ok(p, UP(p));
	assert_string_equal(applied(p), "2 3 4");
	assert_string_equal(tables(p), "a b c d");
}

static void test_rollback_stops_at_the_irreversible(void **state)
{
	struct place *p = *state;
	simple(p, "V1__a.sql", "a");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\nPRAGMA user_version = 1;\n");
	simple(p, "V3__c.sql", "c");
	put(p, "V4__d.sql", "INSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p, .on_failure = WB_ON_FAILURE_ROLLBACK), WB_ESQL);
	assert_string_equal(applied(p), "1 2 3!");
	assert_has(p->err.message, "nowhere");
	assert_has(p->err.hint, "rollback stopped");
	assert_has(p->err.hint, "2 has no down part");
	assert_string_equal(states(p), "1:applied 2:applied 3:reverted 4:failed");
	assert_string_equal(tables(p), "a b");
}

static void test_rollback_of_a_failing_down(void **state)
{
	struct place *p = *state;
	simple(p, "V1__a.sql", "a");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE nowhere;\n");
	put(p, "V3__d.sql", "INSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p, .on_failure = WB_ON_FAILURE_ROLLBACK), WB_ESQL);
	assert_string_equal(applied(p), "1 2");
	assert_string_equal(p->err.version, "3");
	assert_has(p->err.hint, "rollback stopped");
	assert_string_equal(states(p), "1:applied 2:applied 3:failed");
}

/* A failing migration of which a part is committed: the ones it stands on may not go from under it. */
static void test_no_rollback_under_a_half(void **state)
{
	struct place *p = *state;
	simple(p, "V1__a.sql", "a");
	put(p, "V2__b.sql",
	    "-- migrate:up transaction:false\nCREATE TABLE b AS SELECT x FROM a;\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p, .on_failure = WB_ON_FAILURE_ROLLBACK), WB_ESQL);
	assert_string_equal(applied(p), "1");
	assert_has(p->err.hint, "half");
	assert_string_equal(states(p), "1:applied 2:failed");
	assert_string_equal(tables(p), "a b");
}

static void test_rollback_in_steps(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int);\n-- migrate:down transaction:false\nDELETE FROM a;\nVACUUM;\nDROP TABLE a;\n");
	put(p, "V2__b.sql", "INSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p, .on_failure = WB_ON_FAILURE_ROLLBACK), WB_ESQL);
	assert_string_equal(applied(p), "1!");
	assert_string_equal(states(p), "1:reverted 2:failed");
	assert_string_equal(steps(p, "1"), "1:done 2:done 3:done");
}

/* ---- redo ---------------------------------------------------------------------------- */

static void test_redo(void **state)
{
	struct place *p = *state;
	simple(p, "V1__a.sql", "a");
	simple(p, "V2__b.sql", "b");
	ok(p, REDO(p));
	assert_string_equal(applied(p), "");
	ok(p, UP(p));
	sql(p, "INSERT INTO b VALUES (1)");
	ok(p, REDO(p));
	assert_string_equal(applied(p), "2");
	assert_string_equal(p->result->direction, "redo");
	assert_string_equal(ask(p, "SELECT count(*) FROM b"), "0");
	assert_string_equal(states(p), "1:applied 2:applied");
	assert_string_equal(history(p), "up:1:ok up:2:ok down:2:ok up:2:ok");
	/* While it is being written the file may change: that is what redo is for. */
	put(p, "V2__b.sql", "CREATE TABLE b2 (x int);\n-- migrate:down\nDROP TABLE b2;\n");
	assert_code(p, REDO(p), WB_ESQL); /* the new down part does not fit what was applied */
	put(p, "V2__b.sql",
	    "CREATE TABLE b2 (x int);\n-- migrate:down\nDROP TABLE IF EXISTS b; DROP TABLE IF EXISTS b2;\n");
	ok(p, REDO(p));
	assert_string_equal(tables(p), "a b2");
	ok(p, UP(p));
}

static void test_redo_without_a_file(void **state)
{
	struct place *p = *state;
	simple(p, "V1__a.sql", "a");
	simple(p, "V2__b.sql", "b");
	ok(p, UP(p));
	take_away(p, "V2__b.sql");
	assert_code(p, REDO(p), WB_EIRREVERSIBLE);
	assert_string_equal(states(p), "1:applied 2:applied");
}

static void test_resume_of_a_redo(void **state)
{
	struct place *p = *state;
	simple(p, "V1__a.sql", "a");
	simple(p, "V2__b.sql", "b");
	ok(p, UP(p));
	put(p, "V2__b.sql", "CREATE TABLE nowhere.b (x int);\n-- migrate:down\nDROP TABLE b;\n");
	assert_code(p, REDO(p), WB_ESQL);
	assert_string_equal(states(p), "1:applied 2:failed");
	assert_string_equal(tables(p), "a");
	simple(p, "V2__b.sql", "b");
	simple(p, "V3__c.sql", "c");
	ok(p, RESUME(p));
	assert_string_equal(applied(p), "2");
	assert_string_equal(states(p), "1:applied 2:applied");
}

static void test_resume_of_a_redo_before_its_first_half(void **state)
{
	struct place *p = *state;
	simple(p, "V1__a.sql", "a");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE nowhere;\n");
	ok(p, UP(p));
	assert_code(p, REDO(p), WB_ESQL);
	simple(p, "V2__b.sql", "b");
	sql(p, "INSERT INTO b VALUES (1)");
	ok(p, RESUME(p));
	assert_string_equal(ask(p, "SELECT count(*) FROM b"), "0");
	assert_string_equal(states(p), "1:applied 2:applied");
}

/* ---- resume ---------------------------------------------------------------------------- */

static void test_resume_without_a_run(void **state)
{
	struct place *p = *state;
	simple(p, "V1__a.sql", "a");
	ok(p, RESUME(p));
	assert_string_equal(applied(p), "");
	ok(p, UP(p));
	simple(p, "V2__b.sql", "b");
	ok(p, RESUME(p)); /* the last one ended well */
	assert_string_equal(applied(p), "");
	assert_code(p, RESUME(p, .retry_unknown = true, .skip_unknown = true), WB_EUSAGE);
}

/* It takes what the interrupted run had planned, and nothing that came later. */
static void test_resume_takes_the_stored_plan(void **state)
{
	struct place *p = *state;
	simple(p, "V1__a.sql", "a");
	put(p, "V2__b.sql", "INSERT INTO nowhere VALUES (1);\n");
	simple(p, "V3__c.sql", "c");
	assert_code(p, UP(p), WB_ESQL);
	simple(p, "V2__b.sql", "b");
	simple(p, "V4__d.sql", "d");
	ok(p, RESUME(p));
	assert_string_equal(applied(p), "2 3");
	assert_string_equal(states(p), "1:applied 2:applied 3:applied");
	assert_string_equal(ask(p, "SELECT command, result FROM @migration_runs ORDER BY seq"), "up:failed resume:ok");
	/* The digest is that of what was run. */
	assert_string_equal(ask(p, "SELECT count(DISTINCT plan_digest) FROM @migration_runs"), "2");
	ok(p, UP(p));
	assert_string_equal(applied(p), "4");
}

static void test_resume_of_resume(void **state)
{
	struct place *p = *state;
	put(p, "V1__b.sql", "INSERT INTO nowhere VALUES (1);\n");
	simple(p, "V2__c.sql", "c");
	assert_code(p, UP(p), WB_ESQL);
	assert_code(p, RESUME(p), WB_ESQL);
	simple(p, "V1__b.sql", "b");
	ok(p, RESUME(p));
	assert_string_equal(applied(p), "1 2");
}

static void test_resume_of_a_late_one(void **state)
{
	struct place *p = *state;
	simple(p, "V5__a.sql", "a");
	ok(p, UP(p));
	put(p, "V2__b.sql", "INSERT INTO nowhere VALUES (1);\n");
	simple(p, "V3__c.sql", "c");
	assert_code(p, UP(p, .plan.out_of_order = true), WB_ESQL);
	simple(p, "V2__b.sql", "b");
	ok(p, RESUME(p));
	assert_string_equal(applied(p), "2 3");
}

/* Only what the interrupted run would have reverted, though the first could not be reverted at all. */
static void test_resume_of_down(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	simple(p, "V2__b.sql", "b");
	put(p, "V3__c.sql", "CREATE TABLE c (x int);\n-- migrate:down\nDROP TABLE nowhere;\n");
	simple(p, "V4__d.sql", "d");
	ok(p, UP(p));
	assert_code(p, DOWN(p, .plan.to = "2"), WB_ESQL);
	assert_string_equal(applied(p), "4");
	simple(p, "V3__c.sql", "c");
	ok(p, RESUME(p));
	assert_string_equal(applied(p), "3");
	assert_string_equal(p->result->direction, "down");
	assert_string_equal(states(p), "1:applied 2:applied 3:reverted 4:reverted");
	ok(p, RESUME(p));
	assert_string_equal(applied(p), "");
}

static void test_resume_of_half_a_down(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql",
	    "CREATE TABLE b (x int);\nCREATE TABLE c (x int);\n-- migrate:down transaction:false\nDROP TABLE b;\n"
	    "DROP TABLE nowhere;\n");
	ok(p, UP(p));
	assert_code(p, DOWN(p), WB_ESQL);
	put(p, "V2__b.sql",
	    "CREATE TABLE b (x int);\nCREATE TABLE c (x int);\n-- migrate:down transaction:false\nDROP TABLE b;\n"
	    "DROP TABLE c;\n");
	ok(p, RESUME(p));
	assert_string_equal(applied(p), "2");
	assert_string_equal(tables(p), "a");
	assert_string_equal(states(p), "1:applied 2:reverted");
}

static void test_resume_of_up_after_half_a_down(void **state)
{
	struct place *p = *state;
	put(p, "V1__b.sql",
	    "CREATE TABLE b (x int);\nCREATE TABLE c (x int);\n-- migrate:down transaction:false\nDROP TABLE b;\n"
	    "DROP TABLE nowhere;\n");
	ok(p, UP(p));
	assert_code(p, DOWN(p), WB_ESQL);
	simple(p, "V2__z.sql", "z");
	assert_code(p, UP(p), WB_ESQL); /* still wrong */
	put(p, "V1__b.sql",
	    "CREATE TABLE b (x int);\nCREATE TABLE c (x int);\n-- migrate:down transaction:false\nDROP TABLE b;\n"
	    "DROP TABLE c;\n");
	ok(p, RESUME(p));
	assert_string_equal(applied(p), "1 1 2");
	assert_string_equal(tables(p), "b c z");
}

/* ---- a killed run ----------------------------------------------------------------------- */

static void killed_at(struct place *p, int done, int running)
{
	char text[512];
	snprintf(text, sizeof(text),
		 "UPDATE @migration_runs SET result = NULL, finished_at = NULL, error = NULL;"
		 "UPDATE @schema_migrations SET state = 'running', error = NULL, statements_done = %d WHERE version = "
		 "'1';"
		 "UPDATE @migration_steps SET state = iif(ordinal <= %d, 'done', iif(ordinal = %d, 'running', "
		 "'pending')), error = NULL",
		 done, done, running);
	sql(p, text);
}

static void test_killed_in_a_repeatable_step(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int);\nVACUUM;\nCREATE TABLE b (x int);\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p), WB_ESQL);
	killed_at(p, 1, 2);
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nVACUUM;\nCREATE TABLE b (x int);\n");
	ok(p, UP(p));
	assert_has(p->events.p, "step_probed:1");
	assert_string_equal(steps(p, "1"), "1:done 2:done 3:done 4:pending");
	assert_string_equal(ask(p, "SELECT result FROM @migration_runs ORDER BY seq"), "interrupted ok");
	assert_string_equal(states(p), "1:applied");
}

/* VACUUM INTO leaves a file that may be half written: nobody but a person can tell. */
static void unknowable(struct place *p, char *into, size_t size)
{
	char text[512];
	snprintf(into, size, "%s/copy.db", p->dir);
	snprintf(text, sizeof(text), "CREATE TABLE a (x int);\nVACUUM INTO '%s';\nCREATE TABLE b (x int);\n", into);
	put(p, "V1__a.sql", text);
	ok(p, UP(p));
	sql(p, "DROP TABLE b");
	killed_at(p, 1, 2);
}

static void test_unknown_is_refused(void **state)
{
	struct place *p = *state;
	char into[128];
	unknowable(p, into, sizeof(into));
	assert_code(p, UP(p), WB_ESTATE);
	assert_has(p->err.message, "step 2 of migration 1");
	assert_has(p->err.detail, "half written");
	assert_has(p->err.hint, "--retry");
	assert_has(p->err.hint, "--skip");
	assert_place(p, "V1__a.sql:2:1");
	assert_string_equal(p->err.version, "1");
	assert_code(p, RESUME(p), WB_ESTATE);
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations"), "running:1");
	assert_string_equal(steps(p, "1"), "1:done 2:running 3:pending");
	assert_null(strstr(p->events.p, "step_started"));
	ok(p, RESUME(p, .skip_unknown = true));
	assert_string_equal(states(p), "1:applied");
	assert_string_equal(steps(p, "1"), "1:done 2:done 3:done");
	assert_string_equal(tables(p), "a b");
}

static void test_unknown_is_retried(void **state)
{
	struct place *p = *state;
	char into[128];
	unknowable(p, into, sizeof(into));
	assert_code(p, RESUME(p, .retry_unknown = true), WB_ESQL); /* the file is in the way */
	assert_has(p->err.message, "exists");
	assert_string_equal(steps(p, "1"), "1:done 2:failed 3:pending");
	assert_int_equal(unlink(into), 0);
	ok(p, UP(p)); /* an error was reported: it did not happen, and needs no decision */
	assert_true(wb_fs_exists(into));
	assert_string_equal(states(p), "1:applied");
}

/* Between the last statement's transaction and nothing: the row alone is missing. */
static void test_killed_before_the_first_statement(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "VACUUM;\nCREATE TABLE b (x int);\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p), WB_ESQL);
	killed_at(p, 0, 1);
	put(p, "V1__a.sql", "VACUUM;\nCREATE TABLE b (x int);\n");
	ok(p, UP(p));
	assert_has(p->events.p, "step_probed:1");
	assert_string_equal(states(p), "1:applied");
}

static void test_step_that_happened_was_edited(void **state)
{
	struct place *p = *state;
	char into[128], text[300];
	unknowable(p, into, sizeof(into));
	snprintf(text, sizeof(text), "CREATE TABLE a (x int);\nVACUUM INTO '%s2';\nCREATE TABLE b (x int);\n", into);
	put(p, "V1__a.sql", text);
	assert_code(p, RESUME(p, .skip_unknown = true), WB_ECHECKSUM);
	assert_has(p->err.message, "statement 2");
}

int test_resume(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_rollback),
		TEST(test_rollback_stops_at_the_irreversible),
		TEST(test_rollback_of_a_failing_down),
		TEST(test_no_rollback_under_a_half),
		TEST(test_rollback_in_steps),
		TEST(test_redo),
		TEST(test_redo_without_a_file),
		TEST(test_resume_of_a_redo),
		TEST(test_resume_of_a_redo_before_its_first_half),
		TEST(test_resume_without_a_run),
		TEST(test_resume_takes_the_stored_plan),
		TEST(test_resume_of_resume),
		TEST(test_resume_of_a_late_one),
		TEST(test_resume_of_down),
		TEST(test_resume_of_half_a_down),
		TEST(test_resume_of_up_after_half_a_down),
		TEST(test_killed_in_a_repeatable_step),
		TEST(test_unknown_is_refused),
		TEST(test_unknown_is_retried),
		TEST(test_killed_before_the_first_statement),
		TEST(test_step_that_happened_was_edited),
	};
	return RUN_GROUP("resume");
}
