/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of each object on the way from one model to the other: dropped,
 * made, altered. An attribute that cannot be altered takes its object along,
 * dropped and made again; what needs a dropped object goes with it and, where it
 * is still wanted, comes back; columns, which hold rows, are loosened from it
 * instead and fastened again. Where the engine can alter little a table is built
 * anew (rebuild.c).
 */
#include "schema/script.h"

#include "base/banned.h"

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

bool wb_plan_has(const struct wb_map *set, const struct wb_model *m, const struct wb_object *o)
{
	struct wb_object *const *slot = slot_of(m, o);

	return slot && wb_map_get(set, key_of(slot));
}

static int put(struct making *g, struct wb_map *set, const struct wb_model *m, const struct wb_object *o)
{
	struct wb_object *const *slot = slot_of(m, o);

	return slot && !wb_map_put(set, key_of(slot), *slot) ? wb_err_nomem(g->err) : 0;
}

int wb_plan_made(struct making *g, const struct wb_object *o)
{
	return put(g, &g->made, g->to, o);
}

bool wb_plan_is_coming(const struct making *g, const struct wb_object *o)
{
	return wb_plan_has(&g->make, g->to, o) && !wb_plan_has(&g->made, g->to, o);
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
	*l = (struct links){ 0 };
}

struct wb_object *wb_plan_same(const struct wb_model *m, const struct wb_object *o)
{
	return wb_model_find(m, o->kind, o->schema, o->parent, o->name);
}

bool wb_plan_is_released(const struct making *g, const struct wb_object *sequence)
{
	const struct wb_object *column = g->d->column_of(g->from, sequence);

	return column && column->owner &&
	       (wb_plan_has(&g->drop, g->from, column) || wb_plan_has(&g->drop, g->from, column->owner));
}

/* ---- what is to be done ------------------------------------------------------------------ */

static int drop(struct making *g, const struct wb_object *o);

/* What is dropped although it is wanted is made again. */
static int drop_and_make(struct making *g, const struct wb_object *o)
{
	const struct wb_object *wanted = wb_plan_same(g->to, o);
	int rc = drop(g, o);

	return rc == 0 && wanted ? put(g, &g->make, g->to, wanted) : rc;
}

/* Columns and constraints of a table that is built anew: no statements of their own. */
bool wb_plan_is_inside(const struct making *g, enum wb_kind kind)
{
	return g->d->rebuilds && (kind == WB_KIND_COLUMN || kind == WB_KIND_CONSTRAINT);
}

bool wb_plan_in_rebuilt(const struct making *g, const struct wb_object *o)
{
	const struct wb_object *table = o->owner ? wb_plan_same(g->to, o->owner) : NULL;

	return table && wb_plan_has(&g->rebuild, g->to, table);
}

static bool any(const struct wb_object *o)
{
	(void)o;
	return true;
}

/* What a column can be of. */
bool wb_plan_is_type(const struct wb_object *o)
{
	static const enum wb_kind types[] = { WB_KIND_ENUM, WB_KIND_COMPOSITE, WB_KIND_RANGE, WB_KIND_DOMAIN,
					      WB_KIND_COLLATION };

	for (size_t i = 0; i < WB_ARRAY_LEN(types); i++)
		if (o->kind == types[i])
			return true;
	return false;
}

bool wb_plan_is_constraint(const struct wb_object *o, const char *type)
{
	const char *is = o->kind == WB_KIND_CONSTRAINT ? wb_object_get(o, "type") : NULL;

	return is && strcmp(is, type) == 0;
}

static bool is_foreign_key(const struct wb_object *o)
{
	return wb_plan_is_constraint(o, "foreign key");
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
	/* What a server does turn along, but forgets for how much of it statistics are kept. */
	if ((o->kind == WB_KIND_INDEX && wb_object_get(o, "statistics")) ||
	    (o->kind == WB_KIND_STATISTICS && wb_object_get(o, "target")))
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
		if (is_in_the_way(v[i]) && !wb_plan_is_inside(g, v[i]->kind) && !wb_plan_has(&g->drop, g->from, v[i]))
			rc = set_aside(g, v[i], o);
	return rc;
}

/* A column that is a table's only because its parents have it. */
static bool goes_with_parents(const struct making *g, const struct wb_object *o, const struct wb_object *needed)
{
	if (o->kind != WB_KIND_COLUMN || needed->kind != WB_KIND_COLUMN || strcmp(o->name, needed->name) != 0 ||
	    !wb_object_get(o, "inherited") || wb_object_get(o, "local"))
		return false;
	for (size_t i = 0; i < o->n_needs; i++) {
		const struct wb_object *n = o->needs[i];
		if (n->kind == WB_KIND_COLUMN && n->owner != o->owner && !wb_plan_has(&g->drop, g->from, n))
			return false;
	}
	return true;
}

/* A column that needs what is dropped. What it is computed from, and what it is a part of, is better made again. */
static int set_aside(struct making *g, const struct wb_object *o, const struct wb_object *needed)
{
	bool typed = wb_plan_is_type(needed);
	int rc;

	if (o->kind != WB_KIND_COLUMN || !g->d->loosen || !o->owner || wb_object_get(o, "generated") ||
	    goes_with_parents(g, o, needed))
		return drop_and_make(g, o);
	if (wb_plan_has(&g->drop, g->from, o->owner) || wb_plan_has(typed ? &g->retype : &g->loosen, g->from, o))
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
		if (!wb_plan_has(&g->drop, g->from, v[i]))
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
	domain = wb_plan_same(g->from, owner);
	return domain && is_nested(g, domain) && !wb_plan_has(&g->drop, g->from, domain) ? drop_and_make(g, domain) : 0;
}

