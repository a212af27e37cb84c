/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a schema comes from: a database is inspected, a folder of migrations, or
 * a file of SQL, is run in a scratch database that is inspected, a snapshot file
 * is read, or what the journal keeps of a release. What the files say of renames
 * is kept with the model.
 */
#include "schema.h"
#include "state/state.h"

#include <sys/stat.h>

#define SNAPSHOT_MAX ((size_t)256 << 20)

struct origin {
	struct wb_context *c;
	const char *where;
	const struct wb_schema_options *o;
	struct wb_arena *arena;
	struct wb_model **model;
	const char *name, *url; /* in arena: without a password; NULL: of no URL of its own */
	const struct wb_embedded_migration *file; /* run instead of a folder; NULL: none */
	struct wb_error *err;
};

static int inspect(struct origin *g, struct wb_context *c)
{
	struct wb_inspect_options o = { .schemas = g->o->schemas,
					.n_schemas = g->o->n_schemas,
					.owners = g->o->owners };
	int rc = wb_prepare(c, WB_NEED_CONN, g->err);
	return rc < 0 ? rc : wb_conn_inspect(c->conn, &o, g->model, g->err);
}

static int keep_name(struct origin *g, const char *name)
{
	g->name = wb_arena_str(g->arena, name);
	return g->name ? 0 : wb_err_nomem(g->err);
}

static int of_context(struct origin *g)
{
	int rc = inspect(g, g->c);
	return rc < 0 ? rc : keep_name(g, wb_safe_url(g->c));
}

int wb_open_like(const struct wb_context *c, const char *url, struct wb_context **ret, struct wb_error *err)
{
	struct wb_options o = c->o;
	o.size = sizeof(o);
	o.url = url;
	o.direct_url = NULL;
	o.sqlite_handle = NULL;
	o.engine = NULL;
	o.event = NULL;
	int rc = wb_open(&o, ret, err);
	if (rc == 0) {
		(*ret)->stop = c->stop;
		wb_check_loader(*ret, c->load_suite, c->load_user);
		wb_transform_loader(*ret, c->load_rules, c->rules_user);
	}
	return rc;
}

static int of_url(struct origin *g, const char *url)
{
	struct wb_context *c = NULL;
	g->url = url;
	int rc = wb_open_like(g->c, url, &c, g->err);
	if (rc == 0)
		rc = inspect(g, c);
	if (rc == 0)
		rc = keep_name(g, wb_safe_url(c));
	wb_close(c);
	return rc;
}

/* ---- a folder, or one file of SQL ------------------------------------------------------------ */

#define REMARKS_MAX ((size_t)16 << 20)

/* A longer file is one of rows. */
static int read_renames_of(struct origin *g, struct wb_context *c, const struct wb_migration *m)
{
	wb_autostr text = WB_STR_INIT;
	struct wb_error ignored;
	if (m->memory)
		return wb_renames_read(*g->model, c->dialect, wb_sv_str(m->memory), m->file, g->err);
	if (wb_fs_read(m->file, REMARKS_MAX, &text, &ignored) < 0)
		return 0;
	return wb_renames_read(*g->model, c->dialect, wb_str_sv(&text), m->file, g->err);
}

static int read_renames(struct origin *g, struct wb_context *c)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < c->source->n; i++)
		rc = read_renames_of(g, c, c->source->v[i]);
	return rc;
}

static int need_url(struct origin *g, struct wb_context *owner)
{
	if (!owner->has_server || owner->has_url)
		return 0;
	wb_err_set(g->err, WB_EUSAGE, "%s is run on a scratch database to see what it makes", g->where);
	wb_err_hint(g->err, "pass --url or --scratch-url: a server on which databases may be made, or an SQLite "
			    "database");
	return WB_EUSAGE;
}

