/* SPDX-License-Identifier: Apache-2.0
 *
 * Backups: the whole database as a file with a manifest beside it, and the way
 * back. A backup has its final name only when it is complete, on disk and
 * checked; a restore changes the database in one step at its very end.
 */
#ifndef WHIMBREL_BACKUP_H
#define WHIMBREL_BACKUP_H

#include "context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the manifest says. Absent text is NULL, absent numbers are -1. */
struct wb_backup_info {
	const char *name; /* of the file without its suffix */
	const char *file, *manifest; /* paths */
	const char *engine, *server_version, *database, *project;
	const char *schema_version; /* highest migration applied, NULL when there was none */
	const char *tool_version; /* of Whimbrel */
	const char *dump_tool, *dump_format; /* "pg_dump 15.18", "custom"; "SQLite 3.40.1", "sqlite" */
	const char *sha256; /* "sha256:…" of the file */
	const char *created_at; /* RFC 3339, UTC */
	const char *problem; /* why it cannot be restored as it stands; NULL when nothing is known against it */
	int64_t bytes;
};

enum wb_backup_verify {
	WB_BACKUP_VERIFY_LIST, /* pg_restore lists its contents; SQLite's integrity_check */
	WB_BACKUP_VERIFY_RESTORE /* also restored into a scratch database, and rows compared table by table */
};

struct wb_backup_options {
	size_t size;
	const char *name; /* letters, digits, '.', '_', '-'; NULL = "pre-migration-YYYYMMDD-HHMMSS" */
	enum wb_backup_verify verify;
	int64_t lock_wait_ms; /* for a run of migrations to end; 0 = 60 000, negative = do not wait */
};
struct wb_backup {
	struct wb_backup_info info;
	int64_t duration_ms;
	int64_t tables, rows; /* compared after VERIFY_RESTORE; -1: not compared */
};
/* Into the folder that wb_options.backup_dir names, mode 0600. options may be NULL. */
int wb_backup(struct wb_context *context, const struct wb_backup_options *options, struct wb_backup **ret_backup,
	      struct wb_error *err);
void wb_backup_free(struct wb_backup *backup);

struct wb_restore_options {
	size_t size;
	const char *file; /* path of a backup, or its name in the folder of backups */
	bool confirmed; /* somebody has said that it is meant; a protected environment refuses without */
	bool drop_old; /* do not keep the database that is replaced */
	bool unverified; /* also a file without a manifest, which nobody can check against anything */
	bool no_owner; /* PostgreSQL: all belongs to the role that restores, grants are left out */
	int64_t lock_wait_ms;
};
struct wb_restore {
	struct wb_backup_info from;
	const char *kept; /* the database that was replaced, under its new name; NULL when none is kept */
	int64_t history_entries; /* newer ones carried over from it */
	int64_t duration_ms;
};
/* Into a new database, which is checked and then takes the place of the one that the context names, or is the first of
 * its name. Sessions of others are ended (PostgreSQL); readers and writers with the file open see the old content or
 * the new (SQLite). */
int wb_restore(struct wb_context *context, const struct wb_restore_options *options, struct wb_restore **ret_restore,
	       struct wb_error *err);
void wb_restore_free(struct wb_restore *restore);

struct wb_backups_options {
	size_t size;
	bool prune; /* remove what is older than older_than_ms; the newest good one of each database always stays */
	int64_t older_than_ms; /* 0 = 30 days */
};
struct wb_backups {
	const char *dir;
	const struct wb_backup_info *backups; /* newest first, without the removed ones */
	size_t n_backups;
	const struct wb_backup_info *removed;
	size_t n_removed;
};
/* Reads the folder; needs no database. options may be NULL. */
int wb_backups(struct wb_context *context, const struct wb_backups_options *options, struct wb_backups **ret_backups,
	       struct wb_error *err);
void wb_backups_free(struct wb_backups *backups);

#ifdef __cplusplus
}
#endif
#endif
