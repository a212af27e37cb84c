/* SPDX-License-Identifier: Apache-2.0
 *
 * What does not count is taken out of a model before it is compared or written.
 */
#include "schema/schema.h"

#include <fnmatch.h>

#include "base/banned.h"

struct filtering {
	struct wb_model *m;
	const struct wb_filter *f;
	struct wb_str text;
	bool schema_out; /* one is */
};

/* Views and functions over the journal, in the shape of another tool's: no more part of the schema than it is. */
static bool is_compat(const struct wb_object *o)
{
	const char *comment = wb_object_get(o, "comment");

	return comment && wb_sv_starts(wb_sv_str(comment), "whimbrel:compat");
}

/* "kind path", and where the path begins in it. */
static bool describe(struct filtering *g, const struct wb_object *o, const char **ret_path)
{
	size_t n = strlen(wb_kind_name(o->kind)) + 1;

	wb_str_clear(&g->text);
	wb_str_addf(&g->text, "%s ", wb_kind_name(o->kind));
	if (!wb_object_path(o, &g->text))
		return false;
	*ret_path = g->text.p + n;
	return true;
}

static bool is_named(const struct filtering *g, const char *path)
{
	for (size_t i = 0; i < g->f->n_ignore; i++)
		if (fnmatch(g->f->ignore[i], path, 0) == 0 || fnmatch(g->f->ignore[i], g->text.p, 0) == 0)
			return true;
	return false;
}

/* The length of what is before the i-th dot outside quotes, or of all; false when there are fewer. */
static bool find_prefix(const char *path, size_t i, size_t *ret_n)
{
	bool quoted = false;
	size_t n = 0;

	for (; path[n] && (quoted || path[n] != '.' || i-- > 0); n++)
		quoted ^= path[n] == '"';
	*ret_n = n;
	return path[n] || i == 0;
}

static bool is_a_schema(const struct wb_filter *f, struct wb_sv first)
{
	wb_autostr name = WB_STR_INIT;

	for (size_t i = 0; i < f->n_schemas; i++) {
		if (wb_sv_eq(first, wb_sv_str(f->schemas[i])))
			return true;
		wb_str_clear(&name);
		wb_quote_ident(&name, wb_sv_str(f->schemas[i]));
		if (wb_sv_eq(first, wb_str_sv(&name)))
			return true;
	}
	return f->n_schemas == 0;
}

/* An owner or schema may be of any kind. */
static bool matches(const struct wb_filter *f, const char *kind, struct wb_sv path, struct wb_str *text)
{
	bool found = false;

	for (int k = 0; k < WB_KIND_COUNT && !found; k++) {
		const char *name = wb_kind_name((enum wb_kind)k);
		if (kind && strcmp(kind, name) != 0)
			continue;
		wb_str_clear(text);
		wb_str_addf(text, "%s ", name);
		wb_str_addsv(text, path);
		for (size_t i = 0; i < f->n_ignore && !found && !text->failed; i++)
			found = fnmatch(f->ignore[i], text->p, 0) == 0 ||
				fnmatch(f->ignore[i], text->p + strlen(name) + 1, 0) == 0;
	}
	return found;
}

int wb_filter_hides(const struct wb_filter *f, const char *kind, const char *path, const char *attribute,
		    bool *ret_hides, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	size_t n, all = strlen(path);
	bool hides = (f->without_privileges && strcmp(attribute, "privileges") == 0) ||
		     (f->without_comments && strcmp(attribute, "comment") == 0) ||
		     (f->without_owners && strcmp(attribute, "owner") == 0);

	if (find_prefix(path, 0, &n) && !is_a_schema(f, wb_sv(path, n)))
		hides = true;
	for (size_t i = 0; !hides && find_prefix(path, i, &n); i++)
		hides = matches(f, n == all ? kind : NULL, wb_sv(path, n), &text);
	*ret_hides = hides;
	return text.failed ? wb_err_nomem(err) : 0;
}

/* Is it, its owner or its schema named or marked? Those come before it in the order of kinds, and have lost their mark
 * already. path: NULL when nothing is named. */
static bool is_out(struct filtering *g, const struct wb_object *o, const char *path)
{
	const struct wb_object *schema;
	bool out = is_compat(o) || (path && is_named(g, path)) || (o->owner && o->owner->ignored);

	g->schema_out |= out && o->kind == WB_KIND_SCHEMA;
	if (out || !g->schema_out || !o->schema)
		return out;
	schema = wb_model_find(g->m, WB_KIND_SCHEMA, NULL, NULL, o->schema);
	return schema && schema->ignored;
}

static void drop_attr(struct wb_object *o, const char *key)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_attrs; i++)
		if (strcmp(o->attrs[i].key, key) != 0)
			o->attrs[n++] = o->attrs[i];
	o->n_attrs = n;
}

static void drop_needs(struct wb_object *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->n_needs; i++)
		if (!o->needs[i]->ignored)
			o->needs[n++] = o->needs[i];
	o->n_needs = n;
}

static void take_out(struct wb_model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		if (!m->v[i]->ignored)
			m->v[n++] = m->v[i];
	m->n = n;
	for (size_t i = 0; i < n; i++)
		drop_needs(m->v[i]);
}

int wb_schema_filter(struct wb_model *m, const struct wb_filter *f, struct wb_error *err)
{
	struct filtering g = { m, f, WB_STR_INIT, false };
	const char *path = NULL;
	bool ok = true;

	for (size_t i = 0; i < m->n && ok; i++) {
		struct wb_object *o = m->v[i];
		ok = f->n_ignore == 0 || describe(&g, o, &path);
		o->ignored = ok && is_out(&g, o, path);
		if (f->without_privileges)
			drop_attr(o, "privileges");
		if (f->without_comments)
			drop_attr(o, "comment");
	}
	wb_str_done(&g.text);
	if (!ok)
		return wb_err_nomem(err);
	take_out(m);
	return 0;
}
