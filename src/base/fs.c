/* SPDX-License-Identifier: Apache-2.0
 *
 * Files. A write goes to a hidden temporary file in the same directory, which
 * takes the final name only when its content is on disk: a crash leaves the
 * old state or the new one, at worst beside a ".whimbrel-….tmp".
 */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/proc.h"
#include "base/banned.h"

static void close_cleanup(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}
#define autoclose WB_CLEANUP(close_cleanup) int

static void closedir_cleanup(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static int open_retry(const char *path, int flags, mode_t mode)
{
	int fd;

	do
		fd = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);
	while (fd < 0 && errno == EINTR);
	return fd;
}

static int too_big(const char *path, size_t max, struct wb_error *err)
{
	return wb_err_set(err, WB_EINPUT, "%s is larger than %zu bytes", path, max);
}

/* Appends until the end of the file, which may grow or have no size (as in /proc). */
static int read_all(int fd, const char *path, size_t max, struct wb_str *text, struct wb_error *err)
{
	ssize_t n;

	for (;;) {
		if (text->cap - text->n < 2 && !wb_str_reserve(text, 4096))
			return wb_err_nomem(err);
		n = read(fd, text->p + text->n, text->cap - text->n - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return wb_err_errno(err, WB_EIO, "cannot read %s", path);
		text->n += (size_t)n;
		text->p[text->n] = '\0';
		if (text->n > max)
			return too_big(path, max, err);
		if (n == 0)
			return 0;
	}
}

int wb_fs_read(const char *path, size_t max, struct wb_str *ret_text, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	/* Not blocking: opening a FIFO must not wait for a writer. */
	autoclose fd = open_retry(path, O_RDONLY | O_NONBLOCK, 0);
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st) != 0)
		return wb_err_errno(err, WB_EIO, "cannot open %s", path);
	if (!S_ISREG(st.st_mode)) {
		rc = wb_err_set(err, WB_EIO, "cannot read %s", path);
		wb_err_detail(err, "%s", S_ISDIR(st.st_mode) ? "it is a directory" : "it is not a regular file");
		return rc;
	}
	if (max > WB_STR_MAX - 8192)
		max = WB_STR_MAX - 8192;
	if (st.st_size > 0 && (uint64_t)st.st_size > max)
		return too_big(path, max, err);
	if (!wb_str_reserve(&text, (size_t)st.st_size + 1))
		return wb_err_nomem(err);
	rc = read_all(fd, path, max, &text, err);
	if (rc)
		return rc;
	wb_str_done(ret_text);
	*ret_text = text;
	text = (struct wb_str)WB_STR_INIT;
	return 0;
}

/* Length of the directory part of path with its slash; 0 when it has none. */
static size_t dir_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Makes a rename to path durable, as far as the file system can. Uses up the temporary name, since
 * lack of memory must not fail what has happened already. */
