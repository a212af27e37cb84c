/* SPDX-License-Identifier: Apache-2.0
 *
 * Files whose writes wait for each other: what is read is what was written,
 * whatever happens between, also when the disk is full. The system's VFS is put
 * behind another one here, which counts writes and refuses them.
 */
#include "tests.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "driver/sqlite/internal.h"

/* ---- a disk that may be full ------------------------------------------------------------ */

static struct disk {
	sqlite3_vfs vfs, *usual;
	sqlite3_io_methods methods;
	const sqlite3_io_methods *real;
	long writes, room; /* how many more there is room for; < 0: for all */
} disk;

static int disk_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	disk.writes++;
	if (disk.room == 0)
		return SQLITE_FULL;
	disk.room -= disk.room > 0;
	return disk.real->xWrite(file, p, n, at);
}

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
	int rc = disk.usual->xOpen(disk.usual, path, file, flags, ret_flags);

	(void)vfs;
	if (rc == SQLITE_OK && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_TEMP_JOURNAL))) {
		disk.real = file->pMethods;
		disk.methods = *disk.real;
		disk.methods.xWrite = disk_write;
		file->pMethods = &disk.methods;
	}
	return rc;
}

static void disk_begin(void)
{
	disk = (struct disk){ .usual = sqlite3_vfs_find(NULL), .room = -1 };
	disk.vfs = *disk.usual;
	disk.vfs.zName = "unix-disk";
	disk.vfs.xOpen = disk_open;
	assert_int_equal(sqlite3_vfs_register(&disk.vfs, 1), SQLITE_OK);
}

static int set_up_disk(void **state)
{
	disk_begin();
	return set_up(state);
}

static int tear_down_disk(void **state)
{
	(void)sqlite3_vfs_unregister(&disk.vfs);
	return tear_down(state);
}

/* ---- one file ----------------------------------------------------------------------------- */

#define JOURNAL (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)

static sqlite3_file *open_journal(const char *path, const bool *on)
{
	sqlite3_file *f = calloc(1, (size_t)wb_sqlite_gather_size(&disk.vfs));

	assert_non_null(f);
	assert_int_equal(wb_sqlite_gather_open(&disk.vfs, path, f, JOURNAL, NULL, on), SQLITE_OK);
	return f;
}

static void close_journal(sqlite3_file *f)
{
	assert_int_equal(f->pMethods->xClose(f), SQLITE_OK);
	assert_null(f->pMethods);
	free(f);
}

static void test_together(void **state)
{
	struct place *p = *state;
	static const char page[4096] = "page";
	bool on = true;
	sqlite3_file *f = open_journal(p->path, &on);
	sqlite3_int64 size = 0;

	for (int i = 0; i < 100; i++)
		assert_int_equal(f->pMethods->xWrite(f, page, sizeof(page), i * (int)sizeof(page)), SQLITE_OK);
	assert_in_range(disk.writes, 1, 7);
	assert_int_equal(f->pMethods->xFileSize(f, &size), SQLITE_OK);
	assert_int_equal(size, 100 * (int)sizeof(page));
	assert_int_equal(f->pMethods->xSync(f, SQLITE_SYNC_NORMAL), SQLITE_OK);
	assert_int_equal(disk.writes, 7);
	on = false;
	disk.writes = 0;
	for (int i = 0; i < 10; i++)
		assert_int_equal(f->pMethods->xWrite(f, page, sizeof(page), i * (int)sizeof(page)), SQLITE_OK);
	assert_int_equal(disk.writes, 10);
	close_journal(f);
}

#define SIZE 300000

static unsigned draw(unsigned *seed, unsigned n)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % n;
}

/* A file and what should be in it. */
struct twin {
	sqlite3_file *f;
	unsigned char should[SIZE], is[SIZE];
	int size;
};

static void check_size(struct twin *t)
{
	sqlite3_int64 size = 0;

	assert_int_equal(t->f->pMethods->xFileSize(t->f, &size), SQLITE_OK);
	assert_int_equal(size, t->size);
}

static void write_some(struct twin *t, int at, int n, unsigned seed)
{
	for (int i = 0; i < n; i++)
		t->should[at + i] = (unsigned char)draw(&seed, 256);
	assert_int_equal(t->f->pMethods->xWrite(t->f, t->should + at, n, at), SQLITE_OK);
	t->size = t->size > at + n ? t->size : at + n;
}

static void read_some(struct twin *t, int at, int n)
{
	assert_int_equal(t->f->pMethods->xRead(t->f, t->is, n, at), SQLITE_OK);
	assert_memory_equal(t->is, t->should + at, (size_t)n);
}

static void test_same(void **state)
{
	static struct twin t;
	struct place *p = *state;
	bool on = true;
	unsigned seed = 7;
	int last = 0;

	t.f = open_journal(p->path, &on);
	for (int i = 0; i < 20000; i++) {
		int n = 1 + (int)draw(&seed, draw(&seed, 50) ? 5000 : 80000);
		int at = draw(&seed, 4) ? last : (int)draw(&seed, (unsigned)t.size + 1);
		if (at + n > SIZE)
			at = 0;
		unsigned what = draw(&seed, 100);
		if (what < 70)
			write_some(&t, at, n, seed);
		else if (what < 95 && t.size > n)
			read_some(&t, t.size - n, n);
		else if (what == 95 && t.size)
			assert_int_equal(t.f->pMethods->xTruncate(t.f, t.size = (int)draw(&seed, (unsigned)t.size)), 0);
		else if (what == 96)
			assert_int_equal(t.f->pMethods->xSync(t.f, SQLITE_SYNC_NORMAL), SQLITE_OK);
		else if (what == 97)
			on = !on;
		last = what < 70 ? at + n : last > t.size ? t.size : last;
		check_size(&t);
	}
	close_journal(t.f);
	t.f = open_journal(p->path, &on);
	check_size(&t);
	read_some(&t, 0, t.size);
	close_journal(t.f);
}

