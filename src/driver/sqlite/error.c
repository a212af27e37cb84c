/* SPDX-License-Identifier: Apache-2.0
 *
 * sqlite3's result codes in Whimbrel's words. What a migration's statement did
 * wrong stays sqlite3's own sentence; what the world around it did wrong gets one
 * of ours, with sqlite3's as the cause and a hint.
 */
#include "driver/sqlite/internal.h"

#include <errno.h>

static const struct translation {
	int result; /* an extended result, or a primary one for all of its kind */
	int code;
	const char *message; /* NULL: sqlite3's */
	const char *hint;
} translations[] = {
	{ SQLITE_BUSY, WB_EBUSY, "the database is locked by another connection",
	  "another program is writing to it, or has left a transaction open; try again when it has finished" },
	{ SQLITE_LOCKED, WB_EBUSY, "a table is in use by another statement",
	  "finish the statement that still reads from it" },
	{ SQLITE_PROTOCOL, WB_EBUSY, "the database's locks are in heavy use", "try again" },
	{ SQLITE_FULL, WB_EDISKFULL, "no space is left for the database",
	  "free space on its disk, or raise max_page_count" },
	{ SQLITE_READONLY_DBMOVED, WB_ECONN, "the database file was moved or deleted while it was open", NULL },
	{ SQLITE_READONLY_ROLLBACK, WB_EPRIVILEGE, "the database needs recovery after a crash, and cannot be written",
	  "run a command as a user who may write to the file and its folder" },
	{ SQLITE_READONLY_RECOVERY, WB_EPRIVILEGE, "the database needs recovery after a crash, and cannot be written",
	  "run a command as a user who may write to the file and its folder" },
	{ SQLITE_READONLY, WB_EPRIVILEGE, "the database cannot be written",
	  "the file and its folder must be writable for this user, and the connection not read-only" },
	{ SQLITE_PERM, WB_EPRIVILEGE, "access to the database is denied", NULL },
	{ SQLITE_AUTH, WB_EPRIVILEGE, "the application does not allow this statement", NULL },
	{ SQLITE_NOTADB, WB_EINPUT, "the file is no SQLite database, or it is encrypted", "is the path right?" },
	{ SQLITE_CORRUPT, WB_EIO, "the database file is damaged",
	  "PRAGMA integrity_check tells how far; restore a backup" },
	{ SQLITE_IOERR, WB_EIO, "the database file cannot be read or written", NULL },
	{ SQLITE_CANTOPEN, WB_ECONN, "the database file cannot be opened",
	  "the file and its folder must be readable for this user, for changes also writable" },
	{ SQLITE_MISUSE, WB_EBUG, "sqlite3 was called wrongly", NULL },
	{ SQLITE_CONSTRAINT_FOREIGNKEY, WB_ESQL, NULL, "PRAGMA foreign_key_check lists the rows" },
	{ SQLITE_CONSTRAINT_NOTNULL, WB_ESQL, NULL,
	  "give the rows that lack it a value before (UPDATE ... WHERE ... IS NULL), or the column a default" },
	{ SQLITE_CONSTRAINT_CHECK, WB_ESQL, NULL,
	  "mend the rows that do not fit before (SELECT ... WHERE NOT (...) lists them)" },
	{ SQLITE_CONSTRAINT_UNIQUE, WB_ESQL, NULL,
	  "SELECT ... GROUP BY these columns HAVING count(*) > 1 lists what is there more than once" },
	{ SQLITE_CONSTRAINT_PRIMARYKEY, WB_ESQL, NULL,
	  "SELECT ... GROUP BY the key's columns HAVING count(*) > 1 lists what is there more than once" },
	{ SQLITE_CONSTRAINT_DATATYPE, WB_ESQL, NULL,
	  "a STRICT table takes only values of the column's type: convert them before" },
};

/* What a search finds more about than about a number; sqlite3 itself has one sentence for all of a kind. NULL: that is
 * enough. */
