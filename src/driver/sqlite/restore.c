/* SPDX-License-Identifier: Apache-2.0
 *
 * Restoring: the scratch database is a file beside the real one. It takes its
 * place through sqlite3's backup into the live file, one transaction, so that
 * readers and writers with the file open see the old database or the new one;
 * where there is no file, or none that can be read, by a rename.
 */
#include "driver/sqlite/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct scratch {
	struct wb_scratch base; /* first: what the caller gets */
	struct wb_arena arena;
	const char *real; /* path of the database to be replaced; NULL: it is in memory */
	struct wb_str temp;
	int fd;
	const struct wb_copying *copying;
};

static const char *const beside[] = { "-journal", "-wal", "-shm" };

int wb_sqlite_exists(const struct wb_open_options *o, bool *ret_exists, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	char *path = o->handle ? NULL : wb_sqlite_file(&a, o);

	if (!o->handle && !path)
		return wb_err_nomem(err);
	*ret_exists = o->handle || wb_fs_exists(path);
	return 0;
}

/* ---- building it ----------------------------------------------------------------- */

static int find_real(struct scratch *s, const struct wb_open_options *o, struct wb_error *err)
{
	const char *name = o->handle ? sqlite3_db_filename(o->handle, "main") : wb_sqlite_file(&s->arena, o);
	wb_autofree char *path = NULL;

	if (!name)
		return wb_err_nomem(err);
	if (!name[0] || strcmp(name, ":memory:") == 0)
		return 0;
	path = realpath(name, NULL);
	s->real = wb_arena_str(&s->arena, path ? path : name);
	return s->real ? 0 : wb_err_nomem(err);
}

static void sweep_beside(const char *path, struct wb_arena *a)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? wb_arena_sv(a, wb_sv(path, (size_t)(slash - path) + 1)) : wb_arena_str(a, ".");

	if (dir)
		wb_fs_sweep(dir);
}

static int fill(struct scratch *s, const char *path, struct wb_error *err)
{
	wb_autosqlite *from = NULL, *to = NULL;
	int rc = wb_sqlite_open_still(path, &from, err);

	if (!rc)
		rc = wb_sqlite_open_fresh(s->temp.p, &to, err);
	return rc ? rc : wb_sqlite_copy(to, from, s->copying, err);
}

static void set_url(struct scratch *s, const struct wb_scratch_options *o)
{
	s->base.url =
		(struct wb_url){ .text = s->temp.p, .safe = s->temp.p, .scheme = "sqlite", .database = s->temp.p };
	s->base.open = *o->real;
	s->base.open.url = &s->base.url;
	s->base.open.handle = NULL;
	s->base.open.create = s->base.open.read_only = false;
	s->base.open.monitor = true; /* fault points count the calls to the real database */
}

int wb_sqlite_scratch_open(const struct wb_scratch_options *o, struct wb_scratch **ret_scratch, struct wb_error *err)
{
	struct scratch *s = calloc(1, sizeof(*s));
	const char *place;
	int rc;

	if (!s)
		return wb_err_nomem(err);
	s->temp = (struct wb_str)WB_STR_INIT;
	s->fd = -1;
	s->copying = o->copying;
	rc = find_real(s, o->real, err);
	place = s->real ? s->real : o->path;
	if (!rc)
		sweep_beside(place, &s->arena);
	if (!rc)
		rc = wb_fs_temp(place, &s->temp, &s->fd, err);
	if (!rc)
		rc = wb_fault_step(o->copying ? o->copying->steps : NULL, err);
	if (!rc)
		rc = fill(s, o->path, err);
	if (rc) {
		wb_sqlite_scratch_close(&s->base);
		return rc;
	}
	set_url(s, o);
	*ret_scratch = &s->base;
	return 0;
}

/* ---- in its place ------------------------------------------------------------------- */

/* "app_before_restore_20261121_101500.db", and a number where that is taken. */
static const char *kept_name(struct wb_arena *a, const char *real)
{
	const char *name;
	int i;

	const char *slash = strrchr(real, '/'), *dot = strrchr(slash ? slash : real, '.');
	size_t stem = dot && dot != (slash ? slash + 1 : real) ? (size_t)(dot - real) : strlen(real);
	char date[9], time[7];

	wb_time_compact(wb_wall_us(), date, time);
	name = wb_arena_printf(a, "%.*s_before_restore_%s_%s%s", (int)stem, real, date, time, real + stem);
	for (i = 2; name && wb_fs_exists(name); i++)
		name = wb_arena_printf(a, "%.*s_before_restore_%s_%s_%d%s", (int)stem, real, date, time, i,
				       real + stem);
	return name;
}

