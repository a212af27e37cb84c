/* SPDX-License-Identifier: Apache-2.0
 *
 * The conditions of the facts, each a question to the world that may be open.
 */
#include "safety/facts.h"

#include "base/banned.h"

typedef enum wb_tri (*cond_fn)(const struct wb_judging *j);

static enum wb_tri flag(const struct wb_relation *r, unsigned bit)
{
	return wb_relation_known(r) ? wb_tri(r->flags & bit) : WB_UNKNOWN;
}

static enum wb_tri is_volatile(const struct wb_judging *j)
{
	return wb_functions_volatile(j->world, j->op->functions, j->op->n_functions);
}

static enum wb_tri is_constrained(const struct wb_judging *j)
{
	return wb_type_constrained(j->world, j->op->type);
}

static enum wb_tri relabels(const struct wb_judging *j)
{
	enum wb_tri plain;

	if (j->op->expr) {
		plain = wb_expr_is_column(j->op->expr, j->op->object.name, j->op->type);
		if (plain != WB_YES)
			return plain;
	}
	return j->column ? wb_type_relabels(j->world, j->column->type, j->op->type) : WB_UNKNOWN;
}

static bool names(const char *const *v, size_t n, const char *name)
{
	for (size_t i = 0; name && i < n; i++)
		if (!strcmp(v[i], name))
			return true;
	return false;
}

static bool index_uses(const struct wb_relation *index, const char *column)
{
	return wb_relation_column(index, column);
}

static enum wb_tri is_indexed(const struct wb_judging *j)
{
	if (!wb_relation_known(j->table))
		return WB_UNKNOWN;
	for (size_t i = 0; i < j->table->indexes.n; i++)
		if (!(j->table->indexes.v[i]->flags & WB_REL_GONE) &&
		    index_uses(j->table->indexes.v[i], j->op->object.name))
			return WB_YES;
	return WB_NO;
}

/* One with a predicate or an expression is always built anew. */
static enum wb_tri keeps_index(const struct wb_judging *j)
{
	if (!wb_relation_known(j->table) || !j->column)
		return WB_UNKNOWN;
	for (size_t i = 0; i < j->table->indexes.n; i++)
		if (j->table->indexes.v[i]->flags & WB_REL_PARTIAL &&
		    index_uses(j->table->indexes.v[i], j->op->object.name))
			return WB_NO;
	/* Of two collations beside the type's own it is not known whether they are one. */
	if (is_indexed(j) == WB_YES && (j->op->flags & WB_WITH_COLLATE || j->column->flags & WB_COL_COLLATED))
		return j->op->flags & WB_WITH_COLLATE && j->column->flags & WB_COL_COLLATED ? WB_UNKNOWN : WB_NO;
	return wb_type_keeps_index(j->world, j->column->type, j->op->type);
}

static enum wb_tri constrained_by(const struct wb_relation *r, char kind, const char *column)
{
	if (!wb_relation_known(r))
		return WB_UNKNOWN;
	for (size_t i = 0; i < r->constraints.n; i++) {
		const struct wb_world_constraint *k = &r->constraints.v[i];

		if (k->kind == kind && !k->not_enforced && names(k->columns, k->n_columns, column))
			return WB_YES;
	}
	return WB_NO;
}

static enum wb_tri is_checked(const struct wb_judging *j)
{
	return constrained_by(j->table, 'c', j->op->object.name);
}

/* A foreign key that an earlier statement made is not known by the columns that it points at. */
static enum wb_tri referenced_by(const struct wb_relation *r, const struct wb_relation *table, const char *column)
{
	enum wb_tri is = WB_NO;

	for (size_t k = 0; is == WB_NO && k < r->constraints.n; k++) {
		const struct wb_world_constraint *c = &r->constraints.v[k];

		if (c->other == table)
			is = !c->other_columns ? WB_UNKNOWN : wb_tri(names(c->other_columns, c->n_columns, column));
	}
	return is;
}

static enum wb_tri is_referred_to(const struct wb_judging *j)
{
	return wb_relation_known(j->table) ? wb_tri(j->table->referencing.n) : WB_UNKNOWN;
}

