/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of backfill.c where the library is built for embedding.
 */
#include "backfill.h"

int wb_backfill_make(void *context, const struct wb_backfill_ask *ask, struct wb_backfill_steps *ret_steps,
		     struct wb_error *err)
{
	(void)context, (void)ask, (void)ret_steps;
	return wb_err_set(err, WB_EUNSUPPORTED, "this build runs no backfill in batches");
}

int wb_backfill_read(struct wb_context *c, const char *file, const struct wb_backfill *b, struct wb_arena *a,
		     struct wb_texts *ret_notes, struct wb_operations *ret_ops, struct wb_error *err)
{
	(void)c, (void)file, (void)b, (void)a, (void)err;
	*ret_notes = (struct wb_texts){ NULL, 0 };
	*ret_ops = (struct wb_operations){ .unknown = "it is done in batches" };
	return 0;
}
