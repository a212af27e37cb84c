/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files so far have made: tables with columns, indexes and constraints,
 * as far as the operations tell. A table that no file has made is not there;
 * rules then say less, never more.
 */
#include "safety/lint.h"

static void *take(struct wb_seen *s, size_t size)
{
	void *p = wb_arena_alloc(s->arena, size);
	s->failed |= !p;
	return p;
}

static const char *text(struct wb_seen *s, const char *t)
{
	const char *copy = wb_arena_str(s->arena, t);
	s->failed |= t && !copy;
	return copy;
}

static const char *const *texts(struct wb_seen *s, const char *const *v, size_t n)
{
	const char **copy = wb_arena_array(s->arena, n + 1, sizeof(*copy));
	s->failed |= !copy;
	for (size_t i = 0; copy && i < n; i++)
		copy[i] = text(s, v[i]);
	return copy;
}

/* "orders", "audit.orders"; the schema that everybody leaves out is left out. */
static bool key_of(const struct wb_seen *s, const struct wb_name *name, char *buf, size_t size)
{
	int n = name->schema && strcmp(name->schema, s->usual) != 0
			? snprintf(buf, size, "%s.%s", name->schema, name->name)
			: snprintf(buf, size, "%s", name->name);
	return n > 0 && (size_t)n < size;
}

struct wb_seen_table *wb_seen_find(const struct wb_seen *s, const struct wb_name *name)
{
	char key[300];
	if (!name->name || !key_of(s, name, key, sizeof(key)))
		return NULL;
	return wb_map_get(&s->tables, wb_sv_str(key));
}

const struct wb_seen_table *wb_seen_of_index(const struct wb_seen *s, const struct wb_name *index)
{
	return index->name ? wb_map_get(&s->indexes, wb_sv_str(index->name)) : NULL;
}

const struct wb_seen_column *wb_seen_column(const struct wb_seen_table *t, const char *name)
{
	const struct wb_seen_column *c = t && name ? t->columns : NULL;
	while (c && strcmp(c->name, name) != 0)
		c = c->next;
	return c;
}

const struct wb_seen_constraint *wb_seen_constraint(const struct wb_seen_table *t, const char *name)
{
	const struct wb_seen_constraint *c = t && name ? t->constraints : NULL;
	while (c && (!c->name || strcmp(c->name, name) != 0))
		c = c->next;
	return c;
}

static bool is_among(const char *name, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i] && name && !strcmp(v[i], name))
			return true;
	}
	return false;
}

bool wb_seen_indexed(const struct wb_seen_table *t, const char *const *columns, size_t n)
{
	for (const struct wb_seen_index *ix = t ? t->indexes : NULL; ix; ix = ix->next) {
		size_t k = 0;
		while (k < n && k < ix->n && is_among(ix->columns[k], columns, n))
			k++;
		if (k == n && !ix->partial)
			return true;
	}
	return false;
}

void wb_seen_done(struct wb_seen *s)
{
	wb_map_done(&s->tables);
	wb_map_done(&s->indexes);
}

/* ---- learning --------------------------------------------------------------------- */

static struct wb_seen_table *know(struct wb_seen *s, const struct wb_name *name)
{
	struct wb_seen_table *t = wb_seen_find(s, name);
	char key[300];
	if (t || !name->name || !key_of(s, name, key, sizeof(key)))
		return t;
	t = take(s, sizeof(*t));
	const char *own = text(s, key);
	if (!t || !own)
		return NULL;
	*t = (struct wb_seen_table){ .key = own, .kind = WB_KIND_TABLE };
	s->failed |= !wb_map_put(&s->tables, wb_sv_str(own), t);
	return t;
}

static void make(struct wb_seen *s, const struct wb_lint_file *f, const struct wb_operation *op, enum wb_kind kind)
{
	struct wb_seen_table *t = know(s, &op->table), *parent;
	/* IF NOT EXISTS of one that is there does nothing. */
	if (!t || (t->file && !t->dropped && (op->flags & WB_WITH_IF_EXISTS)))
		return;
	*t = (struct wb_seen_table){ .key = t->key,
				     .kind = kind,
				     .file = f->number,
				     .temporary = op->flags & WB_WITH_TEMPORARY,
				     .partitioned = op->flags & WB_WITH_PARTITIONED,
				     .filled = op->code == WB_OP_TABLE_CREATE_AS };
	parent = op->flags & WB_WITH_PARTITION ? know(s, &op->other) : NULL;
	t->parent = parent ? parent->key : NULL;
	if (parent)
		parent->partitioned = true;
}

