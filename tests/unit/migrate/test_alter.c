/* SPDX-License-Identifier: Apache-2.0
 *
 * ALTER TABLE in forms that SQLite lacks, in migrations: foreign keys do not
 * act meanwhile, errors name the statement, several become one, in every mode.
 */
#include "tests.h"

#include <sqlite3.h>

/* An application's connection, with foreign keys on. */
static sqlite3 *family(struct place *p)
{
	sqlite3 *db = NULL;
	put(p, "V1__a.sql",
	    "CREATE TABLE parent (id integer PRIMARY KEY, name text, age integer);\n"
	    "CREATE INDEX by_name ON parent (name);\n"
	    "CREATE TABLE child (id integer PRIMARY KEY, parent integer REFERENCES parent ON DELETE CASCADE);\n"
	    "INSERT INTO parent VALUES (1, 'a', 7), (2, NULL, -1);\nINSERT INTO child VALUES (1, 1), (2, 2);\n");
	assert_int_equal(sqlite3_open(p->db, &db), 0);
	assert_int_equal(sqlite3_exec(db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL), 0);
	p->o.url = NULL;
	p->o.sqlite_handle = db;
	ok(p, UP(p));
	return db;
}

static void done(struct place *p, sqlite3 *db)
{
	wb_close(p->ctx);
	p->ctx = NULL;
	assert_int_equal(sqlite3_get_autocommit(db), 1);
	assert_string_equal(ask(p, "SELECT count(*) FROM child"), "2");
	assert_int_equal(sqlite3_close(db), 0);
}

static void test_children_stay(void **state)
{
	struct place *p = *state;
	sqlite3 *db = family(p);
	put(p, "V2__b.sql",
	    "-- migrate:up\nALTER TABLE parent ALTER COLUMN age TYPE bigint;\n"
	    "-- migrate:down\nALTER TABLE parent ALTER COLUMN age TYPE integer;\nALTER TABLE parent ALTER age DROP "
	    "DEFAULT;\n");
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT type FROM pragma_table_info('parent') WHERE name = 'age'"), "bigint");
	ok(p, DOWN(p));
	assert_string_equal(ask(p, "SELECT type FROM pragma_table_info('parent') WHERE name = 'age'"), "INTEGER");
	ok(p, UP(p));
	done(p, db);
}

/* Nobody can know before that SQLite refuses it: the transaction begins anew, and what it did first happens once. */
static void test_begun_anew(void **state)
{
	struct place *p = *state;
	sqlite3 *db = family(p);
	put(p, "V2__b.sql", "INSERT INTO parent (id) VALUES (9);\nALTER TABLE parent DROP COLUMN name;\n");
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT group_concat(id) FROM parent"), "1,2,9");
	assert_string_equal(ask(p, "SELECT count(*) FROM sqlite_master WHERE name = 'by_name'"), "0");
	assert_has(p->log.p, "by_name goes with");
	done(p, db);
}

static void test_columns_that_sqlite_can_drop(void **state)
{
	struct place *p = *state;
	sqlite3 *db = family(p);
	put(p, "V2__b.sql", "ALTER TABLE parent DROP COLUMN age;\nALTER TABLE parent ADD COLUMN x DEFAULT 3;\n");
	ok(p, UP(p));
	/* As sqlite3 left it, not as a rebuild writes it. */
	assert_string_equal(ask(p, "SELECT sql FROM sqlite_master WHERE name = 'parent'"),
			    "CREATE TABLE parent (id integer PRIMARY KEY, name text, x DEFAULT 3)");
	done(p, db);
}

static void test_errors(void **state)
{
	static const struct {
		const char *sql, *place, *message, *hint;
	} cases[] = {
		{ "ALTER TABLE parent ALTER name SET NOT NULL;", "V2__b.sql:2:1",
		  "NOT NULL constraint failed: parent.name", "UPDATE" },
		{ "ALTER TABLE parent ALTER nme SET NOT NULL;", "V2__b.sql:2:26", "no column nme",
		  "is the name right" },
		{ "ALTER TABLE parents ALTER name SET NOT NULL;", "V2__b.sql:2:1", "no such table: parents", "" },
		{ "ALTER TABLE parent ADD CONSTRAINT k CHECK (age > 0);", "V2__b.sql:2:1", "CHECK constraint failed: k",
		  "mend the rows" },
		{ "ALTER TABLE parent ADD CHECK (nosuch > 0);", "V2__b.sql:2:1", "no such column: nosuch", "" },
		{ "ALTER TABLE parent DROP CONSTRAINT k;", "V2__b.sql:2:36", "no constraint k", "\"PRIMARY KEY\"" },
		{ "ALTER TABLE parent ALTER age SET DEFAULT 1;\nALTER TABLE parent ADD CHECK (age > 0);\n"
		  "ALTER TABLE parent ALTER age SET DEFAULT 2;",
		  "V2__b.sql:3:1", "CHECK constraint failed", "mend the rows" },
		{ "ALTER TABLE parent ADD FOREIGN KEY (age) REFERENCES parent;", "V2__b.sql:2:1",
		  "breaks a foreign key", "mend these rows" },
		{ "ALTER TABLE parent ALTER age TYPE text USING age;", "V2__b.sql:2:40", "USING", "UPDATE" },
		{ "CREATE VIEW v AS SELECT name FROM parent;\nALTER TABLE parent DROP name;", "V2__b.sql:3:1",
		  "error in view v", "drop what needs" },
		{ "ALTER TABLE temp.parent ALTER name SET NOT NULL;", "V2__b.sql:2:1", "only tables of the database",
		  "" },
		{ "ALTER TABLE parent DROP COLUMN id;", "V2__b.sql", "cannot work", "" },
	};
	struct place *p = *state;
	sqlite3 *db = family(p);
	char text[400];
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		snprintf(text, sizeof(text), "-- migrate:up\n%s\n", cases[i].sql);
		put(p, "V2__b.sql", text);
		int rc = UP(p);
		assert_true(rc == WB_ESQL || rc == WB_EINPUT);
		assert_has(p->err.message, cases[i].message);
		assert_has(p->err.hint, cases[i].hint);
		if (strchr(cases[i].place, ':'))
			assert_place(p, cases[i].place);
		assert_null(strstr(p->err.message, "__rebuilt"));
		assert_string_equal(states(p), "1:applied 2:failed");
	}
	done(p, db);
}

