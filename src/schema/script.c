/* SPDX-License-Identifier: Apache-2.0
 *
 * From one model to the other: what is to be dropped, in the reverse of the
 * order in which it could be made; then everything else in the order of the
 * model to come, made or altered. Tables that inherit otherwise are cut off before
 * and joined after (stage.c).
 */
#include "schema/script.h"

#include "base/banned.h"

static bool is_foreign_key(const struct wb_object *o)
{
	return wb_plan_is_constraint(o, "foreign key");
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
	if (o->kind == WB_KIND_COLUMN || wb_plan_is_inside(g, o->kind) || wb_object_get(o, "attached_to") ||
	    wb_object_get(o, "inherited"))
		return false;
	for (size_t i = 0; i < o->n_needs; i++) {
		const struct wb_object *needed = o->needs[i];
		if (needed != o->owner && needed->owner != o->owner && wb_plan_has(&g->drop, g->from, needed))
			return true;
	}
	return false;
}

/* Is it of a type, or such a type itself, that some of its values are no longer of? */
static bool loses_values(const struct making *g, const struct wb_object *o)
{
	const struct wb_object *new = wb_plan_is_type(o) ? wb_plan_same(g->to, o) : NULL;

	if (!g->d->loses_values || (o->kind != WB_KIND_COLUMN && !wb_plan_is_type(o)))
		return false;
	if (new && g->d->loses_values(o, new))
		return true;
	for (size_t i = 0; i < o->n_needs; i++)
		if (wb_plan_is_type(o->needs[i]) && loses_values(g, o->needs[i]))
			return true;
	return false;
}

static int emit_loosened(struct making *g, const struct wb_object *o)
{
	bool retyped = wb_plan_has(&g->retype, g->from, o);
	int rc;

	if (!wb_plan_has(&g->loosen, g->from, o) || wb_plan_has(&g->drop, g->from, o->owner))
		return 0;
	rc = wb_ddl_text(g->d, g, g->from, o, NULL, retyped ? g->d->loosen_type : g->d->loosen, &g->sql, g->err);
	return rc ? rc : emit(g, o, retyped && loses_values(g, o), !is_changed(g, o));
}

static int emit_fastened(struct making *g, const struct wb_object *old, const struct wb_object *o)
{
	bool retyped = wb_plan_has(&g->retype, g->from, old);
	int rc = wb_ddl_text(g->d, g, g->to, o, old, retyped ? g->d->fasten_type : g->d->fasten, &g->sql, g->err);

	return rc ? rc : emit(g, o, retyped && loses_values(g, old), !is_changed(g, o));
}

static bool loses_column(const struct making *g, const struct wb_object *new)
{
	const struct wb_object *old = wb_plan_same(g->from, new);

	for (size_t i = 0; i < g->diff->n; i++) {
		const struct wb_object *o = g->diff->v[i].actual;
		if (g->diff->v[i].type == WB_DIFF_UNEXPECTED && o->kind == WB_KIND_COLUMN && o->owner == old)
			return true;
	}
	return false;
}

/* A column that held values becomes one that is computed. */
static bool computes_column(const struct making *g, const struct wb_object *new)
{
	for (size_t i = 0; i < g->diff->n; i++) {
		const struct wb_difference *d = &g->diff->v[i];
		if (d->type == WB_DIFF_CHANGED && d->expected->kind == WB_KIND_COLUMN &&
		    d->expected->owner == new &&strcmp(d->attribute, "generated") == 0 && !d->actual_value)
			return true;
	}
	return false;
}

/* Indexes go with the old table once it is copied: free pages before would be filled by the copy, and each first
 * written to the rollback journal. Where somebody may leave the rebuild out, since it destroys, they go by themselves.
 */
static bool goes_with_rebuild(const struct making *g, const struct wb_object *o)
{
	const struct wb_object *table =
		o->kind == WB_KIND_INDEX && wb_plan_in_rebuilt(g, o) ? wb_plan_same(g->to, o->owner) : NULL;

	return table && !loses_column(g, table) && !computes_column(g, table);
}

/* The index of a partition goes with that of the whole, and cannot go alone. */
static bool goes_with_whole(const struct making *g, const struct wb_object *o)
{
	for (size_t i = 0; wb_object_get(o, "attached_to") && i < o->n_needs; i++) {
		const struct wb_object *n = o->needs[i];
		if ((n->kind == WB_KIND_INDEX || n->kind == WB_KIND_CONSTRAINT) && n->owner != o->owner &&
		    wb_plan_has(&g->drop, g->from, n))
			return true;
	}
	return false;
}

