/* SPDX-License-Identifier: Apache-2.0
 *
 * PostgreSQL: the session put back, statements that refuse transactions, COPY,
 * calls that commit, a lost connection, a role with few rights, a pooler.
 */
#include "tests.h"

#include "tests/unit/driver_pg/server.h"

static const char *tables(struct place *p)
{
	return ask(p, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
		      "ORDER BY 1");
}

static void test_up_and_down(void **state)
{
	struct place *p = *state;
	put(p, "V001__a.sql",
	    "CREATE TABLE a (id int PRIMARY KEY);\nINSERT INTO a SELECT generate_series(1, 5);\n-- migrate:down\n"
	    "DROP TABLE a;\n");
	put(p, "V002__b.sql",
	    "-- Dependencies: 001\n-- migrate:up\nCREATE TABLE b (a int REFERENCES a);\n-- migrate:down\nDROP TABLE "
	    "b;\n");
	put(p, "R__v.sql", "CREATE OR REPLACE VIEW v AS SELECT id FROM a;\n");
	ok(p, PLAN(p));
	assert_string_equal(planned(p), "001 002 R__v");
	ok(p, UP(p));
	assert_string_equal(applied(p), "001 002 R__v");
	assert_int_equal(p->result->applied[0].rows_affected, 5);
	assert_string_equal(states(p), "001:applied 002:applied R__v:applied");
	assert_string_equal(ask(p, "SELECT version, depends_on FROM @migration_dependencies"), "002:001");
	put(p, "V003__c.sql", "CREATE TABLE c (x int);\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p), WB_ESQL);
	assert_string_equal(p->err.sqlstate, "42P01");
	assert_place(p, "V003__c.sql:2:13");
	assert_int_equal(p->err.caret, 12);
	assert_string_equal(tables(p), "a b");
	/* The view stands on a. */
	assert_code(p, DOWN(p, .plan.to = "0"), WB_ESQL);
	assert_string_equal(p->err.version, "001");
	assert_has(p->err.detail, "view v");
	sql(p, "DROP VIEW v");
	ok(p, DOWN(p, .plan.to = "0"));
	assert_string_equal(tables(p), "");
}

/* Whatever a migration does to its session ends with it, and the journal is found nevertheless. */
static void test_session_is_put_back(void **state)
{
	struct place *p = *state;
	sql(p, "CREATE ROLE lesser_one");
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int);\nSET search_path = '';\nSET ROLE lesser_one;\nSET statement_timeout = '1h';\n"
	    "SET standard_conforming_strings = off;\n");
	put(p, "V2__b.sql",
	    "SELECT set_config('search_path', '', false);\nSET lock_timeout = '1ms';\nSET client_min_messages = "
	    "error;\n");
	put(p, "V3__c.sql",
	    "-- migrate:up transaction:false\nSET search_path = '';\nSET ROLE lesser_one;\nSELECT 1;\n");
	put(p, "V4__d.sql",
	    "CREATE TABLE d AS SELECT current_user::text AS who, current_setting('search_path') AS path,\n"
	    "current_setting('statement_timeout') AS timeout, current_setting('standard_conforming_strings') AS "
	    "strings;\n");
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT who, path, timeout, strings FROM d"), "postgres:\"$user\", public:0:on");
	assert_string_equal(states(p), "1:applied 2:applied 3:applied 4:applied");
	sql(p, "DROP ROLE lesser_one");
}

static void test_failing_session_is_put_back(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "SET search_path = '';\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p), WB_ESQL);
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
	assert_string_equal(tables(p), "a");
}

/* What a file sets holds to its end, also where each step commits by itself, and after a resume; nowhere else. */
static void test_settings_hold_between_steps(void **state)
{
	struct place *p = *state;
	static const char head[] = "-- migrate:up transaction:false\nCREATE SCHEMA other;\nSET search_path = "
				   "other;\nCREATE TABLE t (x int);\n"
				   "CREATE INDEX CONCURRENTLY t_x ON t (x);\n";
	char text[400];
	snprintf(text, sizeof(text), "%sINSERT INTO nowhere VALUES (1);\n", head);
	put(p, "V1__a.sql", text);
	assert_code(p, UP(p), WB_ESQL);
	assert_string_equal(ask(p, "SELECT count(*) FROM other.t"), "0");
	assert_string_equal(ask(p, "SELECT 'other.t_x'::regclass"), "other.t_x");
	snprintf(text, sizeof(text), "%sINSERT INTO t VALUES (1);\n", head);
	put(p, "V1__a.sql", text);
	put(p, "V2__b.sql", "CREATE TABLE t (x int);\n");
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT (SELECT count(*) FROM other.t), (SELECT count(*) FROM public.t)"), "1:0");
}

