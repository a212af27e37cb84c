/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a context and bringing, lazily, what a call needs: files, driver,
 * connection. A command that reads only files never pays for a driver.
 */
#include "context.h"

#include "backfill.h"
#include "reader.h"

#include <unistd.h>

#include "wb_build.h"

WB_API const char *wb_version(void)
{
	return WB_VERSION;
}

int wb_take_options(void *dst, size_t dst_size, const void *src, const char *what, struct wb_error *err)
{
	size_t size = src ? *(const size_t *)src : 0;
	memset(dst, 0, dst_size);
	if (!src)
		return 0;
	if (size < sizeof(size_t))
		return wb_err_set(err, WB_EUSAGE, "%s: the size field must be set to sizeof the struct", what);
	memcpy(dst, src, size < dst_size ? size : dst_size);
	return 0;
}

/* ---- opening ------------------------------------------------------------------ */

static int copy_strings(struct wb_context *c, struct wb_error *err)
{
	struct wb_options *o = &c->o;
	const char **strings[] = { &o->url,        &o->direct_url,     &o->dir,        &o->engine,
				   &o->project,    &o->journal_schema, &o->module_dir, &o->applied_by,
				   &o->backup_dir, &o->tools_dir };
	for (size_t i = 0; i < WB_ARRAY_LEN(strings); i++) {
		if (*strings[i] && !(*strings[i] = wb_arena_str(&c->arena, *strings[i])))
			return wb_err_nomem(err);
	}
	struct wb_named_value *values = wb_arena_array(&c->arena, o->n_variables + 1, sizeof(*values));
	if (!values)
		return wb_err_nomem(err);
	for (size_t i = 0; i < o->n_variables; i++) {
		values[i].name = wb_arena_str(&c->arena, o->variables[i].name);
		values[i].value = wb_arena_str(&c->arena, o->variables[i].value);
		if (!values[i].name || !values[i].value)
			return wb_err_nomem(err);
	}
	o->variables = values;
	return 0;
}

static const struct {
	const char *scheme, *engine;
	enum wb_dialect dialect;
	bool server;
} engines[] = {
	{ "sqlite", "sqlite", WB_DIALECT_SQLITE, false },
	{ "sqlite3", "sqlite", WB_DIALECT_SQLITE, false },
	{ "file", "sqlite", WB_DIALECT_SQLITE, false },
	{ "postgres", "postgresql", WB_DIALECT_POSTGRES, true },
	{ "postgresql", "postgresql", WB_DIALECT_POSTGRES, true },
};

static int set_engine(struct wb_context *c, const char *scheme, struct wb_error *err)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(engines); i++) {
		if (strcmp(engines[i].scheme, scheme))
			continue;
		c->engine = engines[i].engine;
		c->dialect = engines[i].dialect;
		c->has_server = engines[i].server;
		return 0;
	}
	wb_err_set(err, WB_EUSAGE, "there is no driver for \"%s\"", scheme);
	wb_err_hint(err, "use sqlite:PATH or postgres://USER@HOST/DATABASE");
	return WB_EUSAGE;
}

static int read_urls(struct wb_context *c, struct wb_error *err)
{
	int rc = 0;
	const char *text = c->o.url;
	if (c->o.sqlite_handle && !text)
		text = "sqlite::memory:"; /* a name only: the handle is what is used */
	if (text) {
		rc = wb_url_parse(&c->arena, text, &c->url, err);
		c->has_url = rc == 0;
	}
	if (rc == 0 && c->o.direct_url) {
		rc = wb_url_parse(&c->arena, c->o.direct_url, &c->direct, err);
		c->has_direct = rc == 0;
	}
	if (rc < 0)
		return rc;
	return set_engine(c, c->has_url ? c->url.scheme : c->o.engine ? c->o.engine : "postgresql", err);
}

