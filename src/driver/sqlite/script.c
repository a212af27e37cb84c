/* SPDX-License-Identifier: Apache-2.0
 *
 * The database as SQL that makes it again. Tables, indexes and views come
 * before any row, so that a foreign key finds what it refers to; triggers come
 * after all rows, so that none fires. The same content gives the same text.
 */
#include "driver/sqlite/internal.h"

#include <math.h>

#define FLUSH_AT (64u << 10)

struct writer {
	struct wb_sqlite *c;
	const struct wb_scripting *s;
	struct wb_str out;
	struct wb_arena arena;
	sqlite3_stmt *quote; /* sqlite3 alone knows how it reads a number back */
	struct wb_error *err;
};

static int flush(struct writer *w, size_t above)
{
	int rc = 0;

	if (w->out.failed)
		return wb_err_nomem(w->err);
	if (w->out.n <= above)
		return 0;
	rc = w->s->out(w->s->user, w->out.p, w->out.n, w->err);
	wb_str_clear(&w->out);
	return rc ? rc : wb_copied(w->s->copying, -1, -1, w->err);
}

static struct wb_sv column(sqlite3_stmt *stmt, int i)
{
	const char *p = (const char *)sqlite3_column_text(stmt, i);

	return wb_sv(p ? p : "", p ? (size_t)sqlite3_column_bytes(stmt, i) : 0);
}

/* Calls line for each row of a query about the database; @journal@ in it is filled in. */
static int each(struct writer *w, const char *sql, const char *parameter,
		int (*line)(struct writer *w, sqlite3_stmt *row))
{
	wb_autostmt *stmt = NULL;
	const char *text = wb_sql_expand(&w->arena, sql, w->c->journal);
	int rc = wb_sqlite_prepare(w->c, text, &stmt, w->err), step = SQLITE_DONE;

	if (rc)
		return rc;
	if (parameter && sqlite3_bind_text(stmt, 1, parameter, -1, SQLITE_STATIC))
		return wb_err_nomem(w->err);
	while (rc == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = line(w, stmt);
	return rc == 0 && step != SQLITE_DONE ? wb_sqlite_error(w->c, step, w->err) : rc;
}

/* A comment at the end of a statement must not swallow the semicolon. */
static int add_statement(struct writer *w, struct wb_sv sql)
{
	const char *nl = memrchr(sql.p, '\n', sql.n), *last = nl ? nl : sql.p;
	bool comment = memmem(last, sql.n - (size_t)(last - sql.p), "--", 2);

	wb_str_addsv(&w->out, sql);
	wb_str_add(&w->out, comment ? "\n;\n" : ";\n");
	return flush(w, FLUSH_AT);
}

static int statement_row(struct writer *w, sqlite3_stmt *row)
{
	return add_statement(w, column(row, 0));
}

/* ---- values --------------------------------------------------------------------- */

static void add_hex(struct wb_str *out, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *b = p;

	if (!wb_str_reserve(out, 2 * n))
		return;
	for (size_t i = 0; i < n; i++) {
		wb_str_addc(out, digits[b[i] >> 4]);
		wb_str_addc(out, digits[b[i] & 15]);
	}
}

/* How many bytes the character at p takes; 0 when it is none. Not asked about what UTF-8 forbids beyond its shape. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

	if (n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* What a text file cannot be trusted to carry: NUL, bytes that are no UTF-8, and returns, which git may change. */
static bool is_plain(struct wb_sv text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	size_t i = 0, n = 1;

	for (; i < text.n && n; i += n)
		n = p[i] && p[i] != '\r' ? utf8_length(p + i, text.n - i) : 0;
	return n != 0;
}

static int add_text(struct writer *w, struct wb_sv text)
{
	if (is_plain(text)) {
		wb_quote_literal(&w->out, WB_DIALECT_SQLITE, text);
		return 0;
	}
	wb_str_add(&w->out, "CAST(x'");
	add_hex(&w->out, text.p, text.n);
	wb_str_add(&w->out, "' AS TEXT)");
	return 0;
}

/* sqlite3 has no literal for infinity; a number too large is one. */
static int add_real(struct writer *w, sqlite3_stmt *row, int i)
{
	double value = sqlite3_column_double(row, i);
	int step;

	if (isinf(value)) {
		wb_str_add(&w->out, value > 0 ? "9e999" : "-9e999");
		return 0;
	}
	(void)sqlite3_reset(w->quote);
	if (sqlite3_bind_double(w->quote, 1, value))
		return wb_err_nomem(w->err);
	step = sqlite3_step(w->quote);
	if (step != SQLITE_ROW)
		return wb_sqlite_error(w->c, step, w->err);
	wb_str_addsv(&w->out, column(w->quote, 0));
	return 0;
}

static int add_value(struct writer *w, sqlite3_stmt *row, int i)
{
	switch (sqlite3_column_type(row, i)) {
	case SQLITE_INTEGER:
		wb_str_addf(&w->out, "%lld", (long long)sqlite3_column_int64(row, i));
		return 0;
	case SQLITE_FLOAT:
		return add_real(w, row, i);
	case SQLITE_TEXT:
		return add_text(w, column(row, i));
	case SQLITE_BLOB:
		wb_str_add(&w->out, "x'");
		add_hex(&w->out, sqlite3_column_blob(row, i), (size_t)sqlite3_column_bytes(row, i));
		wb_str_add(&w->out, "'");
		return 0;
	default:
		wb_str_add(&w->out, "NULL");
		return 0;
	}
}

/* ---- rows ----------------------------------------------------------------------- */

/* How a table is read: "rowid" where it counts, then what is neither computed (hidden 2, 3) nor a virtual table's own
 * business (1). */
static int columns_of(struct writer *w, const char *table, bool rowid, struct wb_str *names)
{
	static const char sql[] = "SELECT name FROM pragma_table_xinfo(?1, 'main') WHERE hidden = 0 ORDER BY cid";
	wb_autostmt *stmt = NULL;
	int rc = wb_sqlite_prepare(w->c, sql, &stmt, w->err), step;

	if (rc)
		return rc;
	if (sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC))
		return wb_err_nomem(w->err);
	wb_str_add(names, rowid ? "rowid" : "");
	while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
		wb_str_add(names, names->n ? ", " : "");
		wb_quote_ident(names, column(stmt, 0));
	}
	return step == SQLITE_DONE ? 0 : wb_sqlite_error(w->c, step, w->err);
}

