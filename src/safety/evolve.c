/* SPDX-License-Identifier: Apache-2.0
 *
 * The world after an operation: what it makes is empty and nobody else's yet,
 * what it drops is gone, names and ties are as it leaves them.
 */
#include "safety/facts.h"

#include "base/banned.h"

typedef bool (*evolve_fn)(struct wb_judging *j);

static char *keep(struct wb_judging *j, const char *text)
{
	return wb_arena_str(&j->world->arena, text);
}

static void forget(struct wb_relations *v, const struct wb_relation *r)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		if (v->v[i] != r)
			v->v[n++] = v->v[i];
	v->n = n;
}

/* ---- relations ---------------------------------------------------------------------------- */

/* A relation made by the operation; one of the name that has gone lives again as another. */
static struct wb_relation *make(struct wb_judging *j, struct wb_name name, enum wb_kind kind)
{
	struct wb_relation *r;

	if (!name.name)
		return NULL;
	r = wb_world_add(j->world, name, kind);
	if (!r || (r->flags & (WB_REL_SEEN | WB_REL_MADE) && !(r->flags & WB_REL_GONE)))
		return r; /* IF NOT EXISTS */
	r->kind = kind;
	r->flags = WB_REL_MADE;
	r->rows = r->bytes = r->index_bytes = 0;
	r->table = NULL;
	r->parents.n = r->children.n = r->indexes.n = r->owned.n = r->referencing.n = r->dependants.n = 0;
	r->columns.n = r->constraints.n = 0;
	r->tablespace = r->method = r->bound = r->key = NULL;
	return r;
}

static bool is_made(const struct wb_relation *r)
{
	return r && r->flags & WB_REL_MADE;
}

static bool tie(struct wb_relation *parent, struct wb_relation *child)
{
	return !parent || !child ||
	       (wb_relations_add(&parent->children, child) && wb_relations_add(&child->parents, parent));
}

static bool table_create(struct wb_judging *j)
{
	const struct wb_operation *op = j->op;
	bool exists = j->table && !(j->table->flags & WB_REL_GONE);

	j->table = make(j, op->table, WB_KIND_TABLE);
	if (!j->table)
		return !op->table.name;
	if (exists)
		return true;
	j->table->flags |= (op->flags & WB_WITH_PARTITION ? WB_REL_PARTITION : 0u) |
			   (op->flags & WB_WITH_PARTITIONED ? WB_REL_PARTITIONED : 0u) |
			   (op->flags & WB_WITH_TEMPORARY ? WB_REL_TEMPORARY : 0u) |
			   (op->flags & WB_WITH_UNLOGGED ? WB_REL_UNLOGGED : 0u) |
			   (op->code == WB_OP_TABLE_CREATE_AS ? WB_REL_FILLED : 0u);
	if (op->kind == WB_KIND_MATERIALIZED_VIEW && op->reach == WB_REACH_ALL)
		j->table->table = j->other;
	if (op->flags & WB_WITH_PARTITION && op->expr && wb_sv_istarts(wb_sv_trim(wb_sv_str(op->expr)), "default"))
		j->table->flags |= WB_REL_DEFAULT;
	return !(op->flags & (WB_WITH_PARTITION | WB_WITH_INHERITS)) || tie(j->other, j->table);
}

static bool create(struct wb_judging *j)
{
	enum wb_kind kind = j->op->kind;
	struct wb_world_type *t;

	if (kind == WB_KIND_VIEW || kind == WB_KIND_MATERIALIZED_VIEW || kind == WB_KIND_SEQUENCE ||
	    kind == WB_KIND_FOREIGN_TABLE)
		return make(j, j->op->object, kind) || !j->op->object.name;
	if ((kind != WB_KIND_ENUM && kind != WB_KIND_COMPOSITE && kind != WB_KIND_DOMAIN && kind != WB_KIND_RANGE) ||
	    !j->op->object.name || wb_world_type(j->world, j->op->object))
		return true;
	/* Of a domain it is not known what it is made of: its base is its own name, which nobody knows. */
	t = wb_arena_alloc(&j->world->arena, sizeof *t);
	if (!t)
		return false;
	t->name.schema = keep(j, j->op->object.schema);
	t->name.name = keep(j, j->op->object.name);
	if (kind == WB_KIND_DOMAIN)
		t->base = j->op->type ? keep(j, j->op->type) : "?";
	return t->name.name && (kind != WB_KIND_DOMAIN || t->base) && wb_vec_push(&j->world->types, t);
}

