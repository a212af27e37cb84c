/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and closing: what is missing, what is no database, what a crash left
 * behind, and the handle of an embedding application.
 */
#include "tests.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int try_open(struct place *p, const struct wb_open_options *o)
{
	memset(&p->err, 0, sizeof(p->err));
	return wb_conn_open(wb_sqlite_driver(), o, &p->c, &p->err);
}

static void test_new_file(void **state)
{
	struct place *p = *state;

	assert_false(file_exists(p->path));
	assert_ok(try_open(p, &p->o), &p->err);
	assert_true(file_exists(p->path));
	assert_non_null(strstr(p->c->server, "SQLite 3."));
	assert_int_equal(p->c->server_version / 10000, 3);
	assert_false(p->c->in_transaction);
	assert_int_equal(wb_conn_backend_pid(p->c), -1);
}

static void test_missing(void **state)
{
	struct place *p = *state;
	struct wb_open_options o = p->o;

	o.create = false;
	assert_int_equal(try_open(p, &o), WB_ECONN);
	assert_non_null(strstr(p->err.message, "does not exist"));
	assert_non_null(strstr(p->err.hint, "create"));
	assert_false(file_exists(p->path));
	o.read_only = true;
	assert_int_equal(try_open(p, &o), WB_ECONN);
	p->url.database = "/nowhere/at/all.db";
	assert_int_equal(try_open(p, &p->o), WB_ECONN);
	assert_non_null(strstr(p->err.detail, "No such file"));
	p->url.database = p->dir;
	assert_int_equal(try_open(p, &p->o), WB_ECONN);
}

static void test_no_database(void **state)
{
	static const char text[] =
		"This is a letter and not a database, and it is long enough to be looked at by sqlite3, "
		"which reads the first hundred bytes.";
	struct place *p = *state;

	put_file(p->path, text, sizeof(text));
	assert_int_equal(try_open(p, &p->o), WB_EINPUT);
	assert_non_null(strstr(p->err.message, "no SQLite database"));
}

/* A name that sqlite3 could take for something else, below the working folder. */
static void test_relative(void **state)
{
	static const char *const names[] = { "plain.db", "file:x?mode=memory", ":memory", "-a b.db", "x%y.db" };
	struct place *p = *state;
	char cwd[256];
	size_t i;

	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir(p->dir), 0);
	for (i = 0; i < WB_ARRAY_LEN(names); i++) {
		p->url.database = names[i];
		assert_ok(try_open(p, &p->o), &p->err);
		assert_true(file_exists(names[i]));
		wb_conn_close(wb_steal(&p->c));
	}
	assert_int_equal(chdir(cwd), 0);
}

static void test_memory(void **state)
{
	struct place *p = *state;
	struct wb_lock_holder h;

	p->url.database = ":memory:";
	p->o.create = false;
	assert_ok(try_open(p, &p->o), &p->err);
	exec(p->c, "CREATE TABLE t (a);INSERT INTO t VALUES (1)");
	assert_value(p->c, "SELECT a FROM t", "1");
	assert_ok(wb_conn_lock_try(p->c, "main", 0, &h, &p->err), &p->err);
	assert_ok(wb_conn_lock_release(p->c, &p->err), &p->err);
	assert_false(file_exists(":memory:.whimbrel-lock"));
}

static void test_prefix(void **state)
{
	static const char *const wrong[] = { "",    "1a",
					     "a-b", "a b",
					     "a\"", "journal_schema_that_is_longer_than_sixty_characters_can_ever_be" };
	struct place *p = *state;
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(wrong); i++) {
		p->o.journal_schema = wrong[i];
		assert_int_equal(try_open(p, &p->o), WB_EUSAGE);
	}
	p->o.journal_schema = "My_2nd";
	assert_ok(try_open(p, &p->o), &p->err);
	assert_non_null(strstr(wb_conn_sql(p->c, WB_SQL_JOURNAL_FORMAT), "main.My_2nd_meta"));
}

static void test_read_only(void **state)
{
	struct place *p = *state;
	struct wb_open_options o = p->o;
	struct wb_conn *c = open_again(p, NULL);

	exec(c, "CREATE TABLE t (a)");
	wb_conn_close(c);
	o.create = false;
	o.read_only = true;
	assert_ok(try_open(p, &o), &p->err);
	assert_value(p->c, "SELECT count(*) FROM t", "0");
	assert_int_equal(try_exec(p->c, "INSERT INTO t VALUES (1)", &p->err), WB_EPRIVILEGE);
	assert_true(p->err.hint[0]);
}

