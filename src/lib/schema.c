/* SPDX-License-Identifier: Apache-2.0
 *
 * Schemas for programs: read, shown as objects, as a snapshot, compared.
 */
#include "schema.h"

WB_API void wb_schema_free(struct wb_schema *schema)
{
	struct schema_box *b = (struct schema_box *)schema;
	if (!b)
		return;
	wb_model_free(b->model);
	wb_str_done(&b->snapshot);
	wb_str_done(&b->ddl);
	wb_arena_done(&b->arena);
	free(b);
}

/* ---- as objects ------------------------------------------------------------------------- */

static const char *path_with(struct wb_arena *a, const struct wb_object *o, struct wb_str *path)
{
	wb_str_clear(path);
	return wb_object_path(o, path) ? wb_arena_sv(a, wb_str_sv(path)) : NULL;
}

static const char *path_of(struct wb_arena *a, const struct wb_object *o)
{
	wb_autostr path = WB_STR_INIT;
	return path_with(a, o, &path);
}

static bool show_object(struct schema_box *b, const struct wb_object *o, struct wb_str *path,
			struct wb_schema_object *out)
{
	struct wb_schema_attribute *attrs = wb_arena_array(&b->arena, o->n_attrs, sizeof(*attrs));
	*out = (struct wb_schema_object){ .kind = wb_kind_name(o->kind),
					  .path = path_with(&b->arena, o, path),
					  .schema = o->schema,
					  .parent = o->parent,
					  .name = o->name,
					  .attributes = attrs,
					  .n_attributes = o->n_attrs };
	if (!attrs || !out->path)
		return false;
	for (size_t i = 0; i < o->n_attrs; i++)
		attrs[i] = (struct wb_schema_attribute){ o->attrs[i].key, o->attrs[i].value };
	return true;
}

static bool show_objects(struct schema_box *b)
{
	const struct wb_model *m = b->model;
	struct wb_schema_object *v = wb_arena_array(&b->arena, m->n, sizeof(*v));
	wb_autostr path = WB_STR_INIT;
	bool ok = v != NULL;
	for (size_t i = 0; i < m->n && ok; i++)
		ok = show_object(b, m->v[i], &path, &v[i]);
	b->pub.objects = v;
	b->pub.n_objects = m->n;
	return ok;
}

static bool count_kinds(struct schema_box *b)
{
	const struct wb_model *m = b->model;
	struct wb_schema_count *v = wb_arena_array(&b->arena, WB_KIND_COUNT, sizeof(*v));
	size_t n = 0;
	for (size_t i = 0; v && i < m->n; i++) {
		if (i == 0 || m->v[i]->kind != m->v[i - 1]->kind)
			v[n++] = (struct wb_schema_count){ wb_kind_name(m->v[i]->kind), wb_kind_plural(m->v[i]->kind),
							   0 };
		v[n - 1].n++;
	}
	b->pub.counts = v;
	b->pub.n_counts = n;
	return v;
}

static int show(struct schema_box *b, struct wb_error *err)
{
	char *hash = wb_arena_alloc(&b->arena, 65);
	b->pub.engine = b->model->engine;
	b->pub.hash = hash;
	if (!hash || !show_objects(b) || !count_kinds(b))
		return wb_err_nomem(err);
	return wb_snapshot_hash(b->model, hash, err);
}

int wb_schema_show(struct wb_model *m, const char *origin, struct wb_schema **ret_schema, struct wb_error *err)
{
	struct schema_box *b = calloc(1, sizeof(*b));
	if (!b) {
		wb_model_free(m);
		return wb_err_nomem(err);
	}
	b->arena = (struct wb_arena)WB_ARENA_INIT;
	b->snapshot = b->ddl = (struct wb_str)WB_STR_INIT;
	b->model = m;
	b->pub.origin = wb_arena_str(&b->arena, origin);
	int rc = b->pub.origin ? show(b, err) : wb_err_nomem(err);
	if (rc < 0)
		wb_schema_free(&b->pub);
	else
		*ret_schema = &b->pub;
	return rc;
}

/* ---- as a text ------------------------------------------------------------------------------ */

/* Made once; a failure leaves nothing behind. */
static int text_of(struct schema_box *b, struct wb_str *text, int (*write)(struct schema_box *b, struct wb_error *err),
		   const char **ret_text, size_t *ret_size, struct wb_error *err)
{
	int rc = text->n ? 0 : write(b, err);
	if (rc < 0) {
		wb_str_done(text);
		*text = (struct wb_str)WB_STR_INIT;
		return rc;
	}
	*ret_text = text->p;
	*ret_size = text->n;
	return 0;
}