static void drop_relation(struct wb_relation *r)
{
	r->flags |= WB_REL_GONE;
	r->flags &= ~(unsigned)WB_REL_MADE;
	for (size_t i = 0; i < r->parents.n; i++)
		forget(&r->parents.v[i]->children, r);
	for (size_t i = 0; i < r->constraints.n; i++)
		if (r->constraints.v[i].other)
			forget(&r->constraints.v[i].other->referencing, r);
	if (r->table)
		forget(r->kind == WB_KIND_SEQUENCE ? &r->table->owned : &r->table->indexes, r);
}

/* Triggers, rules and policies. */
static bool made_on_table(struct wb_judging *j)
{
	struct wb_world_constraint k = { .kind = wb_kind_on_table(j->op->kind), .name = keep(j, j->op->object.name) };

	if (!j->table || !j->op->object.name || !k.kind || wb_relation_named(j->table, k.kind, j->op->object.name))
		return true;
	return k.name && wb_vec_push(&j->table->constraints, k);
}

static void drop_on_table(struct wb_judging *j, const struct wb_world_constraint *k)
{
	size_t n = 0;

	for (size_t i = 0; k && i < j->table->constraints.n; i++)
		if (&j->table->constraints.v[i] != k)
			j->table->constraints.v[n++] = j->table->constraints.v[i];
	if (k)
		j->table->constraints.n = n;
}

static bool drop(struct wb_judging *j)
{
	char kind = wb_kind_on_table(j->op->kind);

	if (kind && j->table) {
		drop_on_table(j, wb_relation_named(j->table, kind, j->op->object.name));
		return true;
	}
	if (j->object && j->op->object.name)
		drop_relation(j->object);
	return true;
}

static bool drop_index(struct wb_judging *j)
{
	if (j->object && j->object->kind == WB_KIND_INDEX)
		drop_relation(j->object);
	return true;
}

static bool create_index(struct wb_judging *j)
{
	struct wb_relation *r;

	if (!j->table || !j->op->object.name || j->op->flags & WB_WITH_INLINE)
		return true;
	r = make(j, (struct wb_name){ j->table->name.schema, j->op->object.name }, WB_KIND_INDEX);
	if (!r)
		return false;
	r->table = j->table;
	for (size_t i = 0; i < j->op->n_columns; i++) {
		struct wb_world_column c = { .name = keep(j, j->op->columns[i]) };

		r->flags |= c.name ? 0u : WB_REL_PARTIAL;
		if (j->op->columns[i] && (!c.name || !wb_vec_push(&r->columns, c)))
			return false;
	}
	return wb_relations_add(&j->table->indexes, r);
}

static bool attach(struct wb_judging *j)
{
	if (!j->table || !j->other)
		return true;
	j->other->flags |= WB_REL_PARTITION;
	if (j->op->expr && wb_sv_istarts(wb_sv_trim(wb_sv_str(j->op->expr)), "default"))
		j->other->flags |= WB_REL_DEFAULT;
	return tie(j->table, j->other);
}

static void untie(struct wb_relation *parent, struct wb_relation *child)
{
	if (!parent || !child)
		return;
	forget(&parent->children, child);
	forget(&child->parents, parent);
	child->flags &= ~(unsigned)(WB_REL_PARTITION | WB_REL_DEFAULT);
}

static bool detach(struct wb_judging *j)
{
	untie(j->table, j->other);
	return true;
}

static bool inherit(struct wb_judging *j)
{
	if (!(j->op->flags & WB_WITH_REVERSE))
		return tie(j->other, j->table);
	untie(j->other, j->table);
	return true;
}

static bool set_logged(struct wb_judging *j)
{
	if (j->table)
		j->table->flags &= ~(unsigned)WB_REL_UNLOGGED;
	return true;
}

static bool set_unlogged(struct wb_judging *j)
{
	if (j->table)
		j->table->flags |= WB_REL_UNLOGGED;
	return true;
}

