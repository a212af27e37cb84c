/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans of queries: the lines of EXPLAIN QUERY PLAN as nodes. sqlite3 counts
 * neither rows nor blocks, and tells no cost. Its words:
 *
 *	SEARCH t AS a USING COVERING INDEX i (x=? AND y>?)
 *	SCAN t USING AUTOMATIC PARTIAL COVERING INDEX (x=?)
 *	SEARCH t USING INTEGER PRIMARY KEY (rowid=?)
 *	USE TEMP B-TREE FOR ORDER BY
 */
#include "driver/sqlite/internal.h"

struct line {
	int64_t id, parent;
	int depth;
};
struct walk {
	struct wb_arena *a;
	WB_VEC(struct wb_query_node) nodes;
	WB_VEC(struct line) lines;
};

static struct wb_sv word(struct wb_sv *rest)
{
	struct wb_sv w = { "", 0 };

	*rest = wb_sv_trim(*rest);
	(void)wb_sv_cut(rest, ' ', &w);
	return w;
}

/* What stands behind "USING": the kind of index, its name, the condition in brackets. */
static bool take_index(struct wb_arena *a, struct wb_sv rest, struct wb_query_node *n, struct wb_str *type)
{
	const char *bracket = rest.n ? memchr(rest.p, '(', rest.n) : NULL;
	struct wb_sv head = bracket ? wb_sv(rest.p, (size_t)(bracket - rest.p)) : rest, w = word(&head);
	bool automatic = false;

	if (bracket) {
		n->condition = wb_arena_sv(a, wb_sv(bracket, (size_t)(rest.p + rest.n - bracket)));
		if (!n->condition)
			return false;
	}
	for (; w.n && !wb_sv_eq(w, WB_SV("INDEX")); w = word(&head)) {
		wb_str_addf(type, " %.*s", WB_SV_ARG(w));
		automatic |= wb_sv_eq(w, WB_SV("AUTOMATIC"));
	}
	if (!w.n)
		return true; /* the primary key */
	wb_str_add(type, " INDEX");
	head = wb_sv_trim(head);
	n->index = automatic ? NULL : wb_arena_sv(a, head);
	return automatic || n->index;
}

static bool take_scan(struct wb_arena *a, struct wb_sv rest, struct wb_query_node *n, struct wb_str *type)
{
	struct wb_sv w = word(&rest);

	if (wb_sv_eq(w, WB_SV("TABLE"))) /* before 3.36 */
		w = word(&rest);
	n->relation = wb_arena_sv(a, w);
	for (w = word(&rest); w.n; w = word(&rest)) {
		if (wb_sv_eq(w, WB_SV("USING"))) {
			wb_str_add(type, " USING");
			return n->relation && take_index(a, rest, n, type);
		}
		if (wb_sv_eq(w, WB_SV("AS"))) {
			w = word(&rest);
			n->alias = wb_arena_sv(a, w);
		}
		if (wb_sv_eq(w, WB_SV("LEFT-JOIN")))
			n->join = "Left";
	}
	return n->relation != NULL;
}

static bool take_detail(struct wb_arena *a, struct wb_sv detail, struct wb_query_node *n)
{
	wb_autostr type = WB_STR_INIT;
	struct wb_sv rest = detail, first = word(&rest);
	bool ok = true;

	if (wb_sv_eq(first, WB_SV("SEARCH")) || wb_sv_eq(first, WB_SV("SCAN"))) {
		wb_str_addsv(&type, first);
		ok = take_scan(a, rest, n, &type);
	} else {
		wb_str_addsv(&type, detail);
	}
	n->type = type.failed ? NULL : wb_arena_sv(a, wb_str_sv(&type));
	return ok && n->type;
}

static int depth_of(const struct walk *w, int64_t parent)
{
	size_t i;

	for (i = w->lines.n; i-- > 0;)
		if (w->lines.v[i].id == parent)
			return w->lines.v[i].depth + 1;
	return 0;
}

/* id, parent, nothing, detail */
static int take_line(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct walk *w = user;
	struct line line = { 0 };
	struct wb_query_node n = { .cost = -1,
				   .rows_estimated = -1,
				   .rows = -1,
				   .loops = -1,
				   .ms = -1,
				   .blocks_hit = -1,
				   .blocks_read = -1,
				   .temp_read = -1,
				   .temp_written = -1,
				   .spilled_kb = -1 };

	if (row->n < 4 || !wb_sv_i64(row->v[0], &line.id) || !wb_sv_i64(row->v[1], &line.parent))
		return wb_err_set(err, WB_EBUG, "a plan has other columns than it should");
	line.depth = n.depth = depth_of(w, line.parent);
	if (!take_detail(w->a, row->v[3].p ? row->v[3] : WB_SV(""), &n) || !wb_vec_push(&w->nodes, n) ||
	    !wb_vec_push(&w->lines, line))
		return wb_err_nomem(err);
	return 0;
}

int wb_sqlite_explain(struct wb_conn *conn, const struct wb_query *q, bool analyze, struct wb_arena *a,
		      struct wb_query_plan *ret_plan, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	struct walk w = { .a = a };
	struct wb_query ask = { .params = q->params, .n_params = q->n_params, .row = take_line, .row_user = &w };
	struct wb_query_node *nodes = NULL;
	size_t done, offset;
	int rc;

	(void)analyze;
	wb_str_add(&sql, "EXPLAIN QUERY PLAN ");
	wb_str_addsv(&sql, q->sql);
	ask.sql = wb_str_sv(&sql);
	rc = sql.failed ? wb_err_nomem(err) : wb_sqlite_run(conn, &ask, 1, &done, &offset, err);
	if (rc == 0) {
		nodes = wb_arena_array(a, w.nodes.n + 1, sizeof(*nodes));
		rc = nodes ? 0 : wb_err_nomem(err);
	}
	if (rc == 0) {
		if (w.nodes.n)
			memcpy(nodes, w.nodes.v, w.nodes.n * sizeof(*nodes));
		*ret_plan = (struct wb_query_plan){
			.cost = -1, .planning_ms = -1, .execution_ms = -1, .nodes = nodes, .n_nodes = w.nodes.n
		};
	}
	wb_vec_done(&w.nodes);
	wb_vec_done(&w.lines);
	return rc;
}