/* ---- statements that refuse a transaction ------------------------------------------------------- */

static void test_concurrent_index(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int);\nINSERT INTO a SELECT generate_series(1, 100);\n"
	    "CREATE INDEX CONCURRENTLY a_x ON a (x);\nCREATE TABLE b (x int);\nVACUUM a;\n"
	    "-- migrate:down\nDROP TABLE b;\nDROP INDEX CONCURRENTLY a_x;\nDROP TABLE a;\n");
	ok(p, PLAN(p));
	static const int64_t transactions[] = { 1, 1, 0, 2, 0 };
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(p->plan->steps[i].transaction, transactions[i]);
	assert_string_equal(p->plan->steps[2].kind, "index_create");
	ok(p, UP(p));
	assert_string_equal(steps(p, "1"), "1:done 2:done 3:done 4:done 5:done");
	assert_string_equal(ask(p, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_x'::regclass"), "t");
	ok(p, DOWN(p));
	assert_string_equal(tables(p), "");
}

static void test_failing_concurrent_index(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1), (1);\nCREATE UNIQUE INDEX CONCURRENTLY ON a (x);\n"
	    "CREATE TABLE b (x int);\n");
	assert_code(p, UP(p), WB_ESQL);
	assert_string_equal(p->err.sqlstate, "23505");
	assert_place(p, "V1__a.sql:3:1");
	assert_int_equal(p->err.statement, 3);
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations"), "failed:2");
	assert_string_equal(steps(p, "1"), "1:done 2:done 3:failed 4:pending");
	/* No invalid index stays behind. */
	assert_string_equal(ask(p, "SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass"), "0");
	sql(p, "DELETE FROM a WHERE ctid = '(0,1)'");
	ok(p, UP(p));
	assert_string_equal(
		ask(p, "SELECT count(*), bool_and(indisvalid) FROM pg_index WHERE indrelid = 'a'::regclass"), "1:t");
	assert_string_equal(tables(p), "a b");
}

/* A run was killed while it built an index; what it left is invalid, and is what the journal says was being built. */
static void killed_at_index(struct place *p, const char *run_state, const char *step_state, int done)
{
	char text[600];
	snprintf(text, sizeof(text),
		 "UPDATE @schema_migrations SET state = '%s', statements_done = %d;"
		 "UPDATE @migration_steps SET state = '%s', error = NULL WHERE ordinal = %d;"
		 "UPDATE @migration_steps SET state = 'pending' WHERE ordinal > %d;"
		 "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'a_x'::regclass;"
		 "DROP TABLE IF EXISTS b",
		 run_state, done, step_state, done + 1, done + 1);
	sql(p, text);
}

static void test_killed_while_building(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int);\nCREATE INDEX CONCURRENTLY a_x ON a (x);\nCREATE TABLE b (x int);\n");
	ok(p, UP(p));
	killed_at_index(p, "running", "running", 1);
	ok(p, UP(p));
	assert_has(p->events.p, "step_probed:1");
	assert_string_equal(
		ask(p, "SELECT count(*), bool_and(indisvalid) FROM pg_index WHERE indrelid = 'a'::regclass"), "1:t");
	assert_string_equal(steps(p, "1"), "1:done 2:done 3:done");
	assert_string_equal(tables(p), "a b");
}

/* It failed, and what it left could not be cleaned then: still the next run finds it, though nothing at all was done.
 */
static void test_half_of_the_first_step(void **state)
{
	struct place *p = *state;
	sql(p, "CREATE TABLE a (x int)");
	put(p, "V1__a.sql", "CREATE INDEX CONCURRENTLY a_x ON a (x);\nCREATE TABLE b (x int);\n");
	ok(p, UP(p));
	killed_at_index(p, "failed", "failed", 0);
	ok(p, UP(p));
	assert_string_equal(
		ask(p, "SELECT count(*), bool_and(indisvalid) FROM pg_index WHERE indrelid = 'a'::regclass"), "1:t");
	assert_string_equal(states(p), "1:applied");
}

static void test_index_that_was_built(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int);\nCREATE INDEX CONCURRENTLY a_x ON a (x);\nCREATE TABLE b (x int);\n");
	ok(p, UP(p));
	killed_at_index(p, "running", "running", 1);
	sql(p, "UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'a_x'::regclass");
	char oid[32];
	snprintf(oid, sizeof(oid), "%s", ask(p, "SELECT 'a_x'::regclass::oid"));
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT 'a_x'::regclass::oid"), oid); /* not built again */
	assert_string_equal(states(p), "1:applied");
}