static bool set_tablespace(struct wb_judging *j)
{
	struct wb_relation *r = j->op->kind == WB_KIND_INDEX ? j->object : j->table;

	if (r)
		r->tablespace = keep(j, j->op->type);
	return !r || !j->op->type || r->tablespace;
}

static bool truncate(struct wb_judging *j)
{
	if (!j->table)
		return true;
	j->table->rows = j->table->bytes = j->table->index_bytes = 0;
	j->table->flags &= ~(unsigned)WB_REL_FILLED;
	return true;
}

static bool fill(struct wb_judging *j)
{
	if (j->table && (is_made(j->table) || !j->table->rows))
		j->table->flags |= WB_REL_FILLED;
	return true;
}

/* ---- columns ------------------------------------------------------------------------------- */

static bool column_add(struct wb_judging *j)
{
	static const unsigned flags[][2] = {
		{ WB_WITH_NOT_NULL, WB_COL_NOT_NULL }, { WB_WITH_PRIMARY_KEY, WB_COL_NOT_NULL },
		{ WB_WITH_DEFAULT, WB_COL_DEFAULT },   { WB_WITH_GENERATED, WB_COL_STORED },
		{ WB_WITH_VIRTUAL, WB_COL_VIRTUAL },   { WB_WITH_IDENTITY, WB_COL_IDENTITY },
		{ WB_WITH_IDENTITY, WB_COL_NOT_NULL }, { WB_WITH_SERIAL, WB_COL_NOT_NULL },
		{ WB_WITH_COLLATE, WB_COL_COLLATED }
	};
	struct wb_world_column c = { .name = keep(j, j->op->object.name), .type = keep(j, j->op->type) };

	if (!j->table || !j->op->object.name || j->column)
		return true;
	for (size_t i = 0; i < WB_ARRAY_LEN(flags); i++)
		c.flags |= j->op->flags & flags[i][0] ? flags[i][1] : 0;
	return c.name && wb_vec_push(&j->table->columns, c);
}

static bool column_drop(struct wb_judging *j)
{
	size_t n = 0;

	for (size_t i = 0; j->column && i < j->table->columns.n; i++)
		if (&j->table->columns.v[i] != j->column)
			j->table->columns.v[n++] = j->table->columns.v[i];
	if (j->column)
		j->table->columns.n = n;
	return true;
}

static bool column_type(struct wb_judging *j)
{
	if (j->column)
		j->column->type = keep(j, j->op->type);
	return !j->column || !j->op->type || j->column->type;
}

static bool column_flag(struct wb_judging *j)
{
	static const struct {
		enum wb_op op;
		unsigned on, off;
	} changes[] = {
		{ WB_OP_COLUMN_SET_NOT_NULL, WB_COL_NOT_NULL, 0 },
		{ WB_OP_COLUMN_DROP_NOT_NULL, 0, WB_COL_NOT_NULL },
		{ WB_OP_COLUMN_SET_DEFAULT, WB_COL_DEFAULT, 0 },
		{ WB_OP_COLUMN_DROP_DEFAULT, 0, WB_COL_DEFAULT },
		{ WB_OP_COLUMN_ADD_IDENTITY, WB_COL_IDENTITY, 0 },
		{ WB_OP_COLUMN_DROP_IDENTITY, 0, WB_COL_IDENTITY },
		{ WB_OP_COLUMN_DROP_EXPRESSION, 0, WB_COL_STORED | WB_COL_VIRTUAL },
	};

	for (size_t i = 0; j->column && i < WB_ARRAY_LEN(changes); i++)
		if (changes[i].op == j->op->code)
			j->column->flags = (j->column->flags & ~changes[i].off) | changes[i].on;
	return true;
}

/* ---- constraints ------------------------------------------------------------------------------ */

static char kind_of(enum wb_op code)
{
	return code == WB_OP_CHECK_ADD         ? 'c'
	       : code == WB_OP_NOT_NULL_ADD    ? 'n'
	       : code == WB_OP_FOREIGN_KEY_ADD ? 'f'
	       : code == WB_OP_UNIQUE_ADD      ? 'u'
	       : code == WB_OP_PRIMARY_KEY_ADD ? 'p'
					       : 'x';
}

