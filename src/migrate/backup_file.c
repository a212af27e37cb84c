/* SPDX-License-Identifier: Apache-2.0
 *
 * The folder of backups: names, what is in it, what is too old. Each backup is
 * a file and, beside it, the manifest of the same name with .json behind. The
 * manifest comes first and goes last, so that a file never stands alone.
 */
#include "backup.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_LENGTH 120
#define SAME_SECOND 100 /* backups that may be named after one second */

const char *wb_backup_dir(const struct wb_target *t)
{
	return t->backup_dir ? t->backup_dir : WB_BACKUP_DIR;
}

/* ---- names --------------------------------------------------------------------- */

static int check_name(const char *name, struct wb_error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n = strlen(name);
	if (n && n <= NAME_MAX_LENGTH && strspn(name, allowed) == n && name[0] != '.' && name[0] != '-')
		return 0;
	wb_err_set(err, WB_EUSAGE, "\"%s\" cannot be the name of a backup", name);
	wb_err_hint(err,
		    "letters, digits, '.', '_' and '-', not '.' or '-' first, at most %d; the folder is backup_dir",
		    NAME_MAX_LENGTH);
	return WB_EUSAGE;
}

static int set_paths(const struct wb_target *t, const char *name, struct wb_arena *a, struct wb_backup_info *info,
		     struct wb_error *err)
{
	const char *suffix = t->driver->dump_suffix ? t->driver->dump_suffix : "";
	size_t n = strlen(name), tail = strlen(suffix);
	bool has = n > tail && !strcmp(name + n - tail, suffix);
	const char *file = has ? name : wb_arena_printf(a, "%s%s", name, suffix);
	info->name = has ? wb_arena_sv(a, wb_sv(name, n - tail)) : wb_arena_str(a, name);
	info->file = file ? wb_fs_join(a, wb_backup_dir(t), file) : NULL;
	info->manifest = info->file ? wb_arena_printf(a, "%s" WB_MANIFEST_SUFFIX, info->file) : NULL;
	return info->name && info->manifest ? 0 : wb_err_nomem(err);
}

static bool is_taken(const struct wb_backup_info *info)
{
	return wb_fs_exists(info->file) || wb_fs_exists(info->manifest);
}

int wb_backup_name(const struct wb_target *t, const char *given, struct wb_arena *a, struct wb_backup_info *info,
		   struct wb_error *err)
{
	char date[9], time[7], name[64];
	int rc = given ? check_name(given, err) : 0;
	if (rc == 0 && given) {
		rc = set_paths(t, given, a, info, err);
		if (rc == 0 && is_taken(info)) {
			rc = wb_err_set(err, WB_EREFUSED, "there is a backup %s already", info->file);
			wb_err_hint(err, "give another name; a backup is never overwritten");
		}
		return rc;
	}
	wb_time_compact(wb_wall_us(), date, time);
	for (int i = 1; rc == 0 && i <= SAME_SECOND; i++) {
		snprintf(name, sizeof(name), i == 1 ? "pre-migration-%s-%s" : "pre-migration-%s-%s-%d", date, time, i);
		rc = set_paths(t, name, a, info, err);
		if (rc == 0 && !is_taken(info))
			return 0;
	}
	return rc < 0 ? rc : wb_err_set(err, WB_EREFUSED, "there are backups of this very second already");
}

/* ---- one that is there ------------------------------------------------------------- */

static int find_file(const struct wb_target *t, const char *text, struct wb_arena *a, const char **ret_file,
		     struct wb_error *err)
{
	const char *suffix = t->driver && t->driver->dump_suffix ? t->driver->dump_suffix : "";
	const char *plain = wb_arena_str(a, text), *in_dir = wb_fs_join(a, wb_backup_dir(t), text);
	const char *whole = in_dir ? wb_arena_printf(a, "%s%s", in_dir, suffix) : NULL;
	const char *const candidates[] = { plain, in_dir, whole };
	if (!plain || !whole)
		return wb_err_nomem(err);
	for (size_t i = 0; i < WB_ARRAY_LEN(candidates); i++) {
		*ret_file = candidates[i];
		if (wb_fs_exists(*ret_file) && !wb_fs_is_dir(*ret_file))
			return 0;
	}
	wb_err_set(err, WB_ENOTFOUND, "there is no backup %s", text);
	wb_err_hint(err, "`whimbrel backups` lists those in %s; any path will do", wb_backup_dir(t));
	return WB_ENOTFOUND;
}

/* Whoever names the manifest means what it is of. */
static const char *without_json(const char *text, struct wb_arena *a)
{
	struct wb_sv sv = wb_sv_str(text);
	size_t n = strlen(WB_MANIFEST_SUFFIX);
	return wb_sv_ends(sv, WB_MANIFEST_SUFFIX) ? wb_arena_sv(a, wb_sv(sv.p, sv.n - n)) : text;
}

