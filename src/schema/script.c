/* SPDX-License-Identifier: Apache-2.0
 *
 * From one model to the other: what is to be dropped, in the reverse of the
 * order in which it could be made; then everything else in the order of the
 * model to come, made or altered. An attribute that cannot be altered takes its
 * object along, dropped and made again; what needs a dropped object goes with
 * it and, where it is still wanted, comes back. Where the engine can alter little
 * a table is built anew instead (rebuild.c).
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
	struct wb_ddl_script *script;
	struct wb_object **from_order, **to_order;
	struct wb_map drop, make, rebuild; /* objects of from, of to, tables of to */
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

/* What a server turns along by itself when a column's type changes, and what it refuses to. */
static bool hinders_a_type(const struct wb_object *o)
{
	static const enum wb_kind hindering[] = { WB_KIND_VIEW, WB_KIND_MATERIALIZED_VIEW, WB_KIND_RULE, WB_KIND_POLICY,
						  WB_KIND_TRIGGER };

	for (size_t i = 0; i < WB_ARRAY_LEN(hindering); i++)
		if (o->kind == hindering[i])
			return true;
	return o->kind == WB_KIND_COLUMN && wb_object_get(o, "generated");
}

/* Everything that needs it, which is everything that needs one of its parts, too. */
static int disturb(struct making *g, const struct wb_object *o, bool (*is_in_the_way)(const struct wb_object *o))
{
	size_t n;
	struct wb_object *const *v = links_of(&g->users, g->from, o, &n);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		if (is_in_the_way(v[i]) && !is_inside(g, v[i]->kind) && !is_in(&g->drop, g->from, v[i]))
			rc = drop_and_make(g, v[i]);
	return rc;
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

static int plan_change(struct making *g, const struct wb_difference *d)
{
	if (!wb_ddl_can_alter(g->d, d))
		return drop_and_make(g, d->actual);
	if (!disturbs(d))
		return 0;
	int rc = disturb(g, d->actual, hinders_a_type);
	return rc || !d->actual->owner ? rc : disturb(g, d->actual->owner, hinders_a_type);
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

static int plan(struct making *g)
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
	}
	return rc;
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

/* A generated column is computed again. */
static bool holds_data(const struct wb_object *o)
{
	return (wb_kind_flags(o->kind) & WB_KIND_DATA) && !wb_object_get(o, "generated");
}

static int emit_drop(struct making *g, const struct wb_object *o)
{
	bool part = (wb_kind_flags(o->kind) & WB_KIND_PART) && o->owner && is_in(&g->drop, g->from, o->owner) &&
		    !stands_in_the_way(g, o);
	int rc;

	if (part || (is_inside(g, o->kind) && in_rebuilt(g, o)) || !is_in(&g->drop, g->from, o))
		return 0;
	rc = wb_ddl_drop(g->d, g->from, o, &g->sql, g->err);
	return rc ? rc : emit(g, o, holds_data(o), !is_changed(g, o));
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
	return rc ? rc : emit(g, o, false, !is_changed(g, o));
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

static int emit_changes(struct making *g, const struct wb_object *o)
{
	const struct wb_difference *first = change_of(g, o);
	size_t n = 0;
	int rc;

	if (!first || first->type != WB_DIFF_CHANGED)
		return 0;
	/* They stand together. */
	while (first + n < g->diff->v + g->diff->n && first[n].expected == o)
		n++;
	rc = wb_ddl_alter(g->d, g->to, first, n, &g->sql, g->err);
	return rc ? rc : emit(g, o, false, false);
}

/* What becomes of an object that is wanted. */
static int emit_wanted(struct making *g, const struct wb_object *o)
{
	if (is_in(&g->rebuild, g->to, o))
		return emit_rebuild(g, o);
	if (is_inside(g, o->kind) && in_rebuilt(g, o))
		return 0;
	return is_in(&g->make, g->to, o) ? emit_make(g, o) : emit_changes(g, o);
}

/* What an object that was made lacks until everything is there. */
static int emit_late(struct making *g, const struct wb_object *o)
{
	int rc = is_in(&g->make, g->to, o) ? wb_ddl_late(g->d, g->to, o, &g->sql, g->err) : 0;

	if (is_in(&g->rebuild, g->to, o))
		wb_rebuild_after(same(g->from, o), o, &g->sql);
	return rc ? rc : emit(g, o, false, !is_changed(g, o));
}

static int emit_all(struct making *g)
{
	int rc = 0;

	for (size_t i = g->from->n; rc == 0 && i > 0; i--)
		rc = emit_drop(g, g->from_order[i - 1]);
	for (size_t i = 0; rc == 0 && i < g->to->n; i++)
		rc = emit_wanted(g, g->to_order[i]);
	for (size_t i = 0; rc == 0 && i < g->to->n; i++)
		rc = emit_late(g, g->to_order[i]);
	return rc;
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
	int rc = wb_schema_order(g->from, &g->from_order, g->err);

	if (rc == 0)
		rc = link_all(g, g->from, needs_of, &g->users);
	if (rc == 0)
		rc = link_all(g, g->from, owner_of, &g->parts);
	if (rc == 0)
		rc = link_all(g, g->to, owner_of, &g->wanted_parts);
	if (rc == 0)
		rc = note_changes(g);

	if (rc == 0)
		rc = wb_schema_order(g->to, &g->to_order, g->err);
	if (rc == 0)
		rc = plan(g);
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
	wb_arena_done(&s->arena);
}