static void set_not_null(struct wb_relation *r, const char *column)
{
	struct wb_world_column *c = wb_relation_column(r, column);

	if (c)
		c->flags |= WB_COL_NOT_NULL;
}

static bool keep_columns(struct wb_judging *j, struct wb_world_constraint *k)
{
	const char **v = wb_arena_array(&j->world->arena, j->op->n_columns + 1, sizeof *v);

	for (size_t i = 0; v && i < j->op->n_columns; i++) {
		v[i] = keep(j, j->op->columns[i] ? j->op->columns[i] : "");
		if (!v[i])
			return false;
	}
	k->columns = v;
	k->n_columns = v ? j->op->n_columns : 0;
	return v;
}

/* As PostgreSQL names what the statement leaves unnamed (ChooseConstraintName, ChooseIndexName); NULL: it is cut, or
 * counted up. */
static const char *chosen_name(struct wb_judging *j, const struct wb_world_constraint *k)
{
	static const struct {
		char kind;
		bool columns;
		const char *end;
	} ends[] = { { 'f', true, "fkey" }, { 'u', true, "key" }, { 'p', false, "pkey" } };
	wb_autostr name = WB_STR_INIT;

	for (size_t i = 0; i < WB_ARRAY_LEN(ends); i++) {
		if (ends[i].kind != k->kind)
			continue;
		wb_str_addf(&name, "%s_", j->table->name.name);
		for (size_t c = 0; ends[i].columns && c < k->n_columns; c++)
			wb_str_addf(&name, "%s_", k->columns[c]);
		wb_str_add(&name, ends[i].end);
	}
	if (!name.n || name.failed || name.n > 63 || wb_relation_constraint(j->table, name.p))
		return NULL;
	return keep(j, name.p);
}

/* A foreign key points at the primary key, but where it says otherwise, which the operation does not tell. */
static void keep_referenced(struct wb_world_constraint *k)
{
	for (size_t i = 0; i < k->other->constraints.n; i++) {
		const struct wb_world_constraint *key = &k->other->constraints.v[i];

		if (key->kind == 'p' && key->n_columns == k->n_columns)
			k->other_columns = key->columns;
	}
}

static bool constraint_add(struct wb_judging *j)
{
	const struct wb_operation *op = j->op;
	struct wb_world_constraint k = { .name = keep(j, op->object.name),
					 .kind = kind_of(op->code),
					 .invalid = op->flags & (WB_WITH_NOT_VALID | WB_WITH_NOT_ENFORCED),
					 .not_enforced = op->flags & WB_WITH_NOT_ENFORCED };

	if (!j->table)
		return true;
	if (op->code == WB_OP_CHECK_ADD)
		k.expr = keep(j, op->expr);
	if (op->code == WB_OP_FOREIGN_KEY_ADD)
		k.other = j->other;
	if ((op->object.name && !k.name) || !keep_columns(j, &k))
		return false;
	for (size_t i = 0; (k.kind == 'p' || k.kind == 'n') && !k.invalid && i < k.n_columns; i++)
		set_not_null(j->table, k.columns[i]);
	if (!k.name)
		k.name = chosen_name(j, &k);
	if (k.other)
		keep_referenced(&k);
	if (k.other && !wb_relations_add(&k.other->referencing, j->table))
		return false;
	return wb_vec_push(&j->table->constraints, k);
}

static bool constraint_validate(struct wb_judging *j)
{
	if (j->constraint)
		j->constraint->invalid = false;
	return true;
}

static bool constraint_drop(struct wb_judging *j)
{
	drop_on_table(j, j->constraint);
	return true;
}

/* ---- names ---------------------------------------------------------------------------------------- */

static bool rename_to(struct wb_judging *j)
{
	const char *name = j->op->expr ? keep(j, j->op->expr) : NULL;

	if (!name)
		return !j->op->expr;
	if (j->op->kind == WB_KIND_COLUMN && j->column)
		j->column->name = name;
	if (j->op->kind == WB_KIND_CONSTRAINT && j->constraint)
		j->constraint->name = name;
	if (j->object && j->op->object.name && j->op->kind != WB_KIND_COLUMN)
		return wb_world_rename(j->world, j->object, (struct wb_name){ NULL, name });
	return true;
}

