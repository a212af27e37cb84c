/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that a section of a migration names, and what of them: "suites/v2.yaml#schema,data",
 * "rules/v2.yaml#servers". Paths count from the migration's own.
 */
#include "context.h"

#include "base/banned.h"

int wb_listed(struct wb_arena *a, struct wb_sv list, struct wb_texts *ret, struct wb_error *err)
{
	struct wb_sv one;
	size_t most = 1;
	const char **v;

	for (size_t i = 0; i < list.n; i++)
		most += list.p[i] == ',';
	ret->n = 0;
	ret->v = v = wb_arena_array(a, most, sizeof(*v));
	while (v && ret->n < most && wb_sv_cut(&list, ',', &one)) {
		v[ret->n] = wb_arena_sv(a, wb_sv_trim(one));
		if (!v[ret->n++])
			return wb_err_nomem(err);
	}
	return v ? 0 : wb_err_nomem(err);
}

static int path_of(struct wb_arena *a, const char *file, const char *name, const char **ret_path, struct wb_error *err)
{
	wb_autofree char *real = realpath(file, NULL); /* on a scratch database files are links */
	const char *of = real ? real : file, *slash = strrchr(of, '/');
	const char *folder = slash ? wb_arena_sv(a, wb_sv(of, (size_t)(slash - of))) : wb_arena_str(a, ".");
	*ret_path = folder && name ? wb_fs_join(a, folder, name) : NULL;
	return *ret_path ? 0 : wb_err_nomem(err);
}

int wb_beside(struct wb_arena *a, const char *file, const char *named, const char **ret_path,
	      struct wb_texts *ret_names, struct wb_error *err)
{
	const char *hash = strchr(named, '#');
	const char *name = wb_arena_sv(a, wb_sv(named, hash ? (size_t)(hash - named) : strlen(named)));
	int rc = wb_listed(a, wb_sv_str(hash ? hash + 1 : NULL), ret_names, err);
	return rc == 0 ? path_of(a, file, name, ret_path, err) : rc;
}