/* ---- CALL ------------------------------------------------------------------------------------------- */

#define PROCEDURE \
	"CREATE TABLE a (x int);\nCREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO a VALUES (1); " \
	"COMMIT; " \
	"INSERT INTO a VALUES (2); END $$;\n"

static void test_call_that_commits(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", PROCEDURE);
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\nCALL fill();\n");
	assert_code(p, UP(p), WB_ESQL);
	assert_string_equal(p->err.sqlstate, "2D000");
	assert_place(p, "V2__b.sql:2:1");
	assert_has(p->err.hint, "transaction:false");
	assert_string_equal(tables(p), "a");
	put(p, "V2__b.sql",
	    "-- migrate:up transaction:false\nCREATE TABLE b (x int);\nCALL fill();\nCREATE TABLE c (x int);\n");
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT count(*) FROM a"), "2");
	assert_string_equal(steps(p, "2"), "1:done 2:done 3:done");
	assert_string_equal(ask(p, "SELECT kind, transactional FROM @migration_steps WHERE ordinal = 2"), "call:0");
}

static void killed_in_call(struct place *p)
{
	put(p, "V1__a.sql", PROCEDURE);
	put(p, "V2__b.sql",
	    "-- migrate:up transaction:false\nCREATE TABLE b (x int);\nCALL fill();\nCREATE TABLE c (x int);\n");
	ok(p, UP(p));
	sql(p, "UPDATE @schema_migrations SET state = 'running', statements_done = 1 WHERE version = '2';"
	       "UPDATE @migration_steps SET state = 'running' WHERE version = '2' AND ordinal = 2;"
	       "UPDATE @migration_steps SET state = 'pending' WHERE version = '2' AND ordinal = 3;"
	       "UPDATE @migration_runs SET result = NULL, finished_at = NULL; DROP TABLE c");
}

static void test_unknown_call(void **state)
{
	struct place *p = *state;
	killed_in_call(p);
	assert_code(p, UP(p), WB_ESTATE);
	assert_place(p, "V2__b.sql:3:1");
	assert_has(p->err.hint, "resume --retry");
	assert_has(p->err.hint, "resume --skip");
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations WHERE version = '2'"),
			    "running:1");
	ok(p, RESUME(p, .skip_unknown = true));
	assert_string_equal(ask(p, "SELECT count(*) FROM a"), "2");
	assert_string_equal(tables(p), "a b c");
}

static void test_unknown_call_again(void **state)
{
	struct place *p = *state;
	killed_in_call(p);
	ok(p, RESUME(p, .retry_unknown = true));
	assert_string_equal(ask(p, "SELECT count(*) FROM a"), "4");
	assert_string_equal(states(p), "1:applied 2:applied");
}

/* ---- COPY ----------------------------------------------------------------------------------------------- */

static void test_copy(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int, y text);\nCOPY a FROM STDIN;\n1\tone\n2\t\\N\n3\tthree; not a statement\n\\.\n"
	    "INSERT INTO a VALUES (4, 'four');\nCOPY a (x) FROM STDIN;\n\\.\n");
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT x, y FROM a WHERE x <> 3 ORDER BY x"), "1:one 2:- 4:four");
	assert_int_equal(p->result->applied[0].statements, 4);
	assert_int_equal(p->result->applied[0].rows_affected, 4);
	put(p, "V2__b.sql",
	    "INSERT INTO a VALUES (5, 'five');\nCOPY a FROM STDIN;\n6\tsix\nseven\tseven\n8\teight\n\\.\n");
	assert_code(p, UP(p), WB_ESQL);
	assert_string_equal(p->err.sqlstate, "22P02");
	assert_has(p->err.file, "V2__b.sql");
	assert_int_equal(p->err.line, 2);
	assert_int_equal(p->err.statement, 2);
	assert_has(p->err.detail, "line 2"); /* of the data */
	assert_string_equal(ask(p, "SELECT count(*) FROM a"), "4");
	assert_string_equal(states(p), "1:applied 2:failed");
}

static void test_copy_in_steps(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "-- migrate:up transaction:false\nCREATE TABLE a (x int);\nCOPY a FROM STDIN;\n1\n2\n\\.\n"
	    "COPY a FROM STDIN;\n3\nfour\n\\.\n");
	assert_code(p, UP(p), WB_ESQL);
	assert_string_equal(ask(p, "SELECT count(*) FROM a"), "2");
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations"), "failed:2");
}