static enum wb_tri in_foreign_key(const struct wb_judging *j)
{
	enum wb_tri is = constrained_by(j->table, 'f', j->op->object.name);

	for (size_t i = 0; is == WB_NO && i < j->table->referencing.n; i++)
		is = referenced_by(j->table->referencing.v[i], j->table, j->op->object.name);
	return is;
}

static enum wb_tri column_not_null(const struct wb_relation *r, const char *name)
{
	const struct wb_world_column *c = r ? wb_relation_column(r, name) : NULL;

	return c && wb_relation_known(r) ? wb_tri(c->flags & WB_COL_NOT_NULL) : WB_UNKNOWN;
}

/* NOT NULL as a constraint names its column in `columns`. */
static const char *column_of(const struct wb_judging *j)
{
	return j->op->code == WB_OP_NOT_NULL_ADD && j->op->n_columns ? j->op->columns[0] : j->op->object.name;
}

static enum wb_tri is_not_null(const struct wb_judging *j)
{
	return column_not_null(j->table, column_of(j));
}

static enum wb_tri implied(const struct wb_relation *r, const char *column)
{
	enum wb_tri is = WB_NO;

	if (!wb_relation_known(r))
		return WB_UNKNOWN;
	for (size_t i = 0; i < r->constraints.n; i++) {
		const struct wb_world_constraint *k = &r->constraints.v[i];

		if (k->kind != 'c' || k->invalid || k->not_enforced)
			continue;
		enum wb_tri says = k->expr ? wb_check_not_null(k->expr, column) : WB_UNKNOWN;
		if (says == WB_YES)
			return WB_YES;
		is = says == WB_UNKNOWN ? WB_UNKNOWN : is;
	}
	return is;
}

static enum wb_tri is_implied(const struct wb_judging *j)
{
	return implied(j->table, column_of(j));
}

static enum wb_tri key_column_not_null(const struct wb_judging *j, const char *column)
{
	enum wb_tri is = column_not_null(j->table, column);

	return is == WB_NO ? implied(j->table, column) : is;
}

static enum wb_tri and (enum wb_tri a, enum wb_tri b) {
	return a == WB_NO || b == WB_NO     ? WB_NO
	       : a == WB_YES && b == WB_YES ? WB_YES
					    : WB_UNKNOWN;
}

/* Of the index that becomes the key (it lives where its table does), or as the statement lists them. */
static enum wb_tri key_not_null(const struct wb_judging *j)
{
	const struct wb_relation *index;
	enum wb_tri all = WB_YES;

	if (!j->table)
		return WB_UNKNOWN;
	if (!(j->op->flags & WB_WITH_USING_INDEX)) {
		for (size_t i = 0; i < j->op->n_columns; i++)
			all = and(all, key_column_not_null(j, j->op->columns[i]));
		return all;
	}
	index = wb_world_find(j->world, (struct wb_name){ j->table->name.schema, j->op->expr });
	if (!wb_relation_known(index))
		return WB_UNKNOWN;
	for (size_t i = 0; i < index->columns.n; i++)
		all = and(all, key_column_not_null(j, index->columns.v[i].name));
	return all;
}

static enum wb_tri is_partitioned(const struct wb_judging *j)
{
	return flag(j->table, WB_REL_PARTITIONED);
}

static enum wb_tri is_other_partitioned(const struct wb_judging *j)
{
	return flag(j->other, WB_REL_PARTITIONED);
}

static enum wb_tri is_partition(const struct wb_judging *j)
{
	return flag(j->table, WB_REL_PARTITION);
}

static enum wb_tri bound_implied(const struct wb_judging *j)
{
	if (!wb_relation_known(j->other) || !wb_relation_known(j->table) || !j->table->key || !j->op->expr)
		return WB_UNKNOWN;
	return wb_bound_implied(j->other, j->table->key, j->op->expr);
}

static enum wb_tri default_implied(const struct wb_judging *j)
{
	const struct wb_relation *parent = j->op->code == WB_OP_TABLE_CREATE ? j->other : j->table;

