/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls that change a database, as a program makes them: what they refuse,
 * what they give back, resume, baseline, repair, and how all of it is stopped.
 */
#include "tests.h"

#include <signal.h>
#include <sys/time.h>

#define BROKEN "CREATE TABLE b (x int);\nINSERT INTO nowhere VALUES (1);\n"

/* Ends by itself after a while, should nobody stop it. */
#define LONG_QUERY \
	"WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 50000000) SELECT max(x) FROM n"

static void test_result_not_wanted(void **state)
{
	struct place *p = *state;
	struct wb_run_options o = { .size = sizeof(o), .plan = { .steps = 1 } };
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V2__b.sql", BROKEN);
	ok(p, wb_up(context(p), &o, NULL, &p->err));
	assert_string_equal(states(p), "1:applied");
	assert_code(p, wb_up(p->ctx, NULL, NULL, &p->err), WB_ESQL);
	assert_int_equal(wb_up(p->ctx, NULL, NULL, NULL), WB_ESQL);
	assert_string_equal(states(p), "1:applied 2:failed");
	ok(p, wb_down(p->ctx, NULL, NULL, &p->err));
	assert_string_equal(states(p), "1:reverted 2:failed");
	p->o.dir = "/nonexistent/migrations";
	context_again(p);
	assert_int_equal(wb_up(p->ctx, NULL, NULL, NULL), WB_ENOTFOUND);
	assert_int_equal(wb_up(p->ctx, &(struct wb_run_options){ .wait_ms = 1 }, NULL, NULL), WB_EUSAGE);
	wb_run_result_free(NULL);
}

/* The journal is read beside the files, by each call anew. */
static void test_journal_and_files_wrong(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
	sql(p, p->pg ? "UPDATE @whimbrel_meta SET format = 99" : "UPDATE @meta SET format = 99");
	assert_code(p, UP(p), WB_ENEWER);
	put(p, "V2__b.sql", "-- migrate:upp\nSELECT 1;\n");
	assert_code(p, UP(p), WB_ENEWER);
	sql(p, p->pg ? "UPDATE @whimbrel_meta SET format = 1" : "UPDATE @meta SET format = 1");
	assert_code(p, UP(p), WB_EINPUT);
	assert_has(p->err.file, "V2__b.sql");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	ok(p, UP(p));
	assert_string_equal(applied(p), "2");
	assert_string_equal(states(p), "1:applied 2:applied");
	p->o.dir = "/nonexistent/migrations";
	context_again(p);
	assert_code(p, UP(p), WB_ENOTFOUND);
}

static void test_dry_runs(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	assert_code(p, UP(p, .dry_run = WB_DRY_RUN_SQL), WB_EUSAGE);
	assert_has(p->err.hint, "wb_plan");
	assert_null(p->result);
	ok(p, UP(p, .dry_run = WB_DRY_RUN_ROLLBACK));
	assert_string_equal(applied(p), "1");
	assert_false(wb_fs_exists(p->db));
	ok(p, UP(p));
	ok(p, DOWN(p, .dry_run = WB_DRY_RUN_ROLLBACK));
	assert_string_equal(states(p), "1:applied");
	assert_string_equal(p->result->direction, "down");
	p->o.protected_environment = true;
	context_again(p);
	assert_code(p, UP(p, .dry_run = WB_DRY_RUN_ROLLBACK), WB_EPROTECTED);
}

static void test_redo(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\nPRAGMA user_version = 1;\n");
	ok(p, UP(p, .plan.to = "1"));
	sql(p, "INSERT INTO a VALUES (1)");
	ok(p, REDO(p));
	assert_string_equal(applied(p), "1");
	assert_string_equal(p->result->direction, "redo");
	assert_string_equal(ask(p, "SELECT count(*) FROM a"), "0");
	ok(p, UP(p));
	assert_code(p, REDO(p), WB_EIRREVERSIBLE);
	assert_string_equal(states(p), "1:applied 2:applied");
}

/* What had been committed is not run again; what is left is. */
static void test_resume(void **state)
{
	struct place *p = *state;
	ok(p, RESUME(p));
	assert_string_equal(applied(p), "");
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql",
	    "-- migrate:up transaction:false\nCREATE TABLE b (x int);\nINSERT INTO c VALUES (7);\n"
	    "INSERT INTO b VALUES (1);\n");
	assert_code(p, UP(p), WB_ESQL);
	assert_string_equal(applied(p), "1");
	assert_code(p, RESUME(p, .retry_unknown = true, .skip_unknown = true), WB_EUSAGE);
	assert_null(p->result);
	assert_code(p, RESUME(p), WB_ESQL);
	assert_string_equal(applied(p), "");
	assert_true(p->result->has_failed);
	assert_string_equal(p->result->failed.version, "2");
	sql(p, "CREATE TABLE c (x int)");
	ok(p, RESUME(p));
	assert_string_equal(applied(p), "2");
	assert_string_equal(ask(p, "SELECT (SELECT count(*) FROM b), (SELECT x FROM c)"), "1:7");
	assert_string_equal(states(p), "1:applied 2:applied");
	ok(p, RESUME(p));
	assert_string_equal(applied(p), "");
}

/* ---- baseline and repair ------------------------------------------------------------- */