/* A copy of the live database, whole before it gets its name. */
static int keep_copy(struct wb_sqlite *c, const struct scratch *s, const char *kept, struct wb_error *err)
{
	wb_autostr temp = WB_STR_INIT;
	sqlite3 *to = NULL;
	int fd = -1, rc = wb_fs_temp(kept, &temp, &fd, err);

	if (!rc)
		rc = wb_sqlite_open_fresh(temp.p, &to, err);
	if (!rc)
		rc = wb_sqlite_copy(to, c->db, s->copying, err);
	(void)sqlite3_close_v2(to);
	if (!rc)
		rc = wb_fs_publish(temp.p, fd, kept, err);
	if (rc && fd >= 0)
		(void)unlink(temp.p);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

static int write_into(struct wb_sqlite *c, const struct scratch *s, struct wb_error *err)
{
	wb_autosqlite *from = NULL;
	int rc = wb_sqlite_open_still(s->temp.p, &from, err);

	wb_sqlite_forget_statements(c);
	wb_sqlite_begin(c);
	return rc ? rc : wb_sqlite_copy(c->db, from, s->copying, err);
}

/* What belongs to a database that is gone, or moves away, must not be taken for the new one's. */
static int move_beside(const char *real, const char *kept, struct wb_error *err)
{
	wb_autostr from = WB_STR_INIT, to = WB_STR_INIT;
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(beside); i++) {
		wb_str_clear(&from);
		wb_str_clear(&to);
		wb_str_addf(&from, "%s%s", real, beside[i]);
		wb_str_addf(&to, "%s%s", kept ? kept : "", beside[i]);
		if (from.failed || to.failed)
			return wb_err_nomem(err);
		if ((kept ? rename(from.p, to.p) : unlink(from.p)) != 0 && errno != ENOENT)
			return wb_err_errno(err, WB_EIO, "%s cannot be moved away", from.p);
	}
	return 0;
}

/* Nobody can be at work on a file that is not there, or that sqlite3 cannot read. */
static int put_in_place(const struct scratch *s, const char *kept, struct wb_error *err)
{
	bool there = wb_fs_exists(s->real);
	struct stat st = { 0 };
	int rc = move_beside(s->real, there ? kept : NULL, err);

	if (!rc && there && stat(s->real, &st) == 0)
		(void)(fchown(s->fd, st.st_uid, st.st_gid) || fchmod(s->fd, st.st_mode & 0777));
	if (!rc && there && wb_fs_rename_new(s->real, kept) != 0)
		rc = wb_err_errno(err, WB_EIO, "%s cannot be moved away", s->real);
	if (rc)
		return rc;
	rc = wb_fs_publish(s->temp.p, s->fd, s->real, err);
	if (rc && there)
		(void)wb_fs_rename_new(kept, s->real);
	return rc;
}

int wb_sqlite_scratch_swap(struct wb_scratch *scratch, struct wb_conn *old, struct wb_arena *a, const char **ret_kept,
			   struct wb_error *err)
{
	struct scratch *s = (struct scratch *)(void *)scratch;
	const char *kept = s->real ? kept_name(a, s->real) : "";
	bool there = s->real && wb_fs_exists(s->real);
	int rc = 0;

	if (!kept)
		return wb_err_nomem(err);
	if (!old && !s->real)
		return wb_err_set(err, WB_EUSAGE, "a database in memory has no place to be restored to");
	if (!old) {
		rc = put_in_place(s, kept, err);
		if (!rc && there && !ret_kept)
			(void)unlink(kept);
	} else {
		if (ret_kept && s->real)
			rc = keep_copy(wb_sqlite_of(old), s, kept, err);
		if (!rc)
			rc = wb_fault_step(s->copying ? s->copying->steps : NULL, err);
		if (!rc)
			rc = write_into(wb_sqlite_of(old), s, err);
	}
	if (!rc && ret_kept)
		*ret_kept = there ? kept : NULL;
	return rc;
}

void wb_sqlite_scratch_close(struct wb_scratch *scratch)
{
	struct scratch *s = (struct scratch *)(void *)scratch;
	struct wb_error ignored;

	if (!s)
		return;
	if (s->fd >= 0) {
		(void)unlink(s->temp.p); /* its new name stays, where it has one */
		if (move_beside(s->temp.p, NULL, &ignored) != 0)
			s->copying = NULL;
		(void)close(s->fd);
	}
	wb_str_done(&s->temp);
	wb_arena_done(&s->arena);
	free(s);
}
