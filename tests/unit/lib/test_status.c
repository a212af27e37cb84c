/* SPDX-License-Identifier: Apache-2.0
 *
 * What is told about a database: status and history.
 */
#include "tests.h"

static struct wb_status *status(struct place *p)
{
	struct wb_status *s = NULL;
	ok(p, wb_status(context(p), &s, &p->err));
	return s;
}

static void two(struct place *p)
{
	put(p, "V001__users_table.sql",
	    "-- Author: gertrude\n-- migrate:up\nCREATE TABLE users (x int);\n-- migrate:down\nDROP TABLE users;\n");
	put(p, "V002__b.sql", "CREATE TABLE b (x int);\n");
}

static void test_before_and_after(void **state)
{
	struct place *p = *state;
	two(p);
	struct wb_status *s = status(p);
	assert_string_equal(s->engine, "sqlite");
	assert_has(s->database, "app.db");
	assert_has(s->safe_url, "app.db");
	assert_has(s->server, "SQLite 3.");
	assert_int_equal(s->n_applied, 0);
	assert_int_equal(s->n_pending, 2);
	assert_string_equal(s->pending[0].version, "001");
	assert_string_equal(s->pending[0].description, "users table");
	assert_string_equal(s->pending[0].state, "pending");
	assert_string_equal(s->pending[0].type, "schema");
	assert_string_equal(s->pending[0].kind, "versioned");
	assert_has(s->pending[0].checksum, "sha256:");
	assert_has(s->pending[0].file, "V001__users_table.sql");
	assert_true(s->pending[0].has_down);
	assert_false(s->pending[1].has_down);
	assert_int_equal(s->pending[0].execution_ms, -1);
	assert_null(s->pending[0].applied_at);
	for (size_t i = 0; i < s->n_problems; i++)
		assert_true(s->problems[i].warning); /* there is no database yet */
	wb_status_free(s);
	ok(p, UP(p, .plan.to = "1"));
	s = status(p);
	assert_true(s->has_journal);
	assert_string_equal(s->current, "001");
	assert_int_equal(s->n_applied, 1);
	assert_int_equal(s->n_pending, 1);
	assert_string_equal(s->applied[0].state, "applied");
	assert_string_equal(s->applied[0].origin, "whimbrel");
	assert_string_equal(s->applied[0].description, "users table");
	assert_has(s->applied[0].applied_at, "T");
	assert_has(s->applied[0].applied_at, "Z");
	assert_true(s->applied[0].execution_ms >= 0);
	assert_true(s->applied[0].has_down);
	assert_has(s->applied[0].checksum, "sha256:");
	assert_null(s->applied[0].error);
	/* It outlives what it was made from. */
	wb_close(p->ctx);
	p->ctx = NULL;
	assert_string_equal(s->applied[0].version, "001");
	wb_status_free(s);
	wb_status_free(NULL);
}

static const struct wb_problem *problem(const struct wb_status *s, const char *kind)
{
	for (size_t i = 0; i < s->n_problems; i++) {
		if (!strcmp(s->problems[i].kind, kind))
			return &s->problems[i];
	}
	fail_msg("no problem %s among %zu", kind, s->n_problems);
	return NULL;
}