static bool is_used(const struct making *g, const struct wb_object *o)
{
	size_t n;
	struct wb_object *const *v = links_of(&g->users, g->from, o, &n);

	for (size_t i = 0; i < n; i++)
		if (v[i]->kind == WB_KIND_COLUMN || v[i]->kind == WB_KIND_TABLE)
			return true;
	return false;
}

/* What stands in the way of another type of the column, and of those that inherit it. */
static int disturb_type(struct making *g, const struct wb_object *column)
{
	size_t n;
	struct wb_object *const *v = links_of(&g->users, g->from, column, &n);
	int rc = disturb(g, column, hinders_a_type);

	if (rc == 0 && column->owner)
		rc = disturb(g, column->owner, hinders_a_type);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (v[i]->kind == WB_KIND_COLUMN && wb_object_get(v[i], "inherited"))
			rc = disturb_type(g, v[i]);
	return rc;
}

static int plan_change(struct making *g, const struct wb_difference *d)
{
	const struct wb_object *owner = d->actual->owner;

	if (!wb_ddl_can_alter(g->d, g->from, g->to, d))
		return drop_and_make(g, d->actual);
	if (!disturbs(d))
		return 0;
	if (owner && owner->kind == WB_KIND_COMPOSITE && is_used(g, owner))
		return wb_plan_has(&g->drop, g->from, owner) ? 0 : drop_and_make(g, owner);
	return disturb_type(g, d->actual);
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
		if (!wb_plan_is_inside(g, of_old[i]->kind))
			rc = put(g, &g->drop, g->from, of_old[i]);
	for (size_t i = 0; rc == 0 && i < n_new; i++)
		if (!wb_plan_is_inside(g, of_new[i]->kind))
			rc = put(g, &g->make, g->to, of_new[i]);
	return rc;
}

/* The table that a difference makes the engine build anew: *ret_old is NULL when it need not. */
static void find_rebuild(const struct making *g, const struct wb_difference *d, const struct wb_object **ret_old,
			 const struct wb_object **ret_new)
{
	const struct wb_object *o = d->actual ? d->actual : d->expected;
	const struct wb_object *table = wb_plan_is_inside(g, o->kind) ? o->owner
					: d->type == WB_DIFF_CHANGED  ? o
								      : NULL;

	*ret_old = NULL;
	if (!g->d->rebuilds || !table || table->kind != WB_KIND_TABLE)
		return;
	if (d->type == WB_DIFF_MISSING && wb_rebuild_not_needed(g->from, d->expected))
		return;
	*ret_old = wb_plan_same(g->from, table);
	*ret_new = wb_plan_same(g->to, table);
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

/* Does a stand before b? What has no position yet comes last; among equals the names count. */
static bool stands_before(const struct wb_object *a, const struct wb_object *at_a, const struct wb_object *b,
			  const struct wb_object *at_b)
{
	int64_t x = 0, y = 0;

	(void)wb_sv_i64(wb_sv_str(at_a ? wb_object_get(at_a, "position") : WB_STAGE_LAST), &x);
	(void)wb_sv_i64(wb_sv_str(at_b ? wb_object_get(at_b, "position") : WB_STAGE_LAST), &y);
	return x != y ? x < y : strcmp(a->name, b->name) < 0;
}

/* Attributes are added behind those there are: a table that comes to be of the type may have them elsewhere. */
static bool is_out_of_order(const struct making *g, const struct wb_object *type)
{
	const struct wb_object *wanted = wb_plan_same(g->to, type);
	size_t n = 0;
	struct wb_object *const *v = wanted ? wb_model_children(g->to, wanted, WB_KIND_COLUMN, &n) : NULL;

	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (stands_before(v[i], v[i], v[k], v[k]) !=
			    stands_before(v[i], wb_plan_same(g->from, v[i]), v[k], wb_plan_same(g->from, v[k])))
				return true;
	return false;
}

static int plan_joined(struct making *g)
{
	int rc = 0;

	for (size_t i = 0; g->stage && rc == 0 && i < g->from->n; i++) {
		const struct wb_object *o = g->from->v[i];
		if (o->kind == WB_KIND_COMPOSITE && is_out_of_order(g, o) && !wb_plan_has(&g->drop, g->from, o))
			rc = drop_and_make(g, o);
		if (rc == 0 && (o->kind == WB_KIND_INDEX || o->kind == WB_KIND_CONSTRAINT) && joins(g, o) &&
		    takes_the_place(g, o) && !wb_plan_has(&g->drop, g->from, o))
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

int wb_plan_changes(struct making *g)
{
	int rc = link_all(g, g->from, needs_of, &g->users);

	if (rc == 0)
		rc = link_all(g, g->from, owner_of, &g->parts);
	if (rc == 0)
		rc = link_all(g, g->to, owner_of, &g->wanted_parts);
	return rc ? rc : plan_all(g);
}

void wb_plan_done(struct making *g)
{
	struct wb_map *const sets[] = { &g->drop, &g->make, &g->made, &g->rebuild, &g->loosen, &g->retype };

	for (size_t i = 0; i < WB_ARRAY_LEN(sets); i++) {
		wb_map_done(sets[i]);
		memset(sets[i], 0, sizeof(*sets[i]));
	}
	links_done(&g->users);
	links_done(&g->parts);
	links_done(&g->wanted_parts);
}
