/* SPDX-License-Identifier: Apache-2.0
 *
 * The SQLite driver: opening and closing, and its table of methods. A handle
 * lent by an embedding application is given back as it came, as far as sqlite3
 * lets us see what it was.
 */
#include "driver/sqlite/sqlite.h"

#include <errno.h>
#include <unistd.h>

#include "driver/sqlite/copy.h"
#include "driver/sqlite/mock.h"
#include "driver/sqlite/nest.h"
#include "driver/sqlite/sqlite_sql.h"
#include "wb_build.h"

/* ---- opening ----------------------------------------------------------------------- */

/* The prefix of the journal's tables; it goes into SQL unquoted. */
static int journal_prefix(struct wb_arena *a, const char *schema, char **ret_prefix, struct wb_error *err)
{
	const char *name = schema ? schema : "whimbrel", *p;

	for (p = name;
	     *p == '_' || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (p > name && *p >= '0' && *p <= '9');
	     p++)
		;
	if (*p || p == name || p - name > 60) {
		(void)wb_err_set(err, WB_EUSAGE, "\"%s\" cannot be the prefix of the journal's tables", name);
		wb_err_hint(err, "journal_schema may hold letters, digits and _, not begin with a digit, 60 at most");
		return WB_EUSAGE;
	}
	*ret_prefix = wb_arena_printf(a, "%s_", name);
	return *ret_prefix ? 0 : wb_err_nomem(err);
}

static int cannot_open(struct wb_sqlite *c, const char *path, struct wb_error *err)
{
	int cause = sqlite3_system_errno(c->db);

	errno = cause;
	if (cause == ENOENT && !c->base.options.create) {
		(void)wb_err_set(err, WB_ECONN, "the database file \"%s\" does not exist", path);
		wb_err_hint(err, "is the path right? A new one is made by the commands up, baseline and create");
	} else {
		(void)wb_err_errno(err, WB_ECONN, "the database file \"%s\" cannot be opened", path);
		wb_err_hint(err, "its folder must exist, and both must be accessible for this user");
	}
	return WB_ECONN;
}

static int open_handle(struct wb_sqlite *c, const char *path, int flags, struct wb_error *err)
{
	const char *vfs = flags & SQLITE_OPEN_READWRITE ? wb_sqlite_vfs_open(c) : NULL;
	int rc = sqlite3_open_v2(path, &c->db, flags | SQLITE_OPEN_NOMUTEX, vfs);

	if (!c->db)
		return wb_err_nomem(err);
	if ((rc & 0xff) == SQLITE_CANTOPEN)
		return cannot_open(c, path, err);
	if (rc)
		return wb_sqlite_error(c, rc, err);
	wb_sqlite_listen(c);
	/* sqlite3 has not looked into the file yet. */
	return wb_sqlite_value(c, "PRAGMA schema_version", NULL, 0, err);
}

/* A read-only handle cannot mend what a crash has left behind, and until that is done nobody can read. Then the file
 * is opened for writing, of which sqlite3 makes use for the mending alone. */
static int open_to_recover(struct wb_sqlite *c, const char *path, struct wb_error *err)
{
	int rc;

	(void)sqlite3_close_v2(wb_steal(&c->db));
	rc = open_handle(c, path, SQLITE_OPEN_READWRITE, err);
	return rc ? rc : wb_sqlite_exec(c, "PRAGMA query_only = ON", err);
}

static int open_file(struct wb_sqlite *c, struct wb_error *err)
{
	const struct wb_open_options *o = &c->base.options;
	char *path = wb_sqlite_file(&c->arena, o);
	int flags = SQLITE_OPEN_READWRITE, rc;

	if (!path)
		return wb_err_nomem(err);
	if (strcmp(path, ":memory:") == 0 || o->create)
		flags |= SQLITE_OPEN_CREATE;
	else if (o->read_only)
		flags = SQLITE_OPEN_READONLY;
	rc = open_handle(c, path, flags, err);
	if (rc && flags == SQLITE_OPEN_READONLY && c->db && (sqlite3_errcode(c->db) & 0xff) == SQLITE_READONLY)
		rc = open_to_recover(c, path, err);
	return rc;
}

static int lend_handle(struct wb_sqlite *c, struct wb_error *err)
{
	char ms[16];
	int64_t n = 0;
	int rc;

	if (!sqlite3_get_autocommit(c->base.options.handle)) {
		(void)wb_err_set(err, WB_EREFUSED, "the application's connection has an open transaction");
		wb_err_hint(err, "commit or roll back before migrating");
		return WB_EREFUSED;
	}
	c->db = c->base.options.handle;
	c->embedded = true;
	rc = wb_sqlite_value(c, "PRAGMA busy_timeout", ms, sizeof(ms), err);
	if (!rc && wb_sv_i64(wb_sv_str(ms), &n))
		c->saved_busy_ms = (int)n;
	wb_sqlite_listen(c);
	return rc;
}

