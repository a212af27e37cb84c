/* SPDX-License-Identifier: Apache-2.0
 *
 * The parse tree: one handler for each kind of node that matters to a runner,
 * found by table.
 */
#include "sql/pg_internal.h"
#include "sql/pg_tree.h"

/* ---- parts of the tree ---------------------------------------------------- */

static void set_name(char out[64], const char *name)
{
	wb_pg_name(out, name ? name : "", name ? strlen(name) : 0);
}

static void set_relation(char schema[64], char name[64], const PgQuery__RangeVar *r)
{
	set_name(schema, r ? r->schemaname : NULL);
	set_name(name, r ? r->relname : NULL);
}

static void set_object(struct wb_pg_info *info, const char *type, const char *name)
{
	(void)wb_sv_copy(wb_sv_str(type), info->object_type, sizeof(info->object_type));
	info->schema[0] = '\0';
	set_name(info->name, name);
}

static void set_table(struct wb_pg_info *info, const char *type, const PgQuery__RangeVar *r)
{
	set_object(info, type, NULL);
	set_relation(info->schema, info->name, r);
}

static void refuses(struct wb_pg_info *info, enum wb_pg_kind kind)
{
	info->kind = kind;
	info->refuses_transaction = true;
}

static void forbid(struct wb_pg_info *info, const char *reason)
{
	info->kind = WB_PG_FORBIDDEN;
	info->reason = reason;
}

/* What PostgreSQL takes for false; anything else, also what it would refuse, counts as true. */
bool wb_pg_is_true(const PgQuery__Node *value)
{
	static const char *const no[] = { "f", "fa", "fal", "fals", "false", "of", "off", "n", "no", "0" };
	const char *text = NULL;
	if (!value)
		return true;
	if (value->node_case == PG_QUERY__NODE__NODE_BOOLEAN)
		return value->boolean->boolval;
	if (value->node_case == PG_QUERY__NODE__NODE_INTEGER)
		return value->integer->ival != 0;
	if (value->node_case == PG_QUERY__NODE__NODE_STRING)
		text = value->string->sval;
	if (value->node_case == PG_QUERY__NODE__NODE_A_CONST) {
		const PgQuery__AConst *c = value->a_const;
		if (c->val_case == PG_QUERY__A__CONST__VAL_IVAL)
			return c->ival->ival != 0;
		if (c->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL)
			return c->boolval->boolval;
		if (c->val_case == PG_QUERY__A__CONST__VAL_SVAL)
			text = c->sval->sval;
	}
	for (size_t i = 0; text && i < WB_ARRAY_LEN(no); i++) {
		if (wb_sv_ieq(wb_sv_str(text), no[i]))
			return false;
	}
	return true;
}

/* The option of this name, the last one if it was given twice. */
static const PgQuery__DefElem *option(PgQuery__Node *const *options, size_t n, const char *name)
{
	const PgQuery__DefElem *found = NULL;
	for (size_t i = 0; i < n; i++) {
		if (options[i]->node_case == PG_QUERY__NODE__NODE_DEF_ELEM &&
		    strcmp(options[i]->def_elem->defname, name) == 0)
			found = options[i]->def_elem;
	}
	return found;
}

static bool option_is_true(PgQuery__Node *const *options, size_t n, const char *name, bool otherwise)
{
	const PgQuery__DefElem *o = option(options, n, name);
	return o ? wb_pg_is_true(o->arg) : otherwise;
}

/* ---- statements: handlers --------------------------------------------------- */

static void index_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	const PgQuery__IndexStmt *s = node->index_stmt;
	set_object(info, "index", s->idxname);
	set_relation(info->rel_schema, info->rel_name, s->relation);
	memcpy(info->schema, info->rel_schema, sizeof(info->schema));
	info->unique = s->unique;
	info->if_exists = s->if_not_exists;
	info->create = true;
	if (s->concurrent)
		refuses(info, WB_PG_INDEX_CREATE);
}

