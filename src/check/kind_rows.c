/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks that look for rows that should not be there.
 */
#include "check/check.h"

#include "base/banned.h"

int wb_check_no_rows(struct wb_checking *k, struct wb_error *err)
{
	struct wb_check_sample s = { 0 };
	int rc = wb_check_sample(k, wb_check_query(k->check->asks.query), true, &s, err);
	if (rc == 0 && s.count) {
		wb_check_number(k, "count", s.count);
		wb_check_list(k, "sample", s.rows, s.n);
		wb_check_fail(k);
	}
	return rc;
}

/* ---- all_rows -------------------------------------------------------------------------------------- */

struct names {
	struct wb_checking *k;
	WB_VEC(const char *) v;
};

static int take_name(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct names *n = user;
	const char *name = wb_arena_sv(&n->k->arena, row->v[0]);
	return name && wb_vec_push(&n->v, name) ? 0 : wb_err_nomem(err);
}

/* The columns that tell a row to people: those that were said, the primary key, or all. */
static int add_id(struct wb_checking *k, struct wb_str *out, struct wb_error *err)
{
	const struct wb_check_asks *a = &k->check->asks;
	wb_autostr table = WB_STR_INIT;
	struct names n = { .k = k };
	int rc = 0;
	wb_check_add_table(&table, a->table);
	const struct wb_value params[] = { wb_v_sv(wb_str_sv(&table)), wb_v_text(wb_check_bare_table(a->table)) };
	if (a->id.n)
		wb_check_add_columns(out, a->table, &a->id);
	else
		rc = table.failed ? wb_err_nomem(err)
				  : wb_check_named(k, WB_SQL_TABLE_KEY, params, 2, take_name, &n, err);
	if (rc == 0 && !a->id.n)
		wb_check_add_columns(out, a->table, &(struct wb_texts){ n.v.v, n.v.n });
	if (rc == 0 && !a->id.n && !n.v.n)
		wb_str_addc(out, '*');
	wb_vec_done(&n.v);
	return rc;
}

int wb_check_all_rows(struct wb_checking *k, struct wb_error *err)
{
	const struct wb_check_asks *a = &k->check->asks;
	struct wb_check_sample s = { 0 };
	wb_autostr sql = WB_STR_INIT;
	wb_str_add(&sql, "SELECT ");
	int rc = add_id(k, &sql, err);
	wb_str_add(&sql, " FROM ");
	wb_check_add_table(&sql, a->table);
	wb_str_addf(&sql, " WHERE (%s\n) IS NOT TRUE", a->satisfy);
	wb_check_add_where(&sql, "AND", a->where);
	if (rc == 0)
		rc = sql.failed ? wb_err_nomem(err) : wb_check_sample(k, wb_str_sv(&sql), false, &s, err);
	if (rc == 0 && s.count) {
		wb_check_text(k, "table", a->table);
		wb_check_number(k, "count", s.count);
		wb_check_list(k, "sample_ids", s.rows, s.n);
		wb_check_text(k, "condition", a->satisfy);
		wb_check_quiet(k);
		wb_check_fail(k);
	}
	return rc;
}

/* ---- allowed ------------------------------------------------------------------------------------------ */

#define VALUES_SHOWN 20
struct values {
	struct wb_checking *k;
	const char *v[VALUES_SHOWN];
	size_t n;
	int64_t rows;
};

static int take_value(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct values *v = user;
	int64_t rows = 0;
	(void)wb_sv_i64(row->v[1], &rows);
	v->rows += rows;
	if (v->n == VALUES_SHOWN)
		return 0;
	v->v[v->n] = row->v[0].p ? wb_arena_sv(&v->k->arena, row->v[0]) : "NULL";
	return v->v[v->n++] ? 0 : wb_err_nomem(err);
}

static void add_allowed(struct wb_checking *k, struct wb_str *sql)
{
	const struct wb_check_asks *a = &k->check->asks;
	wb_autostr column = WB_STR_INIT;
	wb_check_add_column(&column, a->table, a->columns.v[0]);
	sql->failed |= column.failed;
	wb_str_addf(sql, "SELECT CAST(%s AS text), count(*) FROM ", column.p);
	wb_check_add_table(sql, a->table);
	wb_str_addf(sql, " WHERE (CAST(%s AS text) NOT IN (", column.p);
	for (size_t i = 0; i < a->values.n; i++) {
		wb_str_add(sql, i ? ", " : "");
		wb_quote_literal(sql, k->run->place->driver->dialect, wb_sv_str(a->values.v[i]));
	}
	wb_str_add(sql, ")");
	if (a->nulls == WB_CHECK_NO)
		wb_str_addf(sql, " OR %s IS NULL", column.p);
	wb_str_add(sql, ")");
	wb_check_add_where(sql, "AND", a->where);
	wb_str_add(sql, " GROUP BY 1 ORDER BY 2 DESC, 1");
}

int wb_check_allowed(struct wb_checking *k, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	struct values v = { .k = k };
	add_allowed(k, &sql);
	int rc = sql.failed ? wb_err_nomem(err) : wb_check_ask(k, wb_str_sv(&sql), NULL, 0, take_value, &v, err);
	if (rc == 0 && v.n) {
		wb_check_text(k, "table", k->check->asks.table);
		wb_check_text(k, "column", k->check->asks.columns.v[0]);
		wb_check_number(k, "count", v.rows);
		wb_check_list(k, "values", v.v, v.n);
		wb_check_fail(k);
	}
	return rc;
}

/* ---- unique ------------------------------------------------------------------------------------------- */

/* As UNIQUE has it: what holds a NULL is like nothing else, unless it is said that it is. */
static void add_doubles(struct wb_checking *k, struct wb_str *sql)
{
	const struct wb_check_asks *a = &k->check->asks;
	wb_str_add(sql, "SELECT ");
	wb_check_add_columns(sql, a->table, &a->columns);
	wb_str_add(sql, " FROM ");
	wb_check_add_table(sql, a->table);
	wb_str_add(sql, " WHERE 1 = 1");
	wb_check_add_where(sql, "AND", a->where);
	for (size_t i = 0; a->nulls != WB_CHECK_YES && i < a->columns.n; i++) {
		wb_str_add(sql, " AND ");
		wb_check_add_column(sql, a->table, a->columns.v[i]);
		wb_str_add(sql, " IS NOT NULL");
	}
	wb_str_add(sql, " GROUP BY ");
	wb_check_add_columns(sql, a->table, &a->columns);
	wb_str_add(sql, " HAVING count(*) > 1");
}

int wb_check_unique(struct wb_checking *k, struct wb_error *err)
{
	const struct wb_check_asks *a = &k->check->asks;
	wb_autostr sql = WB_STR_INIT;
	struct wb_check_sample s = { 0 };
	add_doubles(k, &sql);
	int rc = sql.failed ? wb_err_nomem(err) : wb_check_sample(k, wb_str_sv(&sql), false, &s, err);
	if (rc == 0 && s.count) {
		wb_check_text(k, "table", a->table);
		wb_check_list(k, "columns", a->columns.v, a->columns.n);
		wb_check_number(k, "count", s.count);
		wb_check_list(k, "sample", s.rows, s.n);
		wb_check_fail(k);
	}
	return rc;
}