/* Where the lock file belongs: two names of one file share one lock. */
static int set_path(struct wb_sqlite *c, struct wb_error *err)
{
	const char *name = sqlite3_db_filename(c->db, "main");

	if (!name || !name[0])
		return 0;
	c->path = realpath(name, NULL);
	if (c->path)
		return 0;
	return errno == ENOMEM ? wb_err_nomem(err)
			       : wb_err_errno(err, WB_ECONN, "the database file \"%s\" cannot be found", name);
}

static void set_server(struct wb_conn *conn)
{
	int n = sqlite3_libversion_number(); /* 3040001 */

	conn->server_version = n / 1000000 * 10000 + n / 1000 % 1000 * 100 + n % 1000;
	(void)snprintf(conn->server, sizeof(conn->server), "SQLite %s", sqlite3_libversion());
}

/* whimbrel_time(ms): that many milliseconds ago, RFC 3339. The journal's clock; sqlite3's own strftime() would cost as
 * much as all the rest of the journal's writing. No schema can come to depend on it. */
static void time_function(sqlite3_context *context, int n, sqlite3_value **args)
{
	char text[40];

	(void)n;
	(void)wb_time_rfc3339(wb_wall_us() - sqlite3_value_int64(args[0]) * 1000, text, sizeof(text));
	sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

static int define_time(struct wb_sqlite *c, bool there, struct wb_error *err)
{
	int rc = sqlite3_create_function_v2(c->db, "whimbrel_time", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL,
					    there ? time_function : NULL, NULL, NULL, NULL);

	return rc ? wb_sqlite_error(c, rc, err) : 0;
}

static int open_conn(struct wb_conn *conn, struct wb_error *err)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);
	int ms = conn->options.connect_timeout_ms;
	int rc = journal_prefix(&c->arena, conn->options.journal_schema, &c->journal, err);

	set_server(conn);
	c->busy_ms = ms > 0 ? ms : WB_SQLITE_CONNECT_MS;
	if (!rc)
		rc = conn->options.handle ? lend_handle(c, err) : open_file(c, err);
	if (!rc)
		rc = define_time(c, true, err);
	if (!rc)
		rc = set_path(c, err);
	c->busy_ms = WB_SQLITE_BUSY_MS;
	return rc;
}

/* ---- closing ------------------------------------------------------------------------- */

static void give_back(struct wb_sqlite *c)
{
	(void)wb_sqlite_session_restore(c, NULL);
	(void)define_time(c, false, NULL);
	sqlite3_progress_handler(c->db, 0, NULL, NULL);
	(void)sqlite3_busy_timeout(c->db, c->saved_busy_ms);
}

static void drop_link(struct wb_conn *conn)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);

	wb_sqlite_forget_statements(c);
	if (c->db) {
		c->deaf = true;
		c->foreign_keys_off = false;
		(void)wb_sqlite_rollback(conn, NULL);
		c->deaf = true;
		wb_sqlite_journal_drop(c);
	}
	if (c->embedded && c->db)
		give_back(c);
	else
		(void)sqlite3_close_v2(c->db); /* an open transaction rolls back */
	wb_sqlite_vfs_close(c);
	c->db = NULL;
	conn->in_transaction = false;
}

static void close_conn(struct wb_conn *conn)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);

	drop_link(conn);
	(void)wb_sqlite_lock_release(conn, NULL);
	(void)sqlite3_close_v2(c->empty);
	wb_sqlite_breaches_done(&c->breaches);
	free(c->path);
	free(c->row);
	free(c->names);
	wb_arena_done(&c->arena);
}

/* ---- the journal's SQL ------------------------------------------------------------------ */

static const char *find_sql(enum wb_sql_id id)
{
	const char *name = wb_sql_name(id);
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(wb_sqlite_sql); i++)
		if (strcmp(wb_sqlite_sql[i].name, name) == 0)
			return wb_sqlite_sql[i].text;
	return "";
}

static const char *get_sql(struct wb_conn *conn, enum wb_sql_id id)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);

	if (!c->sql[id])
		c->sql[id] = wb_sql_expand(&c->arena, find_sql(id), c->journal);
	return c->sql[id];
}

/* The table's name stands open: rules may name one of their own. */
static int add_rejects(struct wb_arena *a, const char *prefix, struct wb_str *out, struct wb_error *err)
{
	const char *create = find_sql(WB_SQL_REJECTS_CREATE), *hole = strstr(create, "@table@");
	const char *table = wb_sql_expand(a, find_sql(WB_SQL_REJECTS_TABLE), prefix);

	if (!hole) /* a build without transformations */
		return 0;
	if (!table)
		return wb_err_nomem(err);
	wb_str_addn(out, create, (size_t)(hole - create));
	wb_str_addsv(out, wb_sv_trim(wb_sv_str(table)));
	wb_str_addsv(out, wb_sv_trim(wb_sv_str(hole + strlen("@table@"))));
	wb_str_add(out, ";\n");
	return 0;
}

