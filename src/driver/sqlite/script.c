/* SPDX-License-Identifier: Apache-2.0
 *
 * The database as SQL that makes it again: tables with their rows, then what
 * stands on them, so that no trigger fires and no index is kept up meanwhile.
 * One read transaction sees it all. The same content gives the same text.
 */
#include "driver/sqlite/internal.h"

#include <errno.h>
#include <unistd.h>

#include "base/io.h"

#define FLUSH_AT (64u << 10)

struct dump {
	struct wb_sqlite *c;
	int fd;
	struct wb_str out;
	struct wb_error *err;
};

static int flush(struct dump *d, size_t above)
{
	int rc = d->out.failed ? wb_err_nomem(d->err) : 0;

	if (rc == 0 && d->out.n > above) {
		if (!wb_write_all(d->fd, d->out.p, d->out.n))
			rc = wb_err_errno(d->err, WB_EIO, "the dump cannot be written");
		wb_str_clear(&d->out);
	}
	return rc;
}

/* Calls line for each row until one fails. */
static int each(struct dump *d, const char *sql, const char *parameter, int (*line)(struct dump *, sqlite3_stmt *))
{
	wb_autostmt *stmt = NULL;
	int rc = wb_sqlite_prepare(d->c, sql, &stmt, d->err), step = SQLITE_DONE;

	if (rc)
		return rc;
	if (parameter && sqlite3_bind_text(stmt, 1, parameter, -1, SQLITE_STATIC))
		return wb_err_nomem(d->err);
	while (rc == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = line(d, stmt);
	return rc == 0 && step != SQLITE_DONE ? wb_sqlite_error(d->c, step, d->err) : rc;
}

static struct wb_sv column(sqlite3_stmt *stmt, int i)
{
	const char *p = (const char *)sqlite3_column_text(stmt, i);

	return wb_sv(p ? p : "", p ? (size_t)sqlite3_column_bytes(stmt, i) : 0);
}

/* Column 0 of the row is a statement. A comment at its end must not swallow the semicolon. */
static int add_statement(struct dump *d, struct wb_sv sql)
{
	const char *nl = memrchr(sql.p, '\n', sql.n), *last = nl ? nl : sql.p;
	bool comment = memmem(last, sql.n - (size_t)(last - sql.p), "--", 2);

	wb_str_addsv(&d->out, sql);
	wb_str_add(&d->out, comment ? "\n;\n" : ";\n");
	return flush(d, FLUSH_AT);
}

static int statement_row(struct dump *d, sqlite3_stmt *stmt)
{
	return add_statement(d, column(stmt, 0));
}

/* ---- rows --------------------------------------------------------------------------- */

struct columns {
	struct wb_str names, values;
	struct wb_error *err;
};

/* quote() ends a text at its first NUL, and has no literal for infinity. */
static void add_value(struct wb_str *values, struct wb_sv name)
{
	wb_autostr v = WB_STR_INIT;

	wb_quote_ident(&v, name);
	wb_str_addf(values,
		    "CASE WHEN typeof(%s) = 'text' AND instr(%s, char(0)) THEN 'CAST(x''' || hex(%s) || ''' AS TEXT)' "
		    "WHEN typeof(%s) = 'real' AND abs(%s) > 1.7976931348623157e308 THEN iif(%s > 0, '9e999', '-9e999') "
		    "ELSE quote(%s) END",
		    v.p, v.p, v.p, v.p, v.p, v.p, v.p);
	values->failed |= v.failed;
}

static int find_columns(struct wb_sqlite *c, const char *table, struct columns *k, struct wb_error *err)
{
	/* 0 = ordinary; generated ones (2, 3) and those of virtual tables (1) are not written to */
	static const char sql[] = "SELECT name FROM pragma_table_xinfo(?1, 'main') WHERE hidden = 0 ORDER BY cid";
	wb_autostmt *stmt = NULL;
	int rc = wb_sqlite_prepare(c, sql, &stmt, err), step;

	if (rc)
		return rc;
	if (sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC))
		return wb_err_nomem(err);
	while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
		wb_str_add(&k->names, k->names.n ? ", " : "");
		wb_quote_ident(&k->names, column(stmt, 0));
		wb_str_add(&k->values, k->values.n ? " || ', ' || " : "");
		add_value(&k->values, column(stmt, 0));
	}
	if (step != SQLITE_DONE)
		return wb_sqlite_error(c, step, err);
	return k->names.failed || k->values.failed ? wb_err_nomem(err) : 0;
}

