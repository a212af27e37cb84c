/* SPDX-License-Identifier: Apache-2.0
 *
 * A schema as data. Every object of a database, whatever its kind, is one
 * struct wb_object: kind, identity (schema, parent, name), attributes as texts,
 * and the objects it needs. Two objects with the same kind and identity are the
 * same object; what else there is to know about it is attributes. So one walk
 * over two sorted models finds all differences, and a new kind needs no code
 * there. The kinds stand in kinds.h, nowhere else.
 */
#ifndef WB_MODEL_MODEL_H
#define WB_MODEL_MODEL_H

#include "base/base.h"
#include "model/kinds.h"

/* Values are SQL as the engine itself writes it, or "true". An attribute
 * that does not hold is absent, not "false" or empty: so the same text means the same everywhere. */
struct wb_attr {
	const char *key, *value;
};

struct wb_object {
	enum wb_kind kind;
	const char *schema; /* NULL where the kind or the engine has none */
	const char *parent; /* the table, view or type it is part of; NULL: stands for itself */
	const char *name; /* of a routine with its argument types, "f(integer, text)"; never NULL */
	struct wb_attr *attrs; /* sorted by key */
	size_t n_attrs, cap_attrs;
	struct wb_object **needs; /* what must exist before it, beside its schema and parent; sorted, each once */
	size_t n_needs, cap_needs;
	struct wb_object *owner; /* the object that parent names; NULL: none, or it is not in the model */
	size_t place; /* in the model, as wb_model_finish() left it: ask wb_model_index() */
	bool ignored; /* on its way out of the model */
	bool any_case; /* A and a are one name, as they are to its engine; of constraints, which SQLite names by what
			* they say, only the table's */
	const char *sql; /* its text as the engine keeps it, where it keeps one; told, not compared; NULL */
	int64_t made; /* place in the order of making, where it is known; not compared */
	bool analyzed; /* the planner has statistics of it; not compared */
};

/* Says a text of its declaration at `path` that it was called `old` before (`-- renamed from: old`). */
#define WB_PATH_PARTS 3
struct wb_path {
	const char *parts[WB_PATH_PARTS]; /* [schema.][parent.]name, as far as it was written */
	int n;
};
struct wb_rename {
	uint64_t kinds; /* what it may be: bits 1 << enum wb_kind */
	struct wb_path path, old;
};
_Static_assert(WB_KIND_COUNT <= 64, "struct wb_rename has a bit for each kind");

struct wb_model {
	struct wb_arena arena; /* all of it */
	const char *engine; /* "sqlite", "postgresql" */
	const char *server; /* "PostgreSQL 15.18"; told, not compared; NULL: unknown */
	bool any_case; /* of all its objects */
	struct wb_object **v; /* sorted by wb_object_cmp once wb_model_finish() has run */
	size_t n, cap;
	WB_VEC(struct wb_rename) renames; /* that the texts it was made from speak of; no part of the schema */
};

/* ---- building ------------------------------------------------------------------ */

/* NULL when memory has run out. */
struct wb_model *wb_model_new(const char *engine, const char *server) WB_MUST_USE;
void wb_model_free(struct wb_model *m); /* accepts NULL */
/* Copies the texts; NULL when memory has run out. */
struct wb_object *wb_model_add(struct wb_model *m, enum wb_kind kind, const char *schema, const char *parent,
			       const char *name) WB_MUST_USE;
/* Adds an attribute; value NULL: nothing to add. Copies the value; the key must live as long as the model (static, or
 * in its arena). False when memory has run out. Not after finish. */
bool wb_object_set(struct wb_model *m, struct wb_object *o, const char *key, const char *value) WB_MUST_USE;
bool wb_object_need(struct wb_model *m, struct wb_object *o, struct wb_object *needed) WB_MUST_USE;
/* Sorts objects, attributes and needs, finds owners. To be called once, after the last add and set. WB_EBUG when two
 * objects have one identity; WB_ENOMEM. */
int wb_model_finish(struct wb_model *m, struct wb_error *err) WB_MUST_USE;

/* ---- reading ------------------------------------------------------------------- */

/* By rank of kind, schema, parent, name, each as bytes, or in lower case where the engine knows no other: the order of
 * snapshots, which depends on names only. */
int wb_object_cmp(const struct wb_object *a, const struct wb_object *b);
/* NULL when it has none. */
const char *wb_object_get(const struct wb_object *o, const char *key);
/* Where the object stands, or would: the first that is not before it. */
size_t wb_model_place(const struct wb_model *m, const struct wb_object *o);
/* Where an object of the model itself stands; m->n when it is not of it. */
size_t wb_model_index(const struct wb_model *m, const struct wb_object *o);
struct wb_object *wb_model_find(const struct wb_model *m, enum wb_kind kind, const char *schema, const char *parent,
				const char *name);
/* The objects that have o as owner, of one kind: they stand together. *ret_n may be 0. */
struct wb_object *const *wb_model_children(const struct wb_model *m, const struct wb_object *o, enum wb_kind kind,
					   size_t *ret_n);
/* For people: app.users.email, "Odd Name".t; without the kind. False when memory has run out. */
bool wb_object_path(const struct wb_object *o, struct wb_str *out) WB_MUST_USE;
/* Is this its path, or the end of it? */
bool wb_path_fits(const struct wb_path *path, const struct wb_object *o);

#endif
