/* SPDX-License-Identifier: Apache-2.0
 *
 * A statement fails: in every place, in every mode; then it is mended and the
 * run goes on.
 */
#include "tests.h"

#define N 4

/* N statements, of which number `bad` fails (0: none), each on a line of its own after the heading. */
static const char *script(char *buf, size_t size, const char *heading, int bad)
{
	int n = snprintf(buf, size, "%s\n", heading);
	for (int i = 1; i <= N; i++)
		n += snprintf(buf + n, size - (size_t)n,
			      i == bad ? "INSERT INTO nowhere VALUES (%d);\n" : "CREATE TABLE t%d (x int);\n", i);
	return buf;
}

static const char *tables(struct place *p)
{
	return ask(p, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name LIKE 't_'");
}

static void test_in_every_place(void **state)
{
	struct place *p = *state;
	char text[512], want[64];
	for (int bad = 1; bad <= N; bad++) {
		put(p, "V1__t.sql", script(text, sizeof(text), "-- migrate:up", bad));
		assert_code(p, UP(p), WB_ESQL);
		snprintf(want, sizeof(want), "V1__t.sql:%d:1", bad + 1);
		assert_place(p, want);
		assert_int_equal(p->err.statement, bad);
		assert_string_equal(p->err.version, "1");
		assert_has(p->err.excerpt, "INSERT INTO nowhere");
		assert_int_equal(p->err.caret, 0);
		assert_has(p->err.message, "nowhere");
		assert_string_equal(tables(p), "0");
		assert_string_equal(ask(p, "SELECT state, statements_done, statements_total FROM @schema_migrations"),
				    "failed:0:4");
		assert_has(ask(p, "SELECT error FROM @schema_migrations"), "nowhere");
		ok(p, PLAN(p));
		assert_string_equal(planned(p), "1");
	}
	assert_string_equal(ask(p, "SELECT count(*), count(error) FROM @migration_history WHERE result = 'failed'"),
			    "4:4");
	assert_string_equal(ask(p, "SELECT DISTINCT result FROM @migration_runs"), "failed");
	put(p, "V1__t.sql", script(text, sizeof(text), "-- migrate:up", 0));
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT state, statements_done, error FROM @schema_migrations"), "applied:4:-");
	assert_string_equal(
		ask(p, "SELECT count(*) FROM @migration_runs WHERE result = 'ok' AND finished_at IS NOT NULL"), "1");
}

/* One by one: each failure is mended in turn, although what was mended before was edited after the first try. */
static void test_mended_one_by_one(void **state)
{
	struct place *p = *state;
	char text[512];
	for (int bad = 1; bad <= N; bad++) {
		/* Statements after `bad` stay wrong. */
		int n = snprintf(text, sizeof(text), "-- migrate:up transaction:false\n");
		for (int i = 1; i <= N; i++)
			n += snprintf(text + n, sizeof(text) - (size_t)n,
				      i >= bad ? "INSERT INTO nowhere VALUES (%d);\n" : "CREATE TABLE t%d (x int);\n",
				      i);
		put(p, "V1__t.sql", text);
		assert_code(p, UP(p), WB_ESQL);
		assert_int_equal(p->err.statement, bad);
		assert_int_equal(p->err.line, bad + 1);
		snprintf(text, sizeof(text), "failed:%d:4", bad - 1);
		assert_string_equal(ask(p, "SELECT state, statements_done, statements_total FROM @schema_migrations"),
				    text);
	}
	put(p, "V1__t.sql", script(text, sizeof(text), "-- migrate:up transaction:false", 0));
	ok(p, UP(p));
	assert_string_equal(tables(p), "4");
	assert_string_equal(steps(p, "1"), "1:done 2:done 3:done 4:done");
	assert_string_equal(states(p), "1:applied");
	/* The rows tell what ran, not what was tried first. */
	assert_string_equal(ask(p, "SELECT count(*) FROM @migration_steps WHERE sql LIKE 'CREATE TABLE t%'"), "4");
}

static void test_done_statement_edited(void **state)
{
	struct place *p = *state;
	char text[512];
	put(p, "V1__t.sql", script(text, sizeof(text), "-- migrate:up transaction:false", 3));
	assert_code(p, UP(p), WB_ESQL);
	put(p, "V1__t.sql",
	    "-- migrate:up transaction:false\nCREATE TABLE t1 (x int);\nCREATE TABLE t2 (x bigint);\n"
	    "CREATE TABLE t3 (x int);\nCREATE TABLE t4 (x int);\n");
	assert_code(p, UP(p), WB_ECHECKSUM);
	assert_has(p->err.message, "statement 2");
	assert_place(p, "V1__t.sql:3:1");
	assert_string_equal(p->err.version, "1");
	assert_string_equal(tables(p), "2");
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations"), "failed:2");
	/* Cut short: what was done is no longer there. */
	put(p, "V1__t.sql", "-- migrate:up transaction:false\nCREATE TABLE t1 (x int);\n");
	assert_code(p, UP(p), WB_ECHECKSUM);
	/* Comments and blanks between statements are nobody's business. */
	put(p, "V1__t.sql",
	    "-- migrate:up transaction:false\n\nCREATE TABLE t1 (x int); /* one */\n-- two\nCREATE TABLE t2 (x int);\n"
	    "CREATE TABLE t3 (x int);\nCREATE TABLE t4 (x int);\n");
	ok(p, UP(p));
	assert_string_equal(tables(p), "4");
}

static void test_done_statements_alone_left(void **state)
{
	struct place *p = *state;
	char text[512];
	put(p, "V1__t.sql", script(text, sizeof(text), "-- migrate:up transaction:false", 4));
	assert_code(p, UP(p), WB_ESQL);
	/* The failing one is taken out: nothing is left to run. */
	put(p, "V1__t.sql",
	    "-- migrate:up transaction:false\nCREATE TABLE t1 (x int);\nCREATE TABLE t2 (x int);\nCREATE TABLE t3 (x "
	    "int);\n");
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT state, statements_done, statements_total FROM @schema_migrations"),
			    "applied:3:3");
	assert_string_equal(history(p), "up:1:failed up:1:ok");
	ok(p, UP(p));
	assert_string_equal(applied(p), "");
}