static bool set_schema(struct wb_judging *j)
{
	if (!j->object || !j->op->object.name || !j->op->expr)
		return true;
	return wb_world_rename(j->world, j->object, (struct wb_name){ j->op->expr, j->object->name.name });
}

/* ---- the session ------------------------------------------------------------------------------------ */

static bool set_path(struct wb_judging *j)
{
	struct wb_sv rest = wb_sv_str(j->op->expr ? j->op->expr : ""), piece;
	const char **path = wb_arena_array(&j->world->arena, rest.n + 1, sizeof *path);
	size_t n = 0;

	while (path && wb_sv_cut(&rest, ',', &piece)) {
		piece = wb_sv_trim(piece);
		if (piece.n >= 2 && (piece.p[0] == '"' || piece.p[0] == '\''))
			piece = wb_sv(piece.p + 1, piece.n - 2);
		path[n] = wb_arena_sv(&j->world->arena, piece);
		if (!path[n++])
			return false;
	}
	j->world->path = path;
	j->world->n_path = path ? n : 0;
	return path;
}

static bool set(struct wb_judging *j)
{
	const char *name = j->op->object.name;

	if (name && !strcmp(name, "search_path"))
		return set_path(j);
	if (name && !strcmp(name, "timezone"))
		j->world->utc = !j->op->expr ? WB_UNKNOWN : wb_tri(wb_sv_ieq(wb_sv_str(j->op->expr), "utc"));
	return true;
}

static const evolve_fn evolutions[WB_OP_COUNT] = {
	[WB_OP_TABLE_CREATE] = table_create,
	[WB_OP_TABLE_CREATE_AS] = table_create,
	[WB_OP_TABLE_ATTACH] = attach,
	[WB_OP_TABLE_DETACH] = detach,
	[WB_OP_TABLE_INHERIT] = inherit,
	[WB_OP_TABLE_SET_LOGGED] = set_logged,
	[WB_OP_TABLE_SET_UNLOGGED] = set_unlogged,
	[WB_OP_TABLE_SET_TABLESPACE] = set_tablespace,
	[WB_OP_TABLE_TRUNCATE] = truncate,
	[WB_OP_COLUMN_ADD] = column_add,
	[WB_OP_COLUMN_DROP] = column_drop,
	[WB_OP_COLUMN_TYPE] = column_type,
	[WB_OP_COLUMN_SET_DEFAULT] = column_flag,
	[WB_OP_COLUMN_DROP_DEFAULT] = column_flag,
	[WB_OP_COLUMN_SET_NOT_NULL] = column_flag,
	[WB_OP_COLUMN_DROP_NOT_NULL] = column_flag,
	[WB_OP_COLUMN_ADD_IDENTITY] = column_flag,
	[WB_OP_COLUMN_DROP_IDENTITY] = column_flag,
	[WB_OP_COLUMN_DROP_EXPRESSION] = column_flag,
	[WB_OP_CHECK_ADD] = constraint_add,
	[WB_OP_NOT_NULL_ADD] = constraint_add,
	[WB_OP_FOREIGN_KEY_ADD] = constraint_add,
	[WB_OP_UNIQUE_ADD] = constraint_add,
	[WB_OP_PRIMARY_KEY_ADD] = constraint_add,
	[WB_OP_EXCLUDE_ADD] = constraint_add,
	[WB_OP_CONSTRAINT_VALIDATE] = constraint_validate,
	[WB_OP_CONSTRAINT_DROP] = constraint_drop,
	[WB_OP_INDEX_CREATE] = create_index,
	[WB_OP_INDEX_DROP] = drop_index,
	[WB_OP_TRIGGER_CREATE] = made_on_table,
	[WB_OP_RULE_CREATE] = made_on_table,
	[WB_OP_POLICY_CREATE] = made_on_table,
	[WB_OP_CREATE] = create,
	[WB_OP_DROP] = drop,
	[WB_OP_RENAME] = rename_to,
	[WB_OP_SET_SCHEMA] = set_schema,
	[WB_OP_INSERT] = fill,
	[WB_OP_COPY_IN] = fill,
	[WB_OP_MERGE] = fill,
	[WB_OP_SET] = set,
};

bool wb_evolve(struct wb_judging *j)
{
	return !evolutions[j->op->code] || evolutions[j->op->code](j);
}
