/* SPDX-License-Identifier: Apache-2.0
 *
 * How long work on whole tables took, as rows of statement_timings: what a plan
 * expects of the next is learnt from them.
 */
#include "state/store.h"

#include "base/banned.h"

static int note_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)row;
	(void)err;
	*(bool *)user = true;
	return 0;
}

static int is_there(const struct wb_target *t, enum wb_sql_id id, bool *ret_there, struct wb_error *err)
{
	*ret_there = false;
	return wb_query_named(t->conn, id, NULL, 0, note_row, ret_there, NULL, err);
}

int wb_timings_matter(const struct wb_target *t, bool *ret_matter, struct wb_error *err)
{
	return is_there(t, WB_SQL_GROWN, ret_matter, err);
}

int wb_timings_keep(const struct wb_target *t, const struct wb_kept_timing *v, size_t n, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch batch = { .arena = WB_ARENA_INIT };
	bool there;
	int rc = is_there(t, WB_SQL_TIMING_EXISTS, &there, err);

	if (rc == 0 && !there)
		rc = wb_journal_script(t, WB_SQL_TIMING_CREATE, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct wb_value p[] = { wb_v_text(t->project),      wb_v_text(v[i].version),
					      wb_v_int(v[i].statement),   wb_v_text(v[i].operation),
					      wb_v_text(v[i].work),       wb_v_int(v[i].bytes),
					      wb_v_int(v[i].estimate_ms), wb_v_int(v[i].actual_ms) };

		if (!wb_journal_named(t, &batch.arena, WB_SQL_TIMING_ADD, p, WB_ARRAY_LEN(p), wb_batch_add(&batch)))
			rc = wb_err_nomem(err);
	}
	return rc < 0 ? rc : wb_batch_run_alone(&batch, t->conn, err);
}

struct loading {
	int (*take)(void *user, const struct wb_kept_timing *k, struct wb_error *err);
	void *user;
};

/* Columns of timing_list, see driver/queries.h. */
static int take_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	const struct loading *l = user;
	struct wb_kept_timing k = { .operation = row->v[0].p, .work = row->v[1].p, .estimate_ms = -1 };

	if (!wb_sv_i64(row->v[2], &k.bytes) || !wb_sv_i64(row->v[3], &k.actual_ms))
		return wb_err_set(err, WB_EBUG, "timing_list gives no number");
	return l->take(l->user, &k, err);
}

int wb_timings_load(const struct wb_target *t,
		    int (*take)(void *user, const struct wb_kept_timing *k, struct wb_error *err), void *user,
		    struct wb_error *err)
{
	struct loading l = { take, user };
	bool there;
	int rc = is_there(t, WB_SQL_TIMING_EXISTS, &there, err);

	return rc < 0 || !there ? rc : wb_query_named(t->conn, WB_SQL_TIMING_LIST, NULL, 0, take_row, &l, NULL, err);
}