	if (!wb_relation_known(parent))
		return WB_UNKNOWN;
	for (size_t i = 0; i < parent->children.n; i++) {
		const struct wb_relation *r = parent->children.v[i];

		for (size_t k = 0; r->flags & WB_REL_DEFAULT && k < r->constraints.n; k++)
			if (r->constraints.v[k].kind == 'c' && !r->constraints.v[k].invalid)
				return WB_UNKNOWN;
	}
	return WB_NO;
}

/* Which columns a view reads is not known. */
static enum wb_tri is_read_by_view(const struct wb_judging *j)
{
	return wb_relation_known(j->table) && !j->table->dependants.n ? WB_NO : WB_UNKNOWN;
}

static bool same_columns(const struct wb_relation *a, const struct wb_relation *b)
{
	for (size_t i = 0; i < a->columns.n; i++)
		if (!wb_relation_column(b, a->columns.v[i].name))
			return false;
	return a->columns.n == b->columns.n;
}

/* "USING btree (a, b)", where it is known, and whether values are unique. */
static bool same_definition(const struct wb_relation *a, const struct wb_relation *b)
{
	const char *x = a->text ? strstr(a->text, " USING ") : NULL, *y = b->text ? strstr(b->text, " USING ") : NULL;

	return x && y && !strcmp(x, y) && !strstr(a->text, " UNIQUE ") == !strstr(b->text, " UNIQUE ");
}

static bool is_of_constraint(const struct wb_relation *r, const struct wb_relation *index)
{
	for (size_t i = 0; i < r->constraints.n; i++)
		if (r->constraints.v[i].index == index)
			return true;
	return false;
}

/* Does r have one like this? Of the same columns it may be, or of another order or kind. */
static enum wb_tri has_index(const struct wb_relation *r, const struct wb_relation *index)
{
	enum wb_tri has = WB_NO;

	for (size_t i = 0; has != WB_YES && i < r->indexes.n; i++)
		if (same_columns(r->indexes.v[i], index))
			has = same_definition(r->indexes.v[i], index) ? WB_YES : WB_UNKNOWN;
	return has == WB_YES && is_of_constraint(index->table, index) ? WB_UNKNOWN : has;
}

static enum wb_tri lacks_index(const struct wb_judging *j)
{
	enum wb_tri lacks = WB_NO;

	if (!wb_relation_known(j->table) || !wb_relation_known(j->other))
		return WB_UNKNOWN;
	for (size_t i = 0; i < j->table->indexes.n; i++) {
		enum wb_tri has = has_index(j->other, j->table->indexes.v[i]);

		if (has == WB_NO)
			return WB_YES;
		lacks = has == WB_YES ? lacks : WB_UNKNOWN;
	}
	return lacks;
}

static enum wb_tri constraint_is(const struct wb_judging *j, const char *kinds)
{
	return j->constraint ? wb_tri(strchr(kinds, j->constraint->kind)) : WB_UNKNOWN;
}

static enum wb_tri is_check(const struct wb_judging *j)
{
	return constraint_is(j, "cn");
}

static enum wb_tri is_foreign_key(const struct wb_judging *j)
{
	return constraint_is(j, "f");
}

static enum wb_tri is_key(const struct wb_judging *j)
{
	return constraint_is(j, "pux");
}

static enum wb_tri is_valid(const struct wb_judging *j)
{
	return j->constraint ? wb_tri(!j->constraint->invalid) : WB_UNKNOWN;
}

static enum wb_tri same_text(const char *a, const char *b)
{
	return wb_tri((!a && !b) || (a && b && !strcmp(a, b)));
}

static enum wb_tri is_same(const struct wb_judging *j)
{
	const struct wb_relation *r = j->op->kind == WB_KIND_INDEX ? j->object : j->table;

	if (!wb_relation_known(r))
		return WB_UNKNOWN;
	switch (j->op->code) {
	case WB_OP_TABLE_SET_LOGGED:
		return wb_tri(!(r->flags & WB_REL_UNLOGGED));
	case WB_OP_TABLE_SET_UNLOGGED:
		return wb_tri(r->flags & WB_REL_UNLOGGED);
	case WB_OP_TABLE_SET_ACCESS_METHOD:
		return r->method || !(r->flags & WB_REL_MADE) ? same_text(r->method, j->op->type) : WB_UNKNOWN;
	default:
		return r->tablespace ? same_text(r->tablespace, j->op->type) : WB_UNKNOWN;
	}
}