static void drop_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	const PgQuery__DropStmt *s = node->drop_stmt;
	if (s->remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_INDEX || s->n_objects == 0)
		return;
	const PgQuery__Node *first = s->objects[0];
	set_object(info, "index", NULL);
	for (size_t i = 0; first->node_case == PG_QUERY__NODE__NODE_LIST && i < first->list->n_items; i++) {
		const PgQuery__Node *part = first->list->items[i];
		memcpy(info->schema, info->name, sizeof(info->schema));
		set_name(info->name, part->node_case == PG_QUERY__NODE__NODE_STRING ? part->string->sval : NULL);
	}
	info->if_exists = s->missing_ok;
	if (s->concurrent)
		refuses(info, WB_PG_INDEX_DROP);
}

static void reindex_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	static const struct {
		const char *type;
		bool whole; /* commits between its tables */
	} kinds[] = {
		[PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_INDEX] = { "index", false },
		[PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_TABLE] = { "table", false },
		[PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA] = { "schema", true },
		[PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SYSTEM] = { "system", true },
		[PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_DATABASE] = { "database", true },
	};
	const PgQuery__ReindexStmt *s = node->reindex_stmt;
	unsigned kind = (unsigned)s->kind;
	if (kind >= WB_ARRAY_LEN(kinds) || !kinds[kind].type)
		return;
	set_object(info, kinds[kind].type, s->name);
	if (s->relation)
		set_relation(info->schema, info->name, s->relation);
	if (kinds[kind].whole || option_is_true(s->params, s->n_params, "concurrently", false))
		refuses(info, WB_PG_REINDEX);
}

static void vacuum_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	const PgQuery__VacuumStmt *s = node->vacuum_stmt;
	const PgQuery__Node *first = s->n_rels ? s->rels[0] : NULL;
	if (first && first->node_case == PG_QUERY__NODE__NODE_VACUUM_RELATION)
		set_table(info, "table", first->vacuum_relation->relation);
	if (s->is_vacuumcmd)
		refuses(info, WB_PG_VACUUM);
}

static void cluster_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	const PgQuery__ClusterStmt *s = node->cluster_stmt;
	if (s->relation)
		set_table(info, "table", s->relation);
	else
		refuses(info, WB_PG_CLUSTER_ALL);
}

static void alter_table_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	const PgQuery__AlterTableStmt *s = node->alter_table_stmt;
	info->if_exists = s->missing_ok;
	for (size_t i = 0; i < s->n_cmds; i++) {
		const PgQuery__AlterTableCmd *cmd = s->cmds[i]->node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_CMD
							    ? s->cmds[i]->alter_table_cmd
							    : NULL;
		if (!cmd || cmd->subtype != PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition || !cmd->def ||
		    cmd->def->node_case != PG_QUERY__NODE__NODE_PARTITION_CMD || !cmd->def->partition_cmd->concurrent)
			continue;
		set_table(info, "table", cmd->def->partition_cmd->name);
		set_relation(info->rel_schema, info->rel_name, s->relation);
		refuses(info, WB_PG_DETACH);
	}
}

static void createdb_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	set_object(info, "database", node->createdb_stmt->dbname);
	info->create = true;
	refuses(info, WB_PG_DATABASE);
}

static void dropdb_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	set_object(info, "database", node->dropdb_stmt->dbname);
	info->if_exists = node->dropdb_stmt->missing_ok;
	refuses(info, WB_PG_DATABASE);
}

static void alter_database_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	const PgQuery__AlterDatabaseStmt *s = node->alter_database_stmt;
	set_object(info, "database", s->dbname);
	if (option(s->options, s->n_options, "tablespace"))
		refuses(info, WB_PG_DATABASE);
}

static void create_tablespace_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	set_object(info, "tablespace", node->create_table_space_stmt->tablespacename);
	info->create = true;
	refuses(info, WB_PG_TABLESPACE);
}