static void test_down_fails(void **state)
{
	struct place *p = *state;
	put(p, "V1__t.sql", "CREATE TABLE t1 (x int);\n-- migrate:down\nDROP TABLE t1;\nDROP TABLE nowhere;\n");
	ok(p, UP(p));
	assert_code(p, DOWN(p), WB_ESQL);
	assert_place(p, "V1__t.sql:4:1");
	assert_string_equal(tables(p), "1");
	assert_string_equal(states(p), "1:applied");
	assert_string_equal(history(p), "up:1:ok down:1:failed");
	put(p, "V1__t.sql", "CREATE TABLE t1 (x int);\n-- migrate:down\nDROP TABLE t1;\n");
	ok(p, DOWN(p));
	assert_string_equal(states(p), "1:reverted");
}

static void test_down_fails_half_way(void **state)
{
	struct place *p = *state;
	static const char up[] =
		"CREATE TABLE t1 (x int);\nCREATE TABLE t2 (x int);\n-- migrate:down transaction:false\n";
	char text[256];
	snprintf(text, sizeof(text), "%sDROP TABLE t2;\nDROP TABLE nowhere;\n", up);
	put(p, "V1__t.sql", text);
	ok(p, UP(p));
	assert_code(p, DOWN(p), WB_ESQL);
	assert_string_equal(tables(p), "1");
	assert_string_equal(ask(p, "SELECT state, phase, statements_done FROM @schema_migrations"), "failed:down:1");
	snprintf(text, sizeof(text), "%sDROP TABLE t2;\nDROP TABLE t1;\n", up);
	put(p, "V1__t.sql", text);
	ok(p, PLAN(p, .down = true));
	assert_string_equal(planned(p), "1=resume_revert");
	/* `up` finishes the revert, then applies again. */
	ok(p, PLAN(p));
	assert_string_equal(planned(p), "1=resume_revert 1");
	ok(p, DOWN(p));
	assert_string_equal(applied(p), "1");
	assert_string_equal(tables(p), "0");
	assert_string_equal(states(p), "1:reverted");
	ok(p, UP(p));
	assert_string_equal(tables(p), "2");
	assert_string_equal(states(p), "1:applied");
}