static enum wb_tri is_stored(const struct wb_judging *j)
{
	return j->column && j->column->flags & (WB_COL_STORED | WB_COL_VIRTUAL)
		       ? wb_tri(j->column->flags & WB_COL_STORED)
		       : WB_UNKNOWN;
}

/* reloptions.c; what is not here takes ACCESS EXCLUSIVE. */
static enum wb_tri is_light_option(const struct wb_judging *j)
{
	static const char *const light[] = { "fillfactor", "autovacuum_",      "toast.",          "toast_tuple_target",
					     "vacuum_",    "parallel_workers", "log_autovacuum_", "deduplicate_items" };

	for (size_t i = 0; j->op->expr && i < WB_ARRAY_LEN(light); i++)
		if (wb_sv_istarts(wb_sv_str(j->op->expr), light[i]))
			return WB_YES;
	return j->op->expr ? WB_NO : WB_UNKNOWN;
}

/* Of a database that was asked for it, what is not there is known, too. SQLite is asked for tables alone. */
static enum wb_tri exists(const struct wb_judging *j, const struct wb_relation *r, const char *name)
{
	if (r)
		return wb_tri(!(r->flags & WB_REL_GONE));
	return name && j->world->surveyed && j->world->dialect == WB_DIALECT_POSTGRES ? WB_NO : WB_UNKNOWN;
}

/* An index lives where its table does. */
static enum wb_tri index_exists(const struct wb_judging *j)
{
	const struct wb_name name = { j->table ? j->table->name.schema : j->op->table.schema, j->op->object.name };

	return name.name ? exists(j, wb_world_find(j->world, name), name.name) : WB_NO;
}

static enum wb_tri is_there(const struct wb_judging *j)
{
	switch (j->op->code) {
	case WB_OP_COLUMN_ADD:
		return wb_relation_known(j->table) ? wb_tri(j->column) : WB_UNKNOWN;
	case WB_OP_INDEX_CREATE:
		return index_exists(j);
	case WB_OP_TABLE_CREATE:
	case WB_OP_TABLE_CREATE_AS:
		return exists(j, j->table, j->op->table.name);
	default:
		return exists(j, j->object, j->op->object.name);
	}
}

/* A table whose rows nobody knows is taken to have some. */
static enum wb_tri is_empty(const struct wb_judging *j)
{
	return wb_tri(j->table && (j->table->flags & (WB_REL_MADE | WB_REL_FILLED)) == WB_REL_MADE);
}

/* analyze.c: std_typanalyze wants 300 rows, each of a page of its own, for one of default_statistics_target. */
static enum wb_tri is_small(const struct wb_judging *j)
{
	const int64_t sample = INT64_C(300) * 100 * 8192;
	const struct wb_relation *r = j->table;
	int64_t bytes;

	if (!wb_relation_known(r) || r->bytes < 0)
		return WB_UNKNOWN;
	bytes = r->bytes;
	for (size_t i = 0; i < r->children.n; i++) {
		if (r->children.v[i]->bytes < 0)
			return WB_UNKNOWN;
		bytes += r->children.v[i]->bytes;
	}
	return bytes <= sample ? WB_YES : r->children.n ? WB_UNKNOWN : WB_NO;
}

