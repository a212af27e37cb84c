/* SPDX-License-Identifier: Apache-2.0
 *
 * From one model to the other: what is to be dropped, in the reverse of the
 * order in which it could be made; then everything else in the order of the
 * model to come, made or altered. An attribute that cannot be altered takes its
 * object along, dropped and made again; what needs a dropped object goes with
 * it and, where it is still wanted, comes back; columns, which hold rows, are
 * loosened from it instead and fastened again. Where the engine can alter little
 * a table is built anew (rebuild.c).
 */
#include "schema/schema.h"

#include "base/banned.h"

/* For each object of a model those that point at it, in the model's order: v from first[place] to first[place + 1]. */
struct links {
	size_t *first;
	struct wb_object **v;
};

struct making {
	const struct wb_ddl *d;
	const struct wb_model *from, *to;
	const struct wb_diff *diff;
	struct links users, parts,
		wanted_parts; /* of from: who needs it, whose owner it is; of to: whose owner it is */
	struct wb_map changes; /* object -> its first difference */
	const struct wb_stage *stage; /* NULL: from and to are as they were given */
	const struct wb_model *given; /* to, as it was given */
	struct wb_ddl_script *script;
	struct wb_object **from_order, **to_order;
	struct wb_map drop, make, rebuild; /* objects of from, of to, tables of to */
	struct wb_map loosen, retype; /* columns of from: without their defaults, and of these without their types */
	struct wb_str sql;
	struct wb_error *err;
};

/* ---- sets of objects ----------------------------------------------------------------- */

static struct wb_sv key_of(struct wb_object *const *o)
{
	return wb_sv((const char *)o, sizeof(*o));
}

/* The address of the place in the model where the pointer to o is kept: it lives as long as the model. */
static struct wb_object *const *slot_of(const struct wb_model *m, const struct wb_object *o)
{
	size_t i = wb_model_index(m, o);

	return i < m->n ? &m->v[i] : NULL;
}

static bool is_in(const struct wb_map *set, const struct wb_model *m, const struct wb_object *o)
{
	struct wb_object *const *slot = slot_of(m, o);

	return slot && wb_map_get(set, key_of(slot));
}

static int put(struct making *g, struct wb_map *set, const struct wb_model *m, const struct wb_object *o)
{
	struct wb_object *const *slot = slot_of(m, o);

	return slot && !wb_map_put(set, key_of(slot), *slot) ? wb_err_nomem(g->err) : 0;
}

/* ---- who points at whom ----------------------------------------------------------------- */

typedef size_t (*targets_fn)(const struct wb_object *o, struct wb_object *const **ret_v);

static size_t needs_of(const struct wb_object *o, struct wb_object *const **ret_v)
{
	*ret_v = o->needs;
	return o->n_needs;
}

static size_t owner_of(const struct wb_object *o, struct wb_object *const **ret_v)
{
	*ret_v = &o->owner;
	return o->owner != NULL;
}

/* Without v counts how many point at each, one place further; with it puts them where at says. */
static void each_link(const struct wb_model *m, targets_fn targets, size_t *at, struct wb_object **v)
{
	struct wb_object *const *t;

	for (size_t i = 0; i < m->n; i++) {
		size_t n = targets(m->v[i], &t);
		for (size_t k = 0; k < n; k++) {
			size_t place = wb_model_index(m, t[k]);
			if (place < m->n && v)
				v[at[place]++] = m->v[i];
			else if (place < m->n)
				at[place + 1]++;
		}
	}
}

static int link_all(struct making *g, const struct wb_model *m, targets_fn targets, struct links *l)
{
	l->first = calloc(m->n + 2, sizeof(*l->first));
	if (!l->first)
		return wb_err_nomem(g->err);
	each_link(m, targets, l->first, NULL);
	for (size_t i = 0; i < m->n; i++)
		l->first[i + 1] += l->first[i];
	l->v = calloc(l->first[m->n] + 1, sizeof(struct wb_object *));
	if (!l->v)
		return wb_err_nomem(g->err);
	each_link(m, targets, l->first, l->v);
	/* Each place has moved to the beginning of the next. */
	memmove(l->first + 1, l->first, (m->n + 1) * sizeof(*l->first));
	l->first[0] = 0;
	return 0;
}