static void test_problems(void **state)
{
	struct place *p = *state;
	two(p);
	put(p, "V003__c.sql", "CREATE TABLE c (x int);\n");
	put(p, "V005__d.sql", "CREATE TABLE d (x int);\n");
	ok(p, UP(p));
	put(p, "V001__users_table.sql", "CREATE TABLE users (x bigint);\n");
	take_away(p, "V002__b.sql");
	put(p, "V004__late.sql", "CREATE TABLE late (x int);\n");
	put(p, "V006__e.sql",
	    "-- migrate:up transaction:false\nCREATE TABLE e (x int);\nINSERT INTO nowhere VALUES (1);\n");
	assert_true(UP(p, .plan.out_of_order = true) < 0);
	struct wb_status *s = status(p);
	assert_int_equal(problem(s, "modified")->code, WB_ECHECKSUM);
	assert_false(problem(s, "modified")->warning);
	assert_has(problem(s, "modified")->file, "V001__users_table.sql");
	assert_string_equal(problem(s, "missing")->version, "002");
	assert_string_equal(problem(s, "out_of_order")->version, "004");
	assert_string_equal(s->current, "005");
	assert_int_equal(s->n_pending, 2);
	wb_status_free(s);
	two(p);
	ok(p, UP(p, .plan.out_of_order = true, .plan.to = "004"));
	assert_code(p, UP(p), WB_ESQL);
	s = status(p);
	assert_int_equal(s->n_problems, 1);
	assert_true(problem(s, "failed")->warning);
	assert_has(problem(s, "failed")->message, "after 1 of its 2 statements, which stay");
	assert_has(problem(s, "failed")->message, "nowhere");
	assert_string_equal(s->applied[s->n_applied - 1].state, "failed");
	assert_has(s->applied[s->n_applied - 1].error, "nowhere");
	wb_status_free(s);
	sql(p, "UPDATE @schema_migrations SET state = 'running' WHERE version = '006'");
	s = status(p);
	assert_has(problem(s, "half_done")->message, "1 of 2 statements");
	wb_status_free(s);
}

static void test_of_a_revert(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int);\nCREATE TABLE b (x int);\n-- migrate:down transaction:false\nDROP TABLE a;\nDROP "
	    "TABLE nowhere;\n");
	ok(p, UP(p));
	assert_code(p, DOWN(p), WB_ESQL);
	struct wb_status *s = status(p);
	assert_has(problem(s, "failed")->message, "reverting migration 1 failed after 1");
	assert_int_equal(s->n_pending, 1); /* it will be applied again once it is reverted */
	wb_status_free(s);
}

static void test_history(void **state)
{
	struct place *p = *state;
	struct wb_history *h = NULL;
	p->o.applied_by = "gertrude";
	two(p);
	ok(p, UP(p));
	ok(p, wb_history(context(p), NULL, 0, &h, &p->err));
	assert_int_equal(h->n_entries, 2);
	assert_string_equal(h->entries[0].version, "002"); /* newest first */
	assert_string_equal(h->entries[0].action, "up");
	assert_string_equal(h->entries[0].result, "ok");
	assert_string_equal(h->entries[0].who, "gertrude");
	assert_string_equal(h->entries[0].description, "b");
	assert_string_equal(h->entries[0].tool_version, "0.1.0");
	assert_int_equal(h->entries[0].statements, 1);
	assert_int_equal(h->entries[0].retries, 0);
	assert_true(h->entries[0].rss_kb > 0);
	assert_true(h->entries[0].cpu_ms >= 0);
	assert_true(h->entries[0].id > h->entries[1].id);
	assert_string_equal(h->entries[0].run, h->entries[1].run);
	assert_null(h->entries[0].error);
	wb_history_free(h);
	ok(p, wb_history(context(p), NULL, 1, &h, &p->err));
	assert_int_equal(h->n_entries, 1);
	wb_history_free(h);
	ok(p, wb_history(context(p), "001", 0, &h, &p->err));
	assert_int_equal(h->n_entries, 1);
	assert_string_equal(h->entries[0].version, "001");
	wb_history_free(h);
	/* As people write it. */
	ok(p, wb_history(context(p), "V1", 0, &h, &p->err));
	assert_int_equal(h->n_entries, 1);
	wb_history_free(h);
	ok(p, wb_history(context(p), "77", 0, &h, &p->err));
	assert_int_equal(h->n_entries, 0);
	wb_history_free(h);
	wb_history_free(NULL);
}

int test_status(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_before_and_after),
		TEST(test_problems),
		TEST(test_of_a_revert),
		TEST(test_history),
	};
	return RUN_GROUP("status");
}
