/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps outside transactions after a crash, and the syntax of statements.
 */
#include "driver/sqlite/internal.h"

/* ---- probing -------------------------------------------------------------------- */

static const char unknown_reason[] = "SQLite keeps no trace of whether this statement ran";
static const char into_reason[] = "the file that VACUUM INTO writes may be half written; remove it, then retry";

/* What refuses a transaction here is either harmless to repeat or gone with the session it was for. */
static const struct {
	const char *word;
	enum wb_probe probe;
} probes[] = {
	{ "VACUUM", WB_PROBE_REPEAT },
	{ "PRAGMA", WB_PROBE_REPEAT },
	{ "ATTACH", WB_PROBE_NOT_DONE },
	{ "DETACH", WB_PROBE_REPEAT },
	{ "ANALYZE", WB_PROBE_REPEAT },
	{ "REINDEX", WB_PROBE_REPEAT },
	{ "SELECT", WB_PROBE_REPEAT },
};

int wb_sqlite_probe(struct wb_conn *conn, struct wb_arena *a, struct wb_sv statement, const char *memo,
		    enum wb_probe *ret_probe, const char **ret_why, struct wb_error *err)
{
	struct wb_head head;
	size_t i;

	(void)conn;
	(void)a;
	(void)memo;
	(void)err;
	*ret_probe = WB_PROBE_UNKNOWN;
	*ret_why = unknown_reason;
	wb_sql_head(WB_DIALECT_SQLITE, statement, &head);
	if (strcmp(head.words[0], "VACUUM") == 0 && wb_sql_has_word(WB_DIALECT_SQLITE, statement, "INTO")) {
		*ret_why = into_reason;
		return 0;
	}
	for (i = 0; i < WB_ARRAY_LEN(probes); i++)
		if (strcmp(head.words[0], probes[i].word) == 0) {
			*ret_probe = probes[i].probe;
			*ret_why = NULL;
		}
	return 0;
}

/* ---- syntax -------------------------------------------------------------------------- */

/* sqlite3 has one result for all that is wrong with a statement; its sentences tell syntax from missing tables. */
static bool is_syntax_error(const char *message)
{
	struct wb_sv m = wb_sv_str(message);

	return wb_sv_ends(m, ": syntax error") || wb_sv_starts(m, "unrecognized token") ||
	       wb_sv_starts(m, "incomplete input");
}

/* Prepares and throws away. */
static int look(sqlite3 *db, struct wb_sv statement, size_t *ret_offset, struct wb_error *err)
{
	wb_autostmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, statement.p, (int)statement.n, &stmt, NULL), offset = -1;

	if (rc == SQLITE_NOMEM)
		return wb_err_nomem(err);
	if (rc != SQLITE_ERROR || !is_syntax_error(sqlite3_errmsg(db)))
		return 0;
#if SQLITE_VERSION_NUMBER >= 3038000
	offset = sqlite3_error_offset(db);
#endif
	*ret_offset = offset >= 0 ? (size_t)offset : statement.n;
	return wb_err_set(err, WB_EINPUT, "%s", sqlite3_errmsg(db));
}

/* The empty database in memory knows no table, which hides what is wrong behind the name of one that is to be
 * altered; the real one may know a table already, which hides what is wrong behind the name of one that is to be
 * created. Each is asked about what it can see. A pragma acts while it is prepared, so only the empty one sees it. */
int wb_sqlite_syntax(struct wb_conn *conn, struct wb_sv statement, size_t *ret_offset, struct wb_error *err)
{
	struct wb_sqlite *c = conn ? wb_sqlite_of(conn) : NULL;
	sqlite3 *empty = NULL;
	int rc = 0;

	if (statement.n > INT32_MAX)
		return wb_err_set(err, WB_EINPUT, "a statement is longer than SQLite can take");
	if (c)
		wb_sqlite_begin(c);
	if (c && wb_sqlite_kind_of(statement) != WB_SQLITE_SESSION)
		rc = look(c->db, statement, ret_offset, err);
	if (rc)
		return rc;
	rc = sqlite3_open_v2(":memory:", &empty, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL)
		     ? wb_err_nomem(err)
		     : look(empty, statement, ret_offset, err);
	(void)sqlite3_close_v2(empty);
	return rc;
}