static int emit_drop(struct making *g, const struct wb_object *o)
{
	bool part = (wb_kind_flags(o->kind) & WB_KIND_PART) && o->owner && wb_plan_has(&g->drop, g->from, o->owner) &&
		    !stands_in_the_way(g, o);
	int rc;

	if (!wb_plan_has(&g->drop, g->from, o))
		return emit_loosened(g, o);
	if (part || goes_with_whole(g, o) || goes_with_rebuild(g, o) ||
	    (wb_plan_is_inside(g, o->kind) && wb_plan_in_rebuilt(g, o)))
		return 0;
	rc = wb_ddl_drop(g->d, g->from, o, &g->sql, g->err);
	return rc ? rc : emit(g, o, wb_schema_holds_data(o) || loses_values(g, o), !is_changed(g, o));
}

/* The index or key of a partition: it comes with the partition, where that of the whole is there already. */
static bool comes_with_owner(const struct making *g, const struct wb_object *o)
{
	if (!wb_object_get(o, "attached_to") || !o->owner || !wb_plan_has(&g->make, g->to, o->owner))
		return false;
	for (size_t i = 0; i < o->n_needs; i++)
		if (o->needs[i]->kind == o->kind && o->needs[i]->owner != o->owner)
			return !wb_plan_has(&g->make, g->to, o->needs[i]) || comes_with_owner(g, o->needs[i]);
	return false;
}

/* What was only in the way comes back word for word, where the engine keeps the words; a comment may end them. */
static bool emit_again(struct making *g, const struct wb_object *o)
{
	const struct wb_object *was = is_changed(g, o) ? NULL : wb_plan_same(g->from, o);

	if (!was || !was->sql)
		return false;
	wb_str_addf(&g->sql, strstr(was->sql, "--") ? "%s\n;\n" : "%s;\n", was->sql);
	return true;
}

/* What is taken from a table is taken from its columns, too. */
static int settle(struct making *g, const struct wb_object *o)
{
	size_t before = g->sql.n;

	g->d->settle(g->from, o, &g->sql);
	return g->sql.n == before ? 0 : wb_ddl_text(g->d, g, g->to, o, o, g->d->settled, &g->sql, g->err);
}

static int emit_make(struct making *g, const struct wb_object *o)
{
	bool inside = o->owner && wb_plan_has(&g->make, g->to, o->owner);
	const struct wb_object *old = wb_plan_same(g->from, o);
	int rc = 0;

	if (!emit_again(g, o))
		rc = (comes_with_owner(g, o) ? wb_ddl_adopt
		      : inside               ? wb_ddl_create
					     : wb_ddl_add)(g->d, g->to, o, &g->sql, g->err);

	if (rc == 0 && g->d->settle)
		rc = settle(g, o);
	if (rc == 0)
		rc = wb_plan_made(g, o);
	/* Bodies are checked against what is there already. */
	if (wb_kind_flags(o->kind) & WB_KIND_CODE)
		g->script->begin = g->d->begin;
	return rc ? rc : emit(g, o, old && wb_plan_is_type(old) && loses_values(g, old), !is_changed(g, o));
}

static int emit_rebuild(struct making *g, const struct wb_object *new)
{
	if (!g->taken_listed && !(wb_rebuild_taken(g->from, &g->taken) && wb_rebuild_taken(g->to, &g->taken)))
		return wb_err_nomem(g->err);
	g->taken_listed = true;
	int rc = wb_rebuild(g->d, g->from, wb_plan_same(g->from, new), g->to, new, &g->taken, &g->sql, g->err);

	return rc ? rc : emit(g, new, loses_column(g, new) || computes_column(g, new), false);
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
	rc = wb_ddl_alter(g->d, table, g, g->to, first, n, &g->sql, g->err);
	return rc ? rc : emit(g, o, false, false);
}

/* A column that was loosened has its type and default back before anything else about it changes. */
static int emit_altered(struct making *g, const struct wb_object *o)
{
	const struct wb_object *old = o->kind == WB_KIND_COLUMN && g->d->fasten ? wb_plan_same(g->from, o) : NULL;
	int rc = 0;

	if (old && wb_plan_has(&g->loosen, g->from, old))
		rc = emit_fastened(g, old, o);
	return rc ? rc : emit_changes(g, o, g->d->attrs);
}

