/* SPDX-License-Identifier: Apache-2.0
 *
 * Large files that take their name only when they are whole and on disk. While
 * one is written, a lock of its open descriptor says that somebody lives: the
 * kernel drops it with the process, so that leftovers can be told from files
 * that another run is writing. The lock is on a byte far beyond any content
 * (sqlite3 has its own locks at 1 GB).
 */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/sha256.h"
#include "base/banned.h"

#define SUFFIX ".part"
#define CHUNK (1 << 20)

/* False when somebody else has it. */
static bool lock(int fd)
{
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LLONG_MAX - 1, .l_len = 1 };

	return fcntl(fd, F_OFD_SETLK, &fl) == 0;
}

static int io_error(const char *what, const char *name, struct wb_error *err)
{
	bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
	int rc = wb_err_errno(err, full ? WB_EDISKFULL : WB_EIO, "cannot %s %s", what, name);

	if (full)
		wb_err_hint(err, "make room where it is written, then run again: nothing half done remains");
	return rc;
}

int wb_fs_temp(const char *path, struct wb_str *ret_temp, int *ret_fd, struct wb_error *err)
{
	int fd;

	wb_str_clear(ret_temp);
	if (!wb_fs_temp_path(path, SUFFIX, ret_temp))
		return wb_err_nomem(err);
	fd = open(ret_temp->p, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return io_error("create a file for", path, err);
	(void)lock(fd); /* a file system without locks: its leftovers are then removed by hand */
	*ret_fd = fd;
	return 0;
}

int wb_fs_publish(const char *temp, int fd, const char *path, struct wb_error *err)
{
	wb_autostr used_up = WB_STR_INIT;

	wb_str_add(&used_up, temp);
	if (used_up.failed)
		return wb_err_nomem(err);
	if (fsync(fd) != 0)
		return io_error("write", path, err);
	if (wb_fs_rename_new(temp, path) == 0)
		return wb_fs_sync_dir(&used_up, path, err);
	return errno == EEXIST ? wb_err_set(err, WB_EREFUSED, "%s exists already", path)
			       : io_error("create", path, err);
}

int wb_fs_write(int fd, const char *p, size_t n, const char *name, struct wb_error *err)
{
	ssize_t done;

	while (n) {
		done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return io_error("write", name, err);
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* ---- leftovers ------------------------------------------------------------ */

/* Also what sqlite3 puts beside such a file. */
static bool is_ours(struct wb_sv name)
{
	return wb_sv_starts(name, ".whimbrel-") && memmem(name.p, name.n, SUFFIX, sizeof(SUFFIX) - 1);
}

static int sweep_one(void *user, int dirfd, const char *name, struct wb_error *err)
{
	int fd;

	(void)user;
	(void)err;
	if (!is_ours(wb_sv_str(name)))
		return 0;
	fd = openat(dirfd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return 0;
	if (lock(fd))
		(void)unlinkat(dirfd, name, 0);
	(void)close(fd);
	return 0;
}

void wb_fs_sweep(const char *dir)
{
	struct wb_error ignored;

	if (wb_fs_is_dir(dir) && wb_fs_list(dir, sweep_one, NULL, &ignored) < 0)
		return;
}

/* ---- checksums --------------------------------------------------------------- */

static int digest_all(int fd, const char *path, char *chunk, int64_t total,
		      int (*tick)(void *user, int64_t done, int64_t total, struct wb_error *err), void *user,
		      unsigned char digest[32], int64_t *ret_size, struct wb_error *err)
{
	struct wb_sha256 h;
	int64_t done = 0;
	ssize_t n;
	int rc = 0;

	wb_sha256_init(&h);
	while (rc == 0 && (n = read(fd, chunk, CHUNK)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_error("read", path, err);
		wb_sha256_add(&h, chunk, (size_t)n);
		done += n;
		rc = tick ? tick(user, done, total, err) : 0;
	}
	if (rc)
		return rc;
	wb_sha256_final(&h, digest);
	*ret_size = done;
	return 0;
}

int wb_fs_digest(const char *path, int (*tick)(void *user, int64_t done, int64_t total, struct wb_error *err),
		 void *user, unsigned char digest[32], int64_t *ret_size, struct wb_error *err)
{
	wb_autofree char *chunk = malloc(CHUNK);
	int fd = chunk ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1, rc;
	struct stat st;

	if (!chunk)
		return wb_err_nomem(err);
	if (fd < 0)
		return io_error("open", path, err);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		rc = wb_err_set(err, WB_EIO, "%s is no regular file", path);
	else
		rc = digest_all(fd, path, chunk, st.st_size, tick, user, digest, ret_size, err);
	(void)close(fd);
	return rc;
}
