/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_adopt: another tool's history becomes ours. With write_sql its migrations
 * are written as files first, which are then read like any others.
 */
#include "context.h"

static bool has_files(const struct wb_context *c)
{
	return c->o.n_embedded || (c->o.dir && wb_fs_is_dir(c->o.dir));
}

/* Tools whose files are no SQL can be adopted before there is a folder. */
static int prepare(struct wb_context *c, struct wb_error *err)
{
	return wb_prepare(c, WB_NEED_CONN | (has_files(c) ? WB_NEED_SOURCE : 0), err);
}

static int write_files(struct wb_context *c, const struct wb_adopt_options *o, struct wb_adoption **ret,
		       struct wb_error *err)
{
	if (o->dry_run)
		return wb_err_set(err, WB_EUSAGE, "--write-sql writes files: not with --dry-run");
	if (!c->o.dir || c->o.n_embedded)
		return wb_err_set(err, WB_EUSAGE, "--write-sql needs a folder to write to: --dir DIR");
	return wb_adopt_render(&c->target, o, c->o.dir, ret, err);
}

WB_API int wb_adopt(struct wb_context *context, const struct wb_adopt_options *options,
		    struct wb_adoption **ret_adoption, struct wb_error *err)
{
	struct wb_adopt_options o;
	struct wb_adoption *files = NULL, *adoption = NULL;
	int rc = wb_take_options(&o, sizeof(o), options, "wb_adopt", err);
	if (rc == 0)
		rc = prepare(context, err);
	if (rc == 0 && o.write_sql) {
		rc = write_files(context, &o, &files, err);
		if (rc == 0)
			rc = prepare(context, err); /* with the new files */
	}
	if (rc == 0)
		rc = wb_adopt_run(&context->target, &o, files, &adoption, err);
	wb_adoption_free(files);
	if (rc == 0)
		*ret_adoption = adoption;
	return rc;
}
