/* SPDX-License-Identifier: Apache-2.0
 *
 * Database files on which things are tried out: a folder of them beside the
 * system's temporary files, which nobody else can enter. Its owner holds a lock
 * on a file in it, so that a folder whose lock is free was left by a run that
 * was killed. A copy is one of the file, which nobody has open.
 */
#include "driver/sqlite/nest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"

#define FOLDERS "whimbrel_test_"
#define ID_DIGITS 32
#define LOCK "owner"
#define CHUNK (256u << 10)

struct nest {
	struct wb_nest base; /* first: what the caller gets */
	const struct wb_sink *sink;
	int lock; /* -1: a guest */
};

static struct nest *nest_of(const struct wb_nest *n)
{
	union {
		const struct wb_nest *from;
		struct nest *to;
	} u = { .from = n };
	return u.to;
}

/* A name that an address could not carry, or longer than ours has room for, is not used. */
static const char *place(void)
{
	const char *dir = getenv("TMPDIR");
	return dir && *dir == '/' && strlen(dir) < 64 && !strpbrk(dir, "?#%") ? dir : "/tmp";
}

/* ---- removing ---------------------------------------------------------------------------- */

struct removing {
	const char *only; /* the database whose files go; NULL: all files */
};

static bool belongs(const char *file, const char *database)
{
	size_t n = strlen(database);
	return strncmp(file, database, n) == 0 && strncmp(file + n, ".db", 3) == 0;
}

static int remove_one(void *user, int dirfd, const char *name, struct wb_error *err)
{
	const struct removing *r = user;
	if (r->only && !belongs(name, r->only))
		return 0;
	if (unlinkat(dirfd, name, 0) != 0 && errno != ENOENT)
		return wb_err_errno(err, WB_EIO, "%s cannot be removed", name);
	return 0;
}

static int remove_folder(const char *dir, struct wb_error *err)
{
	struct removing all = { NULL };
	int rc = wb_fs_list(dir, remove_one, &all, err);
	if (rc == 0 && rmdir(dir) != 0)
		return wb_err_errno(err, WB_EIO, "%s cannot be removed", dir);
	return rc;
}

/* ---- what killed runs have left ---------------------------------------------------------- */

/* A name without an id is somebody's own. */
static bool is_folder(const char *name)
{
	size_t n = strlen(FOLDERS);
	return strncmp(name, FOLDERS, n) == 0 && strspn(name + n, "0123456789abcdef") == ID_DIGITS &&
	       !name[n + ID_DIGITS];
}

/* Made by us, and nobody else could put anything into it. */
static bool is_ours(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 077);
}

static void empty(DIR *dir)
{
	struct dirent *entry;
	while ((entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	}
}

/* What is not ours, or cannot be removed, is left to who may. All is done on the folder that was looked at. */
static int sweep_one(void *user, int at, const char *name, struct wb_error *err)
{
	(void)user, (void)err;
	int fd = is_folder(name) ? openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW) : -1;
	int lock = fd >= 0 && is_ours(fd) ? openat(fd, LOCK, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;
	DIR *dir = lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0 ? fdopendir(fd) : NULL;
	if (dir) {
		empty(dir);
		(void)unlinkat(at, name, AT_REMOVEDIR);
		(void)closedir(dir);
	} else if (fd >= 0) {
		(void)close(fd);
	}
	if (lock >= 0)
		(void)close(lock);
	return 0;
}

/* ---- the nest ----------------------------------------------------------------------------- */

static int make_lock(const char *dir)
{
	char path[256];
	(void)snprintf(path, sizeof(path), "%.200s/" LOCK, dir);
	return open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* It gets its name once it is locked: nobody takes it for one that was left. */
static int make_folder(struct nest *n, const char *id, struct wb_error *err)
{
	char hidden[128], dir[128];
	(void)snprintf(hidden, sizeof(hidden), "%.64s/." FOLDERS "%.32s", place(), id);
	(void)snprintf(dir, sizeof(dir), "%.64s/" FOLDERS "%.32s", place(), id);
	if (mkdir(hidden, 0700) != 0)
		return wb_err_errno(err, WB_EIO, "%s cannot be made", hidden);
	n->lock = make_lock(hidden);
	if (n->lock < 0 || flock(n->lock, LOCK_EX | LOCK_NB) != 0 || rename(hidden, dir) != 0) {
		wb_err_errno(err, WB_EIO, "%s cannot be made", dir);
		(void)remove_folder(hidden, NULL);
		return WB_EIO;
	}
	return 0;
}

int wb_sqlite_nest_open(const struct wb_nest_options *o, struct wb_nest **ret_nest, struct wb_error *err)
{
	struct nest *n = calloc(1, sizeof(*n));
	int rc = 0;
	if (!n)
		return wb_err_nomem(err);
	n->lock = -1;
	n->sink = o->real->sink;
	(void)snprintf(n->base.prefix, sizeof(n->base.prefix), "%.64s/" FOLDERS "%.32s/", place(), o->id);
	if (!o->guest) {
		rc = wb_fs_list(place(), sweep_one, NULL, err);
		rc = rc < 0 ? rc : make_folder(n, o->id, err);
	}
	if (rc < 0 && n->lock >= 0)
		(void)close(n->lock);
	if (rc < 0)
		free(n);
	else
		*ret_nest = &n->base;
	return rc;
}

static int copy_all(int from, int to, const char *name, struct wb_error *err)
{
	wb_autofree char *chunk = malloc(CHUNK);
	ssize_t got;
	int rc = 0;
	if (!chunk)
		return wb_err_nomem(err);
	while (rc == 0 && (got = read(from, chunk, CHUNK)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		rc = got < 0 ? wb_err_errno(err, WB_EIO, "%s cannot be read", name)
			     : wb_fs_write(to, chunk, (size_t)got, name, err);
	}
	return rc;
}

int wb_sqlite_nest_make(struct wb_nest *nest, const char *name, const char *from, struct wb_error *err)
{
	char path[256], source[256];
	int rc = 0, in = -1;
	(void)snprintf(path, sizeof(path), "%s%.32s.db", nest->prefix, name);
	(void)snprintf(source, sizeof(source), "%s%.32s.db", nest->prefix, from ? from : "");
	int out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return wb_err_errno(err, WB_EIO, "%s cannot be made", path);
	if (from && (in = open(source, O_RDONLY | O_CLOEXEC)) < 0)
		rc = wb_err_errno(err, WB_EIO, "%s cannot be opened", source);
	if (rc == 0 && from)
		rc = copy_all(in, out, path, err);
	if (in >= 0)
		(void)close(in);
	(void)close(out);
	return rc;
}

int wb_sqlite_nest_remove(struct wb_nest *nest, const char *name, struct wb_error *err)
{
	struct removing r = { name };
	return wb_fs_list(nest->prefix, remove_one, &r, err);
}

char *wb_sqlite_nest_url(const struct wb_nest *nest, struct wb_arena *a, const char *name)
{
	return wb_arena_printf(a, "sqlite:%s%s.db", nest->prefix, name);
}

void wb_sqlite_nest_close(struct wb_nest *nest)
{
	struct nest *n = nest_of(nest);
	struct wb_error why;
	if (!n)
		return;
	if (n->lock >= 0) {
		if (remove_folder(n->base.prefix, &why) < 0)
			wb_log(n->sink, WB_LOG_WARN, "%s is left for the next run: %s", n->base.prefix, why.detail);
		(void)close(n->lock);
	}
	free(n);
}