static struct wb_object *const *links_of(const struct links *l, const struct wb_model *m, const struct wb_object *o,
					 size_t *ret_n)
{
	size_t i = wb_model_index(m, o);

	*ret_n = i < m->n ? l->first[i + 1] - l->first[i] : 0;
	return *ret_n ? l->v + l->first[i] : NULL;
}

static void links_done(struct links *l)
{
	free(l->first);
	free(l->v);
}

static struct wb_object *same(const struct wb_model *m, const struct wb_object *o)
{
	return wb_model_find(m, o->kind, o->schema, o->parent, o->name);
}

/* ---- what is to be done ------------------------------------------------------------------ */

static int drop(struct making *g, const struct wb_object *o);

/* What is dropped although it is wanted is made again. */
static int drop_and_make(struct making *g, const struct wb_object *o)
{
	const struct wb_object *wanted = same(g->to, o);
	int rc = drop(g, o);

	return rc == 0 && wanted ? put(g, &g->make, g->to, wanted) : rc;
}

/* Columns and constraints of a table that is built anew: no statements of their own. */
static bool is_inside(const struct making *g, enum wb_kind kind)
{
	return g->d->rebuilds && (kind == WB_KIND_COLUMN || kind == WB_KIND_CONSTRAINT);
}

static bool in_rebuilt(const struct making *g, const struct wb_object *o)
{
	const struct wb_object *table = o->owner ? same(g->to, o->owner) : NULL;

	return table && is_in(&g->rebuild, g->to, table);
}

static bool any(const struct wb_object *o)
{
	(void)o;
	return true;
}

/* What a column can be of. */
static bool is_type(const struct wb_object *o)
{
	static const enum wb_kind types[] = { WB_KIND_ENUM, WB_KIND_COMPOSITE, WB_KIND_RANGE, WB_KIND_DOMAIN,
					      WB_KIND_COLLATION };

	for (size_t i = 0; i < WB_ARRAY_LEN(types); i++)
		if (o->kind == types[i])
			return true;
	return false;
}

static bool is_constraint(const struct wb_object *o, const char *type)
{
	const char *is = o->kind == WB_KIND_CONSTRAINT ? wb_object_get(o, "type") : NULL;

	return is && strcmp(is, type) == 0;
}

static bool is_foreign_key(const struct wb_object *o)
{
	return is_constraint(o, "foreign key");
}

/* What a server turns along by itself when a column's type changes, and what it refuses to. */
static bool hinders_a_type(const struct wb_object *o)
{
	static const enum wb_kind hindering[] = { WB_KIND_VIEW,      WB_KIND_MATERIALIZED_VIEW, WB_KIND_RULE,
						  WB_KIND_POLICY,    WB_KIND_TRIGGER,           WB_KIND_FUNCTION,
						  WB_KIND_PROCEDURE, WB_KIND_PUBLICATION };

	for (size_t i = 0; i < WB_ARRAY_LEN(hindering); i++)
		if (o->kind == hindering[i])
			return true;
	/* The column at the other end of a foreign key changes at another time. */
	return (o->kind == WB_KIND_COLUMN && wb_object_get(o, "generated")) || is_foreign_key(o);
}

static int set_aside(struct making *g, const struct wb_object *o, const struct wb_object *needed);

/* Everything that needs it, which is everything that needs one of its parts, too. */
static int disturb(struct making *g, const struct wb_object *o, bool (*is_in_the_way)(const struct wb_object *o))
{
	size_t n;
	struct wb_object *const *v = links_of(&g->users, g->from, o, &n);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		if (is_in_the_way(v[i]) && !is_inside(g, v[i]->kind) && !is_in(&g->drop, g->from, v[i]))
			rc = set_aside(g, v[i], o);
	return rc;
}

/* A column that needs what is dropped. What it is computed from, and what it is a part of, is better made again. */
static int set_aside(struct making *g, const struct wb_object *o, const struct wb_object *needed)
{
	bool typed = is_type(needed);
	int rc;

	if (o->kind != WB_KIND_COLUMN || !g->d->loosen || !o->owner || wb_object_get(o, "generated"))
		return drop_and_make(g, o);
	if (is_in(&g->drop, g->from, o->owner) || is_in(typed ? &g->retype : &g->loosen, g->from, o))
		return 0;
	if (typed && o->owner->kind == WB_KIND_COMPOSITE)
		return drop_and_make(g, o->owner);
	rc = put(g, &g->loosen, g->from, o);
	if (rc || !typed)
		return rc;
	rc = put(g, &g->retype, g->from, o);
	if (rc == 0)
		rc = disturb(g, o, any);
	return rc ? rc : disturb(g, o->owner, hinders_a_type);
}

