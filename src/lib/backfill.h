/* SPDX-License-Identifier: Apache-2.0
 *
 * Backfill sections of migrations, for the lib room.
 */
#ifndef WB_LIB_BACKFILL_H
#define WB_LIB_BACKFILL_H

#include "context.h"

#include "migrate/backfill.h"

/* For wb_target.backfill. */
int wb_backfill_make(void *context, const struct wb_backfill_ask *ask, struct wb_backfill_steps *ret_steps,
		     struct wb_error *err) WB_MUST_USE;
/* What the section of this file will do: for people, and of one by rules as operations. In the arena. */
int wb_backfill_read(struct wb_context *c, const char *file, const struct wb_backfill *b, struct wb_arena *a,
		     struct wb_texts *ret_notes, struct wb_operations *ret_ops, struct wb_error *err) WB_MUST_USE;
/* named.c: every suite and file of rules that sections of the work name. */
int wb_named_check(struct wb_context *c, const struct wb_work *work, struct wb_error *err) WB_MUST_USE;

#endif
