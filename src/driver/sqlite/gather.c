/* SPDX-License-Identifier: Apache-2.0
 *
 * sqlite3 writes its rollback journal and the runs that it sorts for an index
 * page by page, a call each; a third of a rebuild's time in the system is spent
 * on that. Here writes that follow each other wait in memory and are made
 * together: before anything of the file is read, synced or asked. Files that go
 * with the process may always wait. A journal may only while it is synced before
 * the pages it is for are written: *on says when. What cannot be written stays in
 * memory and can be read, so that a full disk leads to a rollback as ever.
 * https://www.sqlite.org/c3ref/io_methods.html
 */
#include "driver/sqlite/internal.h"

#include <stddef.h>

#define ROOM (64 << 10)

struct gathered {
	sqlite3_file base;
	sqlite3_file *real;
	const bool *on;
	char *waiting;
	sqlite3_int64 at; /* of the first byte that waits */
	int n;
	bool temporary;
};

_Static_assert(offsetof(struct gathered, base) == 0, "struct sqlite3_file comes first");

#define HEAD_SIZE ((sizeof(struct gathered) + 15) / 16 * 16)

static struct gathered *of(sqlite3_file *file)
{
	return (struct gathered *)(void *)file;
}

static int write_out(struct gathered *g)
{
	int rc = g->n ? g->real->pMethods->xWrite(g->real, g->waiting, g->n, g->at) : SQLITE_OK;

	if (rc == SQLITE_OK)
		g->n = 0;
	return rc;
}

static int do_close(sqlite3_file *file)
{
	struct gathered *g = of(file);
	int rc = g->temporary ? SQLITE_OK : write_out(g), closed = g->real->pMethods->xClose(g->real);

	sqlite3_free(g->waiting);
	file->pMethods = NULL;
	return rc ? rc : closed;
}

static int do_read(sqlite3_file *file, void *p, int n, sqlite3_int64 at)
{
	struct gathered *g = of(file);

	if (write_out(g) && at >= g->at && at + n <= g->at + g->n) {
		memcpy(p, g->waiting + (at - g->at), (size_t)n);
		return SQLITE_OK;
	}
	return g->real->pMethods->xRead(g->real, p, n, at);
}

static int do_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	struct gathered *g = of(file);
	bool waits = *g->on && n < ROOM;
	int rc = SQLITE_OK;

	if (!waits || at != g->at + g->n || g->n + n > ROOM)
		rc = write_out(g);
	if (rc)
		return rc;
	if (waits && !g->waiting)
		g->waiting = sqlite3_malloc(ROOM);
	if (!waits || !g->waiting)
		return g->real->pMethods->xWrite(g->real, p, n, at);
	if (!g->n)
		g->at = at;
	memcpy(g->waiting + g->n, p, (size_t)n);
	g->n += n;
	return SQLITE_OK;
}

static int do_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct gathered *g = of(file);
	int rc;

	if (size <= g->at)
		g->n = 0;
	rc = write_out(g);
	return rc ? rc : g->real->pMethods->xTruncate(g->real, size);
}

static int do_sync(sqlite3_file *file, int flags)
{
	struct gathered *g = of(file);
	int rc = write_out(g);

	return rc ? rc : g->real->pMethods->xSync(g->real, flags);
}

static int do_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	struct gathered *g = of(file);
	int rc = g->real->pMethods->xFileSize(g->real, ret_size);

	if (g->n && *ret_size < g->at + g->n)
		*ret_size = g->at + g->n;
	return rc;
}

static int do_lock(sqlite3_file *file, int level)
{
	return of(file)->real->pMethods->xLock(of(file)->real, level);
}

static int do_unlock(sqlite3_file *file, int level)
{
	return of(file)->real->pMethods->xUnlock(of(file)->real, level);
}

static int do_check_lock(sqlite3_file *file, int *ret)
{
	return of(file)->real->pMethods->xCheckReservedLock(of(file)->real, ret);
}

static int do_control(sqlite3_file *file, int op, void *arg)
{
	return of(file)->real->pMethods->xFileControl(of(file)->real, op, arg);
}

static int do_sector(sqlite3_file *file)
{
	return of(file)->real->pMethods->xSectorSize(of(file)->real);
}

static int do_traits(sqlite3_file *file)
{
	return of(file)->real->pMethods->xDeviceCharacteristics(of(file)->real);
}

/* Memory that is the file: without it, sqlite3 reads. */
static int do_fetch(sqlite3_file *file, sqlite3_int64 at, int n, void **ret)
{
	struct gathered *g = of(file);

	*ret = NULL;
	if (g->real->pMethods->iVersion < 3 || write_out(g))
		return SQLITE_OK;
	return g->real->pMethods->xFetch(g->real, at, n, ret);
}

static int do_unfetch(sqlite3_file *file, sqlite3_int64 at, void *p)
{
	sqlite3_file *real = of(file)->real;

	return real->pMethods->iVersion < 3 ? SQLITE_OK : real->pMethods->xUnfetch(real, at, p);
}

static const sqlite3_io_methods methods = {
	.iVersion = 3,
	.xClose = do_close,
	.xRead = do_read,
	.xWrite = do_write,
	.xTruncate = do_truncate,
	.xSync = do_sync,
	.xFileSize = do_size,
	.xLock = do_lock,
	.xUnlock = do_unlock,
	.xCheckReservedLock = do_check_lock,
	.xFileControl = do_control,
	.xSectorSize = do_sector,
	.xDeviceCharacteristics = do_traits,
	.xFetch = do_fetch,
	.xUnfetch = do_unfetch,
};

int wb_sqlite_gather_size(const sqlite3_vfs *usual)
{
	return (int)HEAD_SIZE + usual->szOsFile;
}

int wb_sqlite_gather_open(sqlite3_vfs *usual, const char *path, sqlite3_file *file, int flags, int *ret_flags,
			  const bool *on)
{
	static const bool always = true;
	struct gathered *g = of(file);
	bool temporary = !path && (flags & SQLITE_OPEN_TEMP_JOURNAL);
	bool journal = (flags & SQLITE_OPEN_MAIN_JOURNAL) && (flags & SQLITE_OPEN_READWRITE);
	int rc;

	if (!temporary && !journal)
		return usual->xOpen(usual, path, file, flags, ret_flags);
	*g = (struct gathered){ .real = (sqlite3_file *)(void *)((char *)file + HEAD_SIZE),
				.on = temporary ? &always : on,
				.temporary = temporary };
	g->real->pMethods = NULL;
	rc = usual->xOpen(usual, path, g->real, flags, ret_flags);
	if (rc == SQLITE_OK)
		file->pMethods = &methods;
	else if (g->real->pMethods)
		(void)g->real->pMethods->xClose(g->real);
	return rc;
}
