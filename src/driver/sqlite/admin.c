/* SPDX-License-Identifier: Apache-2.0
 *
 * The database file itself: making and removing it. Only a file that sqlite3
 * recognises and that nobody uses is ever removed.
 */
#include "driver/sqlite/internal.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

char *wb_sqlite_file(struct wb_arena *a, const struct wb_open_options *o)
{
	const char *path = o->url->database;

	if (path[0] == '/' || strcmp(path, ":memory:") == 0)
		return wb_arena_str(a, path);
	return wb_arena_printf(a, "./%s", path);
}

/* ---- create ----------------------------------------------------------------------- */

int wb_sqlite_create(const struct wb_open_options *o, bool *ret_created, struct wb_error *err)
{
	struct wb_open_options options = *o;
	wb_autoarena a = WB_ARENA_INIT;
	char *path = wb_sqlite_file(&a, o);
	struct wb_conn *c;
	bool created;
	int rc;

	if (!path)
		return wb_err_nomem(err);
	created = strcmp(path, ":memory:") == 0 || !wb_fs_exists(path);
	options.create = true;
	options.read_only = false;
	options.handle = NULL;
	rc = wb_conn_open(wb_sqlite_driver(), &options, &c, err);
	if (rc)
		return rc;
	wb_conn_close(c);
	*ret_created = created;
	return 0;
}

/* ---- drop --------------------------------------------------------------------------- */

/* Nobody else may have the file open: in WAL mode only this locking mode finds that out. */
static int assure_unused(const struct wb_open_options *o, struct wb_error *err)
{
	struct wb_open_options options = *o;
	struct wb_conn *c;
	int rc;

	options.read_only = options.create = false;
	options.handle = NULL;
	options.connect_timeout_ms = 1000;
	rc = wb_conn_open(wb_sqlite_driver(), &options, &c, err);
	if (rc)
		return rc;
	wb_sqlite_of(c)->busy_ms = 1000;
	rc = wb_exec(c, "PRAGMA locking_mode = EXCLUSIVE", err);
	if (!rc)
		rc = wb_exec(c, "BEGIN EXCLUSIVE", err);
	wb_conn_close(c);
	return rc;
}

/* What could change a new database of the same name goes first. */
static int remove_files(const char *path, struct wb_error *err)
{
	static const char *const suffixes[] = { "-journal", "-wal", "-shm", "", WB_SQLITE_SUFFIX_LOCK };
	wb_autostr name = WB_STR_INIT;
	size_t i;

	/* The longest: memory that is short later would leave half of them. */
	wb_str_addf(&name, "%s%s", path, WB_SQLITE_SUFFIX_LOCK);
	if (name.failed)
		return wb_err_nomem(err);
	for (i = 0; i < WB_ARRAY_LEN(suffixes); i++) {
		wb_str_clear(&name);
		wb_str_addf(&name, "%s%s", path, suffixes[i]);
		if (unlink(name.p) && errno != ENOENT)
			return wb_err_errno(
				err, errno == EACCES || errno == EPERM || errno == EROFS ? WB_EPRIVILEGE : WB_EIO,
				"\"%s\" cannot be removed", name.p);
	}
	return 0;
}

/* Looked at first, so that what is no database does not even get a lock file beside it. */
static int drop_file(const struct wb_open_options *o, const char *path, struct wb_error *err)
{
	struct wb_lock_holder holder;
	struct stat st;
	int fd, rc;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return wb_err_set(err, WB_EINPUT, "\"%s\" is no database file", path);
	rc = assure_unused(o, err);
	if (!rc)
		rc = wb_sqlite_lock_path(path, "drop", &fd, &holder, err);
	if (rc)
		return rc;
	rc = remove_files(path, err);
	(void)close(fd);
	return rc;
}

int wb_sqlite_drop(const struct wb_open_options *o, bool *ret_dropped, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	char *name = wb_sqlite_file(&a, o);
	wb_autofree char *path = NULL;
	int rc = 0;

	if (!name)
		return wb_err_nomem(err);
	*ret_dropped = false;
	if (strcmp(name, ":memory:") == 0)
		return 0;
	path = realpath(name, NULL);
	if (!path && errno == ENOMEM)
		return wb_err_nomem(err);
	if (!path)
		return errno == ENOENT ? 0 : wb_err_errno(err, WB_EIO, "\"%s\" cannot be found", name);
	rc = drop_file(o, path, err);
	*ret_dropped = rc == 0;
	return rc;
}
