/* SPDX-License-Identifier: Apache-2.0
 *
 * What commits together: a file, all of them, each statement, and the runs
 * between statements that refuse a transaction.
 */
#include "tests.h"

static const char *tables(struct place *p)
{
	return ask(p,
		   "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'whimbrel%' ORDER BY name");
}

static void good_good_bad(struct place *p)
{
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1), (2);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	put(p, "V3__c.sql", "CREATE TABLE c (x int);\nINSERT INTO nowhere VALUES (1);\nCREATE TABLE d (x int);\n");
}

static void test_one_transaction_per_file(void **state)
{
	struct place *p = *state;
	good_good_bad(p);
	assert_code(p, UP(p), WB_ESQL);
	assert_string_equal(applied(p), "1 2");
	assert_int_equal(p->result->applied[0].statements, 2);
	assert_int_equal(p->result->applied[0].rows_affected, 2);
	assert_true(p->result->has_failed);
	assert_string_equal(p->result->failed.version, "3");
	assert_string_equal(tables(p), "a b");
	assert_string_equal(states(p), "1:applied 2:applied 3:failed");
	assert_place(p, "V3__c.sql:2:1");
	assert_int_equal(p->err.statement, 2);
}

static void test_all_in_one(void **state)
{
	struct place *p = *state;
	good_good_bad(p);
	assert_code(p, UP(p, .plan.transaction = WB_TRANSACTION_ALL), WB_ESQL);
	assert_string_equal(applied(p), "");
	assert_string_equal(tables(p), "");
	assert_string_equal(states(p), "3:failed");
	assert_string_equal(history(p), "up:3:failed");
	put(p, "V3__c.sql", "CREATE TABLE c (x int);");
	ok(p, UP(p, .plan.transaction = WB_TRANSACTION_ALL));
	assert_string_equal(applied(p), "1 2 3");
	assert_string_equal(tables(p), "a b c");
	assert_string_equal(states(p), "1:applied 2:applied 3:applied");
	assert_string_equal(
		ask(p, "SELECT version, statements_done, rows_affected FROM @schema_migrations ORDER BY rank"),
		"1:2:2 2:1:0 3:1:0");
	assert_string_equal(history(p), "up:3:failed up:1:ok up:2:ok up:3:ok");
}

static void test_all_in_one_refuses_a_mix(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\nVACUUM;\n");
	assert_code(p, UP(p, .plan.transaction = WB_TRANSACTION_ALL), WB_EREFUSED);
	assert_place(p, "V2__b.sql:2:1");
	assert_string_equal(p->err.version, "2");
	assert_string_equal(tables(p), "");
	assert_code(p, PLAN(p, .transaction = WB_TRANSACTION_ALL), WB_EREFUSED);
}

static void test_each_statement(void **state)
{
	struct place *p = *state;
	good_good_bad(p);
	assert_code(p, UP(p, .plan.transaction = WB_TRANSACTION_NONE), WB_ESQL);
	assert_string_equal(applied(p), "1 2");
	assert_string_equal(tables(p), "a b c");
	assert_string_equal(states(p), "1:applied 2:applied 3:failed");
	assert_string_equal(
		ask(p, "SELECT statements_done, statements_total FROM @schema_migrations WHERE version = '3'"), "1:3");
	assert_string_equal(steps(p, "1"), "1:done 2:done");
	assert_string_equal(steps(p, "3"), "1:done 2:pending 3:pending");
}

static void test_section_says_each(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "-- migrate:up transaction:false\nCREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n"
	    "INSERT INTO a VALUES (2), (3);\n-- migrate:down transaction:false\nDELETE FROM a;\nDROP TABLE a;\n");
	ok(p, PLAN(p));
	assert_string_equal(p->plan->migrations[0].transaction, "several");
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(p->plan->steps[i].transaction, i + 1);
		assert_true(p->plan->steps[i].transactional);
		assert_has(p->plan->steps[i].notes[0], "commits by itself");
	}
	ok(p, UP(p));
	assert_int_equal(p->result->applied[0].statements, 3);
	assert_int_equal(p->result->applied[0].rows_affected, 3);
	assert_string_equal(steps(p, "1"), "1:done 2:done 3:done");
	assert_string_equal(
		ask(p,
		    "SELECT count(*), min(transactional), min(length(hash)), count(execution_ms), count(finished_at) "
		    "FROM @migration_steps"),
		"3:1:64:3:3");
	ok(p, DOWN(p));
	assert_string_equal(states(p), "1:reverted");
	assert_string_equal(ask(p, "SELECT direction, ordinal, state FROM @migration_steps WHERE direction = 'down'"),
			    "down:1:done down:2:done");
}