static const cond_fn conditions[] = {
	[WB_COND_VOLATILE] = is_volatile,
	[WB_COND_CONSTRAINED] = is_constrained,
	[WB_COND_RELABEL] = relabels,
	[WB_COND_KEEPS_INDEX] = keeps_index,
	[WB_COND_INDEXED] = is_indexed,
	[WB_COND_CHECKED] = is_checked,
	[WB_COND_REFERRED_TO] = is_referred_to,
	[WB_COND_IN_FOREIGN_KEY] = in_foreign_key,
	[WB_COND_NOT_NULL] = is_not_null,
	[WB_COND_IMPLIED] = is_implied,
	[WB_COND_KEY_NOT_NULL] = key_not_null,
	[WB_COND_PARTITIONED] = is_partitioned,
	[WB_COND_OTHER_PARTITIONED] = is_other_partitioned,
	[WB_COND_PARTITION] = is_partition,
	[WB_COND_BOUND_IMPLIED] = bound_implied,
	[WB_COND_DEFAULT_IMPLIED] = default_implied,
	[WB_COND_READ_BY_VIEW] = is_read_by_view,
	[WB_COND_LACKS_INDEX] = lacks_index,
	[WB_COND_IS_CHECK] = is_check,
	[WB_COND_IS_FOREIGN_KEY] = is_foreign_key,
	[WB_COND_IS_KEY] = is_key,
	[WB_COND_VALID] = is_valid,
	[WB_COND_SAME] = is_same,
	[WB_COND_STORED] = is_stored,
	[WB_COND_LIGHT_OPTION] = is_light_option,
	[WB_COND_THERE] = is_there,
	[WB_COND_EMPTY] = is_empty,
	[WB_COND_READS_ALL] = wb_reads_all,
	[WB_COND_SMALL] = is_small,
};
_Static_assert(WB_ARRAY_LEN(conditions) == WB_COND_COUNT, "a question for each condition");

enum wb_tri wb_cond_holds(const struct wb_judging *j, enum wb_cond cond)
{
	return conditions[cond](j);
}

/* Kinds whose objects are relations. */
static bool is_relation(enum wb_kind kind)
{
	return kind == WB_KIND_TABLE || kind == WB_KIND_FOREIGN_TABLE || kind == WB_KIND_VIEW ||
	       kind == WB_KIND_MATERIALIZED_VIEW || kind == WB_KIND_SEQUENCE || kind == WB_KIND_INDEX;
}

static bool is_of_index(enum wb_op code)
{
	return code == WB_OP_INDEX_DROP || code == WB_OP_INDEX_REINDEX || code == WB_OP_INDEX_ATTACH ||
	       code == WB_OP_INDEX_CREATE;
}

static bool is_made(enum wb_op code)
{
	return code == WB_OP_TABLE_CREATE || code == WB_OP_TABLE_CREATE_AS || code == WB_OP_CREATE;
}

char wb_kind_on_table(enum wb_kind kind)
{
	return kind == WB_KIND_TRIGGER ? 'T' : kind == WB_KIND_RULE ? 'R' : kind == WB_KIND_POLICY ? 'P' : '\0';
}

static bool is_not_there(const struct wb_judging *j)
{
	char kind = wb_kind_on_table(j->op->kind);

	if (kind)
		return wb_relation_known(j->table) && !wb_relation_named(j->table, kind, j->op->object.name);
	return is_relation(j->op->kind) && is_there(j) == WB_NO;
}

bool wb_is_idle(const struct wb_judging *j)
{
	const struct wb_operation *op = j->op;

	/* A clause of CREATE TABLE IF NOT EXISTS, which has made nothing. */
	if (op->flags & WB_WITH_INLINE)
		return j->table && (j->table->flags & (WB_REL_SEEN | WB_REL_MADE | WB_REL_GONE)) == WB_REL_SEEN;
	if (!(op->flags & WB_WITH_IF_EXISTS))
		return false;
	if (is_made(op->code))
		return is_relation(op->kind) && is_there(j) == WB_YES;
	return (op->code == WB_OP_INDEX_DROP || op->code == WB_OP_DROP) && is_not_there(j);
}

void wb_judging_begin(struct wb_judging *j, struct wb_world *w, const struct wb_operation *op)
{
	*j = (struct wb_judging){ .world = w, .op = op };
	j->table = wb_world_find(w, op->table);
	j->other = wb_world_find(w, op->other);
	if (is_relation(op->kind) || is_of_index(op->code) || op->code == WB_OP_MATVIEW_REFRESH)
		j->object = wb_world_find(w, op->object);
	if (op->code == WB_OP_MATVIEW_REFRESH && j->object)
		j->other = j->object->table;
	if (!j->table && !op->table.name && j->object)
		j->table = j->object->table && j->object->kind == WB_KIND_INDEX ? j->object->table : j->object;
	if (!j->object && !op->object.name)
		j->object = j->table;
	j->column = j->table ? wb_relation_column(j->table, op->object.name) : NULL;
	j->constraint = j->table ? wb_relation_constraint(j->table, op->object.name) : NULL;
}
