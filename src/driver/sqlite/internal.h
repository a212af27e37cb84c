/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the SQLite driver share. One connection is one sqlite3
 * handle, ours or lent by an embedding application; nothing but sqlite3 ever
 * opens the database file, since closing a second descriptor would drop the
 * locks that sqlite3 holds on it.
 */
#ifndef WB_DRIVER_SQLITE_INTERNAL_H
#define WB_DRIVER_SQLITE_INTERNAL_H

#include "driver/sqlite/sqlite.h"

#include <sqlite3.h>

#define WB_SQLITE_BUSY_MS 30000 /* patience with other writers */
#define WB_SQLITE_CONNECT_MS 10000
#define WB_SQLITE_CACHED 32 /* prepared statements kept: all of the journal's */
#define WB_SQLITE_SETTINGS_MAX 32
#define WB_SQLITE_SUFFIX_LOCK ".whimbrel-lock"
/* In a list of SQL, before wb_sql_expand(). A table of the users' own may begin like these. */
#define WB_SQLITE_JOURNAL_TABLES \
	"'@journal@meta', '@journal@schema_migrations', '@journal@migration_history', '@journal@migration_steps', " \
	"'@journal@migration_runs', '@journal@migration_dependencies', '@journal@schema_snapshots', " \
	"'@journal@schema_drift_alerts', '@journal@schema_versions', '@journal@statement_timings', " \
	"'@journal@migration_trash', '@journal@transform_rejects'"
/* What migrations have set aside; a table of the users' own is not called like this. */
#define WB_SQLITE_TRASH "'@journal@trash_[0-9]*'"

/* What a statement needs around it; told by its first word. */
enum wb_sqlite_kind {
	WB_SQLITE_PLAIN,
	WB_SQLITE_DML, /* has a number of changed rows */
	WB_SQLITE_SESSION /* PRAGMA, ATTACH: what it changes is put back */
};

struct wb_sqlite_stmt {
	sqlite3_stmt *stmt;
	struct wb_sv sql; /* as sqlite3 keeps it */
	enum wb_sqlite_kind kind;
	bool cached;
};

/* Settings as they were before the first statement that could change one. */
struct wb_sqlite_session {
	bool taken, dirty;
	bool overwrites_asked; /* the migration has set secure_delete */
	char values[WB_SQLITE_SETTINGS_MAX][32]; /* "" = cannot be read */
	int databases; /* attached by others before us: this many stay */
};

/* Rows that break a foreign key: how many times each. */
struct wb_sqlite_breaches {
	struct wb_arena arena;
	struct wb_map map;
	int64_t n;
};

struct wb_sqlite {
	struct wb_conn base;
	sqlite3 *db;
	sqlite3 *empty; /* in memory, to try the syntax of statements */
	bool embedded;
	char *path; /* of the file, links resolved; NULL for a database in memory */
	int saved_busy_ms; /* of an embedding application */
	struct wb_arena arena; /* as long as the connection */
	char *journal; /* prefix of the journal's tables */
	const char *sql[WB_SQL_COUNT]; /* filled on first use */

	struct wb_sqlite_stmt cache[WB_SQLITE_CACHED];
	int n_cached, next_victim;
	struct wb_sv *row; /* values of the current row */
	const char **names; /* of its columns */
	int row_cap;
	bool running;

	struct wb_retry waiting; /* of the busy handler */
	int64_t busy_ms;
	int64_t next_tick_ms;
	int64_t deadline_ms; /* health(): stop looking; 0 = none */
	int stop_code; /* why a statement was interrupted */
	bool deaf; /* rolling back: nothing may stop it */

	struct wb_sqlite_session session;
	bool journal_asked, journal_kept; /* the rollback journal between transactions */
	struct wb_journal_vfs *vfs; /* opens it; NULL: the system's does */
	char spill[32], overwrites[32]; /* settings as they were before a rebuild; "": not changed */
	bool foreign_keys_off; /* between before_migration() and after_migration() */
	struct wb_sqlite_breaches breaches;
	bool breaches_told;

	bool locked;
	int lock_fd;
};

