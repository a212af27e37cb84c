/* SPDX-License-Identifier: Apache-2.0
 *
 * What the server has counted about indexes (sql/index_use.sql).
 */
#include "driver/postgres/pg.h"

#include "base/banned.h"

struct counting {
	struct wb_arena *arena;
	struct wb_index_uses *out;
	bool failed;
};

static const char *text(struct counting *g, struct wb_sv v)
{
	const char *copy = v.p ? wb_arena_sv(g->arena, v) : NULL;

	g->failed |= v.p && !copy;
	return copy;
}

static int64_t number(struct wb_sv v)
{
	int64_t n;

	return v.p && wb_sv_i64(v, &n) ? n : -1;
}

static int take(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct counting *g = user;
	struct wb_index_use use = { .schema = text(g, row->v[0]),
				    .table = text(g, row->v[1]),
				    .index = text(g, row->v[2]),
				    .column = text(g, row->v[3]),
				    .scans = number(row->v[4]),
				    .bytes = number(row->v[5]),
				    .rows = number(row->v[6]),
				    .building = wb_sv_eq(row->v[7], WB_SV("t")) };

	if (row->v[8].p && !g->out->since)
		g->out->since = text(g, row->v[8]);
	return !g->failed && wb_vec_push(g->out, use) ? 0 : wb_err_nomem(err);
}

int wb_pg_index_use(struct wb_conn *conn, struct wb_arena *a, struct wb_index_uses *out, struct wb_error *err)
{
	const struct wb_value every_schema = wb_v_text(NULL);
	struct counting g = { .arena = a, .out = out };

	return wb_pg_ask(wb_pg(conn), WB_PG_SQL_INDEX_USE, &every_schema, 1, take, &g, err);
}
