/* SPDX-License-Identifier: Apache-2.0
 *
 * A program with its migrations compiled in and an SQLite handle of its own:
 * one call at start-up, and the handle is as it was.
 */
#include "tests.h"

#include <sqlite3.h>

static const struct wb_embedded_migration files[] = {
	{ "V1__users.sql",
	  "-- migrate:up\nCREATE TABLE users (id integer PRIMARY KEY);\nINSERT INTO users VALUES (1), (2);\n"
	  "-- migrate:down\nDROP TABLE users;\n" },
	{ "V2__names.sql", "ALTER TABLE users ADD name text;\n-- migrate:down\nALTER TABLE users DROP name;\n" },
	{ "R__view.sql", "DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT id FROM users;\n" },
};

static sqlite3 *own(struct place *p, const char *path)
{
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	p->o.url = NULL;
	p->o.dir = NULL;
	p->o.sqlite_handle = db;
	p->o.embedded = files;
	p->o.n_embedded = WB_ARRAY_LEN(files);
	return db;
}

static int take_text(void *user, int n, char **values, char **names)
{
	(void)n, (void)names;
	snprintf(user, 64, "%s", values[0] ? values[0] : "-");
	return 0;
}

static const char *value(sqlite3 *db, const char *text)
{
	static char buf[64];
	buf[0] = 0;
	assert_int_equal(sqlite3_exec(db, text, take_text, buf, NULL), SQLITE_OK);
	return buf;
}

static void run(sqlite3 *db, const char *text)
{
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
}

static void let_go(struct place *p, sqlite3 *db)
{
	wb_close(p->ctx);
	p->ctx = NULL;
	run(db, "CREATE TABLE IF NOT EXISTS mine (x int); INSERT INTO mine VALUES (1)");
	assert_int_equal(sqlite3_close(db), SQLITE_OK); /* not busy: nothing of ours is left on it */
}

static void start_up(struct place *p, sqlite3 *db)
{
	run(db, "PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 1234");
	ok(p, UP(p));
	assert_string_equal(applied(p), "1 2 R__view");
	assert_string_equal(value(db, "SELECT count(name) + count(*) FROM users"), "2");
	assert_string_equal(wb_engine(p->ctx), "sqlite");
	ok(p, UP(p));
	assert_string_equal(applied(p), "");
	ok(p, DOWN(p));
	assert_string_equal(applied(p), "2");
	ok(p, UP(p));
	wb_close(p->ctx);
	p->ctx = NULL;
	assert_string_equal(value(db, "PRAGMA foreign_keys"), "1");
	assert_string_equal(value(db, "PRAGMA busy_timeout"), "1234");
	assert_int_equal(sqlite3_get_autocommit(db), 1);
	let_go(p, db);
}

static void test_with_a_file(void **state)
{
	struct place *p = *state;
	start_up(p, own(p, p->db));
	assert_string_equal(states(p), "1:applied R__view:applied 2:applied");
	assert_has(ask(p, "SELECT down_sql FROM @schema_migrations WHERE version = '2'"), "DROP name");
}

static void test_in_memory(void **state)
{
	struct place *p = *state;
	start_up(p, own(p, ":memory:"));
}

static void test_open_transaction(void **state)
{
	struct place *p = *state;
	sqlite3 *db = own(p, p->db);
	run(db, "CREATE TABLE mine (x int); BEGIN; INSERT INTO mine VALUES (7)");
	assert_code(p, UP(p), WB_EREFUSED);
	assert_has(p->err.message, "open transaction");
	assert_int_equal(sqlite3_get_autocommit(db), 0);
	run(db, "COMMIT");
	assert_string_equal(value(db, "SELECT x FROM mine"), "7");
	ok(p, UP(p));
	/* And one that was opened between two calls. */
	run(db, "BEGIN; INSERT INTO mine VALUES (8)");
	assert_code(p, UP(p), WB_EREFUSED);
	assert_code(p, DOWN(p), WB_EREFUSED);
	assert_int_equal(sqlite3_get_autocommit(db), 0);
	run(db, "ROLLBACK");
	assert_string_equal(value(db, "SELECT count(*) FROM mine"), "1");
	ok(p, DOWN(p));
	let_go(p, db);
}