static inline struct wb_sqlite *wb_sqlite_of(struct wb_conn *c)
{
	_Static_assert(offsetof(struct wb_sqlite, base) == 0, "struct wb_conn comes first");
	return (struct wb_sqlite *)(void *)c;
}

/* error.c: err from the handle's last failure with result rc. Returns the WB_E… code. */
int wb_sqlite_error(struct wb_sqlite *c, int rc, struct wb_error *err);

/* run.c */
int wb_sqlite_run(struct wb_conn *conn, struct wb_query *q, size_t n, size_t *ret_done, size_t *ret_offset,
		  struct wb_error *err);
int wb_sqlite_tx_begin(struct wb_conn *conn, struct wb_arena *a, const struct wb_tx_options *o, struct wb_query *q,
		       int max);
int wb_sqlite_restore(struct wb_conn *conn, struct wb_arena *a, struct wb_query *q, int max);
int wb_sqlite_constraints_now(struct wb_conn *conn, struct wb_query *q, int max);
int wb_sqlite_set_lock_timeout(struct wb_conn *conn, struct wb_arena *a, int64_t ms, struct wb_query *q, int max);
int wb_sqlite_tx_commit(struct wb_conn *conn, struct wb_query *q, int max);
int wb_sqlite_rollback(struct wb_conn *conn, struct wb_error *err);
void wb_sqlite_forget_statements(struct wb_sqlite *c);
/* The driver's own small statements: without rows, and the first value of the first row ("" without one). */
int wb_sqlite_exec(struct wb_sqlite *c, const char *sql, struct wb_error *err) WB_MUST_USE;
int wb_sqlite_value(struct wb_sqlite *c, const char *sql, char *buf, size_t size, struct wb_error *err) WB_MUST_USE;
/* Prepares one of them; NULL text means that memory for it ran out. */
int wb_sqlite_prepare(struct wb_sqlite *c, const char *sql, sqlite3_stmt **ret_stmt, struct wb_error *err) WB_MUST_USE;
static inline void wb_sqlite_stmt_cleanup(sqlite3_stmt **stmt)
{
	(void)sqlite3_finalize(*stmt);
}
#define wb_autostmt WB_CLEANUP(wb_sqlite_stmt_cleanup) sqlite3_stmt

/* Every method that may wait or work begins so: what stopped the last one is over. */
static inline void wb_sqlite_begin(struct wb_sqlite *c)
{
	c->stop_code = 0;
	c->next_tick_ms = 0;
}

/* wait.c: the handlers that keep a waiting or working statement stoppable. */
void wb_sqlite_listen(struct wb_sqlite *c);

/* session.c */
int wb_sqlite_session_take(struct wb_sqlite *c, struct wb_error *err) WB_MUST_USE;
/* Puts back what differs and may be changed now; inside a transaction the rest waits. */
int wb_sqlite_session_restore(struct wb_sqlite *c, struct wb_error *err);
int wb_sqlite_rebuild_begin(struct wb_conn *conn, bool copied, struct wb_error *err);
int wb_sqlite_rebuild_end(struct wb_conn *conn, struct wb_error *err);

/* rollback_journal.c: from the first migration to the end of the connection. */
void wb_sqlite_journal_keep(struct wb_sqlite *c);
void wb_sqlite_journal_drop(struct wb_sqlite *c);

/* journal_vfs.c: the VFS to open a file with (NULL: the system's), whether it keeps the journal, its end. */
const char *wb_sqlite_vfs_open(struct wb_sqlite *c);
void wb_sqlite_vfs_keep(struct wb_sqlite *c, bool keep);
/* May the journal's writes wait until it is synced? Only where it is, before pages are written. */
void wb_sqlite_vfs_gather(struct wb_sqlite *c, bool gather);
void wb_sqlite_vfs_close(struct wb_sqlite *c); /* after the handle's */

/* gather.c: opens a file as the usual VFS does, in memory of this size; journals, while *on, and temporary files are
 * written in large pieces. */
