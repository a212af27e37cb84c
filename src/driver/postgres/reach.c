/* SPDX-License-Identifier: Apache-2.0
 *
 * Which rows a query or a change of rows has to look at, as far as its text
 * tells: all, or those that meet conditions joined by AND, each about columns
 * that an index may be on. What the server makes of it the catalog has to say.
 */
#include "driver/postgres/reading.h"

#include "base/banned.h"

struct conditions {
	struct wb_reading *r;
	struct wb_words equal, other; /* columns */
	size_t tables;
	bool values; /* something is compared with a value, not a column with a column */
	bool open; /* there is a query in it, or what is read is no table */
};

static void keep(struct conditions *c, struct wb_words *to, const struct wb_words *from)
{
	for (size_t i = 0; i < from->n; i++)
		c->r->failed |= !wb_vec_push(to, from->v[i]);
}

static size_t columns_in(struct conditions *c, const PgQuery__Node *node)
{
	struct wb_words named = { 0 };
	c->open |= !wb_read_named(c->r, wb_read_any(node), &named);
	size_t n = named.n;
	wb_vec_done(&named);
	return n;
}

static bool is_column(const PgQuery__Node *node)
{
	return node && node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF;
}

static bool is_equals(const PgQuery__AExpr *e)
{
	bool kind = e->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP || e->kind == PG_QUERY__A__EXPR__KIND__AEXPR_IN ||
		    e->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY;
	return kind && e->n_name == 1 && e->name[0]->node_case == PG_QUERY__NODE__NODE_STRING &&
	       !strcmp(e->name[0]->string->sval, "=");
}

static void condition(struct conditions *c, const PgQuery__Node *node)
{
	const PgQuery__AExpr *e = node->node_case == PG_QUERY__NODE__NODE_A_EXPR ? node->a_expr : NULL;
	struct wb_words named = { 0 };
	c->open |= !wb_read_named(c->r, wb_read_any(node), &named);
	bool join = e && is_column(e->lexpr) && is_column(e->rexpr);
	bool equal = e && !join && is_equals(e) && named.n == 1 &&
		     ((is_column(e->lexpr) && columns_in(c, e->rexpr) == 0) ||
		      (is_column(e->rexpr) && columns_in(c, e->lexpr) == 0));
	c->values |= !join;
	keep(c, equal ? &c->equal : &c->other, &named);
	wb_vec_done(&named);
}

static void where(struct conditions *c, const PgQuery__Node *node)
{
	const PgQuery__BoolExpr *b = node && node->node_case == PG_QUERY__NODE__NODE_BOOL_EXPR ? node->bool_expr : NULL;
	if (!b || b->boolop != PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR) {
		if (node)
			condition(c, node);
		return;
	}
	for (size_t i = 0; i < b->n_args; i++)
		where(c, b->args[i]);
}

/* VALUES */
static bool is_list(const PgQuery__Node *query)
{
	return query && query->node_case == PG_QUERY__NODE__NODE_SELECT_STMT && query->select_stmt->n_values_lists;
}

static void from(struct conditions *c, const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_RANGE_VAR:
		c->tables++;
		break;
	case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
		break;
	case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
		c->open |= !is_list(node->range_subselect->subquery);
		break;
	case PG_QUERY__NODE__NODE_JOIN_EXPR:
		if (!node->join_expr->larg || !node->join_expr->rarg) {
			c->open = true;
			break;
		}
		from(c, node->join_expr->larg);
		from(c, node->join_expr->rarg);
		where(c, node->join_expr->quals);
		break;
	default:
		c->open = true;
	}
}

static void keep_keys(struct conditions *c, struct wb_operation *op)
{
	size_t n = c->equal.n + c->other.n;
	const char **v = wb_arena_array(c->r->a, n + 1, sizeof(*v));
	c->r->failed |= !v;
	for (size_t i = 0; v && i < n; i++)
		v[i] = i < c->equal.n ? c->equal.v[i] : c->other.v[i - c->equal.n];
	op->keys = v;
	op->n_keys = v ? n : 0;
	op->n_equal = v ? c->equal.n : 0;
}

void wb_read_reach(struct wb_reading *r, struct wb_operation *op, bool table, wb_nodes tables, size_t n,
		   const PgQuery__Node *quals)
{
	struct conditions c = { .r = r, .tables = table };
	for (size_t i = 0; i < n; i++)
		from(&c, tables[i]);
	where(&c, quals);
	/* Where nothing is compared with a value, the rows of one of them are gone through. */
	if (c.open)
		op->reach = WB_REACH_SOME;
	else if (!c.tables)
		op->reach = WB_REACH_NONE;
	else if (!c.values)
		op->reach = WB_REACH_ALL;
	else
		op->reach = c.tables == 1 ? WB_REACH_KEYS : WB_REACH_SOME;
	if (op->reach == WB_REACH_KEYS)
		keep_keys(&c, op);
	wb_vec_done(&c.equal);
	wb_vec_done(&c.other);
}

/* These an index answers. */
static bool asks_an_end(const struct wb_operation *op)
{
	for (size_t i = 0; i < op->n_functions; i++) {
		if (!strcmp(op->functions[i].name, "min") || !strcmp(op->functions[i].name, "max"))
			return true;
	}
	return false;
}

void wb_read_query_reach(struct wb_reading *r, struct wb_operation *op, const PgQuery__Node *query)
{
	const PgQuery__SelectStmt *s =
		query && query->node_case == PG_QUERY__NODE__NODE_SELECT_STMT ? query->select_stmt : NULL;
	struct wb_words named = { 0 };
	if (!query) {
		op->reach = WB_REACH_NONE;
		return;
	}
	if (!s || s->with_clause || s->limit_count || s->op > PG_QUERY__SET_OPERATION__SETOP_NONE || asks_an_end(op))
		return;
	wb_read_reach(r, op, false, s->from_clause, s->n_from_clause, s->where_clause);
	if (!s->n_from_clause && !wb_read_named(r, &s->base, &named))
		op->reach = WB_REACH_SOME;
	wb_vec_done(&named);
}
