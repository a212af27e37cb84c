/* SPDX-License-Identifier: Apache-2.0
 *
 * Dumping: pg_dump in its custom format, as of one snapshot, through a pipe
 * into a file of ours. What passes is hashed on its way, so that the file need
 * not be read again. How far it is, is told by the tables that pg_dump names
 * and, within one, by the server (from version 14 on).
 */
#include "driver/postgres/dump.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/banned.h"

#define LOOK_MS 500

struct dumping {
	struct wb_pg *c;
	struct wb_dump *d;
	struct wb_sha256 hash;
	struct wb_arena arena;
	struct wb_map sizes; /* of tables by name: int64_t * */
	const char *application;
	int64_t done, within, total, current; /* bytes in the database: tables done, in this one, all, this one */
	int64_t look_ms;
	bool blind; /* the server cannot tell, or no longer */
};

/* ---- progress ------------------------------------------------------------------ */

static int take_size(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct dumping *g = user;
	int64_t *size = wb_arena_alloc(&g->arena, sizeof(*size));
	char *name = wb_arena_sv(&g->arena, row->v[0]);
	if (!size || !name || !wb_map_put(&g->sizes, wb_sv_str(name), size))
		return wb_err_nomem(err);
	*size = wb_pg_cell_number(row, 2);
	g->total += *size > 0 ? *size : 0;
	return 0;
}

static bool take_line(void *user, struct wb_sv line)
{
	static const char mark[] = "dumping contents of table \"";
	struct dumping *g = user;
	const char *at = memmem(line.p, line.n, mark, sizeof(mark) - 1);
	if (!at)
		return wb_pg_tool_complains(line);
	at += sizeof(mark) - 1;
	struct wb_sv name = wb_sv(at, (size_t)(line.p + line.n - at));
	name.n -= name.n && name.p[name.n - 1] == '"';
	const int64_t *size = wb_map_get(&g->sizes, name);
	g->done += g->current;
	g->current = size ? *size : 0;
	g->within = 0;
	return false;
}

static void look(struct dumping *g)
{
	struct wb_value application = wb_v_text(g->application);
	struct wb_error ignored;
	int64_t n = 0, now = wb_now_ms();
	if (g->blind || now < g->look_ms)
		return;
	g->look_ms = now + LOOK_MS;
	g->blind = g->c->base.server_version < 140000 ||
		   wb_pg_number(g->c, WB_PG_SQL_DUMP_PROGRESS, &application, 1, 0, &n, &ignored) < 0;
	if (!g->blind && n > g->within)
		g->within = n < g->current ? n : g->current;
}

static int tick(void *user, struct wb_error *err)
{
	struct dumping *g = user;
	look(g);
	return wb_copied(g->d->copying, g->done + g->within, g->total, err);
}

/* ---- pg_dump --------------------------------------------------------------------- */

static int take_output(void *user, const char *p, size_t n, struct wb_error *err)
{
	struct dumping *g = user;
	int rc = wb_fs_write(g->d->fd, p, n, g->d->path, err);
	wb_sha256_add(&g->hash, p, n);
	g->d->size += (int64_t)n;
	return rc;
}

static int run_pg_dump(struct dumping *g, const char *snapshot, struct wb_error *err)
{
	const struct wb_open_options *o = &g->c->base.options;
	const char *tools = g->d->copying ? g->d->copying->tools : NULL;
	struct wb_pg_tool tool;
	int rc = wb_pg_tool_find(tools, "pg_dump", g->c->base.server_version / 10000, &g->arena, &tool, err);
	if (rc == 0)
		rc = wb_pg_tool_connect(&tool, o, NULL, g->application, &g->arena, err);
	if (rc < 0)
		return rc;
	const char *connection = wb_arena_printf(&g->arena, "--dbname=%s", tool.connection);
	const char *as_of = snapshot ? wb_arena_printf(&g->arena, "--snapshot=%s", snapshot) : NULL;
	if (!connection || (snapshot && !as_of))
		return wb_err_nomem(err);
	const char *const argv[] = { tool.path,
				     "--format=custom",
				     "--no-password",
				     "--verbose",
				     "--lock-wait-timeout=60000",
				     connection,
				     as_of,
				     NULL };
	const struct wb_proc_run run = {
		.argv = argv, .env = tool.env, .in = -1, .out = take_output, .line = take_line, .tick = tick, .user = g
	};
	(void)snprintf(g->d->tool, sizeof(g->d->tool), "pg_dump %s", tool.version);
	return wb_pg_tool_failed(wb_proc_run(&run, err), &tool, err);
}

/* ---- one moment --------------------------------------------------------------------- */

static int export_snapshot(struct dumping *g, const char **ret_snapshot, struct wb_error *err)
{
	struct wb_pg_first first = { .arena = &g->arena };
	struct wb_query q[] = {
		{ .sql = WB_SV("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") },
		{ .sql = WB_SV("SET LOCAL idle_in_transaction_session_timeout = 0") },
		{ .sql = WB_SV("SELECT pg_catalog.pg_export_snapshot()"), .row = wb_pg_take_first, .row_user = &first },
	};
	size_t done, offset;
	int rc = wb_pg_run(&g->c->base, q, WB_ARRAY_LEN(q), &done, &offset, err);
	*ret_snapshot = first.v[0];
	return rc;
}