static void test_baseline(void **state)
{
	struct place *p = *state;
	size_t n = 0;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	put(p, "V3__c.sql", "CREATE TABLE c (x int);\n");
	assert_code(p, wb_baseline(context(p), NULL, NULL, &n, &p->err), WB_EUSAGE);
	assert_code(p, wb_baseline(p->ctx, "", NULL, &n, &p->err), WB_EUSAGE);
	assert_has(p->err.message, "version");
	assert_false(wb_fs_exists(p->db));
	ok(p, wb_baseline(p->ctx, "V2", "it was there before us", &n, &p->err));
	assert_int_equal(n, 2);
	assert_string_equal(states(p), "1:baseline 2:baseline");
	assert_string_equal(ask(p, "SELECT reason FROM @migration_history"), "it was there before us");
	assert_code(p, wb_baseline(p->ctx, "3", NULL, NULL, &p->err), WB_EREFUSED);
	ok(p, UP(p));
	assert_string_equal(applied(p), "3");
	p->o.dir = NULL;
	context_again(p);
	assert_code(p, wb_baseline(p->ctx, "3", NULL, NULL, &p->err), WB_EUSAGE);
}

static const char *repaired(struct place *p, bool dry_run, const char *reason)
{
	struct wb_repair *r = NULL;
	ok(p, wb_repair(context(p), dry_run, reason, &r, &p->err));
	assert_int_equal(r->dry_run, dry_run);
	wb_str_clear(&p->text);
	for (size_t i = 0; i < r->n_items; i++) {
		wb_str_addf(&p->text, "%s%s=%s", i ? " " : "", r->items[i].version, r->items[i].action);
		assert_true(*r->items[i].reason != 0);
	}
	wb_repair_free(r);
	return p->text.n ? p->text.p : "";
}

static void test_repair(void **state)
{
	struct place *p = *state;
	struct wb_repair *r = NULL;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	assert_code(p, wb_repair(context(p), false, NULL, &r, &p->err), WB_ECONN); /* it makes no database */
	assert_null(r);
	ok(p, UP(p));
	assert_string_equal(repaired(p, false, NULL), "");
	put(p, "V1__a.sql", "CREATE TABLE a (x bigint);\n");
	take_away(p, "V2__b.sql");
	put(p, "V3__c.sql", "INSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p), WB_ECHECKSUM);
	assert_string_equal(repaired(p, true, NULL), "1=checksum 2=mark_missing");
	assert_code(p, UP(p), WB_ECHECKSUM);
	assert_string_equal(repaired(p, false, "as agreed"), "1=checksum 2=mark_missing");
	assert_string_equal(ask(p, "SELECT count(*) FROM @migration_history WHERE reason = 'as agreed'"), "2");
	assert_code(p, UP(p), WB_ESQL);
	assert_string_equal(repaired(p, false, NULL), "3=clear_failed");
	put(p, "V3__c.sql", "CREATE TABLE c (x int);\n");
	ok(p, UP(p));
	assert_string_equal(states(p), "1:applied 2:missing 3:applied");
	wb_repair_free(NULL);
}

/* ---- stopping --------------------------------------------------------------------------- */

static struct wb_context *at_alarm;

static void cancel_it(int sig)
{
	(void)sig;
	wb_cancel(at_alarm);
}

/* In a moment, and until it is heard. */
static void cancel_soon(struct place *p)
{
	at_alarm = context(p);
	assert_true(signal(SIGALRM, cancel_it) != SIG_ERR);
	assert_int_equal(setitimer(ITIMER_REAL, &(struct itimerval){ .it_value = { 0, 300000 } }, NULL), 0);
}

static void test_cancel_and_again(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a AS " LONG_QUERY ";\n");
	cancel_soon(p);
	assert_code(p, UP(p), WB_ECANCELLED);
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p)); /* asked once, heard once */
	assert_string_equal(states(p), "1:applied");
}

/* The scratch database is another context, which has to hear it, too. */
static void test_cancel_round_trip(void **state)
{
	struct place *p = *state;
	struct wb_validate_options o = { .size = sizeof(o), .round_trip = true };
	struct wb_validation *v = NULL;
	put(p, "V1__a.sql", "CREATE TABLE a AS " LONG_QUERY ";\n-- migrate:down\nDROP TABLE a;\n");
	cancel_soon(p);
	int64_t start = wb_now_ms();
	int rc = wb_validate(p->ctx, &o, &v, &p->err);
	wb_validation_free(v);
	assert_code(p, rc, WB_ECANCELLED);
	assert_true(wb_now_ms() - start < 10000);
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	ok(p, wb_validate(p->ctx, &o, &v, &p->err));
	assert_true(v->valid);
	wb_validation_free(v);
}

static int ignore_row(void *user, size_t n, const char *const *names, const char *const *values)
{
	(void)names, (void)values;
	*(size_t *)user += n;
	return 0;
}

static void cancel_query(struct place *p, const char *endless)
{
	size_t seen = 0;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
	cancel_soon(p);
	int64_t start = wb_now_ms();
	assert_code(p, wb_read_query(p->ctx, endless, ignore_row, &seen, &p->err), WB_ECANCELLED);
	assert_true(wb_now_ms() - start < 10000);
	assert_int_equal(seen, 0);
	ok(p, wb_read_query(p->ctx, "SELECT 1 AS x, 2 AS y", ignore_row, &seen, &p->err));
	assert_true(seen >= 2);
}

static void test_cancel_query(void **state)
{
	cancel_query(*state, LONG_QUERY);
}

static void test_cancel_query_of_a_server(void **state)
{
	cancel_query(*state, "SELECT pg_sleep(30)");
}

int test_run(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_result_not_wanted),
		TEST(test_journal_and_files_wrong),
		TEST_PG(test_journal_and_files_wrong),
		TEST(test_dry_runs),
		TEST(test_redo),
		TEST(test_resume),
		TEST(test_baseline),
		TEST(test_repair),
		TEST(test_cancel_and_again),
		TEST(test_cancel_round_trip),
		TEST(test_cancel_query),
		TEST_PG(test_cancel_query_of_a_server),
	};
	return RUN_GROUP("run");
}