/* ---- rehearsal ---------------------------------------------------------------------------------------------- */

static void test_rehearsal(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY "
	    "DEFERRED);\n");
	ok(p, UP(p));
	put(p, "V2__b.sql",
	    "INSERT INTO a VALUES (1);\nCREATE INDEX CONCURRENTLY ON b (a);\nINSERT INTO b VALUES (1);\n");
	ok(p, UP(p, .dry_run = WB_DRY_RUN_ROLLBACK));
	assert_int_equal(p->result->n_not_rehearsed, 1);
	assert_has(p->result->not_rehearsed[0], "V2__b.sql:2");
	assert_string_equal(ask(p, "SELECT count(*) FROM a"), "0");
	assert_string_equal(history(p), "up:1:ok");
	/* Constraints that would be checked at COMMIT speak now. */
	put(p, "V2__b.sql", "INSERT INTO b VALUES (7);\n");
	assert_code(p, UP(p, .dry_run = WB_DRY_RUN_ROLLBACK), WB_ESQL);
	assert_string_equal(p->err.sqlstate, "23503");
	assert_code(p, UP(p), WB_ESQL);
	assert_string_equal(p->err.sqlstate, "23503");
	assert_string_equal(states(p), "1:applied 2:failed");
}

/* ---- rights --------------------------------------------------------------------------------------------------- */

static void test_role_without_create(void **state)
{
	struct place *p = *state;
	char text[200];
	sql(p, "DROP ROLE IF EXISTS humble; CREATE ROLE humble LOGIN");
	snprintf(text, sizeof(text), "REVOKE ALL ON DATABASE %s FROM PUBLIC; GRANT CONNECT ON DATABASE %s TO humble",
		 p->database, p->database);
	sql(p, text);
	snprintf(p->url, sizeof(p->url), "host=%s port=5432 user=humble dbname=%s", server_socket(), p->database);
	put(p, "V1__a.sql", "SELECT 1;\n");
	assert_code(p, UP(p), WB_EPRIVILEGE);
	assert_has(p->err.message, "cannot create the journal");
	assert_has(p->err.hint, "init --journal-sql");
	assert_null(p->result);
	/* What the hint says: another role makes it. */
	char *script = NULL;
	ok(p, wb_journal_sql(context(p), &script, &p->err));
	sql(p, script);
	free(script);
	sql(p, "GRANT USAGE ON SCHEMA whimbrel TO humble; GRANT ALL ON ALL TABLES IN SCHEMA whimbrel TO humble;"
	       "GRANT ALL ON ALL SEQUENCES IN SCHEMA whimbrel TO humble");
	ok(p, UP(p));
	assert_string_equal(states(p), "1:applied");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	assert_true(UP(p) < 0);
	assert_string_equal(p->err.sqlstate, "42501");
	wb_close(p->ctx);
	p->ctx = NULL;
	sql(p, "DROP OWNED BY humble; DROP ROLE humble");
}

static void test_journal_is_out_of_bounds(void **state)
{
	struct place *p = *state;
	static const char *const bad[] = {
		"DELETE FROM whimbrel.schema_migrations", "DELETE FROM Whimbrel . \"migration_history\"",
		"TRUNCATE WHIMBREL.WHIMBREL_META",        "DROP SCHEMA whimbrel CASCADE",
		"ALTER SCHEMA whimbrel RENAME TO w",      "LOCK whimbrel.migration_steps",
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(bad); i++) {
		put(p, "V1__a.sql", bad[i]);
		assert_code(p, UP(p), WB_EINPUT);
		assert_has(p->err.message, "journal");
	}
	/* A journal in a schema of the application's own does not close that schema. */
	p->o.journal_schema = "public";
	context_again(p);
	put(p, "V1__a.sql", "CREATE TABLE public.a (x int);\nINSERT INTO public.a VALUES (1);\n");
	ok(p, UP(p));
	put(p, "V2__b.sql", "DELETE FROM public.schema_migrations;\n");
	assert_code(p, UP(p), WB_EINPUT);
}