int wb_fs_sync_dir(struct wb_str *temp, const char *path, struct wb_error *err)
{
	autoclose fd = -1;

	temp->p[dir_length(temp->p)] = '\0';
	fd = open_retry(temp->p[0] ? temp->p : ".", O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return 0; /* a directory that may be written but not read */
	if (fsync(fd) != 0 && errno == EIO)
		return wb_err_errno(err, WB_EIO, "cannot write the directory of %s to disk", path);
	return 0;
}

static int write_all(int fd, struct wb_sv text)
{
	ssize_t n;

	while (text.n) {
		n = write(fd, text.p, text.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text = wb_sv(text.p + n, text.n - (size_t)n);
	}
	return 0;
}

/* Path of a new temporary file beside path. */
bool wb_fs_temp_path(const char *path, const char *suffix, struct wb_str *temp)
{
	char id[37];

	wb_uuid(id);
	wb_str_addn(temp, path, dir_length(path));
	wb_str_addf(temp, ".whimbrel-%s%s", id, suffix);
	return !temp->failed;
}

static int write_temp(const char *temp, const char *path, struct wb_sv text, mode_t mode, struct wb_error *err)
{
	int fd = open_retry(temp, O_WRONLY | O_CREAT | O_EXCL, mode);
	int rc = 0;

	if (fd < 0)
		return wb_err_errno(err, WB_EIO, "cannot create %s", path);
	if (write_all(fd, text) != 0 || fsync(fd) != 0)
		rc = wb_err_errno(err, WB_EIO, "cannot write %s", path);
	/* Some file systems tell only now that there was no room. EINTR closes on Linux. */
	if (close(fd) != 0 && errno != EINTR && rc == 0)
		rc = wb_err_errno(err, WB_EIO, "cannot write %s", path);
	if (rc)
		(void)unlink(temp);
	return rc;
}

/* Gives temp its name unless that is taken. Not every file system has RENAME_NOREPLACE, nor
 * every one hard links; nearly all have one of them. */
int wb_fs_rename_new(const char *temp, const char *path)
{
	if (renameat2(AT_FDCWD, temp, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return 0;
	if ((errno != EINVAL && errno != ENOSYS) || link(temp, path) != 0)
		return -1;
	(void)unlink(temp);
	return 0;
}

int wb_fs_create(const char *path, struct wb_sv text, mode_t mode, struct wb_error *err)
{
	wb_autostr temp = WB_STR_INIT;
	int rc;

	if (!wb_fs_temp_path(path, ".tmp", &temp))
		return wb_err_nomem(err);
	rc = write_temp(temp.p, path, text, mode, err);
	if (rc)
		return rc;
	if (wb_fs_rename_new(temp.p, path) != 0) {
		rc = errno == EEXIST ? wb_err_set(err, WB_EREFUSED, "%s exists already", path)
				     : wb_err_errno(err, WB_EIO, "cannot create %s", path);
		(void)unlink(temp.p);
		return rc;
	}
	rc = wb_fs_sync_dir(&temp, path, err);
	if (rc)
		(void)unlink(path);
	return rc;
}

int wb_fs_replace(const char *path, struct wb_sv text, mode_t mode, struct wb_error *err)
{
	wb_autostr temp = WB_STR_INIT;
	int rc;

	if (!wb_fs_temp_path(path, ".tmp", &temp))
		return wb_err_nomem(err);
	rc = write_temp(temp.p, path, text, mode, err);
	if (rc)
		return rc;
	if (rename(temp.p, path) == 0)
		return wb_fs_sync_dir(&temp, path, err);
	rc = wb_err_errno(err, WB_EIO, "cannot replace %s", path);
	(void)unlink(temp.p);
	return rc;
}

bool wb_fs_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool wb_fs_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/* A directory that is there already is fine, whoever made it and whatever mkdir says of it. */
static bool make_dir(const char *path, mode_t mode)
{
	int cause;

	if (mkdir(path, mode) == 0)
		return true;
	cause = errno;
	if (wb_fs_is_dir(path))
		return true;
	errno = cause == EEXIST ? ENOTDIR : cause;
	return false;
}

int wb_fs_mkdir_p(const char *path, mode_t mode, struct wb_error *err)
{
	size_t n = strlen(path);
	wb_autofree char *copy = NULL;
	char *p;

	while (n > 1 && path[n - 1] == '/')
		n--;
	copy = strndup(path, n);
	if (!copy)
		return wb_err_nomem(err);
	for (p = copy; *p; p++) {
		if (*p != '/' || p == copy)
			continue;
		*p = '\0';
		/* The next level must be makeable inside, whatever the mode. */
		if (!make_dir(copy, mode | S_IWUSR | S_IXUSR))
			return wb_err_errno(err, WB_EIO, "cannot create the directory %s", copy);
		*p = '/';
	}
	if (!make_dir(copy, mode))
		return wb_err_errno(err, WB_EIO, "cannot create the directory %s", path);
	return 0;
}

char *wb_fs_join(struct wb_arena *a, const char *dir, const char *name)
{
	size_t n = dir ? strlen(dir) : 0;

	if (n == 0 || name[0] == '/')
		return wb_arena_str(a, name);
	return wb_arena_printf(a, "%s%s%s", dir, dir[n - 1] == '/' ? "" : "/", name);
}

static DIR *open_dir(const char *path)
{
	int fd = open_retry(path, O_RDONLY | O_DIRECTORY, 0), cause;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !dir) {
		cause = errno;
		(void)close(fd);
		errno = cause;
	}
	return dir;
}

int wb_fs_list(const char *path, int (*fn)(void *user, int dirfd, const char *name, struct wb_error *err), void *user,
	       struct wb_error *err)
{
	WB_CLEANUP(closedir_cleanup) DIR *dir = open_dir(path);
	struct dirent *entry;
	int rc;

	if (!dir && errno == ENOMEM)
		return wb_err_nomem(err);
	if (!dir)
		return wb_err_errno(err, WB_EIO, "cannot open the directory %s", path);
	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (!entry && errno)
			return wb_err_errno(err, WB_EIO, "cannot read the directory %s", path);
		if (!entry)
			return 0;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		rc = fn(user, dirfd(dir), entry->d_name, err);
		if (rc)
			return rc;
	}
}
