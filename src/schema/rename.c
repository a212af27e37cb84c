/* SPDX-License-Identifier: Apache-2.0
 *
 * Which objects of one model are called otherwise in another. Only what is said
 * counts (model.renames), and only where it fits: the old name is there and no
 * longer wanted, the new one is wanted and not there. So a remark may stay in
 * its file for ever. Owners are renamed before their parts, which are then
 * looked for under their owner's old name.
 */
#include "schema/schema.h"

#include "base/banned.h"

struct renaming {
	const struct wb_ddl *d;
	const struct wb_model *from, *to;
	struct wb_rename_steps *steps;
	struct wb_error *err;
};

static bool is_of_kind(const struct wb_rename *r, enum wb_kind kind)
{
	return !r->kinds || (r->kinds >> kind & 1);
}

/* What an owner or schema was called. */
static const char *old_name_of(const struct renaming *g, const char *schema, const char *name, bool is_schema)
{
	for (size_t i = 0; name && i < g->steps->n; i++) {
		const struct wb_object *o = g->steps->v[i].to;
		bool fits = is_schema ? o->kind == WB_KIND_SCHEMA
				      : !o->parent && o->kind != WB_KIND_SCHEMA &&
						(!o->schema || (schema && strcmp(o->schema, schema) == 0));
		if (fits && strcmp(o->name, name) == 0)
			return g->steps->v[i].from->name;
	}
	return name;
}

static struct wb_object *find(const struct renaming *g, const struct wb_object *like, const char *name)
{
	return wb_model_find(g->from, like->kind, old_name_of(g, NULL, like->schema, true),
			     old_name_of(g, like->schema, like->parent, false), name);
}

/* Is `name`, in the place of `like`, one that a remark speaks of? */
static const struct wb_rename *remark_on(const struct wb_model *m, const struct wb_object *like, const char *name)
{
	struct wb_object o = *like;

	o.name = name;
	for (size_t i = 0; i < m->renames.n; i++)
		if (is_of_kind(&m->renames.v[i], o.kind) && wb_path_fits(&m->renames.v[i].path, &o))
			return &m->renames.v[i];
	return NULL;
}

static const char *last_part(const struct wb_path *path)
{
	return path->parts[path->n - 1];
}

static int moves(struct renaming *g, const struct wb_object *o, const struct wb_object *old)
{
	wb_autostr path = WB_STR_INIT;

	if (!wb_object_path(o, &path))
		return wb_err_nomem(g->err);
	wb_err_set(g->err, WB_EINPUT, "the %s %s is said to be renamed from one elsewhere", wb_kind_name(o->kind),
		   path.p);
	wb_err_hint(g->err, "a rename keeps schema and table: `-- renamed from: %s`, and a statement that moves it",
		    old->name);
	return WB_EINPUT;
}

/* Follows the remarks from name to name until one is there. *ret_old stays NULL when none is. */
static int find_old(struct renaming *g, const struct wb_object *o, const struct wb_object **ret_old)
{
	const struct wb_rename *r = remark_on(g->to, o, o->name);

	for (size_t i = 0; r && i <= g->to->renames.n; i++) {
		const struct wb_object *old = find(g, o, last_part(&r->old));
		if (old && !wb_path_fits(&r->old, old))
			return moves(g, o, old);
		*ret_old = old;
		r = old ? NULL : remark_on(g->to, o, last_part(&r->old));
	}
	return 0;
}

static int add_step(struct renaming *g, const struct wb_object *from, const struct wb_object *to)
{
	wb_autostr sql = WB_STR_INIT;
	struct wb_object as_it_is = *to; /* in its renamed owner, but under its old name */
	struct wb_rename_step step = { .from = from, .to = to };
	int rc;

	as_it_is.name = from->name;
	rc = wb_ddl_rename(g->d, &as_it_is, to->name, &sql, g->err);
	if (rc || sql.n == 0)
		return rc;
	step.sql = wb_arena_sv(&g->steps->arena, wb_str_sv(&sql));
	return step.sql && wb_vec_push(g->steps, step) ? 0 : wb_err_nomem(g->err);
}

/* ---- names made of the table's ---------------------------------------------------------- */

/* name without the table's and "_"; NULL when it does not begin so. */
static const char *behind(const char *name, const char *table)
{
	size_t n = strlen(table);

	return strncmp(name, table, n) == 0 && name[n] == '_' ? name + n + 1 : NULL;
}

/* Does the part of a name begin with a column's, as in name_key? */
static bool begins_with(const char *rest, const char *column)
{
	size_t n = strlen(column);

	return strncmp(rest, column, n) == 0 && (rest[n] == '_' || !rest[n]);
}

/* A column of the table that is renamed, too, and that the name goes on with. */
static const struct wb_rename_step *column_step(const struct renaming *g, const struct wb_object *table,
						const char *rest)
{
	for (size_t i = 0; i < g->steps->n; i++) {
		const struct wb_rename_step *s = &g->steps->v[i];
		if (s->to->kind == WB_KIND_COLUMN && s->to->owner == table && begins_with(rest, s->to->name))
			return s;
	}
	return NULL;
}

