/* SPDX-License-Identifier: Apache-2.0
 *
 * The suites and rules that sections of migrations name, read before a run has
 * changed anything.
 */
#include "backfill.h"

static int check(struct wb_context *c, const struct wb_migration *m, const struct wb_section *s, struct wb_error *err)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct wb_texts notes = { NULL, 0 };
	struct wb_operations ops = { 0 };
	int rc = s->suite ? wb_check_section_valid(c, m->file, s->suite, err) : 0;
	if (rc == 0 && s->backfill && s->backfill->rules)
		rc = wb_backfill_read(c, m->file, s->backfill, &a, &notes, &ops, err);
	if (rc < 0 && err && !*err->file)
		wb_err_place(err, m->file, s->heading_line, 1);
	if (rc < 0 && err)
		(void)wb_sv_copy(wb_sv_str(m->version), err->version, sizeof(err->version));
	return rc;
}

int wb_named_check(struct wb_context *c, const struct wb_work *work, struct wb_error *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < work->items.n; i++) {
		const struct wb_work_item *item = &work->items.v[i];
		bool up = item->action == WB_APPLY || item->action == WB_REAPPLY || item->action == WB_RESUME_UP;
		const struct wb_migration *m = up ? item->migration : NULL;
		for (size_t k = 0; rc == 0 && m && k < m->n_sections; k++)
			rc = check(c, m, &m->sections[k], err);
	}
	return rc;
}