static int write_rows(struct writer *w, sqlite3_stmt *stmt, struct wb_sv insert)
{
	int rc = 0, step = SQLITE_DONE, n = sqlite3_column_count(stmt);

	while (rc == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
		wb_str_addsv(&w->out, insert);
		for (int i = 0; i < n && rc == 0; i++) {
			wb_str_add(&w->out, i ? ", " : "");
			rc = add_value(w, stmt, i);
		}
		wb_str_add(&w->out, ");\n");
		rc = rc ? rc : flush(w, FLUSH_AT);
	}
	return rc == 0 && step != SQLITE_DONE ? wb_sqlite_error(w->c, step, w->err) : rc;
}

/* tail: in which order; an index that holds all that is asked for would have another one. */
static int dump_rows(struct writer *w, const char *table, bool rowid, const char *tail)
{
	wb_autostr names = WB_STR_INIT, insert = WB_STR_INIT, select = WB_STR_INIT;
	wb_autostmt *stmt = NULL;
	int rc = table && tail ? columns_of(w, table, rowid, &names) : wb_err_nomem(w->err);

	if (rc)
		return rc;
	wb_str_add(&insert, "INSERT INTO ");
	wb_quote_ident(&insert, wb_sv_str(table));
	wb_str_addf(&insert, " (%s) VALUES (", names.p);
	wb_str_addf(&select, "SELECT %s FROM main.", names.p);
	wb_quote_ident(&select, wb_sv_str(table));
	wb_str_add(&select, tail);
	if (names.failed || insert.failed)
		return wb_err_nomem(w->err);
	rc = wb_sqlite_prepare(w->c, select.failed ? NULL : select.p, &stmt, w->err);
	return rc ? rc : write_rows(w, stmt, wb_str_sv(&insert));
}

static int table_rows(struct writer *w, sqlite3_stmt *row)
{
	return dump_rows(w, (const char *)sqlite3_column_text(row, 1), false, " NOT INDEXED");
}

static int statistics_rows(struct writer *w, sqlite3_stmt *row)
{
	return dump_rows(w, (const char *)sqlite3_column_text(row, 0), false,
			 wb_sql_expand(&w->arena, " NOT INDEXED WHERE tbl NOT GLOB '@journal@*'", w->c->journal));
}

/* ---- virtual tables --------------------------------------------------------------- */

static bool has_content_elsewhere(struct wb_sv sql)
{
	static const char word[] = "content";
	const char *end = sql.p + sql.n, *at = sql.p;

	while ((at = memmem(at, (size_t)(end - at), word, sizeof(word) - 1))) {
		at += sizeof(word) - 1;
		while (at < end && (*at == ' ' || *at == '\t' || *at == '\n'))
			at++;
		if (at < end && *at == '=')
			return true;
	}
	return false;
}

/* A full-text index over another table is filled from there. In others the number of a row is what people join by. */
static int virtual_table(struct writer *w, sqlite3_stmt *row)
{
	struct wb_sv sql = column(row, 0), name = column(row, 1);
	bool text = strcasestr(sql.p, "using fts");
	int rc = add_statement(w, sql);

	if (rc || !text || !has_content_elsewhere(sql))
		return rc ? rc : dump_rows(w, name.p, text, text ? " ORDER BY rowid" : "");
	wb_str_add(&w->out, "INSERT INTO ");
	wb_quote_ident(&w->out, name);
	wb_str_add(&w->out, " (");
	wb_quote_ident(&w->out, name);
	wb_str_add(&w->out, ") VALUES ('rebuild');\n");
	return flush(w, FLUSH_AT);
}

