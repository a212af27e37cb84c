/* SPDX-License-Identifier: Apache-2.0
 *
 * What a migration takes away, set aside while it runs; private to the migrate
 * room.
 */
#ifndef WB_MIGRATE_TRASH_H
#define WB_MIGRATE_TRASH_H

#include "run.h"

/* Does the statement take a table, a column, or all rows of a table? Reads it only where a word of it says so. */
int wb_trash_sees(const struct wb_target *t, struct wb_sv statement, bool *ret_sets_aside,
		  struct wb_error *err) WB_MUST_USE;
/* Before the first item: what the journal needs for it. */
int wb_trash_ensure(struct wb_run *run, struct wb_error *err) WB_MUST_USE;
bool wb_trash_marks(const struct wb_script *s, int64_t ordinal);
/* The statement that was read last, marked as such: sets aside what it takes. *ret_replaced: it needs not run any more.
 */
int wb_trash_run(struct wb_sender *s, const struct wb_item *item, bool *ret_replaced, struct wb_error *err) WB_MUST_USE;

#endif