static void set_defaults(struct wb_context *c)
{
	struct wb_options *o = &c->o;
	o->project = o->project ? o->project : "main";
	o->journal_schema = o->journal_schema ? o->journal_schema : "whimbrel";
	o->blocking_budget_ms = o->blocking_budget_ms ? o->blocking_budget_ms : 10000;
	o->connect_timeout_ms = o->connect_timeout_ms ? o->connect_timeout_ms : 10000;
	wb_proc_host(c->host, sizeof(c->host));
	c->sink = (struct wb_sink){ .log = o->log,
				    .log_user = o->log_user,
				    .level = o->log_level,
				    .event = o->event,
				    .event_user = o->event_user };
}

WB_API int wb_open(const struct wb_options *options, struct wb_context **ret_context, struct wb_error *err)
{
	struct wb_context *c = calloc(1, sizeof(*c));
	if (!c)
		return wb_err_nomem(err);
	int rc = wb_take_options(&c->o, sizeof(c->o), options, "wb_open", err);
	if (rc == 0 && ((c->o.n_embedded && !c->o.embedded) || (c->o.n_variables && !c->o.variables)))
		rc = wb_err_set(err, WB_EUSAGE, "wb_open: a number of migrations or variables without the array");
	if (rc == 0)
		rc = copy_strings(c, err);
	if (rc == 0)
		rc = read_urls(c, err);
	if (rc < 0) {
		wb_close(c);
		return rc;
	}
	set_defaults(c);
	c->stop = &c->cancel;
	*ret_context = c;
	return 0;
}

WB_API void wb_close(struct wb_context *context)
{
	if (!context)
		return;
	wb_conn_close(context->conn);
	wb_journal_drop_ahead(&context->ahead);
	wb_source_free(context->source);
	wb_arena_done(&context->arena);
	free(context);
}

WB_API void wb_cancel(struct wb_context *context)
{
	context->cancel = 1;
}

WB_API const char *wb_safe_url(const struct wb_context *context)
{
	return context->has_url ? context->url.safe : "";
}

WB_API const char *wb_engine(const struct wb_context *context)
{
	return context->engine;
}

WB_API int wb_mask_url(const char *url, char *buf, size_t size, struct wb_error *err)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct wb_url u;
	int rc = wb_url_parse(&a, url, &u, err);
	if (rc == 0)
		(void)wb_sv_copy(wb_sv_str(u.safe), buf, size);
	return rc;
}

/* ---- bringing what a call needs -------------------------------------------------- */

struct wb_open_options wb_context_open_options(struct wb_context *c)
{
	return (struct wb_open_options){ .url = &c->url,
					 .journal_schema = c->o.journal_schema,
					 .sink = &c->sink,
					 .connect_timeout_ms = (int)c->o.connect_timeout_ms,
					 .handle = c->o.sqlite_handle };
}

int wb_need_driver(struct wb_context *c, struct wb_error *err)
{
	return c->driver ? 0 : wb_driver_of(c, c->engine, &c->driver, err);
}

static int need_url(struct wb_context *c, struct wb_error *err)
{
	if (c->has_url)
		return 0;
	wb_err_set(err, WB_EUSAGE, "no database was given");
	wb_err_hint(err, "set DATABASE_URL, or pass --url sqlite:app.db or --url postgres://user@host/database");
	return WB_EUSAGE;
}

static int connect_again(void *user, bool direct, struct wb_conn **ret_conn, struct wb_error *err)
{
	struct wb_context *c = user;
	struct wb_open_options o = wb_context_open_options(c);
	o.monitor = true; /* neither counted nor struck by fault points */
	if (direct)
		o.url = &c->direct;
	return wb_conn_open(c->driver, &o, ret_conn, err);
}

/* Another database file of the same folder. */
static int connect_file(void *user, const char *name, struct wb_conn **ret_conn, struct wb_error *err)
{
	struct wb_context *c = user;
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct wb_open_options o = wb_context_open_options(c);
	const char *slash = c->url.database ? strrchr(c->url.database, '/') : NULL;
	int folder = slash ? (int)(slash - c->url.database) + 1 : 0;
	char *path = wb_arena_printf(&a, "%.*s%s", folder, folder ? c->url.database : "", name);
	if (!path)
		return wb_err_nomem(err);
	if (c->o.sqlite_handle || !wb_fs_exists(path))
		return wb_err_set(err, WB_ENOTFOUND, "there is no file %s", path);
	struct wb_url *url = wb_arena_alloc(&c->arena, sizeof(*url)); /* lives as long as the connection */
	char *database = wb_arena_str(&c->arena, path), *text = wb_arena_printf(&c->arena, "sqlite:%s", path);
	if (!url || !database || !text)
		return wb_err_nomem(err);
	*url = (struct wb_url){ .text = text, .safe = text, .scheme = "sqlite", .database = database };
	o.url = url;
	o.read_only = true;
	o.handle = NULL;
	return wb_conn_open(c->driver, &o, ret_conn, err);
}

