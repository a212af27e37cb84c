/* SPDX-License-Identifier: Apache-2.0
 *
 * What a query asks of its tables, out of its parse tree: one shape for each
 * SELECT in it, and for the rows that UPDATE and DELETE look for. Expressions
 * are written anew without the names that the query gives its tables, as an
 * index has them.
 */
#include "driver/postgres/pg.h"
#include "driver/postgres/reading.h"

#include "base/banned.h"

struct shaping {
	struct wb_arena *a;
	WB_VEC(struct wb_shape) shapes;
	bool failed;
};
/* One SELECT at work. */
struct scope {
	struct shaping *s;
	WB_VEC(struct wb_shape_table) tables;
	WB_VEC(struct wb_shape_condition) conditions;
	WB_VEC(struct wb_shape_sort) sorts;
	WB_VEC(struct wb_shape_key) groups;
	WB_VEC(struct wb_shape_column) columns;
	bool either; /* within an OR */
};
/* What an expression is made of. */
struct parts {
	WB_VEC(PgQuery__ColumnRef *) columns;
	bool query, param, failed;
};

/* ---- walking --------------------------------------------------------------------------- */

typedef bool visit_fn(void *user, const ProtobufCMessage *m); /* false: do not go into it */

static void walk(const ProtobufCMessage *m, visit_fn *visit, void *user)
{
	if (m && m->descriptor == &pg_query__node__descriptor)
		m = wb_read_inner((const PgQuery__Node *)m);
	if (!m || !visit(user, m))
		return;
	for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
		const char *member = (const char *)m + f->offset;
		ProtobufCMessage *one, **list;
		size_t n;
		if (f->type != PROTOBUF_C_TYPE_MESSAGE || f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
			continue;
		if (f->label != PROTOBUF_C_LABEL_REPEATED) {
			memcpy(&one, member, sizeof(one));
			walk(one, visit, user);
			continue;
		}
		memcpy(&n, (const char *)m + f->quantifier_offset, sizeof(n));
		memcpy(&list, member, sizeof(list));
		for (size_t k = 0; k < n; k++)
			walk(list[k], visit, user);
	}
}

static bool see(void *user, const ProtobufCMessage *m)
{
	struct parts *p = user;
	union {
		const ProtobufCMessage *in;
		PgQuery__ColumnRef *out;
	} column = { m };
	if (m->descriptor == &pg_query__column_ref__descriptor)
		p->failed |= !wb_vec_push(&p->columns, column.out);
	p->param |= m->descriptor == &pg_query__param_ref__descriptor;
	p->query |= m->descriptor == &pg_query__sub_link__descriptor;
	return m->descriptor != &pg_query__sub_link__descriptor;
}

static struct parts parts_of(struct scope *c, const PgQuery__Node *node)
{
	struct parts p = { 0 };
	walk(wb_read_any(node), see, &p);
	c->s->failed |= p.failed;
	return p;
}

/* ---- keys --------------------------------------------------------------------------------- */

static const char *field(const PgQuery__ColumnRef *c, size_t from_end)
{
	const PgQuery__Node *f = c->n_fields >= from_end ? c->fields[c->n_fields - from_end] : NULL;
	return f && f->node_case == PG_QUERY__NODE__NODE_STRING ? f->string->sval : NULL;
}