static void test_full(void **state)
{
	static struct twin t;
	struct place *p = *state;
	bool on = true;
	int refused = 0;

	t.f = open_journal(p->path, &on);
	write_some(&t, 0, 1000, 1);
	assert_int_equal(t.f->pMethods->xSync(t.f, SQLITE_SYNC_NORMAL), SQLITE_OK);
	disk.room = 0;
	for (int i = 0; i < 65; i++)
		write_some(&t, 1000 + i * 1000, 1000, (unsigned)i);
	refused = t.f->pMethods->xWrite(t.f, t.should, 1000, t.size);
	assert_int_equal(refused, SQLITE_FULL);
	assert_int_equal(t.f->pMethods->xSync(t.f, SQLITE_SYNC_NORMAL), SQLITE_FULL);
	check_size(&t);
	for (int i = 0; i < t.size; i += 1000)
		read_some(&t, i, 1000);
	disk.room = -1;
	assert_int_equal(t.f->pMethods->xSync(t.f, SQLITE_SYNC_NORMAL), SQLITE_OK);
	read_some(&t, 0, t.size);
	disk.room = 0;
	write_some(&t, t.size, 10, 3);
	assert_int_equal(t.f->pMethods->xTruncate(t.f, 500), SQLITE_OK); /* what waits is gone, too */
	t.size = 500;
	check_size(&t);
	write_some(&t, t.size, 10, 3);
	assert_int_equal(t.f->pMethods->xClose(t.f), SQLITE_FULL);
	free(t.f);
}

static void test_none(void **state)
{
	struct place *p = *state;
	char path[300];
	bool on = true;
	sqlite3_file *f = calloc(1, (size_t)wb_sqlite_gather_size(&disk.vfs));

	assert_non_null(f);
	(void)snprintf(path, sizeof(path), "%s/nowhere/x", p->dir);
	assert_int_not_equal(wb_sqlite_gather_open(&disk.vfs, path, f, JOURNAL, NULL, &on), SQLITE_OK);
	assert_null(f->pMethods);
	free(f);
}

/* ---- a rebuild on a disk that gets full ----------------------------------------------------- */

#define ROWS "3000"
#define REBUILD \
	"CREATE TABLE n (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b);INSERT INTO n SELECT * FROM t;DROP TABLE t;" \
	"ALTER TABLE n RENAME TO t;CREATE INDEX i ON t (a);CREATE INDEX k ON t (b, a)"

static int rebuild(struct place *p)
{
	char sql[] = REBUILD, *rest = sql, *one;
	struct wb_error ignored;
	int rc = try_exec(p->c, "BEGIN IMMEDIATE", &p->err);

	if (rc == 0)
		rc = wb_conn_rebuild_begin(p->c, true, &p->err);
	while (rc == 0 && (one = strsep(&rest, ";")))
		rc = try_exec(p->c, one, &p->err);
	if (wb_conn_rebuild_end(p->c, &ignored) < 0 && rc == 0)
		rc = WB_ESQL;
	if (rc == 0)
		rc = try_exec(p->c, "COMMIT", &p->err);
	if (rc < 0)
		(void)try_exec(p->c, "ROLLBACK", &ignored);
	return rc;
}

static void check_rows(struct wb_conn *c, const char *indexed)
{
	assert_value(c, "PRAGMA integrity_check", "ok");
	assert_value(c, "SELECT count(*) || ' ' || sum(b) FROM t", ROWS " 4501500");
	assert_value(c, "SELECT sql FROM sqlite_schema WHERE name = 'i'", indexed);
}

static void test_full_rebuild(void **state)
{
	struct place *p = *state;
	struct wb_conn *other;
	int failed = 0, rc = -1;
	long whole;

	p->c = open_again(p, &p->o);
	exec(p->c, "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b);"
		   "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < " ROWS
		   ") INSERT INTO t SELECT x, "
		   "'some text ' || x, x FROM n;CREATE INDEX i ON t (b);CREATE INDEX k ON t (a, b)");
	for (long room = 0; rc < 0; room++) {
		disk.room = room;
		disk.writes = 0;
		rc = rebuild(p);
		whole = disk.writes;
		disk.room = -1;
		failed += rc < 0;
		check_rows(p->c, rc < 0 ? "CREATE INDEX i ON t (b)" : "CREATE INDEX i ON t (a)");
		other = open_again(p, NULL);
		check_rows(other, rc < 0 ? "CREATE INDEX i ON t (b)" : "CREATE INDEX i ON t (a)");
		wb_conn_close(other);
	}
	assert_in_range(failed, 3, 60);
	assert_in_range(whole, 3, 60); /* page by page there would be hundreds */
}

int test_gather(void)
{
#define TEST_DISK(name) cmocka_unit_test_setup_teardown(name, set_up_disk, tear_down_disk)
	static const struct CMUnitTest tests[] = { TEST_DISK(test_together), TEST_DISK(test_same), TEST_DISK(test_full),
						   TEST_DISK(test_none), TEST_DISK(test_full_rebuild) };

	return RUN_GROUP("gather");
}