static void add_index(struct wb_seen *s, struct wb_seen_table *t, const char *name, const struct wb_operation *op,
		      bool unique, bool key)
{
	struct wb_seen_index *ix = t ? take(s, sizeof(*ix)) : NULL;
	if (!ix)
		return;
	*ix = (struct wb_seen_index){ .next = t->indexes,
				      .name = text(s, name),
				      .columns = texts(s, op->columns, op->n_columns),
				      .n = op->n_columns,
				      .unique = unique,
				      .key = key,
				      .partial = op->flags & WB_WITH_WHERE };
	t->indexes = ix;
	if (ix->name)
		s->failed |= !wb_map_put(&s->indexes, wb_sv_str(ix->name), t);
}

/* An inline key of one column. */
static void add_column_index(struct wb_seen *s, struct wb_seen_table *t, const char *column)
{
	const struct wb_operation one = { .columns = &column, .n_columns = 1 };
	add_index(s, t, NULL, &one, true, true);
}

static void add_constraint(struct wb_seen *s, struct wb_seen_table *t, const struct wb_lint_file *f,
			   const struct wb_lint_stmt *st, const struct wb_operation *op, enum wb_op code,
			   const char *const *columns, size_t n)
{
	struct wb_seen_constraint *c = t ? take(s, sizeof(*c)) : NULL;
	char other[300] = "";
	if (!c)
		return;
	if (op->other.name && !key_of(s, &op->other, other, sizeof(other)))
		other[0] = 0;
	*c = (struct wb_seen_constraint){ .next = t->constraints,
					  .code = code,
					  .name = code == op->code ? text(s, op->object.name) : NULL,
					  .expr = text(s, op->expr),
					  .columns = texts(s, columns, n),
					  .n = n,
					  .other = *other ? text(s, other) : NULL,
					  .valid = !(op->flags & WB_WITH_NOT_VALID),
					  .file = f->judged ? f->number : 0,
					  .line = st->pos.line,
					  .column = st->pos.column,
					  .statement = st->ordinal };
	t->constraints = c;
	/* The rule about it looks when all files are read, and has the comments no more. */
	c->told = c->file && code == WB_OP_FOREIGN_KEY_ADD && wb_ignored(f, "foreign-key-index", st);
	if (c->file && code == WB_OP_FOREIGN_KEY_ADD) {
		struct wb_error at = { 0 };
		wb_sql_error_place(&at, NULL, st->pos, st->text, op->offset);
		c->line = at.line;
		c->column = at.column;
		c->caret = at.caret;
		c->excerpt = text(s, at.excerpt);
	}
}

static void add_column(struct wb_seen *s, const struct wb_lint_file *f, const struct wb_lint_stmt *st,
		       const struct wb_operation *op)
{
	struct wb_seen_table *t = know(s, &op->table);
	struct wb_seen_column *c = t ? take(s, sizeof(*c)) : NULL;
	const char *name = op->object.name;
	if (!c || !name)
		return;
	bool key = op->flags & WB_WITH_PRIMARY_KEY;
	*c = (struct wb_seen_column){ .next = t->columns,
				      .name = text(s, name),
				      .type = text(s, op->type),
				      .not_null = key || (op->flags & (WB_WITH_NOT_NULL | WB_WITH_SERIAL)),
				      .serial = op->flags & (WB_WITH_SERIAL | WB_WITH_IDENTITY) };
	if (!c->name)
		return;
	t->columns = c;
	if (key || (op->flags & WB_WITH_UNIQUE))
		add_column_index(s, t, c->name);
	if (op->flags & WB_WITH_REFERENCES)
		add_constraint(s, t, f, st, op, WB_OP_FOREIGN_KEY_ADD, &op->object.name, 1);
	if (op->flags & WB_WITH_CHECK)
		add_constraint(s, t, f, st, op, WB_OP_CHECK_ADD, &op->object.name, 1);
}

