/* SPDX-License-Identifier: Apache-2.0
 *
 * The public calls against PostgreSQL: the database itself, health, a scratch
 * database beside the real one.
 */
#include "tests.h"

#include "tests/unit/driver_pg/server.h"

static const char *databases(struct place *p)
{
	char text[160];
	snprintf(text, sizeof(text),
		 "SELECT count(*) FROM pg_database WHERE datname LIKE 'whimbrel_scratch%%' OR datname = '%s_new'",
		 p->database);
	return ask(p, text);
}

static void test_the_database_itself(void **state)
{
	struct place *p = *state;
	bool done = false;
	char name[64];
	snprintf(name, sizeof(name), "%s_new", p->database);
	snprintf(p->url, sizeof(p->url), "host=%s port=5432 user=postgres dbname=%s", server_socket(), name);
	p->o.allow_reset = true;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	assert_code(p, UP(p), WB_ECONN);
	assert_string_equal(p->err.sqlstate, "3D000");
	int64_t start = wb_now_ms();
	assert_code(p, wb_wait(context(p), 30000, &p->err), WB_ECONN); /* waiting would not mend that */
	assert_code(p, UP(p, .wait_ms = 30000), WB_ECONN);
	assert_true(wb_now_ms() - start < 15000);
	ok(p, wb_create_database(context(p), &done, &p->err));
	assert_true(done);
	ok(p, wb_create_database(context(p), &done, &p->err));
	assert_false(done);
	ok(p, wb_wait(context(p), 0, &p->err));
	ok(p, UP(p));
	ok(p, wb_reset_database(context(p), &p->err));
	ok(p, PLAN(p));
	assert_string_equal(planned(p), "1");
	ok(p, UP(p, .wait_ms = 1000));
	ok(p, wb_drop_database(context(p), &done, &p->err));
	assert_true(done);
	ok(p, wb_drop_database(context(p), &done, &p->err));
	assert_false(done);
	assert_string_equal(databases(p), "0");
}

/* A user whom the server refuses will not be let in by waiting. */
static void test_wait_for_nothing(void **state)
{
	struct place *p = *state;
	static const struct {
		const char *user, *state;
	} cases[] = { { "nobody_enters", "28000" }, { "stranger", "28000" }, { "locked password=wrong", "28P01" } };
	sql(p, "CREATE ROLE nobody_enters LOGIN; CREATE ROLE locked LOGIN PASSWORD 'right'");
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		snprintf(p->url, sizeof(p->url), "host=%s port=5432 dbname=%s user=%s", server_socket(), p->database,
			 cases[i].user);
		context_again(p);
		int64_t start = wb_now_ms();
		assert_code(p, wb_wait(context(p), 30000, &p->err), WB_ECONN);
		assert_true(wb_now_ms() - start < 15000);
		assert_string_equal(p->err.sqlstate, cases[i].state);
		assert_null(strstr(p->err.detail, "wrong"));
	}
	sql(p, "DROP ROLE nobody_enters; DROP ROLE locked");
}

static void test_unreachable(void **state)
{
	struct place *p = *state;
	struct wb_doctor *d = NULL;
	snprintf(p->url, sizeof(p->url), "host=/nonexistent port=5432 user=postgres dbname=x password=secret");
	put(p, "V1__a.sql", "SELECT 1;\n");
	assert_code(p, UP(p), WB_ECONN);
	int64_t start = wb_now_ms();
	assert_code(p, UP(p, .wait_ms = 400), WB_ECONN);
	assert_in_range(wb_now_ms() - start, 350, 8000);
	assert_null(strstr(p->err.message, "secret"));
	assert_null(strstr(p->err.detail, "secret"));
	ok(p, wb_doctor(context(p), &d, &p->err));
	assert_string_equal(d->verdict, "FAILED");
	assert_string_equal(d->findings[0].check, "connectivity");
	wb_doctor_free(d);
}

static void test_status_and_history(void **state)
{
	struct place *p = *state;
	struct wb_status *s = NULL;
	struct wb_history *h = NULL;
	put(p, "V001__a.sql", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1), (2);\n");
	put(p, "V002__b.sql", "CREATE TABLE b (x int);\n");
	ok(p, wb_status(context(p), &s, &p->err));
	assert_false(s->has_journal);
	assert_string_equal(s->engine, "postgresql");
	assert_string_equal(s->database, p->database);
	assert_has(s->server, "PostgreSQL 1");
	assert_int_equal(s->n_pending, 2);
	wb_status_free(s);
	ok(p, UP(p, .plan.steps = 1));
	ok(p, wb_status(context(p), &s, &p->err));
	assert_true(s->has_journal);
	assert_string_equal(s->current, "001");
	assert_has(s->applied[0].applied_at, "Z");
	wb_status_free(s);
	ok(p, wb_history(context(p), "V1", 10, &h, &p->err));
	assert_int_equal(h->n_entries, 1);
	assert_int_equal(h->entries[0].rows_affected, 2);
	assert_has(h->entries[0].at, "T");
	wb_history_free(h);
}

static void test_syntax_is_the_servers(void **state)
{
	struct place *p = *state;
	struct wb_validation *v = NULL;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nSELEC 1;\n");
	put(p, "V2__b.sql",
	    "CREATE INDEX CONCURRENTLY ON a (x);\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN "
	    "1 END $$;\n");
	ok(p, wb_validate(context(p), NULL, &v, &p->err));
	assert_false(v->valid);
	assert_string_equal(v->problems[0].kind, "syntax");
	assert_string_equal(v->problems[0].version, "1");
	assert_int_equal(v->problems[0].line, 2);
	wb_validation_free(v);
	assert_string_equal(ask(p, "SELECT count(*) FROM pg_class WHERE relname = 'a'"), "0");
	/* Without a server, the parser that is built in. */
	p->o.url = NULL;
	context_again(p);
	ok(p, wb_validate(context(p), NULL, &v, &p->err));
	assert_false(v->valid);
	assert_int_equal(v->problems[0].line, 2);
	wb_validation_free(v);
}

