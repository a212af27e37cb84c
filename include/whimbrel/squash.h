/* SPDX-License-Identifier: Apache-2.0
 *
 * Squashing: one baseline file in place of many migrations, proved to make the
 * same database.
 */
#ifndef WHIMBREL_SQUASH_H
#define WHIMBREL_SQUASH_H

#include <whimbrel/context.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wb_squash_options {
	size_t size;
	const char *to; /* the newest version that goes into the baseline */
	const char *description; /* of the new file; NULL = "squashed" */
	bool keep; /* the old files stay; the baseline then serves new databases alone */
};
struct wb_squashed {
	const char *file; /* the baseline, DIR/B010__squashed.sql */
	const char *const *replaced; /* files that it stands for: removed, unless kept */
	size_t n_replaced;
	int64_t bytes;
};
/* Runs the migrations up to `to` on a scratch database, writes what they made as one baseline file, runs that on
 * another scratch database, and compares the two, rows included. Only when they are the same is the file put into the
 * folder and are the old ones removed. The context's own database is not touched; its URL says where scratch databases
 * may be made. WB_ENO when the two differ, WB_EREFUSED when the folder has such a baseline already. The result is
 * released with wb_squashed_free. */
int wb_squash(struct wb_context *context, const struct wb_squash_options *options, struct wb_squashed **ret_squashed,
	      struct wb_error *err);
void wb_squashed_free(struct wb_squashed *squashed);

#ifdef __cplusplus
}
#endif
#endif