static void test_up_after_half_a_down(void **state)
{
	struct place *p = *state;
	static const char up[] =
		"CREATE TABLE t1 (x int);\nCREATE TABLE t2 (x int);\n-- migrate:down transaction:false\n";
	char text[256];
	put(p, "V2__n.sql", "CREATE TABLE t9 (x int);");
	snprintf(text, sizeof(text), "%sDROP TABLE t2;\nDROP TABLE nowhere;\n", up);
	put(p, "V1__t.sql", text);
	ok(p, UP(p, .plan.to = "1"));
	assert_code(p, DOWN(p), WB_ESQL);
	snprintf(text, sizeof(text), "%sDROP TABLE t2;\nDROP TABLE t1;\n", up);
	put(p, "V1__t.sql", text);
	ok(p, UP(p));
	assert_string_equal(applied(p), "1 1 2");
	assert_string_equal(tables(p), "3");
	assert_string_equal(states(p), "1:applied 2:applied");
}

/* A down of more statements than have rows, stopped in the middle, unedited: it goes on. */
static void test_long_down_goes_on(void **state)
{
	struct place *p = *state;
	wb_autostr text = WB_STR_INIT;
	wb_str_add(&text, "CREATE TABLE t1 (x int);\n-- migrate:down transaction:false\n");
	for (int i = 0; i < 1100; i++)
		wb_str_addf(&text, "DELETE FROM t1 WHERE x = %d;\n", i);
	wb_str_add(&text, "DELETE FROM t2;\nDROP TABLE t1;\n");
	put(p, "V1__t.sql", text.p);
	ok(p, UP(p));
	assert_code(p, DOWN(p), WB_ESQL);
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations"), "failed:1100");
	sql(p, "CREATE TABLE t2 (x int)");
	ok(p, DOWN(p));
	assert_string_equal(states(p), "1:reverted");
	assert_string_equal(tables(p), "1");
}

static void test_nothing_goes_down_over_a_half(void **state)
{
	struct place *p = *state;
	char text[512];
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V2__t.sql", script(text, sizeof(text), "-- migrate:up transaction:false", 3));
	assert_code(p, UP(p), WB_ESQL);
	assert_code(p, DOWN(p), WB_EREFUSED);
	assert_has(p->err.message, "2");
	assert_code(p, REDO(p), WB_EREFUSED);
	assert_code(p, PLAN(p, .down = true), WB_EREFUSED);
	assert_string_equal(states(p), "1:applied 2:failed");
	put(p, "V2__t.sql", script(text, sizeof(text), "-- migrate:up transaction:false", 0));
	ok(p, UP(p));
}

/* The file is gone, the steps are in the journal. */
static void test_half_without_its_file(void **state)
{
	struct place *p = *state;
	put(p, "V1__t.sql",
	    "-- migrate:up transaction:false\nCREATE TABLE t1 (x int);\nINSERT INTO t2 VALUES (1);\nCREATE TABLE t3 (x "
	    "int);\n");
	assert_code(p, UP(p), WB_ESQL);
	take_away(p, "V1__t.sql");
	put(p, "V2__n.sql", "SELECT 1;");
	sql(p, "CREATE TABLE t2 (x int)");
	ok(p, UP(p));
	assert_string_equal(applied(p), "1 2");
	assert_string_equal(states(p), "1:applied 2:applied");
	assert_string_equal(tables(p), "3");
	assert_string_equal(ask(p, "SELECT count(*) FROM t2"), "1");
}

