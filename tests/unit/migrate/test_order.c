/* SPDX-License-Identifier: Apache-2.0
 *
 * Files against journal: baselines, files that were changed or are gone.
 */
#include "tests.h"

static void put_numbered(struct place *p, int i)
{
	char name[32], text[128];
	snprintf(name, sizeof(name), "V%03d__t.sql", i);
	snprintf(text, sizeof(text), "-- migrate:up\nCREATE TABLE t%d (x int);\n-- migrate:down\nDROP TABLE t%d;\n", i,
		 i);
	put(p, name, text);
}

static void test_baseline_file(void **state)
{
	struct place *p = *state;
	for (int i = 1; i <= 4; i++)
		put_numbered(p, i);
	put(p, "B002__both.sql", "CREATE TABLE t1 (x int); CREATE TABLE t2 (x int);");
	ok(p, PLAN(p, .to = "1"));
	assert_string_equal(planned(p), "001");
	ok(p, UP(p));
	assert_string_equal(applied(p), "002 003 004");
	assert_string_equal(ask(p, "SELECT version, kind FROM @schema_migrations ORDER BY rank"),
			    "002:baseline 003:versioned 004:versioned");
	ok(p, UP(p));
	assert_string_equal(applied(p), "");
	assert_code(p, DOWN(p, .plan.to = "0"), WB_EIRREVERSIBLE);
	assert_has(p->err.message, "baseline");
	assert_string_equal(states(p), "002:applied 003:applied 004:applied");
	ok(p, DOWN(p, .plan.to = "2"));
	assert_string_equal(applied(p), "004 003");
}

static void test_baseline_file_counts_as_a_step(void **state)
{
	struct place *p = *state;
	for (int i = 1; i <= 4; i++)
		put_numbered(p, i);
	put(p, "B002__both.sql", "CREATE TABLE t1 (x int); CREATE TABLE t2 (x int);");
	ok(p, UP(p, .plan.steps = 1));
	assert_string_equal(applied(p), "002");
}

static void test_baseline_file_of_a_used_database(void **state)
{
	struct place *p = *state;
	for (int i = 1; i <= 3; i++)
		put_numbered(p, i);
	ok(p, UP(p, .plan.to = "1"));
	put(p, "B002__both.sql", "CREATE TABLE t1 (x int); CREATE TABLE t2 (x int);");
	ok(p, UP(p));
	assert_string_equal(applied(p), "002 003");
	assert_string_equal(ask(p, "SELECT DISTINCT kind FROM @schema_migrations"), "versioned");
}

/* The files that squash removes go newest first: without the newest there is a hole, whatever else is still there. */
static void test_squashed_files_that_are_half_removed(void **state)
{
	struct place *p = *state;
	for (int i = 1; i <= 4; i++)
		put_numbered(p, i);
	ok(p, UP(p, .plan.to = "1"));
	take_away(p, "V003__t.sql");
	put(p, "B003__squashed.sql", "CREATE TABLE t1 (x int); CREATE TABLE t2 (x int); CREATE TABLE t3 (x int);");
	assert_code(p, UP(p), WB_EORDER);
	assert_has(p->err.message, "the database stands at 001");
	take_away(p, "B003__squashed.sql");
	put(p, "B003__by_hand.sql", "CREATE TABLE t1 (x int); CREATE TABLE t2 (x int);");
	ok(p, UP(p));
	assert_string_equal(applied(p), "002 004");
}

static void test_down_stops_at_what_was_squashed(void **state)
{
	struct place *p = *state;
	for (int i = 1; i <= 3; i++)
		put_numbered(p, i);
	ok(p, UP(p));
	put(p, "B002__squashed.sql", "CREATE TABLE t1 (x int); CREATE TABLE t2 (x int);");
	take_away(p, "V001__t.sql");
	take_away(p, "V002__t.sql");
	ok(p, UP(p));
	assert_string_equal(applied(p), "");
	assert_code(p, DOWN(p, .plan.to = "1"), WB_EIRREVERSIBLE);
	assert_has(p->err.message, "migration 002 is part of baseline 002");
	ok(p, DOWN(p, .plan.to = "2"));
	assert_string_equal(applied(p), "003");
}

static void test_newest_baseline_wins(void **state)
{
	struct place *p = *state;
	for (int i = 1; i <= 4; i++)
		put_numbered(p, i);
	put(p, "B001__one.sql", "CREATE TABLE t1 (x int);");
	put(p, "B003__three.sql", "CREATE TABLE t1 (x int); CREATE TABLE t2 (x int); CREATE TABLE t3 (x int);");
	ok(p, PLAN(p, .to = "2"));
	assert_string_equal(planned(p), "001 002");
	ok(p, UP(p));
	assert_string_equal(applied(p), "003 004");
}

