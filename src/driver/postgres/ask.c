/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's own questions. They are not the migration's: their notices are
 * not told, and outside a transaction they run with search_path pinned, in one
 * implicit transaction with what pins it.
 */
#include "driver/postgres/pg.h"

int wb_pg_ask(struct wb_pg *c, enum wb_pg_sql id, const struct wb_value *params, int n_params, wb_row_fn row,
	      void *user, struct wb_error *err)
{
	struct wb_query q[] = {
		{ .sql = wb_sv_str(wb_pg_text(c, WB_PG_SQL_PIN)) },
		{ .sql = wb_sv_str(wb_pg_text(c, (int)id)),
		  .params = params,
		  .n_params = n_params,
		  .row = row,
		  .row_user = user },
	};
	bool pin = !c->base.in_transaction, was_quiet = c->quiet;
	size_t done, offset;
	c->quiet = true;
	int rc = wb_pg_run(&c->base, pin ? q : q + 1, pin ? 2 : 1, &done, &offset, err);
	c->quiet = was_quiet;
	return rc;
}

int wb_pg_do(struct wb_pg *c, const char *sql, struct wb_error *err)
{
	struct wb_query q = { .sql = wb_sv_str(sql) };
	size_t done, offset;
	return wb_pg_run(&c->base, &q, 1, &done, &offset, err);
}

int wb_pg_take_first(void *first, const struct wb_row *row, struct wb_error *err)
{
	struct wb_pg_first *f = first;
	if (f->found)
		return 0;
	f->found = true;
	f->n = row->n < (int)WB_ARRAY_LEN(f->v) ? row->n : (int)WB_ARRAY_LEN(f->v);
	for (int i = 0; i < f->n; i++) {
		f->v[i] = row->v[i].p ? wb_arena_sv(f->arena, row->v[i]) : NULL;
		if (row->v[i].p && !f->v[i])
			return wb_err_nomem(err);
	}
	return 0;
}

struct number {
	bool found;
	int64_t value;
};

static int take_number(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct number *n = user;
	(void)err;
	if (!n->found && row->n && row->v[0].p)
		n->found = wb_sv_i64(row->v[0], &n->value);
	return 0;
}

int wb_pg_number(struct wb_pg *c, enum wb_pg_sql id, const struct wb_value *params, int n_params, int64_t none,
		 int64_t *ret_value, struct wb_error *err)
{
	struct number n = { 0 };
	int rc = wb_pg_ask(c, id, params, n_params, take_number, &n, err);
	if (rc == 0)
		*ret_value = n.found ? n.value : none;
	return rc;
}

int64_t wb_pg_cell_number(const struct wb_row *row, int column)
{
	int64_t n;
	return column < row->n && row->v[column].p && wb_sv_i64(row->v[column], &n) ? n : -1;
}

void wb_pg_cell_text(const struct wb_row *row, int column, char *buf, size_t size)
{
	struct wb_sv text = column < row->n && row->v[column].p ? row->v[column] : WB_SV("");
	(void)wb_sv_copy(wb_sv_head(text, size - 1), buf, size);
}
