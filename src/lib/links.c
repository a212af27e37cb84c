/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of links to files, in which some of a folder's migrations stand alone.
 */
#include "context.h"

#include <errno.h>
#include <unistd.h>

const char *wb_temp_dir(void)
{
	const char *dir = secure_getenv("TMPDIR");
	return dir && *dir == '/' && !strpbrk(dir, "?#%") ? dir : "/tmp"; /* none of these stands for itself in a URL */
}

void wb_temp_hint(struct wb_error *err)
{
	wb_err_hint(err, "TMPDIR says where temporary files are made; without it that is /tmp");
}

int wb_links_make(char folder[WB_LINKS_MAX], const char *purpose, struct wb_error *err)
{
	const char *base = wb_temp_dir();
	int n = snprintf(folder, WB_LINKS_MAX, "%s/whimbrel-%s-XXXXXX", base, purpose);
	if (n < WB_LINKS_MAX && mkdtemp(folder))
		return 0;
	*folder = '\0';
	if (n >= WB_LINKS_MAX)
		errno = ENAMETOOLONG;
	int rc = wb_err_errno(err, WB_EIO, "cannot make a folder in %s", base);
	wb_temp_hint(err);
	return rc;
}

int wb_links_add(const char *folder, const char *path, const char *name, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	wb_autofree char *real = realpath(path, NULL);
	const char *slash = strrchr(path, '/');
	const char *link = wb_fs_join(&a, folder, name ? name : slash ? slash + 1 : path);
	if (!link || (!real && errno == ENOMEM))
		return wb_err_nomem(err);
	return real && symlink(real, link) == 0 ? 0 : wb_err_errno(err, WB_EIO, "cannot show %s in %s", path, folder);
}

static int remove_entry(void *user, int dirfd, const char *name, struct wb_error *err)
{
	(void)user;
	(void)err;
	(void)unlinkat(dirfd, name, 0);
	return 0;
}

void wb_links_remove(const char *folder, const struct wb_sink *sink)
{
	struct wb_error ignored;
	if (*folder && (wb_fs_list(folder, remove_entry, NULL, &ignored) < 0 || rmdir(folder) != 0))
		wb_log(sink, WB_LOG_WARN, "the folder %s could not be removed", folder);
}
