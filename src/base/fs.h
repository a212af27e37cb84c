/* SPDX-License-Identifier: Apache-2.0
 *
 * Files: whole reads with a ceiling, safe writes, listings.
 */
#ifndef WB_BASE_FS_H
#define WB_BASE_FS_H

#include <whimbrel/error.h>

#include "arena.h"
#include "str.h"
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

#endif
