/* SPDX-License-Identifier: Apache-2.0
 *
 * A model as a text: a head with engine, hash and counts; the DDL in the order
 * in which it can be run; the objects, a line each, in the order of names. So a
 * change of one object changes few lines, and the text can be read by people,
 * run by the engine's own shell, and read back exactly.
 */
#include "schema/snapshot.h"

#include "base/banned.h"

/* Plain where that is clear, else in quotes with backslashes as in C. */
static void add_value(struct wb_str *out, const char *value)
{
	static const char from[] = "\"\\\n\r\t", to[] = "\"\\nrt";

	if (*value && !strpbrk(value, " =\"\\\n\r\t")) {
		wb_str_add(out, value);
		return;
	}
	wb_str_addc(out, '"');
	for (;;) {
		size_t plain = strcspn(value, from);
		wb_str_addn(out, value, plain);
		value += plain;
		if (!*value)
			break;
		wb_str_addc(out, '\\');
		wb_str_addc(out, to[strchr(from, *value++) - from]);
	}
	wb_str_addc(out, '"');
}

static void add_pair(struct wb_str *out, const char *key, const char *value)
{
	if (!value)
		return;
	wb_str_addc(out, ' ');
	wb_str_add(out, key);
	wb_str_addc(out, '=');
	add_value(out, value);
}

int wb_snapshot_object(const struct wb_object *o, bool positions, struct wb_str *out, struct wb_error *err)
{
	wb_str_add(out, WB_SNAPSHOT_LINE);
	for (const char *p = wb_kind_name(o->kind); *p; p++)
		wb_str_addc(out, *p == ' ' ? '_' : *p);
	add_pair(out, "schema", o->schema);
	add_pair(out, "parent", o->parent);
	add_pair(out, "name", o->name);
	for (size_t i = 0; i < o->n_attrs; i++)
		if (positions || (strcmp(o->attrs[i].key, "position") != 0 && strcmp(o->attrs[i].key, "local") != 0))
			add_pair(out, o->attrs[i].key, o->attrs[i].value);
	return out->failed ? wb_err_nomem(err) : 0;
}

int wb_snapshot_hash(const struct wb_model *m, char ret_hex[65], struct wb_error *err)
{
	wb_autostr line = WB_STR_INIT;
	struct wb_sha256 h;
	unsigned char digest[32];

	wb_sha256_init(&h);
	wb_sha256_add(&h, m->engine, strlen(m->engine) + 1);
	for (size_t i = 0; i < m->n; i++) {
		/* What diff.c does not tell. */
		if (wb_object_get(m->v[i], "also_inherited"))
			continue;
		wb_str_clear(&line);
		int rc = wb_snapshot_object(m->v[i], false, &line, err);
		wb_str_addc(&line, '\n');
		if (rc || line.failed)
			return rc ? rc : wb_err_nomem(err);
		wb_sha256_add(&h, line.p, line.n);
	}
	wb_sha256_final(&h, digest);
	wb_hex(digest, sizeof(digest), ret_hex);
	return 0;
}

/* ---- head ------------------------------------------------------------------------ */

static void add_counts(const struct wb_model *m, struct wb_str *out)
{
	bool first = true;

	wb_str_add(out, "-- ");
	for (size_t i = 0, n; i < m->n; i += n) {
		enum wb_kind kind = m->v[i]->kind;
		for (n = 0; i + n < m->n && m->v[i + n]->kind == kind;)
			n++;
		wb_str_addf(out, "%s%zu %s", first ? "" : ", ", n, n == 1 ? wb_kind_name(kind) : wb_kind_plural(kind));
		first = false;
	}
	wb_str_add(out, first ? "no objects\n" : "\n");
}

static void add_head(const struct wb_model *m, const char *hex, struct wb_str *out)
{
	wb_str_addf(out, WB_SNAPSHOT_TITLE "%d\n", WB_SNAPSHOT_FORMAT);
	wb_str_addf(out, WB_SNAPSHOT_ENGINE "%s\n" WB_SNAPSHOT_HASH "%s\n", m->engine, hex);
	add_counts(m, out);
}

/* ---- DDL ---------------------------------------------------------------------------- */

typedef int (*ddl_fn)(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
		      struct wb_error *err);