/* Reading a database that is still to be created: as if it were there and empty. */
static bool is_missing_file(const struct wb_context *c)
{
	return (c->driver->caps & WB_CAP_FILE_LOCK) && !c->o.sqlite_handle &&
	       strcmp(c->url.database, ":memory:") != 0 && !wb_fs_exists(c->url.database);
}

/* The owner of a borrowed handle may have begun a transaction since the last call; looking is what shows it. */
static int check_idle(struct wb_context *c, struct wb_error *err)
{
	int rc = wb_exec(c->conn, "SELECT 1", err);
	if (rc < 0 || !c->conn->in_transaction)
		return rc;
	wb_err_set(err, WB_EREFUSED, "the application's connection has an open transaction");
	wb_err_hint(err, "commit or roll back before migrating");
	return WB_EREFUSED;
}

static int need_conn(struct wb_context *c, unsigned needs, struct wb_error *err)
{
	static const struct wb_url nothing_yet = {
		.text = "sqlite::memory:", .safe = "sqlite::memory:", .scheme = "sqlite", .database = ":memory:"
	};
	struct wb_open_options o;
	bool usable = c->conn && !c->conn->lost && !c->conn_is_standin;
	if (usable)
		return c->o.sqlite_handle ? check_idle(c, err) : 0;
	wb_conn_close(c->conn);
	c->conn = NULL;
	int rc = need_url(c, err);
	if (rc == 0)
		rc = wb_need_driver(c, err);
	if (rc < 0)
		return rc;
	o = wb_context_open_options(c);
	o.create = (needs & WB_NEED_WRITE) != 0;
	o.fault = c->fault;
	c->conn_is_standin = (needs & WB_NEED_READ) && is_missing_file(c);
	if (c->conn_is_standin)
		o.url = &nothing_yet;
	return wb_conn_open(c->driver, &o, &c->conn, err);
}

/* What reading the files wants to know. */
static int describe_source(struct wb_context *c, struct wb_source_options *ret_options, struct wb_error *err)
{
	struct wb_source_options so = { .dir = c->o.dir,
					.dialect = c->dialect,
					.engine = c->engine,
					.numbering = c->o.strict_numbering ? WB_NUMBERING_STRICT : WB_NUMBERING_FREE,
					.variables_default = c->o.variables_on,
					.embedded = c->staged,
					.n_embedded = c->n_staged,
					.listed = c->staged };
	if (c->o.n_embedded) {
		if (!c->embedded)
			c->embedded = wb_arena_array(&c->arena, c->o.n_embedded, sizeof(*c->embedded));
		for (size_t i = 0; c->embedded && i < c->o.n_embedded; i++)
			c->embedded[i] = (struct wb_embedded){ c->o.embedded[i].name, c->o.embedded[i].text };
		if (!c->embedded)
			return wb_err_nomem(err);
		so.dir = NULL;
		so.embedded = c->embedded;
		so.n_embedded = c->o.n_embedded;
	} else if (!c->o.dir) {
		wb_err_set(err, WB_EUSAGE, "no folder of migrations was given, and none of the usual ones exists");
		wb_err_hint(err, "pass --dir DIR, or let `whimbrel init` make migrations/");
		return WB_EUSAGE;
	}
	*ret_options = so;
	return 0;
}

static void use_source(struct wb_context *c, struct wb_source *s)
{
	wb_source_free(c->source);
	c->source = s;
	wb_log(&c->sink, WB_LOG_DEBUG, "%s: %zu migrations, %zu files of other engines, %zu problems",
	       c->o.n_embedded ? "embedded" : c->o.dir, s->n, s->skipped, s->n_problems);
}

