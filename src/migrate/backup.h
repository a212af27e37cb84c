/* SPDX-License-Identifier: Apache-2.0
 *
 * Backup and restore, shared by backup.c, backup_file.c, manifest.c and
 * restore.c; lib uses it too.
 */
#ifndef WB_MIGRATE_BACKUP_H
#define WB_MIGRATE_BACKUP_H

#include <whimbrel/backup.h>

#include "migrate.h"

#define WB_BACKUP_DIR "backups"
#define WB_MANIFEST_SUFFIX ".json"

/* ---- manifest.c ------------------------------------------------------------------- */

int wb_manifest_write(const char *path, const struct wb_backup_info *info, struct wb_error *err) WB_MUST_USE;
/* WB_EINPUT for what is none. Strings live in the arena; file, manifest and problem are the caller's to fill. */
int wb_manifest_read(const char *path, struct wb_arena *a, struct wb_backup_info *ret_info,
		     struct wb_error *err) WB_MUST_USE;

/* ---- backup_file.c: the folder -------------------------------------------------------- */

const char *wb_backup_dir(const struct wb_target *t);
/* Fills name, file and manifest for a new backup. given NULL: a name of the time, which nobody has. */
int wb_backup_name(const struct wb_target *t, const char *given, struct wb_arena *a, struct wb_backup_info *info,
		   struct wb_error *err) WB_MUST_USE;
/* The backup that is meant by a path or a name, with its manifest read where there is one (sha256 NULL: none). */
int wb_backup_find(const struct wb_target *t, const char *text, struct wb_arena *a, struct wb_backup_info *ret_info,
		   struct wb_error *err) WB_MUST_USE;

struct wb_backup_list {
	WB_VEC(struct wb_backup_info) v, removed;
};
/* Newest first. */
int wb_backup_read_dir(const char *dir, struct wb_arena *a, struct wb_backup_list *ret_list,
		       struct wb_error *err) WB_MUST_USE;
/* Removes what is older; what cannot be removed stays in the list. */
int wb_backup_prune(const char *dir, int64_t older_than_ms, struct wb_arena *a, struct wb_backup_list *list,
		    struct wb_error *err) WB_MUST_USE;

/* ---- work that takes long (backup.c) ------------------------------------------------------ */

/* Progress, cancellation, and a lease that must not run out meanwhile. */
struct wb_copy_watch {
	const struct wb_target *t;
	struct wb_event event; /* type and words of its progress */
	struct wb_copying copying;
	struct wb_fault steps;
	int64_t started_ms, told_ms, renewed_ms;
	bool deaf; /* going back after a failure: the wish to stop is what brought us here */
};
void wb_copy_watch_init(struct wb_copy_watch *w, const struct wb_target *t, enum wb_event_type progress);
void wb_copy_watch_done(struct wb_copy_watch *w);
/* Connections ask it while they work. */
int wb_copy_watch_tick(void *watch);

/* A row in the history, for acts that are no migrations. Nothing where there is no journal. */
int wb_history_note(const struct wb_target *t, const char *action, const char *reason, int64_t ms,
		    struct wb_error *err) WB_MUST_USE;
/* Highest version applied; NULL. Lives as long as the journal. */
const char *wb_journal_current(const struct wb_journal *j);

/* ---- the two ----------------------------------------------------------------------------------- */

/* To be called under the lock. Strings of the result live in the arena. */
int wb_backup_take(struct wb_target *t, const struct wb_backup_options *o, struct wb_arena *a,
		   struct wb_backup *ret_backup, struct wb_error *err) WB_MUST_USE;
/* real: how the database is reached without a pooler. t->conn: NULL where it is missing or cannot be read, else the
 * holder of the lock; it may be lost afterwards. */
int wb_restore_into(struct wb_target *t, const struct wb_open_options *real, const struct wb_restore_options *o,
		    bool deaf, struct wb_arena *a, struct wb_restore *ret_restore, struct wb_error *err) WB_MUST_USE;

#endif
