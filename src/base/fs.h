/* SPDX-License-Identifier: Apache-2.0
 *
 * Files: whole reads with a ceiling, safe writes, listings.
 */
#ifndef WB_BASE_FS_H
#define WB_BASE_FS_H

#include <whimbrel/error.h>

#include "arena.h"
#include "str.h"
#include <stdint.h>
#include <sys/types.h>

/* Reads a whole regular file; WB_EIO with the system's cause, WB_EINPUT above max bytes.
 * *ret_text must be initialised; what it held is released. */
int wb_fs_read(const char *path, size_t max, struct wb_str *ret_text, struct wb_error *err) WB_MUST_USE;
/* Creates a file that must not exist yet (WB_EREFUSED if it does), synced to disk before its name appears. */
int wb_fs_create(const char *path, struct wb_sv text, mode_t mode, struct wb_error *err) WB_MUST_USE;
/* Replaces a file in one step: temporary name, fsync, rename. */
int wb_fs_replace(const char *path, struct wb_sv text, mode_t mode, struct wb_error *err) WB_MUST_USE;
int wb_fs_mkdir_p(const char *path, mode_t mode, struct wb_error *err) WB_MUST_USE;
bool wb_fs_is_dir(const char *path);
bool wb_fs_exists(const char *path);
/* dir + "/" + name, in the arena; name alone when it is absolute. */
char *wb_fs_join(struct wb_arena *a, const char *dir, const char *name) WB_MUST_USE;
/* Calls fn for each entry but "." and ".." in no order; fn's non-zero result ends the walk and is returned. */
int wb_fs_list(const char *path, int (*fn)(void *user, int dirfd, const char *name, struct wb_error *err), void *user,
	       struct wb_error *err) WB_MUST_USE;

/* ---- large files that take their name when they are whole (fs_temp.c) ---- */

/* A new empty file beside path, mode 0600, with a name of its own (*ret_temp, initialised by the caller). It is ours as
 * long as *ret_fd is open; a file whose process has died is removed by wb_fs_sweep(). */
int wb_fs_temp(const char *path, struct wb_str *ret_temp, int *ret_fd, struct wb_error *err) WB_MUST_USE;
/* Gives it its name once its content is on disk. WB_EREFUSED when the name is taken: nothing has changed then. */
int wb_fs_publish(const char *temp, int fd, const char *path, struct wb_error *err) WB_MUST_USE;
/* Removes what dead processes left in the folder; what cannot be removed stays. */
void wb_fs_sweep(const char *dir);
/* SHA-256 and size of a file; tick (may be NULL) hears of each piece, and its code stops the work. */
int wb_fs_digest(const char *path, int (*tick)(void *user, int64_t done, int64_t total, struct wb_error *err),
		 void *user, unsigned char digest[32], int64_t *ret_size, struct wb_error *err) WB_MUST_USE;
/* Writes all of it; WB_EDISKFULL when there is no room. `name` is for the error. */
int wb_fs_write(int fd, const char *p, size_t n, const char *name, struct wb_error *err) WB_MUST_USE;

/* Parts of a safe write, for this room: a hidden name beside path; a rename that replaces nothing (errno); making a
 * rename durable (uses temp up). */
bool wb_fs_temp_path(const char *path, const char *suffix, struct wb_str *temp);
int wb_fs_rename_new(const char *temp, const char *path);
int wb_fs_sync_dir(struct wb_str *temp, const char *path, struct wb_error *err);

#endif
