/* SPDX-License-Identifier: Apache-2.0
 *
 * One lock per database file, for all projects in it: an open-file-description
 * lock on <file>.whimbrel-lock. The kernel drops it with its process, so it is
 * never stale; the text inside names the holder for people. The file stays, since
 * removing a locked file lets two holders in; only drop_db() removes it, and
 * whoever gets a lock makes sure that its file still has its name.
 */
#include "driver/sqlite/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOLDER_MAX 1024
#define LOCK_TRIES 5 /* against a drop_db() that removes the file again and again */

/* ---- the text inside ---------------------------------------------------------------- */

static int write_holder(int fd, const char *project)
{
	char text[HOLDER_MAX], host[128], user[128], since[40];
	int n = snprintf(text, sizeof(text), "pid %lld\nhost %s\nuser %s\nsince %s\nproject %s\n", (long long)getpid(),
			 wb_proc_host(host, sizeof(host)), wb_proc_user(user, sizeof(user)),
			 wb_time_rfc3339(wb_wall_us(), since, sizeof(since)), project);
	size_t length = n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1;

	return ftruncate(fd, 0) || pwrite(fd, text, length, 0) != (ssize_t)length ? -1 : 0;
}

static void put_line(struct wb_lock_holder *h, struct wb_sv key, struct wb_sv value)
{
	if (wb_sv_eq(key, WB_SV("pid")))
		(void)wb_sv_i64(value, &h->pid);
	else if (wb_sv_eq(key, WB_SV("host")))
		(void)wb_sv_copy(value, h->host, sizeof(h->host));
	else if (wb_sv_eq(key, WB_SV("user")))
		(void)wb_sv_copy(value, h->owner, sizeof(h->owner));
	else if (wb_sv_eq(key, WB_SV("since")))
		(void)wb_sv_copy(value, h->since, sizeof(h->since));
}

/* The holder may be writing just now: what is not there stays empty. */
static void read_holder(int fd, struct wb_lock_holder *h)
{
	char text[HOLDER_MAX];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	struct wb_sv rest = wb_sv(text, n > 0 ? (size_t)n : 0), line, key;

	*h = (struct wb_lock_holder){ .id = "file", .kind = "file", .pid = -1, .backend = -1, .state = "active" };
	while (wb_sv_cut(&rest, '\n', &line))
		if (wb_sv_cut(&line, ' ', &key))
			put_line(h, key, line);
}

/* ---- the lock -------------------------------------------------------------------------- */

static char *lock_name(const char *database)
{
	wb_autostr name = WB_STR_INIT;

	wb_str_add(&name, database);
	wb_str_add(&name, WB_SQLITE_SUFFIX_LOCK);
	return wb_str_take(&name);
}

/* Whoever may write the database must be able to lock it, so a new file gets its mode and, where we may, its owner. */
static int create_lock(const char *name, const char *database)
{
	struct stat st;
	bool known = stat(database, &st) == 0;
	int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, known ? st.st_mode & 0666 : 0600);

	if (fd >= 0 && known)
		(void)(fchown(fd, st.st_uid, st.st_gid) || fchmod(fd, st.st_mode & 0666));
	return fd;
}

static int open_lock(const char *name, const char *database, struct wb_error *err)
{
	int fd = open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW), code;

	if (fd < 0 && errno == ENOENT)
		fd = create_lock(name, database);
	if (fd < 0 && errno == EEXIST) /* another run was quicker */
		fd = open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		return fd;
	code = errno == EACCES || errno == EPERM || errno == EROFS ? WB_EPRIVILEGE : WB_EIO;
	(void)wb_err_errno(err, code, "the lock file \"%s\" cannot be opened", name);
	wb_err_hint(err, "who changes a database must be able to write in its folder");
	return code;
}

/* 1 = somebody else holds it, 0 = it is ours, -1 = errno. */
static int try_lock(int fd)
{
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &fl) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES ? 1 : -1;
}

static bool still_named(int fd, const char *name)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 && stat(name, &named) == 0 && ours.st_ino == named.st_ino &&
	       ours.st_dev == named.st_dev;
}

static int busy(const struct wb_lock_holder *h, struct wb_error *err)
{
	(void)wb_err_set(err, WB_EBUSY, "another run holds the lock of this database");
	if (h->pid > 0)
		wb_err_detail(err, "process %lld of %s on %s, since %s", (long long)h->pid, h->owner, h->host,
			      h->since);
	wb_err_hint(err, "wait for it, or stop that process: its lock ends with it");
	return WB_EBUSY;
}

