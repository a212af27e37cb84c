/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for locks on PostgreSQL: a short lock_timeout, tries that rise, the
 * blocker named, a budget; conflicts tried again; the lock of another run.
 */
#include "tests.h"

#include "migrate/run.h"

static int retries, named;
static const char *let_go_with; /* run on the other connection at the let_go_at-th retry */
static int let_go_at;

static void hear(struct place *p, const struct wb_event *e)
{
	if (!strcmp(e->name, "retry") && ++retries == let_go_at)
		sql(p, let_go_with);
	if (!strcmp(e->name, "blocked") && strstr(e->message, "side"))
		named++;
}

static void listen(struct place *p, const char *with, int at)
{
	retries = named = 0;
	let_go_with = with;
	let_go_at = at;
	p->on_event = hear;
}

static void table(struct place *p)
{
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\nALTER TABLE a ADD y int;\n");
}

static void test_retries_until_free(void **state)
{
	struct place *p = *state;
	table(p);
	listen(p, "COMMIT", 2);
	sql(p, "BEGIN");
	sql(p, "SELECT * FROM a");
	int64_t start = wb_now_ms();
	ok(p, UP(p));
	assert_in_range(wb_now_ms() - start, 400, 20000);
	assert_true(retries >= 2);
	assert_true(named >= 1);
	assert_true(p->result->retries >= 2);
	assert_true(p->result->blocked_ms >= 300);
	assert_string_equal(states(p), "1:applied 2:applied");
	assert_true(ask(p, "SELECT retries FROM @migration_history WHERE version = '2'")[0] >= '2');
	assert_string_equal(ask(p, "SELECT count(*) FROM information_schema.columns WHERE table_name = 'a' AND "
				   "table_schema = 'public'"),
			    "2");
}

static void test_budget(void **state)
{
	struct place *p = *state;
	table(p);
	p->o.blocking_budget_ms = 700;
	context_again(p);
	listen(p, NULL, -1);
	sql(p, "BEGIN");
	sql(p, "SELECT * FROM a");
	assert_code(p, UP(p), WB_EBUDGET);
	assert_has(p->err.message, "700 ms");
	assert_has(p->err.detail, "side");
	assert_has(p->err.detail, "SELECT * FROM a");
	assert_string_equal(p->err.version, "2");
	assert_string_equal(applied(p), "");
	assert_true(p->result->has_failed);
	sql(p, "COMMIT");
	/* Nothing half done, nothing that would have to be mended. */
	assert_string_equal(states(p), "1:applied");
	assert_string_equal(ask(p, "SELECT to_regclass('b') IS NULL"), "t");
	assert_string_equal(ask(p, "SELECT result FROM @migration_runs ORDER BY seq"), "ok failed");
	ok(p, UP(p));
	assert_string_equal(applied(p), "2");
}

static void test_budget_in_steps(void **state)
{
	struct place *p = *state;
	table(p);
	put(p, "V2__b.sql",
	    "-- migrate:up transaction:false lock_timeout:200ms\nCREATE TABLE b (x int);\nALTER TABLE a ADD y int;\n");
	p->o.blocking_budget_ms = 500;
	context_again(p);
	sql(p, "BEGIN");
	sql(p, "SELECT * FROM a");
	assert_code(p, UP(p), WB_EBUDGET);
	assert_place(p, "V2__b.sql:3:1");
	sql(p, "COMMIT");
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations ORDER BY rank"),
			    "applied:1 failed:1");
	ok(p, UP(p));
	assert_string_equal(states(p), "1:applied 2:applied");
}

/* Steps outside transactions wait with a timeout, too, but building an index concurrently does not. */
static void test_outside_step_is_tried_again(void **state)
{
	struct place *p = *state;
	table(p);
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\nVACUUM FULL a;\n");
	listen(p, "COMMIT", 2);
	sql(p, "BEGIN");
	sql(p, "SELECT * FROM a");
	ok(p, UP(p));
	assert_true(retries >= 2);
	assert_string_equal(states(p), "1:applied 2:applied");
}

static void end_reader(struct place *p, const struct wb_event *e)
{
	if (!strcmp(e->name, "step_progress") && e->elapsed_ms > 2500 && side_is_open(p))
		side_close(p);
}