static void test_every_mode(void **state)
{
	static const char *const heads[] = { "-- migrate:up\n", "-- migrate:up transaction:false\n" };
	struct place *p = *state;
	sqlite3 *db = family(p);
	char text[400];
	for (size_t i = 0; i < 3; i++) {
		snprintf(text, sizeof(text),
			 "%sALTER TABLE parent ADD COLUMN c%zu text UNIQUE;\nALTER TABLE parent ALTER c%zu SET DEFAULT "
			 "'x';\nALTER TABLE parent DROP COLUMN c%zu;\n",
			 heads[i % 2], i, i, i);
		put(p, "V2__b.sql", text);
		ok(p, UP(p, .dry_run = i == 0 ? WB_DRY_RUN_ROLLBACK : WB_DRY_RUN_NO,
			 .plan.transaction = i == 2 ? WB_TRANSACTION_ALL : WB_TRANSACTION_FILE));
		assert_string_equal(ask(p, "SELECT group_concat(name) FROM pragma_table_info('parent')"),
				    "id,name,age");
		if (i)
			take_away(p, "V2__b.sql");
		if (i)
			sql(p, "DELETE FROM @schema_migrations WHERE version = '2'");
	}
	done(p, db);
}

/* A file too large to be kept is read statement by statement. */
static void test_large_file(void **state)
{
	struct place *p = *state;
	sqlite3 *db = family(p);
	wb_autostr text = WB_STR_INIT;
	wb_str_add(&text, "ALTER TABLE parent ALTER name SET DEFAULT 'n';\nALTER TABLE parent ADD CHECK (id > 0);\n");
	while (text.n < (300 << 10))
		wb_str_add(&text, "-- nothing but a line that makes the file longer than what is kept\n");
	wb_str_add(&text, "ALTER TABLE parent ADD CHECK (id < 10);\n");
	assert_false(text.failed);
	put(p, "V2__b.sql", text.p);
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT sql LIKE '%id < 10%' AND sql LIKE '%id > 0%' AND sql LIKE '%''n''%' FROM "
				   "sqlite_master WHERE name = 'parent'"),
			    "1");
	done(p, db);
}

static void test_planned(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE t (a);\nALTER TABLE t ADD b;\nALTER TABLE t ALTER b SET NOT NULL;\nALTER TABLE t DROP b;\n");
	ok(p, PLAN(p));
	assert_string_equal(p->plan->steps[1].kind, "sql");
	assert_int_equal(p->plan->steps[1].n_notes, 0);
	assert_string_equal(p->plan->steps[2].kind, "rebuild");
	assert_has(p->plan->steps[2].notes[0], "built anew");
	assert_has(p->plan->steps[3].notes[0], "built anew");
}

/* What is not ours stays as it is: a table that is no SQLite's, others' settings. */
static void test_overwriting(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE t (a);\nINSERT INTO t VALUES ('secret');\nCREATE TABLE r (n);\n"
	    "INSERT INTO r SELECT secure_delete FROM pragma_secure_delete;\nALTER TABLE t ADD CHECK (a <> '');\n"
	    "INSERT INTO r SELECT secure_delete FROM pragma_secure_delete;\n");
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT count(DISTINCT n), count(*) FROM r"), "1:2");
}

/* ---- memory --------------------------------------------------------------------------------- */

static char saved[128];

static int fresh_run(void *user)
{
	struct place *p = user;
	struct wb_run_options o = { .size = sizeof(o) };
	struct wb_context *c = NULL;
	struct wb_error err;
	copy_file(saved, p->db);
	int rc = wb_open(&p->o, &c, &err);
	if (rc == 0)
		rc = wb_up(c, &o, NULL, &err);
	wb_close(c);
	return rc;
}

static void test_memory(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql",
	    "CREATE TABLE t (a integer PRIMARY KEY AUTOINCREMENT, b text, c);\nCREATE INDEX i ON t (b);\n"
	    "CREATE VIEW v AS SELECT a FROM t;\nINSERT INTO t VALUES (1, 'x', 2);\n");
	ok(p, UP(p));
	wb_close(p->ctx);
	p->ctx = NULL;
	snprintf(saved, sizeof(saved), "%s/saved", p->dir);
	copy_file(p->db, saved);
	put(p, "V2__b.sql",
	    "ALTER TABLE t DROP COLUMN b;\nALTER TABLE t ALTER c TYPE text, ADD CONSTRAINT k CHECK (t.c <> 'no');\n");
	p->o.event = NULL;
	p->o.log = NULL;
	assert_true(wb_oom_run_every(7, fresh_run, p) > 10);
}

int test_alter(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_children_stay), TEST(test_begun_anew),  TEST(test_columns_that_sqlite_can_drop),
		TEST(test_errors),        TEST(test_every_mode),  TEST(test_large_file),
		TEST(test_planned),       TEST(test_overwriting), TEST(test_memory),
	};
	return RUN_GROUP("alter");
}
