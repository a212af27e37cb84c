/* SPDX-License-Identifier: Apache-2.0
 *
 * The rollback journal is kept while migrations run and gone afterwards; a
 * database in another mode stays in it.
 */
#include "tests.h"

#include <unistd.h>

static void begin_migration(struct wb_conn *c)
{
	struct wb_error err = { 0 };

	assert_ok(wb_conn_before_migration(c, NULL, &err), &err);
}

static void end_migration(struct wb_conn *c)
{
	struct wb_error err = { 0 };

	assert_ok(wb_conn_after_migration(c, &err), &err);
}

static const char *journal_of(struct place *p)
{
	static char path[160];

	(void)snprintf(path, sizeof(path), "%s-journal", p->path);
	return path;
}

static void test_kept(void **state)
{
	struct place *p = *state;
	struct wb_conn *other = open_again(p, NULL);

	begin_migration(p->c);
	assert_value(p->c, "PRAGMA journal_mode", "persist");
	exec(p->c, "BEGIN;CREATE TABLE t (a);COMMIT");
	end_migration(p->c);
	assert_true(file_exists(journal_of(p)));
	exec(other, "INSERT INTO t VALUES (1)"); /* who deletes it as usual disturbs nobody */
	assert_false(file_exists(journal_of(p)));
	exec(p->c, "INSERT INTO t VALUES (2)");
	assert_true(file_exists(journal_of(p)));
	wb_conn_close(wb_steal(&p->c));
	assert_false(file_exists(journal_of(p)));
	assert_value(other, "SELECT sum(a) FROM t", "3");
	wb_conn_close(other);
}

/* What a killed run leaves behind is no journal of anything. */
static void test_left_behind(void **state)
{
	struct place *p = *state;
	char *copy = NULL;
	size_t n;

	begin_migration(p->c);
	exec(p->c, "CREATE TABLE t (a);INSERT INTO t VALUES (1)");
	FILE *f = fopen(journal_of(p), "rb");
	assert_non_null(f);
	copy = malloc(100000);
	assert_non_null(copy);
	n = fread(copy, 1, 100000, f);
	assert_int_equal(fclose(f), 0);
	assert_true(n > 512);
	wb_conn_close(wb_steal(&p->c));
	put_file(journal_of(p), copy, n);
	free(copy);
	struct wb_open_options o = { .url = &p->url, .read_only = true };
	struct wb_conn *reader = open_again(p, &o);
	assert_value(reader, "SELECT count(*) FROM t", "1");
	wb_conn_close(reader);
	p->c = open_again(p, NULL);
	exec(p->c, "INSERT INTO t VALUES (2)");
	assert_value(p->c, "SELECT count(*) FROM t", "2");
	assert_false(file_exists(journal_of(p)));
}

static void test_other_modes(void **state)
{
	static const char *const modes[] = { "wal", "truncate", "memory", "off" };
	struct place *p = *state;
	char set[64];

	for (size_t i = 0; i < WB_ARRAY_LEN(modes); i++) {
		struct wb_conn *c = open_again(p, NULL);
		(void)snprintf(set, sizeof(set), "PRAGMA journal_mode = %s", modes[i]);
		exec(c, set);
		begin_migration(c);
		assert_value(c, "PRAGMA journal_mode", modes[i]);
		end_migration(c);
		assert_value(c, "PRAGMA journal_mode", modes[i]);
		exec(c, "PRAGMA journal_mode = delete");
		wb_conn_close(c);
	}
}

/* A migration that changes the mode is obeyed. */
static void test_changed_meanwhile(void **state)
{
	struct place *p = *state;

	begin_migration(p->c);
	exec(p->c, "PRAGMA journal_mode = wal");
	end_migration(p->c);
	begin_migration(p->c);
	assert_value(p->c, "PRAGMA journal_mode", "wal");
	wb_conn_close(wb_steal(&p->c));
	p->c = open_again(p, NULL);
	assert_value(p->c, "PRAGMA journal_mode", "wal");
}

