/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements about tables and what hangs on them: made, emptied, locked, kept in
 * order; indexes, triggers, rules, policies.
 */
#include "driver/postgres/reading.h"

#include "base/banned.h"

/* An operation done to a table, with what the statement's fields say. */
static struct wb_operation *on_table(struct wb_reading *r, enum wb_op code, const ProtobufCMessage *stmt,
				     const PgQuery__RangeVar *table)
{
	struct wb_operation *op = wb_read_add(r, code, WB_KIND_TABLE);
	op->flags = wb_read_flags(stmt);
	op->table = wb_read_relation(r, table);
	if (table && !table->inh)
		op->flags |= WB_WITH_ONLY;
	return op;
}

/* … to a thing of a table. */
static struct wb_operation *of_table(struct wb_reading *r, enum wb_op code, enum wb_kind kind,
				     const ProtobufCMessage *stmt, const PgQuery__RangeVar *table, const char *name)
{
	struct wb_operation *op = on_table(r, code, stmt, table);
	op->kind = kind;
	op->object.name = wb_read_text(r, name);
	return op;
}

static const PgQuery__RangeVar *relation_of(const PgQuery__Node *node)
{
	return node->node_case == PG_QUERY__NODE__NODE_RANGE_VAR ? node->range_var : NULL;
}

/* ---- CREATE TABLE ---------------------------------------------------------------------- */

static uint32_t persistence(const PgQuery__RangeVar *table)
{
	switch (table && table->relpersistence ? table->relpersistence[0] : 0) {
	case 't':
		return WB_WITH_TEMPORARY;
	case 'u':
		return WB_WITH_UNLOGGED;
	default:
		return 0;
	}
}

static void read_elements(struct wb_reading *r, const PgQuery__CreateStmt *s)
{
	for (size_t i = 0; i < s->n_table_elts && !r->failed; i++) {
		const PgQuery__Node *e = s->table_elts[i];
		if (e->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF)
			wb_read_column(r, s->relation, e->column_def, WB_WITH_INLINE);
		else if (e->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
			wb_read_constraint(r, s->relation, e->constraint, WB_WITH_INLINE);
	}
}

/* More than one parent: an operation for each further one. */
static void read_parents(struct wb_reading *r, const PgQuery__CreateStmt *s)
{
	for (size_t i = 1; i < s->n_inh_relations; i++) {
		struct wb_operation *op = on_table(r, WB_OP_TABLE_INHERIT, NULL, s->relation);
		op->flags = WB_WITH_INLINE;
		op->other = wb_read_relation(r, relation_of(s->inh_relations[i]));
	}
}

static const PgQuery__RangeVar *model_of(const PgQuery__CreateStmt *s)
{
	for (size_t i = 0; i < s->n_table_elts; i++) {
		if (s->table_elts[i]->node_case == PG_QUERY__NODE__NODE_TABLE_LIKE_CLAUSE)
			return s->table_elts[i]->table_like_clause->relation;
	}
	return NULL;
}

static void create(struct wb_reading *r, const PgQuery__CreateStmt *s, enum wb_kind kind)
{
	struct wb_operation *op = on_table(r, WB_OP_TABLE_CREATE, &s->base, s->relation);
	op->kind = kind;
	op->object = op->table;
	op->flags |= persistence(s->relation) | (s->partspec ? WB_WITH_PARTITIONED : 0);
	if (s->n_inh_relations) {
		op->other = wb_read_relation(r, relation_of(s->inh_relations[0]));
		op->flags |= s->partbound ? WB_WITH_PARTITION : WB_WITH_INHERITS;
	} else {
		op->other = wb_read_relation(r, model_of(s));
	}
	wb_read_type(r, op, s->of_typename);
	if (s->partbound) {
		size_t i = wb_piece_find(r, 0, SIZE_MAX, "for default"),
		       end = wb_piece_find(r, i, SIZE_MAX, "partition");
		op->expr = wb_piece_text(r, i, wb_piece_find(r, i, end, "using with tablespace"));
	}
	read_parents(r, s);
	read_elements(r, s);
}

static void create_table(struct wb_reading *r, const PgQuery__Node *node)
{
	create(r, node->create_stmt, WB_KIND_TABLE);
}

static void create_foreign_table(struct wb_reading *r, const PgQuery__Node *node)
{
	if (node->create_foreign_table_stmt->base_stmt)
		create(r, node->create_foreign_table_stmt->base_stmt, WB_KIND_FOREIGN_TABLE);
}

static void create_table_as(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__CreateTableAsStmt *s = node->create_table_as_stmt;
	const PgQuery__RangeVar *table = s->into ? s->into->rel : NULL;
	struct wb_operation *op = on_table(r, WB_OP_TABLE_CREATE_AS, &s->base, table);
	op->kind = wb_read_kind(s->objtype);
	op->object = op->table;
	op->flags |= persistence(table) | (s->into ? wb_read_flags(&s->into->base) : 0);
	op->other = wb_read_source(r, wb_read_any(s->query), NULL);
	wb_read_calls(r, op, wb_read_any(s->query));
	wb_read_query_reach(r, op, s->query);
}

/* ---- rows and order ------------------------------------------------------------------------- */

static void truncate_tables(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__TruncateStmt *s = node->truncate_stmt;
	for (size_t i = 0; i < s->n_relations; i++)
		(void)on_table(r, WB_OP_TABLE_TRUNCATE, &s->base, relation_of(s->relations[i]));
}

static void lock_tables(struct wb_reading *r, const PgQuery__Node *node)
{
	static const char *const modes[] = {
		NULL,    "ACCESS SHARE",        "ROW SHARE", "ROW EXCLUSIVE",   "SHARE UPDATE EXCLUSIVE",
		"SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"
	};
	const PgQuery__LockStmt *s = node->lock_stmt;
	unsigned mode = (unsigned)s->mode;
	for (size_t i = 0; i < s->n_relations; i++) {
		struct wb_operation *op = on_table(r, WB_OP_TABLE_LOCK, &s->base, relation_of(s->relations[i]));
		op->expr = mode < WB_ARRAY_LEN(modes) ? modes[mode] : NULL;
	}
}

static void cluster(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__ClusterStmt *s = node->cluster_stmt;
	struct wb_operation *op = on_table(r, WB_OP_TABLE_CLUSTER, &s->base, s->relation);
	op->object.name = wb_read_text(r, s->indexname);
}

/* Of FULL, FULL on, FULL 1. */
static bool has_option(wb_nodes v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		const PgQuery__DefElem *o = v[i]->node_case == PG_QUERY__NODE__NODE_DEF_ELEM ? v[i]->def_elem : NULL;
		if (o && !strcmp(o->defname, name))
			return wb_pg_is_true(o->arg);
	}
	return false;
}

