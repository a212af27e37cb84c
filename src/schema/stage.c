/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables that change what they inherit from, are partitions of or are made of.
 * Dropped and made again they would lose their rows. So they are cut off first,
 * changed as tables of their own, and joined last; here the two models between
 * which they are changed are made: what such a table has from elsewhere becomes
 * its own, as the server makes it when it cuts off. What the server gives by
 * itself when it joins is in neither.
 */
#include "schema/schema.h"

#include "base/banned.h"

struct staging {
	const struct wb_model *src;
	const struct wb_stage *stage;
	const struct wb_object *const *tables; /* of src, those that are cut off */
	struct wb_model *m;
	struct wb_object **made; /* of m, by place in src; NULL: left out */
	const struct wb_model
		*only_of; /* foreign keys of parents are taken along where this has them, too; NULL: all */
	struct wb_error *err;
};

/* ---- which tables ------------------------------------------------------------------------- */

static bool is_table(const struct wb_object *o)
{
	return o->kind == WB_KIND_TABLE || o->kind == WB_KIND_FOREIGN_TABLE;
}

static bool differs(const struct wb_object *a, const struct wb_object *b, const char *key)
{
	const char *x = wb_object_get(a, key), *y = wb_object_get(b, key);

	return x && y ? strcmp(x, y) != 0 : x != y;
}

/* A name with its schema and, of a column, its table; longer ones than this no server has. */
struct name {
	char part[3][256];
	size_t n;
};

static void add_char(struct name *name, size_t *at, char c)
{
	if (name->n < 3 && *at + 1 < sizeof(name->part[0]))
		name->part[name->n][(*at)++] = c;
}

/* What the text of a list, `"a b".t, s.u`, names first; *rest is behind it. False at the end. */
static bool next_name(struct wb_sv *rest, struct name *ret_name)
{
	size_t i = 0, at = 0;
	bool quoted = false, more = rest->n > 0;

	memset(ret_name, 0, sizeof(*ret_name));
	for (; more; i++) {
		char c = i < rest->n ? rest->p[i] : ',';
		if (c == '"' && quoted && i + 1 < rest->n && rest->p[i + 1] == '"')
			add_char(ret_name, &at, rest->p[i++]);
		else if (c == '"')
			quoted = !quoted;
		else if ((!quoted && (c == '.' || c == ',')) || i >= rest->n) {
			ret_name->n++;
			at = 0;
			more = c == '.';
		} else if (quoted || c != ' ')
			add_char(ret_name, &at, c);
	}
	*rest = i < rest->n ? wb_sv(rest->p + i, rest->n - i) : wb_sv("", 0);
	return ret_name->n > 0;
}

const struct wb_object *wb_stage_column(const struct wb_model *m, const struct wb_object *sequence)
{
	const char *owner = wb_object_get(sequence, "owned_by");
	struct wb_sv rest = wb_sv_str(owner ? owner : "");
	struct name name;

	return next_name(&rest, &name) && name.n == 3
		       ? wb_model_find(m, WB_KIND_COLUMN, name.part[0], name.part[1], name.part[2])
		       : NULL;
}

bool wb_stage_names(const char *text, const struct wb_object *o)
{
	struct wb_sv rest = wb_sv_str(text);
	struct name name;

	return next_name(&rest, &name) && rest.n == 0 && name.n == 2 && o->schema &&
	       strcmp(name.part[0], o->schema) == 0 && strcmp(name.part[1], o->name) == 0;
}

static const char *const from_where[] = { "partition_of", "inherits", "of_type" };

const struct wb_object *wb_stage_parent(const struct wb_model *m, const struct wb_object *table, size_t i)
{
	static const enum wb_kind kinds[] = { WB_KIND_TABLE, WB_KIND_FOREIGN_TABLE, WB_KIND_COMPOSITE };
	const struct wb_object *found = NULL;

	for (size_t k = 0; k < WB_ARRAY_LEN(from_where) && !found; k++) {
		const char *list = wb_object_get(table, from_where[k]);
		struct wb_sv rest = wb_sv_str(list ? list : "");
		struct name name;
		while (!found && next_name(&rest, &name)) {
			if (i-- > 0 || name.n != 2)
				continue;
			for (size_t q = 0; q < WB_ARRAY_LEN(kinds) && !found; q++)
				found = wb_model_find(m, kinds[q], name.part[0], NULL, name.part[1]);
			if (!found)
				return NULL;
		}
	}
	return found;
}