/* One try. A file that lost its name while we came to it is let go: *ret_gone. */
static int lock_once(const char *name, const char *database, const char *project, int *ret_fd, bool *ret_gone,
		     struct wb_lock_holder *h, struct wb_error *err)
{
	int fd = open_lock(name, database, err), rc;

	if (fd < 0)
		return fd;
	rc = try_lock(fd);
	*ret_gone = rc == 0 && !still_named(fd, name);
	if (rc == 0 && !*ret_gone)
		rc = write_holder(fd, project);
	if (rc == 0 && !*ret_gone) {
		*ret_fd = fd;
		return 0;
	}
	if (rc > 0) {
		read_holder(fd, h);
		rc = busy(h, err);
	} else if (rc < 0) {
		rc = wb_err_errno(err, WB_EIO, "the lock file \"%s\" cannot be locked", name);
	}
	(void)close(fd);
	return rc;
}

int wb_sqlite_lock_path(const char *database, const char *project, int *ret_fd, struct wb_lock_holder *ret_holder,
			struct wb_error *err)
{
	wb_autofree char *name = lock_name(database);
	bool gone = true;
	int rc = 0, i;

	if (!name)
		return wb_err_nomem(err);
	for (i = 0; i < LOCK_TRIES && gone && !rc; i++)
		rc = lock_once(name, database, project, ret_fd, &gone, ret_holder, err);
	if (!rc && gone)
		return wb_err_set(err, WB_EBUSY, "the database is being dropped by another run");
	return rc;
}

int wb_sqlite_lock_try(struct wb_conn *conn, const char *project, int64_t ttl_ms, struct wb_lock_holder *ret_holder,
		       struct wb_error *err)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);
	struct wb_lock_holder holder = { 0 };
	int rc;

	(void)ttl_ms;
	if (!c->path || c->locked) /* a database in memory has no second user */
		return 0;
	rc = wb_sqlite_lock_path(c->path, project, &c->lock_fd, &holder, err);
	c->locked = rc == 0;
	if (rc == WB_EBUSY && ret_holder)
		*ret_holder = holder;
	return rc;
}

int wb_sqlite_lock_release(struct wb_conn *conn, struct wb_error *err)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);

	(void)err;
	if (!c->locked)
		return 0;
	(void)!ftruncate(c->lock_fd, 0); /* nobody reads it without a holder */
	(void)close(c->lock_fd);
	c->locked = false;
	return 0;
}

/* ---- looking at it ------------------------------------------------------------------------ */

/* *ret_held tells whether ret_holder is filled. */
static int look(struct wb_sqlite *c, bool *ret_held, struct wb_lock_holder *ret_holder, struct wb_error *err)
{
	wb_autofree char *name = c->path ? lock_name(c->path) : NULL;
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd;

	*ret_held = false;
	if (!c->path)
		return 0;
	if (!name)
		return wb_err_nomem(err);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return wb_err_errno(err, errno == EACCES ? WB_EPRIVILEGE : WB_EIO,
				    "the lock file \"%s\" cannot be read", name);
	*ret_held = fcntl(fd, F_OFD_GETLK, &fl) == 0 && fl.l_type != F_UNLCK;
	if (*ret_held)
		read_holder(fd, ret_holder);
	(void)close(fd);
	return 0;
}

int wb_sqlite_lock_list(struct wb_conn *conn, const char *project, struct wb_arena *a, struct wb_lock_holder **ret_v,
			size_t *ret_n, struct wb_error *err)
{
	struct wb_lock_holder holder, *kept;
	bool held;
	int rc = look(wb_sqlite_of(conn), &held, &holder, err);

	(void)project;
	if (rc)
		return rc;
	kept = wb_arena_alloc(a, sizeof(*kept));
	if (!kept)
		return wb_err_nomem(err);
	if (held)
		*kept = holder;
	*ret_v = kept;
	*ret_n = held;
	return 0;
}

int wb_sqlite_lock_break(struct wb_conn *conn, const char *project, const char *id, struct wb_error *err)
{
	struct wb_lock_holder holder;
	bool held;
	int rc = look(wb_sqlite_of(conn), &held, &holder, err);

	(void)project;
	if (rc)
		return rc;
	if (!held || strcmp(id, holder.id) != 0)
		return wb_err_set(err, WB_ENOTFOUND, "there is no lock \"%s\"", id);
	(void)wb_err_set(err, WB_EREFUSED, "a file lock cannot be broken: it lives as long as its process");
	if (holder.pid > 0)
		wb_err_hint(err, "stop process %lld on %s, and the lock is free", (long long)holder.pid, holder.host);
	return WB_EREFUSED;
}