static void vacuum(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__VacuumStmt *s = node->vacuum_stmt;
	enum wb_op code = !s->is_vacuumcmd                               ? WB_OP_TABLE_ANALYZE
			  : has_option(s->options, s->n_options, "full") ? WB_OP_TABLE_VACUUM_FULL
									 : WB_OP_TABLE_VACUUM;
	for (size_t i = 0; i < s->n_rels; i++) {
		const PgQuery__VacuumRelation *v = s->rels[i]->vacuum_relation;
		struct wb_operation *op = on_table(r, code, &s->base, v->relation);
		wb_read_columns(r, op, v->va_cols, v->n_va_cols);
	}
	if (!s->n_rels)
		(void)on_table(r, code, &s->base, NULL);
}

static void move_all(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__AlterTableMoveAllStmt *s = node->alter_table_move_all_stmt;
	struct wb_operation *op = wb_read_add(r, WB_OP_TABLE_SET_TABLESPACE, wb_read_kind(s->objtype));
	op->type = wb_read_text(r, s->new_tablespacename);
}

static void refresh(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__RefreshMatViewStmt *s = node->refresh_mat_view_stmt;
	struct wb_operation *op = on_table(r, WB_OP_MATVIEW_REFRESH, &s->base, s->relation);
	op->kind = WB_KIND_MATERIALIZED_VIEW;
	op->object = op->table;
}

/* ---- indexes ------------------------------------------------------------------------------- */

static void create_index(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__IndexStmt *s = node->index_stmt;
	struct wb_operation *op = of_table(r, WB_OP_INDEX_CREATE, WB_KIND_INDEX, &s->base, s->relation, s->idxname);
	op->object.schema = op->object.name ? op->table.schema : NULL;
	op->type = wb_read_text(r, s->access_method);
	wb_read_columns(r, op, s->index_params, s->n_index_params);
	for (size_t i = 0; i < s->n_index_params; i++)
		wb_read_calls(r, op, wb_read_any(s->index_params[i]));
	if (!s->where_clause)
		return;
	op->expr = wb_piece_text(r, wb_piece_find(r, wb_piece_at(r, 0), SIZE_MAX, "where") + 1, SIZE_MAX);
	wb_read_calls(r, op, wb_read_any(s->where_clause));
}