/* Some of its columns come from elsewhere now, or no longer do, although the table is joined as it was. */
static bool columns_move(const struct wb_model *from, const struct wb_object *old, const struct wb_diff *diff)
{
	size_t n;
	struct wb_object *const *v = wb_model_children(from, old, WB_KIND_COLUMN, &n);

	for (size_t i = 0; i < diff->n && n; i++) {
		const struct wb_difference *d = &diff->v[i];
		if (d->type == WB_DIFF_CHANGED && d->actual->owner == v[0]->owner &&
		    strcmp(d->attribute, "inherited") == 0)
			return true;
	}
	return false;
}

static bool is_cut_off(const struct wb_model *from, const struct wb_object *old, const struct wb_model *to,
		       const struct wb_object *new, const struct wb_diff *diff)
{
	const struct wb_object *parent, *wanted;

	if (differs(old, new, "bound"))
		return true;
	for (size_t i = 0; i < WB_ARRAY_LEN(from_where); i++)
		if (differs(old, new, from_where[i]))
			return true;
	/* The whole is made anew when it is cut into parts in another way. */
	parent = wb_object_get(old, "partition_of") ? wb_stage_parent(from, old, 0) : NULL;
	wanted = parent ? wb_model_find(to, parent->kind, parent->schema, NULL, parent->name) : NULL;
	if (wanted && differs(parent, wanted, "partition_by"))
		return true;
	return (wb_object_get(old, "inherits") || wb_object_get(old, "of_type")) && columns_move(from, old, diff);
}

static bool is_listed(const struct wb_object_list *list, const struct wb_object *o)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i] == o)
			return true;
	return false;
}

static int find_tables(const struct wb_model *from, const struct wb_model *to, const struct wb_diff *diff,
		       const struct wb_object_list *also, struct wb_stage *s, struct wb_error *err)
{
	s->old = calloc(from->n + 1, sizeof(struct wb_object *));
	s->new = calloc(from->n + 1, sizeof(struct wb_object *));
	if (!s->old || !s->new)
		return wb_err_nomem(err);
	for (size_t i = 0; i < from->n; i++) {
		const struct wb_object *old = from->v[i];
		const struct wb_object *new =
			is_table(old) ? wb_model_find(to, old->kind, old->schema, NULL, old->name) : NULL;
		if (!new || !(is_listed(also, old) || is_cut_off(from, old, to, new, diff)))
			continue;
		s->old[s->n] = old;
		s->new[s->n++] = new;
	}
	return 0;
}

/* ---- a model in which they stand alone ------------------------------------------------------- */

static const struct wb_object *cut_off(const struct staging *g, const struct wb_object *o)
{
	const struct wb_object *table = o->owner ? o->owner : o;

	for (size_t i = 0; i < g->stage->n; i++)
		if (g->tables[i] == table)
			return table;
	return NULL;
}

static const struct wb_object *origin_of(const struct wb_model *m, const struct wb_object *column)
{
	const struct wb_object *parent, *found = NULL;

	for (size_t i = 0; !found && column->owner && (parent = wb_stage_parent(m, column->owner, i)); i++)
		found = wb_model_find(m, WB_KIND_COLUMN, parent->schema, parent->name, column->name);
	return found;
}

const char *wb_stage_effective(const struct wb_model *m, const struct wb_object *column, const char *key)
{
	const char *value = wb_object_get(column, key);

	while (!value && column && wb_object_get(column, "inherited")) {
		if (strcmp(key, "default") == 0 && wb_object_get(column, "no_default"))
			return NULL;
		column = origin_of(m, column);
		value = column ? wb_object_get(column, key) : NULL;
	}
	return value;
}

static bool is_one_of(const char *const *keys, const char *key)
{
	for (; *keys; keys++)
		if (strcmp(*keys, key) == 0)
			return true;
	return false;
}

/* A table, there before, that comes to be of the type: of several the one that has most of its attributes. */
static const struct wb_object *joining_table(const struct staging *g, const struct wb_object *type)
{
	const struct wb_object *best = NULL;
	size_t most = 0, n;

	for (size_t i = 0; i < g->stage->n; i++) {
		const char *is = wb_object_get(g->tables[i], "of_type");
		if (!is || !wb_stage_names(is, type) || !differs(g->stage->old[i], g->tables[i], "of_type"))
			continue;
		(void)wb_model_children(g->only_of, g->stage->old[i], WB_KIND_COLUMN, &n);
		if (!best || n > most) {
			best = g->stage->old[i];
			most = n;
		}
	}
	return best;
}

/* Tables of a type have its columns in its order: those that there are already come first, as they stand in a table
 * that comes to be of it or else in the type as it was, and then the others as they are added to both, by their names.
 */