static int drop(struct making *g, const struct wb_object *o)
{
	size_t n;
	struct wb_object *const *v = links_of(&g->parts, g->from, o, &n);
	int rc = put(g, &g->drop, g->from, o);

	if (rc == 0)
		rc = disturb(g, o, any);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (!is_in(&g->drop, g->from, v[i]))
			rc = drop_and_make(g, v[i]);
	return rc;
}

/* No engine lets a column's type change under a view. */
static bool disturbs(const struct wb_difference *d)
{
	static const char *const keys[] = { "type", "collation", "collate", "generated" };

	for (size_t i = 0; d->actual->kind == WB_KIND_COLUMN && i < WB_ARRAY_LEN(keys); i++)
		if (strcmp(keys[i], d->attribute) == 0)
			return true;
	return false;
}

/* Is the domain within another type, whose values the server does not look into? */
static bool is_nested(const struct making *g, const struct wb_object *domain)
{
	size_t n;
	struct wb_object *const *v = links_of(&g->users, g->from, domain, &n);

	for (size_t i = 0; i < n; i++) {
		const char *type = v[i]->kind == WB_KIND_COLUMN ? wb_object_get(v[i], "type") : NULL;
		if (v[i]->kind == WB_KIND_RANGE || (type && strchr(type, '[')) ||
		    (v[i]->owner && v[i]->owner->kind == WB_KIND_COMPOSITE))
			return true;
	}
	return false;
}

/* What a domain newly demands is looked for in all columns that are of it; where the server cannot, they are made to be
 * of another one. */
static int plan_demand(struct making *g, const struct wb_difference *d)
{
	const struct wb_object *o = d->expected, *owner = o && o->owner ? o->owner : o, *domain;

	if (!owner || owner->kind != WB_KIND_DOMAIN || (d->attribute && strcmp(d->attribute, "comment") == 0))
		return 0;
	domain = same(g->from, owner);
	return domain && is_nested(g, domain) && !is_in(&g->drop, g->from, domain) ? drop_and_make(g, domain) : 0;
}

static bool is_used(const struct making *g, const struct wb_object *o)
{
	size_t n;
	struct wb_object *const *v = links_of(&g->users, g->from, o, &n);

	for (size_t i = 0; i < n; i++)
		if (v[i]->kind == WB_KIND_COLUMN)
			return true;
	return false;
}

static int plan_change(struct making *g, const struct wb_difference *d)
{
	const struct wb_object *owner = d->actual->owner;

	if (!wb_ddl_can_alter(g->d, g->from, g->to, d))
		return drop_and_make(g, d->actual);
	if (!disturbs(d))
		return 0;
	if (owner && owner->kind == WB_KIND_COMPOSITE && is_used(g, owner))
		return is_in(&g->drop, g->from, owner) ? 0 : drop_and_make(g, owner);
	int rc = disturb(g, d->actual, hinders_a_type);
	return rc || !owner ? rc : disturb(g, owner, hinders_a_type);
}

/* Indexes and triggers would go with the old table; they are dropped by themselves, so that making them again fits also
 * where somebody leaves out a rebuild that destroys. */
static int rebuild(struct making *g, const struct wb_object *old, const struct wb_object *new)
{
	size_t n_old, n_new;
	struct wb_object *const *of_old = links_of(&g->parts, g->from, old, &n_old);
	struct wb_object *const *of_new = links_of(&g->wanted_parts, g->to, new, &n_new);
	int rc = put(g, &g->rebuild, g->to, new);

	if (rc == 0)
		rc = disturb(g, old, any);
	for (size_t i = 0; rc == 0 && i < n_old; i++)
		if (!is_inside(g, of_old[i]->kind))
			rc = put(g, &g->drop, g->from, of_old[i]);
	for (size_t i = 0; rc == 0 && i < n_new; i++)
		if (!is_inside(g, of_new[i]->kind))
			rc = put(g, &g->make, g->to, of_new[i]);
	return rc;
}

