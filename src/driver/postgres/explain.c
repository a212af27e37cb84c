/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans of queries. EXPLAIN gives JSON, and the server itself takes it apart
 * again (sql/plan_walk.sql): one row for each node.
 */
#include "driver/postgres/pg.h"

#include <stdlib.h>

struct walk {
	struct wb_arena *a;
	struct wb_query_plan *plan;
	WB_VEC(struct wb_query_node) nodes;
};

static int take_text(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct wb_str *text = user;
	wb_str_addsv(text, row->n ? row->v[0] : WB_SV(""));
	return text->failed ? wb_err_nomem(err) : 0;
}

static double number(const struct wb_row *row, int column)
{
	return row->v[column].p ? strtod(row->v[column].p, NULL) : -1;
}

static int64_t count(const struct wb_row *row, int column)
{
	return row->v[column].p ? (int64_t)number(row, column) : -1;
}

enum { TEXTS_FROM = 1, TEXTS = 7, COLUMNS = 20 };

static int take_node(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct walk *w = user;
	const char *t[TEXTS];
	if (row->n != COLUMNS)
		return wb_err_set(err, WB_EBUG, "a plan has other columns than it should");
	for (int i = 0; i < TEXTS; i++) {
		const struct wb_sv text = row->v[TEXTS_FROM + i];
		t[i] = text.p ? wb_arena_sv(w->a, text) : NULL;
		if (text.p && !t[i])
			return wb_err_nomem(err);
	}
	struct wb_query_node node = {
		.depth = (int)count(row, 0),
		.type = t[0] ? t[0] : "",
		.relation = t[1],
		.alias = t[2],
		.index = t[3],
		.join = t[4],
		.keys = t[5],
		.condition = t[6],
		.cost = number(row, 8),
		.rows_estimated = number(row, 9),
		.rows = number(row, 10),
		.loops = number(row, 11),
		.ms = number(row, 12),
		.blocks_hit = count(row, 13),
		.blocks_read = count(row, 14),
		.temp_read = count(row, 15),
		.temp_written = count(row, 16),
		.spilled_kb = count(row, 17),
	};
	w->plan->planning_ms = number(row, 18);
	w->plan->execution_ms = number(row, 19);
	return wb_vec_push(&w->nodes, node) ? 0 : wb_err_nomem(err);
}

static int walk(struct wb_pg *c, struct wb_sv json, struct walk *w, struct wb_error *err)
{
	const struct wb_value value = wb_v_sv(json);
	int rc = wb_pg_ask(c, WB_PG_SQL_PLAN_WALK, &value, 1, take_node, w, err);
	struct wb_query_node *nodes = rc == 0 ? wb_arena_array(w->a, w->nodes.n + 1, sizeof(*nodes)) : NULL;
	if (rc == 0 && !nodes)
		rc = wb_err_nomem(err);
	if (rc == 0 && w->nodes.n)
		memcpy(nodes, w->nodes.v, w->nodes.n * sizeof(*nodes));
	w->plan->nodes = nodes;
	w->plan->n_nodes = w->nodes.n;
	wb_vec_done(&w->nodes);
	return rc;
}

int wb_pg_explain(struct wb_conn *conn, const struct wb_query *q, bool analyze, struct wb_arena *a,
		  struct wb_query_plan *ret_plan, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT, json = WB_STR_INIT;
	struct wb_query_plan plan = { .analyzed = analyze };
	struct walk w = { .a = a, .plan = &plan };
	size_t done, offset;
	wb_str_add(&sql, analyze ? "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " : "EXPLAIN (FORMAT JSON) ");
	wb_str_addsv(&sql, q->sql);
	struct wb_query ask = { .sql = wb_str_sv(&sql),
				.params = q->params,
				.n_params = q->n_params,
				.row = take_text,
				.row_user = &json };
	int rc = sql.failed ? wb_err_nomem(err) : wb_pg_run(conn, &ask, 1, &done, &offset, err);
	if (rc == 0)
		rc = walk(wb_pg(conn), wb_str_sv(&json), &w, err);
	if (rc == 0)
		*ret_plan = plan;
	return rc;
}