/* A column that comes with its parent's, to a table that is there already. */
static bool comes_with_parent(const struct making *g, const struct wb_object *o)
{
	return o->kind == WB_KIND_COLUMN && wb_object_get(o, "inherited") && o->owner &&
	       !wb_plan_has(&g->make, g->to, o->owner);
}

/* What becomes of an object that is wanted. */
static int emit_wanted(struct making *g, const struct wb_object *o)
{
	if (wb_plan_has(&g->rebuild, g->to, o))
		return emit_rebuild(g, o);
	if (wb_plan_is_inside(g, o->kind) && wb_plan_in_rebuilt(g, o))
		return 0;
	if (!wb_plan_has(&g->make, g->to, o))
		return emit_altered(g, o);
	return comes_with_parent(g, o) ? 0 : emit_make(g, o);
}

/* What has to be out of the way before anything is dropped. */
static int emit_early(struct making *g, const struct wb_object *o)
{
	const struct wb_object *old = wb_plan_same(g->from, o);

	return old && !wb_plan_has(&g->drop, g->from, old) ? emit_changes(g, o, g->d->early) : 0;
}

/* Does a column of it go, or become of another type, be it for a while? */
static bool is_written_anew(const struct making *g, const struct wb_object *old)
{
	size_t n;
	struct wb_object *const *v = wb_model_children(g->from, old, WB_KIND_COLUMN, &n);

	for (size_t i = 0; i < g->diff->n; i++) {
		const struct wb_difference *d = &g->diff->v[i];
		const struct wb_object *o = d->actual;
		if (o && o->kind == WB_KIND_COLUMN && o->owner == old &&
		    (d->type == WB_DIFF_UNEXPECTED ||
		     (d->type == WB_DIFF_CHANGED && strcmp(d->attribute, "type") == 0)))
			return true;
	}
	for (size_t i = 0; i < n; i++)
		if (wb_plan_has(&g->retype, g->from, v[i]))
			return true;
	return false;
}

/* A table without any column that is kept aside forgets how such are to be kept when it is written anew. */
static int emit_restated(struct making *g, const struct wb_object *o)
{
	const struct wb_object *old = o->kind == WB_KIND_TABLE && g->d->restate ? wb_plan_same(g->from, o) : NULL;
	int rc = old ? wb_ddl_text(g->d, g, g->to, o, old, g->d->restate, &g->sql, g->err) : 0;

	if (rc || !g->sql.n)
		return rc;
	if (!is_written_anew(g, old))
		wb_str_clear(&g->sql);
	return emit(g, o, false, true);
}

/* What an object lacks until everything is there. */
static int emit_late(struct making *g, const struct wb_object *o)
{
	int rc;

	if (wb_plan_has(&g->rebuild, g->to, o)) {
		wb_rebuild_after(wb_plan_same(g->from, o), o, &g->sql);
		return emit(g, o, false, !is_changed(g, o));
	}
	if (!wb_plan_has(&g->make, g->to, o)) {
		rc = emit_changes(g, o, g->d->late);
		return rc ? rc : emit_restated(g, o);
	}
	if (comes_with_parent(g, o))
		return emit_make(g, o);
	rc = wb_ddl_late(g->d, g->to, o, &g->sql, g->err);
	return rc ? rc : emit(g, o, false, !is_changed(g, o));
}

/* ---- sequences that outlive the columns they belong to ---------------------------------------- */

/* It would go with its column. */
static int emit_released(struct making *g, const struct wb_object *o, bool back)
{
	const struct wb_object *new = o->kind == WB_KIND_SEQUENCE ? wb_plan_same(g->to, o) : NULL;
	const char *owner = wb_object_get(o, "owned_by"), *wanted = new ? wb_object_get(new, "owned_by") : NULL;
	struct wb_difference d = { .type = WB_DIFF_CHANGED, .expected = new, .actual = o, .attribute = "owned_by" };
	int rc;

	if (!owner || !wanted || strcmp(owner, wanted) != 0 || wb_plan_has(&g->drop, g->from, o) ||
	    !wb_plan_is_released(g, o))
		return 0;
	if (back)
		d.expected_value = wanted;
	else
		d.actual_value = owner;
	rc = wb_ddl_alter(g->d, back ? g->d->late : g->d->early, g, g->to, &d, 1, &g->sql, g->err);
	return rc ? rc : emit(g, new, false, true);
}