/* The table that a difference makes the engine build anew: *ret_old is NULL when it need not. */
static void find_rebuild(const struct making *g, const struct wb_difference *d, const struct wb_object **ret_old,
			 const struct wb_object **ret_new)
{
	const struct wb_object *o = d->actual ? d->actual : d->expected;
	const struct wb_object *table = is_inside(g, o->kind) ? o->owner : d->type == WB_DIFF_CHANGED ? o : NULL;

	*ret_old = NULL;
	if (!g->d->rebuilds || !table || table->kind != WB_KIND_TABLE)
		return;
	if (d->type == WB_DIFF_MISSING && wb_rebuild_not_needed(g->from, d->expected))
		return;
	*ret_old = same(g->from, table);
	*ret_new = same(g->to, table);
}

static int plan_missing(struct making *g, const struct wb_object *o)
{
	size_t n;
	struct wb_object *const *v = links_of(&g->wanted_parts, g->to, o, &n);
	int rc = put(g, &g->make, g->to, o);

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = put(g, &g->make, g->to, v[i]);
	return rc;
}

/* What an index is of, behind its name, and without how it is stored. */
static struct wb_sv columns_of(const struct wb_object *o)
{
	const char *text = wb_object_get(o, "definition"), *of = text ? strstr(text, " USING ") : NULL, *with;

	of = of ? of : text ? strchr(text, '(') : NULL;
	with = of ? strstr(of, " WITH (") : NULL;
	return wb_sv(of, with ? (size_t)(with - of) : of ? strlen(of) : 0);
}

/* A server joins the first index of a partition that fits to that of the whole: if this one fits as well as the one
 * that is meant, it is made anew behind it. */
static bool takes_the_place(const struct making *g, const struct wb_object *o)
{
	const struct wb_object *given = wb_model_find(g->given, o->kind, o->schema, o->parent, o->name);
	struct wb_sv of = columns_of(o);
	size_t n;

	if (!given || wb_object_get(given, "attached_to") || !of.n || !given->owner ||
	    !wb_object_get(given->owner, "partition_of"))
		return false;
	for (int k = 0; k < 2; k++) {
		struct wb_object *const *v =
			wb_model_children(g->given, given->owner, k ? WB_KIND_INDEX : WB_KIND_CONSTRAINT, &n);
		for (size_t i = 0; i < n; i++)
			if (wb_object_get(v[i], "attached_to") && wb_sv_eq(columns_of(v[i]), of))
				return true;
	}
	return false;
}

static bool joins(const struct making *g, const struct wb_object *o)
{
	for (size_t i = 0; o->owner && i < g->stage->n; i++)
		if (strcmp(g->stage->old[i]->name, o->parent) == 0 && strcmp(g->stage->old[i]->schema, o->schema) == 0)
			return true;
	return false;
}

static int plan_joined(struct making *g)
{
	int rc = 0;

	for (size_t i = 0; g->stage && rc == 0 && i < g->from->n; i++) {
		const struct wb_object *o = g->from->v[i];
		if ((o->kind == WB_KIND_INDEX || o->kind == WB_KIND_CONSTRAINT) && joins(g, o) &&
		    takes_the_place(g, o) && !is_in(&g->drop, g->from, o))
			rc = drop_and_make(g, o);
	}
	return rc;
}

static int plan_all(struct making *g)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < g->diff->n; i++) {
		const struct wb_difference *d = &g->diff->v[i];
		const struct wb_object *old, *new;
		find_rebuild(g, d, &old, &new);
		if (old && new)
			rc = rebuild(g, old, new);
		else if (d->type == WB_DIFF_MISSING)
			rc = plan_missing(g, d->expected);
		else if (d->type == WB_DIFF_UNEXPECTED)
			rc = drop(g, d->actual);
		else
			rc = plan_change(g, d);
		if (rc == 0)
			rc = plan_demand(g, d);
	}
	return rc ? rc : plan_joined(g);
}

/* ---- statements ------------------------------------------------------------------------------ */

static int emit(struct making *g, const struct wb_object *o, bool destroys, bool recreates)
{
	struct wb_change c = { .object = o, .destroys = destroys, .recreates = recreates };

	if (g->sql.failed)
		return wb_err_nomem(g->err);
	if (g->sql.n == 0)
		return 0;
	c.sql = wb_arena_sv(&g->script->arena, wb_str_sv(&g->sql));
	wb_str_clear(&g->sql);
	return c.sql && wb_vec_push(g->script, c) ? 0 : wb_err_nomem(g->err);
}