/* A child writes and dies with its transaction open; its journal is hot. */
static void crash_in_transaction(const char *path, const char *journal_mode)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		sqlite3 *db;
		char sql[256];

		(void)snprintf(
			sql, sizeof(sql),
			"PRAGMA journal_mode=%s; CREATE TABLE t (a); INSERT INTO t VALUES (1); PRAGMA cache_size=2;"
			"BEGIN; INSERT INTO t SELECT hex(randomblob(3000)) FROM sqlite_master, pragma_pragma_list",
			journal_mode);
		if (sqlite3_open(path, &db) || sqlite3_exec(db, sql, NULL, NULL, NULL))
			_exit(1);
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static void test_after_crash(void **state)
{
	static const char *const modes[] = { "delete", "wal" };
	struct place *p = *state;
	struct wb_open_options o = p->o;
	char journal[160];
	size_t i;

	o.create = false;
	o.read_only = true;
	for (i = 0; i < WB_ARRAY_LEN(modes); i++) {
		(void)unlink(p->path);
		crash_in_transaction(p->path, modes[i]);
		(void)snprintf(journal, sizeof(journal), "%s-%s", p->path, i ? "wal" : "journal");
		assert_true(file_exists(journal));
		assert_ok(try_open(p, &o), &p->err);
		assert_value(p->c, "SELECT count(*) FROM t", "1");
		assert_int_equal(try_exec(p->c, "INSERT INTO t VALUES (2)", &p->err), WB_EPRIVILEGE);
		wb_conn_close(wb_steal(&p->c));
	}
}

/* In WAL mode a reader needs helper files that may not be there. */
static void test_read_only_wal(void **state)
{
	struct place *p = *state;
	struct wb_open_options o = p->o;
	struct wb_conn *c = open_again(p, NULL);

	exec(c, "PRAGMA journal_mode = wal;CREATE TABLE t (a);INSERT INTO t VALUES (7)");
	wb_conn_close(c);
	o.create = false;
	o.read_only = true;
	assert_ok(try_open(p, &o), &p->err);
	assert_value(p->c, "SELECT a FROM t", "7");
	c = open_again(p, NULL);
	exec(c, "INSERT INTO t VALUES (8)");
	wb_conn_close(c);
	assert_value(p->c, "SELECT count(*) FROM t", "2");
	assert_value(p->c, "PRAGMA journal_mode", "wal");
}

static int count_one(void *user, int n, char **values, char **names)
{
	(void)n, (void)names;
	*(int *)user = values[0] ? (int)values[0][0] - '0' : -1;
	return 0;
}

static int pragma_of(sqlite3 *db, const char *sql)
{
	int result = -1;

	assert_int_equal(sqlite3_exec(db, sql, count_one, &result, NULL), SQLITE_OK);
	return result;
}

static void test_handle(void **state)
{
	struct place *p = *state;
	struct wb_tx_options off = { .foreign_keys_off = true };
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA foreign_keys = ON; CREATE TABLE t (a); PRAGMA busy_timeout = 7", NULL,
				      NULL, NULL),
			 SQLITE_OK);
	p->o.handle = db;
	assert_ok(try_open(p, &p->o), &p->err);
	assert_ok(wb_conn_before_migration(p->c, &off, &p->err), &p->err);
	assert_int_equal(pragma_of(db, "PRAGMA foreign_keys"), 0);
	exec(p->c, "PRAGMA recursive_triggers = ON;BEGIN;INSERT INTO t VALUES (1)");
	wb_conn_close(wb_steal(&p->c)); /* in the middle of everything */
	assert_int_equal(sqlite3_get_autocommit(db), 1);
	assert_int_equal(pragma_of(db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(pragma_of(db, "PRAGMA recursive_triggers"), 0);
	assert_int_equal(pragma_of(db, "PRAGMA busy_timeout"), 7);
	assert_int_equal(pragma_of(db, "SELECT count(*) FROM t"), 0);
	assert_int_equal(sqlite3_close(db), SQLITE_OK); /* no statement of ours is left */
}

static void test_handle_in_transaction(void **state)
{
	struct place *p = *state;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1)", NULL, NULL, NULL),
			 SQLITE_OK);
	p->o.handle = db;
	assert_int_equal(try_open(p, &p->o), WB_EREFUSED);
	assert_int_equal(sqlite3_get_autocommit(db), 0); /* still the application's */
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(pragma_of(db, "SELECT count(*) FROM t"), 1);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_moved(void **state)
{
	struct place *p = *state;

	assert_ok(try_open(p, &p->o), &p->err);
	exec(p->c, "CREATE TABLE t (a)");
	assert_int_equal(rename(p->path, p->other), 0);
	assert_int_equal(try_exec(p->c, "INSERT INTO t VALUES (1)", &p->err), WB_ECONN);
	assert_true(p->c->lost);
	assert_int_equal(try_exec(p->c, "SELECT 1", &p->err), WB_ECONN);
	assert_non_null(strstr(p->err.message, "lost"));
}

static void test_close_nothing(void **state)
{
	(void)state;
	wb_conn_close(NULL);
}

int test_open(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_new_file),
		TEST(test_missing),
		TEST(test_no_database),
		TEST(test_relative),
		TEST(test_memory),
		TEST(test_prefix),
		TEST(test_read_only),
		TEST(test_after_crash),
		TEST(test_read_only_wal),
		TEST(test_handle),
		TEST(test_handle_in_transaction),
		TEST(test_moved),
		cmocka_unit_test(test_close_nothing),
	};

	return RUN_GROUP("open");
}