/* One statement or more for each object that has any, with an empty line before. */
static int add_each(const struct wb_ddl *d, const struct wb_model *m, struct wb_object *const *v, ddl_fn ddl,
		    struct wb_str *out, struct wb_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < m->n; i++) {
		size_t before = out->n;
		if (before)
			wb_str_addc(out, '\n');
		size_t start = out->n;
		rc = ddl(d, m, v[i], out, err);
		if (rc == 0 && out->n == start && out->n > before && !out->failed) {
			out->n = before;
			out->p[before] = '\0';
		}
	}
	return rc;
}

int wb_schema_write(const struct wb_model *m, struct wb_str *out, struct wb_error *err)
{
	const struct wb_ddl *d = wb_ddl_find(m->engine);
	struct wb_object **v = NULL;
	int rc;

	if (!d)
		return wb_err_set(err, WB_EUNSUPPORTED, "no DDL is known for %s", m->engine);
	rc = wb_schema_order(m, &v, err);
	if (rc)
		return rc;
	wb_str_addf(out, "%s%s", d->begin ? "\n" : "", d->begin ? d->begin : "");
	rc = add_each(d, m, v, wb_ddl_create, out, err);
	if (rc == 0)
		rc = add_each(d, m, v, wb_ddl_late, out, err);
	free(v);
	return rc;
}

/* ---- objects -------------------------------------------------------------------------- */

static int line_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool wb_snapshot_path(const struct wb_object *o, struct wb_str *out)
{
	size_t start;

	wb_str_add(out, wb_kind_name(o->kind));
	wb_str_addc(out, ' ');
	start = out->n;
	if (!wb_object_path(o, out))
		return false;
	if (!strpbrk(out->p + start, "\\\n"))
		return true;
	char *path = strdup(out->p + start);
	if (!path)
		return false;
	out->n = start;
	for (const char *p = path; *p; p++) {
		if (*p == '\\' || *p == '\n')
			wb_str_addc(out, '\\');
		wb_str_addc(out, *p == '\n' ? 'n' : *p);
	}
	free(path);
	return !out->failed;
}

/* What an object needs, as "kind path" in order of text. */
static int add_needs(const struct wb_object *o, struct wb_str *out, struct wb_error *err)
{
	wb_autoarena arena = WB_ARENA_INIT;
	wb_autostr all = WB_STR_INIT, one = WB_STR_INIT;
	char **v = wb_arena_array(&arena, o->n_needs, sizeof(*v));

	for (size_t i = 0; v && i < o->n_needs; i++) {
		wb_str_clear(&one);
		v[i] = wb_snapshot_path(o->needs[i], &one) ? wb_arena_sv(&arena, wb_str_sv(&one)) : NULL;
		if (!v[i])
			return wb_err_nomem(err);
	}
	if (!v)
		return wb_err_nomem(err);
	qsort(v, o->n_needs, sizeof(*v), line_cmp);
	for (size_t i = 0; i < o->n_needs; i++)
		wb_str_addf(&all, "%s%s", i ? "\n" : "", v[i]);
	if (all.failed)
		return wb_err_nomem(err);
	add_pair(out, "needs", all.p);
	return 0;
}

static int add_objects(const struct wb_model *m, struct wb_str *out, struct wb_error *err)
{
	wb_str_add(out, "\n" WB_SNAPSHOT_OBJECTS);
	for (size_t i = 0; i < m->n; i++) {
		int rc = wb_snapshot_object(m->v[i], true, out, err);
		if (rc == 0 && m->v[i]->n_needs)
			rc = add_needs(m->v[i], out, err);
		if (rc)
			return rc;
		wb_str_addc(out, '\n');
	}
	return 0;
}

int wb_snapshot_write_hashed(const struct wb_model *m, const char *hex, struct wb_str *out, struct wb_error *err)
{
	int rc;

	add_head(m, hex, out);
	rc = wb_schema_write(m, out, err);
	if (rc == 0)
		rc = add_objects(m, out, err);
	return rc == 0 && out->failed ? wb_err_nomem(err) : rc;
}

int wb_snapshot_write(const struct wb_model *m, struct wb_str *out, struct wb_error *err)
{
	char hex[65];
	int rc = wb_snapshot_hash(m, hex, err);

	return rc ? rc : wb_snapshot_write_hashed(m, hex, out, err);
}