static void drop_tablespace_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	set_object(info, "tablespace", node->drop_table_space_stmt->tablespacename);
	info->if_exists = node->drop_table_space_stmt->missing_ok;
	refuses(info, WB_PG_TABLESPACE);
}

static void alter_system_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	const PgQuery__VariableSetStmt *set = node->alter_system_stmt->setstmt;
	set_object(info, "setting", set ? set->name : NULL);
	refuses(info, WB_PG_SYSTEM);
}

/* The slot on the other server is made outside any transaction; without `connect` none is. */
static void create_subscription_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	const PgQuery__CreateSubscriptionStmt *s = node->create_subscription_stmt;
	bool connect = option_is_true(s->options, s->n_options, "connect", true);
	set_object(info, "subscription", s->subname);
	info->create = true;
	info->kind = WB_PG_SUBSCRIPTION;
	info->refuses_transaction = option_is_true(s->options, s->n_options, "create_slot", connect);
}

static void alter_subscription_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	const PgQuery__AlterSubscriptionStmt *s = node->alter_subscription_stmt;
	set_object(info, "subscription", s->subname);
	switch (s->kind) {
	case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_REFRESH:
		refuses(info, WB_PG_SUBSCRIPTION);
		break;
	case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_SET_PUBLICATION:
	case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_ADD_PUBLICATION:
	case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_DROP_PUBLICATION:
		if (option_is_true(s->options, s->n_options, "refresh", true))
			refuses(info, WB_PG_SUBSCRIPTION);
		break;
	case PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_OPTIONS:
		/* PostgreSQL 17 and 18 */
		if (option(s->options, s->n_options, "failover") || option(s->options, s->n_options, "two_phase"))
			refuses(info, WB_PG_SUBSCRIPTION);
		break;
	default:
		break;
	}
}

static void drop_subscription_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	set_object(info, "subscription", node->drop_subscription_stmt->subname);
	info->if_exists = node->drop_subscription_stmt->missing_ok;
	refuses(info, WB_PG_SUBSCRIPTION);
}

static void transaction_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	static const enum wb_pg_kind kinds[] = {
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN] = WB_PG_BEGIN,
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START] = WB_PG_BEGIN,
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT] = WB_PG_COMMIT,
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK] = WB_PG_COMMIT,
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT] = WB_PG_SAVEPOINT,
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE] = WB_PG_SAVEPOINT,
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO] = WB_PG_SAVEPOINT,
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_PREPARE] = WB_PG_COMMIT,
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT_PREPARED] = WB_PG_PREPARED,
		[PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_PREPARED] = WB_PG_PREPARED,
	};
	unsigned kind = (unsigned)node->transaction_stmt->kind;
	info->kind = kind < WB_ARRAY_LEN(kinds) ? kinds[kind] : WB_PG_UNKNOWN;
	info->refuses_transaction = info->kind == WB_PG_PREPARED;
}

#define READ_ONLY "it would make the transaction read-only, so that the journal could not be written"

/* SET TRANSACTION …, SET SESSION CHARACTERISTICS AS TRANSACTION … */
static bool sets_read_only(const PgQuery__VariableSetStmt *s)
{
	if (s->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI)
		return option_is_true(s->args, s->n_args, "transaction_read_only", false);
	return s->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE && s->n_args == 1 && wb_pg_is_true(s->args[0]) &&
	       (wb_sv_ieq(wb_sv_str(s->name), "transaction_read_only") ||
		wb_sv_ieq(wb_sv_str(s->name), "default_transaction_read_only"));
}

static void variable_set_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	const PgQuery__VariableSetStmt *s = node->variable_set_stmt;
	set_object(info, "setting", s->name);
	info->kind = WB_PG_SET;
	if (sets_read_only(s))
		forbid(info, READ_ONLY);
	else if (s->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE &&
		 wb_sv_ieq(wb_sv_str(s->name), "session_authorization"))
		forbid(info, "it would change who the session belongs to, so that the journal might not be writable");
}