static int emit_all_released(struct making *g, bool back)
{
	int rc = 0;

	for (size_t i = 0; g->d->column_of && g->drop.n && rc == 0 && i < g->from->n; i++)
		rc = emit_released(g, g->from->v[i], back);
	return rc;
}

/* ---- tables that inherit otherwise ------------------------------------------------------------ */

static int emit_detached(struct making *g)
{
	int rc = 0;

	for (size_t i = 0; g->stage && rc == 0 && i < g->stage->n; i++) {
		rc = wb_ddl_text(g->d, g, g->from, g->stage->old[i], NULL, g->d->detach, &g->sql, g->err);
		rc = rc ? rc : emit(g, g->stage->old[i], false, false);
	}
	return rc;
}

static int emit_attached(struct making *g)
{
	int rc = 0;

	for (size_t i = 0; g->stage && rc == 0 && i < g->stage->n; i++) {
		rc = wb_ddl_text(g->d, g, g->to, g->stage->new[i], NULL, g->d->attach, &g->sql, g->err);
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
		       !wb_plan_is_constraint(o, "check");
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

static int stage(struct making *g)
{
	int rc = g->d->stage ? g->d->stage(g->from, g->to, g->diff, &g->cut_off, &g->script->stage, g->err) : 0;

	g->stage = g->script->stage;
	if (rc || !g->stage)
		return rc;
	g->from = g->stage->from;
	g->to = g->stage->to;
	g->diff = &g->stage->diff;
	return 0;
}

static void forget_plan(struct making *g)
{
	wb_plan_done(g);
	wb_map_done(&g->changes);
	memset(&g->changes, 0, sizeof(g->changes));
	free(g->from_order);
	free(g->to_order);
	g->from_order = g->to_order = NULL;
	wb_vec_done(&g->taken);
	g->taken_listed = false;
}

static int prepare(struct making *g)
{
	int rc = stage(g);

	if (rc == 0)
		rc = wb_schema_order(g->from, &g->from_order, g->err);
	if (rc == 0)
		rc = wb_schema_order(g->to, &g->to_order, g->err);
	if (rc == 0)
		rc = note_changes(g);
	return rc ? rc : wb_plan_changes(g);
}

static bool is_cut_off(const struct making *g, const struct wb_object *table)
{
	for (size_t i = 0; g->stage && i < g->stage->n; i++)
		if (g->stage->old[i] == table)
			return true;
	return false;
}

static bool comes_from_others(const struct wb_object *table)
{
	return wb_object_get(table, "partition_of") || wb_object_get(table, "inherits") ||
	       wb_object_get(table, "of_type");
}

/* Tables that are wanted, but would be dropped with what they have their columns from. */
static int find_endangered(struct making *g, bool *ret_any)
{
	*ret_any = false;
	for (size_t i = 0; g->d->stage && i < g->given_from->n; i++) {
		const struct wb_object *t = g->given_from->v[i];
		if ((t->kind != WB_KIND_TABLE && t->kind != WB_KIND_FOREIGN_TABLE) || !comes_from_others(t) ||
		    is_cut_off(g, t) || !wb_plan_same(g->to, t) ||
		    !wb_plan_has(&g->drop, g->from, wb_plan_same(g->from, t)))
			continue;
		if (!wb_vec_push(&g->cut_off, t))
			return wb_err_nomem(g->err);
		*ret_any = true;
	}
	return 0;
}

/* What is cut off may endanger others in turn; each time there are more of them. */
static int prepare_all(struct making *g, const struct wb_diff *diff)
{
	bool again = true;
	int rc = 0;

	while (rc == 0 && again) {
		rc = prepare(g);
		if (rc == 0)
			rc = find_endangered(g, &again);
		if (rc || !again)
			break;
		forget_plan(g);
		if (g->stage)
			g->script->stage->free(g->script->stage);
		g->script->stage = NULL;
		g->stage = NULL;
		g->from = g->given_from;
		g->to = g->given;
		g->diff = diff;
	}
	return rc;
}

static int make(struct making *g)
{
	int rc = prepare_all(g, g->diff);

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
			    .given_from = from,
			    .given = to,
			    .diff = diff,
			    .script = &script,
			    .sql = WB_STR_INIT,
			    .err = err };
	int rc =
		g.d ? (diff->n ? make(&g) : 0) : wb_err_set(err, WB_EUNSUPPORTED, "no DDL is known for %s", to->engine);

	forget_plan(&g);
	wb_vec_done(&g.cut_off);
	wb_str_done(&g.sql);
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
