/* SPDX-License-Identifier: Apache-2.0
 *
 * ALTER TABLE and its like for views, indexes and composite types: an operation
 * for each subcommand. Commas part them in the text.
 */
#include "driver/postgres/reading.h"

#include "base/banned.h"

/* One subcommand. */
struct clause {
	struct wb_reading *r;
	const PgQuery__AlterTableStmt *stmt;
	const PgQuery__AlterTableCmd *cmd;
	struct wb_operation *op; /* its first; NULL: what makes more than one begins it */
	enum wb_kind kind;
	uint32_t flags;
	size_t from, to; /* its pieces */
};

static struct wb_operation *begin(struct clause *c, enum wb_op code)
{
	struct wb_operation *op = wb_read_add(c->r, code, c->kind);
	op->flags = c->flags;
	op->offset = c->from < c->r->pieces.n ? c->r->pieces.v[c->from].at : 0;
	if (c->kind == WB_KIND_INDEX || c->kind == WB_KIND_COMPOSITE)
		op->object = wb_read_relation(c->r, c->stmt->relation);
	else
		op->table = wb_read_relation(c->r, c->stmt->relation);
	return op;
}

/* What is behind the first of these words. */
static const char *behind(const struct clause *c, const char *words)
{
	size_t at = wb_piece_find(c->r, c->from, c->to, words);
	return at < c->to ? wb_piece_text(c->r, at + 1, c->to) : NULL;
}

/* ---- subcommands ------------------------------------------------------------------------ */

static const PgQuery__ColumnDef *column_of(const struct clause *c)
{
	const PgQuery__Node *def = c->cmd->def;
	return def && def->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF ? def->column_def : NULL;
}

static void column_add(struct clause *c)
{
	const PgQuery__ColumnDef *column = column_of(c);
	size_t first = c->r->ops.n;
	if (!column)
		return;
	wb_read_column(c->r, c->stmt->relation, column, c->flags);
	if (c->r->failed)
		return;
	c->r->ops.v[first].kind = c->kind;
	c->r->ops.v[first].offset = c->r->pieces.v[c->from].at;
}

static void column_type(struct clause *c)
{
	const PgQuery__ColumnDef *column = column_of(c);
	if (!column)
		return;
	size_t i = wb_piece_at(c->r, column->type_name->location);
	wb_read_type(c->r, c->op, column->type_name);
	c->op->flags |= column->coll_clause ? WB_WITH_COLLATE : 0;
	c->op->type = wb_piece_text(c->r, i, wb_piece_find(c->r, i, c->to, "collate using"));
	if (!column->raw_default)
		return;
	c->op->expr = behind(c, "using");
	wb_read_calls(c->r, c->op, wb_read_any(column->raw_default));
}

static void column_default(struct clause *c)
{
	if (!c->cmd->def) {
		c->op->code = WB_OP_COLUMN_DROP_DEFAULT;
		return;
	}
	c->op->expr = behind(c, "default");
	c->op->flags |= wb_read_is_null(c->cmd->def) ? 0 : WB_WITH_DEFAULT;
	wb_read_calls(c->r, c->op, wb_read_any(c->cmd->def));
}

static void rest(struct clause *c)
{
	c->op->expr = behind(c, "statistics storage compression");
}

static void constraint_add(struct clause *c)
{
	size_t first = c->r->ops.n;
	if (!c->cmd->def || c->cmd->def->node_case != PG_QUERY__NODE__NODE_CONSTRAINT)
		return;
	wb_read_constraint(c->r, c->stmt->relation, c->cmd->def->constraint, c->flags);
	if (c->r->failed)
		return;
	c->r->ops.v[first].kind = c->kind;
	c->r->ops.v[first].offset = c->r->pieces.v[c->from].at;
}