static int journal_sql(const char *schema, struct wb_str *out, struct wb_error *err)
{
	static const enum wb_sql_id parts[] = { WB_SQL_JOURNAL_CREATE, WB_SQL_STATE_CREATE, WB_SQL_TIMING_CREATE,
						WB_SQL_TRASH_CREATE };
	wb_autoarena a = WB_ARENA_INIT;
	char *prefix, *text;
	size_t i;
	int rc = journal_prefix(&a, schema, &prefix, err);

	if (rc)
		return rc;
	for (i = 0; i < WB_ARRAY_LEN(parts); i++) {
		text = wb_sql_expand(&a, find_sql(parts[i]), prefix);
		if (!text)
			return wb_err_nomem(err);
		wb_str_addsv(out, wb_sv_trim(wb_sv_str(text)));
		wb_str_add(out, ";\n");
	}
	rc = add_rejects(&a, prefix, out, err);
	return rc == 0 && out->failed ? wb_err_nomem(err) : rc;
}

static int read_only(struct wb_conn *conn, bool on, struct wb_error *err)
{
	return wb_sqlite_exec(wb_sqlite_of(conn),
			      on || conn->options.read_only ? "PRAGMA query_only = ON" : "PRAGMA query_only = OFF",
			      err);
}

static int look(struct wb_conn *conn, bool on, struct wb_error *err)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);
	struct wb_error second;
	int rc, off;

	if (on) {
		rc = wb_sqlite_exec(c, "SAVEPOINT whimbrel_look", err);
		conn->in_transaction = !sqlite3_get_autocommit(c->db);
		return rc ? rc : wb_sqlite_exec(c, "PRAGMA query_only = ON", err);
	}
	rc = wb_sqlite_exec(c, "ROLLBACK TO whimbrel_look", err);
	if (rc == 0)
		rc = wb_sqlite_exec(c, "RELEASE whimbrel_look", err);
	conn->in_transaction = !sqlite3_get_autocommit(c->db);
	off = conn->options.read_only ? 0 : wb_sqlite_exec(c, "PRAGMA query_only = OFF", &second);
	if (rc == 0 && off < 0 && err)
		*err = second;
	return rc ? rc : off;
}

/* ---- the table ------------------------------------------------------------------------------ */

const struct wb_driver *wb_sqlite_driver(void)
{
	static const char *const schemes[] = { "sqlite", "sqlite3", NULL };
	static const struct wb_driver driver = {
		.version = WB_DRIVER_VERSION,
		.name = "sqlite",
		.schemes = schemes,
		.dialect = WB_DIALECT_SQLITE,
		.caps = WB_CAP_TX_DDL | WB_CAP_FILE_LOCK | WB_CAP_LOCK_TIMEOUT,
		.conn_size = sizeof(struct wb_sqlite),
		.index_ways = WB_INDEX_NOCASE,
		.open = open_conn,
		.close = close_conn,
		.drop_link = drop_link,
		.run = wb_sqlite_run,
		.tx_begin = wb_sqlite_tx_begin,
		.restore = wb_sqlite_restore,
		.tx_commit = wb_sqlite_tx_commit,
		.rollback = wb_sqlite_rollback,
		.set_lock_timeout = wb_sqlite_set_lock_timeout,
		.constraints_now = wb_sqlite_constraints_now,
		.before_migration = wb_sqlite_before_migration,
		.check = wb_sqlite_check,
		.after_migration = wb_sqlite_after_migration,
		.compile = wb_sqlite_compile,
		.rebuild_begin = wb_sqlite_rebuild_begin,
		.rebuild_end = wb_sqlite_rebuild_end,
		.classify = wb_sqlite_classify,
		.syntax = wb_sqlite_syntax,
		.sql = get_sql,
		.journal_sql = journal_sql,
		.read_only = read_only,
		.look = look,
		.probe = wb_sqlite_probe,
		.lock_try = wb_sqlite_lock_try,
		.lock_release = wb_sqlite_lock_release,
		.lock_list = wb_sqlite_lock_list,
		.lock_break = wb_sqlite_lock_break,
		.create_db = wb_sqlite_create,
		.drop_db = wb_sqlite_drop,
		.exists_db = wb_sqlite_exists,
		.dump = wb_sqlite_dump,
		.dump_check = wb_sqlite_dump_check,
		.dump_suffix = ".db",
		.fingerprint = wb_sqlite_fingerprint,
		.scratch_open = wb_sqlite_scratch_open,
		.scratch_swap = wb_sqlite_scratch_swap,
		.scratch_close = wb_sqlite_scratch_close,
		.script = wb_sqlite_script,
		.inspect = wb_sqlite_inspect,
		.operations = wb_sqlite_operations,
		.survey = wb_sqlite_survey,
		.literal = "quote",
		.row_json = wb_sqlite_row_json,
		.from_json = wb_sqlite_from_json,
#ifdef WB_MOCK
		.explain = wb_sqlite_explain,
		.mock_open = wb_sqlite_mock_open,
		.mock_try = wb_sqlite_mock_try,
		.mock_mark = wb_sqlite_mock_mark,
		.mock_close = wb_sqlite_mock_close,
		.nest_open = wb_sqlite_nest_open,
		.nest_make = wb_sqlite_nest_make,
		.nest_remove = wb_sqlite_nest_remove,
		.nest_url = wb_sqlite_nest_url,
		.nest_close = wb_sqlite_nest_close,
#endif
		.health = wb_sqlite_health,
	};

	return &driver;
}