static void add_key(struct wb_seen *s, const struct wb_lint_file *f, const struct wb_lint_stmt *st,
		    const struct wb_operation *op)
{
	struct wb_seen_table *t = know(s, &op->table);
	add_constraint(s, t, f, st, op, op->code, op->columns, op->n_columns);
	if (t && op->n_columns && (op->code == WB_OP_UNIQUE_ADD || op->code == WB_OP_PRIMARY_KEY_ADD))
		add_index(s, t, op->object.name, op, true, true);
	for (size_t i = 0; t && op->code == WB_OP_PRIMARY_KEY_ADD && i < op->n_columns; i++) {
		struct wb_seen_column *c = t->columns;
		while (c && (!op->columns[i] || strcmp(c->name, op->columns[i]) != 0))
			c = c->next;
		if (c)
			c->not_null = true;
	}
}

/* ---- changing --------------------------------------------------------------------- */

static struct wb_seen_column *column_of(struct wb_seen *s, const struct wb_operation *op)
{
	struct wb_seen_table *t = wb_seen_find(s, &op->table);
	struct wb_seen_column *c = t ? t->columns : NULL;
	while (c && (!op->object.name || strcmp(c->name, op->object.name) != 0))
		c = c->next;
	return c;
}

static void drop_column(struct wb_seen *s, const struct wb_operation *op)
{
	struct wb_seen_table *t = wb_seen_find(s, &op->table);
	struct wb_seen_column **c = t ? &t->columns : NULL;
	while (c && *c && strcmp((*c)->name, op->object.name) != 0)
		c = &(*c)->next;
	if (c && *c)
		*c = (*c)->next;
}

static void drop_index(struct wb_seen *s, const char *name)
{
	struct wb_seen_table *t = name ? wb_map_get(&s->indexes, wb_sv_str(name)) : NULL;
	struct wb_seen_index **ix = t ? &t->indexes : NULL;
	while (ix && *ix && (!(*ix)->name || strcmp((*ix)->name, name) != 0))
		ix = &(*ix)->next;
	if (ix && *ix)
		*ix = (*ix)->next;
}

static void drop_constraint(struct wb_seen *s, const struct wb_operation *op)
{
	struct wb_seen_table *t = wb_seen_find(s, &op->table);
	struct wb_seen_constraint **c = t ? &t->constraints : NULL;
	while (c && *c && (!(*c)->name || !op->object.name || strcmp((*c)->name, op->object.name) != 0))
		c = &(*c)->next;
	if (c && *c)
		*c = (*c)->next;
	drop_index(s, op->object.name);
}

static void validate(struct wb_seen *s, const struct wb_operation *op)
{
	struct wb_seen_table *t = wb_seen_find(s, &op->table);
	for (struct wb_seen_constraint *c = t ? t->constraints : NULL; c; c = c->next) {
		if (c->name && op->object.name && !strcmp(c->name, op->object.name))
			c->valid = true;
	}
}

static void rename_table(struct wb_seen *s, const struct wb_operation *op)
{
	struct wb_seen_table *t = wb_seen_find(s, &op->table), *renamed;
	struct wb_name to = { op->table.schema, op->expr };
	const char *key;
	if (!t || !op->expr)
		return;
	renamed = know(s, &to);
	if (!renamed)
		return;
	key = renamed->key;
	*renamed = *t;
	renamed->key = key;
	for (const struct wb_seen_index *ix = renamed->indexes; ix; ix = ix->next) {
		if (ix->name)
			s->failed |= !wb_map_put(&s->indexes, wb_sv_str(ix->name), renamed);
	}
	t->dropped = true;
}

static void rename_column(struct wb_seen *s, const struct wb_operation *op)
{
	struct wb_seen_column *c = column_of(s, op);
	if (c && op->expr)
		c->name = text(s, op->expr);
	if (c && !c->name)
		c->name = "";
}

static void set_not_null(struct wb_seen *s, const struct wb_operation *op, bool yes)
{
	struct wb_seen_column *c = column_of(s, op);
	if (c)
		c->not_null = yes;
}

