/* SPDX-License-Identifier: Apache-2.0
 *
 * What SQLite needs around a migration: foreign keys off while a table is
 * rebuilt, settings put back, large files streamed.
 */
#include "tests.h"

#include <sqlite3.h>

#define REBUILD \
	"CREATE TABLE parent_new (id integer PRIMARY KEY, name text NOT NULL);\n" \
	"INSERT INTO parent_new SELECT id, coalesce(name, '') FROM parent%s;\n" \
	"DROP TABLE parent;\n" \
	"ALTER TABLE parent_new RENAME TO parent;\n"

static sqlite3 *family(struct place *p)
{
	sqlite3 *db = NULL;
	put(p, "V1__a.sql",
	    "CREATE TABLE parent (id integer PRIMARY KEY, name text);\n"
	    "CREATE TABLE child (id integer PRIMARY KEY, parent integer REFERENCES parent ON DELETE CASCADE);\n"
	    "INSERT INTO parent VALUES (1, 'a'), (2, NULL);\nINSERT INTO child VALUES (1, 1), (2, 2);\n");
	assert_int_equal(sqlite3_open(p->db, &db), 0);
	assert_int_equal(sqlite3_exec(db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL), 0);
	p->o.url = NULL;
	p->o.sqlite_handle = db;
	ok(p, UP(p));
	return db;
}

static int take_number(void *user, int n, char **values, char **names)
{
	(void)n, (void)names;
	int64_t v = -1;
	(void)wb_sv_i64(wb_sv_str(values[0]), &v);
	*(int64_t *)user = v;
	return 0;
}

static int64_t number(sqlite3 *db, const char *text)
{
	int64_t v = -1;
	assert_int_equal(sqlite3_exec(db, text, take_number, &v, NULL), 0);
	return v;
}

static void rebuild(struct place *p, const char *where)
{
	char text[600];
	snprintf(text, sizeof(text), REBUILD, where);
	put(p, "V2__rebuild.sql", text);
}