static void test_round_trip(void **state)
{
	struct place *p = *state;
	struct wb_validation *v = NULL;
	struct wb_validate_options o = { .size = sizeof(o), .round_trip = true };
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int);\nCREATE TYPE mood AS ENUM ('good', 'bad');\n-- migrate:down\nDROP TABLE a;\nDROP "
	    "TYPE mood;\n");
	put(p, "V2__b.sql", "CREATE INDEX CONCURRENTLY a_x ON a (x);\n-- migrate:down\nDROP INDEX CONCURRENTLY a_x;\n");
	put(p, "R__v.sql", "CREATE OR REPLACE VIEW v AS SELECT x FROM a;\n");
	ok(p, wb_validate(context(p), &o, &v, &p->err));
	for (size_t i = 0; i < v->n_problems; i++)
		print_error("%s: %s\n", v->problems[i].kind, v->problems[i].message);
	assert_true(v->valid);
	wb_validation_free(v);
	put(p, "V1__a.sql",
	    "CREATE TABLE a (x int);\nCREATE TYPE mood AS ENUM ('good', 'bad');\n-- migrate:down\nDROP TABLE a;\n");
	ok(p, wb_validate(context(p), &o, &v, &p->err));
	assert_false(v->valid);
	assert_has(v->problems[0].message, "mood");
	wb_validation_free(v);
	assert_string_equal(databases(p), "0");
	assert_string_equal(ask(p, "SELECT count(*) FROM pg_class WHERE relname = 'a'"), "0");
}

static int see(void *user, size_t n, const char *const *names, const char *const *values)
{
	char *buf = user;
	for (size_t i = 0; values && i < n; i++)
		snprintf(buf + strlen(buf), 128 - strlen(buf), "%s=%s ", names[i], values[i] ? values[i] : "NULL");
	return 0;
}

static void test_read_query(void **state)
{
	struct place *p = *state;
	char got[128] = "";
	sql(p, "CREATE TABLE a (x int, y text); INSERT INTO a VALUES (1, NULL); CREATE SEQUENCE s");
	ok(p, wb_read_query(context(p), "SELECT x, y FROM a;", see, got, &p->err));
	assert_string_equal(got, "x=1 y=NULL ");
	static const char *const writes[] = {
		"DELETE FROM a", "SELECT nextval('s')", "CREATE TABLE b (x int)",
		"WITH d AS (DELETE FROM a RETURNING 1) SELECT * FROM d",
		"SELECT set_config('default_transaction_read_only', 'off', false); DELETE FROM a"
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(writes); i++)
		assert_true(wb_read_query(context(p), writes[i], see, got, &p->err) < 0);
	assert_string_equal(ask(p, "SELECT count(*) FROM a"), "1");
	assert_code(p, wb_read_query(context(p), "SELECT z FROM a", see, got, &p->err), WB_ESQL);
	assert_string_equal(p->err.sqlstate, "42703");
}

/* The first time it makes one table, afterwards another. */
static void test_round_trip_differs(void **state)
{
	struct place *p = *state;
	struct wb_validation *v = NULL;
	struct wb_validate_options o = { .size = sizeof(o), .round_trip = true };
	put(p, "V1__a.sql",
	    "-- migrate:up transaction:false\nDO $$ BEGIN\nIF EXISTS (SELECT FROM pg_largeobject_metadata) THEN\n"
	    "CREATE TABLE second (x int);\nELSE\nCREATE TABLE first (x int);\nEND IF;\nPERFORM lo_create(0);\nEND $$;\n"
	    "-- migrate:down\nDROP TABLE IF EXISTS first, second;\n");
	ok(p, wb_validate(context(p), &o, &v, &p->err));
	bool valid = v->valid;
	size_t n = v->n_problems;
	wb_str_clear(&p->text);
	wb_str_add(&p->text, n ? v->problems[0].message : "");
	wb_validation_free(v);
	assert_false(valid);
	assert_int_equal(n, 1);
	assert_has(p->text.p, "the second up made other objects than the first");
	assert_has(p->text.p, "second");
}

static void test_health(void **state)
{
	struct place *p = *state;
	struct wb_doctor *d = NULL;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
	ok(p, wb_doctor(context(p), &d, &p->err));
	assert_true(d->n_findings > 2);
	assert_string_not_equal(d->verdict, "FAILED");
	wb_doctor_free(d);
}

static void test_journal_sql(void **state)
{
	struct place *p = *state;
	char *text = NULL;
	p->o.journal_schema = "our own";
	ok(p, wb_journal_sql(context(p), &text, &p->err));
	assert_has(text, "CREATE SCHEMA \"our own\"");
	free(text);
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT version FROM \"our own\".schema_migrations"), "1");
}

int test_server(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_PG(test_the_database_itself), TEST_PG(test_wait_for_nothing),      TEST_PG(test_unreachable),
		TEST_PG(test_status_and_history),  TEST_PG(test_syntax_is_the_servers), TEST_PG(test_round_trip),
		TEST_PG(test_read_query),          TEST_PG(test_round_trip_differs),    TEST_PG(test_health),
		TEST_PG(test_journal_sql),
	};
	return RUN_GROUP("server");
}