int wb_backup_find(const struct wb_target *t, const char *text, struct wb_arena *a, struct wb_backup_info *ret_info,
		   struct wb_error *err)
{
	struct wb_backup_info info = { .bytes = -1 };
	const char *file = NULL;
	text = without_json(text, a);
	int rc = text ? find_file(t, text, a, &file, err) : wb_err_nomem(err);
	if (rc < 0)
		return rc;
	const char *manifest = wb_arena_printf(a, "%s" WB_MANIFEST_SUFFIX, file);
	if (!manifest)
		return wb_err_nomem(err);
	rc = wb_fs_exists(manifest) ? wb_manifest_read(manifest, a, &info, err) : 0;
	if (rc < 0)
		return rc;
	info.file = file;
	info.manifest = info.sha256 ? manifest : NULL;
	info.name = info.name ? info.name : file;
	*ret_info = info;
	return 0;
}

/* ---- all of them --------------------------------------------------------------------- */

struct listing {
	const char *dir;
	struct wb_arena *arena;
	struct wb_backup_list *list;
};

static const char *problem_of(const struct wb_backup_info *info, struct wb_arena *a)
{
	struct stat st;
	if (stat(info->file, &st) != 0)
		return "its file is missing";
	if (st.st_size == info->bytes)
		return NULL;
	const char *text = wb_arena_printf(a, "its file has %lld bytes instead of %lld", (long long)st.st_size,
					   (long long)info->bytes);
	return text ? text : "its file is not as long as its manifest says";
}

static int take_file(void *user, int dirfd, const char *name, struct wb_error *err)
{
	struct listing *l = user;
	struct wb_backup_info info;
	struct wb_error why;
	(void)dirfd;
	if (!wb_sv_ends(wb_sv_str(name), WB_MANIFEST_SUFFIX) || name[0] == '.')
		return 0;
	const char *manifest = wb_fs_join(l->arena, l->dir, name);
	if (!manifest)
		return wb_err_nomem(err);
	int rc = wb_manifest_read(manifest, l->arena, &info, &why);
	if (rc == WB_ENOMEM)
		return wb_err_nomem(err);
	if (rc < 0) /* some other JSON */
		return 0;
	info.manifest = manifest;
	info.file = without_json(manifest, l->arena);
	if (!info.file)
		return wb_err_nomem(err);
	info.problem = problem_of(&info, l->arena);
	return wb_vec_push(&l->list->v, info) ? 0 : wb_err_nomem(err);
}

static int newest_first(const void *a, const void *b)
{
	const struct wb_backup_info *x = a, *y = b;
	int order = strcmp(y->created_at, x->created_at);
	return order ? order : strcmp(y->file, x->file);
}

int wb_backup_read_dir(const char *dir, struct wb_arena *a, struct wb_backup_list *ret_list, struct wb_error *err)
{
	struct listing l = { .dir = dir, .arena = a, .list = ret_list };
	int rc = wb_fs_is_dir(dir) ? wb_fs_list(dir, take_file, &l, err) : 0;
	if (rc == 0 && ret_list->v.n)
		qsort(ret_list->v.v, ret_list->v.n, sizeof(*ret_list->v.v), newest_first);
	return rc;
}

/* ---- too old ---------------------------------------------------------------------------- */

static bool same(const char *x, const char *y)
{
	return x && y && !strcmp(x, y);
}

/* The newest good backup of a database is the last thing to be given up, however old it is. */
static bool is_last_good(const struct wb_backup_list *list, size_t i)
{
	const struct wb_backup_info *b = &list->v.v[i];
	for (size_t k = 0; k < i; k++) {
		const struct wb_backup_info *newer = &list->v.v[k];
		if (!newer->problem && same(newer->engine, b->engine) && same(newer->database, b->database))
			return false;
	}
	return !b->problem;
}

/* False when it is still there. */
static bool remove_backup(const struct wb_backup_info *b)
{
	if (unlink(b->file) != 0 && errno != ENOENT)
		return false;
	return unlink(b->manifest) == 0 || errno == ENOENT;
}

int wb_backup_prune(const char *dir, int64_t older_than_ms, struct wb_arena *a, struct wb_backup_list *list,
		    struct wb_error *err)
{
	char limit[32];
	size_t kept = 0;
	int rc = 0;
	(void)a;
	wb_time_rfc3339(wb_wall_us() - older_than_ms * 1000, limit, sizeof(limit));
	wb_fs_sweep(dir);
	/* Decided before the list changes: from the oldest to the newest. */
	for (size_t i = list->v.n; rc == 0 && i-- > 0;) {
		struct wb_backup_info *b = &list->v.v[i];
		bool old = strcmp(b->created_at, limit) < 0;
		if (!old || is_last_good(list, i) || !remove_backup(b))
			continue;
		if (!wb_vec_push(&list->removed, *b))
			rc = wb_err_nomem(err);
		b->file = NULL;
	}
	for (size_t i = 0; i < list->v.n; i++) {
		if (list->v.v[i].file)
			list->v.v[kept++] = list->v.v[i];
	}
	list->v.n = kept;
	return rc;
}
