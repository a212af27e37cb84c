/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as SQL with remarks of renames: every remark that is read names both
 * sides, and an error has its place.
 */
#include "schema/schema.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "broken: %s\n", what);
	abort();
}

static bool is_path(const struct wb_path *path)
{
	for (int i = 0; i < path->n; i++)
		if (!path->parts[i])
			return false;
	return path->n > 0 && path->n <= WB_PATH_PARTS;
}

static void read_as(enum wb_dialect dialect, struct wb_sv text)
{
	struct wb_model *m = wb_model_new("sqlite", NULL);
	struct wb_error err = { 0 };
	int rc;

	check(m != NULL, "memory");
	rc = wb_renames_read(m, dialect, text, "x", &err);
	check(rc == 0 || rc == WB_EINPUT, "another code");
	check(rc == 0 || err.line > 0, "an error without a place");
	for (size_t i = 0; i < m->renames.n; i++)
		check(is_path(&m->renames.v[i].path) && is_path(&m->renames.v[i].old), "a name is lacking");
	wb_model_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_as(WB_DIALECT_POSTGRES, wb_sv((const char *)data, size));
	read_as(WB_DIALECT_SQLITE, wb_sv((const char *)data, size));
	return 0;
}