/* The object under the old table's name, with the old column's; none when another is wanted there. */
static int find_under(struct renaming *g, const struct wb_object *o, const struct wb_object *old_table,
		      const char *column, const char *rest, const struct wb_object **ret_old)
{
	wb_autostr name = WB_STR_INIT;

	wb_str_addf(&name, "%s_%s%s", old_table->name, column, rest);
	if (name.failed)
		return wb_err_nomem(g->err);
	if (!wb_model_find(g->to, o->kind, o->schema, o->parent, name.p))
		*ret_old = find(g, o, name.p);
	return 0;
}

static bool follows_tables(const struct wb_object *o)
{
	return o->kind == WB_KIND_SEQUENCE || o->kind == WB_KIND_INDEX || o->kind == WB_KIND_CONSTRAINT;
}

static int add_follower(struct renaming *g, const struct wb_object *o, const struct wb_rename_step *table)
{
	const char *rest = behind(o->name, table->to->name);
	const struct wb_rename_step *column = rest ? column_step(g, table->to, rest) : NULL;
	const struct wb_object *old = NULL;
	int rc = 0;

	if (!rest || (o->owner && o->owner != table->to))
		return 0;
	if (column)
		rc = find_under(g, o, table->from, column->from->name, rest + strlen(column->to->name), &old);
	if (rc == 0 && !old)
		rc = find_under(g, o, table->from, "", rest, &old);
	return rc || !old ? rc : add_step(g, old, o);
}

static bool is_done(const struct renaming *g, const struct wb_object *o)
{
	for (size_t i = 0; i < g->steps->n; i++)
		if (g->steps->v[i].to == o)
			return true;
	return false;
}

static int collect_followers(struct renaming *g)
{
	size_t n = g->steps->n;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct wb_rename_step table = g->steps->v[i];
		for (size_t k = 0; rc == 0 && table.to->kind == WB_KIND_TABLE && k < g->to->n; k++) {
			const struct wb_object *o = g->to->v[k];
			if (follows_tables(o) && !find(g, o, o->name) && !is_done(g, o))
				rc = add_follower(g, o, &table);
		}
	}
	return rc;
}

/* ---- all ------------------------------------------------------------------------------------ */

static bool is_wanted(const struct wb_model *to, const struct wb_object *like, const char *name)
{
	return wb_model_find(to, like->kind, like->schema, like->parent, name);
}

static int look_at(struct renaming *g, const struct wb_object *o)
{
	const struct wb_object *old = NULL;
	int rc;

	if (find(g, o, o->name))
		return 0;
	rc = find_old(g, o, &old);
	return rc || !old || is_wanted(g->to, o, old->name) ? rc : add_step(g, old, o);
}

/* Kinds stand in an order in which owners come before their parts. */
static int collect(struct renaming *g)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && g->to->renames.n && i < g->to->n; i++)
		rc = look_at(g, g->to->v[i]);
	return rc ? rc : collect_followers(g);
}

/* Remarks that speak of what is wanted and not there, but not of what is there. */
static int note_unused(struct renaming *g)
{
	for (size_t i = 0; i < g->to->renames.n; i++) {
		const struct wb_rename *r = &g->to->renames.v[i];
		bool fits = false, there = false;
		for (size_t k = 0; k < g->to->n && !fits; k++) {
			const struct wb_object *o = g->to->v[k];
			if (!is_of_kind(r, o->kind) || !wb_path_fits(&r->path, o))
				continue;
			there = true;
			fits = is_done(g, o) || find(g, o, o->name);
		}
		if ((fits || (!there && r->kinds)) || wb_vec_push(&g->steps->unused, *r))
			continue;
		return wb_err_nomem(g->err);
	}
	return 0;
}

static int turn_round(struct renaming *g, const struct wb_rename_steps *back)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < back->n; i++)
		rc = add_step(g, back->v[i].to, back->v[i].from);
	return rc;
}

int wb_schema_renames(const struct wb_model *from, const struct wb_model *to, struct wb_rename_steps *ret_steps,
		      struct wb_error *err)
{
	const struct wb_ddl *d = wb_ddl_find(to->engine);
	struct wb_rename_steps steps = { .arena = WB_ARENA_INIT }, back = { .arena = WB_ARENA_INIT };
	struct renaming forth = { d, from, to, &steps, err }, reverse = { d, to, from, &back, err };
	int rc = d ? collect(&forth) : 0;

	if (rc == 0 && d)
		rc = note_unused(&forth);
	if (rc == 0 && d)
		rc = collect(&reverse);
	if (rc == 0)
		rc = turn_round(&forth, &back);
	wb_rename_steps_done(&back);
	if (rc)
		wb_rename_steps_done(&steps);
	else
		*ret_steps = steps;
	return rc;
}

void wb_rename_steps_done(struct wb_rename_steps *s)
{
	wb_vec_done(s);
	wb_vec_done(&s->unused);
	wb_arena_done(&s->arena);
}