/* --transaction all overrules the section. */
static void test_all_overrules_the_section(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "-- migrate:up transaction:false\nCREATE TABLE a (x int);\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p, .plan.transaction = WB_TRANSACTION_ALL), WB_ESQL);
	assert_string_equal(tables(p), "");
}

static void test_cuts_around_vacuum(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\nVACUUM;\nCREATE TABLE b (x int);\n"
	    "PRAGMA journal_mode = wal;\nCREATE TABLE c (x int);\n");
	ok(p, PLAN(p));
	assert_string_equal(p->plan->migrations[0].transaction, "several");
	assert_int_equal(p->plan->n_steps, 6);
	static const int64_t transactions[] = { 1, 1, 0, 2, 0, 3 };
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(p->plan->steps[i].transaction, transactions[i]);
	assert_string_equal(p->plan->steps[2].kind, "vacuum");
	assert_has(p->plan->steps[2].notes[0], "cannot run in a transaction");
	assert_string_equal(p->plan->steps[2].id, "1.3");
	ok(p, UP(p));
	assert_string_equal(tables(p), "a b c");
	assert_string_equal(steps(p, "1"), "1:done 2:done 3:done 4:done 5:done 6:done");
	assert_string_equal(ask(p, "SELECT group_concat(kind, ' ') FROM @migration_steps"),
			    "sql sql vacuum sql pragma sql");
	assert_string_equal(states(p), "1:applied");
	assert_has(p->events.p, "step_started:1 step_completed:1");
}

static void test_only_outside(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "VACUUM;\n");
	ok(p, PLAN(p));
	assert_string_equal(p->plan->migrations[0].transaction, "none");
	ok(p, UP(p));
	assert_string_equal(states(p), "1:applied");
	assert_int_equal(p->result->applied[0].statements, 1);
}

static void test_failure_after_the_cut(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int);\nVACUUM;\nCREATE TABLE b (x int);\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p), WB_ESQL);
	assert_place(p, "V1__a.sql:4:1");
	assert_string_equal(tables(p), "a");
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations"), "failed:2");
	assert_string_equal(steps(p, "1"), "1:done 2:done 3:pending 4:pending");
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nVACUUM;\nCREATE TABLE b (x int);\nINSERT INTO b VALUES (1);\n");
	ok(p, PLAN(p));
	assert_string_equal(planned(p), "1=resume");
	assert_int_equal(p->plan->n_steps, 2);
	assert_string_equal(p->plan->steps[0].id, "1.3");
	ok(p, UP(p));
	assert_string_equal(tables(p), "a b");
	assert_string_equal(steps(p, "1"), "1:done 2:done 3:done 4:done");
	assert_string_equal(history(p), "up:1:failed up:1:ok");
}

static void test_failing_outside_step(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nATTACH ':memory:' AS main;\nCREATE TABLE b (x int);\n");
	assert_code(p, UP(p), WB_ESQL);
	assert_place(p, "V1__a.sql:2:1");
	assert_int_equal(p->err.statement, 2);
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations"), "failed:1");
	assert_string_equal(steps(p, "1"), "1:done 2:failed 3:pending");
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nVACUUM;\nCREATE TABLE b (x int);\n");
	ok(p, UP(p));
	assert_string_equal(steps(p, "1"), "1:done 2:done 3:done");
	assert_string_equal(ask(p, "SELECT kind FROM @migration_steps WHERE ordinal = 2"), "vacuum");
}