static const struct wb_difference *change_of(const struct making *g, const struct wb_object *o)
{
	return wb_map_get(&g->changes, wb_sv((const char *)&o, sizeof(o)));
}

static bool is_changed(const struct making *g, const struct wb_object *o)
{
	return change_of(g, o) != NULL;
}

/* It would go with its table, but needs what may be dropped before that: the function of a trigger, the table a foreign
 * key points at. The index or key of a partition, which needs that of the whole, cannot be dropped alone. */
static bool stands_in_the_way(const struct making *g, const struct wb_object *o)
{
	/* What a partition has of its parent's goes with the table alone. */
	if (o->kind == WB_KIND_COLUMN || is_inside(g, o->kind) || wb_object_get(o, "attached_to") ||
	    wb_object_get(o, "inherited"))
		return false;
	for (size_t i = 0; i < o->n_needs; i++) {
		const struct wb_object *needed = o->needs[i];
		if (needed != o->owner && needed->owner != o->owner && is_in(&g->drop, g->from, needed))
			return true;
	}
	return false;
}

/* Is it of a type, or such a type itself, that some of its values are no longer of? */
static bool loses_values(const struct making *g, const struct wb_object *o)
{
	const struct wb_object *new = is_type(o) ? same(g->to, o) : NULL;

	if (!g->d->loses_values || (o->kind != WB_KIND_COLUMN && !is_type(o)))
		return false;
	if (new && g->d->loses_values(o, new))
		return true;
	for (size_t i = 0; i < o->n_needs; i++)
		if (is_type(o->needs[i]) && loses_values(g, o->needs[i]))
			return true;
	return false;
}

static int emit_loosened(struct making *g, const struct wb_object *o)
{
	bool retyped = is_in(&g->retype, g->from, o);
	int rc;

	if (!is_in(&g->loosen, g->from, o) || is_in(&g->drop, g->from, o->owner))
		return 0;
	rc = wb_ddl_text(g->d, g->from, o, NULL, retyped ? g->d->loosen_type : g->d->loosen, &g->sql, g->err);
	return rc ? rc : emit(g, o, retyped && loses_values(g, o), !is_changed(g, o));
}

static int emit_fastened(struct making *g, const struct wb_object *old, const struct wb_object *o)
{
	bool retyped = is_in(&g->retype, g->from, old);
	int rc = wb_ddl_text(g->d, g->to, o, old, retyped ? g->d->fasten_type : g->d->fasten, &g->sql, g->err);

	return rc ? rc : emit(g, o, retyped && loses_values(g, old), !is_changed(g, o));
}

static int emit_drop(struct making *g, const struct wb_object *o)
{
	bool part = (wb_kind_flags(o->kind) & WB_KIND_PART) && o->owner && is_in(&g->drop, g->from, o->owner) &&
		    !stands_in_the_way(g, o);
	int rc;

	if (!is_in(&g->drop, g->from, o))
		return emit_loosened(g, o);
	if (part || (is_inside(g, o->kind) && in_rebuilt(g, o)))
		return 0;
	rc = wb_ddl_drop(g->d, g->from, o, &g->sql, g->err);
	return rc ? rc : emit(g, o, wb_schema_holds_data(o) || loses_values(g, o), !is_changed(g, o));
}

/* The index or key of a partition: it comes with the partition, where that of the whole is there already. */
static bool comes_with_owner(const struct making *g, const struct wb_object *o)
{
	if (!wb_object_get(o, "attached_to") || !o->owner || !is_in(&g->make, g->to, o->owner))
		return false;
	for (size_t i = 0; i < o->n_needs; i++)
		if (o->needs[i]->kind == o->kind && o->needs[i]->owner != o->owner)
			return !is_in(&g->make, g->to, o->needs[i]) || comes_with_owner(g, o->needs[i]);
	return false;
}

/* What was only in the way comes back word for word, where the engine keeps the words; a comment may end them. */
static bool emit_again(struct making *g, const struct wb_object *o)
{
	const struct wb_object *was = is_changed(g, o) ? NULL : same(g->from, o);

	if (!was || !was->sql)
		return false;
	wb_str_addf(&g->sql, strstr(was->sql, "--") ? "%s\n;\n" : "%s;\n", was->sql);
	return true;
}

