/* SPDX-License-Identifier: Apache-2.0
 *
 * Building a world, and finding what a statement names in it. Names are looked
 * for as the engine does: without a schema, in those of the search path; where
 * that is not known, "public" and no schema at all are one.
 */
#include "model/world.h"

#include <stdlib.h>

#include "base/banned.h"

struct wb_world *wb_world_new(void)
{
	return calloc(1, sizeof(struct wb_world));
}

static void relation_done(struct wb_relation *r)
{
	struct wb_relations *const lists[] = { &r->parents, &r->children,    &r->indexes,
					       &r->owned,   &r->referencing, &r->dependants };

	for (size_t i = 0; i < WB_ARRAY_LEN(lists); i++)
		wb_vec_done(lists[i]);
	wb_vec_done(&r->columns);
	wb_vec_done(&r->constraints);
}

void wb_world_free(struct wb_world *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->relations.n; i++)
		relation_done(w->relations.v[i]);
	for (size_t i = 0; i < w->types.n; i++)
		wb_vec_done(&w->types.v[i]->users);
	wb_vec_done(&w->relations);
	wb_vec_done(&w->functions);
	wb_vec_done(&w->types);
	wb_vec_done(&w->casts);
	wb_map_done(&w->by_name);
	wb_arena_done(&w->arena);
	free(w);
}

/* In buf where it fits, else in the arena. */
static const char *key_of(struct wb_arena *a, const char *schema, const char *name, char *buf, size_t size)
{
	size_t n = schema ? strlen(schema) : 0, m = strlen(name);

	if (n + m + 2 > size) {
		if (!a)
			return NULL;
		buf = wb_arena_alloc(a, n + m + 2);
		if (!buf)
			return NULL;
	}
	if (n)
		memcpy(buf, schema, n);
	buf[n] = '\n';
	memcpy(buf + n + 1, name, m + 1);
	return buf;
}

static struct wb_relation *look(const struct wb_world *w, const char *schema, const char *name)
{
	char buf[512];
	const char *key = key_of(NULL, schema, name, buf, sizeof buf);

	return key ? wb_map_get(&w->by_name, wb_sv_str(key)) : NULL;
}

struct wb_relation *wb_world_find(const struct wb_world *w, struct wb_name name)
{
	struct wb_relation *r = NULL;

	if (!name.name)
		return NULL;
	if (name.schema) {
		r = look(w, name.schema, name.name);
		return !r && !w->n_path && !strcmp(name.schema, "public") ? look(w, NULL, name.name) : r;
	}
	/* One that has gone hides none further down the path. */
	for (size_t i = 0; i < w->n_path; i++) {
		struct wb_relation *found = look(w, w->path[i], name.name);

		if (found && !(found->flags & WB_REL_GONE))
			return found;
		r = r ? r : found;
	}
	if (!r)
		r = look(w, NULL, name.name);
	return !r && !w->n_path ? look(w, "public", name.name) : r;
}

static bool put(struct wb_world *w, struct wb_relation *r)
{
	const char *key = key_of(&w->arena, r->name.schema, r->name.name, NULL, 0);

	return key && wb_map_put(&w->by_name, wb_sv_str(key), r);
}

/* Into the schema where the engine would make it. */
static bool take_name(struct wb_world *w, struct wb_relation *r, struct wb_name name)
{
	const char *schema = name.schema ? name.schema : w->n_path ? w->path[0] : NULL;

	r->name.schema = wb_arena_str(&w->arena, schema);
	r->name.name = wb_arena_str(&w->arena, name.name);
	return r->name.name && (!schema || r->name.schema) && put(w, r);
}

struct wb_relation *wb_world_add(struct wb_world *w, struct wb_name name, enum wb_kind kind)
{
	struct wb_relation *r = wb_world_find(w, name);

	if (r)
		return r;
	r = wb_arena_alloc(&w->arena, sizeof *r);
	if (!r)
		return NULL;
	r->kind = kind;
	r->rows = r->bytes = r->index_bytes = -1;
	return take_name(w, r, name) && wb_vec_push(&w->relations, r) ? r : NULL;
}

bool wb_world_rename(struct wb_world *w, struct wb_relation *r, struct wb_name name)
{
	const char *old = key_of(&w->arena, r->name.schema, r->name.name, NULL, 0);

	if (!old || !wb_map_put(&w->by_name, wb_sv_str(old), NULL))
		return false;
	if (!name.schema)
		name.schema = r->name.schema;
	return take_name(w, r, name);
}

bool wb_relations_has(const struct wb_relations *v, const struct wb_relation *r)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->v[i] == r)
			return true;
	return false;
}

bool wb_relations_add(struct wb_relations *v, struct wb_relation *r)
{
	return wb_relations_has(v, r) || wb_vec_push(v, r);
}

struct wb_world_column *wb_relation_column(const struct wb_relation *r, const char *name)
{
	for (size_t i = 0; name && i < r->columns.n; i++)
		if (!strcmp(r->columns.v[i].name, name))
			return &r->columns.v[i];
	return NULL;
}

struct wb_world_constraint *wb_relation_constraint(const struct wb_relation *r, const char *name)
{
	for (size_t i = 0; name && i < r->constraints.n; i++)
		if (r->constraints.v[i].name && !strchr("TRP", r->constraints.v[i].kind) &&
		    !strcmp(r->constraints.v[i].name, name))
			return &r->constraints.v[i];
	return NULL;
}

struct wb_world_constraint *wb_relation_named(const struct wb_relation *r, char kind, const char *name)
{
	for (size_t i = 0; name && i < r->constraints.n; i++)
		if (r->constraints.v[i].kind == kind && r->constraints.v[i].name &&
		    !strcmp(r->constraints.v[i].name, name))
			return &r->constraints.v[i];
	return NULL;
}

struct wb_world_type *wb_world_type(const struct wb_world *w, struct wb_name name)
{
	for (size_t i = 0; name.name && i < w->types.n; i++) {
		struct wb_world_type *t = w->types.v[i];

		if (!strcmp(t->name.name, name.name) &&
		    (!name.schema || !t->name.schema || !strcmp(t->name.schema, name.schema)))
			return t;
	}
	return NULL;
}
