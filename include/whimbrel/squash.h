/* SPDX-License-Identifier: Apache-2.0
 *
 * Squashing: one baseline file in place of many migrations, proved to make the
 * same database.
 */
#ifndef WHIMBREL_SQUASH_H
#define WHIMBREL_SQUASH_H

#include "context.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_squash_options {
	size_t size;
	const char *to; /* the newest version that goes into the baseline */
	bool keep; /* the old files stay: for databases that have some of them */
};
struct wb_squashed {
	const char *file; /* the baseline, DIR/B010__squashed.sql */
	const char *const *replaced; /* paths of the files that it stands for, oldest first */
	size_t n_replaced;
	int64_t bytes; /* of the baseline */
	bool kept; /* the files that it stands for are still there */
	bool finished; /* the baseline was there already, proved: what an interrupted call had left was done */
};
/* Runs the migrations up to `to` on a scratch database, writes what they made as one baseline file, runs that alone on
 * another scratch database, and compares the two, rows included. Only when they are the same is the file put into the
 * folder, are the old files removed, and is migrations.sum, where there is one, written anew. The context's own
 * database is not touched; its URL says where scratch databases may be made (PostgreSQL: the role needs CREATEDB, and
 * pg_dump has to be installed). Interrupted at any moment, the folder holds the old files or the baseline, or both,
 * which is valid; the same call finishes it. WB_ENO when the two differ, WB_EREFUSED when there is nothing to squash or
 * another baseline is in the way, WB_ENOTFOUND for a version that has no file. The result is released with
 * wb_squashed_free. */
int wb_squash(struct wb_context *context, const struct wb_squash_options *options, struct wb_squashed **ret_squashed,
	      struct wb_error *err);
void wb_squashed_free(struct wb_squashed *squashed);

#ifdef __cplusplus
}
#endif
#endif