int wb_sqlite_gather_size(const sqlite3_vfs *usual);
int wb_sqlite_gather_open(sqlite3_vfs *usual, const char *path, sqlite3_file *file, int flags, int *ret_flags,
			  const bool *on);

/* foreign.c */
int wb_sqlite_before_migration(struct wb_conn *conn, const struct wb_tx_options *o, struct wb_error *err);
int wb_sqlite_check(struct wb_conn *conn, struct wb_error *err);
int wb_sqlite_after_migration(struct wb_conn *conn, struct wb_error *err);
int wb_sqlite_breaches_find(struct wb_sqlite *c, struct wb_sqlite_breaches *ret_found,
			    struct wb_error *err) WB_MUST_USE;
void wb_sqlite_breaches_done(struct wb_sqlite_breaches *b);

/* classify.c */
void wb_sqlite_classify(struct wb_sv statement, struct wb_stmt_info *ret_info);
/* operations.c */
int wb_sqlite_operations(struct wb_sv statement, struct wb_arena *a, struct wb_operations *ret_ops,
			 struct wb_error *err) WB_MUST_USE;
enum wb_sqlite_kind wb_sqlite_kind_of(struct wb_sv statement);

/* probe.c */
int wb_sqlite_compile(struct wb_conn *conn, const char *table, struct wb_error *err);
int wb_sqlite_syntax(struct wb_conn *conn, struct wb_sv statement, size_t *ret_offset, struct wb_error *err);
int wb_sqlite_probe(struct wb_conn *conn, struct wb_arena *a, struct wb_sv statement, const char *memo,
		    enum wb_probe *ret_probe, const char **ret_why, struct wb_error *err);

/* lock.c */
int wb_sqlite_lock_try(struct wb_conn *conn, const char *project, int64_t ttl_ms, struct wb_lock_holder *ret_holder,
		       struct wb_error *err);
int wb_sqlite_lock_release(struct wb_conn *conn, struct wb_error *err);
int wb_sqlite_lock_list(struct wb_conn *conn, const char *project, struct wb_arena *a, struct wb_lock_holder **ret_v,
			size_t *ret_n, struct wb_error *err);
int wb_sqlite_lock_break(struct wb_conn *conn, const char *project, const char *id, struct wb_error *err);
/* The same lock by the path of the database alone, for drop. */
int wb_sqlite_lock_path(const char *database, const char *project, int *ret_fd, struct wb_lock_holder *ret_holder,
			struct wb_error *err) WB_MUST_USE;

/* admin.c */
int wb_sqlite_create(const struct wb_open_options *o, bool *ret_created, struct wb_error *err);
int wb_sqlite_drop(const struct wb_open_options *o, bool *ret_dropped, struct wb_error *err);
/* The path as sqlite3 is to be given it: never empty, never a "file:" URI. */
char *wb_sqlite_file(struct wb_arena *a, const struct wb_open_options *o) WB_MUST_USE;

/* script.c */
int wb_sqlite_script(struct wb_conn *conn, const struct wb_scripting *s, struct wb_error *err);

/* inspect.c */
int wb_sqlite_inspect(struct wb_conn *conn, const struct wb_inspect_options *o, struct wb_model *m,
		      struct wb_error *err);

/* health.c */
int wb_sqlite_health(struct wb_conn *conn,
		     void (*finding)(void *user, const char *check, const char *level, const char *message), void *user,
		     struct wb_error *err);

/* explain.c */
int wb_sqlite_explain(struct wb_conn *conn, const struct wb_query *q, bool analyze, struct wb_arena *a,
		      struct wb_query_plan *ret_plan, struct wb_error *err);

/* survey.c */
int wb_sqlite_row_json(struct wb_conn *conn, const char *relation, const char *alias, struct wb_str *out,
		       struct wb_error *err);
int wb_sqlite_from_json(struct wb_conn *conn, const char *table, const char *const *columns, size_t n,
			struct wb_str *out, struct wb_error *err);
int wb_sqlite_survey(struct wb_conn *conn, const struct wb_operations *v, size_t n, struct wb_world *w,
		     struct wb_error *err);

#endif
