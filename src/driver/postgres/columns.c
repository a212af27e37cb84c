/* SPDX-License-Identifier: Apache-2.0
 *
 * Columns with what is said beside them, and keys and checks that stand on their
 * own, as CREATE TABLE and ALTER TABLE both have them.
 */
#include "driver/postgres/reading.h"

#include "base/banned.h"

/* ---- columns ----------------------------------------------------------------------- */

static const PgQuery__Constraint *as_constraint(const PgQuery__Node *node)
{
	return node->node_case == PG_QUERY__NODE__NODE_CONSTRAINT ? node->constraint : NULL;
}

/* Where what begins at this place ends at the latest: where the next thing said of the column begins. */
static size_t end_of_part(struct wb_reading *r, const PgQuery__ColumnDef *c, int32_t location)
{
	size_t i = wb_piece_at(r, location), end = wb_piece_end(r, i);
	int32_t next = c->coll_clause && c->coll_clause->location > location ? c->coll_clause->location : INT32_MAX;
	for (size_t k = 0; k < c->n_constraints; k++) {
		const PgQuery__Constraint *other = as_constraint(c->constraints[k]);
		if (other && other->location > location && other->location < next)
			next = other->location;
	}
	size_t other = next == INT32_MAX ? end : wb_piece_at(r, next);
	return other < end ? other : end;
}

static const char *type_text(struct wb_reading *r, const PgQuery__ColumnDef *c)
{
	size_t i = wb_piece_at(r, c->type_name->location), end = end_of_part(r, c, c->type_name->location);
	return wb_piece_text(r, i, wb_piece_find(r, i, end, "collate using compression storage options"));
}

/* Behind CONSTRAINT name, if it has one. */
static size_t keyword(struct wb_reading *r, const PgQuery__Constraint *k)
{
	size_t i = wb_piece_at(r, k->location);
	return wb_piece_is(r, i, "constraint") ? i + 2 : i;
}

/* The text in the parentheses behind this word. */
static const char *inside(struct wb_reading *r, const PgQuery__Constraint *k, const char *word)
{
	size_t i = keyword(r, k), end = wb_piece_end(r, i);
	size_t at = wb_piece_find(r, i, end, word);
	return at < end ? wb_piece_inside(r, at + 1) : NULL;
}

typedef void part_fn(struct wb_reading *r, struct wb_operation *op, const PgQuery__ColumnDef *c,
		     const PgQuery__Constraint *k);

static void has_default(struct wb_reading *r, struct wb_operation *op, const PgQuery__ColumnDef *c,
			const PgQuery__Constraint *k)
{
	op->expr = wb_piece_text(r, keyword(r, k) + 1, end_of_part(r, c, k->location));
	if (!wb_read_is_null(k->raw_expr))
		op->flags |= WB_WITH_DEFAULT;
	wb_read_calls(r, op, wb_read_any(k->raw_expr));
}

static void is_generated(struct wb_reading *r, struct wb_operation *op, const PgQuery__ColumnDef *c WB_UNUSED,
			 const PgQuery__Constraint *k)
{
	op->expr = inside(r, k, "as");
	wb_read_calls(r, op, wb_read_any(k->raw_expr));
}

static void refers(struct wb_reading *r, struct wb_operation *op, const PgQuery__ColumnDef *c WB_UNUSED,
		   const PgQuery__Constraint *k)
{
	if (!op->other.name)
		op->other = wb_read_relation(r, k->pktable);
}

static const struct part {
	uint32_t flag;
	part_fn *more;
} parts[] = {
	[PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL] = { WB_WITH_NOT_NULL, NULL },
	[PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT] = { 0, has_default },
	[PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY] = { WB_WITH_IDENTITY | WB_WITH_NOT_NULL, NULL },
	[PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED] = { WB_WITH_GENERATED, is_generated },
	[PG_QUERY__CONSTR_TYPE__CONSTR_CHECK] = { WB_WITH_CHECK, NULL },
	[PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY] = { WB_WITH_PRIMARY_KEY | WB_WITH_NOT_NULL, NULL },
	[PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE] = { WB_WITH_UNIQUE, NULL },
	[PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN] = { WB_WITH_REFERENCES, refers },
};