static int emit_make(struct making *g, const struct wb_object *o)
{
	bool inside = o->owner && is_in(&g->make, g->to, o->owner);
	const struct wb_object *old = same(g->from, o);
	int rc = 0;

	if (!emit_again(g, o))
		rc = (comes_with_owner(g, o) ? wb_ddl_adopt
		      : inside               ? wb_ddl_create
					     : wb_ddl_add)(g->d, g->to, o, &g->sql, g->err);

	if (rc == 0 && g->d->settle)
		g->d->settle(g->from, o, &g->sql);
	/* Bodies are checked against what is there already. */
	if (wb_kind_flags(o->kind) & WB_KIND_CODE)
		g->script->begin = g->d->begin;
	return rc ? rc : emit(g, o, old && is_type(old) && loses_values(g, old), !is_changed(g, o));
}

static bool loses_column(const struct making *g, const struct wb_object *new)
{
	const struct wb_object *old = same(g->from, new);

	for (size_t i = 0; i < g->diff->n; i++) {
		const struct wb_object *o = g->diff->v[i].actual;
		if (g->diff->v[i].type == WB_DIFF_UNEXPECTED && o->kind == WB_KIND_COLUMN && o->owner == old)
			return true;
	}
	return false;
}

static int emit_rebuild(struct making *g, const struct wb_object *new)
{
	int rc = wb_rebuild(g->d, g->from, same(g->from, new), g->to, new, &g->sql, g->err);

	return rc ? rc : emit(g, new, loses_column(g, new), false);
}

/* What the one changes in place, by one of the engine's tables; o is as it is to be. */
static int emit_changes(struct making *g, const struct wb_object *o, const struct wb_ddl_attr *table)
{
	const struct wb_difference *first = change_of(g, o);
	size_t n = 0;
	int rc;

	if (!first || first->type != WB_DIFF_CHANGED)
		return 0;
	/* They stand together. */
	while (first + n < g->diff->v + g->diff->n && first[n].expected == o)
		n++;
	rc = wb_ddl_alter(g->d, table, g->to, first, n, &g->sql, g->err);
	return rc ? rc : emit(g, o, false, false);
}

/* A column that was loosened has its type and default back before anything else about it changes. */
static int emit_altered(struct making *g, const struct wb_object *o)
{
	const struct wb_object *old = o->kind == WB_KIND_COLUMN && g->d->fasten ? same(g->from, o) : NULL;
	int rc = 0;

	if (old && is_in(&g->loosen, g->from, old))
		rc = emit_fastened(g, old, o);
	return rc ? rc : emit_changes(g, o, g->d->attrs);
}

/* What becomes of an object that is wanted. */
static int emit_wanted(struct making *g, const struct wb_object *o)
{
	if (is_in(&g->rebuild, g->to, o))
		return emit_rebuild(g, o);
	if (is_inside(g, o->kind) && in_rebuilt(g, o))
		return 0;
	return is_in(&g->make, g->to, o) ? emit_make(g, o) : emit_altered(g, o);
}

/* What has to be out of the way before anything is dropped. */
static int emit_early(struct making *g, const struct wb_object *o)
{
	const struct wb_object *old = same(g->from, o);

	return old && !is_in(&g->drop, g->from, old) ? emit_changes(g, o, g->d->early) : 0;
}

/* What an object lacks until everything is there. */
static int emit_late(struct making *g, const struct wb_object *o)
{
	int rc;

	if (is_in(&g->rebuild, g->to, o)) {
		wb_rebuild_after(same(g->from, o), o, &g->sql);
		return emit(g, o, false, !is_changed(g, o));
	}
	if (!is_in(&g->make, g->to, o))
		return emit_changes(g, o, g->d->late);
	rc = wb_ddl_late(g->d, g->to, o, &g->sql, g->err);
	return rc ? rc : emit(g, o, false, !is_changed(g, o));
}

/* ---- sequences that outlive the columns they belong to ---------------------------------------- */