static void done(struct place *p, sqlite3 *db)
{
	assert_int_equal(number(db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(sqlite3_get_autocommit(db), 1);
	wb_close(p->ctx);
	p->ctx = NULL;
	assert_int_equal(number(db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(sqlite3_close(db), 0);
}

/* With foreign keys on DROP TABLE would take every child along. */
static void test_rebuild(void **state)
{
	struct place *p = *state;
	sqlite3 *db = family(p);
	rebuild(p, "");
	ok(p, UP(p));
	assert_int_equal(number(db, "SELECT count(*) FROM child"), 2);
	assert_string_equal(states(p), "1:applied 2:applied");
	done(p, db);
}

static void test_rebuild_that_breaks(void **state)
{
	struct place *p = *state;
	sqlite3 *db = family(p);
	rebuild(p, " WHERE id = 1");
	assert_code(p, UP(p), WB_ESQL);
	assert_has(p->err.message, "foreign key");
	assert_string_equal(p->err.version, "2");
	assert_has(p->err.file, "V2__rebuild.sql");
	assert_int_equal(number(db, "SELECT count(*) FROM parent"), 2);
	assert_int_equal(number(db, "SELECT count(*) FROM child"), 2);
	assert_string_equal(states(p), "1:applied 2:failed");
	done(p, db);
}

static void test_rebuild_that_fails(void **state)
{
	struct place *p = *state;
	sqlite3 *db = family(p);
	put(p, "V2__rebuild.sql", "DROP TABLE parent;\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p), WB_ESQL);
	assert_int_equal(number(db, "SELECT count(*) FROM child"), 2);
	done(p, db);
}

/* In steps, too, and with what the people of SQLite write around it. */
static void test_rebuild_in_steps(void **state)
{
	struct place *p = *state;
	sqlite3 *db = family(p);
	put(p, "V2__rebuild.sql",
	    "-- migrate:up transaction:false\nPRAGMA foreign_keys = OFF;\n"
	    "CREATE TABLE parent_new (id integer PRIMARY KEY, name text NOT NULL);\n"
	    "INSERT INTO parent_new SELECT id, coalesce(name, '') FROM parent;\nDROP TABLE parent;\n"
	    "ALTER TABLE parent_new RENAME TO parent;\nPRAGMA foreign_keys = ON;\n");
	int rc = UP(p);
	if (rc == 0) {
		assert_int_equal(number(db, "SELECT count(*) FROM child"), 2);
		assert_string_equal(states(p), "1:applied 2:applied");
	}
	ok(p, rc);
	done(p, db);
}

static void test_rebuild_of_all(void **state)
{
	struct place *p = *state;
	sqlite3 *db = family(p);
	rebuild(p, "");
	put(p, "V3__more.sql", "DELETE FROM parent WHERE id = 2;\n");
	assert_code(p, UP(p, .plan.transaction = WB_TRANSACTION_ALL), WB_ESQL);
	assert_int_equal(number(db, "SELECT count(*) FROM parent"), 2);
	put(p, "V3__more.sql", "DELETE FROM child WHERE parent = 2; DELETE FROM parent WHERE id = 2;\n");
	ok(p, UP(p, .plan.transaction = WB_TRANSACTION_ALL));
	assert_int_equal(number(db, "SELECT count(*) FROM child"), 1);
	done(p, db);
}

static void test_settings_are_put_back(void **state)
{
	struct place *p = *state;
	sqlite3 *db = family(p);
	put(p, "V2__a.sql", "PRAGMA recursive_triggers = ON;\nPRAGMA cache_size = 77;\nPRAGMA user_version = 5;\n");
	put(p, "V3__b.sql",
	    "PRAGMA recursive_triggers = ON;\nPRAGMA synchronous = OFF;\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p), WB_ESQL);
	assert_int_equal(number(db, "PRAGMA recursive_triggers"), 0);
	assert_true(number(db, "PRAGMA cache_size") != 77);
	assert_true(number(db, "PRAGMA synchronous") != 0);
	assert_int_equal(number(db, "PRAGMA user_version"),
			 5); /* that one lives in the file, and was what was wanted */
	done(p, db);
}

/* ---- large files --------------------------------------------------------------------------- */

static void large(struct place *p, const char *name, int rows, const char *tail)
{
	FILE *f = fopen(path_of(p, name), "w");
	assert_non_null(f);
	fputs("CREATE TABLE big (x int, filler text);\n", f);
	for (int i = 0; i < rows; i++)
		fprintf(f, "INSERT INTO big VALUES (%d, '%0100d');\n", i, i);
	fputs(tail, f);
	assert_int_equal(fclose(f), 0);
}

static void test_large_file(void **state)
{
	struct place *p = *state;
	large(p, "V1__big.sql", 15000, "-- migrate:down\nDROP TABLE big;\n");
	ok(p, PLAN(p));
	assert_int_equal(p->plan->statements, 15001);
	ok(p, UP(p));
	assert_int_equal(p->result->applied[0].statements, 15001);
	assert_int_equal(p->result->applied[0].rows_affected, 15000);
	assert_string_equal(ask(p, "SELECT count(*), applied_sql FROM big, @schema_migrations"), "15000:-");
	ok(p, DOWN(p));
	large(p, "V1__big.sql", 15000, "INSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p), WB_ESQL);
	assert_place(p, "V1__big.sql:15002:1");
	assert_int_equal(p->err.statement, 15002);
	assert_has(p->err.excerpt, "nowhere");
}

static void change_file(struct place *p, const struct wb_event *e)
{
	if (strcmp(e->name, "migration_started"))
		return;
	FILE *f = fopen(path_of(p, "V1__big.sql"), "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, -60, SEEK_END), 0);
	assert_int_equal(fputc('7', f), '7');
	assert_int_equal(fclose(f), 0);
}

static void shorten_file(struct place *p, const struct wb_event *e)
{
	if (!strcmp(e->name, "migration_started"))
		large(p, "V1__big.sql", 14000, "");
}

/* What was planned is what runs: a file that becomes another one meanwhile stops it. */
static void test_changed_while_it_runs(void **state)
{
	struct place *p = *state;
	large(p, "V1__big.sql", 15000, "");
	p->on_event = change_file;
	assert_code(p, UP(p), WB_ECHECKSUM);
	assert_string_equal(ask(p, "SELECT count(*) FROM sqlite_master WHERE name = 'big'"), "0");
	assert_string_equal(states(p), "1:failed");
	large(p, "V1__big.sql", 15000, "");
	p->on_event = shorten_file;
	assert_code(p, UP(p), WB_ECHECKSUM);
	assert_string_equal(ask(p, "SELECT count(*) FROM sqlite_master WHERE name = 'big'"), "0");
	p->on_event = NULL;
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT count(*) FROM big"), "14000");
}

/* A small one is read once: what it becomes meanwhile is a matter for the next run. */
static void change_small(struct place *p, const struct wb_event *e)
{
	if (!strcmp(e->name, "migration_started"))
		put(p, "V1__a.sql", "CREATE TABLE b (x int);\n");
}

static void test_small_file_changed_while_it_runs(void **state)
{
	struct place *p = *state;
	put(p, "V1__a.sql", "CREATE TABLE a (x int);\n");
	p->on_event = change_small;
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT name FROM sqlite_master WHERE name IN ('a', 'b')"), "a");
	assert_has(ask(p, "SELECT applied_sql FROM @schema_migrations"), "TABLE a");
	p->on_event = NULL;
	assert_code(p, UP(p), WB_ECHECKSUM);
}

static void test_large_file_in_steps(void **state)
{
	struct place *p = *state;
	large(p, "V1__big.sql", 15000, "VACUUM;\nINSERT INTO nowhere VALUES (1);\n");
	assert_code(p, UP(p), WB_ESQL);
	assert_string_equal(ask(p, "SELECT state, statements_done FROM @schema_migrations"), "failed:15002");
	sql(p, "CREATE TABLE nowhere (x int)");
	ok(p, UP(p));
	assert_string_equal(ask(p, "SELECT count(*) FROM big"), "15000");
	assert_has(p->events.p, "migration_completed");
}

static int progress_seen;

static void see_progress(struct place *p, const struct wb_event *e)
{
	(void)p;
	if (strcmp(e->name, "step_progress") || !e->unit)
		return;
	assert_string_equal(e->unit, "statements");
	assert_in_range(e->done, 1, e->total);
	assert_string_equal(e->version, "1");
	progress_seen++;
}

static void test_progress(void **state)
{
	struct place *p = *state;
	large(p, "V1__big.sql", 12000, "");
	progress_seen = 0;
	p->on_event = see_progress;
	ok(p, UP(p));
	assert_true(progress_seen > 0);
}

int test_sqlite(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_rebuild),
		TEST(test_rebuild_that_breaks),
		TEST(test_rebuild_that_fails),
		TEST(test_rebuild_in_steps),
		TEST(test_rebuild_of_all),
		TEST(test_settings_are_put_back),
		TEST(test_large_file),
		TEST(test_changed_while_it_runs),
		TEST(test_small_file_changed_while_it_runs),
		TEST(test_large_file_in_steps),
		TEST(test_progress),
	};
	return RUN_GROUP("sqlite");
}
