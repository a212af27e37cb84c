/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps outside transactions after a crash, and the syntax of statements.
 */
#include "driver/sqlite/internal.h"
#include "driver/sqlite/parse.h"

/* ---- probing -------------------------------------------------------------------- */

static const char unknown_reason[] = "SQLite keeps no trace of whether this statement ran";
static const char into_reason[] = "the file that VACUUM INTO writes may be half written; remove it, then retry";

/* What refuses a transaction here is either harmless to repeat or gone with the session it was for. */
static const struct {
	const char *word;
	enum wb_probe probe;
} probes[] = {
	{ "VACUUM", WB_PROBE_REPEAT }, { "PRAGMA", WB_PROBE_REPEAT },  { "ATTACH", WB_PROBE_NOT_DONE },
	{ "DETACH", WB_PROBE_REPEAT }, { "ANALYZE", WB_PROBE_REPEAT }, { "REINDEX", WB_PROBE_REPEAT },
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

/* ---- what names a table ----------------------------------------------------------- */

static int rename_to_itself(struct wb_sqlite *c, const char *table, const char *column, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;

	wb_str_add(&sql, "ALTER TABLE main.");
	wb_quote_ident(&sql, wb_sv_str(table));
	for (int i = 0; i < 2; i++) {
		wb_str_add(&sql, i ? " TO " : " RENAME COLUMN ");
		wb_quote_ident(&sql, wb_sv_str(column));
	}
	return sql.failed ? wb_err_nomem(err) : wb_sqlite_exec(c, sql.p, err);
}

/* sqlite3 makes views and triggers without looking at what they name, but looks through all of them when it renames a
 * column: to itself, and undone. */
int wb_sqlite_compile(struct wb_conn *conn, const char *table, struct wb_error *err)
{
	static const char sql[] = "SELECT name FROM pragma_table_info(?1, 'main') LIMIT 1";
	struct wb_sqlite *c = wb_sqlite_of(conn);
	wb_autostmt *stmt = NULL;
	int rc = wb_sqlite_prepare(c, sql, &stmt, err), undone;

	wb_sqlite_begin(c);
	if (rc)
		return rc;
	if (sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC))
		return wb_err_nomem(err);
	rc = sqlite3_step(stmt);
	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? 0 : wb_sqlite_error(c, rc, err);
	rc = wb_sqlite_exec(c, "SAVEPOINT whimbrel_compile", err);
	if (rc)
		return rc;
	rc = rename_to_itself(c, table, (const char *)sqlite3_column_text(stmt, 0), err);
	(void)sqlite3_reset(stmt);
	undone = wb_sqlite_exec(c, "ROLLBACK TO whimbrel_compile", rc ? NULL : err);
	if (!undone)
		undone = wb_sqlite_exec(c, "RELEASE whimbrel_compile", rc ? NULL : err);
	return rc ? rc : undone;
}

#define TABLES_MADE 8

/* ---- syntax -------------------------------------------------------------------------- */

/* sqlite3 has one result for all that is wrong with a statement; its sentences tell syntax from missing tables. */
static bool is_syntax_error(const char *message)
{
	struct wb_sv m = wb_sv_str(message);

	return wb_sv_ends(m, ": syntax error") || wb_sv_starts(m, "unrecognized token") ||
	       wb_sv_starts(m, "incomplete input");
}

/* A pragma acts while it is prepared, and some act on the whole process. */
static int allow(void *user, int action, const char *a, const char *b, const char *c, const char *d)
{
	(void)user, (void)a, (void)b, (void)c, (void)d;
	return action == SQLITE_PRAGMA ? SQLITE_DENY : SQLITE_OK;
}

static int open_empty(sqlite3 **ret_db)
{
	int rc = sqlite3_open_v2(":memory:", ret_db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	return rc ? rc : sqlite3_set_authorizer(*ret_db, allow, NULL);
}

/* sqlite3 stops reading at the name of a table that it misses, and so it gets one, until the transaction ends. */
static int make_table(sqlite3 *db, const char *message)
{
	struct wb_sv name = wb_sv_str(message);
	char *sql;
	int rc;

	name = wb_sv_starts(name, "no such table: ") ? wb_sv(name.p + 15, name.n - 15) : wb_sv(NULL, 0);
	if (wb_sv_starts(name, "main."))
		name = wb_sv(name.p + 5, name.n - 5);
	if (name.n == 0)
		return SQLITE_ERROR;
	if (sqlite3_get_autocommit(db) && (rc = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL)))
		return rc;
	sql = sqlite3_mprintf("CREATE TABLE \"%.*w\" (x)", (int)name.n, name.p);
	rc = sql ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
	sqlite3_free(sql);
	return rc;
}