static void test_control_is_refused(void **state)
{
	struct place *p = *state;
	static const char *const bad[] = { "BEGIN",
					   "START TRANSACTION",
					   "COMMIT",
					   "ROLLBACK",
					   "ABORT",
					   "END",
					   "SET SESSION AUTHORIZATION postgres",
					   "SET TRANSACTION READ ONLY" };
	for (size_t i = 0; i < WB_ARRAY_LEN(bad); i++) {
		char text[128];
		snprintf(text, sizeof(text), "CREATE TABLE a (x int);\n%s;\n", bad[i]);
		put(p, "V1__a.sql", text);
		assert_code(p, UP(p), WB_EINPUT);
		assert_place(p, "V1__a.sql:2:1");
	}
}

/* ---- the server goes away -------------------------------------------------------------------------------------------
 */

static void shoot(struct place *p, const struct wb_event *e)
{
	if (!strcmp(e->name, "step_progress") && !strcmp(e->version, "2"))
		sql(p, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid "
		       "<> pg_backend_pid()");
}

static void test_lost_connection(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\nSELECT pg_sleep(60);\n");
	p->on_event = shoot;
	assert_code(p, UP(p), WB_ECONN);
	assert_string_equal(applied(p), "1");
	p->on_event = NULL;
	assert_string_equal(tables(p), "a");
	assert_string_equal(states(p), "1:applied");
	assert_string_equal(ask(p, "SELECT coalesce(result, 'none') FROM @migration_runs"), "none");
	put(p, "V2__b.sql", "CREATE TABLE b (x int);\n");
	ok(p, UP(p)); /* on a new connection */
	assert_string_equal(applied(p), "2");
	assert_string_equal(ask(p, "SELECT result FROM @migration_runs ORDER BY seq"), "interrupted ok");
}

static void test_time_limit_and_cancel(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nSELECT pg_sleep(60);\n");
	int64_t start = wb_now_ms();
	assert_code(p, UP(p, .timeout_ms = 400), WB_ETIMEOUT);
	assert_in_range(wb_now_ms() - start, 300, 20000);
	assert_string_equal(states(p), "1:failed");
	p->cancel_at = "step_progress";
	assert_code(p, UP(p), WB_ECANCELLED);
	assert_string_equal(history(p), "up:1:failed up:1:cancelled");
	assert_string_equal(tables(p), "");
}

/* ---- a pooler
 * -------------------------------------------------------------------------------------------------------- */

static void test_behind_a_pooler(void **state)
{
	struct place *p = *state;
	char direct[256];
	snprintf(direct, sizeof(direct), "%s", p->url);
	snprintf(p->url, sizeof(p->url), "host=%s port=6432 user=postgres dbname=%s", pooler_socket(), p->database);
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n-- migrate:down\nDROP TABLE a;\n");
	put(p, "V2__b.sql", "SET search_path = '';\nCREATE TABLE public.b (x int);\n");
	ok(p, UP(p, .pause_ms = 100));
	assert_string_equal(states(p), "1:applied 2:applied");
	put(p, "V3__c.sql",
	    "CREATE TABLE c (x int);\nCREATE INDEX CONCURRENTLY a_x ON a (x);\nCREATE TABLE d (x int);\n");
	assert_code(p, UP(p), WB_EUNSUPPORTED);
	assert_has(p->err.hint, "direct_url");
	assert_place(p, "V3__c.sql:2:1");
	assert_string_equal(tables(p), "a b c");
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations WHERE version = '3'"),
			    "failed:1");
	p->o.direct_url = direct;
	context_again(p);
	ok(p, UP(p));
	assert_string_equal(tables(p), "a b c d");
	assert_string_equal(steps(p, "3"), "1:done 2:done 3:done");
	wb_close(p->ctx);
	p->ctx = NULL;
}

int test_pg(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_PG(test_up_and_down),
		TEST_PG(test_session_is_put_back),
		TEST_PG(test_failing_session_is_put_back),
		TEST_PG(test_settings_hold_between_steps),
		TEST_PG(test_concurrent_index),
		TEST_PG(test_failing_concurrent_index),
		TEST_PG(test_killed_while_building),
		TEST_PG(test_half_of_the_first_step),
		TEST_PG(test_index_that_was_built),
		TEST_PG(test_call_that_commits),
		TEST_PG(test_unknown_call),
		TEST_PG(test_unknown_call_again),
		TEST_PG(test_copy),
		TEST_PG(test_copy_in_steps),
		TEST_PG(test_rehearsal),
		TEST_PG(test_role_without_create),
		TEST_PG(test_journal_is_out_of_bounds),
		TEST_PG(test_control_is_refused),
		TEST_PG(test_lost_connection),
		TEST_PG(test_time_limit_and_cancel),
		TEST_PG(test_behind_a_pooler),
	};
	return RUN_GROUP("pg");
}
