/* SPDX-License-Identifier: Apache-2.0
 *
 * Conditions: `require` before a migration, `verify` before it commits; and the
 * rehearsal, which runs everything and keeps nothing.
 */
#include "tests.h"

static const char *tables(struct place *p)
{
	return ask(p,
		   "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'whimbrel%' ORDER BY name");
}

static void guarded(struct place *p, const char *section, const char *query)
{
	char text[512];
	snprintf(text, sizeof(text), "-- migrate:%s\n%s;\n-- migrate:up\nCREATE TABLE b (x int);\n", section, query);
	put(p, "V2__b.sql", text);
}

static void test_true_answers(void **state)
{
	struct place *p = *state;
	static const char *const yes[] = { "SELECT 1",   "SELECT 'yes'",
					   "SELECT -1",  "SELECT 'true' FROM a",
					   "VALUES (2)", "WITH q(n) AS (SELECT 3) SELECT n FROM q",
					   "SELECT 0.5" };
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n-- migrate:down\nDROP TABLE a;\n");
	ok(p, UP(p));
	for (size_t i = 0; i < WB_ARRAY_LEN(yes); i++) {
		for (int verify = 0; verify < 2; verify++) {
			guarded(p, verify ? "verify" : "require", yes[i]);
			ok(p, UP(p));
			assert_string_equal(applied(p), "2");
			sql(p, "DROP TABLE b; DELETE FROM @schema_migrations WHERE version = '2'");
		}
	}
}

static void test_false_answers(void **state)
{
	struct place *p = *state;
	static const char *const no[] = { "SELECT 0",
					  "SELECT 'f'",
					  "SELECT 'false'",
					  "SELECT 'No'",
					  "SELECT ''",
					  "SELECT NULL",
					  "SELECT 1 FROM a WHERE x = 7",
					  "VALUES ('off')",
					  "SELECT 1; SELECT 0; SELECT 1" };
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	put(p, "V3__c.sql", "CREATE TABLE c (x int);\n");
	ok(p, UP(p, .plan.to = "1"));
	for (size_t i = 0; i < WB_ARRAY_LEN(no); i++) {
		guarded(p, "require", no[i]);
		assert_code(p, UP(p), WB_EREFUSED);
		assert_has(p->err.message, "2 may not run yet");
		assert_string_equal(p->err.version, "2");
		assert_place(p, i == WB_ARRAY_LEN(no) - 1 ? "V2__b.sql:2:11" : "V2__b.sql:2:1");
		assert_string_equal(tables(p), "a");
		assert_string_equal(states(p), "1:applied"); /* nothing was tried */
		guarded(p, "verify", no[i]);
		assert_code(p, UP(p), WB_EFAILED);
		assert_has(p->err.message, "verification failed");
		assert_string_equal(tables(p), "a");
		assert_string_equal(states(p), "1:applied 2:failed");
		sql(p, "DELETE FROM @schema_migrations WHERE version = '2'");
	}
}

static void test_what_it_answered(void **state)
{
	struct place *p = *state;
	guarded(p, "require", "SELECT 'no'");
	assert_code(p, UP(p), WB_EREFUSED);
	assert_has(p->err.detail, "answered no");
	guarded(p, "require", "SELECT NULL");
	assert_code(p, UP(p), WB_EREFUSED);
	assert_has(p->err.detail, "answered NULL");
	guarded(p, "require", "SELECT 1 WHERE 0");
	assert_code(p, UP(p), WB_EREFUSED);
	assert_has(p->err.detail, "no row");
}

static void test_wrong_questions(void **state)
{
	struct place *p = *state;
	guarded(p, "require", "SELECT x FROM nowhere");
	assert_code(p, UP(p), WB_ESQL);
	assert_has(p->err.message, "require section cannot be asked");
	assert_place(p, "V2__b.sql:2:1");
	guarded(p, "verify", "SELECT x FROM nowhere");
	assert_code(p, UP(p), WB_ESQL);
	assert_has(p->err.message, "verify section cannot be asked");
	assert_string_equal(tables(p), "");
}