static const char *place_of(const struct staging *g, const struct wb_object *o, const char *place)
{
	const struct wb_object *type = o->owner, *model, *old;

	if (!g->only_of || !type || type->kind != WB_KIND_COMPOSITE)
		return place;
	model = joining_table(g, type);
	if (!model)
		model = wb_model_find(g->only_of, type->kind, type->schema, NULL, type->name);
	if (!model)
		return place;
	old = wb_model_find(g->only_of, o->kind, model->schema, model->name, o->name);
	return old ? wb_object_get(old, "position") : WB_STAGE_LAST;
}

/* The value in the copy. */
static const char *value_of(const struct staging *g, const struct wb_object *o, const struct wb_attr *a)
{
	return strcmp(a->key, "position") == 0 ? place_of(g, o, a->value) : a->value;
}

static bool copy_attrs(struct staging *g, const struct wb_object *o, struct wb_object *copy)
{
	static const char *const joined[] = { "partition_of", "bound",      "inherits", "of_type", "attached_to",
					      "inherited",    "no_default", "local",    NULL };
	static const char *const had[] = { "type", "collation", "default", "generated", "not_null", "storage", NULL };
	bool alone = cut_off(g, o), ok = true, column = alone && o->kind == WB_KIND_COLUMN;

	for (size_t i = 0; i < o->n_attrs && ok; i++)
		if (!alone || !(is_one_of(joined, o->attrs[i].key) || (column && is_one_of(had, o->attrs[i].key))))
			ok = wb_object_set(g->m, copy, o->attrs[i].key, value_of(g, o, &o->attrs[i]));
	for (const char *const *key = had; column && *key && ok; key++)
		ok = wb_object_set(g->m, copy, *key, wb_stage_effective(g->src, o, *key));
	return ok;
}

static int copy_objects(struct staging *g)
{
	for (size_t i = 0; i < g->src->n; i++) {
		const struct wb_object *o = g->src->v[i];
		if (o->kind == WB_KIND_TRIGGER && wb_object_get(o, "inherited") && cut_off(g, o))
			continue;
		g->made[i] = wb_model_add(g->m, o->kind, o->schema, o->parent, o->name);
		if (!g->made[i] || !copy_attrs(g, o, g->made[i]))
			return wb_err_nomem(g->err);
	}
	return 0;
}

static struct wb_object *made_of(const struct staging *g, const struct wb_object *o)
{
	size_t i = o ? wb_model_place(g->src, o) : g->src->n;

	return i < g->src->n && g->src->v[i] == o ? g->made[i] : NULL;
}

/* Does the need lead to what the table is cut off from, or to a part of that? */
static bool is_cut(const struct staging *g, const struct wb_object *table, const struct wb_object *needed)
{
	const struct wb_object *other = needed->owner ? needed->owner : needed, *parent;

	for (size_t i = 0; table && (parent = wb_stage_parent(g->src, table, i)); i++)
		if (parent == other)
			return true;
	return false;
}

static int copy_needs(struct staging *g)
{
	for (size_t i = 0; i < g->src->n; i++) {
		const struct wb_object *o = g->src->v[i], *table = cut_off(g, o);
		for (size_t k = 0; k < o->n_needs && g->made[i]; k++) {
			struct wb_object *needed = made_of(g, o->needs[k]);
			if (!needed || (table && is_cut(g, table, o->needs[k])))
				continue;
			if (!wb_object_need(g->m, g->made[i], needed))
				return wb_err_nomem(g->err);
		}
	}
	return 0;
}

/* ---- what comes with a parent ------------------------------------------------------------------- */

static bool is_of_type(const struct wb_object *constraint, const char *type)
{
	const char *is = wb_object_get(constraint, "type");

	return is && strcmp(is, type) == 0;
}

/* Checks stay with a table that is cut off, and it must have them before it is joined; a partition has foreign keys as
 * well, which the server makes itself when it joins. */
static bool comes_along(const struct staging *g, const struct wb_object *table, const struct wb_object *constraint)
{
	const char *definition = wb_object_get(constraint, "definition");
	const struct wb_object *other;

	if (!definition || wb_model_find(g->src, WB_KIND_CONSTRAINT, table->schema, table->name, constraint->name))
		return false;
	if (is_of_type(constraint, "check"))
		return !wb_sv_ends(wb_sv_str(definition), " NO INHERIT");
	if (!is_of_type(constraint, "foreign key") || !wb_object_get(table, "partition_of"))
		return false;
	if (!g->only_of)
		return true;
	other = wb_model_find(g->only_of, WB_KIND_CONSTRAINT, table->schema, table->name, constraint->name);
	return other && !differs(other, constraint, "definition");
}

/* The copy needs what the original does, and the table's columns instead of its parent's. */
static bool give_needs(struct staging *g, const struct wb_object *table, const struct wb_object *constraint,
		       struct wb_object *copy)
{
	bool ok = true;

