/* SPDX-License-Identifier: Apache-2.0
 *
 * Dumping: a copy of the database file as of one moment. What is in it can be
 * looked at with any SQLite program; it is checked by sqlite3 itself, and
 * compared by checksums over the rows of each table.
 */
#include "driver/sqlite/copy.h"

static int hashed(void *user, int64_t done, int64_t total, struct wb_error *err)
{
	(void)done;
	(void)total;
	return wb_copied(user, -1, -1, err);
}

static int copy_to_file(struct wb_sqlite *c, const struct wb_dump *d, struct wb_error *err)
{
	wb_autosqlite *to = NULL;
	int rc = wb_sqlite_open_fresh(d->path, &to, err);

	return rc ? rc : wb_sqlite_copy(to, c->db, d->copying, err);
}

int wb_sqlite_dump(struct wb_conn *conn, struct wb_dump *d, struct wb_error *err)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);
	struct wb_copying *copying;
	int rc = 0;

	memcpy(&copying, &d->copying, sizeof(copying));
	wb_sqlite_begin(c);
	(void)snprintf(d->tool, sizeof(d->tool), "SQLite %s", sqlite3_libversion());
	(void)wb_sv_copy(WB_SV("sqlite"), d->format, sizeof(d->format));
	if (d->keep_snapshot) {
		rc = wb_sqlite_exec(c, "BEGIN", err);
		if (!rc)
			rc = wb_sqlite_exec(c, "SELECT 1 FROM main.sqlite_schema LIMIT 1", err);
		conn->in_transaction = !sqlite3_get_autocommit(c->db);
	}
	if (!rc)
		rc = copy_to_file(c, d, err);
	return rc ? rc : wb_fs_digest(d->path, hashed, copying, d->sha256, &d->size, err);
}

/* ---- is it sound? -------------------------------------------------------------- */

struct ticking {
	const struct wb_copying *copying;
	struct wb_error err;
	int rc;
};

static int tick(void *user)
{
	struct ticking *t = user;

	t->rc = wb_copied(t->copying, -1, -1, &t->err);
	return t->rc;
}

/* What an application brought with it (collations, functions, modules) is not here; sqlite3 then cannot look at what
 * needs it. */
static bool lacks_code(const struct wb_error *err)
{
	return err->code == WB_ESQL &&
	       (strstr(err->message, "no such collation") || strstr(err->message, "no such function") ||
		strstr(err->message, "no such module"));
}

int wb_sqlite_dump_check(const struct wb_dump *d, struct wb_error *err)
{
	struct ticking t = { .copying = d->copying };
	struct wb_sqlite c = { .base = { .tick = tick, .tick_user = &t }, .busy_ms = WB_SQLITE_BUSY_MS };
	struct wb_error why = { 0 };
	char result[512];
	int rc = wb_sqlite_open_still(d->path, &c.db, err);

	if (rc)
		return rc;
	wb_sqlite_listen(&c);
	rc = wb_sqlite_value(&c, "PRAGMA integrity_check(1)", result, sizeof(result), &why);
	(void)sqlite3_close_v2(c.db);
	if (t.rc) {
		if (err)
			*err = t.err;
		return t.rc;
	}
	if (rc && lacks_code(&why))
		return 0;
	if (rc == 0 && strcmp(result, "ok") == 0)
		return 0;
	(void)wb_err_set(err, WB_EINPUT, "%s is no sound database", d->path);
	wb_err_detail(err, "%s", rc ? why.message : result);
	return WB_EINPUT;
}

/* ---- rows, compared ----------------------------------------------------------------- */

/* Type, length and bytes of each value: no two rows look alike that are not. */
static void add_row(struct wb_sha256 *h, sqlite3_stmt *stmt)
{
	int n = sqlite3_column_count(stmt), i;

	for (i = 0; i < n; i++) {
		char type = (char)sqlite3_column_type(stmt, i);
		const void *p = type == SQLITE_NULL ? NULL : sqlite3_column_blob(stmt, i);
		int size = type == SQLITE_NULL ? 0 : sqlite3_column_bytes(stmt, i);

		wb_sha256_add(h, &type, 1);
		wb_sha256_add(h, &size, sizeof(size));
		if (p)
			wb_sha256_add(h, p, (size_t)size);
	}
}

static int print_table(struct wb_sqlite *c, const char *name, wb_table_fn table, void *user, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	wb_autostmt *stmt = NULL;
	unsigned char digest[32];
	char text[WB_CHECKSUM_SIZE];
	struct wb_sha256 h;
	int64_t rows = 0;
	int rc;

	wb_str_add(&sql, "SELECT * FROM main.");
	wb_quote_ident(&sql, wb_sv_str(name));
	rc = wb_sqlite_prepare(c, sql.failed ? NULL : sql.p, &stmt, err);
	if (rc)
		return rc;
	wb_sha256_init(&h);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		add_row(&h, stmt);
		rows++;
	}
	if (rc != SQLITE_DONE)
		return wb_sqlite_error(c, rc, err);
	wb_sha256_final(&h, digest);
	wb_checksum_text(digest, text);
	return table(user, name, rows, text, err);
}

int wb_sqlite_fingerprint(struct wb_conn *conn, wb_table_fn table, void *user, struct wb_error *err)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);
	wb_autostmt *stmt = NULL;
	int rc, step = SQLITE_DONE;

	wb_sqlite_begin(c);
	rc = wb_sqlite_prepare(c,
			       "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite^_%' "
			       "ESCAPE '^' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
			       &stmt, err);
	while (!rc && (step = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = print_table(c, (const char *)sqlite3_column_text(stmt, 0), table, user, err);
	return !rc && step != SQLITE_DONE ? wb_sqlite_error(c, step, err) : rc;
}
