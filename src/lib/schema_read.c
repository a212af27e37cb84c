/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a schema comes from: a database is inspected, a folder of migrations is
 * run in a scratch database that is inspected, a snapshot file is read.
 */
#include "schema.h"

#include <sys/stat.h>

#define SNAPSHOT_MAX ((size_t)256 << 20)

struct origin {
	struct wb_context *c;
	const char *where;
	const struct wb_schema_options *o;
	struct wb_arena *arena;
	struct wb_model **model;
	const char **name;
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
	*g->name = wb_arena_str(g->arena, name);
	return *g->name ? 0 : wb_err_nomem(g->err);
}

static int of_context(struct origin *g)
{
	int rc = inspect(g, g->c);
	return rc < 0 ? rc : keep_name(g, wb_safe_url(g->c));
}

/* A context like the caller's, but elsewhere. */
static int open_like(struct origin *g, const char *url, struct wb_context **ret, struct wb_error *err)
{
	struct wb_options o = g->c->o;
	o.size = sizeof(o);
	o.url = url;
	o.direct_url = NULL;
	o.sqlite_handle = NULL;
	o.engine = NULL;
	o.event = NULL;
	int rc = wb_open(&o, ret, err);
	if (rc == 0)
		(*ret)->stop = g->c->stop;
	return rc;
}

static int of_url(struct origin *g, const char *url)
{
	struct wb_context *c = NULL;
	int rc = open_like(g, url, &c, g->err);
	if (rc == 0)
		rc = inspect(g, c);
	if (rc == 0)
		rc = keep_name(g, wb_safe_url(c));
	wb_close(c);
	return rc;
}

/* ---- a folder --------------------------------------------------------------------------- */

static int replay(struct origin *g, struct wb_context *owner)
{
	struct wb_run_options run = { .size = sizeof(run), .plan = { .size = sizeof(run.plan), .to = g->o->to } };
	struct wb_trial t;
	if (owner->has_server && !owner->has_url) {
		wb_err_set(g->err, WB_EUSAGE,
			   "the migrations in %s are run on a scratch database to see what they make", g->where);
		wb_err_hint(g->err,
			    "pass --url or --scratch-url: a server on which databases may be made, or an SQLite "
			    "database");
		return WB_EUSAGE;
	}
	int rc = wb_trial_open(owner, g->where, &t, g->err);
	if (rc == 0)
		rc = wb_up(t.context, &run, NULL, g->err);
	if (rc == 0)
		rc = inspect(g, t.context);
	wb_trial_close(&t);
	return rc;
}

static int of_folder(struct origin *g)
{
	struct wb_context *other = NULL;
	int rc = g->o->scratch_url ? open_like(g, g->o->scratch_url, &other, g->err) : 0;
	if (rc == 0)
		rc = replay(g, other ? other : g->c);
	wb_close(other);
	return rc < 0 ? rc : keep_name(g, g->where);
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
	rc = wb_snapshot_read(wb_str_sv(&text), g->where, g->model, g->err);
	return rc < 0 ? rc : keep_name(g, g->where);
}

static int of_nothing(struct origin *g)
{
	wb_err_set(g->err, WB_ENOTFOUND, "there is no database, folder or snapshot %s", g->where);
	wb_err_hint(g->err, "name a URL (sqlite:app.db, postgres://…), a folder of migrations, or a file that "
			    "`whimbrel snapshot` wrote");
	return WB_ENOTFOUND;
}

/* ---- all ------------------------------------------------------------------------------------- */

static int read_where(struct origin *g)
{
	if (!g->where)
		return of_context(g);
	if (wb_fs_is_dir(g->where))
		return of_folder(g);
	if (wb_fs_exists(g->where))
		return of_file(g);
	/* A scheme, or libpq's own form. */
	return strpbrk(g->where, ":=") ? of_url(g, g->where) : of_nothing(g);
}

int wb_schema_drop_ignored(struct wb_model *m, const struct wb_schema_options *o, struct wb_error *err)
{
	struct wb_filter f = { .ignore = o->ignore,
			       .n_ignore = o->n_ignore,
			       .without_privileges = o->without_privileges,
			       .without_comments = o->without_comments };
	return wb_schema_filter(m, &f, err);
}

int wb_schema_model(struct wb_context *c, const char *where, const struct wb_schema_options *o, struct wb_arena *a,
		    struct wb_model **ret_model, const char **ret_origin, struct wb_error *err)
{
	struct wb_model *m = NULL;
	struct origin g = { c, where, o, a, &m, ret_origin, err };
	int rc = read_where(&g);
	if (rc == 0)
		rc = wb_schema_drop_ignored(m, o, err);
	if (rc < 0) {
		wb_model_free(m);
		return rc;
	}
	*ret_model = m;
	return 0;
}