static void reindex(struct wb_reading *r, const PgQuery__Node *node)
{
	static const struct {
		enum wb_kind kind;
		const char *noun;
	} of[] = {
		[PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_INDEX] = { WB_KIND_INDEX, NULL },
		[PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_TABLE] = { WB_KIND_TABLE, NULL },
		[PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA] = { WB_KIND_SCHEMA, NULL },
		[PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SYSTEM] = { WB_KIND_COUNT, "system" },
		[PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_DATABASE] = { WB_KIND_COUNT, "database" },
	};
	const PgQuery__ReindexStmt *s = node->reindex_stmt;
	struct wb_operation *op = wb_read_add(r, WB_OP_INDEX_REINDEX, WB_KIND_COUNT);
	unsigned kind = (unsigned)s->kind < WB_ARRAY_LEN(of) ? (unsigned)s->kind : 0;
	op->kind = kind ? of[kind].kind : WB_KIND_COUNT;
	op->noun = of[kind].noun;
	op->flags = has_option(s->params, s->n_params, "concurrently") ? WB_WITH_CONCURRENTLY : 0;
	op->object =
		s->relation ? wb_read_relation(r, s->relation) : (struct wb_name){ NULL, wb_read_text(r, s->name) };
	if (op->kind == WB_KIND_TABLE)
		op->table = op->object;
}

/* ---- triggers, rules, policies ------------------------------------------------------------------ */

static void create_trigger(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__CreateTrigStmt *s = node->create_trig_stmt;
	struct wb_operation *op =
		of_table(r, WB_OP_TRIGGER_CREATE, WB_KIND_TRIGGER, &s->base, s->relation, s->trigname);
	op->other = wb_read_relation(r, s->constrrel);
	op->expr = s->row ? NULL : "statement";
	wb_read_columns(r, op, s->columns, s->n_columns);
}

static void create_rule(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__RuleStmt *s = node->rule_stmt;
	(void)of_table(r, WB_OP_RULE_CREATE, WB_KIND_RULE, &s->base, s->relation, s->rulename);
}

static void create_policy(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__CreatePolicyStmt *s = node->create_policy_stmt;
	(void)of_table(r, WB_OP_POLICY_CREATE, WB_KIND_POLICY, &s->base, s->table, s->policy_name);
}

static void alter_policy(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__AlterPolicyStmt *s = node->alter_policy_stmt;
	(void)of_table(r, WB_OP_POLICY_ALTER, WB_KIND_POLICY, &s->base, s->table, s->policy_name);
}

/* ---- all of them ---------------------------------------------------------------------------------- */

static wb_reader_fn *const statements[] = {
	[PG_QUERY__NODE__NODE_ALTER_POLICY_STMT] = alter_policy,
	[PG_QUERY__NODE__NODE_ALTER_TABLE_MOVE_ALL_STMT] = move_all,
	[PG_QUERY__NODE__NODE_ALTER_TABLE_STMT] = wb_read_alter_table,
	[PG_QUERY__NODE__NODE_CLUSTER_STMT] = cluster,
	[PG_QUERY__NODE__NODE_CREATE_FOREIGN_TABLE_STMT] = create_foreign_table,
	[PG_QUERY__NODE__NODE_CREATE_POLICY_STMT] = create_policy,
	[PG_QUERY__NODE__NODE_CREATE_STMT] = create_table,
	[PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT] = create_table_as,
	[PG_QUERY__NODE__NODE_CREATE_TRIG_STMT] = create_trigger,
	[PG_QUERY__NODE__NODE_INDEX_STMT] = create_index,
	[PG_QUERY__NODE__NODE_LOCK_STMT] = lock_tables,
	[PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT] = refresh,
	[PG_QUERY__NODE__NODE_REINDEX_STMT] = reindex,
	[PG_QUERY__NODE__NODE_RULE_STMT] = create_rule,
	[PG_QUERY__NODE__NODE_TRUNCATE_STMT] = truncate_tables,
	[PG_QUERY__NODE__NODE_VACUUM_STMT] = vacuum,
};

wb_reader_fn *wb_read_of_table(unsigned node_case)
{
	return node_case < WB_ARRAY_LEN(statements) ? statements[node_case] : NULL;
}
