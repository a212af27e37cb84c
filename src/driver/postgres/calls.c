/* SPDX-License-Identifier: Apache-2.0
 *
 * What an expression or a query asks for: the functions that it calls, the
 * tables that it reads. libpg_query describes the fields of its nodes, so that
 * one loop goes over all kinds of them. The guards bound its depth.
 */
#include "driver/postgres/reading.h"

#include "base/banned.h"

struct walk {
	struct wb_reading *r;
	WB_VEC(struct wb_name) functions;
	const PgQuery__RangeVar *table; /* the one that is read */
	bool tables; /* more than one is */
	struct wb_words *columns;
	bool query;
	const PgQuery__CommonTableExpr *ctes[8]; /* their names are no tables */
	size_t n_ctes;
};

typedef void visit_fn(struct walk *w, const ProtobufCMessage *m);

static void add(struct walk *w, struct wb_name name)
{
	for (size_t i = 0; i < w->functions.n; i++) {
		const struct wb_name *f = &w->functions.v[i];
		if (name.name && !strcmp(f->name, name.name) &&
		    !strcmp(f->schema ? f->schema : "", name.schema ? name.schema : ""))
			return;
	}
	if (name.name && !wb_vec_push(&w->functions, name))
		w->r->failed = true;
}

static void call(struct walk *w, const ProtobufCMessage *m)
{
	const PgQuery__FuncCall *f = (const PgQuery__FuncCall *)m;
	add(w, wb_read_names(w->r, f->funcname, f->n_funcname));
}

/* PostgreSQL's own operators never have a side effect, nor would anybody's. */
static void operator(struct walk *w, const ProtobufCMessage *m)
{
	const PgQuery__AExpr *e = (const PgQuery__AExpr *)m;
	if (e->n_name < 2)
		return;
	struct wb_name name = wb_read_names(w->r, e->name, e->n_name);
	if (name.schema && strcmp(name.schema, "pg_catalog") != 0)
		add(w, name);
}

static void value(struct walk *w, const ProtobufCMessage *m)
{
	static const char *const functions[] = {
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE] = "current_user",
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER] = "current_user",
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_USER] = "current_user",
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_SESSION_USER] = "session_user",
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_CATALOG] = "current_database",
		[PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_SCHEMA] = "current_schema",
	};
	unsigned op = (unsigned)((const PgQuery__SQLValueFunction *)m)->op;
	const char *f = op < WB_ARRAY_LEN(functions) ? functions[op] : NULL;
	add(w, (struct wb_name){ "pg_catalog", f ? f : "now" });
}

static void cte(struct walk *w, const ProtobufCMessage *m)
{
	if (w->n_ctes < WB_ARRAY_LEN(w->ctes))
		w->ctes[w->n_ctes++] = (const PgQuery__CommonTableExpr *)m;
}

static void table(struct walk *w, const ProtobufCMessage *m)
{
	const PgQuery__RangeVar *t = (const PgQuery__RangeVar *)m;
	for (size_t i = 0; i < w->n_ctes; i++) {
		if (!*t->schemaname && !strcmp(w->ctes[i]->ctename, t->relname))
			return;
	}
	w->tables |= w->table &&
		     (strcmp(w->table->relname, t->relname) != 0 || strcmp(w->table->schemaname, t->schemaname) != 0);
	w->table = t;
}

static void column(struct walk *w, const ProtobufCMessage *m)
{
	const PgQuery__ColumnRef *c = (const PgQuery__ColumnRef *)m;
	const char *name = c->n_fields ? wb_read_name(w->r, c->fields[c->n_fields - 1]) : NULL;
	if (name && !wb_vec_push(w->columns, name))
		w->r->failed = true;
}

static void query(struct walk *w, const ProtobufCMessage *m WB_UNUSED)
{
	w->query = true;
}

static const struct visitor {
	const ProtobufCMessageDescriptor *of;
	visit_fn *visit;
} callers[] = { { &pg_query__func_call__descriptor, call },
		{ &pg_query__a__expr__descriptor, operator},
		  { &pg_query__sqlvalue_function__descriptor, value },
		  { NULL, NULL } },
		namers[] = { { &pg_query__common_table_expr__descriptor, cte }, { NULL, NULL } },
		columns[] = { { &pg_query__column_ref__descriptor, column },
			      { &pg_query__sub_link__descriptor, query },
			      { NULL, NULL } },
		readers[] = { { &pg_query__range_var__descriptor, table }, { NULL, NULL } };

