/* SPDX-License-Identifier: Apache-2.0
 *
 * A main for the fuzzers where the compiler brings no engine: each argument is a
 * file, or a folder of files, that is given to the fuzzer once.
 */
#include "base/base.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	int rc = wb_fs_read(path, (size_t)16 << 20, &text, err);

	if (rc == 0)
		(void)LLVMFuzzerTestOneInput((const uint8_t *)text.p, text.n);
	return rc;
}

struct folder {
	const char *path;
	int files;
};

static int replay_entry(void *user, int dirfd WB_UNUSED, const char *name, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct folder *folder = user;
	const char *path = wb_fs_join(&a, folder->path, name);

	folder->files++;
	return path ? replay_file(path, err) : wb_err_nomem(err);
}

static int replay(const char *path, struct wb_error *err)
{
	struct folder folder = { path, 0 };
	int rc;

	if (!wb_fs_is_dir(path))
		return replay_file(path, err);
	rc = wb_fs_list(path, replay_entry, &folder, err);
	if (rc == 0 && folder.files == 0)
		rc = wb_err_set(err, WB_ENOTFOUND, "%s holds no seeds", path);
	return rc;
}

int main(int argc, char **argv)
{
	struct wb_error err = { 0 };
	int i;

	for (i = 1; i < argc; i++) {
		if (replay(argv[i], &err) == 0)
			continue;
		(void)fprintf(stderr, "%s: %s\n", err.message, err.detail);
		return 1;
	}
	return 0;
}