	for (size_t i = 0; i < constraint->n_needs && ok; i++) {
		const struct wb_object *needed = constraint->needs[i];
		struct wb_object *made;
		if (needed->owner == constraint->owner && needed->kind == WB_KIND_COLUMN)
			needed = wb_model_find(g->src, WB_KIND_COLUMN, table->schema, table->name, needed->name);
		made = needed == constraint->owner ? NULL : made_of(g, needed);
		ok = !made || wb_object_need(g->m, copy, made);
	}
	return ok;
}

static bool has_made(const struct staging *g, const struct wb_object *table, const char *name)
{
	for (size_t i = g->src->n; i < g->m->n; i++) {
		const struct wb_object *o = g->m->v[i];
		if (o->kind == WB_KIND_CONSTRAINT && strcmp(o->schema, table->schema) == 0 &&
		    strcmp(o->parent, table->name) == 0 && strcmp(o->name, name) == 0)
			return true;
	}
	return false;
}

static int give_constraints(struct staging *g, const struct wb_object *table, const struct wb_object *parent)
{
	size_t n;
	struct wb_object *const *v = wb_model_children(g->src, parent, WB_KIND_CONSTRAINT, &n);

	for (size_t i = 0; i < n; i++) {
		struct wb_object *copy;
		if (!comes_along(g, table, v[i]) || has_made(g, table, v[i]->name))
			continue;
		copy = wb_model_add(g->m, WB_KIND_CONSTRAINT, table->schema, table->name, v[i]->name);
		if (!copy || !give_needs(g, table, v[i], copy))
			return wb_err_nomem(g->err);
		for (size_t k = 0; k < v[i]->n_attrs; k++)
			if (strcmp(v[i]->attrs[k].key, "comment") != 0 &&
			    !wb_object_set(g->m, copy, v[i]->attrs[k].key, v[i]->attrs[k].value))
				return wb_err_nomem(g->err);
	}
	return 0;
}

/* From all that stand above it; how deep they are nested the server bounds by its names. */
static int give_all(struct staging *g, const struct wb_object *table, const struct wb_object *of, int depth)
{
	const struct wb_object *parent;
	int rc = 0;

	for (size_t i = 0; rc == 0 && depth < 100 && (parent = wb_stage_parent(g->src, of, i)); i++) {
		if (!is_table(parent))
			continue;
		rc = give_constraints(g, table, parent);
		if (rc == 0)
			rc = give_all(g, table, parent, depth + 1);
	}
	return rc;
}

static int make_model(struct staging *g)
{
	int rc = 0;

	g->m = wb_model_new(g->src->engine, g->src->server);
	g->made = calloc(g->src->n + 1, sizeof(struct wb_object *));
	if (!g->m || !g->made)
		return wb_err_nomem(g->err);
	rc = copy_objects(g);
	if (rc == 0)
		rc = copy_needs(g);
	for (size_t i = 0; rc == 0 && i < g->stage->n; i++)
		rc = give_all(g, g->tables[i], g->tables[i], 0);
	return rc ? rc : wb_model_finish(g->m, g->err);
}

static int stage_model(const struct wb_stage *s, const struct wb_model *src, const struct wb_object *const *tables,
		       const struct wb_model *only_of, struct wb_model **ret_model, struct wb_error *err)
{
	struct staging g = { .src = src, .stage = s, .tables = tables, .only_of = only_of, .err = err };
	int rc = make_model(&g);

	free(g.made);
	if (rc)
		wb_model_free(g.m);
	else
		*ret_model = g.m;
	return rc;
}

/* ---- the whole -------------------------------------------------------------------------------------- */

static void free_stage(struct wb_stage *s)
{
	wb_model_free(s->from);
	wb_model_free(s->to);
	wb_diff_done(&s->diff);
	free(s->old);
	free(s->new);
	free(s);
}

int wb_schema_stage(const struct wb_model *from, const struct wb_model *to, const struct wb_diff *diff,
		    const struct wb_object_list *also, struct wb_stage **ret_stage, struct wb_error *err)
{
	struct wb_stage *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return wb_err_nomem(err);
	s->free = free_stage;
	rc = find_tables(from, to, diff, also, s, err);
	if (rc == 0 && s->n)
		rc = stage_model(s, from, s->old, NULL, &s->from, err);
	if (rc == 0 && s->n)
		rc = stage_model(s, to, s->new, s->from, &s->to, err);
	if (rc == 0 && s->n)
		rc = wb_schema_diff(s->to, s->from, &s->diff, err);
	if (rc || s->n == 0)
		free_stage(s);
	else
		*ret_stage = s;
	return rc;
}