static int replay_on(struct origin *g, struct wb_context *owner)
{
	struct wb_run_options run = { .size = sizeof(run), .plan = { .size = sizeof(run.plan), .to = g->o->to } };
	struct wb_trial t = { 0 };
	int rc = need_url(g, owner);
	if (rc < 0)
		return rc;
	rc = g->file ? wb_trial_open_file(owner, g->file, &t, g->err) : wb_trial_open(owner, g->where, &t, g->err);
	wb_trial_hint(rc, g->err);
	if (rc == 0)
		rc = wb_up(t.context, &run, NULL, g->err);
	if (rc < 0)
		wb_err_prefix(g->err, "on a scratch database");
	if (rc == 0)
		rc = inspect(g, t.context);
	if (rc == 0)
		rc = read_renames(g, t.context);
	wb_trial_close(&t);
	return rc;
}

static int replay(struct origin *g)
{
	struct wb_context *other = NULL;
	int rc = g->o->scratch_url ? wb_open_like(g->c, g->o->scratch_url, &other, g->err) : 0;
	if (rc == 0)
		rc = replay_on(g, other ? other : g->c);
	wb_close(other);
	return rc < 0 ? rc : keep_name(g, g->where);
}

/* It has a migration's name while it is run, and its own in errors. */
static int of_sql(struct origin *g, const char *text)
{
	struct wb_embedded_migration file = { "001_schema.sql", text };
	g->file = &file;
	int rc = replay(g);
	g->file = NULL;
	if (rc < 0 && g->err && !strcmp(g->err->file, file.name))
		wb_err_place(g->err, g->where, g->err->line, g->err->column);
	return rc;
}

/* ---- a file -------------------------------------------------------------------------------- */

static int of_file(struct origin *g)
{
	static const char database[] = "SQLite format 3";
	wb_autostr text = WB_STR_INIT;
	int rc = wb_fs_read(g->where, SNAPSHOT_MAX, &text, g->err);
	if (rc < 0)
		return rc;
	if (wb_sv_starts(wb_str_sv(&text), database)) {
		const char *url = wb_arena_printf(g->arena, "sqlite:%s", g->where);
		return url ? of_url(g, url) : wb_err_nomem(g->err);
	}
	if (!wb_snapshot_is(wb_str_sv(&text)) && wb_sv_ends(wb_sv_str(g->where), ".sql"))
		return of_sql(g, text.p ? text.p : "");
	rc = wb_snapshot_read(wb_str_sv(&text), g->where, g->model, g->err);
	return rc < 0 ? rc : keep_name(g, g->where);
}

/* ---- a release ----------------------------------------------------------------------------- */

static const char release_prefix[] = "release:";

static int latest_release(struct origin *g, const char **ret_version)
{
	struct wb_kept_releases past = { 0 };
	int rc = wb_releases_load(&g->c->target, g->arena, &past, g->err);
	if (rc < 0)
		return rc;
	if (past.n == 0) {
		wb_err_set(g->err, WB_ENOTFOUND, "no release is recorded in %s", wb_safe_url(g->c));
		wb_err_hint(g->err, "`whimbrel release` records one");
		return WB_ENOTFOUND;
	}
	*ret_version = past.v[0].version;
	return 0;
}

static int of_release(struct origin *g)
{
	const char *version = g->where + strlen(release_prefix);
	struct wb_kept_snapshot kept = { 0 };
	bool found = false;
	int rc = wb_prepare(g->c, WB_NEED_CONN, g->err);
	if (rc == 0 && strcmp(version, "latest") == 0)
		rc = latest_release(g, &version);
	if (rc == 0)
		rc = wb_snapshot_of_release(&g->c->target, version, g->arena, &kept, &found, g->err);
	if (rc == 0 && !found) {
		wb_err_set(g->err, WB_ENOTFOUND, "%s has no schema of a release %s", wb_safe_url(g->c), version);
		wb_err_hint(g->err, "`whimbrel release --list` shows those that there are");
		return WB_ENOTFOUND;
	}
	if (rc == 0)
		rc = wb_snapshot_read(wb_sv_str(kept.text), "schema_snapshots", g->model, g->err);
	g->name = wb_arena_printf(g->arena, "release %s", version);
	return rc < 0 || g->name ? rc : wb_err_nomem(g->err);
}

