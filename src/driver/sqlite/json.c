/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows as JSON and back. A row's columns are those that a SELECT of it has; a
 * BLOB, which JSON cannot hold, becomes its hexadecimal digits.
 */
#include "driver/sqlite/internal.h"

static void add_member(struct wb_str *out, const char *alias, const char *column, bool first)
{
	wb_autostr name = WB_STR_INIT, member = WB_STR_INIT;

	wb_quote_ident(&name, wb_sv_str(column));
	wb_str_addf(out, "%sjson_quote(", first ? "" : " || ',' || ");
	wb_quote_literal(&member, WB_DIALECT_SQLITE, wb_sv_str(column));
	wb_str_addf(out, "%s) || ':' || json_quote(CASE typeof(%s.%s) WHEN 'blob' THEN hex(%s.%s) ELSE %s.%s END)",
		    member.p, alias, name.p, alias, name.p, alias, name.p);
	out->failed |= name.failed || member.failed;
}

int wb_sqlite_row_json(struct wb_conn *conn, const char *relation, const char *alias, struct wb_str *out,
		       struct wb_error *err)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);
	wb_autostr sql = WB_STR_INIT;
	sqlite3_stmt *stmt = NULL;
	int rc, i, n;

	wb_str_addf(&sql, "SELECT * FROM %s AS %s", relation, alias);
	if (sql.failed)
		return wb_err_nomem(err);
	wb_sqlite_begin(c);
	rc = sqlite3_prepare_v2(c->db, sql.p, (int)sql.n, &stmt, NULL);
	if (rc)
		return wb_sqlite_error(c, rc, err);
	n = sqlite3_column_count(stmt);
	wb_str_add(out, "('{' || ");
	for (i = 0; i < n; i++)
		add_member(out, alias, sqlite3_column_name(stmt, i), i == 0);
	wb_str_add(out, " || '}')");
	(void)sqlite3_finalize(stmt);
	return out->failed ? wb_err_nomem(err) : 0;
}

/* '$."name"': JSON's quotes, in SQL's. */
static void add_path(struct wb_str *out, const char *column)
{
	wb_autostr path = WB_STR_INIT;
	const char *p;

	wb_str_add(&path, "$.\"");
	for (p = column; *p; p++)
		wb_str_addf(&path, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
	wb_str_addc(&path, '"');
	wb_quote_literal(out, WB_DIALECT_SQLITE, wb_str_sv(&path));
	out->failed |= path.failed;
}

int wb_sqlite_from_json(struct wb_conn *conn, const char *table, const char *const *columns, size_t n,
			struct wb_str *out, struct wb_error *err)
{
	size_t i;

	(void)conn, (void)table;
	wb_str_add(out, "(SELECT ");
	for (i = 0; i < n; i++) {
		wb_str_add(out, i ? ", json_extract(value, " : "json_extract(value, ");
		add_path(out, columns[i]);
		wb_str_add(out, ") AS ");
		wb_quote_ident(out, wb_sv_str(columns[i]));
	}
	wb_str_add(out, " FROM json_each($1))");
	return out->failed ? wb_err_nomem(err) : 0;
}