static int see_row(void *user, size_t n, const char *const *names, const char *const *values)
{
	(void)names;
	assert_int_equal(n, 1);
	snprintf(user, 64, "%s", values[0]);
	return 0;
}

/* A read-only query is one on a borrowed handle, too, and leaves it as it was. */
static void test_read_query(void **state)
{
	struct place *p = *state;
	sqlite3 *db = own(p, p->db);
	char got[64] = "";
	ok(p, UP(p));
	ok(p, wb_read_query(p->ctx, "SELECT count(*) FROM users;", see_row, got, &p->err));
	assert_string_equal(got, "2");
	assert_true(wb_read_query(p->ctx, "DELETE FROM users", see_row, got, &p->err) < 0);
	assert_string_equal(value(db, "SELECT count(*) FROM users"), "2");
	run(db, "INSERT INTO users (id) VALUES (3)");
	/* The context's own work still hears cancellation and waits for others. */
	ok(p, DOWN(p, .plan.to = "0"));
	ok(p, UP(p));
	let_go(p, db);
}

/* After a query in between, a run can still be stopped. */
static void test_stop_after_query(void **state)
{
	struct place *p = *state;
	sqlite3 *db = own(p, p->db);
	static const struct wb_embedded_migration endless[] = {
		{ "V1__a.sql", "CREATE TABLE a AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
			       "SELECT max(x) AS x FROM n;" },
	};
	char got[64] = "";
	p->o.embedded = endless;
	p->o.n_embedded = 1;
	ok(p, PLAN(p));
	ok(p, wb_read_query(p->ctx, "SELECT 1", see_row, got, &p->err));
	assert_code(p, UP(p, .timeout_ms = 200), WB_ETIMEOUT);
	let_go(p, db);
}

static void test_failure(void **state)
{
	struct place *p = *state;
	sqlite3 *db = own(p, p->db);
	static const struct wb_embedded_migration broken[] = {
		{ "V1__a.sql", "CREATE TABLE a (x int);" },
		{ "V2__b.sql", "CREATE TABLE b (x int);\nINSERT INTO nowhere VALUES (1);" },
	};
	p->o.embedded = broken;
	p->o.n_embedded = WB_ARRAY_LEN(broken);
	assert_code(p, UP(p), WB_ESQL);
	assert_has(p->err.file, "V2__b.sql");
	assert_int_equal(p->err.line, 2);
	assert_has(p->err.excerpt, "nowhere");
	assert_string_equal(applied(p), "1");
	assert_int_equal(sqlite3_get_autocommit(db), 1);
	assert_string_equal(value(db, "SELECT count(*) FROM sqlite_master WHERE name = 'b'"), "0");
	let_go(p, db);
}

static void test_what_needs_a_url(void **state)
{
	struct place *p = *state;
	sqlite3 *db = own(p, p->db);
	char *path = NULL;
	p->o.allow_reset = true;
	assert_code(p, wb_create_database(context(p), NULL, &p->err), WB_EUSAGE);
	assert_code(p, wb_drop_database(p->ctx, NULL, &p->err), WB_EUSAGE);
	assert_code(p, wb_reset_database(p->ctx, &p->err), WB_EUSAGE);
	struct wb_new_file file = { .size = sizeof(file), .description = "x" };
	assert_code(p, wb_new(p->ctx, &file, &path, NULL, &p->err), WB_EUSAGE);
	struct wb_validate_options o = { .size = sizeof(o), .against = "HEAD" };
	struct wb_validation *v = NULL;
	assert_code(p, wb_validate(p->ctx, &o, &v, &p->err), WB_EUSAGE);
	let_go(p, db);
}

int test_embedded(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_with_a_file),      TEST(test_in_memory), TEST(test_open_transaction), TEST(test_read_query),
		TEST(test_stop_after_query), TEST(test_failure),   TEST(test_what_needs_a_url),
	};
	return RUN_GROUP("embedded");
}