/* ---- all of it ---------------------------------------------------------------------- */

/* Everything that users made and that has a text of its own: what it is by the parameter. */
static const char objects[] =
	"SELECT m.sql, m.name FROM main.sqlite_schema m "
	"LEFT JOIN pragma_table_list l ON l.schema = 'main' AND l.name = m.name AND m.type = 'table' "
	"WHERE m.sql IS NOT NULL AND substr(m.name, 1, 7) <> 'sqlite_' AND coalesce(l.type, '') <> 'shadow' "
	"AND iif(l.type = 'virtual', 'virtual', m.type) = ?1 "
	"AND m.tbl_name NOT IN (" WB_SQLITE_JOURNAL_TABLES ") AND m.tbl_name NOT GLOB " WB_SQLITE_TRASH " "
	"ORDER BY m.rowid";
/* What AUTOINCREMENT has given out. */
static const char counters[] =
	"SELECT 'DELETE FROM sqlite_sequence WHERE name = ' || quote(name) || ';' || char(10) || "
	"'INSERT INTO sqlite_sequence (name, seq) VALUES (' || quote(name) || ', ' || quote(seq) || ')' "
	"FROM main.sqlite_sequence ORDER BY name";
static const char statistics[] =
	"SELECT name FROM main.sqlite_schema WHERE name IN ('sqlite_stat1', 'sqlite_stat4') ORDER BY name";
/* Numbers that applications keep in the head of the file. */
static const char numbers[] =
	"SELECT 'PRAGMA application_id = ' || application_id FROM pragma_application_id WHERE application_id <> 0 "
	"UNION ALL SELECT 'PRAGMA user_version = ' || user_version FROM pragma_user_version WHERE user_version <> 0";

static int has(struct writer *w, const char *pattern, bool *ret_there)
{
	wb_autostr sql = WB_STR_INIT;
	char count[24];
	int rc;

	wb_str_addf(&sql, "SELECT count(*) FROM main.sqlite_schema WHERE name GLOB '%s'", pattern);
	rc = wb_sqlite_value(w->c, sql.failed ? NULL : sql.p, count, sizeof(count), w->err);
	*ret_there = rc == 0 && strcmp(count, "0") != 0;
	return rc;
}

static int write_schema(struct writer *w)
{
	static const char *const kinds[] = { "table", "index", "view" };
	int rc = 0;

	for (size_t i = 0; i < WB_ARRAY_LEN(kinds) && rc == 0; i++)
		rc = each(w, objects, kinds[i], statement_row);
	return rc;
}

static int write_content(struct writer *w)
{
	bool sequences;
	int rc = each(w, objects, "table", table_rows);

	if (rc == 0)
		rc = each(w, objects, "virtual", virtual_table);
	if (rc == 0)
		rc = has(w, "sqlite_sequence", &sequences);
	if (rc == 0 && sequences)
		rc = each(w, counters, NULL, statement_row);
	return rc ? rc : each(w, objects, "trigger", statement_row);
}

static int write_rest(struct writer *w)
{
	bool analyzed;
	int rc = has(w, "sqlite_stat[14]", &analyzed);

	if (rc == 0 && analyzed)
		wb_str_add(&w->out, "ANALYZE sqlite_schema;\n"); /* makes the tables */
	if (rc == 0)
		rc = each(w, statistics, NULL, statistics_rows);
	return rc ? rc : each(w, numbers, NULL, statement_row);
}

static int write_all(struct writer *w)
{
	int rc = wb_sqlite_prepare(w->c, "SELECT quote(?1)", &w->quote, w->err);

	/* Rows that refer to each other, where keys are enforced. */
	wb_str_add(&w->out, "PRAGMA defer_foreign_keys = ON;\n");
	if (rc == 0)
		rc = write_schema(w);
	if (rc == 0)
		rc = write_content(w);
	if (rc == 0)
		rc = write_rest(w);
	return rc ? rc : flush(w, 0);
}

int wb_sqlite_script(struct wb_conn *conn, const struct wb_scripting *s, struct wb_error *err)
{
	struct writer w = { .c = wb_sqlite_of(conn), .s = s, .out = WB_STR_INIT, .arena = WB_ARENA_INIT, .err = err };
	struct wb_error ignored;
	int rc;

	wb_sqlite_begin(w.c);
	rc = wb_sqlite_exec(w.c, "BEGIN", err);
	if (rc)
		return rc;
	rc = write_all(&w);
	(void)sqlite3_finalize(w.quote);
	wb_str_done(&w.out);
	wb_arena_done(&w.arena);
	(void)wb_sqlite_rollback(conn, &ignored);
	return rc;
}
