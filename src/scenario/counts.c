/* SPDX-License-Identifier: Apache-2.0
 *
 * How many rows each table has, and how many values each of its columns: what
 * tells whether a migration has lost some.
 */
#include "scenario.h"

struct counting {
	struct counts *c;
	size_t first; /* of those that the query asks for, in its order */
};

static int take(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct counting *k = user;
	(void)err;
	for (int i = 0; i < row->n && k->first + (size_t)i < k->c->v.n; i++)
		(void)wb_sv_i64(row->v[i], &k->c->v.v[k->first + (size_t)i].n);
	k->c->rows += k->c->v.v[k->first].n;
	return 0;
}

static bool push(struct counts *c, const char *table, const char *column)
{
	struct count one = { table, column ? wb_arena_str(&c->arena, column) : NULL, 0 };
	return (!column || one.column) && wb_vec_push(&c->v, one);
}

static int count_table(struct bed *b, const struct wb_model *m, const struct wb_object *t, bool columns,
		       struct counts *c, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT, name = WB_STR_INIT;
	struct counting k = { c, c->v.n };
	struct wb_query q = { .row = take, .row_user = &k };
	size_t n = 0;
	struct wb_object *const *v = columns ? wb_model_children(m, t, WB_KIND_COLUMN, &n) : NULL;
	wb_trip_table(t, &name);
	const char *table = name.failed ? NULL : wb_arena_sv(&c->arena, wb_str_sv(&name));
	bool ok = table && push(c, table, NULL);
	wb_str_add(&sql, "SELECT count(*)");
	for (size_t i = 0; ok && i < n; i++) {
		wb_str_add(&sql, ", count(");
		wb_quote_ident(&sql, wb_sv_str(v[i]->name));
		wb_str_add(&sql, ")");
		ok = push(c, table, v[i]->name);
	}
	wb_str_addf(&sql, " FROM %s", name.p);
	q.sql = wb_str_sv(&sql);
	return !ok || sql.failed ? wb_err_nomem(err) : wb_run(b->c->conn, &q, 1, NULL, NULL, err);
}

int counts_take(struct bed *b, const struct wb_model *m, bool columns, struct counts *ret, struct wb_error *err)
{
	int rc = bed_ready(b, err);
	*ret = (struct counts){ .arena = WB_ARENA_INIT };
	for (size_t i = 0; rc == 0 && i < m->n; i++)
		if (m->v[i]->kind == WB_KIND_TABLE)
			rc = count_table(b, m, m->v[i], columns, ret, err);
	return rc;
}

static const struct count *find(const struct counts *c, const struct count *like)
{
	for (size_t i = 0; i < c->v.n; i++) {
		const struct count *one = &c->v.v[i];
		if (strcmp(one->table, like->table) == 0 && !one->column == !like->column &&
		    (!one->column || strcmp(one->column, like->column) == 0))
			return one;
	}
	return NULL;
}

/* A column may lose some values on purpose, but hardly all of them. */
static bool is_worse(const struct count *was, const struct count *is, bool exact)
{
	if (exact)
		return is->n != was->n;
	return was->column ? was->n > 0 && is->n == 0 : is->n < was->n;
}

static bool has_no_rows(const struct counts *is, const char *table)
{
	const struct count *rows = find(is, &(struct count){ table, NULL, 0 });
	return rows && rows->n == 0;
}

void counts_compare(const struct counts *was, const struct counts *is, bool exact, struct wb_str *out)
{
	for (size_t i = 0; i < was->v.n; i++) {
		const struct count *old = &was->v.v[i], *now = find(is, old);
		if (!now || !is_worse(old, now, exact))
			continue;
		/* Where the rows are gone, so are the values. */
		if (old->column && has_no_rows(is, old->table))
			continue;
		wb_str_addf(out, "%s%s%s%s has %lld %s, and had %lld", out->n ? "; " : "", old->table,
			    old->column ? " column " : "", old->column ? old->column : "", (long long)now->n,
			    old->column ? "values" : "rows", (long long)old->n);
	}
}

void counts_done(struct counts *c)
{
	wb_vec_done(&c->v);
	wb_arena_done(&c->arena);
}
