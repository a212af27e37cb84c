/* SPDX-License-Identifier: Apache-2.0
 *
 * What destructive migrations have set aside, where wb_options.trash is on:
 * tables, values of columns, rows. The undo of a migration (wb_down) brings all
 * of it back; here it is listed, one thing brought back by itself, or removed.
 */
#ifndef WHIMBREL_TRASH_H
#define WHIMBREL_TRASH_H

#include "context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Absent numbers are -1. */
struct wb_trash_entry {
	int64_t id;
	const char *version; /* of the migration */
	const char *kind; /* "table", "column", "rows" */
	const char *object; /* what it was: shop.orders, shop.orders.state */
	const char *method; /* "rename"; "rewrite": the same, and columns became text; "copy" */
	const char *store; /* the table that it is in now */
	const char *set_aside_at; /* RFC 3339, UTC */
	int64_t rows, bytes, age_s;
	bool missing; /* somebody has dropped the store */
};
enum wb_trash_act {
	WB_TRASH_LIST,
	WB_TRASH_RESTORE, /* one thing, without what went with it: see docs/undo.md */
	WB_TRASH_PURGE /* for good */
};
struct wb_trash_options {
	size_t size;
	enum wb_trash_act act;
	int64_t id; /* to restore */
	int64_t older_than_ms; /* to purge; 0 = 30 days */
	int64_t lock_wait_ms; /* for a run of migrations to end; 0 = 60 000, negative = do not wait */
};
struct wb_trash {
	const struct wb_trash_entry *entries; /* in the trash now, newest first */
	size_t n_entries;
	const struct wb_trash_entry *acted; /* restored or purged by this call */
	size_t n_acted;
};
/* A migration of which a thing was restored or purged has no inferred undo any more. WB_ENOTFOUND for an id that is not
 * there. options may be NULL. */
int wb_trash(struct wb_context *context, const struct wb_trash_options *options, struct wb_trash **ret_trash,
	     struct wb_error *err);
void wb_trash_free(struct wb_trash *trash);

#ifdef __cplusplus
}
#endif
#endif