/* INSERT statements of a table's rows as one query; in the order of its key, which is that of the table. */
static int rows_query(struct dump *d, const char *table, struct wb_str *sql)
{
	struct columns k = { .names = WB_STR_INIT, .values = WB_STR_INIT };
	wb_autostr insert = WB_STR_INIT;
	int rc = find_columns(d->c, table, &k, d->err);

	wb_str_add(&insert, "INSERT INTO ");
	wb_quote_ident(&insert, wb_sv_str(table));
	wb_str_addf(&insert, " (%s) VALUES (", k.names.p ? k.names.p : "");
	wb_str_add(sql, "SELECT ");
	wb_quote_literal(sql, wb_str_sv(&insert));
	wb_str_addf(sql, " || %s || ')' FROM main.", k.values.p ? k.values.p : "''");
	wb_quote_ident(sql, wb_sv_str(table));
	if (rc == 0 && (insert.failed || sql->failed))
		rc = wb_err_nomem(d->err);
	wb_str_done(&k.names);
	wb_str_done(&k.values);
	return rc;
}

static int dump_rows(struct dump *d, const char *table)
{
	wb_autostr sql = WB_STR_INIT;
	int rc = rows_query(d, table, &sql);

	return rc ? rc : each(d, sql.p, NULL, statement_row);
}

/* A full-text table over another table's content is filled from there; others are written row by row. */
static int dump_virtual_rows(struct dump *d, const char *table, struct wb_sv sql)
{
	if (!memmem(sql.p, sql.n, "content=", 8))
		return dump_rows(d, table);
	wb_str_add(&d->out, "INSERT INTO ");
	wb_quote_ident(&d->out, wb_sv_str(table));
	wb_str_add(&d->out, " (");
	wb_quote_ident(&d->out, wb_sv_str(table));
	wb_str_add(&d->out, ") VALUES ('rebuild');\n");
	return flush(d, FLUSH_AT);
}

/* ---- all of it -------------------------------------------------------------------------- */

static int object(struct dump *d, sqlite3_stmt *stmt)
{
	struct wb_sv sql = column(stmt, 1), kind = column(stmt, 2);
	const char *name = (const char *)sqlite3_column_text(stmt, 0);
	int rc = add_statement(d, sql);

	if (rc == 0 && wb_sv_eq(kind, WB_SV("table")))
		rc = dump_rows(d, name);
	if (rc == 0 && wb_sv_eq(kind, WB_SV("virtual")))
		rc = dump_virtual_rows(d, name, sql);
	return rc;
}

/* What AUTOINCREMENT has given out, and numbers that applications keep in the file's head. */
static int counters(struct dump *d)
{
	static const char sequences[] =
		"SELECT 'UPDATE sqlite_sequence SET seq = ' || seq || ' WHERE name = ' || quote(name) "
		"FROM main.sqlite_sequence ORDER BY name";
	static const char numbers[] =
		"SELECT 'PRAGMA application_id = ' || application_id FROM pragma_application_id "
		"WHERE application_id <> 0 UNION ALL "
		"SELECT 'PRAGMA user_version = ' || user_version FROM pragma_user_version WHERE user_version <> 0";
	char there[8];
	int rc = wb_sqlite_value(d->c, "SELECT count(*) FROM main.sqlite_master WHERE name = 'sqlite_sequence'", there,
				 sizeof(there), d->err);

	if (rc == 0 && strcmp(there, "0") != 0)
		rc = each(d, sequences, NULL, statement_row);
	return rc ? rc : each(d, numbers, NULL, statement_row);
}

int wb_sqlite_dump(struct wb_conn *conn, int fd, struct wb_error *err)
{
	struct dump d = { .c = wb_sqlite_of(conn), .fd = fd, .out = WB_STR_INIT, .err = err };
	int rc;

	wb_sqlite_begin(d.c);
	rc = wb_sqlite_exec(d.c, "BEGIN", err);
	if (rc)
		return rc;
	rc = each(&d, conn->driver->sql(conn, WB_SQL_DUMP_OBJECTS), NULL, object);
	if (rc == 0)
		rc = counters(&d);
	if (rc == 0)
		rc = flush(&d, 0);
	wb_str_done(&d.out);
	(void)wb_sqlite_rollback(conn, NULL);
	return rc;
}
