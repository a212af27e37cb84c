/* SPDX-License-Identifier: Apache-2.0
 *
 * Who plays a role for an operation: its table's partitions, the tables that its
 * foreign keys lead to, and so on, as the world knows them.
 */
#include "safety/facts.h"

#include "base/banned.h"

static const char *const roles[] = {
#define X(id, name) name,
	WB_ROLE_MAP(X)
#undef X
};

const char *wb_role_name(enum wb_role role)
{
	return roles[role];
}

struct casting {
	const struct wb_judging *j;
	struct wb_relations *out;
	struct wb_name *name;
	bool *complete;
};
typedef bool (*role_fn)(struct casting *c);

static bool is_there(const struct wb_relation *r)
{
	return !(r->flags & WB_REL_GONE);
}

static bool add(struct casting *c, struct wb_relation *r)
{
	return !r || !is_there(r) || wb_relations_add(c->out, r);
}

static bool add_all(struct casting *c, const struct wb_relations *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (!add(c, v->v[i]))
			return false;
	return true;
}

/* Known by its name alone, perhaps. */
static bool add_named(struct casting *c, struct wb_relation *r, struct wb_name name)
{
	if (!r)
		*c->name = name;
	return add(c, r);
}

/* Everything below r, children of children, too. */
static bool add_below(struct casting *c, const struct wb_relation *r)
{
	size_t from = c->out->n;

	if (!wb_relation_known(r)) {
		*c->complete = false;
		return true;
	}
	if (!add_all(c, &r->children))
		return false;
	for (size_t i = from; i < c->out->n; i++)
		if (!add_all(c, &c->out->v[i]->children))
			return false;
	return true;
}

static bool play_table(struct casting *c)
{
	const struct wb_operation *op = c->j->op;

	if (!c->j->table && !op->table.name)
		*c->complete = false; /* an index whose table nobody knows; all tables */
	return add_named(c, c->j->table, op->table);
}

static bool play_object(struct casting *c)
{
	return add_named(c, c->j->object, c->j->op->object);
}

static bool play_other(struct casting *c)
{
	return add_named(c, c->j->other, c->j->op->other);
}

static bool play_children(struct casting *c)
{
	return c->j->op->flags & WB_WITH_ONLY || add_below(c, c->j->table);
}

static bool play_other_children(struct casting *c)
{
	const struct wb_relation *r = c->j->other;

	/* Those that inherit from it are other tables to a foreign key. */
	return (wb_relation_known(r) && !(r->flags & WB_REL_PARTITIONED)) || !c->j->op->other.name || add_below(c, r);
}

static bool play_other_indexes(struct casting *c)
{
	if (!wb_relation_known(c->j->other))
		return *c->complete = false, true;
	return add_all(c, &c->j->other->indexes);
}

static bool play_parent(struct casting *c)
{
	const struct wb_relation *r = c->j->table;

	if (!wb_relation_known(r))
		return *c->complete = false, true;
	return !(r->flags & WB_REL_PARTITION) || add_all(c, &r->parents);
}

static bool add_default(struct casting *c, const struct wb_relation *parent)
{
	if (!wb_relation_known(parent))
		return *c->complete = false, true;
	for (size_t i = 0; i < parent->children.n; i++) {
		struct wb_relation *child = parent->children.v[i];

		if (child->flags & WB_REL_DEFAULT && child != c->j->table && child != c->j->other && !add(c, child))
			return false;
	}
	return true;
}

static bool play_default(struct casting *c)
{
	const struct wb_relation *r = c->j->table;

	if (c->j->op->code == WB_OP_TABLE_ATTACH || c->j->op->code == WB_OP_TABLE_DETACH)
		return add_default(c, r);
	if (c->j->op->code == WB_OP_TABLE_CREATE)
		return add_default(c, c->j->other);
	if (!wb_relation_known(r))
		return *c->complete = false, true;
	return !(r->flags & WB_REL_PARTITION) || !r->parents.n || add_default(c, r->parents.v[0]);
}

static bool play_indexes(struct casting *c)
{
	if (!wb_relation_known(c->j->table))
		return *c->complete = false, true;
	return add_all(c, &c->j->table->indexes);
}