/* The owner is not altered in both models, but the column is made anew. */
static bool is_made_anew(const struct making *g, const struct wb_object *sequence)
{
	const struct wb_object *column = NULL;

	for (size_t i = 0; i < g->from->n && !column; i++) {
		const struct wb_object *o = g->from->v[i];
		if (o->kind == WB_KIND_COLUMN && o->owner && g->d->owns(o, sequence))
			column = o;
	}
	return column && (is_in(&g->drop, g->from, column) || is_in(&g->drop, g->from, column->owner));
}

/* It would go with its column. */
static int emit_released(struct making *g, const struct wb_object *o, bool back)
{
	const struct wb_object *new = o->kind == WB_KIND_SEQUENCE ? same(g->to, o) : NULL;
	const char *owner = wb_object_get(o, "owned_by"), *wanted = new ? wb_object_get(new, "owned_by") : NULL;
	struct wb_difference d = { .type = WB_DIFF_CHANGED, .expected = new, .actual = o, .attribute = "owned_by" };
	int rc;

	if (!owner || !wanted || strcmp(owner, wanted) != 0 || is_in(&g->drop, g->from, o) || !is_made_anew(g, o))
		return 0;
	if (back)
		d.expected_value = wanted;
	else
		d.actual_value = owner;
	rc = wb_ddl_alter(g->d, back ? g->d->late : g->d->early, g->to, &d, 1, &g->sql, g->err);
	return rc ? rc : emit(g, new, false, true);
}

static int emit_all_released(struct making *g, bool back)
{
	int rc = 0;

	for (size_t i = 0; g->d->owns && rc == 0 && i < g->from->n; i++)
		rc = emit_released(g, g->from->v[i], back);
	return rc;
}

/* ---- tables that inherit otherwise ------------------------------------------------------------ */

static int emit_detached(struct making *g)
{
	int rc = 0;

	for (size_t i = 0; g->stage && rc == 0 && i < g->stage->n; i++) {
		rc = wb_ddl_text(g->d, g->from, g->stage->old[i], NULL, g->d->detach, &g->sql, g->err);
		rc = rc ? rc : emit(g, g->stage->old[i], false, false);
	}
	return rc;
}

static int emit_attached(struct making *g)
{
	int rc = 0;

	for (size_t i = 0; g->stage && rc == 0 && i < g->stage->n; i++) {
		rc = wb_ddl_text(g->d, g->to, g->stage->new[i], NULL, g->d->attach, &g->sql, g->err);
		rc = rc ? rc : emit(g, g->stage->new[i], false, false);
	}
	return rc;
}

/* Foreign keys find the rows of partitions that come to a table only once those are there; and of two indexes of a
 * partition that are alike the one is to be joined that was meant. */
static bool waits_for_tables(const struct making *g, const struct wb_object *o)
{
	const struct wb_object *as_given;

	if (!g->stage || (o->kind != WB_KIND_INDEX && o->kind != WB_KIND_CONSTRAINT))
		return false;
	for (size_t i = 0; i < g->stage->n; i++) {
		const struct wb_object *t = g->stage->new[i];
		if (is_foreign_key(o) || !o->owner || strcmp(t->name, o->parent) != 0 ||
		    strcmp(t->schema, o->schema) != 0)
			continue;
		as_given = wb_model_find(g->given, o->kind, o->schema, o->parent, o->name);
		return as_given && wb_object_get(t, "partition_of") && !wb_object_get(as_given, "attached_to") &&
		       !is_constraint(o, "check");
	}
	return is_foreign_key(o);
}

static int emit_all_wanted(struct making *g)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < g->to->n; i++)
		if (!waits_for_tables(g, g->to_order[i]))
			rc = emit_wanted(g, g->to_order[i]);
	if (rc == 0)
		rc = emit_attached(g);
	for (size_t i = 0; g->stage && rc == 0 && i < g->to->n; i++)
		if (waits_for_tables(g, g->to_order[i]))
			rc = emit_wanted(g, g->to_order[i]);
	return rc;
}

static int emit_all(struct making *g)
{
	int rc = emit_detached(g);

	if (rc == 0)
		rc = emit_all_released(g, false);
	for (size_t i = 0; g->d->early && rc == 0 && i < g->to->n; i++)
		rc = emit_early(g, g->to->v[i]);
	for (size_t i = g->from->n; rc == 0 && i > 0; i--)
		rc = emit_drop(g, g->from_order[i - 1]);
	if (rc == 0)
		rc = emit_all_wanted(g);
	for (size_t i = 0; rc == 0 && i < g->to->n; i++)
		rc = emit_late(g, g->to_order[i]);
	return rc ? rc : emit_all_released(g, true);
}