static void test_half_a_down_without_its_file(void **state)
{
	struct place *p = *state;
	put(p, "V1__t.sql",
	    "-- migrate:up transaction:false\nCREATE TABLE t1 (x int);\nCREATE TABLE t2 (x int);\n"
	    "-- migrate:down transaction:false\nDROP TABLE t2;\nDROP TABLE t3;\nDROP TABLE t1;\n");
	ok(p, UP(p));
	assert_code(p, DOWN(p), WB_ESQL);
	take_away(p, "V1__t.sql");
	sql(p, "CREATE TABLE t3 (x int)");
	ok(p, DOWN(p));
	assert_string_equal(states(p), "1:reverted");
	assert_string_equal(tables(p), "0"); /* and nothing of the up part ran again */
}

/* Half done, too long for rows, and without its file: nobody knows what is left. */
static void test_long_half_without_its_file(void **state)
{
	struct place *p = *state;
	wb_autostr text = WB_STR_INIT;
	wb_str_add(&text, "CREATE TABLE t1 (x int);\nVACUUM;\n");
	for (int i = 0; i < 1100; i++)
		wb_str_addf(&text, "INSERT INTO t1 VALUES (%d);\n", i);
	wb_str_add(&text, "INSERT INTO nowhere VALUES (1);\n");
	put(p, "V1__t.sql", text.p);
	assert_code(p, UP(p), WB_ESQL);
	take_away(p, "V1__t.sql");
	put(p, "V2__n.sql", "SELECT 1;");
	assert_code(p, UP(p), WB_ESTATE);
	assert_string_equal(p->err.version, "1");
	assert_string_equal(states(p), "1:failed");
}

static void test_unfinished_goes_first(void **state)
{
	struct place *p = *state;
	char text[512];
	put(p, "V1__t.sql", script(text, sizeof(text), "-- migrate:up transaction:false", 3));
	put(p, "V2__n.sql", "CREATE TABLE n (x int);");
	assert_code(p, UP(p), WB_ESQL);
	put(p, "V1__t.sql", script(text, sizeof(text), "-- migrate:up transaction:false", 0));
	ok(p, UP(p, .plan.transaction = WB_TRANSACTION_ALL));
	assert_string_equal(applied(p), "1 2");
	assert_string_equal(tables(p), "4");
	assert_string_equal(states(p), "1:applied 2:applied");
}

static void test_cause_goes_to_the_journal(void **state)
{
	struct place *p = *state;
	put(p, "V1__t.sql", "CREATE TABLE t1 (x int CHECK (x < 3));\nINSERT INTO t1 VALUES (4);\n");
	assert_code(p, UP(p), WB_ESQL);
	assert_has(ask(p, "SELECT error FROM @schema_migrations"), "CHECK");
	assert_has(ask(p, "SELECT error FROM @migration_history"), "CHECK");
	assert_has(ask(p, "SELECT error FROM @migration_runs"), "CHECK");
	assert_has(p->events.p, "migration_started:1");
	assert_has(p->events.p, "migration_failed:1");
	assert_has(p->events.p, "run_failed");
}

int test_fail(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_in_every_place),
		TEST(test_mended_one_by_one),
		TEST(test_done_statement_edited),
		TEST(test_done_statements_alone_left),
		TEST(test_down_fails),
		TEST(test_down_fails_half_way),
		TEST(test_up_after_half_a_down),
		TEST(test_long_down_goes_on),
		TEST(test_nothing_goes_down_over_a_half),
		TEST(test_half_without_its_file),
		TEST(test_half_a_down_without_its_file),
		TEST(test_long_half_without_its_file),
		TEST(test_unfinished_goes_first),
		TEST(test_cause_goes_to_the_journal),
	};
	return RUN_GROUP("fail");
}
