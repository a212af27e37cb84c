/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole databases copied with sqlite3's online backup, shared by copy.c,
 * dump.c and restore.c.
 */
#ifndef WB_DRIVER_SQLITE_COPY_H
#define WB_DRIVER_SQLITE_COPY_H

#include "driver/sqlite/internal.h"

/* All pages of one database into another, which changes as a whole or not at all (where it has a rollback journal).
 * Begins with steps that let others write in between; who writes all the time then has to wait for the end. */
int wb_sqlite_copy(sqlite3 *to, sqlite3 *from, const struct wb_copying *copying, struct wb_error *err) WB_MUST_USE;
/* A file that nobody changes, read without locks and without anything written beside it. */
int wb_sqlite_open_still(const char *path, sqlite3 **ret_db, struct wb_error *err) WB_MUST_USE;
/* A file of ours alone that is filled now and synced later. */
int wb_sqlite_open_fresh(const char *path, sqlite3 **ret_db, struct wb_error *err) WB_MUST_USE;
/* A failed call on a handle that is no connection's. */
int wb_sqlite_copy_error(sqlite3 *db, int rc, struct wb_error *err);
static inline void wb_sqlite_close_cleanup(sqlite3 **db)
{
	(void)sqlite3_close_v2(*db);
}
#define wb_autosqlite WB_CLEANUP(wb_sqlite_close_cleanup) sqlite3

int wb_sqlite_dump(struct wb_conn *conn, struct wb_dump *d, struct wb_error *err);
int wb_sqlite_dump_check(const struct wb_dump *d, struct wb_error *err);
int wb_sqlite_fingerprint(struct wb_conn *conn, wb_table_fn table, void *user, struct wb_error *err);
int wb_sqlite_exists(const struct wb_open_options *o, bool *ret_exists, struct wb_error *err);
int wb_sqlite_scratch_open(const struct wb_scratch_options *o, struct wb_scratch **ret_scratch, struct wb_error *err);
int wb_sqlite_scratch_swap(struct wb_scratch *scratch, struct wb_conn *old, struct wb_arena *a, const char **ret_kept,
			   struct wb_error *err);
void wb_sqlite_scratch_close(struct wb_scratch *scratch);

#endif
