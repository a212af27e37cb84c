/* SPDX-License-Identifier: Apache-2.0
 *
 * Which files the next `up` would run, and from where: only of these it can be said
 * what a database would refuse.
 */
#include "context.h"

int wb_pending_find(struct wb_context *c, const struct wb_journal *j, struct wb_map *ret_pending, struct wb_error *err)
{
	const struct wb_plan_options o = { .size = sizeof(o), .out_of_order = true };
	struct wb_error ignored;
	struct wb_work w = { 0 };
	int rc = wb_work_make(&c->target, j, &o, &w, &ignored);
	if (rc < 0) /* `up` says why it would run none */
		return rc == WB_ENOMEM ? wb_err_nomem(err) : 0;
	for (size_t i = 0; rc == 0 && i < w.items.n; i++) {
		const struct wb_work_item *item = &w.items.v[i];
		bool resumed = item->action == WB_RESUME_UP && item->record && item->record->statements_done > 0;
		if (!item->migration || item->action == WB_REVERT || item->action == WB_RESUME_DOWN)
			continue;
		uintptr_t how = resumed ? WB_PENDING_REST : WB_PENDING_WHOLE;
		if (!wb_map_put(ret_pending, wb_sv_str(item->migration->sort_key), (void *)how))
			rc = wb_err_nomem(err);
	}
	wb_work_done(&w);
	return rc;
}

enum wb_pending wb_pending_of(const struct wb_map *pending, const struct wb_migration *m)
{
	return (enum wb_pending)(uintptr_t)wb_map_get(pending, wb_sv_str(m->sort_key));
}
