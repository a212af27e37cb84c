/* SPDX-License-Identifier: Apache-2.0
 *
 * Around running: waiting for the database, creating and dropping it, new files,
 * the journal's DDL, read-only queries.
 */
#include "context.h"

#define WAIT_DEFAULT_MS 60000

static bool worth_waiting(const struct wb_error *e)
{
	/* A wrong password or a missing database will not mend itself. */
	return e->code == WB_ECONN && strcmp(e->sqlstate, "28P01") != 0 && strcmp(e->sqlstate, "28000") != 0 &&
	       strcmp(e->sqlstate, "3D000") != 0;
}

int wb_wait_for(struct wb_context *context, unsigned needs, int64_t timeout_ms, struct wb_error *err)
{
	struct wb_retry retry;
	struct wb_error e = { 0 };
	wb_retry_init(&retry, 100, 1000, timeout_ms ? timeout_ms : WAIT_DEFAULT_MS, 0);
	for (;;) {
		int rc = wb_prepare(context, needs, &e);
		if (rc == 0)
			return 0;
		int64_t next = worth_waiting(&e) ? wb_retry_next(&retry) : -1;
		if (next < 0) {
			if (err)
				*err = e;
			return rc;
		}
		wb_sleep_ms(next);
		if (*context->stop) {
			*context->stop = 0;
			return wb_err_set(err, WB_ECANCELLED, "cancelled while waiting for the database");
		}
	}
}

WB_API int wb_wait(struct wb_context *context, int64_t timeout_ms, struct wb_error *err)
{
	return wb_wait_for(context, WB_NEED_CONN, timeout_ms, err);
}

/* ---- the database itself --------------------------------------------------------- */

static int need_admin(struct wb_context *c, struct wb_error *err)
{
	if (!c->has_url || c->o.sqlite_handle)
		return wb_err_set(err, WB_EUSAGE, "a database URL is needed");
	return wb_need_driver(c, err);
}

WB_API int wb_create_database(struct wb_context *context, bool *ret_created, struct wb_error *err)
{
	bool created = false;
	int rc = need_admin(context, err);
	struct wb_open_options o = wb_context_open_options(context);
	if (rc == 0)
		rc = context->driver->create_db(&o, &created, err);
	if (rc == 0 && ret_created)
		*ret_created = created;
	return rc;
}

static int check_reset(struct wb_context *c, struct wb_error *err)
{
	if (c->o.allow_reset && !c->o.protected_environment)
		return 0;
	wb_err_set(err, WB_EPROTECTED,
		   c->o.protected_environment ? "this environment is protected: its database is not dropped"
					      : "dropping a database is allowed only where the configuration says so");
	wb_err_hint(err, "set `allow_reset: true` for the environment in whimbrel.yaml (never in production)");
	return WB_EPROTECTED;
}

WB_API int wb_drop_database(struct wb_context *context, bool *ret_dropped, struct wb_error *err)
{
	bool dropped = false;
	int rc = check_reset(context, err);
	if (rc == 0)
		rc = need_admin(context, err);
	if (rc < 0)
		return rc;
	wb_conn_close(context->conn);
	context->conn = NULL;
	struct wb_open_options o = wb_context_open_options(context);
	rc = context->driver->drop_db(&o, &dropped, err);
	if (rc == 0 && ret_dropped)
		*ret_dropped = dropped;
	return rc;
}

WB_API int wb_reset_database(struct wb_context *context, struct wb_error *err)
{
	int rc = wb_drop_database(context, NULL, err);
	return rc < 0 ? rc : wb_create_database(context, NULL, err);
}

/* ---- new files ---------------------------------------------------------------------- */

static int family_of(const char *style, enum wb_family *ret_family, struct wb_error *err)
{
	*ret_family = WB_FAMILY_NONE;
	for (int f = WB_FAMILY_PAIRED; style && f <= WB_FAMILY_NUMBERED; f++) {
		if (!strcmp(wb_family_name((enum wb_family)f), style))
			*ret_family = (enum wb_family)f;
	}
	if (!style || *ret_family)
		return 0;
	wb_err_set(err, WB_EUSAGE, "there is no style \"%s\"", style);
	wb_err_hint(err, "versioned, timestamped, numbered or paired");
	return WB_EUSAGE;
}

static int give(const char *path, const char *down, char **ret_path, char **ret_down_path, struct wb_error *err)
{
	char *path_copy = strdup(path), *down_copy = down ? strdup(down) : NULL;
	if (!path_copy || (down && !down_copy)) {
		free(path_copy);
		free(down_copy);
		return wb_err_nomem(err);
	}
	*ret_path = path_copy;
	if (ret_down_path)
		*ret_down_path = down_copy;
	return 0;
}