/* More statements than rows are kept for: they are still counted, and the outside step still has its row. */
static void test_many_statements(void **state)
{
	struct place *p = *state;
	wb_autostr text = WB_STR_INIT;
	wb_str_add(&text, "CREATE TABLE a (x int);\n");
	for (int i = 0; i < 1200; i++)
		wb_str_addf(&text, "INSERT INTO a VALUES (%d);\n", i);
	wb_str_add(&text, "VACUUM;\nINSERT INTO nowhere VALUES (1);\n");
	put(p, "V1__a.sql", text.p);
	ok(p, PLAN(p));
	assert_int_equal(p->plan->statements, 1203);
	assert_true(p->plan->n_steps < 1203);
	assert_int_equal(p->plan->n_steps - 1 + (size_t)p->plan->steps[p->plan->n_steps - 1].repeats, 1203);
	assert_code(p, UP(p), WB_ESQL);
	assert_place(p, "V1__a.sql:1203:1");
	assert_string_equal(ask(p, "SELECT state, statements_done, statements_total FROM @schema_migrations"),
			    "failed:1202:1203");
	assert_string_equal(steps(p, "1"), "1202:done");
	assert_code(p, UP(p), WB_ESQL); /* resumes: VACUUM is not repeated */
	assert_string_equal(ask(p, "SELECT count(*) FROM a"), "1200");
	/* Without rows of the statements nobody can tell that what is done was not edited. */
	wb_str_add(&text, "SELECT 1;\n");
	put(p, "V1__a.sql", text.p);
	assert_code(p, UP(p), WB_ECHECKSUM);
}

static void test_empty_file(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "-- nothing yet\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n-- migrate:down\n-- nothing to do\n");
	int rc = UP(p);
	if (rc == 0)
		assert_string_equal(states(p), "1:applied 2:applied");
	else
		assert_has(p->err.file, "V1__a.sql");
}

static void test_control_is_refused(void **state)
{
	struct place *p = *state;
	static const char *const words[] = { "BEGIN", "BEGIN IMMEDIATE", "COMMIT",
					     "END",   "ROLLBACK",        "ROLLBACK TRANSACTION" };
	put(p, "V1__a.sql", "CREATE TABLE a (x int);");
	for (size_t i = 0; i < WB_ARRAY_LEN(words); i++) {
		char text[128];
		snprintf(text, sizeof(text), "CREATE TABLE b (x int);\n  %s;\nCREATE TABLE c (x int);\n", words[i]);
		put(p, "V2__b.sql", text);
		assert_code(p, UP(p), WB_EINPUT);
		assert_place(p, "V2__b.sql:2:3");
		assert_int_equal(p->err.statement, 2);
		assert_null(p->result);
		assert_string_equal(tables(p), ""); /* nothing runs while a file is wrong */
	}
	put(p, "V2__b.sql",
	    "SAVEPOINT s;\nCREATE TABLE b (x int);\nROLLBACK TO s;\nRELEASE s;\nCREATE TABLE c (x int);\n");
	ok(p, UP(p));
	assert_string_equal(tables(p), "a c");
}

static void test_journal_is_out_of_bounds(void **state)
{
	struct place *p = *state;
	static const char *const bad[] = {
		"DELETE FROM whimbrel_schema_migrations",
		"delete from Whimbrel_Schema_Migrations",
		"DELETE FROM WHIMBREL_SCHEMA_MIGRATIONS",
		"UPDATE \"whimbrel_meta\" SET format = 7",
		"DROP TABLE [whimbrel_migration_history]",
		"DROP TABLE main.`whimbrel_migration_steps`",
		"INSERT INTO a SELECT version FROM whimbrel_migration_runs",
		"CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM whimbrel_migration_dependencies; END",
	};
	static const char *const good[] = {
		"CREATE TABLE whimbrel (x int)",
		"CREATE TABLE whimbrel_notes (x int)",
		"INSERT INTO a VALUES ('whimbrel_meta')",
		"CREATE TABLE b (whimbrel_metadata int) -- whimbrel_meta",
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(bad); i++) {
		put(p, "V1__a.sql", bad[i]);
		assert_code(p, UP(p), WB_EINPUT);
		assert_has(p->err.message, "journal");
		assert_place(p, "V1__a.sql:1:1");
	}
	put(p, "V1__a.sql", "CREATE TABLE a (x text);");
	for (size_t i = 0; i < WB_ARRAY_LEN(good); i++) {
		char name[32];
		snprintf(name, sizeof(name), "V%zu__b.sql", i + 2);
		put(p, name, good[i]);
	}
	ok(p, UP(p));
}

int test_modes(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_one_transaction_per_file), TEST(test_all_in_one),
		TEST(test_all_in_one_refuses_a_mix), TEST(test_each_statement),
		TEST(test_section_says_each),        TEST(test_all_overrules_the_section),
		TEST(test_cuts_around_vacuum),       TEST(test_only_outside),
		TEST(test_failure_after_the_cut),    TEST(test_failing_outside_step),
		TEST(test_many_statements),          TEST(test_empty_file),
		TEST(test_control_is_refused),       TEST(test_journal_is_out_of_bounds),
	};
	return RUN_GROUP("modes");
}