static void walk(struct walk *w, const struct visitor *v, const ProtobufCMessage *m);

static void walk_field(struct walk *w, const struct visitor *v, const ProtobufCMessage *m,
		       const ProtobufCFieldDescriptor *f)
{
	const char *member = (const char *)m + f->offset;
	ProtobufCMessage *const *list = (ProtobufCMessage *const *)(const void *)member;
	if (f->label == PROTOBUF_C_LABEL_REPEATED) {
		size_t n;
		memcpy(&n, (const char *)m + f->quantifier_offset, sizeof(n));
		memcpy(&list, member, sizeof(list));
		for (size_t i = 0; i < n; i++)
			walk(w, v, list[i]);
	} else if (!(f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) {
		walk(w, v, *list);
	}
}

static void walk(struct walk *w, const struct visitor *v, const ProtobufCMessage *m)
{
	if (!m || w->r->failed)
		return;
	if (m->descriptor == &pg_query__node__descriptor)
		m = wb_read_inner((const PgQuery__Node *)m);
	if (!m)
		return;
	for (const struct visitor *i = v; i->of; i++) {
		if (m->descriptor == i->of)
			i->visit(w, m);
	}
	for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
		if (m->descriptor->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
			walk_field(w, v, m, &m->descriptor->fields[i]);
	}
}

/* Those that it has already stay. */
void wb_read_calls(struct wb_reading *r, struct wb_operation *op, const ProtobufCMessage *m)
{
	struct walk w = { .r = r };
	for (size_t i = 0; i < op->n_functions; i++)
		add(&w, op->functions[i]);
	walk(&w, callers, m);
	if (w.functions.n > op->n_functions) {
		struct wb_name *v = wb_arena_array(r->a, w.functions.n, sizeof(*v));
		r->failed |= !v;
		if (v) {
			memcpy(v, w.functions.v, w.functions.n * sizeof(*v));
			op->functions = v;
			op->n_functions = w.functions.n;
		}
	}
	wb_vec_done(&w.functions);
}

struct wb_name wb_read_source(struct wb_reading *r, const ProtobufCMessage *m, const ProtobufCMessage *with)
{
	struct walk w = { .r = r };
	walk(&w, namers, with ? with : m);
	walk(&w, readers, m);
	return wb_read_relation(r, w.tables ? NULL : w.table);
}

bool wb_read_named(struct wb_reading *r, const ProtobufCMessage *m, struct wb_words *out)
{
	struct walk w = { .r = r, .columns = out };
	walk(&w, columns, m);
	return !w.query;
}

bool wb_read_is_null(const PgQuery__Node *expr)
{
	while (expr && expr->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
		expr = expr->type_cast->arg;
	return expr && expr->node_case == PG_QUERY__NODE__NODE_A_CONST && expr->a_const->isnull;
}

static const char *number(struct wb_reading *r, int32_t n)
{
	const char *text = wb_arena_printf(r->a, "%d", (int)n);
	r->failed |= !text;
	return text;
}

static const char *of_const(struct wb_reading *r, const PgQuery__AConst *c)
{
	switch (c->val_case) {
	case PG_QUERY__A__CONST__VAL_IVAL:
		return number(r, c->ival->ival);
	case PG_QUERY__A__CONST__VAL_FVAL:
		return wb_read_text(r, c->fval->fval);
	case PG_QUERY__A__CONST__VAL_BOOLVAL:
		return c->boolval->boolval ? "true" : "false";
	case PG_QUERY__A__CONST__VAL_SVAL:
		return *c->sval->sval ? wb_read_text(r, c->sval->sval) : "";
	default:
		return NULL;
	}
}

const char *wb_read_constant(struct wb_reading *r, const PgQuery__Node *node)
{
	while (node && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
		node = node->type_cast->arg;
	return node && node->node_case == PG_QUERY__NODE__NODE_A_CONST ? of_const(r, node->a_const) : NULL;
}
