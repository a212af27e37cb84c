/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements about rows, the session, and transactions. What a WITH clause
 * changes comes before what the statement does itself.
 */
#include "driver/postgres/reading.h"

#include "base/banned.h"

/* ---- rows ------------------------------------------------------------------------------ */

static void read_with(struct wb_reading *r, const PgQuery__WithClause *with)
{
	for (size_t i = 0; with && i < with->n_ctes; i++) {
		const PgQuery__Node *cte = with->ctes[i];
		if (cte->node_case != PG_QUERY__NODE__NODE_COMMON_TABLE_EXPR || !cte->common_table_expr->ctequery)
			continue;
		const PgQuery__Node *query = cte->common_table_expr->ctequery;
		if (query->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
			wb_read_statement(r, query);
	}
}

static struct wb_operation *change(struct wb_reading *r, enum wb_op code, const PgQuery__RangeVar *table,
				   const PgQuery__WithClause *with, const ProtobufCMessage *stmt)
{
	read_with(r, with);
	struct wb_operation *op = wb_read_add(r, code, WB_KIND_TABLE);
	op->table = wb_read_relation(r, table);
	op->flags = wb_read_flags(stmt) | (table && !table->inh ? WB_WITH_ONLY : 0);
	wb_read_calls(r, op, stmt);
	return op;
}

static void insert(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__InsertStmt *s = node->insert_stmt;
	struct wb_operation *op = change(r, WB_OP_INSERT, s->relation, s->with_clause, &s->base);
	wb_read_columns(r, op, s->cols, s->n_cols);
	op->other = s->select_stmt ? wb_read_source(r, wb_read_any(s->select_stmt), &s->base)
				   : (struct wb_name){ NULL, NULL };
	wb_read_query_reach(r, op, s->select_stmt);
}

static void update(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__UpdateStmt *s = node->update_stmt;
	struct wb_operation *op = change(r, WB_OP_UPDATE, s->relation, s->with_clause, &s->base);
	wb_read_columns(r, op, s->target_list, s->n_target_list);
	if (!s->with_clause)
		wb_read_reach(r, op, true, s->from_clause, s->n_from_clause, s->where_clause);
}

static void delete_rows(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__DeleteStmt *s = node->delete_stmt;
	struct wb_operation *op = change(r, WB_OP_DELETE, s->relation, s->with_clause, &s->base);
	if (!s->with_clause)
		wb_read_reach(r, op, true, s->using_clause, s->n_using_clause, s->where_clause);
}

static void merge(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__MergeStmt *s = node->merge_stmt;
	struct wb_operation *op = change(r, WB_OP_MERGE, s->relation, s->with_clause, &s->base);
	op->other = s->source_relation ? wb_read_source(r, wb_read_any(s->source_relation), &s->base)
				       : (struct wb_name){ NULL, NULL };
	if (!s->with_clause && s->source_relation)
		wb_read_reach(r, op, true, &s->source_relation, 1, s->join_condition);
}

static void copy(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__CopyStmt *s = node->copy_stmt;
	struct wb_operation *op = change(r, s->is_from ? WB_OP_COPY_IN : WB_OP_COPY_OUT, s->relation, NULL, &s->base);
	wb_read_columns(r, op, s->attlist, s->n_attlist);
}

/* ---- SELECT --------------------------------------------------------------------------------- */

static const char *strength(const PgQuery__SelectStmt *s)
{
	static const char *const strengths[] = {
		[PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORKEYSHARE] = "FOR KEY SHARE",
		[PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORSHARE] = "FOR SHARE",
		[PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORNOKEYUPDATE] = "FOR NO KEY UPDATE",
		[PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORUPDATE] = "FOR UPDATE",
	};
	unsigned most = 0;
	for (size_t i = 0; i < s->n_locking_clause; i++) {
		const PgQuery__Node *l = s->locking_clause[i];
		if (l->node_case == PG_QUERY__NODE__NODE_LOCKING_CLAUSE && (unsigned)l->locking_clause->strength > most)
			most = (unsigned)l->locking_clause->strength;
	}
	return most < WB_ARRAY_LEN(strengths) ? strengths[most] : NULL;
}

/* set_config('name', 'value', local), as dumps have it. */
static void set_config(struct wb_reading *r, const PgQuery__FuncCall *f)
{
	if (f->n_funcname == 0 || f->n_args != 3)
		return;
	struct wb_name name = wb_read_names(r, f->funcname, f->n_funcname);
	const char *setting = wb_read_constant(r, f->args[0]), *local = wb_read_constant(r, f->args[2]);
	if (!name.name || strcmp(name.name, "set_config") != 0 || !setting)
		return;
	struct wb_operation *op = wb_read_add(r, WB_OP_SET, WB_KIND_COUNT);
	op->object.name = setting;
	op->expr = wb_read_constant(r, f->args[1]);
	op->flags = local && !strcmp(local, "true") ? WB_WITH_LOCAL : 0;
}

static void select_rows(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__SelectStmt *s = node->select_stmt;
	const PgQuery__RangeVar *into = s->into_clause ? s->into_clause->rel : NULL;
	read_with(r, s->with_clause);
	for (size_t i = 0; i < s->n_target_list; i++) {
		const PgQuery__Node *t = s->target_list[i];
		if (t->node_case == PG_QUERY__NODE__NODE_RES_TARGET && t->res_target->val &&
		    t->res_target->val->node_case == PG_QUERY__NODE__NODE_FUNC_CALL)
			set_config(r, t->res_target->val->func_call);
	}
	struct wb_operation *op = wb_read_add(r, into ? WB_OP_TABLE_CREATE_AS : WB_OP_SELECT, WB_KIND_TABLE);
	op->flags = s->where_clause ? WB_WITH_WHERE : 0;
	op->expr = strength(s);
	if (into) {
		op->table = op->object = wb_read_relation(r, into);
		op->flags |= into->relpersistence[0] == 't' ? WB_WITH_TEMPORARY : 0;
		if (s->n_from_clause == 1)
			op->other = wb_read_source(r, wb_read_any(s->from_clause[0]), &s->base);
	} else {
		op->table = wb_read_source(r, &s->base, NULL);
	}
	wb_read_calls(r, op, &s->base);
	wb_read_query_reach(r, op, node);
}

/* ---- settings ---------------------------------------------------------------------------------- */

static const char *setting_value(struct wb_reading *r, wb_nodes v, size_t n)
{
	const char *text = NULL;
	for (size_t i = 0; i < n; i++) {
		const char *one = wb_read_constant(r, v[i]);
		if (one && text)
			one = wb_arena_printf(r->a, "%s, %s", text, one);
		r->failed |= text && !one;
		text = one ? one : text;
	}
	return text;
}

/* Settings are known in any case. */
static const char *lower(struct wb_reading *r, const char *text)
{
	char *copy = text && *text ? wb_arena_str(r->a, text) : NULL;
	r->failed |= text && *text && !copy;
	for (char *p = copy; p && *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
	return copy;
}

static void set(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__VariableSetStmt *s = node->variable_set_stmt;
	if (s->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI) {
		wb_read_add(r, WB_OP_TRANSACTION, WB_KIND_COUNT)->expr = "set";
		return;
	}
	struct wb_operation *op = wb_read_add(r, WB_OP_SET, WB_KIND_COUNT);
	op->object.name = lower(r, s->name);
	op->expr = setting_value(r, s->args, s->n_args);
	op->flags = s->is_local ? WB_WITH_LOCAL : 0;
}

static void transaction(struct wb_reading *r, const PgQuery__Node *node)
{
	static const char *const words[] = {
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN] = "begin",
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START] = "begin",
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT] = "commit",
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK] = "rollback",
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT] = "savepoint",
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE] = "release",
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO] = "rollback to",
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_PREPARE] = "prepare",
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT_PREPARED] = "commit prepared",
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_PREPARED] = "rollback prepared",
	};
	unsigned kind = (unsigned)node->transaction_stmt->kind;
	struct wb_operation *op = wb_read_add(r, WB_OP_TRANSACTION, WB_KIND_COUNT);
	op->expr = kind < WB_ARRAY_LEN(words) ? words[kind] : NULL;
	op->object.name = wb_read_text(r, node->transaction_stmt->savepoint_name);
}