static int of_nothing(struct origin *g)
{
	wb_err_set(g->err, WB_ENOTFOUND, "there is no database, folder or snapshot %s", g->where);
	wb_err_hint(g->err, "name a URL (sqlite:app.db, postgres://…), a folder of migrations, a file of SQL, one "
			    "that `whimbrel snapshot` wrote, or release:1.2.0");
	return WB_ENOTFOUND;
}

/* ---- all ------------------------------------------------------------------------------------- */

static int read_where(struct origin *g)
{
	if (!g->where)
		return of_context(g);
	if (wb_sv_starts(wb_sv_str(g->where), release_prefix))
		return of_release(g);
	if (wb_fs_is_dir(g->where))
		return replay(g);
	if (wb_fs_exists(g->where))
		return of_file(g);
	/* A scheme, or libpq's own form. */
	return strpbrk(g->where, ":=") ? of_url(g, g->where) : of_nothing(g);
}

struct wb_filter wb_schema_filter_of(const struct wb_schema_options *o)
{
	return (struct wb_filter){ .ignore = o->ignore,
				   .n_ignore = o->n_ignore,
				   .without_privileges = o->without_privileges,
				   .without_comments = o->without_comments,
				   .schemas = o->schemas,
				   .n_schemas = o->n_schemas,
				   .without_owners = !o->owners };
}

int wb_schema_drop_ignored(struct wb_model *m, const struct wb_schema_options *o, struct wb_error *err)
{
	struct wb_filter f = wb_schema_filter_of(o);
	return wb_schema_filter(m, &f, err);
}

static int finish(struct origin *g, int rc, struct wb_model **ret_model)
{
	if (rc == 0)
		rc = wb_schema_drop_ignored(*g->model, g->o, g->err);
	if (rc < 0)
		wb_model_free(*g->model);
	else
		*ret_model = *g->model;
	return rc;
}

int wb_schema_model(struct wb_context *c, const struct wb_schema_options *o, struct wb_model **ret_model,
		    struct wb_error *err)
{
	struct wb_model *m = NULL;
	struct origin g = { .c = c, .o = o, .model = &m, .err = err };
	return finish(&g, inspect(&g, c), ret_model);
}

int wb_schema_model_of_sql(struct wb_context *c, const char *text, const char *name, const struct wb_schema_options *o,
			   struct wb_model **ret_model, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_model *m = NULL;
	struct origin g = { .c = c, .where = name, .o = o, .arena = &a, .model = &m, .err = err };
	return finish(&g, of_sql(&g, text), ret_model);
}

static int keep_url(struct wb_schema *schema, const char *url, bool live, struct wb_error *err)
{
	struct schema_box *b = (struct schema_box *)schema;
	b->live = live;
	b->url = wb_arena_str(&b->arena, url);
	return b->url || !url ? 0 : wb_err_nomem(err);
}

WB_API int wb_schema_read(struct wb_context *context, const char *where, const struct wb_schema_options *options,
			  struct wb_schema **ret_schema, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_schema_options o;
	struct wb_model *m = NULL;
	struct origin g = { .c = context, .where = where, .o = &o, .arena = &a, .model = &m, .err = err };
	struct wb_schema *schema = NULL;
	int rc = wb_take_options(&o, sizeof(o), options, "wb_schema_options", err);
	if (rc == 0)
		rc = finish(&g, read_where(&g), &m);
	if (rc == 0)
		rc = wb_schema_show(m, g.name, &schema, err);
	if (rc == 0)
		rc = keep_url(schema, g.url, !where, err);
	if (rc < 0)
		wb_schema_free(schema);
	else
		*ret_schema = schema;
	return rc;
}
