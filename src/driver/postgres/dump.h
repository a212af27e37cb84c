/* SPDX-License-Identifier: Apache-2.0
 *
 * Dump and restore, shared by tools.c, dump.c, restore.c and swap.c: the
 * server's own programs run as children. A password reaches them through their
 * environment, never through their arguments.
 */
#ifndef WB_DRIVER_POSTGRES_DUMP_H
#define WB_DRIVER_POSTGRES_DUMP_H

#include "driver/postgres/pg.h"

/* ---- tools.c ---------------------------------------------------------------------- */

struct wb_pg_tool {
	const char *name; /* "pg_dump" */
	const char *path; /* what is run */
	char version[32]; /* "15.18" */
	int major;
	const char *connection; /* libpq's key='value' form, without secrets */
	const char *env[8]; /* for wb_proc_run */
};
/* The program for a server of this major version, out of `folder`, or of where it usually is: of the same version, else
 * a newer one. Strings live in the arena. */
int wb_pg_tool_find(const char *folder, const char *name, int major, struct wb_arena *a, struct wb_pg_tool *ret_tool,
		    struct wb_error *err) WB_MUST_USE;
/* How it gets to a database: as our own connections do. database NULL: the URL's. */
int wb_pg_tool_connect(struct wb_pg_tool *t, const struct wb_open_options *o, const char *database,
		       const char *application, struct wb_arena *a, struct wb_error *err) WB_MUST_USE;
/* False for lines in which a program with --verbose tells of its work, true for complaints. */
bool wb_pg_tool_complains(struct wb_sv line);
/* What such a program's failure means: full disk, lost connection, wrong version. */
int wb_pg_tool_failed(int rc, const struct wb_pg_tool *t, struct wb_error *err);

/* ---- database.c ---------------------------------------------------------------------- */

/* Connects beside the database that the options name; *ret_name is its name, in c's arena. */
int wb_pg_maintenance(struct wb_pg *c, const char **ret_name, struct wb_error *err) WB_MUST_USE;
int wb_pg_database_exists(struct wb_pg *c, const char *name, bool *ret_exists, struct wb_error *err) WB_MUST_USE;
/* before + the quoted name + after, as one statement. */
int wb_pg_database_do(struct wb_pg *c, const char *before, const char *name, const char *after,
		      struct wb_error *err) WB_MUST_USE;

/* ---- nest.c ------------------------------------------------------------------------------ */

int wb_pg_nest_open(const struct wb_nest_options *o, struct wb_nest **ret_nest, struct wb_error *err);
int wb_pg_nest_make(struct wb_nest *nest, const char *name, const char *from, struct wb_error *err);
int wb_pg_nest_remove(struct wb_nest *nest, const char *name, struct wb_error *err);
char *wb_pg_nest_url(const struct wb_nest *nest, struct wb_arena *a, const char *name);
void wb_pg_nest_close(struct wb_nest *nest);

/* ---- script.c ---------------------------------------------------------------------------- */

int wb_pg_script(struct wb_conn *conn, const struct wb_scripting *s, struct wb_error *err);

/* ---- dump.c, restore.c, swap.c ----------------------------------------------------------- */

struct wb_pg_scratch {
	struct wb_scratch base; /* first: what the caller gets */
	struct wb_pg m; /* beside the databases; its advisory lock says that we live */
	const struct wb_scratch_options *o; /* only while it is being built */
	const char *real;
	char name[64];
	bool created, failed; /* it is there; it could not be filled */
};

/* restore.c: locks the name of a scratch database in the database of m, for as long as that connection lives; false:
 * somebody who lives has it. Removes one, with the sessions in it; failed: it may have filled the disk. */
int wb_pg_scratch_lock(struct wb_pg *m, const char *name, bool *ret_locked, struct wb_error *err) WB_MUST_USE;
int wb_pg_scratch_drop(struct wb_pg *m, const char *name, bool failed, struct wb_error *err) WB_MUST_USE;
int wb_pg_exists_db(const struct wb_open_options *o, bool *ret_exists, struct wb_error *err);
int wb_pg_dump(struct wb_conn *conn, struct wb_dump *d, struct wb_error *err);
int wb_pg_dump_check(const struct wb_dump *d, struct wb_error *err);
int wb_pg_fingerprint(struct wb_conn *conn, wb_table_fn table, void *user, struct wb_error *err);
int wb_pg_scratch_open(const struct wb_scratch_options *o, struct wb_scratch **ret_scratch, struct wb_error *err);
int wb_pg_scratch_swap(struct wb_scratch *scratch, struct wb_conn *old, struct wb_arena *a, const char **ret_kept,
		       struct wb_error *err);
void wb_pg_scratch_close(struct wb_scratch *scratch);

#endif