static void constraints(struct wb_reading *r, const PgQuery__Node *node WB_UNUSED)
{
	wb_read_add(r, WB_OP_TRANSACTION, WB_KIND_COUNT)->expr = "set constraints";
}

/* ---- what runs something else ----------------------------------------------------------------------- */

static void session(struct wb_reading *r, const PgQuery__Node *node WB_UNUSED)
{
	(void)wb_read_add(r, WB_OP_SESSION, WB_KIND_COUNT);
}

static void call(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__FuncCall *f = node->call_stmt->funccall;
	struct wb_operation *op = wb_read_add(r, WB_OP_CALL, WB_KIND_PROCEDURE);
	if (f)
		op->object = wb_read_names(r, f->funcname, f->n_funcname);
}

static void do_block(struct wb_reading *r, const PgQuery__Node *node WB_UNUSED)
{
	(void)wb_read_add(r, WB_OP_CALL, WB_KIND_COUNT);
}

/* With ANALYZE it runs the statement. */
static void explain(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__ExplainStmt *s = node->explain_stmt;
	for (size_t i = 0; i < s->n_options; i++) {
		const PgQuery__DefElem *o =
			s->options[i]->node_case == PG_QUERY__NODE__NODE_DEF_ELEM ? s->options[i]->def_elem : NULL;
		if (o && s->query && !strcmp(o->defname, "analyze") && wb_pg_is_true(o->arg)) {
			wb_read_statement(r, s->query);
			return;
		}
	}
	session(r, node);
}