static void test_lent(void **state)
{
	struct place *p = *state;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	p->o.handle = db;
	p->c = open_again(p, &p->o);
	begin_migration(p->c);
	exec(p->c, "CREATE TABLE t (a);BEGIN;INSERT INTO t VALUES (1)");
	wb_conn_close(wb_steal(&p->c)); /* in the middle of it */
	p->o.handle = NULL;
	assert_false(file_exists(journal_of(p)));
	p->c = open_again(p, NULL);
	assert_value(p->c, "SELECT count(*) FROM t", "0");
	assert_int_equal(sqlite3_exec(db, "INSERT INTO t VALUES (1)", NULL, NULL, NULL), SQLITE_OK);
	assert_false(file_exists(journal_of(p))); /* its mode is what it was */
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* ---- how often the journal is opened as a file that may have to be made ------------------ */

static struct {
	sqlite3_vfs vfs, *usual;
	int creating, opened;
} counting;

static int count_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
	(void)vfs;
	counting.opened += (flags & SQLITE_OPEN_MAIN_JOURNAL) && (flags & SQLITE_OPEN_READWRITE);
	counting.creating += (flags & SQLITE_OPEN_MAIN_JOURNAL) && (flags & SQLITE_OPEN_CREATE);
	return counting.usual->xOpen(counting.usual, path, file, flags, ret_flags);
}

static void count_opens(void)
{
	counting.usual = sqlite3_vfs_find(NULL);
	counting.vfs = *counting.usual;
	counting.vfs.zName = "unix-counting";
	counting.vfs.xOpen = count_open;
	assert_int_equal(sqlite3_vfs_register(&counting.vfs, 1), SQLITE_OK);
}

static void count_no_more(void)
{
	assert_int_equal(sqlite3_vfs_unregister(&counting.vfs), SQLITE_OK);
	assert_int_equal(sqlite3_vfs_register(counting.usual, 1), SQLITE_OK);
}

static void assert_opens(struct place *p, const char *sql, int opened, int creating)
{
	counting.opened = counting.creating = 0;
	exec(p->c, sql);
	assert_int_equal(counting.opened, opened);
	assert_int_equal(counting.creating, creating);
}

/* Made once; made again where somebody removed it; that of an attached database as ever. */
static void test_made_once(void **state)
{
	struct place *p = *state;
	char attach[300];

	count_opens();
	p->c = open_again(p, NULL);
	exec(p->c, "CREATE TABLE t (a)");
	assert_opens(p, "INSERT INTO t VALUES (1)", 1, 1);
	begin_migration(p->c);
	assert_opens(p, "INSERT INTO t VALUES (2)", 1, 1);
	assert_opens(p, "INSERT INTO t VALUES (3)", 1, 0);
	assert_int_equal(unlink(journal_of(p)), 0);
	put_file(journal_of(p), "", 0); /* another file of the same name */
	assert_opens(p, "INSERT INTO t VALUES (4)", 1, 1);
	assert_opens(p, "INSERT INTO t VALUES (5)", 1, 0);
	(void)snprintf(attach, sizeof(attach), "ATTACH '%s-2' AS two;CREATE TABLE two.u (a)", p->path);
	exec(p->c, attach);
	assert_opens(p, "INSERT INTO two.u VALUES (1)", 1, 1);
	assert_opens(p, "INSERT INTO t VALUES (6)", 1, 0);
	exec(p->c, "DETACH two");
	wb_conn_close(wb_steal(&p->c));
	assert_false(file_exists(journal_of(p)));
	p->c = open_again(p, NULL);
	assert_value(p->c, "SELECT sum(a) FROM t", "21");
	assert_value(p->c, "PRAGMA integrity_check", "ok");
	wb_conn_close(wb_steal(&p->c));
	count_no_more();
}

/* A default VFS that is not the system's is used as it is. */
static void test_foreign_vfs(void **state)
{
	struct place *p = *state;

	count_opens();
	counting.vfs.zName = "other";
	p->c = open_again(p, NULL);
	begin_migration(p->c);
	exec(p->c, "CREATE TABLE t (a)");
	assert_opens(p, "INSERT INTO t VALUES (1)", 1, 1);
	wb_conn_close(wb_steal(&p->c));
	count_no_more();
}

int test_rollback_journal(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_CONN(test_kept),   TEST_CONN(test_left_behind),
		TEST(test_other_modes), TEST_CONN(test_changed_meanwhile),
		TEST(test_lent),        TEST(test_made_once),
		TEST(test_foreign_vfs),
	};

	return RUN_GROUP("rollback_journal");
}
