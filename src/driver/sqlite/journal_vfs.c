/* SPDX-License-Identifier: Apache-2.0
 *
 * sqlite3 opens the rollback journal anew for each transaction, as a file that
 * may have to be created, and therefore syncs the folder each time: a fifth of
 * all syncs. For a kept journal whose name is known to be on disk that is in
 * vain. So the handle has a VFS of its own, the system's in all but this: such a
 * journal is opened as one that exists. What is known is held by an open
 * descriptor: while the name leads to the same file, nobody has removed it. And
 * what is written page by page may be written together (gather.c).
 * https://www.sqlite.org/vfs.html; os_unix.c, unixOpen() and unixSync().
 */
#include "driver/sqlite/internal.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct wb_journal_vfs {
	sqlite3_vfs vfs;
	sqlite3_vfs *usual;
	char name[48]; /* in the process's list of VFSs, which ATTACH looks into */
	bool keep;
	char *journal; /* the first that was kept; those of attached databases are left alone */
	int fd; /* of the file of that name, once the name is on disk; else -1 */
	bool gather; /* its writes may wait */
};

_Static_assert(offsetof(struct wb_journal_vfs, vfs) == 0, "struct sqlite3_vfs comes first");

static void forget(struct wb_journal_vfs *v)
{
	if (v->fd >= 0)
		(void)close(v->fd);
	v->fd = -1;
}

static bool is_still(const struct wb_journal_vfs *v, const char *path)
{
	struct stat held, named;

	return v->fd >= 0 && !strcmp(v->journal, path) && fstat(v->fd, &held) == 0 && lstat(path, &named) == 0 &&
	       held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/* Whatever goes wrong here costs speed only. */
static void remember(struct wb_journal_vfs *v, const char *path)
{
	wb_autostr folder = WB_STR_INIT;

	if (!v->journal)
		v->journal = strdup(path);
	if (!v->journal || strcmp(v->journal, path) != 0)
		return;
	forget(v);
	wb_str_add(&folder, path);
	v->fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (v->fd >= 0 && (folder.failed || wb_fs_sync_dir(&folder, path, NULL) < 0))
		forget(v);
}

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
	struct wb_journal_vfs *v = (struct wb_journal_vfs *)(void *)vfs;
	int created = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_CREATE, rc = SQLITE_CANTOPEN;
	bool journal = v->keep && path && (flags & created) == created;

	if (journal && is_still(v, path))
		rc = wb_sqlite_gather_open(v->usual, path, file, flags & ~SQLITE_OPEN_CREATE, ret_flags, &v->gather);
	if (!rc)
		return rc;
	rc = wb_sqlite_gather_open(v->usual, path, file, flags, ret_flags, &v->gather);
	if (!rc && journal)
		remember(v, path);
	return rc;
}

const char *wb_sqlite_vfs_open(struct wb_sqlite *c)
{
	sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
	struct wb_journal_vfs *v;

	/* Others' methods may want their own struct; those of "unix" look at none. */
	if (c->vfs || !usual || strncmp(usual->zName, "unix", 4) != 0)
		return c->vfs ? c->vfs->name : NULL;
	v = calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	(void)snprintf(v->name, sizeof(v->name), "whimbrel-%p", (void *)v);
	v->vfs = *usual;
	v->vfs.zName = v->name;
	v->vfs.szOsFile = wb_sqlite_gather_size(usual);
	v->vfs.xOpen = open_file;
	v->usual = usual;
	v->fd = -1;
	if (sqlite3_vfs_register(&v->vfs, 0)) {
		free(v);
		return NULL;
	}
	c->vfs = v;
	return v->name;
}

void wb_sqlite_vfs_keep(struct wb_sqlite *c, bool keep)
{
	if (!c->vfs)
		return;
	c->vfs->keep = keep;
	if (!keep)
		forget(c->vfs);
}

void wb_sqlite_vfs_gather(struct wb_sqlite *c, bool gather)
{
	if (c->vfs)
		c->vfs->gather = gather;
}

void wb_sqlite_vfs_close(struct wb_sqlite *c)
{
	struct wb_journal_vfs *v = wb_steal(&c->vfs);

	if (!v)
		return;
	(void)sqlite3_vfs_unregister(&v->vfs);
	forget(v);
	free(v->journal);
	free(v);
}