/* What was prepared is in another statement. */
static void execute(struct wb_reading *r, const PgQuery__Node *node)
{
	wb_read_add(r, WB_OP_UNKNOWN, WB_KIND_COUNT)->object.name = wb_read_text(r, node->execute_stmt->name);
	r->unknown = "it runs what another statement has prepared";
}

/* ---- all of them --------------------------------------------------------------------------------------- */

static wb_reader_fn *const statements[] = {
#define NODE(name) [PG_QUERY__NODE__NODE_##name]
	NODE(CALL_STMT) = call,
	NODE(CHECK_POINT_STMT) = session,
	NODE(CLOSE_PORTAL_STMT) = session,
	NODE(CONSTRAINTS_SET_STMT) = constraints,
	NODE(COPY_STMT) = copy,
	NODE(DEALLOCATE_STMT) = session,
	NODE(DECLARE_CURSOR_STMT) = session,
	NODE(DELETE_STMT) = delete_rows,
	NODE(DISCARD_STMT) = session,
	NODE(DO_STMT) = do_block,
	NODE(EXECUTE_STMT) = execute,
	NODE(EXPLAIN_STMT) = explain,
	NODE(FETCH_STMT) = session,
	NODE(INSERT_STMT) = insert,
	NODE(LISTEN_STMT) = session,
	NODE(LOAD_STMT) = session,
	NODE(MERGE_STMT) = merge,
	NODE(NOTIFY_STMT) = session,
	NODE(PREPARE_STMT) = session,
	NODE(SELECT_STMT) = select_rows,
	NODE(TRANSACTION_STMT) = transaction,
	NODE(UNLISTEN_STMT) = session,
	NODE(UPDATE_STMT) = update,
	NODE(VARIABLE_SET_STMT) = set,
	NODE(VARIABLE_SHOW_STMT) = session,
#undef NODE
};

wb_reader_fn *wb_read_of_rows(unsigned node_case)
{
	return node_case < WB_ARRAY_LEN(statements) ? statements[node_case] : NULL;
}
