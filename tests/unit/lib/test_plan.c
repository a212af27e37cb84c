/* SPDX-License-Identifier: Apache-2.0
 *
 * The details of a plan: steps, transactions, ways back, notes, and what of
 * long texts is shown.
 */
#include "tests.h"

static void two(struct place *p)
{
	put(p, "V001__users_table.sql",
	    "-- Author: gertrude\n-- migrate:up\nCREATE TABLE users (x int);\n-- migrate:down\nDROP TABLE users;\n");
	put(p, "V002__b.sql", "CREATE TABLE b (x int);\n");
}

static void test_plan_details(void **state)
{
	struct place *p = *state;
	two(p);
	put(p, "R__v.sql", "DROP VIEW IF EXISTS v;\n");
	ok(p, PLAN(p));
	const struct wb_plan *plan = p->plan;
	assert_int_equal(plan->statements, 3);
	const struct wb_plan_migration *m = &plan->migrations[0];
	assert_string_equal(m->description, "users table");
	assert_true(m->reversible);
	assert_string_equal(m->down_source, "file");
	assert_string_equal(m->down_sql, "DROP TABLE users;");
	assert_string_equal(m->transaction, "one");
	assert_string_equal(m->kind, "versioned");
	assert_int_equal(m->statements, 1);
	assert_true(plan->migrations[1].reversible);
	assert_string_equal(plan->migrations[1].down_source, "inferred");
	assert_has(plan->migrations[1].down_sql, "DROP ");
	assert_string_equal(plan->migrations[2].kind, "repeatable");
	const struct wb_plan_step *s = &plan->steps[0];
	assert_string_equal(s->id, "001.1");
	assert_string_equal(s->phase, "up");
	assert_string_equal(s->command, "CREATE TABLE");
	assert_string_equal(s->object, "users");
	assert_string_equal(s->sql, "CREATE TABLE users (x int)");
	assert_false(s->sql_cut);
	assert_int_equal(s->line, 3);
	assert_int_equal(s->column, 1);
	assert_int_equal(s->repeats, 1);
	assert_true(s->transactional);
	assert_int_equal(plan->steps[2].transaction, 3);
	wb_plan_free(NULL);
}

static void test_plan_of_long_texts(void **state)
{
	struct place *p = *state;
	struct wb_str text = WB_STR_INIT;
	wb_str_add(&text, "CREATE TABLE a (x text);\nINSERT INTO a VALUES ('");
	for (int i = 0; i < 7000; i++)
		wb_str_add(&text, "0123456789");
	wb_str_add(&text, "');\n-- migrate:down\n");
	for (int i = 0; i < 7000; i++)
		wb_str_addf(&text, "DELETE FROM a WHERE x = '%d';\n", i);
	put(p, "V1__a.sql", text.p);
	wb_str_done(&text);
	ok(p, PLAN(p));
	assert_true(p->plan->steps[1].sql_cut);
	assert_int_equal(strlen(p->plan->steps[1].sql), 64 << 10);
	assert_true(p->plan->migrations[0].reversible);
	assert_string_equal(p->plan->migrations[0].down_source, "file");
	ok(p, UP(p));
	ok(p, PLAN(p, .down = true));
	assert_int_equal(p->plan->statements, 7000);
	const struct wb_plan_step *last = &p->plan->steps[p->plan->n_steps - 1];
	assert_true(last->repeats > 1);
	assert_has(last->notes[0], "more statements");
	assert_true(last->transactional);
	assert_int_equal(last->transaction, 1);
}

static const char *notes(struct place *p)
{
	wb_str_clear(&p->text);
	for (size_t i = 0; i < p->plan->n_notes; i++)
		wb_str_addf(&p->text, "%s\n", p->plan->notes[i]);
	return p->text.n ? p->text.p : "";
}

/* Which statement commits with which, and why one stands alone. */
static void test_transactions(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n");
	put(p, "V2__b.sql", "-- migrate:up transaction:false\nCREATE TABLE b (x int);\nINSERT INTO b VALUES (1);\n");
	put(p, "V3__c.sql", "VACUUM;\n");
	put(p, "V4__d.sql", "CREATE TABLE d (x int);\nVACUUM;\nDROP TABLE d;\n");
	ok(p, PLAN(p));
	const struct wb_plan *plan = p->plan;
	static const char *const kinds[] = { "one", "several", "none", "several" };
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(plan->migrations[i].transaction, kinds[i]);
	static const int transactions[] = { 1, 1, 2, 3, 0, 4, 0, 5 };
	assert_int_equal(plan->n_steps, 8);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(plan->steps[i].transaction, transactions[i]);
		assert_int_equal(plan->steps[i].transactional, transactions[i] != 0);
	}
	assert_int_equal(plan->steps[0].n_notes, 0);
	assert_has(plan->steps[2].notes[0], "commits by itself");
	assert_has(plan->steps[4].notes[0], "cannot run in a transaction");
	assert_string_equal(plan->steps[6].id, "4.2");
	assert_string_equal(notes(p), "");
}

