/* SPDX-License-Identifier: Apache-2.0
 *
 * Making and removing the database file.
 */
#include "tests.h"

#include <sys/stat.h>
#include <unistd.h>

static const struct wb_driver *d(void)
{
	return wb_sqlite_driver();
}

static void test_create(void **state)
{
	struct place *p = *state;
	bool created = false;
	struct stat st;
	mode_t mask = umask(022);

	p->o.create = false;
	assert_ok(d()->create_db(&p->o, &created, &p->err), &p->err);
	(void)umask(mask);
	assert_true(created);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_ok(d()->create_db(&p->o, &created, &p->err), &p->err);
	assert_false(created);
	p->url.database = "/nowhere/x.db";
	assert_int_equal(d()->create_db(&p->o, &created, &p->err), WB_ECONN);
	p->url.database = ":memory:";
	assert_ok(d()->create_db(&p->o, &created, &p->err), &p->err);
	assert_true(created);
}

static void touch(const char *path, const char *suffix)
{
	char name[192];

	(void)snprintf(name, sizeof(name), "%s%s", path, suffix);
	put_file(name, "", 0);
}

static void test_drop(void **state)
{
	struct place *p = *state;
	bool dropped = true;

	assert_ok(d()->drop_db(&p->o, &dropped, &p->err), &p->err);
	assert_false(dropped); /* there was none */
	p->c = open_again(p, NULL);
	exec(p->c, "PRAGMA journal_mode = wal;CREATE TABLE t (a)");
	assert_int_equal(d()->drop_db(&p->o, &dropped, &p->err), WB_EBUSY); /* in use, though idle */
	assert_true(file_exists(p->path));
	wb_conn_close(wb_steal(&p->c));
	touch(p->path, "-shm");
	assert_ok(d()->drop_db(&p->o, &dropped, &p->err), &p->err);
	assert_true(dropped);
	assert_int_equal(rmdir(p->dir), 0); /* nothing is left */
	assert_int_equal(mkdir(p->dir, 0700), 0);
	p->url.database = ":memory:";
	assert_ok(d()->drop_db(&p->o, &dropped, &p->err), &p->err);
	assert_false(dropped);
}

static void test_drop_locked(void **state)
{
	struct place *p = *state;
	struct wb_lock_holder h;
	bool dropped;

	assert_ok(wb_conn_lock_try(p->c, "main", 0, &h, &p->err), &p->err);
	assert_int_equal(d()->drop_db(&p->o, &dropped, &p->err), WB_EBUSY);
	assert_true(file_exists(p->path));
}

static void test_drop_in_transaction(void **state)
{
	struct place *p = *state;
	bool dropped;

	exec(p->c, "CREATE TABLE t (a);BEGIN IMMEDIATE");
	assert_int_equal(d()->drop_db(&p->o, &dropped, &p->err), WB_EBUSY);
	assert_true(file_exists(p->path));
	wb_conn_close(wb_steal(&p->c));
	assert_ok(d()->drop_db(&p->o, &dropped, &p->err), &p->err);
}

/* Whatever the URL names by mistake is not ours to remove. */
static void test_drop_no_database(void **state)
{
	static const char text[] =
		"Dear diary, today I have been mistaken for a database. It was a long and tiring day, and "
		"nobody asked me what I thought.";
	struct place *p = *state;
	char lock[160];
	bool dropped;

	put_file(p->path, text, sizeof(text));
	assert_int_equal(d()->drop_db(&p->o, &dropped, &p->err), WB_EINPUT);
	assert_true(file_exists(p->path));
	(void)snprintf(lock, sizeof(lock), "%s.whimbrel-lock", p->path);
	assert_false(file_exists(lock));
	p->url.database = p->dir;
	assert_int_equal(d()->drop_db(&p->o, &dropped, &p->err), WB_EINPUT);
	(void)snprintf(lock, sizeof(lock), "%s.whimbrel-lock", p->dir);
	assert_false(file_exists(lock));
	p->url.database = "/dev/null/x";
	assert_int_equal(d()->drop_db(&p->o, &dropped, &p->err), WB_EIO);
}

/* A journal that a crash left belongs to the old file, never to a new one. */
static void test_drop_through_link(void **state)
{
	struct place *p = *state;
	bool dropped;

	p->c = open_again(p, NULL);
	exec(p->c, "CREATE TABLE t (a)");
	wb_conn_close(wb_steal(&p->c));
	assert_int_equal(symlink(p->path, p->other), 0);
	p->url.database = p->other;
	assert_ok(d()->drop_db(&p->o, &dropped, &p->err), &p->err);
	assert_false(file_exists(p->path));
}

int test_admin(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_create),           TEST(test_drop),
		TEST_CONN(test_drop_locked), TEST_CONN(test_drop_in_transaction),
		TEST(test_drop_no_database), TEST(test_drop_through_link),
	};

	return RUN_GROUP("admin");
}