static void test_of_a_migration_in_steps(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "-- migrate:require\nSELECT count(*) > 0 FROM sqlite_master WHERE name = 'ready';\n"
	    "-- migrate:up transaction:false\nCREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n"
	    "-- migrate:verify\nSELECT x = 2 FROM a;\n");
	assert_code(p, UP(p), WB_EREFUSED);
	assert_string_equal(states(p), "");
	sql(p, "CREATE TABLE ready (x int)");
	assert_code(p, UP(p), WB_EFAILED);
	/* All but the last statement is committed, and that one fails with what it promised. */
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations"), "failed:1");
	sql(p, "DROP TABLE ready"); /* it has begun: it is not asked again */
	put(p, "V1__a.sql",
	    "-- migrate:require\nSELECT count(*) > 0 FROM sqlite_master WHERE name = 'ready';\n"
	    "-- migrate:up transaction:false\nCREATE TABLE a (x int);\nINSERT INTO a VALUES (2);\n"
	    "-- migrate:verify\nSELECT x = 2 FROM a;\n");
	ok(p, UP(p));
	assert_string_equal(states(p), "1:applied");
}

/* The last statement is done and cannot be undone, but what was promised does not hold: that it was done is recorded,
 * and the promise is asked for again. */
static void test_verify_after_an_outside_step(void **state)
{
	struct place *p = *state;
	char text[512];
	snprintf(text, sizeof(text),
		 "CREATE TABLE a (x int);\nVACUUM INTO '%s/copy.db';\n-- migrate:verify\nSELECT count(*) FROM a;\n",
		 p->dir);
	put(p, "V1__a.sql", text);
	assert_code(p, UP(p), WB_EFAILED);
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations"), "failed:2");
	assert_string_equal(steps(p, "1"), "1:done 2:done");
	assert_code(p, UP(p), WB_EFAILED);
	assert_string_equal(states(p), "1:failed");
	sql(p, "INSERT INTO a VALUES (1)");
	ok(p, UP(p));
	assert_string_equal(states(p), "1:applied");
}

/* In one transaction for all, each condition is asked when its turn comes. */
static void test_all_in_one(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	guarded(p, "require", "SELECT count(*) FROM a");
	assert_code(p, UP(p, .plan.transaction = WB_TRANSACTION_ALL), WB_EREFUSED);
	assert_string_equal(p->err.version, "2");
	assert_string_equal(tables(p), "");
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n");
	ok(p, UP(p, .plan.transaction = WB_TRANSACTION_ALL));
	assert_string_equal(tables(p), "a b");
}

static void test_not_asked_on_the_way_down(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "-- migrate:require\nSELECT count(*) = 0 FROM sqlite_master WHERE name = 'a';\n-- migrate:up\n"
	    "CREATE TABLE a (x int);\n-- migrate:verify\nSELECT count(*) FROM sqlite_master WHERE name = 'a';\n"
	    "-- migrate:down\nDROP TABLE a;\n");
	ok(p, UP(p));
	ok(p, DOWN(p));
	assert_string_equal(states(p), "1:reverted");
}

static void test_variables(void **state)
{
	struct place *p = *state;
	struct wb_named_value v[] = { { "table", "a" }, { "number", "1" } };
	p->o.variables = v;
	p->o.n_variables = WB_ARRAY_LEN(v);
	p->o.variables_on = true;
	put(p, "V1__a.sql",
	    "-- migrate:require\nSELECT ${number};\n-- migrate:up\nCREATE TABLE ${table} (x int);\n"
	    "INSERT INTO ${table} VALUES (${number});\n-- migrate:verify\nSELECT count(*) FROM ${table};\n"
	    "-- migrate:down\nDROP TABLE ${table};\n");
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT x FROM a"), "1");
	take_away(p, "V1__a.sql");
	v[0].value = "b"; /* what is stored is what was meant then */
	context_again(p);
	ok(p, DOWN(p));
	assert_string_equal(tables(p), "");
}

/* ---- rehearsal ------------------------------------------------------------------------ */

static void test_rehearsal(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1), (2);\n");
	put(p, "V2__b.sql", "CREATE TABLE b AS SELECT x FROM a;\n");
	ok(p, UP(p, .dry_run = WB_DRY_RUN_ROLLBACK));
	assert_string_equal(applied(p), "1 2");
	assert_int_equal(p->result->applied[0].rows_affected, 2);
	assert_int_equal(p->result->n_not_rehearsed, 0);
	assert_false(wb_fs_exists(p->db)); /* not even the file was made */
	ok(p, UP(p, .plan.to = "1"));
	ok(p, UP(p, .dry_run = WB_DRY_RUN_ROLLBACK));
	assert_string_equal(applied(p), "2");
	assert_string_equal(tables(p), "a");
	assert_string_equal(history(p), "up:1:ok");
	assert_string_equal(ask(p, "SELECT count(*) FROM @migration_runs"), "1");
}

