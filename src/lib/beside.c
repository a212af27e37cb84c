/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that a section of a migration names: suites, rules. Their paths count
 * from the migration's own.
 */
#include "context.h"

int wb_beside(struct wb_arena *a, const char *file, const char *name, const char **ret_path, struct wb_error *err)
{
	wb_autofree char *real = realpath(file, NULL); /* on a scratch database files are links */
	const char *of = real ? real : file, *slash = strrchr(of, '/');
	const char *folder = slash ? wb_arena_sv(a, wb_sv(of, (size_t)(slash - of))) : wb_arena_str(a, ".");
	*ret_path = folder ? wb_fs_join(a, folder, name) : NULL;
	return *ret_path ? 0 : wb_err_nomem(err);
}