int wb_pg_dump(struct wb_conn *conn, struct wb_dump *d, struct wb_error *err)
{
	struct dumping g = { .c = wb_pg(conn), .d = d, .arena = WB_ARENA_INIT };
	char id[37];
	const char *snapshot = NULL;
	wb_uuid(id);
	wb_sha256_init(&g.hash);
	(void)wb_sv_copy(WB_SV("custom"), d->format, sizeof(d->format));
	g.application = wb_arena_printf(&g.arena, "whimbrel backup %.8s", id);
	int rc = g.application ? wb_pg_ask(g.c, WB_PG_SQL_DUMP_TABLES, NULL, 0, take_size, &g, err) : wb_err_nomem(err);
	if (rc == 0 && d->keep_snapshot)
		rc = export_snapshot(&g, &snapshot, err);
	if (rc == 0)
		rc = run_pg_dump(&g, snapshot, err);
	if (rc == 0)
		wb_sha256_final(&g.hash, d->sha256);
	wb_map_done(&g.sizes);
	wb_arena_done(&g.arena);
	return rc;
}

/* ---- looking at a dump ------------------------------------------------------------------ */

static int listening(void *user, struct wb_error *err)
{
	const struct wb_dump *d = user;
	return wb_copied(d->copying, -1, -1, err);
}

/* pg_restore reads the list of contents; a file that is cut or none of its own has none. */
int wb_pg_dump_check(const struct wb_dump *d, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_pg_tool tool;
	struct wb_dump copy = *d;
	int rc = wb_pg_tool_find(d->copying ? d->copying->tools : NULL, "pg_restore", 0, &a, &tool, err);
	if (rc < 0)
		return rc;
	const char *const argv[] = { tool.path, "--list", NULL };
	const char *const env[] = { "LC_ALL=C", NULL };
	int in = open(d->path, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return wb_err_errno(err, WB_EIO, "cannot open %s", d->path);
	const struct wb_proc_run run = { .argv = argv, .env = env, .in = in, .tick = listening, .user = &copy };
	rc = wb_proc_run(&run, err);
	(void)close(in);
	if (rc == WB_EIO && err) {
		char why[sizeof(err->detail)];
		(void)wb_sv_copy(wb_sv_str(err->detail), why, sizeof(why));
		wb_err_set(err, WB_EINPUT, "%s is no whole dump: pg_restore cannot list it", d->path);
		wb_err_detail(err, "%s", why);
		rc = WB_EINPUT;
	}
	return rc;
}

/* ---- rows, compared ------------------------------------------------------------------------ */

struct tables {
	struct wb_arena arena;
	WB_VEC(const char *) names;
};

static int take_name(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct tables *t = user;
	const char *name = wb_arena_sv(&t->arena, row->v[1]);
	return name && wb_vec_push(&t->names, name) ? 0 : wb_err_nomem(err);
}

static int print_table(struct wb_pg *c, const char *name, wb_table_fn table, void *user, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_pg_first first = { .arena = &a };
	size_t done, offset;
	int64_t rows = 0;
	wb_str_addf(&sql,
		    "SELECT pg_catalog.count(*), coalesce(pg_catalog.sum(CAST(pg_catalog.hashtextextended("
		    "CAST(ROW(whimbrel_row.*) AS pg_catalog.text), 0) AS pg_catalog.numeric)), 0) FROM ONLY %s "
		    "whimbrel_row",
		    name);
	struct wb_query q = { .sql = wb_str_sv(&sql), .row = wb_pg_take_first, .row_user = &first };
	int rc = sql.failed ? wb_err_nomem(err) : wb_pg_run(&c->base, &q, 1, &done, &offset, err);
	if (rc < 0 || !first.found)
		return rc;
	(void)wb_sv_i64(wb_sv_str(first.v[0]), &rows);
	return table(user, name, rows, first.v[1], err);
}

/* Values as text must not depend on what the database or the role has set. */
static const char *const plain[] = {
	"SET LOCAL extra_float_digits = 3", "SET LOCAL datestyle = 'ISO, YMD'",
	"SET LOCAL timezone = 'UTC'",       "SET LOCAL intervalstyle = 'postgres'",
	"SET LOCAL bytea_output = 'hex'",   "SET LOCAL search_path = pg_catalog",
};

int wb_pg_fingerprint(struct wb_conn *conn, wb_table_fn table, void *user, struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	struct tables t = { .arena = WB_ARENA_INIT };
	bool own = !conn->in_transaction;
	struct wb_error ignored;
	int rc = own ? wb_pg_do(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err) : 0;
	for (size_t i = 0; rc == 0 && i < WB_ARRAY_LEN(plain); i++)
		rc = wb_pg_do(c, plain[i], err);
	if (rc == 0)
		rc = wb_pg_ask(c, WB_PG_SQL_DUMP_TABLES, NULL, 0, take_name, &t, err);
	for (size_t i = 0; rc == 0 && i < t.names.n; i++)
		rc = print_table(c, t.names.v[i], table, user, err);
	if (own && wb_pg_rollback(conn, &ignored) < 0 && rc == 0)
		rc = wb_err_set(err, ignored.code, "%s", ignored.message);
	wb_vec_done(&t.names);
	wb_arena_done(&t.arena);
	return rc;
}