static void constraint_alter(struct clause *c)
{
	if (c->cmd->def && c->cmd->def->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
		c->op->object.name = wb_read_text(c->r, c->cmd->def->constraint->conname);
}

/* An operation for each parameter: their locks differ. */
static void options(struct clause *c)
{
	size_t n;
	wb_nodes v = c->cmd->def ? wb_read_list(wb_read_inner(c->cmd->def), "items", &n) : NULL;
	for (size_t i = 0; v && i < n; i++) {
		struct wb_operation *op = begin(c, WB_OP_TABLE_SET_OPTIONS);
		const ProtobufCMessage *option = wb_read_inner(v[i]);
		const char *of = wb_read_string(option, "defnamespace"), *name = wb_read_string(option, "defname");
		op->expr = wb_arena_printf(c->r->a, "%s%s%s", of ? of : "", of ? "." : "", name ? name : "");
		c->r->failed |= !op->expr;
		op->flags |= c->cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions ? WB_WITH_REVERSE : 0;
	}
}

static void partition(struct clause *c)
{
	const PgQuery__Node *def = c->cmd->def;
	if (!def || def->node_case != PG_QUERY__NODE__NODE_PARTITION_CMD)
		return;
	c->op->other = wb_read_relation(c->r, def->partition_cmd->name);
	c->op->flags |= wb_read_flags(&def->partition_cmd->base);
	if (c->kind == WB_KIND_INDEX)
		c->op->code = WB_OP_INDEX_ATTACH;
	else if (c->op->code == WB_OP_TABLE_ATTACH)
		c->op->expr = wb_piece_text(c->r, wb_piece_find(c->r, c->from, c->to, "for default"), c->to);
}

static void parent(struct clause *c)
{
	if (c->cmd->def && c->cmd->def->node_case == PG_QUERY__NODE__NODE_RANGE_VAR)
		c->op->other = wb_read_relation(c->r, c->cmd->def->range_var);
}

static void of_type(struct clause *c)
{
	if (c->cmd->def && c->cmd->def->node_case == PG_QUERY__NODE__NODE_TYPE_NAME)
		wb_read_type(c->r, c->op, c->cmd->def->type_name);
}

/* What the subcommand names is no part of the table. */
static void names_type(struct clause *c)
{
	c->op->type = c->op->object.name;
	if (c->kind == WB_KIND_INDEX)
		c->op->object = wb_read_relation(c->r, c->stmt->relation);
	else
		c->op->object.name = NULL;
}

static void owner(struct clause *c)
{
	c->op->object = wb_read_relation(c->r, c->stmt->relation);
	c->op->expr = wb_read_role(c->r, c->cmd->newowner);
}

static void identity(struct clause *c)
{
	const PgQuery__Node *def = c->cmd->def;
	if (def && def->node_case == PG_QUERY__NODE__NODE_REPLICA_IDENTITY_STMT)
		c->op->object.name = wb_read_text(c->r, def->replica_identity_stmt->name);
	c->op->expr = behind(c, "identity");
}

/* ---- the table of them --------------------------------------------------------------------- */

/* more adds to an operation that has been begun with what all have; whole does all of it. */
static const struct alter {
	enum wb_op code;
	uint32_t flags;
	void (*more)(struct clause *c);
	void (*whole)(struct clause *c);
	const char *expr;
	bool robust; /* has an IF EXISTS of its own, which counts in place of the statement's */
} alters[] = {
#define AT(name) [PG_QUERY__ALTER_TABLE_TYPE__AT_##name]
	AT(AddColumn) = { .whole = column_add, .robust = true },
	AT(ColumnDefault) = { .code = WB_OP_COLUMN_SET_DEFAULT, .more = column_default },
	AT(DropNotNull) = { .code = WB_OP_COLUMN_DROP_NOT_NULL },
	AT(SetNotNull) = { .code = WB_OP_COLUMN_SET_NOT_NULL },
	AT(DropExpression) = { .code = WB_OP_COLUMN_DROP_EXPRESSION, .robust = true },
	AT(SetStatistics) = { .code = WB_OP_COLUMN_SET_STATISTICS, .more = rest },
	AT(SetOptions) = { .code = WB_OP_COLUMN_SET_OPTIONS },
	AT(ResetOptions) = { .code = WB_OP_COLUMN_SET_OPTIONS, .flags = WB_WITH_REVERSE },
	AT(SetStorage) = { .code = WB_OP_COLUMN_SET_STORAGE, .more = rest },
	AT(SetCompression) = { .code = WB_OP_COLUMN_SET_COMPRESSION, .more = rest },
	AT(DropColumn) = { .code = WB_OP_COLUMN_DROP, .robust = true },
	AT(AddConstraint) = { .whole = constraint_add },
	AT(AlterConstraint) = { .code = WB_OP_CONSTRAINT_ALTER, .more = constraint_alter },
	AT(ValidateConstraint) = { .code = WB_OP_CONSTRAINT_VALIDATE },
	AT(DropConstraint) = { .code = WB_OP_CONSTRAINT_DROP, .robust = true },
	AT(AlterColumnType) = { .code = WB_OP_COLUMN_TYPE, .more = column_type },
	AT(AlterColumnGenericOptions) = { .code = WB_OP_COLUMN_SET_OPTIONS },
	AT(ChangeOwner) = { .code = WB_OP_OWNER, .more = owner },
	AT(ClusterOn) = { .code = WB_OP_TABLE_CLUSTER_ON },
	AT(DropCluster) = { .code = WB_OP_TABLE_CLUSTER_ON, .flags = WB_WITH_REVERSE },
	AT(DropOids) = { .code = WB_OP_TABLE_CLUSTER_ON, .flags = WB_WITH_REVERSE },
	AT(SetLogged) = { .code = WB_OP_TABLE_SET_LOGGED },
	AT(SetUnLogged) = { .code = WB_OP_TABLE_SET_UNLOGGED },
	AT(SetAccessMethod) = { .code = WB_OP_TABLE_SET_ACCESS_METHOD, .more = names_type },
	AT(SetTableSpace) = { .code = WB_OP_TABLE_SET_TABLESPACE, .more = names_type },
	AT(SetRelOptions) = { .whole = options },
	AT(ResetRelOptions) = { .whole = options },
	AT(EnableTrig) = { .code = WB_OP_TRIGGER_ENABLE, .expr = "enable" },
	AT(EnableAlwaysTrig) = { .code = WB_OP_TRIGGER_ENABLE, .expr = "enable always" },
	AT(EnableReplicaTrig) = { .code = WB_OP_TRIGGER_ENABLE, .expr = "enable replica" },
	AT(DisableTrig) = { .code = WB_OP_TRIGGER_ENABLE, .expr = "disable" },
	AT(EnableTrigAll) = { .code = WB_OP_TRIGGER_ENABLE, .expr = "enable all" },
	AT(DisableTrigAll) = { .code = WB_OP_TRIGGER_ENABLE, .expr = "disable all" },
	AT(EnableTrigUser) = { .code = WB_OP_TRIGGER_ENABLE, .expr = "enable user" },
	AT(DisableTrigUser) = { .code = WB_OP_TRIGGER_ENABLE, .expr = "disable user" },
	AT(EnableRule) = { .code = WB_OP_RULE_ENABLE, .expr = "enable" },
	AT(EnableAlwaysRule) = { .code = WB_OP_RULE_ENABLE, .expr = "enable always" },
	AT(EnableReplicaRule) = { .code = WB_OP_RULE_ENABLE, .expr = "enable replica" },
	AT(DisableRule) = { .code = WB_OP_RULE_ENABLE, .expr = "disable" },
	AT(AddInherit) = { .code = WB_OP_TABLE_INHERIT, .more = parent },
	AT(DropInherit) = { .code = WB_OP_TABLE_INHERIT, .flags = WB_WITH_REVERSE, .more = parent },
	AT(AddOf) = { .code = WB_OP_TABLE_OF_TYPE, .more = of_type },
	AT(DropOf) = { .code = WB_OP_TABLE_OF_TYPE, .flags = WB_WITH_REVERSE },
	AT(ReplicaIdentity) = { .code = WB_OP_TABLE_REPLICA_IDENTITY, .more = identity },
	AT(EnableRowSecurity) = { .code = WB_OP_TABLE_ROW_SECURITY, .expr = "enable" },
	AT(DisableRowSecurity) = { .code = WB_OP_TABLE_ROW_SECURITY, .expr = "disable" },
	AT(ForceRowSecurity) = { .code = WB_OP_TABLE_ROW_SECURITY, .expr = "force" },
	AT(NoForceRowSecurity) = { .code = WB_OP_TABLE_ROW_SECURITY, .expr = "no force" },
	AT(GenericOptions) = { .code = WB_OP_ALTER },
	AT(AttachPartition) = { .code = WB_OP_TABLE_ATTACH, .more = partition },
	AT(DetachPartition) = { .code = WB_OP_TABLE_DETACH, .more = partition },
	AT(DetachPartitionFinalize) = { .code = WB_OP_TABLE_DETACH_FINALIZE, .more = partition },
	AT(AddIdentity) = { .code = WB_OP_COLUMN_ADD_IDENTITY },
	AT(SetIdentity) = { .code = WB_OP_COLUMN_SET_IDENTITY },
	AT(DropIdentity) = { .code = WB_OP_COLUMN_DROP_IDENTITY, .robust = true },
#undef AT
};

static void attribute(struct clause *c)
{
	c->op = begin(c, WB_OP_TYPE_ALTER);
	c->op->expr = wb_piece_text(c->r, c->from, c->to);
}

static void read_clause(struct clause *c)
{
	unsigned type = (unsigned)c->cmd->subtype;
	static const struct alter unknown = { .code = WB_OP_UNKNOWN };
	const struct alter *a = type < WB_ARRAY_LEN(alters) ? &alters[type] : &unknown;
	c->flags &= a->robust ? ~(uint32_t)WB_WITH_IF_EXISTS : UINT32_MAX;
	c->flags |= wb_read_flags(&c->cmd->base) | a->flags;
	if (c->kind == WB_KIND_COMPOSITE) {
		attribute(c);
		return;
	}
	if (a->whole) {
		a->whole(c);
		return;
	}
	c->op = begin(c, a->code);
	if (a->code == WB_OP_UNKNOWN || a->code == WB_OP_TABLE_CREATE) {
		c->op->code = WB_OP_UNKNOWN;
		c->r->unknown = "a form of ALTER TABLE that is not known";
		return;
	}
	if (*c->cmd->name)
		c->op->object.name = wb_read_text(c->r, c->cmd->name);
	c->op->expr = a->expr;
	if (a->more)
		a->more(c);
}

/* ALTER TABLE [IF EXISTS] [ONLY] name [*] clause, … */
static size_t first_clause(struct wb_reading *r, const PgQuery__AlterTableStmt *s)
{
	size_t i = wb_piece_behind_name(r, wb_piece_at(r, s->relation->location));
	while (i < r->pieces.n && r->pieces.v[i].kind != WB_TOK_WORD)
		i++;
	return i;
}

void wb_read_alter_table(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__AlterTableStmt *s = node->alter_table_stmt;
	if (!s->relation)
		return;
	size_t from = first_clause(r, s);
	bool composite = s->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE;
	enum wb_kind kind = composite ? WB_KIND_COMPOSITE : wb_read_kind(s->objtype);
	uint32_t flags = wb_read_flags(&s->base) | (s->relation->inh || composite ? 0 : WB_WITH_ONLY);
	for (size_t i = 0; i < s->n_cmds && !r->failed; i++) {
		size_t to = wb_piece_end(r, from);
		struct clause c = { .r = r, .stmt = s, .kind = kind, .flags = flags, .from = from, .to = to };
		if (s->cmds[i]->node_case == PG_QUERY__NODE__NODE_ALTER_TABLE_CMD && from < r->pieces.n) {
			c.cmd = s->cmds[i]->alter_table_cmd;
			read_clause(&c);
		}
		from = to < r->pieces.n ? to + 1 : to;
	}
}