static void discard_stmt(const PgQuery__Node *node, struct wb_pg_info *info)
{
	if (node->discard_stmt->target != PG_QUERY__DISCARD_MODE__DISCARD_ALL)
		return;
	info->refuses_transaction = true;
	forbid(info, "it would release the lock of the run, and drop its settings and prepared statements");
}

typedef void node_fn(const PgQuery__Node *node, struct wb_pg_info *info);

static node_fn *const handlers[] = {
	[PG_QUERY__NODE__NODE_ALTER_DATABASE_STMT] = alter_database_stmt,
	[PG_QUERY__NODE__NODE_ALTER_SUBSCRIPTION_STMT] = alter_subscription_stmt,
	[PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT] = alter_system_stmt,
	[PG_QUERY__NODE__NODE_ALTER_TABLE_STMT] = alter_table_stmt,
	[PG_QUERY__NODE__NODE_CLUSTER_STMT] = cluster_stmt,
	[PG_QUERY__NODE__NODE_CREATE_SUBSCRIPTION_STMT] = create_subscription_stmt,
	[PG_QUERY__NODE__NODE_CREATE_TABLE_SPACE_STMT] = create_tablespace_stmt,
	[PG_QUERY__NODE__NODE_CREATEDB_STMT] = createdb_stmt,
	[PG_QUERY__NODE__NODE_DISCARD_STMT] = discard_stmt,
	[PG_QUERY__NODE__NODE_DROP_STMT] = drop_stmt,
	[PG_QUERY__NODE__NODE_DROP_SUBSCRIPTION_STMT] = drop_subscription_stmt,
	[PG_QUERY__NODE__NODE_DROP_TABLE_SPACE_STMT] = drop_tablespace_stmt,
	[PG_QUERY__NODE__NODE_DROPDB_STMT] = dropdb_stmt,
	[PG_QUERY__NODE__NODE_INDEX_STMT] = index_stmt,
	[PG_QUERY__NODE__NODE_REINDEX_STMT] = reindex_stmt,
	[PG_QUERY__NODE__NODE_TRANSACTION_STMT] = transaction_stmt,
	[PG_QUERY__NODE__NODE_VACUUM_STMT] = vacuum_stmt,
	[PG_QUERY__NODE__NODE_VARIABLE_SET_STMT] = variable_set_stmt,
};

/* ---- classifying ------------------------------------------------------------- */

static void read_tree(const PgQuery__Node *node, struct wb_pg_info *info)
{
	unsigned kind = (unsigned)node->node_case;
	info->kind = WB_PG_PLAIN;
	info->refuses_transaction = false;
	if (kind < WB_ARRAY_LEN(handlers) && handlers[kind])
		handlers[kind](node, info);
}

void wb_pg_classify(struct wb_sv statement, struct wb_pg_info *ret_info)
{
	wb_autoarena arena = WB_ARENA_INIT;
	struct wb_pg_tree tree;
	*ret_info = (struct wb_pg_info){ .kind = WB_PG_PLAIN };
	if (!wb_pg_words(statement, ret_info))
		return;
	if (wb_pg_tree_read(&arena, statement, &tree, NULL) < 0)
		tree = (struct wb_pg_tree){ .reason = "out of memory" };
	if (tree.stmt)
		read_tree(tree.stmt, ret_info);
	else
		ret_info->reason = tree.reason;
	if (tree.lack == WB_PG_NOT_ONE) {
		ret_info->kind = WB_PG_UNKNOWN;
		ret_info->refuses_transaction = false;
	}
}

void wb_pg_classify_words(struct wb_sv statement, struct wb_pg_info *ret_info)
{
	*ret_info = (struct wb_pg_info){ .kind = WB_PG_PLAIN };
	(void)wb_pg_words(statement, ret_info);
}