static void set_type(struct wb_seen *s, const struct wb_operation *op)
{
	struct wb_seen_column *c = column_of(s, op);
	if (c)
		c->type = text(s, op->type);
}

static void attach(struct wb_seen *s, const struct wb_operation *op)
{
	struct wb_seen_table *parent = know(s, &op->table), *t = know(s, &op->other);
	if (!parent || !t)
		return;
	parent->partitioned |= op->code == WB_OP_TABLE_ATTACH;
	t->parent = op->code == WB_OP_TABLE_ATTACH ? parent->key : NULL;
}

static void drop(struct wb_seen *s, const struct wb_operation *op)
{
	struct wb_seen_table *t = wb_seen_find(s, &op->table);
	if (t)
		t->dropped = true;
}

static void fill(struct wb_seen *s, const struct wb_operation *op)
{
	struct wb_seen_table *t = wb_seen_find(s, &op->table);
	if (t)
		t->filled = true;
}

static void apply_object(struct wb_seen *s, const struct wb_lint_file *f, const struct wb_operation *op)
{
	bool relation =
		op->kind == WB_KIND_TABLE || op->kind == WB_KIND_MATERIALIZED_VIEW || op->kind == WB_KIND_VIRTUAL_TABLE;
	if (op->code == WB_OP_CREATE && (relation || op->kind == WB_KIND_VIEW))
		make(s, f, op, op->kind);
	else if (op->code == WB_OP_DROP && relation)
		drop(s, op);
	else if (op->code == WB_OP_RENAME && op->kind == WB_KIND_TABLE)
		rename_table(s, op);
	else if (op->code == WB_OP_RENAME && op->kind == WB_KIND_COLUMN)
		rename_column(s, op);
}

static void apply_part(struct wb_seen *s, const struct wb_lint_file *f, const struct wb_lint_stmt *st,
		       const struct wb_operation *op)
{
	switch ((int)op->code) {
	case WB_OP_COLUMN_ADD:
		add_column(s, f, st, op);
		break;
	case WB_OP_COLUMN_DROP:
		drop_column(s, op);
		break;
	case WB_OP_COLUMN_TYPE:
		set_type(s, op);
		break;
	case WB_OP_COLUMN_SET_NOT_NULL:
	case WB_OP_COLUMN_DROP_NOT_NULL:
		set_not_null(s, op, op->code == WB_OP_COLUMN_SET_NOT_NULL);
		break;
	case WB_OP_CHECK_ADD:
	case WB_OP_FOREIGN_KEY_ADD:
	case WB_OP_UNIQUE_ADD:
	case WB_OP_PRIMARY_KEY_ADD:
	case WB_OP_EXCLUDE_ADD:
	case WB_OP_NOT_NULL_ADD:
		add_key(s, f, st, op);
		break;
	case WB_OP_CONSTRAINT_VALIDATE:
		validate(s, op);
		break;
	case WB_OP_CONSTRAINT_DROP:
		drop_constraint(s, op);
		break;
	default:
		break;
	}
}

void wb_seen_apply(struct wb_seen *s, const struct wb_lint_file *f, const struct wb_lint_stmt *st,
		   const struct wb_operation *op)
{
	switch ((int)op->code) {
	case WB_OP_TABLE_CREATE:
	case WB_OP_TABLE_CREATE_AS:
		make(s, f, op, op->kind == WB_KIND_MATERIALIZED_VIEW ? op->kind : WB_KIND_TABLE);
		break;
	case WB_OP_TABLE_ATTACH:
	case WB_OP_TABLE_DETACH:
		attach(s, op);
		break;
	case WB_OP_INDEX_CREATE:
		add_index(s, know(s, &op->table), op->object.name, op, op->flags & WB_WITH_UNIQUE, false);
		break;
	case WB_OP_INDEX_DROP:
		drop_index(s, op->object.name);
		break;
	case WB_OP_INSERT:
	case WB_OP_COPY_IN:
		fill(s, op);
		break;
	case WB_OP_CREATE:
	case WB_OP_DROP:
	case WB_OP_RENAME:
		apply_object(s, f, op);
		break;
	default:
		apply_part(s, f, st, op);
		break;
	}
}