static int need_source(struct wb_context *c, struct wb_error *err)
{
	struct wb_source_options so;
	struct wb_source *s = NULL;
	int rc = describe_source(c, &so, err);
	if (rc == 0)
		rc = wb_source_open(&so, &s, err);
	if (rc == 0)
		use_source(c, s);
	return rc;
}

static int fill_target(struct wb_context *c, struct wb_error *err)
{
	/* Once: a program that asks every second would grow. */
	if (!c->variables)
		c->variables = wb_arena_array(&c->arena, c->o.n_variables + 1, sizeof(*c->variables));
	if (!c->variables)
		return wb_err_nomem(err);
	for (size_t i = 0; i < c->o.n_variables; i++)
		c->variables[i] = (struct wb_variable){ c->o.variables[i].name, c->o.variables[i].value };
	c->target = (struct wb_target){
		.driver = c->driver,
		.conn = c->conn,
		.connect = connect_again,
		.connect_file = connect_file,
		.connect_user = c,
		.has_direct = c->has_direct,
		.source = c->source,
		.sink = c->sink,
		.project = c->o.project,
		.journal_schema = c->o.journal_schema,
		.applied_by = c->o.applied_by,
		.user = &c->user,
		.host = c->host,
		.tool_version = WB_VERSION,
		.variables = c->variables,
		.n_variables = c->o.n_variables,
		.variables_on = c->o.variables_on,
		.blocking_budget_ms = c->o.blocking_budget_ms,
		.is_protected = c->o.protected_environment,
		.undo_off = c->o.undo_off,
		.trash = c->o.trash,
		.cancel = c->stop,
		.backup_dir = c->o.backup_dir,
		.tools_dir = c->o.tools_dir,
		.ahead = &c->ahead,
		.suite = c->load_suite ? wb_check_section : NULL,
		.suite_user = c,
		.backfill = wb_backfill_make,
		.backfill_user = c,
	};
	return 0;
}

static int read_ahead(struct wb_context *c, struct wb_error *err)
{
	int rc = fill_target(c, err);
	if (rc == 0)
		wb_journal_read_ahead(&c->target);
	return rc;
}

/* What is wrong with the files is told rather than what is wrong with the server: it is nearer to hand. */
static int need_both(struct wb_context *c, unsigned needs, struct wb_error *err)
{
	struct wb_reader r = { 0 };
	struct wb_source *s = NULL;
	int read = describe_source(c, &r.options, err);
	if (read < 0)
		return read;
	wb_reader_start(&r);
	int rc = need_conn(c, needs, err);
	if (rc == 0 && (needs & WB_NEED_JOURNAL))
		rc = read_ahead(c, err);
	read = wb_reader_finish(&r, &s, err);
	if (read == 0)
		use_source(c, s);
	return read < 0 ? read : rc;
}

/* An SQLite file must not be made for files that are wrong. */
static bool can_overlap(const struct wb_context *c)
{
	return c->has_url && !c->o.sqlite_handle && c->o.dir && wb_fs_is_dir(c->o.dir) &&
	       (c->has_server || wb_fs_exists(c->url.database));
}

int wb_prepare(struct wb_context *c, unsigned needs, struct wb_error *err)
{
	bool files = needs & WB_NEED_SOURCE, conn = needs & (WB_NEED_CONN | WB_NEED_WRITE | WB_NEED_READ);
	int rc = 0;
	wb_journal_drop_ahead(&c->ahead);
	if (files && conn && can_overlap(c)) {
		rc = need_both(c, needs, err);
		return rc < 0 ? rc : fill_target(c, err);
	}
	if (files)
		rc = need_source(c, err);
	if (rc == 0 && conn)
		rc = need_conn(c, needs, err);
	return rc < 0 ? rc : fill_target(c, err);
}

WB_API void wb_check_loader(struct wb_context *context, wb_check_load_fn load, void *user)
{
	context->load_suite = load;
	context->load_user = user;
}

WB_API void wb_transform_loader(struct wb_context *context, wb_transform_load_fn load, void *user)
{
	context->load_rules = load;
	context->rules_user = user;
}