static int write_snapshot(struct schema_box *b, struct wb_error *err)
{
	return wb_snapshot_write_hashed(b->model, b->pub.hash, &b->snapshot, err);
}

static int write_ddl(struct schema_box *b, struct wb_error *err)
{
	return wb_schema_write(b->model, &b->ddl, err);
}

WB_API int wb_schema_snapshot(struct wb_schema *schema, const char **ret_text, size_t *ret_size, struct wb_error *err)
{
	struct schema_box *b = (struct schema_box *)schema;
	return text_of(b, &b->snapshot, write_snapshot, ret_text, ret_size, err);
}

WB_API int wb_schema_ddl(struct wb_schema *schema, const char **ret_text, size_t *ret_size, struct wb_error *err)
{
	struct schema_box *b = (struct schema_box *)schema;
	return text_of(b, &b->ddl, write_ddl, ret_text, ret_size, err);
}

/* ---- compared --------------------------------------------------------------------------------- */

struct comparison_box {
	struct wb_schema_comparison pub; /* first */
	struct wb_arena arena;
	struct wb_diff diff;
	struct wb_ddl_script script;
	struct wb_map changes; /* object -> the first of its changes; next[i]: the one after the i-th, 0: none */
	size_t *next;
	bool drift; /* what is missing was there */
};

WB_API void wb_schema_comparison_free(struct wb_schema_comparison *comparison)
{
	struct comparison_box *b = (struct comparison_box *)comparison;
	if (!b)
		return;
	wb_diff_done(&b->diff);
	wb_ddl_script_done(&b->script);
	wb_map_done(&b->changes);
	free(b->next);
	wb_arena_done(&b->arena);
	free(b);
}

/* Chains through the script, each in its order: built from the end. */
static bool chain_changes(struct comparison_box *b)
{
	b->next = calloc(b->script.n + 1, sizeof(*b->next));
	for (size_t i = b->script.n; b->next && i > 0; i--) {
		struct wb_change *c = &b->script.v[i - 1], *later;
		struct wb_sv key = wb_sv((const char *)&c->object, sizeof(c->object));
		later = wb_map_get(&b->changes, key);
		b->next[i - 1] = later ? (size_t)(later - b->script.v) : 0;
		if (!wb_map_put(&b->changes, key, c))
			return false;
	}
	return b->next;
}

static const struct wb_change *change_of(const struct comparison_box *b, const struct wb_object *o)
{
	return o ? wb_map_get(&b->changes, wb_sv((const char *)&o, sizeof(o))) : NULL;
}

static const struct wb_change *next_change(const struct comparison_box *b, const struct wb_change *c)
{
	size_t next = b->next[c - b->script.v];
	return next ? &b->script.v[next] : NULL;
}

/* The statements about one object, of those that change it. */
static const char *sql_for(struct comparison_box *b, const struct wb_difference *d)
{
	wb_autostr sql = WB_STR_INIT;
	const struct wb_change *old = change_of(b, d->actual), *new = change_of(b, d->expected);
	while (old || new) {
		const struct wb_change **first = !new || (old && old < new) ? &old : &new;
		wb_str_add(&sql, (*first)->sql);
		*first = next_change(b, *first);
	}
	return sql.failed ? NULL : wb_arena_sv(&b->arena, wb_str_sv(&sql));
}

const struct wb_diff *wb_comparison_diff(const struct wb_schema_comparison *comparison)
{
	return &((const struct comparison_box *)comparison)->diff;
}

static bool show_difference(struct comparison_box *b, const struct wb_difference *d, struct wb_schema_difference *out)
{
	static const char *const types[] = {
		[WB_DIFF_MISSING] = "missing", [WB_DIFF_UNEXPECTED] = "unexpected", [WB_DIFF_CHANGED] = "changed"
	};
	const struct wb_object *o = d->expected ? d->expected : d->actual;
	enum wb_severity severity = wb_difference_severity(d);
	/* What is still to be made has lost nothing. */
	if (!b->drift && d->type == WB_DIFF_MISSING && severity == WB_SEVERITY_CRITICAL)
		severity = WB_SEVERITY_HIGH;
	*out = (struct wb_schema_difference){ .type = types[d->type],
					      .kind = wb_kind_name(o->kind),
					      .object = path_of(&b->arena, o),
					      .attribute = d->attribute,
					      .expected = d->expected_value,
					      .actual = d->actual_value,
					      .severity = wb_severity_name(severity),
					      .sql = sql_for(b, d) };
	b->pub.critical |= severity == WB_SEVERITY_CRITICAL;
	return out->object && out->sql;
}