WB_API int wb_new(struct wb_context *context, const struct wb_new_file *file, char **ret_path, char **ret_down_path,
		  struct wb_error *err)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct wb_new_file f;
	const char *path = NULL, *down = NULL;
	enum wb_family family = WB_FAMILY_NONE;
	int rc = wb_take_options(&f, sizeof(f), file, "wb_new_file", err);
	if (rc == 0 && (!f.description || !*f.description))
		rc = wb_err_set(err, WB_EUSAGE, "a new migration needs a description");
	if (rc == 0)
		rc = family_of(f.style, &family, err);
	if (rc == 0 && !context->o.dir)
		rc = wb_err_set(err, WB_EUSAGE, "no folder of migrations was given");
	if (rc < 0)
		return rc;
	struct wb_new_options o = { .dir = context->o.dir,
				    .family = family,
				    .numbering = context->o.strict_numbering ? WB_NUMBERING_STRICT : WB_NUMBERING_FREE,
				    .description = f.description,
				    .type = f.type,
				    .template_name = f.template_name,
				    .author = f.author,
				    .depends = f.depends,
				    .n_depends = f.n_depends,
				    .breaking = f.breaking,
				    .up = f.up,
				    .down = f.down,
				    .dialect = context->dialect,
				    .engine = context->engine,
				    .now_us = wb_wall_us() };
	rc = wb_source_new(&o, &a, &path, &down, err);
	return rc < 0 ? rc : give(path, ret_down_path ? down : NULL, ret_path, ret_down_path, err);
}

/* ---- the journal's DDL ------------------------------------------------------------------ */

WB_API int wb_journal_sql(struct wb_context *context, char **ret_sql, struct wb_error *err)
{
	int rc = wb_need_driver(context, err);
	if (rc < 0)
		return rc;
	wb_autostr s = WB_STR_INIT;
	wb_str_addf(&s, "-- The journal of Whimbrel %s, format %d. Run it as a role that may create.\n", wb_version(),
		    WB_JOURNAL_FORMAT);
	rc = context->driver->journal_sql(context->o.journal_schema, &s, err);
	if (rc < 0)
		return rc;
	*ret_sql = wb_str_take(&s);
	return *ret_sql ? 0 : wb_err_nomem(err);
}

/* ---- read-only queries --------------------------------------------------------------------- */

struct reading {
	wb_result_row_fn row;
	void *user;
	WB_VEC(const char *) values;
};

static int pass_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct reading *r = user;
	r->values.n = 0;
	for (int i = 0; i < row->n; i++) {
		if (!wb_vec_push(&r->values, row->v[i].p))
			return wb_err_nomem(err);
	}
	return r->row(r->user, (size_t)row->n, row->names, r->values.v);
}

/* A connection of its own, which can do no harm; a borrowed handle has but one, and is told to read only. */
static int open_for_reading(struct wb_context *c, struct wb_conn **ret_conn, struct wb_error *err)
{
	if (c->o.sqlite_handle) {
		int rc = wb_prepare(c, WB_NEED_CONN, err);
		if (rc == 0)
			rc = wb_conn_read_only(c->conn, true, err);
		*ret_conn = rc < 0 ? NULL : c->conn;
		return rc;
	}
	if (!c->has_url)
		return wb_err_set(err, WB_EUSAGE, "no database was given");
	int rc = wb_need_driver(c, err);
	struct wb_open_options o = wb_context_open_options(c);
	o.read_only = true;
	return rc < 0 ? rc : wb_conn_open(c->driver, &o, ret_conn, err);
}

static int stop_reading(struct wb_conn *conn, int rc, struct wb_error *err)
{
	struct wb_error second;
	int off = wb_conn_read_only(conn, false, &second);
	if (rc == 0 && off < 0 && err)
		*err = second;
	return rc < 0 ? rc : off;
}

static int asked_to_stop(void *user)
{
	struct wb_context *c = user;
	return *c->stop ? WB_ECANCELLED : 0;
}

WB_API int wb_read_query(struct wb_context *context, const char *sql, wb_result_row_fn row, void *user,
			 struct wb_error *err)
{
	struct reading r = { .row = row, .user = user };
	struct wb_query q = { .sql = wb_sv_trim(wb_sv_str(sql)), .row = pass_row, .row_user = &r };
	size_t done, offset;
	struct wb_conn *conn = NULL;
	int rc = sql ? open_for_reading(context, &conn, err) : wb_err_set(err, WB_EUSAGE, "no query was given");
	while (q.sql.n && q.sql.p[q.sql.n - 1] == ';')
		q.sql = wb_sv_trim(wb_sv(q.sql.p, q.sql.n - 1));
	if (rc == 0) {
		conn->tick = asked_to_stop;
		conn->tick_user = context;
		rc = wb_run(conn, &q, 1, &done, &offset, err);
		conn->tick = NULL;
	}
	if (rc == WB_ECANCELLED)
		*context->stop = 0;
	wb_vec_done(&r.values);
	if (conn == context->conn)
		rc = conn ? stop_reading(conn, rc, err) : rc;
	else
		wb_conn_close(conn);
	return rc;
}