static void test_baseline_command(void **state)
{
	struct place *p = *state;
	size_t n = 99;
	for (int i = 1; i <= 4; i++)
		put_numbered(p, i);
	put(p, "R__view.sql", "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT 1 AS one;");
	ok(p, wb_baseline(context(p), "2", "it was there", &n, &p->err));
	assert_int_equal(n, 2);
	assert_string_equal(states(p), "001:baseline 002:baseline");
	assert_string_equal(history(p), "baseline:002:ok");
	assert_string_equal(ask(p, "SELECT DISTINCT reason FROM @migration_history"), "it was there");
	ok(p, UP(p));
	assert_string_equal(applied(p), "003 004 R__view");
	ok(p, DOWN(p, .plan.steps = 2));
	assert_code(p, DOWN(p), WB_EIRREVERSIBLE);
	assert_has(p->err.message, "002 is a baseline");
	assert_code(p, wb_baseline(context(p), "3", NULL, &n, &p->err), WB_EREFUSED);
	assert_has(p->err.message, "001");
	assert_int_equal(n, 2);
}

static void test_baseline_spellings(void **state)
{
	struct place *p = *state;
	static const char *const names[] = { "V002", "v2", "002", "V002__t", "V002__t.sql" };
	for (int i = 1; i <= 4; i++)
		put_numbered(p, i);
	for (size_t i = 0; i < WB_ARRAY_LEN(names); i++) {
		ok(p, wb_baseline(context(p), names[i], NULL, NULL, &p->err));
		assert_string_equal(states(p), "001:baseline 002:baseline");
		sql(p, "DELETE FROM @schema_migrations");
	}
	assert_code(p, wb_baseline(context(p), "nonsense", NULL, NULL, &p->err), WB_ENOTFOUND);
	assert_code(p, wb_baseline(context(p), "", NULL, NULL, &p->err), WB_EUSAGE);
	assert_code(p, wb_baseline(context(p), NULL, NULL, NULL, &p->err), WB_EUSAGE);
	assert_string_equal(states(p), "");
}

/* The files of the old days need not be there. */
static void test_baseline_without_file(void **state)
{
	struct place *p = *state;
	size_t n = 0;
	put_numbered(p, 10);
	put_numbered(p, 11);
	ok(p, wb_baseline(context(p), "V9", NULL, &n, &p->err));
	assert_int_equal(n, 1);
	assert_string_equal(states(p), "9:baseline");
	ok(p, UP(p));
	assert_string_equal(applied(p), "010 011");
	assert_code(p, DOWN(p, .plan.to = "0"), WB_EIRREVERSIBLE);
	ok(p, DOWN(p, .plan.to = "9"));
}

static void test_baseline_after_all_was_reverted(void **state)
{
	struct place *p = *state;
	for (int i = 1; i <= 2; i++)
		put_numbered(p, i);
	ok(p, UP(p));
	ok(p, DOWN(p, .plan.to = "0"));
	ok(p, wb_baseline(context(p), "1", NULL, NULL, &p->err));
	assert_string_equal(ask(p, "SELECT version, state FROM @schema_migrations ORDER BY version"),
			    "001:baseline 002:reverted");
	ok(p, UP(p));
	assert_string_equal(applied(p), "002");
}

static void test_missing_older(void **state)
{
	struct place *p = *state;
	for (int i = 1; i <= 3; i++)
		put_numbered(p, i);
	ok(p, UP(p));
	take_away(p, "V002__t.sql");
	assert_code(p, UP(p), WB_EORDER);
	assert_string_equal(p->err.version, "002");
	assert_has(p->err.message, "missing");
	assert_has(p->err.hint, "repair");
}

/* An older checkout against a newer database has nothing to do. */
static void test_missing_newer(void **state)
{
	struct place *p = *state;
	for (int i = 1; i <= 3; i++)
		put_numbered(p, i);
	ok(p, UP(p));
	take_away(p, "V003__t.sql");
	ok(p, UP(p));
	assert_string_equal(applied(p), "");
	put_numbered(p, 4);
	assert_code(p, UP(p), WB_EORDER); /* no longer newer than every file */
	assert_string_equal(p->err.version, "003");
}

static void test_modified(void **state)
{
	struct place *p = *state;
	for (int i = 1; i <= 2; i++)
		put_numbered(p, i);
	ok(p, UP(p));
	put(p, "V001__t.sql", "-- migrate:up\nCREATE TABLE t1 (x bigint);\n-- migrate:down\nDROP TABLE t1;\n");
	put_numbered(p, 3);
	assert_code(p, UP(p), WB_ECHECKSUM);
	assert_string_equal(p->err.version, "001");
	assert_has(p->err.file, "V001__t.sql");
	assert_string_equal(states(p), "001:applied 002:applied");
	/* Line ends and a byte order mark are no change. */
	put(p, "V001__t.sql",
	    "\xef\xbb\xbf-- migrate:up\r\nCREATE TABLE t1 (x int);\r\n-- migrate:down\r\nDROP TABLE t1;\r\n");
	ok(p, UP(p));
	assert_string_equal(applied(p), "003");
}

