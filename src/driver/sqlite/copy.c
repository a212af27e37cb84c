/* SPDX-License-Identifier: Apache-2.0
 *
 * sqlite3's online backup in steps. Another connection's write makes it begin
 * anew, so that against a steady writer it would never end: after two such
 * beginnings the source is held for reading, and the writer waits for us. In
 * WAL mode holding it disturbs nobody, and is done from the start.
 * https://www.sqlite.org/backup.html
 */
#include "driver/sqlite/copy.h"

#define PAGES 1024 /* of a step: a few milliseconds */
#define RESTARTS 2

struct copy {
	sqlite3 *to, *from;
	sqlite3_backup *backup;
	const struct wb_copying *copying;
	int left, restarts; /* pages still to be copied after the last step */
	int page_size;
	bool holding; /* the read transaction is ours */
};

int wb_sqlite_copy_error(sqlite3 *db, int rc, struct wb_error *err)
{
	struct wb_sqlite c = { .db = db };

	return db ? wb_sqlite_error(&c, rc, err) : wb_err_nomem(err);
}

/* ---- opening ----------------------------------------------------------------------- */

static char *immutable_uri(const char *path)
{
	wb_autostr uri = WB_STR_INIT;

	wb_str_add(&uri, path[0] == '/' ? "file:" : "file:./");
	for (; *path; path++)
		if (strchr("?#%", *path))
			wb_str_addf(&uri, "%%%02X", (unsigned char)*path);
		else
			wb_str_addc(&uri, *path);
	wb_str_add(&uri, "?immutable=1");
	return wb_str_take(&uri);
}

static int opened(sqlite3 *db, int rc, sqlite3 **ret_db, struct wb_error *err)
{
	if (rc) {
		rc = wb_sqlite_copy_error(db, rc, err);
		(void)sqlite3_close_v2(db);
		return rc;
	}
	*ret_db = db;
	return 0;
}

int wb_sqlite_open_still(const char *path, sqlite3 **ret_db, struct wb_error *err)
{
	wb_autofree char *uri = immutable_uri(path);
	sqlite3 *db = NULL;

	if (!uri)
		return wb_err_nomem(err);
	return opened(db, sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL),
		      ret_db, err);
}

int wb_sqlite_open_fresh(const char *path, sqlite3 **ret_db, struct wb_error *err)
{
	sqlite3 *db = NULL;
	int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	/* The whole file is thrown away when we fail: it needs no way back. */
	if (!rc)
		rc = sqlite3_exec(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL, NULL);
	return opened(db, rc, ret_db, err);
}

/* ---- copying -------------------------------------------------------------------------- */

static bool is_wal(sqlite3 *db)
{
	sqlite3_stmt *stmt = NULL;
	bool wal = sqlite3_prepare_v2(db, "PRAGMA main.journal_mode", -1, &stmt, NULL) == 0 &&
		   sqlite3_step(stmt) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0;

	(void)sqlite3_finalize(stmt);
	return wal;
}

static int number_of(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int n = 0;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == 0 && sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return n;
}

/* A read transaction that lasts until we let go; one that is there already serves as well. */
static int hold(struct copy *k, struct wb_error *err)
{
	int rc;

	if (k->holding || !sqlite3_get_autocommit(k->from))
		return 0;
	rc = sqlite3_exec(k->from, "BEGIN; SELECT 1 FROM main.sqlite_schema LIMIT 1", NULL, NULL, NULL);
	k->holding = rc == 0;
	if (rc && !sqlite3_get_autocommit(k->from))
		(void)sqlite3_exec(k->from, "ROLLBACK", NULL, NULL, NULL);
	return rc ? wb_sqlite_copy_error(k->from, rc, err) : 0;
}

static int report(struct copy *k, struct wb_error *err)
{
	int all = sqlite3_backup_pagecount(k->backup), left = sqlite3_backup_remaining(k->backup), rc = 0;

	/* A step that brought us no nearer to the end began anew. */
	if (k->left > 0 && left >= k->left && ++k->restarts == RESTARTS)
		rc = hold(k, err);
	k->left = left;
	return rc ? rc : wb_copied(k->copying, (int64_t)(all - left) * k->page_size, (int64_t)all * k->page_size, err);
}

/* The handles' busy handlers wait for locks; what they gave up is not tried again. */
static int run(struct copy *k, struct wb_error *err)
{
	int rc, failed;

	do {
		rc = sqlite3_backup_step(k->backup, PAGES);
		if (rc != SQLITE_OK && rc != SQLITE_DONE)
			return rc;
		failed = report(k, err);
		if (failed)
			return failed;
	} while (rc == SQLITE_OK);
	return 0;
}

/* A database in WAL mode takes no pages of another size. */
static int suit_page_size(struct copy *k, struct wb_error *err)
{
	static const char ask[] = "PRAGMA main.page_size";
	int rc;

	k->page_size = number_of(k->from, ask);
	if (k->page_size == number_of(k->to, ask) || !is_wal(k->to))
		return 0;
	rc = sqlite3_exec(k->to, "PRAGMA main.journal_mode = DELETE", NULL, NULL, NULL);
	return rc ? wb_sqlite_copy_error(k->to, rc, err) : 0;
}

static int copy_all(struct copy *k, struct wb_error *err)
{
	int rc = suit_page_size(k, err), end;

	if (rc)
		return rc;
	k->backup = sqlite3_backup_init(k->to, "main", k->from, "main");
	if (!k->backup)
		return wb_sqlite_copy_error(k->to, sqlite3_errcode(k->to), err);
	rc = run(k, err);
	end = sqlite3_backup_finish(k->backup); /* undoes it where it was not done */
	if (rc > 0 || (rc == 0 && end))
		return wb_sqlite_copy_error(k->to, rc > 0 ? rc : end, err);
	return rc;
}

int wb_sqlite_copy(sqlite3 *to, sqlite3 *from, const struct wb_copying *copying, struct wb_error *err)
{
	struct copy k = { .to = to, .from = from, .copying = copying, .left = -1 };
	int rc = is_wal(from) ? hold(&k, err) : 0;

	if (!rc)
		rc = copy_all(&k, err);
	if (k.holding)
		(void)sqlite3_exec(from, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}
