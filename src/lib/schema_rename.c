/* SPDX-License-Identifier: Apache-2.0
 *
 * A schema in which what is called otherwise elsewhere has been renamed. A name
 * stands in views, keys, triggers, functions, and only the engine knows how it
 * takes them along: so the schema is made on a scratch database, renamed there,
 * and looked at again.
 */
#include "schema.h"

struct following {
	struct wb_context *c;
	const struct schema_box *actual;
	const struct wb_schema_options *o;
	struct wb_rename_steps steps;
	struct wb_error *err;
};

/* ---- what the caller says ------------------------------------------------------------------ */

/* Paths as they are shown: "Odd Name".t */
static int take_path(struct wb_model *m, const char *text, struct wb_path *ret_path, struct wb_error *err)
{
	int rc = wb_path_read(m, text, ret_path, err);
	if (rc < 0)
		wb_err_hint(err, "name it as `whimbrel snapshot -o json` does: app.users.name");
	return rc;
}

static int add_renames(struct wb_model *m, const struct wb_schema_rename *v, size_t n, struct wb_error *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct wb_rename r = { .kinds = 0 };
		rc = take_path(m, v[i].from, &r.old, err);
		if (rc == 0)
			rc = take_path(m, v[i].to, &r.path, err);
		if (rc == 0 && !wb_vec_push(&m->renames, r))
			rc = wb_err_nomem(err);
	}
	return rc;
}

static bool path_text(const struct wb_path *path, struct wb_str *out)
{
	for (int i = 0; i < path->n; i++)
		wb_str_addf(out, "%s%s", i ? "." : "", path->parts[i]);
	return !out->failed;
}

/* One that was asked for is an error; one in a file may be of another time. */
static int tell_unused(struct following *f)
{
	for (size_t i = 0; i < f->steps.unused.n; i++) {
		const struct wb_rename *r = &f->steps.unused.v[i];
		wb_autostr old = WB_STR_INIT, new = WB_STR_INIT;
		if (!path_text(&r->old, &old) || !path_text(&r->path, &new))
			return wb_err_nomem(f->err);
		if (r->kinds) {
			wb_log(&f->c->sink, WB_LOG_WARN,
			       "%s is said to be renamed from %s, which is not there or still wanted: nothing is "
			       "renamed",
			       new.p, old.p);
			continue;
		}
		wb_err_set(f->err, WB_EINPUT, "%s cannot be renamed to %s", old.p, new.p);
		wb_err_hint(f->err,
			    "the old name has to be in the one schema and the new one in the other, as paths, in "
			    "the same table: app.users.name=app.users.full_name");
		return WB_EINPUT;
	}
	return 0;
}

/* ---- the schema as it is then ------------------------------------------------------------------ */

static int show_steps(struct following *f, struct schema_box *b)
{
	b->renamed = wb_arena_array(&b->arena, f->steps.n, sizeof(*b->renamed));
	for (size_t i = 0; b->renamed && i < f->steps.n; i++) {
		const struct wb_rename_step *s = &f->steps.v[i];
		wb_autostr path = WB_STR_INIT;
		struct schema_rename *r = &b->renamed[i];
		*r = (struct schema_rename){ .kind = wb_kind_name(s->from->kind),
					     .old = wb_arena_str(&b->arena, s->from->name),
					     .new = wb_arena_str(&b->arena, s->to->name),
					     .sql = wb_arena_str(&b->arena, s->sql) };
		if (wb_object_path(s->from, &path))
			r->path = wb_arena_sv(&b->arena, wb_str_sv(&path));
		if (!r->path || !r->old || !r->new || !r->sql)
			return wb_err_nomem(f->err);
	}
	b->n_renamed = f->steps.n;
	return b->renamed ? 0 : wb_err_nomem(f->err);
}

static int write_sql(struct following *f, struct wb_str *out)
{
	int rc = wb_schema_write(f->actual->model, out, f->err);
	for (size_t i = 0; rc == 0 && i < f->steps.n; i++)
		wb_str_add(out, f->steps.v[i].sql);
	return rc == 0 && out->failed ? wb_err_nomem(f->err) : rc;
}

static int rename_all(struct following *f, struct wb_schema **ret_renamed)
{
	wb_autostr sql = WB_STR_INIT;
	struct wb_model *m = NULL;
	int rc = write_sql(f, &sql);
	if (rc == 0)
		rc = wb_schema_model_of_sql(f->c, sql.p, f->actual->pub.origin, f->o, &m, f->err);
	if (rc == 0)
		rc = wb_schema_show(m, f->actual->pub.origin, ret_renamed, f->err);
	if (rc < 0) {
		wb_err_prefix(f->err, "the renames cannot be tried on a scratch database");
		return rc;
	}
	rc = show_steps(f, (struct schema_box *)*ret_renamed);
	if (rc < 0) {
		wb_schema_free(*ret_renamed);
		*ret_renamed = NULL;
	}
	return rc;
}

WB_API int wb_schema_follow_renames(struct wb_context *context, const struct wb_schema *expected,
				    const struct wb_schema *actual, const struct wb_schema_rename *renames,
				    size_t n_renames, const struct wb_schema_options *options,
				    struct wb_schema **ret_renamed, struct wb_error *err)
{
	struct wb_schema_options o;
	struct following f = { .c = context, .actual = (const struct schema_box *)actual, .o = &o, .err = err };
	struct wb_model *to = ((const struct schema_box *)expected)->model;
	size_t before = to->renames.n;
	int rc = wb_take_options(&o, sizeof(o), options, "wb_schema_options", err);
	o.to = NULL;
	if (!o.scratch_url)
		o.scratch_url = f.actual->url ? f.actual->url : ((const struct schema_box *)expected)->url;
	*ret_renamed = NULL;
	if (rc == 0)
		rc = add_renames(to, renames, n_renames, err);
	if (rc == 0)
		rc = wb_schema_renames(f.actual->model, to, &f.steps, err);
	to->renames.n = before;
	if (rc == 0)
		rc = tell_unused(&f);
	if (rc == 0 && f.steps.n)
		rc = rename_all(&f, ret_renamed);
	wb_rename_steps_done(&f.steps);
	return rc;
}