static void test_may_commit_inside(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "-- migrate:up transaction:false\nCREATE PROCEDURE a() LANGUAGE plpgsql AS $$ BEGIN COMMIT; "
	    "END $$;\nCALL a();\nCREATE INDEX CONCURRENTLY ON pg_class (oid);\n");
	ok(p, PLAN(p));
	assert_has(p->plan->steps[1].notes[0], "may commit inside");
	assert_has(p->plan->steps[2].notes[0], "cannot run in a transaction");
	assert_string_equal(p->plan->steps[1].kind, "call");
}

static void test_ways_back(void **state)
{
	struct place *p = *state;
	two(p);
	ok(p, UP(p));
	ok(p, PLAN(p, .down = true, .to = "2"));
	assert_int_equal(p->plan->n_migrations, 0);
	ok(p, PLAN(p, .down = true));
	assert_string_equal(p->plan->migrations[0].down_source, "inferred");
	put(p, "V002__b.sql", "CREATE TABLE b (x int);\n-- migrate:down\nDROP TABLE b;\n");
	ok(p, PLAN(p, .down = true, .to = "0"));
	assert_string_equal(planned(p), "002=revert 001=revert");
	assert_string_equal(p->plan->direction, "down");
	assert_string_equal(p->plan->steps[0].phase, "down");
	assert_string_equal(p->plan->migrations[0].down_source, "file");
	/* Kept in the journal by the run, for a file that is gone. */
	take_away(p, "V001__users_table.sql");
	ok(p, PLAN(p, .down = true, .to = "0"));
	const struct wb_plan_migration *m = &p->plan->migrations[1];
	assert_string_equal(m->version, "001");
	assert_string_equal(m->down_source, "stored");
	assert_true(m->reversible);
	assert_null(m->checksum);
	assert_null(m->down_sql);
	assert_string_equal(p->plan->steps[1].sql, "DROP TABLE users");
}

/* Only what is left of a half-done one is shown. */
static void test_of_a_half(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "-- migrate:up transaction:false\nCREATE TABLE a (x int);\nINSERT INTO nowhere VALUES (1);\n"
	    "-- migrate:down transaction:false\nDROP TABLE a;\nDROP TABLE other;\n");
	assert_code(p, UP(p), WB_ESQL);
	ok(p, PLAN(p));
	assert_string_equal(planned(p), "1=resume");
	assert_int_equal(p->plan->n_steps, 1);
	assert_string_equal(p->plan->steps[0].id, "1.2");
	assert_string_equal(p->plan->steps[0].phase, "up");
	assert_has(notes(p), "failed");
	sql(p, "CREATE TABLE nowhere (x int)");
	ok(p, UP(p));
	assert_code(p, DOWN(p), WB_ESQL);
	ok(p, PLAN(p, .down = true));
	assert_int_equal(p->plan->n_steps, 1);
	assert_string_equal(p->plan->steps[0].id, "1.2");
	assert_string_equal(p->plan->steps[0].phase, "down");
	assert_string_equal(p->plan->steps[0].sql, "DROP TABLE other");
}

static void test_notes(void **state)
{
	struct place *p = *state;
	two(p);
	put(p, "V004__d.sql", "CREATE TABLE d (x int);\n");
	ok(p, UP(p));
	put(p, "V003__late.sql", "CREATE TABLE late (x int);\n");
	ok(p, PLAN(p));
	assert_has(notes(p), "up will refuse: ");
	assert_int_equal(p->plan->n_notes, 1);
	assert_true(p->plan->refused);
	ok(p, PLAN(p, .out_of_order = true));
	assert_string_equal(notes(p), "");
	assert_false(p->plan->refused);
	assert_string_equal(planned(p), "003");
	put(p, "V001__users_table.sql", "CREATE TABLE users (x bigint);\n");
	ok(p, PLAN(p, .out_of_order = true));
	assert_has(notes(p), "V001__users_table.sql: migration 001 was changed");
	assert_code(p, UP(p, .plan.out_of_order = true), WB_ECHECKSUM);
}

/* Nothing is shown of a plan that cannot be made. */
static void test_refused(void **state)
{
	struct place *p = *state;
	two(p);
	assert_code(p, PLAN(p, .to = "77"), WB_ENOTFOUND);
	assert_null(p->plan);
	put(p, "V003__c.sql", "BEGIN;\nCREATE TABLE c (x int);\nCOMMIT;\n");
	assert_code(p, PLAN(p), WB_EINPUT);
	assert_has(p->err.file, "V003__c.sql");
	assert_null(p->plan);
	sql(p, "CREATE TABLE whimbrel_meta (nonsense text)");
	assert_true(PLAN(p) < 0);
	assert_null(p->plan);
}

int test_plan(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_plan_details), TEST(test_plan_of_long_texts),
		TEST(test_transactions), TEST_PG(test_may_commit_inside),
		TEST(test_ways_back),    TEST(test_of_a_half),
		TEST(test_notes),        TEST(test_refused),
	};
	return RUN_GROUP("plan");
}