/* Data stays, but whoever uses the old name fails. */
static struct wb_schema_difference show_rename(const struct schema_rename *r)
{
	return (struct wb_schema_difference){ .type = "changed",
					      .kind = r->kind,
					      .object = r->path,
					      .attribute = "name",
					      .expected = r->new,
					      .actual = r->old,
					      .severity = wb_severity_name(WB_SEVERITY_HIGH),
					      .sql = r->sql };
}

static int show_differences(struct comparison_box *b, const struct schema_box *actual, struct wb_error *err)
{
	size_t n = actual->n_renamed + b->diff.n;
	struct wb_schema_difference *v = wb_arena_array(&b->arena, n, sizeof(*v));
	bool ok = v && chain_changes(b);
	for (size_t i = 0; ok && i < actual->n_renamed; i++)
		v[i] = show_rename(&actual->renamed[i]);
	for (size_t i = 0; i < b->diff.n && ok; i++)
		ok = show_difference(b, &b->diff.v[i], &v[actual->n_renamed + i]);
	b->pub.differences = v;
	b->pub.n_differences = n;
	return ok ? 0 : wb_err_nomem(err);
}

static int show_changes(struct comparison_box *b, const struct schema_box *actual, struct wb_error *err)
{
	size_t n = actual->n_renamed + b->script.n;
	struct wb_schema_change *v = wb_arena_array(&b->arena, n, sizeof(*v));
	bool ok = v != NULL;
	for (size_t i = 0; ok && i < actual->n_renamed; i++)
		v[i] = (struct wb_schema_change){ actual->renamed[i].kind, actual->renamed[i].path,
						  actual->renamed[i].sql, false, false };
	for (size_t i = 0; i < b->script.n && ok; i++) {
		const struct wb_change *c = &b->script.v[i];
		const char *path = path_of(&b->arena, c->object);
		v[actual->n_renamed + i] = (struct wb_schema_change){ wb_kind_name(c->object->kind), path, c->sql,
								      c->destroys, c->recreates };
		b->pub.destroys |= c->destroys;
		b->pub.critical |= c->destroys;
		ok = path;
	}
	b->pub.begin = b->script.begin;
	b->pub.open = b->script.open;
	b->pub.close = b->script.close;
	b->pub.changes = v;
	b->pub.n_changes = n;
	return ok ? 0 : wb_err_nomem(err);
}

static int compare(struct comparison_box *b, const struct schema_box *expected, const struct schema_box *actual,
		   struct wb_error *err)
{
	int rc = wb_schema_diff(expected->model, actual->model, &b->diff, err);
	if (rc == 0)
		rc = wb_schema_script(actual->model, expected->model, &b->diff, &b->script, err);
	if (rc == 0)
		rc = show_differences(b, actual, err);
	return rc ? rc : show_changes(b, actual, err);
}

int wb_compare_schemas(const struct wb_schema *expected, const struct wb_schema *actual, bool drift,
		       struct wb_schema_comparison **ret_comparison, struct wb_error *err)
{
	if (strcmp(expected->engine, actual->engine)) {
		wb_err_set(err, WB_EUSAGE, "%s is of %s, %s of %s", expected->origin, expected->engine, actual->origin,
			   actual->engine);
		wb_err_hint(err, "only schemas of one engine can be compared");
		return WB_EUSAGE;
	}
	struct comparison_box *b = calloc(1, sizeof(*b));
	if (!b)
		return wb_err_nomem(err);
	b->arena = (struct wb_arena)WB_ARENA_INIT;
	b->drift = drift;
	int rc = compare(b, (const struct schema_box *)expected, (const struct schema_box *)actual, err);
	if (rc < 0)
		wb_schema_comparison_free(&b->pub);
	else
		*ret_comparison = &b->pub;
	return rc;
}

WB_API int wb_schema_compare(const struct wb_schema *expected, const struct wb_schema *actual,
			     struct wb_schema_comparison **ret_comparison, struct wb_error *err)
{
	return wb_compare_schemas(expected, actual, false, ret_comparison, err);
}