static void test_concurrent_index_waits_on(void **state)
{
	struct place *p = *state;
	table(p);
	put(p, "V2__b.sql", "-- migrate:up lock_timeout:100ms\nCREATE INDEX CONCURRENTLY a_x ON a (x);\n");
	sql(p, "BEGIN ISOLATION LEVEL REPEATABLE READ");
	sql(p, "UPDATE a SET x = 1");
	p->on_event = end_reader;
	ok(p, UP(p));
	p->on_event = NULL;
	assert_int_equal(p->result->retries, 0);
	assert_string_equal(ask(p, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_x'::regclass"), "t");
}

static void test_fixed_timeout(void **state)
{
	struct place *p = *state;
	table(p);
	put(p, "V2__b.sql", "-- migrate:up lock_timeout:1500ms\nALTER TABLE a ADD y int;\n");
	listen(p, "COMMIT", 1);
	sql(p, "BEGIN");
	sql(p, "SELECT * FROM a");
	int64_t start = wb_now_ms();
	ok(p, UP(p));
	assert_true(wb_now_ms() - start >= 1400);
	assert_int_equal(retries, 1);
}

static void test_cancelled_while_it_tries(void **state)
{
	struct place *p = *state;
	table(p);
	sql(p, "BEGIN");
	sql(p, "SELECT * FROM a");
	p->cancel_at = "retry";
	assert_code(p, UP(p), WB_ECANCELLED);
	sql(p, "COMMIT");
	p->cancel_at = NULL;
	assert_string_equal(ask(p, "SELECT to_regclass('b') IS NULL"), "t");
	ok(p, UP(p));
}

/* Fails with that code until the sequence, which no rollback turns back, has counted on. */
static void conflicts(struct place *p, const char *name, const char *sqlstate, int times)
{
	char text[400];
	snprintf(text, sizeof(text),
		 "CREATE TABLE t_%s (x int);\nDO $$ BEGIN IF nextval('s') <= %d THEN RAISE EXCEPTION 'again' USING "
		 "ERRCODE = '%s'; END IF; "
		 "END $$;\n",
		 sqlstate, times, sqlstate);
	put(p, name, text);
	sql(p, "DROP SEQUENCE IF EXISTS s; CREATE SEQUENCE s");
}

static void test_conflicts_are_tried_again(void **state)
{
	struct place *p = *state;
	conflicts(p, "V1__a.sql", "40001", 3);
	ok(p, UP(p));
	assert_int_equal(p->result->retries, 3);
	assert_int_equal(p->result->blocked_ms, 0);
	conflicts(p, "V2__b.sql", "40P01", 2);
	ok(p, UP(p, .plan.transaction = WB_TRANSACTION_ALL));
	assert_int_equal(p->result->retries, 2);
	assert_string_equal(ask(p, "SELECT version, retries FROM @migration_history ORDER BY id"), "1:3 2:2");
	conflicts(p, "V3__c.sql", "22012", 1); /* no conflict: an error */
	assert_code(p, UP(p), WB_ESQL);
	assert_int_equal(p->result->retries, 0);
}

static void test_conflict_without_end(void **state)
{
	struct place *p = *state;
	conflicts(p, "V1__a.sql", "40001", 100000);
	assert_code(p, UP(p), WB_ESQL);
	assert_string_equal(p->err.sqlstate, "40001");
	assert_int_equal(p->result->retries, 20);
	assert_string_equal(states(p), "1:failed");
}

/* ---- the lock of another run --------------------------------------------------------------------- */

static struct wb_context *rival;

/* Inside a run, which holds the lock, another one is tried. */
static void compete(struct place *p, const struct wb_event *e)
{
	struct wb_error err = { 0 };
	struct wb_run_options o = { .size = sizeof(o), .lock_wait_ms = -1 };
	struct wb_locks *locks = NULL;
	if (strcmp(e->name, "migration_started") || !rival)
		return;
	assert_int_equal(wb_up(rival, &o, NULL, &err), WB_EBUSY);
	assert_has(err.message, "another run");
	assert_has(err.detail, "held by");
	assert_has(err.hint, "whimbrel locks");
	assert_int_equal(wb_locks(rival, &locks, &err), 0);
	assert_int_equal(locks->n_locks, 1);
	assert_string_equal(locks->locks[0].kind, "session");
	assert_has(err.hint, locks->locks[0].id);
	wb_locks_free(locks);
	(void)p;
}

static void test_lock_of_another(void **state)
{
	struct place *p = *state;
	table(p);
	ok(p, wb_open(&(struct wb_options){ .size = sizeof(struct wb_options),
					    .url = p->url,
					    .dir = p->migrations,
					    .module_dir = p->o.module_dir },
		      &rival, &p->err));
	p->on_event = compete;
	ok(p, UP(p));
	wb_close(wb_steal(&rival));
	assert_string_equal(states(p), "1:applied 2:applied");
}

/* ---- the arithmetic ---------------------------------------------------------------------------------- */

static void test_timeouts_rise(void **state)
{
	struct wb_patience p;
	(void)state;
	wb_patience_init(&p, 10000);
	wb_patience_start(&p, -1);
	int64_t sum = 0;
	for (int i = 0; i < 12; i++) {
		assert_in_range(p.lock_timeout_ms, i ? 180 : 180, 2200);
		sum += p.lock_timeout_ms;
		p.tries++;
		struct wb_patience again = p;
		wb_patience_start(&again, 77);
		assert_int_equal(again.lock_timeout_ms, 77);
	}
	wb_patience_start(&p, -1);
	assert_in_range(p.lock_timeout_ms, 180, 220);
	assert_true(sum > 0);
}

static void test_budget_of_a_minute(void **state)
{
	struct wb_patience p;
	(void)state;
	wb_patience_init(&p, 10000);
	assert_int_equal(wb_patience_spent(&p), 0);
	for (int i = 0; i < 60; i++)
		wb_patience_blocked(&p, 100);
	assert_int_equal(p.blocked_total_ms, 6000);
	assert_int_equal(wb_patience_spent(&p), 6000);
	for (size_t i = 0; i < WB_ARRAY_LEN(p.slots); i++)
		p.slots[i].at_ms -= 61000;
	assert_int_equal(wb_patience_spent(&p), 0);
	assert_int_equal(p.blocked_total_ms, 6000);
	wb_patience_blocked(&p, 100);
	assert_int_equal(wb_patience_spent(&p), 100);
}

int test_patience(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_PG(test_retries_until_free),        TEST_PG(test_budget),
		TEST_PG(test_budget_in_steps),           TEST_PG(test_outside_step_is_tried_again),
		TEST_PG(test_concurrent_index_waits_on), TEST_PG(test_fixed_timeout),
		TEST_PG(test_cancelled_while_it_tries),  TEST_PG(test_conflicts_are_tried_again),
		TEST_PG(test_conflict_without_end),      TEST_PG(test_lock_of_another),
		cmocka_unit_test(test_timeouts_rise),    cmocka_unit_test(test_budget_of_a_minute),
	};
	return RUN_GROUP("patience");
}