/* Prepares and throws away; *ret_bad tells whether the last message is about syntax. */
static int look(sqlite3 *db, struct wb_sv statement, bool *ret_bad, size_t *ret_offset, struct wb_error *err)
{
	wb_autostmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db, statement.p, (int)statement.n, &stmt, NULL), offset = -1;

	*ret_bad = rc == SQLITE_ERROR && is_syntax_error(sqlite3_errmsg(db));
	if (!*ret_bad)
		return rc;
#if SQLITE_VERSION_NUMBER >= 3038000
	offset = sqlite3_error_offset(db);
#endif
	*ret_offset = offset >= 0 ? (size_t)offset : statement.n;
	(void)wb_err_set(err, WB_EINPUT, "%s", sqlite3_errmsg(db));
	return rc;
}

static int look_closer(sqlite3 *db, struct wb_sv statement, size_t *ret_offset, struct wb_error *err)
{
	bool bad = false;
	int rc, tries;

	for (tries = 0; tries < TABLES_MADE; tries++) {
		rc = look(db, statement, &bad, ret_offset, err);
		if (rc == SQLITE_ERROR && !bad)
			rc = make_table(db, sqlite3_errmsg(db));
		if (rc)
			break;
	}
	if (!sqlite3_get_autocommit(db))
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return rc == SQLITE_NOMEM ? wb_err_nomem(err) : bad ? WB_EINPUT : 0;
}

/* The expressions in an ALTER TABLE, as a table could have them. */
static void add_frame(struct wb_str *out, const struct wb_sqlite_table *t)
{
	wb_str_add(out, "CREATE TABLE x (y");
	for (size_t i = 0; i < t->n_columns; i++) {
		if (t->columns[i].value)
			wb_str_addf(out, " DEFAULT %s", t->columns[i].value);
		if (t->columns[i].generated)
			wb_str_addf(out, " CHECK (%s)", t->columns[i].generated);
	}
	for (size_t i = 0; i < t->n_constraints; i++)
		if (t->constraints[i].expression)
			wb_str_addf(out, " CHECK (%s)", t->constraints[i].expression);
	wb_str_addc(out, ')');
}

/* Of a form that this library lacks: the form first, then what is in it. */
static int look_at_alter(sqlite3 *db, struct wb_sv statement, size_t *ret_offset, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	wb_autostr frame = WB_STR_INIT;
	struct wb_sqlite_alter alter;
	struct wb_sqlite_table table = { 0 };
	int rc = wb_sqlite_alter_read(&a, statement, &alter, NULL);

	if (rc == 0) {
		rc = wb_sqlite_alter_apply(&a, &alter, NULL, &table, err);
		*ret_offset = alter.offset;
		add_frame(&frame, &table);
	}
	wb_sqlite_table_done(&table);
	wb_sqlite_alter_done(&alter);
	if (rc || frame.failed)
		return rc ? rc : wb_err_nomem(err);
	rc = look_closer(db, wb_str_sv(&frame), ret_offset, err);
	*ret_offset = rc ? SIZE_MAX : *ret_offset;
	return rc;
}

static int look_twice(sqlite3 *db, struct wb_sv statement, size_t *ret_offset, struct wb_error *err)
{
	struct wb_stmt_info info;
	int rc = look_closer(db, statement, ret_offset, err);

	wb_sqlite_classify(statement, &info);
	if (rc != WB_EINPUT || !info.alters)
		return rc;
	rc = look_at_alter(db, statement, ret_offset, err);
	return rc == WB_EUNSUPPORTED ? WB_EINPUT : rc;
}

/* An empty database in memory does: what a statement names may come to be by the statements before it, so the real
 * one knows no better. */
int wb_sqlite_syntax(struct wb_conn *conn, struct wb_sv statement, size_t *ret_offset, struct wb_error *err)
{
	sqlite3 *own = NULL, **db = conn ? &wb_sqlite_of(conn)->empty : &own;
	int rc = 0;

	if (statement.n > INT32_MAX)
		return wb_err_set(err, WB_EINPUT, "a statement is longer than SQLite can take");
	if (!*db)
		rc = open_empty(db);
	rc = rc ? wb_err_nomem(err) : look_twice(*db, statement, ret_offset, err);
	(void)sqlite3_close_v2(own);
	return rc;
}
