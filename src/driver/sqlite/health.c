/* SPDX-License-Identifier: Apache-2.0
 *
 * What doctor asks of an SQLite database. Each question is one function that
 * reports one finding; looking through the file stops after a while.
 */
#include "driver/sqlite/internal.h"

#include <sys/statvfs.h>

#define PATIENCE_MS 10000
#define OLDEST 33500 /* DROP COLUMN, RETURNING */

struct report {
	struct wb_sqlite *c;
	void (*finding)(void *user, const char *check, const char *level, const char *message);
	void *user;
};

static void tell(const struct report *r, const char *check, const char *level, const char *fmt, ...) WB_PRINTF(4, 5);

static void tell(const struct report *r, const char *check, const char *level, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->finding(r->user, check, level, text);
}

static int number(struct wb_sqlite *c, const char *sql, int64_t *ret_n, struct wb_error *err)
{
	char buf[32];
	int rc = wb_sqlite_value(c, sql, buf, sizeof(buf), err);

	if (!rc && !wb_sv_i64(wb_sv_str(buf), ret_n))
		*ret_n = 0;
	return rc;
}

static int ask_version(const struct report *r, struct wb_error *err)
{
	bool old = r->c->base.server_version < OLDEST;

	(void)err;
	tell(r, "version", old ? "degraded" : "ok", "%s%s", r->c->base.server,
	     old ? " is older than 3.35: columns cannot be dropped" : "");
	return 0;
}

static int ask_integrity(const struct report *r, struct wb_error *err)
{
	struct wb_error cause = { 0 };
	char result[256];
	int rc;

	r->c->deadline_ms = wb_now_ms() + PATIENCE_MS;
	rc = wb_sqlite_value(r->c, "PRAGMA quick_check(10)", result, sizeof(result), &cause);
	r->c->deadline_ms = 0;
	if (rc == WB_ETIMEOUT)
		tell(r, "integrity", "ok", "nothing wrong in what was read in %d s; PRAGMA integrity_check reads all",
		     PATIENCE_MS / 1000);
	else if (rc == WB_EIO)
		tell(r, "integrity", "failed", "%s: %s", cause.message, cause.detail);
	else if (!rc)
		tell(r, "integrity", strcmp(result, "ok") == 0 ? "ok" : "failed", "%s", result);
	else if (err)
		*err = cause;
	return rc == WB_ETIMEOUT || rc == WB_EIO ? 0 : rc;
}

static int ask_foreign_keys(const struct report *r, struct wb_error *err)
{
	struct wb_sqlite_breaches b = { 0 };
	struct wb_error cause = { 0 };
	int rc;

	r->c->stop_code = 0;
	r->c->deadline_ms = wb_now_ms() + PATIENCE_MS;
	rc = wb_sqlite_breaches_find(r->c, &b, &cause);
	r->c->deadline_ms = 0;
	if (rc == WB_ETIMEOUT || rc == WB_EREFUSED || rc == WB_EIO)
		tell(r, "foreign_keys", rc == WB_ETIMEOUT ? "ok" : "degraded", "not all rows were looked at: %s",
		     cause.message);
	else if (!rc)
		tell(r, "foreign_keys", b.n ? "degraded" : "ok", "%lld row%s without parent", (long long)b.n,
		     b.n == 1 ? "" : "s");
	else if (err)
		*err = cause;
	wb_sqlite_breaches_done(&b);
	return rc == WB_ETIMEOUT || rc == WB_EREFUSED || rc == WB_EIO ? 0 : rc;
}

static int ask_journal_mode(const struct report *r, struct wb_error *err)
{
	char mode[16];
	int rc = wb_sqlite_value(r->c, "PRAGMA journal_mode", mode, sizeof(mode), err);
	bool unsafe = !rc && strcmp(mode, "off") == 0;

	if (!rc)
		tell(r, "journal_mode", unsafe ? "degraded" : "ok", "%s%s", mode,
		     unsafe ? ": a failed transaction cannot be rolled back" : "");
	return rc;
}

static int ask_pages(const struct report *r, struct wb_error *err)
{
	int64_t pages = 0, size = 0, unused = 0;
	int rc = number(r->c, "PRAGMA page_count", &pages, err);

	if (!rc)
		rc = number(r->c, "PRAGMA page_size", &size, err);
	if (!rc)
		rc = number(r->c, "PRAGMA freelist_count", &unused, err);
	if (!rc)
		tell(r, "pages", unused > pages / 2 && pages > 1000 ? "degraded" : "ok",
		     "%lld pages of %lld bytes, %lld unused%s", (long long)pages, (long long)size, (long long)unused,
		     unused > pages / 2 && pages > 1000 ? ": VACUUM gives them back" : "");
	return rc;
}

/* Rebuilding a table or VACUUM needs the space once more. */
static int ask_disk(const struct report *r, struct wb_error *err)
{
	struct statvfs fs;
	int64_t size = 0, left;
	int rc = number(r->c, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", &size, err);

	if (rc || !r->c->path || statvfs(r->c->path, &fs))
		return rc;
	left = (int64_t)(fs.f_bavail * fs.f_frsize);
	tell(r, "disk",
	     left < size / 20 ? "failed"
	     : left < size    ? "degraded"
			      : "ok",
	     "%lld MB free, the database has %lld MB", (long long)(left >> 20), (long long)(size >> 20));
	return 0;
}

int wb_sqlite_health(struct wb_conn *conn,
		     void (*finding)(void *user, const char *check, const char *level, const char *message), void *user,
		     struct wb_error *err)
{
	static int (*const questions[])(const struct report *r, struct wb_error *err) = {
		ask_version, ask_integrity, ask_foreign_keys, ask_journal_mode, ask_pages, ask_disk,
	};
	const struct report r = { wb_sqlite_of(conn), finding, user };
	size_t i;
	int rc = 0;

	for (i = 0; i < WB_ARRAY_LEN(questions) && !rc; i++) {
		wb_sqlite_begin(r.c);
		rc = questions[i](&r, err);
	}
	return rc;
}