static void read_parts(struct wb_reading *r, struct wb_operation *op, const PgQuery__ColumnDef *c)
{
	for (size_t i = 0; i < c->n_constraints; i++) {
		const PgQuery__Constraint *k = as_constraint(c->constraints[i]);
		unsigned type = k ? (unsigned)k->contype : 0;
		if (type >= WB_ARRAY_LEN(parts))
			continue;
		op->flags |= parts[type].flag;
		if (parts[type].more)
			parts[type].more(r, op, c, k);
	}
}

/* The columns of a typed table and of a partition have no type, and are there already. */
void wb_read_column(struct wb_reading *r, const PgQuery__RangeVar *table, const PgQuery__ColumnDef *c, uint32_t flags)
{
	struct wb_operation *op = wb_read_add(r, WB_OP_COLUMN_ADD, WB_KIND_TABLE);
	size_t i = wb_piece_at(r, c->location);
	op->flags = flags | (c->coll_clause ? WB_WITH_COLLATE : 0);
	op->table = wb_read_relation(r, table);
	op->object.name = wb_read_text(r, c->colname);
	op->offset = i < r->pieces.n ? r->pieces.v[i].at : 0;
	if (c->type_name) {
		wb_read_type(r, op, c->type_name);
		op->type = type_text(r, c);
	}
	read_parts(r, op, c);
}

/* ---- keys and checks ------------------------------------------------------------------ */

static void check(struct wb_reading *r, struct wb_operation *op, const PgQuery__Constraint *k)
{
	op->expr = inside(r, k, "check");
	wb_read_calls(r, op, wb_read_any(k->raw_expr));
}

static void key(struct wb_reading *r, struct wb_operation *op, const PgQuery__Constraint *k)
{
	op->expr = wb_read_text(r, k->indexname);
	op->flags |= op->expr ? WB_WITH_USING_INDEX : 0;
	wb_read_columns(r, op, k->keys, k->n_keys);
}

static void foreign_key(struct wb_reading *r, struct wb_operation *op, const PgQuery__Constraint *k)
{
	op->other = wb_read_relation(r, k->pktable);
	wb_read_columns(r, op, k->fk_attrs, k->n_fk_attrs);
}

static void exclusion(struct wb_reading *r, struct wb_operation *op, const PgQuery__Constraint *k)
{
	op->type = wb_read_text(r, k->access_method);
	for (size_t i = 0; i < k->n_exclusions; i++)
		wb_read_calls(r, op, wb_read_any(k->exclusions[i]));
	wb_read_calls(r, op, wb_read_any(k->where_clause));
}

static const struct {
	enum wb_op code;
	void (*more)(struct wb_reading *r, struct wb_operation *op, const PgQuery__Constraint *k);
} keys[] = {
	[PG_QUERY__CONSTR_TYPE__CONSTR_CHECK] = { WB_OP_CHECK_ADD, check },
	[PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY] = { WB_OP_PRIMARY_KEY_ADD, key },
	[PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE] = { WB_OP_UNIQUE_ADD, key },
	[PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION] = { WB_OP_EXCLUDE_ADD, exclusion },
	[PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN] = { WB_OP_FOREIGN_KEY_ADD, foreign_key },
};

void wb_read_constraint(struct wb_reading *r, const PgQuery__RangeVar *table, const PgQuery__Constraint *k,
			uint32_t flags)
{
	unsigned type = (unsigned)k->contype;
	bool known = type < WB_ARRAY_LEN(keys) && keys[type].more;
	struct wb_operation *op = wb_read_add(r, known ? keys[type].code : WB_OP_UNKNOWN, WB_KIND_TABLE);
	size_t i = wb_piece_at(r, k->location);
	op->flags = flags | (k->skip_validation ? WB_WITH_NOT_VALID : 0) | (k->is_no_inherit ? WB_WITH_NO_INHERIT : 0);
	op->table = wb_read_relation(r, table);
	op->object.name = wb_read_text(r, k->conname);
	op->offset = i < r->pieces.n ? r->pieces.v[i].at : 0;
	if (known)
		keys[type].more(r, op, k);
	else
		r->unknown = "a constraint of a kind that is not known";
}
