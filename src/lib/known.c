/* SPDX-License-Identifier: Apache-2.0
 *
 * What the journal knows of how long things take.
 */
#include "learn.h"

#include "state/state.h"

static const struct {
	const char *name;
	unsigned work;
} works[] = { { "scan", WB_WORK_SCAN }, { "rewrite", WB_WORK_REWRITE }, { "index", WB_WORK_INDEX } };

const char *wb_work_name(unsigned work)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(works); i++) {
		if (works[i].work == work)
			return works[i].name;
	}
	return "scan";
}

static int take(void *user, const struct wb_kept_timing *k, struct wb_error *err)
{
	struct wb_known *known = user;
	struct wb_timing t = { .bytes = k->bytes, .ms = k->actual_ms };
	for (size_t i = 0; i < WB_ARRAY_LEN(works); i++) {
		if (k->work && !strcmp(works[i].name, k->work))
			t.work = works[i].work;
	}
	/* What a newer version calls otherwise says nothing here. */
	if (!t.work || !k->operation || !wb_op_find(k->operation, &t.op))
		return 0;
	return wb_vec_push(&known->v, t) ? 0 : wb_err_nomem(err);
}

int wb_known_load(struct wb_context *c, struct wb_known *k, struct wb_error *err)
{
	*k = (struct wb_known){ 0 };
	int rc = c->conn && !c->conn_is_standin ? wb_timings_load(&c->target, take, k, err) : 0;
	k->timings = (struct wb_timings){ k->v.v, k->v.n };
	return rc;
}

void wb_known_done(struct wb_known *k)
{
	wb_vec_done(&k->v);
}