static int stage(struct making *g)
{
	int rc = g->d->stage ? g->d->stage(g->from, g->to, g->diff, &g->script->stage, g->err) : 0;

	g->stage = g->script->stage;
	if (rc || !g->stage)
		return rc;
	g->given = g->to;
	g->from = g->stage->from;
	g->to = g->stage->to;
	g->diff = &g->stage->diff;
	return 0;
}

static bool drops_table(const struct making *g)
{
	bool any = g->rebuild.n > 0;

	for (size_t i = 0; i < g->script->n && !any; i++)
		any = g->script->v[i].destroys;
	return any;
}

/* Of one table, and both there before: in which order they are made may show, in which trigger fires first. */
static bool are_turned(const struct wb_change *a, const struct wb_change *b)
{
	return a->recreates && b->recreates && a->object->owner && a->object->owner == b->object->owner &&
	       a->object->kind == b->object->kind && a->object->made > b->object->made;
}

static void keep_order(struct wb_ddl_script *s)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = i + 1; k < s->n && s->v[i].recreates; k++)
			if (are_turned(&s->v[i], &s->v[k])) {
				struct wb_change c = s->v[i];
				s->v[i] = s->v[k];
				s->v[k] = c;
			}
}

static bool note(struct making *g, struct wb_difference *d, const struct wb_object *const *o)
{
	struct wb_sv key = wb_sv((const char *)o, sizeof(*o));

	return !*o || wb_map_get(&g->changes, key) || wb_map_put(&g->changes, key, d);
}

/* The first of each object is kept; the keys lie in the differences. */
static int note_changes(struct making *g)
{
	for (size_t i = 0; i < g->diff->n; i++) {
		struct wb_difference *d = &g->diff->v[i];
		if (!note(g, d, &d->expected) || !note(g, d, &d->actual))
			return wb_err_nomem(g->err);
	}
	return 0;
}

static int make(struct making *g)
{
	int rc = stage(g);

	if (rc == 0)
		rc = wb_schema_order(g->from, &g->from_order, g->err);
	if (rc == 0)
		rc = wb_schema_order(g->to, &g->to_order, g->err);
	if (rc == 0)
		rc = link_all(g, g->from, needs_of, &g->users);
	if (rc == 0)
		rc = link_all(g, g->from, owner_of, &g->parts);
	if (rc == 0)
		rc = link_all(g, g->to, owner_of, &g->wanted_parts);
	if (rc == 0)
		rc = note_changes(g);

	if (rc == 0)
		rc = plan_all(g);
	if (rc == 0)
		rc = emit_all(g);
	if (rc == 0)
		keep_order(g->script);
	g->script->open = drops_table(g) ? g->d->open_drops : g->d->open;
	g->script->close = g->d->close;
	return rc;
}

int wb_schema_script(const struct wb_model *from, const struct wb_model *to, const struct wb_diff *diff,
		     struct wb_ddl_script *ret_script, struct wb_error *err)
{
	struct wb_ddl_script script = { .arena = WB_ARENA_INIT };
	struct making g = { .d = wb_ddl_find(to->engine),
			    .from = from,
			    .to = to,
			    .diff = diff,
			    .script = &script,
			    .sql = WB_STR_INIT,
			    .err = err };
	int rc = g.d ? make(&g) : wb_err_set(err, WB_EUNSUPPORTED, "no DDL is known for %s", to->engine);

	wb_map_done(&g.drop);
	wb_map_done(&g.make);
	wb_map_done(&g.rebuild);
	wb_map_done(&g.changes);
	links_done(&g.users);
	links_done(&g.parts);
	links_done(&g.wanted_parts);
	wb_map_done(&g.loosen);
	wb_map_done(&g.retype);
	wb_str_done(&g.sql);
	free(g.from_order);
	free(g.to_order);
	if (rc)
		wb_ddl_script_done(&script);
	else
		*ret_script = script;
	return rc;
}

void wb_ddl_script_done(struct wb_ddl_script *s)
{
	wb_vec_done(s);
	if (s->stage)
		s->stage->free(s->stage);
	s->stage = NULL;
	wb_arena_done(&s->arena);
}