static const char *name_of(int extended)
{
#define RESULT(name) \
	{ \
		name, #name \
	}
	static const struct {
		int result;
		const char *name;
	} names[] = {
		RESULT(SQLITE_IOERR_READ),          RESULT(SQLITE_IOERR_SHORT_READ),
		RESULT(SQLITE_IOERR_WRITE),         RESULT(SQLITE_IOERR_FSYNC),
		RESULT(SQLITE_IOERR_DIR_FSYNC),     RESULT(SQLITE_IOERR_TRUNCATE),
		RESULT(SQLITE_IOERR_FSTAT),         RESULT(SQLITE_IOERR_UNLOCK),
		RESULT(SQLITE_IOERR_RDLOCK),        RESULT(SQLITE_IOERR_DELETE),
		RESULT(SQLITE_IOERR_ACCESS),        RESULT(SQLITE_IOERR_CHECKRESERVEDLOCK),
		RESULT(SQLITE_IOERR_LOCK),          RESULT(SQLITE_IOERR_CLOSE),
		RESULT(SQLITE_IOERR_SHMOPEN),       RESULT(SQLITE_IOERR_SHMSIZE),
		RESULT(SQLITE_IOERR_SHMLOCK),       RESULT(SQLITE_IOERR_SHMMAP),
		RESULT(SQLITE_IOERR_SEEK),          RESULT(SQLITE_IOERR_DELETE_NOENT),
		RESULT(SQLITE_IOERR_MMAP),          RESULT(SQLITE_IOERR_GETTEMPPATH),
		RESULT(SQLITE_IOERR_AUTH),          RESULT(SQLITE_IOERR_BEGIN_ATOMIC),
		RESULT(SQLITE_IOERR_COMMIT_ATOMIC), RESULT(SQLITE_IOERR_ROLLBACK_ATOMIC),
		RESULT(SQLITE_IOERR_CORRUPTFS),     RESULT(SQLITE_LOCKED_SHAREDCACHE),
		RESULT(SQLITE_LOCKED_VTAB),         RESULT(SQLITE_BUSY_RECOVERY),
		RESULT(SQLITE_BUSY_SNAPSHOT),       RESULT(SQLITE_BUSY_TIMEOUT),
		RESULT(SQLITE_CANTOPEN_NOTEMPDIR),  RESULT(SQLITE_CANTOPEN_ISDIR),
		RESULT(SQLITE_CANTOPEN_FULLPATH),   RESULT(SQLITE_CANTOPEN_SYMLINK),
		RESULT(SQLITE_CORRUPT_VTAB),        RESULT(SQLITE_CORRUPT_SEQUENCE),
		RESULT(SQLITE_CORRUPT_INDEX),       RESULT(SQLITE_READONLY_RECOVERY),
		RESULT(SQLITE_READONLY_CANTLOCK),   RESULT(SQLITE_READONLY_ROLLBACK),
		RESULT(SQLITE_READONLY_DBMOVED),    RESULT(SQLITE_READONLY_CANTINIT),
		RESULT(SQLITE_READONLY_DIRECTORY),
	};

	for (size_t i = 0; i < WB_ARRAY_LEN(names); i++)
		if (names[i].result == extended)
			return names[i].name;
	return NULL;
}

static const struct translation *find(int extended)
{
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(translations); i++)
		if (translations[i].result == extended || translations[i].result == (extended & 0xff))
			return &translations[i];
	return NULL;
}

/* A full disk may show as a failed write. */
static bool is_full(struct wb_sqlite *c, int result)
{
	int cause = sqlite3_system_errno(c->db);

	return (result & 0xff) == SQLITE_IOERR && (cause == ENOSPC || cause == EDQUOT || cause == EFBIG);
}

static int stopped(struct wb_sqlite *c, struct wb_error *err)
{
	int code = c->stop_code ? c->stop_code : WB_ECANCELLED;

	return wb_err_set(err, code, "the statement was stopped: %s", wb_code_text(code));
}

int wb_sqlite_error(struct wb_sqlite *c, int rc, struct wb_error *err)
{
	int extended = sqlite3_extended_errcode(c->db);
	const struct translation *t;
	const char *name;

	if ((rc & 0xff) == SQLITE_NOMEM)
		return wb_err_nomem(err);
	if ((rc & 0xff) == SQLITE_INTERRUPT || ((rc & 0xff) == SQLITE_BUSY && c->stop_code))
		return stopped(c, err);
	if ((extended & 0xff) != (rc & 0xff))
		extended = rc;
	t = find(is_full(c, extended) ? SQLITE_FULL : extended);
	(void)wb_err_set(err, t ? t->code : WB_ESQL, "%s", t && t->message ? t->message : sqlite3_errmsg(c->db));
	name = name_of(extended);
	if (t && t->message)
		wb_err_detail(err, "%s%s%s%s", sqlite3_errmsg(c->db), name ? " (" : "", name ? name : "",
			      name ? ")" : "");
	else if (name)
		wb_err_detail(err, "%s", name);
	if (t && t->hint)
		wb_err_hint(err, "%s", t->hint);
	if (t && t->code == WB_ECONN)
		c->base.lost = true;
	return t ? t->code : WB_ESQL;
}