static void test_rehearsal_fails(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	ok(p, UP(p));
	put(p, "V2__b.sql", "CREATE TABLE b AS SELECT x FROM a;\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p, .dry_run = WB_DRY_RUN_ROLLBACK), WB_ESQL);
	assert_place(p, "V2__b.sql:2:1");
	assert_string_equal(p->result->failed.version, "2");
	assert_string_equal(tables(p), "a");
	assert_string_equal(states(p), "1:applied");
	assert_string_equal(history(p), "up:1:ok");
}

static void test_rehearsal_of_what_it_cannot(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\nVACUUM;\nINSERT INTO a VALUES (1);\n");
	put(p, "V2__b.sql", "VACUUM;\n");
	ok(p, UP(p, .dry_run = WB_DRY_RUN_ROLLBACK));
	assert_string_equal(applied(p), "1 2");
	assert_int_equal(p->result->n_not_rehearsed, 2);
	assert_has(p->result->not_rehearsed[0], "V1__a.sql:2");
	assert_has(p->result->not_rehearsed[0], "vacuum");
	assert_has(p->result->not_rehearsed[1], "V2__b.sql:1");
}

static void test_rehearsal_of_a_half(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "-- migrate:up transaction:false\nCREATE TABLE a (x int);\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p), WB_ESQL);
	put(p, "V1__a.sql", "-- migrate:up transaction:false\nCREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n");
	ok(p, UP(p, .dry_run = WB_DRY_RUN_ROLLBACK));
	assert_string_equal(ask(p, "SELECT count(*) FROM a"), "0");
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations"), "failed:1");
}

static void test_rehearsal_of_down(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n");
	ok(p, UP(p));
	ok(p, DOWN(p, .dry_run = WB_DRY_RUN_ROLLBACK));
	assert_string_equal(applied(p), "1");
	assert_string_equal(tables(p), "a");
	ok(p, REDO(p, .dry_run = WB_DRY_RUN_ROLLBACK));
	assert_string_equal(states(p), "1:applied");
	assert_string_equal(history(p), "up:1:ok");
}

static void test_rehearsal_of_foreign_keys(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "PRAGMA foreign_keys = ON;\nCREATE TABLE a (id integer PRIMARY KEY);\nCREATE TABLE b (a int REFERENCES a "
	    "DEFERRABLE INITIALLY DEFERRED);\n");
	ok(p, UP(p));
	put(p, "V2__b.sql", "INSERT INTO b VALUES (7);\nPRAGMA foreign_keys = OFF;\n");
	assert_code(p, UP(p, .dry_run = WB_DRY_RUN_ROLLBACK), WB_ESQL);
	assert_has(p->err.message, "foreign key");
	assert_string_equal(ask(p, "SELECT count(*) FROM b"), "0");
}

static void test_rehearsal_of_the_protected(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	p->o.protected_environment = true;
	assert_code(p, UP(p, .dry_run = WB_DRY_RUN_ROLLBACK), WB_EPROTECTED);
	assert_has(p->err.hint, "--dry-run");
	assert_null(p->result);
	ok(p, UP(p));
}

/* A run that only prints is a plan: taken for a run it would change the database. */
static void test_printing_is_no_run(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	assert_code(p, UP(p, .dry_run = WB_DRY_RUN_SQL), WB_EUSAGE);
	assert_has(p->err.hint, "wb_plan");
	assert_false(wb_fs_exists(p->db));
}

int test_guards(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_true_answers),
		TEST(test_false_answers),
		TEST(test_what_it_answered),
		TEST(test_wrong_questions),
		TEST(test_of_a_migration_in_steps),
		TEST(test_verify_after_an_outside_step),
		TEST(test_all_in_one),
		TEST(test_not_asked_on_the_way_down),
		TEST(test_variables),
		TEST(test_rehearsal),
		TEST(test_rehearsal_fails),
		TEST(test_rehearsal_of_what_it_cannot),
		TEST(test_rehearsal_of_a_half),
		TEST(test_rehearsal_of_down),
		TEST(test_rehearsal_of_foreign_keys),
		TEST(test_rehearsal_of_the_protected),
		TEST(test_printing_is_no_run),
	};
	return RUN_GROUP("guards");
}
