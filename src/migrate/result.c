/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run did, gathered while it runs, as the public struct wb_run_result.
 */
#include "result.h"

struct wb_result *wb_result_new(const char *direction)
{
	struct wb_result *r = calloc(1, sizeof(*r));
	if (r)
		r->view.direction = direction;
	return r;
}

int wb_result_add(struct wb_result *r, const struct wb_work_item *item, const struct wb_tally *tally,
		  struct wb_error *err)
{
	struct wb_run_migration m = { .version = wb_arena_str(&r->arena, item->version),
				      .description = wb_arena_str(&r->arena, item->description),
				      .file = wb_arena_str(&r->arena, item->file),
				      .statements = tally->statements,
				      .execution_ms = wb_tally_took(tally),
				      .rows_affected = tally->rows };
	return m.version && wb_vec_push(&r->applied, m) ? 0 : wb_err_nomem(err);
}

void wb_result_rolled_back(struct wb_result *r, const char *version)
{
	for (size_t i = 0; i < r->applied.n; i++) {
		if (!strcmp(r->applied.v[i].version, version))
			r->applied.v[i].rolled_back = true;
	}
}

int wb_result_not_rehearsed(struct wb_result *r, const char *text, struct wb_error *err)
{
	const char *copy = wb_arena_str(&r->arena, text);
	return copy && wb_vec_push(&r->not_rehearsed, copy) ? 0 : wb_err_nomem(err);
}

void wb_result_failed(struct wb_result *r, const struct wb_error *err)
{
	r->view.has_failed = true;
	r->view.failed = *err;
}

struct wb_run_result *wb_result_finish(struct wb_result *r, int64_t duration_ms, int64_t lock_wait_ms,
				       int64_t blocked_ms, int64_t retries)
{
	r->view.applied = r->applied.v;
	r->view.n_applied = r->applied.n;
	r->view.not_rehearsed = r->not_rehearsed.v;
	r->view.n_not_rehearsed = r->not_rehearsed.n;
	r->view.duration_ms = duration_ms;
	r->view.lock_wait_ms = lock_wait_ms;
	r->view.blocked_ms = blocked_ms;
	r->view.retries = retries;
	return &r->view;
}

WB_API void wb_run_result_free(struct wb_run_result *result)
{
	/* The view is the first member of what was allocated. */
	struct wb_result *r = (struct wb_result *)result;
	if (!r)
		return;
	wb_vec_done(&r->applied);
	wb_vec_done(&r->not_rehearsed);
	wb_arena_done(&r->arena);
	free(r);
}