static bool has(const char *const *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i], name))
			return true;
	return false;
}

/* Is it one of the foreign keys that the operation is about? */
static bool is_meant(const struct wb_judging *j, const struct wb_world_constraint *k, bool from_here)
{
	const char *column = j->op->object.name;

	if (k->kind != 'f')
		return false;
	switch (j->op->code) {
	case WB_OP_COLUMN_DROP:
	case WB_OP_COLUMN_TYPE:
		return column && has(from_here ? k->columns : k->other_columns, k->n_columns, column);
	case WB_OP_CONSTRAINT_DROP:
	case WB_OP_CONSTRAINT_VALIDATE:
	case WB_OP_CONSTRAINT_ALTER:
		return from_here ? k == j->constraint : j->constraint && k->index && k->index == j->constraint->index;
	default:
		return true;
	}
}

static bool play_referenced(struct casting *c)
{
	const struct wb_relation *r = c->j->op->code == WB_OP_TABLE_CREATE ? c->j->other : c->j->table;

	if (!wb_relation_known(r))
		return *c->complete = false, true;
	for (size_t i = 0; i < r->constraints.n; i++)
		if (is_meant(c->j, &r->constraints.v[i], true) && !add(c, r->constraints.v[i].other))
			return false;
	return true;
}

static bool refers(struct casting *c, const struct wb_relation *from, const struct wb_relation *to)
{
	for (size_t i = 0; i < from->constraints.n; i++)
		if (from->constraints.v[i].other == to && is_meant(c->j, &from->constraints.v[i], false))
			return true;
	return false;
}

static bool play_referencing(struct casting *c)
{
	const struct wb_relation *r = c->j->table;

	if (!wb_relation_known(r))
		return *c->complete = false, true;
	for (size_t i = 0; i < r->referencing.n; i++)
		if (refers(c, r->referencing.v[i], r) && !add(c, r->referencing.v[i]))
			return false;
	return true;
}

static bool play_users(struct casting *c)
{
	const struct wb_world_type *t = wb_world_type(c->j->world, c->j->op->object);

	if (!t)
		return *c->complete = false, true;
	return add_all(c, &t->users);
}

static bool play_owned(struct casting *c)
{
	const struct wb_relation *r = c->j->table;
	const char *column = c->j->op->kind == WB_KIND_TABLE ? NULL : c->j->op->object.name;

	if (!wb_relation_known(r))
		return *c->complete = false, true;
	for (size_t i = 0; i < r->owned.n; i++) {
		struct wb_relation *s = r->owned.v[i];

		if ((!column || !s->column || !strcmp(s->column, column)) && !add(c, s))
			return false;
	}
	return true;
}

static bool play_dependants(struct casting *c)
{
	if (!wb_relation_known(c->j->table))
		return *c->complete = false, true;
	return add_all(c, &c->j->table->dependants);
}

static const role_fn players[] = {
	[WB_ROLE_TABLE] = play_table,
	[WB_ROLE_CHILDREN] = play_children,
	[WB_ROLE_OBJECT] = play_object,
	[WB_ROLE_OTHER] = play_other,
	[WB_ROLE_OTHER_CHILDREN] = play_other_children,
	[WB_ROLE_OTHER_INDEXES] = play_other_indexes,
	[WB_ROLE_PARENT] = play_parent,
	[WB_ROLE_DEFAULT] = play_default,
	[WB_ROLE_INDEXES] = play_indexes,
	[WB_ROLE_REFERENCED] = play_referenced,
	[WB_ROLE_REFERENCING] = play_referencing,
	[WB_ROLE_USERS] = play_users,
	[WB_ROLE_OWNED] = play_owned,
	[WB_ROLE_DEPENDANTS] = play_dependants,
};
_Static_assert(WB_ARRAY_LEN(players) == WB_ROLE_COUNT, "somebody for each role");

bool wb_role_players(const struct wb_judging *j, enum wb_role role, struct wb_relations *out, struct wb_name *ret_name,
		     bool *ret_complete)
{
	struct casting c = { .j = j, .out = out, .name = ret_name, .complete = ret_complete };

	return players[role](&c);
}