static const PgQuery__Node *within_casts(const PgQuery__Node *node)
{
	while (node && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
		node = node->type_cast->arg;
	return node;
}

static bool is_column(const PgQuery__Node *node)
{
	return node && node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* The alias is not part of an index. */
static void strip(struct parts *p)
{
	for (size_t i = 0; i < p->columns.n; i++) {
		PgQuery__ColumnRef *c = p->columns.v[i];
		c->fields += c->n_fields - 1;
		c->n_fields = 1;
	}
}

/* As an index has it: calls as they are, other expressions in brackets. */
static const char *write_key(struct scope *c, const PgQuery__Node *node)
{
	const char *text = wb_pg_tree_write(c->s->a, node);
	bool plain = is_column(node) || node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL;
	return text && !plain ? wb_arena_printf(c->s->a, "(%s)", text) : text;
}

/* A column or an expression of the columns of one table. */
static bool make_key(struct scope *c, const PgQuery__Node *node, struct wb_shape_key *ret)
{
	struct parts p = parts_of(c, node);
	bool ok = node && p.columns.n && !p.query && !p.param;
	for (size_t i = 0; ok && i < p.columns.n; i++)
		ok = field(p.columns.v[i], 1) && same(field(p.columns.v[i], 2), field(p.columns.v[0], 2));
	if (ok) {
		const char *alias = field(p.columns.v[0], 2), *name = field(p.columns.v[0], 1);
		strip(&p);
		*ret = (struct wb_shape_key){ .alias = alias,
					      .column = is_column(node) ? name : NULL,
					      .any_column = name,
					      .text = write_key(c, node) };
	}
	wb_vec_done(&p.columns);
	return ok && ret->text;
}

/* ---- conditions ------------------------------------------------------------------------------ */

static const char *operator_of(const PgQuery__AExpr *e)
{
	const PgQuery__Node *last = e->n_name ? e->name[e->n_name - 1] : NULL;
	return last && last->node_case == PG_QUERY__NODE__NODE_STRING ? last->string->sval : "";
}

static const struct {
	const char *op;
	enum wb_want ask;
	bool left; /* only where what is looked for in stands on the left */
	bool right;
} asks[] = {
	{ "=", WB_WANT_EQUAL, false, false },     { "<", WB_WANT_RANGE, false, false },
	{ "<=", WB_WANT_RANGE, false, false },    { ">", WB_WANT_RANGE, false, false },
	{ ">=", WB_WANT_RANGE, false, false },    { "~~", WB_WANT_LIKE, true, false },
	{ "~~*", WB_WANT_LIKE, true, false },     { "~", WB_WANT_LIKE, true, false },
	{ "~*", WB_WANT_LIKE, true, false },      { "@>", WB_WANT_CONTAINS, true, false },
	{ "<@", WB_WANT_CONTAINS, false, true },  { "?", WB_WANT_KEY, true, false },
	{ "?|", WB_WANT_KEY, true, false },       { "?&", WB_WANT_KEY, true, false },
	{ "&&", WB_WANT_OVERLAPS, false, false }, { "@@", WB_WANT_MATCHES, false, false },
};

static bool ask_of(const PgQuery__AExpr *e, enum wb_want *ret_ask, bool *ret_left, bool *ret_right)
{
	switch (e->kind) {
	case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
	case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
		*ret_ask = WB_WANT_RANGE;
		*ret_left = true;
		return true;
	case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
	case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
	case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
	case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE:
	case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
		break;
	default:
		return false;
	}
	for (size_t i = 0; i < WB_ARRAY_LEN(asks); i++) {
		if (strcmp(operator_of(e), asks[i].op) != 0)
			continue;
		*ret_ask = asks[i].ask;
		*ret_left = asks[i].left || e->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY;
		*ret_right = asks[i].right;
		return true;
	}
	return false;
}

static bool is_constant(struct scope *c, const PgQuery__Node *node)
{
	struct parts p = parts_of(c, node);
	bool ok = !p.columns.n && !p.query && !p.param;
	wb_vec_done(&p.columns);
	return ok;
}

/* 'x%' */
static bool begins_plainly(const PgQuery__Node *pattern)
{
	const PgQuery__Node *n = within_casts(pattern);
	const char *text = n && n->node_case == PG_QUERY__NODE__NODE_A_CONST &&
					   n->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL
				   ? n->a_const->sval->sval
				   : "%";
	return *text && *text != '%' && *text != '_';
}

static void add_condition(struct scope *c, enum wb_want ask, const PgQuery__Node *side, const PgQuery__Node *whole,
			  bool literal)
{
	struct wb_shape_condition x = { .ask = ask, .either = c->either };
	if (!make_key(c, side, &x.key))
		return;
	/* Its columns have lost their aliases with the key. */
	if (literal)
		x.literal = wb_pg_tree_write(c->s->a, whole);
	c->s->failed |= !wb_vec_push(&c->conditions, x);
}

static void add_join(struct scope *c, const PgQuery__AExpr *e)
{
	add_condition(c, WB_WANT_JOIN, e->lexpr, NULL, false);
	add_condition(c, WB_WANT_JOIN, e->rexpr, NULL, false);
}

static bool has_columns(struct scope *c, const PgQuery__Node *node)
{
	struct parts p = parts_of(c, node);
	bool has = p.columns.n > 0;
	wb_vec_done(&p.columns);
	return has;
}

static void compare(struct scope *c, const PgQuery__Node *node)
{
	const PgQuery__AExpr *e = node->a_expr;
	enum wb_want ask;
	bool left = false, right = false, l = has_columns(c, e->lexpr), r = has_columns(c, e->rexpr);
	if (!ask_of(e, &ask, &left, &right) || (!l && !r))
		return;
	if (l && r) {
		if (ask == WB_WANT_EQUAL && e->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP)
			add_join(c, e);
		return;
	}
	if ((left && !l) || (right && !r))
		return;
	if (ask == WB_WANT_LIKE && !strcmp(operator_of(e), "~~") && begins_plainly(e->rexpr))
		ask = WB_WANT_PREFIX;
	add_condition(c, ask, l ? e->lexpr : e->rexpr, node, is_constant(c, l ? e->rexpr : e->lexpr));
}

static void condition(struct scope *c, const PgQuery__Node *node);

static void conditions(struct scope *c, const PgQuery__BoolExpr *b)
{
	bool either = c->either;
	if (b->boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR) {
		if (b->n_args && is_column(b->args[0]))
			add_condition(c, WB_WANT_FALSE, b->args[0], NULL, false);
		return;
	}
	c->either |= b->boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR;
	for (size_t i = 0; i < b->n_args; i++)
		condition(c, b->args[i]);
	c->either = either;
}

static void test_truth(struct scope *c, const PgQuery__BooleanTest *t)
{
	if (!is_column(t->arg))
		return;
	if (t->booltesttype == PG_QUERY__BOOL_TEST_TYPE__IS_TRUE)
		add_condition(c, WB_WANT_TRUE, t->arg, NULL, false);
	if (t->booltesttype == PG_QUERY__BOOL_TEST_TYPE__IS_FALSE)
		add_condition(c, WB_WANT_FALSE, t->arg, NULL, false);
}

/* x = true */
static bool is_truth(const PgQuery__Node *node, bool *ret_true)
{
	const PgQuery__AExpr *e = node->a_expr;
	const PgQuery__Node *value = within_casts(e->rexpr);
	if (e->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP || strcmp(operator_of(e), "=") != 0 || !is_column(e->lexpr) ||
	    !value || value->node_case != PG_QUERY__NODE__NODE_A_CONST ||
	    value->a_const->val_case != PG_QUERY__A__CONST__VAL_BOOLVAL)
		return false;
	*ret_true = value->a_const->boolval->boolval;
	return true;
}

static void condition(struct scope *c, const PgQuery__Node *node)
{
	bool truth;
	switch (node ? node->node_case : PG_QUERY__NODE__NODE__NOT_SET) {
	case PG_QUERY__NODE__NODE_BOOL_EXPR:
		conditions(c, node->bool_expr);
		break;
	case PG_QUERY__NODE__NODE_A_EXPR:
		if (is_truth(node, &truth))
			add_condition(c, truth ? WB_WANT_TRUE : WB_WANT_FALSE, node->a_expr->lexpr, NULL, false);
		else
			compare(c, node);
		break;
	case PG_QUERY__NODE__NODE_NULL_TEST:
		add_condition(c,
			      node->null_test->nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL ? WB_WANT_NULL
												 : WB_WANT_NOT_NULL,
			      node->null_test->arg, node, true);
		break;
	case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
		test_truth(c, node->boolean_test);
		break;
	case PG_QUERY__NODE__NODE_COLUMN_REF:
		add_condition(c, WB_WANT_TRUE, node, NULL, false);
		break;
	case PG_QUERY__NODE__NODE_SUB_LINK:
		if (node->sub_link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK)
			add_condition(c, WB_WANT_JOIN, node->sub_link->testexpr, NULL, false);
		break;
	default:
		break;
	}
}

/* ---- FROM, ORDER BY, GROUP BY ---------------------------------------------------------------------- */

static const char *copy(struct scope *c, const char *text)
{
	const char *p = text && *text ? wb_arena_str(c->s->a, text) : NULL;
	c->s->failed |= text && *text && !p;
	return p;
}

static void add_table(struct scope *c, const PgQuery__RangeVar *r)
{
	struct wb_shape_table t = { .name = { copy(c, r->schemaname), copy(c, r->relname) } };
	t.alias = r->alias && r->alias->aliasname ? copy(c, r->alias->aliasname) : t.name.name;
	c->s->failed |= !wb_vec_push(&c->tables, t);
}

static void add_using(struct scope *c, const PgQuery__JoinExpr *j)
{
	for (size_t i = 0; i < j->n_using_clause; i++) {
		const PgQuery__Node *name = j->using_clause[i];
		if (name->node_case != PG_QUERY__NODE__NODE_STRING)
			continue;
		const char *column = copy(c, name->string->sval);
		struct wb_str quoted = WB_STR_INIT;
		wb_quote_ident(&quoted, wb_sv_str(column));
		struct wb_shape_condition x = { .ask = WB_WANT_JOIN,
						.key = { .column = column,
							 .any_column = column,
							 .text = quoted.failed ? NULL : copy(c, quoted.p) } };
		wb_str_done(&quoted);
		c->s->failed |= !x.key.text || !wb_vec_push(&c->conditions, x);
	}
}

static void from(struct scope *c, const PgQuery__Node *node)
{
	if (node && node->node_case == PG_QUERY__NODE__NODE_RANGE_VAR)
		add_table(c, node->range_var);
	if (!node || node->node_case != PG_QUERY__NODE__NODE_JOIN_EXPR)
		return;
	from(c, node->join_expr->larg);
	from(c, node->join_expr->rarg);
	add_using(c, node->join_expr);
	condition(c, node->join_expr->quals);
}

/* ORDER BY 1, ORDER BY total: what the list of the query means. */
static const PgQuery__Node *meant(const PgQuery__SelectStmt *s, const PgQuery__Node *node)
{
	int32_t number = node && node->node_case == PG_QUERY__NODE__NODE_A_CONST &&
					 node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL
				 ? node->a_const->ival->ival
				 : 0;
	const char *name = is_column(node) && node->column_ref->n_fields == 1 ? field(node->column_ref, 1) : NULL;
	for (size_t i = 0; i < s->n_target_list; i++) {
		const PgQuery__Node *t = s->target_list[i];
		if (t->node_case != PG_QUERY__NODE__NODE_RES_TARGET)
			continue;
		if (number == (int32_t)i + 1 || (name && *t->res_target->name && !strcmp(t->res_target->name, name)))
			return t->res_target->val;
	}
	return number ? NULL : node;
}

static void sorts(struct scope *c, const PgQuery__SelectStmt *s)
{
	for (size_t i = 0; i < s->n_sort_clause; i++) {
		const PgQuery__SortBy *by = s->sort_clause[i]->sort_by;
		struct wb_shape_sort x = { .descending = by->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC };
		x.nulls_other = by->sortby_nulls == (x.descending ? PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST
								  : PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST);
		if (!make_key(c, meant(s, by->node), &x.key)) {
			c->sorts.n = 0; /* what is sorted by something else first is no order of an index */
			return;
		}
		c->s->failed |= !wb_vec_push(&c->sorts, x);
	}
}

/* min() and max() ask for an end of an order. */
static void ends(struct scope *c, const PgQuery__SelectStmt *s)
{
	const PgQuery__Node *t = s->n_target_list == 1 ? s->target_list[0] : NULL;
	const PgQuery__Node *value = t && t->node_case == PG_QUERY__NODE__NODE_RES_TARGET ? t->res_target->val : NULL;
	const PgQuery__FuncCall *f =
		value && value->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? value->func_call : NULL;
	const PgQuery__Node *name = f && f->n_funcname && f->n_args == 1 ? f->funcname[f->n_funcname - 1] : NULL;
	struct wb_shape_sort x = { 0 };
	if (!name || s->n_sort_clause || s->n_group_clause || name->node_case != PG_QUERY__NODE__NODE_STRING ||
	    (strcmp(name->string->sval, "min") != 0 && strcmp(name->string->sval, "max") != 0))
		return;
	if (make_key(c, f->args[0], &x.key))
		c->s->failed |= !wb_vec_push(&c->sorts, x);
}

static void groups(struct scope *c, const PgQuery__SelectStmt *s)
{
	for (size_t i = 0; i < s->n_group_clause; i++) {
		struct wb_shape_key key;
		if (!make_key(c, meant(s, s->group_clause[i]), &key)) {
			c->groups.n = 0;
			return;
		}
		c->s->failed |= !wb_vec_push(&c->groups, key);
	}
}

static bool note_column(void *user, const ProtobufCMessage *m)
{
	struct scope *c = user;
	const PgQuery__ColumnRef *r = (const PgQuery__ColumnRef *)m;
	if (m->descriptor != &pg_query__column_ref__descriptor)
		return true;
	bool star = r->n_fields && r->fields[r->n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
	struct wb_shape_column x = { copy(c, field(r, 2)), star ? NULL : copy(c, field(r, 1)) };
	c->s->failed |= !wb_vec_push(&c->columns, x);
	return false;
}

/* ---- one query ----------------------------------------------------------------------------------------- */

static void *keep(struct scope *c, const void *v, size_t n, size_t size)
{
	void *p = wb_arena_array(c->s->a, n + 1, size);
	c->s->failed |= !p;
	return p && n ? memcpy(p, v, n * size) : p;
}

static void finish(struct scope *c, bool limit)
{
	struct wb_shape x = { .tables = keep(c, c->tables.v, c->tables.n, sizeof(*c->tables.v)),
			      .conditions = keep(c, c->conditions.v, c->conditions.n, sizeof(*c->conditions.v)),
			      .sorts = keep(c, c->sorts.v, c->sorts.n, sizeof(*c->sorts.v)),
			      .groups = keep(c, c->groups.v, c->groups.n, sizeof(*c->groups.v)),
			      .columns = keep(c, c->columns.v, c->columns.n, sizeof(*c->columns.v)),
			      .n_tables = c->tables.n,
			      .n_conditions = c->conditions.n,
			      .n_sorts = c->sorts.n,
			      .n_groups = c->groups.n,
			      .n_columns = c->columns.n,
			      .limit = limit };
	if (c->tables.n)
		c->s->failed |= !wb_vec_push(&c->s->shapes, x);
	wb_vec_done(&c->tables);
	wb_vec_done(&c->conditions);
	wb_vec_done(&c->sorts);
	wb_vec_done(&c->groups);
	wb_vec_done(&c->columns);
}

static void read_select(struct shaping *s, const PgQuery__SelectStmt *q)
{
	struct scope c = { .s = s };
	walk(&q->base, note_column, &c); /* while the aliases are there */
	for (size_t i = 0; i < q->n_from_clause; i++)
		from(&c, q->from_clause[i]);
	condition(&c, q->where_clause);
	groups(&c, q);
	sorts(&c, q);
	ends(&c, q);
	finish(&c, q->limit_count != NULL);
}

static void read_change(struct shaping *s, const ProtobufCMessage *m, const PgQuery__RangeVar *table, wb_nodes others,
			size_t n, const PgQuery__Node *where)
{
	struct scope c = { .s = s };
	walk(m, note_column, &c);
	if (table)
		add_table(&c, table);
	for (size_t i = 0; i < n; i++)
		from(&c, others[i]);
	condition(&c, where);
	finish(&c, false);
}

static bool read_any(void *user, const ProtobufCMessage *m)
{
	struct shaping *s = user;
	const PgQuery__UpdateStmt *u = (const PgQuery__UpdateStmt *)m;
	const PgQuery__DeleteStmt *d = (const PgQuery__DeleteStmt *)m;
	if (m->descriptor == &pg_query__select_stmt__descriptor)
		read_select(s, (const PgQuery__SelectStmt *)m);
	if (m->descriptor == &pg_query__update_stmt__descriptor)
		read_change(s, m, u->relation, u->from_clause, u->n_from_clause, u->where_clause);
	if (m->descriptor == &pg_query__delete_stmt__descriptor)
		read_change(s, m, d->relation, d->using_clause, d->n_using_clause, d->where_clause);
	return true;
}

int wb_pg_query_shape(struct wb_sv statement, struct wb_arena *a, struct wb_shapes *ret_shapes, struct wb_error *err)
{
	struct shaping s = { .a = a };
	struct wb_pg_tree tree = { 0 };
	int rc = wb_pg_tree_read(a, statement, &tree, err);
	if (rc == 0 && tree.stmt)
		walk(wb_read_any(tree.stmt), read_any, &s);
	struct wb_shape *v = rc == 0 ? wb_arena_array(a, s.shapes.n + 1, sizeof(*v)) : NULL;
	if (rc == 0 && (s.failed || !v))
		rc = wb_err_nomem(err);
	if (rc == 0 && s.shapes.n)
		memcpy(v, s.shapes.v, s.shapes.n * sizeof(*v));
	if (rc == 0)
		*ret_shapes = (struct wb_shapes){ v, s.shapes.n };
	wb_vec_done(&s.shapes);
	return rc;
}