static void test_modified_down_warns(void **state)
{
	struct place *p = *state;
	put_numbered(p, 1);
	ok(p, UP(p));
	put(p, "V001__t.sql", "-- migrate:up\nCREATE TABLE t1 (x int);\n-- migrate:down\nDROP TABLE IF EXISTS t1;\n");
	ok(p, UP(p));
	assert_has(p->log.p, "down part of migration 001 was changed");
	ok(p, PLAN(p, .down = true));
	assert_string_equal(p->plan->steps[0].sql, "DROP TABLE IF EXISTS t1");
	ok(p, DOWN(p));
}

static void test_stored_down(void **state)
{
	struct place *p = *state;
	for (int i = 1; i <= 2; i++)
		put_numbered(p, i);
	ok(p, UP(p));
	take_away(p, "V002__t.sql");
	ok(p, PLAN(p, .down = true));
	assert_string_equal(planned(p), "002=revert");
	assert_string_equal(p->plan->migrations[0].down_source, "stored");
	assert_true(p->plan->migrations[0].reversible);
	assert_string_equal(p->plan->steps[0].sql, "DROP TABLE t2");
	ok(p, DOWN(p));
	assert_string_equal(states(p), "001:applied 002:reverted");
	assert_string_equal(ask(p, "SELECT count(*) FROM sqlite_master WHERE name = 't2'"), "0");
	/* A file that lost its down: the stored one stands in. */
	put(p, "V001__t.sql", "-- migrate:up\nCREATE TABLE t1 (x int);\n");
	ok(p, DOWN(p));
	assert_string_equal(states(p), "001:reverted 002:reverted");
}

static void test_stored_down_of_a_pair(void **state)
{
	struct place *p = *state;
	put(p, "0001_a.up.sql", "CREATE TABLE a (x int);");
	put(p, "0001_a.down.sql", "DROP TABLE a;");
	ok(p, UP(p));
	take_away(p, "0001_a.up.sql");
	take_away(p, "0001_a.down.sql");
	ok(p, DOWN(p));
	assert_string_equal(states(p), "0001:reverted");
	assert_string_equal(ask(p, "SELECT count(*) FROM sqlite_master WHERE name = 'a'"), "0");
}

static void test_stored_down_commits_one_by_one(void **state)
{
	struct place *p = *state;
	put(p, "V001__a.sql",
	    "CREATE TABLE a (x int);\nCREATE TABLE b (x int);\n"
	    "-- migrate:down transaction:false\nDROP TABLE b;\nDROP TABLE nowhere;\nDROP TABLE a;\n");
	ok(p, UP(p));
	take_away(p, "V001__a.sql");
	assert_code(p, DOWN(p), WB_ESQL);
	assert_has(p->err.file, "stored text of 001");
	assert_string_equal(states(p), "001:failed");
	assert_string_equal(ask(p, "SELECT statements_done, phase FROM @schema_migrations"), "1:down");
	assert_string_equal(ask(p, "SELECT name FROM sqlite_master WHERE name IN ('a', 'b')"), "a");
}

static void test_irreversible(void **state)
{
	struct place *p = *state;
	put(p, "V001__a.sql", "CREATE TABLE a (x int);\nPRAGMA user_version = 1;");
	ok(p, UP(p));
	assert_code(p, DOWN(p), WB_EIRREVERSIBLE);
	assert_has(p->err.message, "001");
	assert_has(p->err.detail, "line 2: sets user_version");
	assert_has(p->err.file, "V001__a.sql");
	assert_string_equal(states(p), "001:applied");
}

/* Some of what the baseline stands for is applied, and the rest has no files any more. */
static void test_behind_a_baseline_file(void **state)
{
	struct place *p = *state;
	put_numbered(p, 1);
	ok(p, UP(p));
	put(p, "B003__three.sql", "CREATE TABLE t1 (x int); CREATE TABLE t2 (x int); CREATE TABLE t3 (x int);");
	put_numbered(p, 4);
	take_away(p, "V001__t.sql");
	assert_code(p, UP(p), WB_EORDER);
	assert_has(p->err.message, "stands at 001");
	assert_string_equal(states(p), "001:applied");
	put_numbered(p, 2);
	put_numbered(p, 3);
	ok(p, UP(p));
	assert_string_equal(applied(p), "002 003 004");
	take_away(p, "V002__t.sql");
	take_away(p, "V003__t.sql");
	ok(p, UP(p));
}

int test_order(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_baseline_file),
		TEST(test_baseline_file_counts_as_a_step),
		TEST(test_baseline_file_of_a_used_database),
		TEST(test_squashed_files_that_are_half_removed),
		TEST(test_down_stops_at_what_was_squashed),
		TEST(test_newest_baseline_wins),
		TEST(test_behind_a_baseline_file),
		TEST(test_baseline_command),
		TEST(test_baseline_spellings),
		TEST(test_baseline_without_file),
		TEST(test_baseline_after_all_was_reverted),
		TEST(test_missing_older),
		TEST(test_missing_newer),
		TEST(test_modified),
		TEST(test_modified_down_warns),
		TEST(test_stored_down),
		TEST(test_stored_down_of_a_pair),
		TEST(test_stored_down_commits_one_by_one),
		TEST(test_irreversible),
	};
	return RUN_GROUP("order");
}
