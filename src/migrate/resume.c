/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans that come from an earlier one. `resume` takes what the newest run had
 * planned and did not finish, and nothing that came later; a run's plan is
 * stored as lines of action, version, checksum. `redo` reverts the newest and
 * applies it again.
 */
#include "run.h"

struct stored_plan {
	struct wb_arena *a;
	const char *text; /* NULL: there was no run */
	bool ended_well;
};

static int take_run(void *user, const struct wb_row *row, struct wb_error *err)
{
	enum { PLAN = 3, RESULT = 9 };
	struct stored_plan *p = user;
	if (row->n <= RESULT)
		return wb_err_set(err, WB_EBUG, "run_open gives %d columns", row->n);
	p->text = wb_arena_sv(p->a, row->v[PLAN]);
	p->ended_well = wb_sv_eq(row->v[RESULT], WB_SV("ok"));
	return p->text ? 0 : wb_err_nomem(err);
}

static bool next_line(struct wb_sv *rest, struct wb_sv *ret_action, struct wb_sv *ret_version)
{
	struct wb_sv line;
	return wb_sv_cut(rest, '\n', &line) && wb_sv_cut(&line, ' ', ret_action) && wb_sv_cut(&line, ' ', ret_version);
}

static bool plan_names(const char *plan, const char *version)
{
	struct wb_sv rest = wb_sv_str(plan), action, v;
	while (next_line(&rest, &action, &v)) {
		if (wb_sv_eq(v, wb_sv_str(version)))
			return true;
	}
	return false;
}

/* What of a stored plan is left. */
struct left {
	int64_t reverts; /* still applied, at least in part */
	bool whole; /* and one of them not begun */
	bool applies;
};

static int find_left(struct wb_run *run, const char *plan, struct wb_arena *a, struct left *ret_left,
		     struct wb_error *err)
{
	struct wb_sv rest = wb_sv_str(plan), action, v;
	while (next_line(&rest, &action, &v)) {
		bool revert = wb_sv_eq(action, wb_sv_str(wb_action_name(WB_REVERT)));
		if (!revert && !wb_sv_eq(action, wb_sv_str(wb_action_name(WB_RESUME_DOWN)))) {
			ret_left->applies = true;
			continue;
		}
		char *version = wb_arena_sv(a, v), *key = version ? wb_version_key(a, version) : NULL;
		const struct wb_record *r = key ? wb_journal_find(&run->journal, key) : NULL;
		if (!key)
			return wb_err_nomem(err);
		if (!r || !wb_record_is_done(r))
			continue;
		ret_left->reverts++;
		ret_left->whole |= revert && !wb_record_is_half(r);
	}
	return 0;
}

static void keep_only(struct wb_work *w, const char *plan)
{
	size_t n = 0;
	for (size_t i = 0; i < w->items.n; i++) {
		if (plan_names(plan, w->items.v[i].version) || wb_resumes(&w->items.v[i]))
			w->items.v[n++] = w->items.v[i];
		else
			wb_script_free(w->items.v[i].script);
	}
	w->items.n = n;
	wb_work_digest(w);
}

int wb_plan_resume(struct wb_run *run, struct wb_error *err)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct stored_plan stored = { .a = &a };
	struct left left = { 0 };
	struct wb_plan_options o = run->o->plan;
	struct wb_value of[] = { wb_v_text(run->t->project), WB_V_NULL };
	if (!run->journal.exists)
		return 0;
	int rc = wb_query_named(run->t->conn, WB_SQL_RUN_OPEN, of, 2, take_run, &stored, NULL, err);
	if (rc < 0 || !stored.text || stored.ended_well)
		return rc;
	rc = find_left(run, stored.text, &a, &left, err);
	if (rc < 0 || (!left.reverts && !left.applies))
		return rc;
	if (left.applies && left.whole)
		return wb_plan_redo(run, err);
	o.down = !left.applies;
	o.steps = left.applies ? 0 : left.reverts;
	o.out_of_order = true;
	rc = wb_work_make(run->t, &run->journal, &o, &run->work, err);
	if (rc == 0)
		keep_only(&run->work, stored.text);
	return rc;
}

int wb_plan_redo(struct wb_run *run, struct wb_error *err)
{
	struct wb_plan_options o = run->o->plan;
	o.down = true;
	o.to = NULL;
	o.steps = 1;
	int rc = wb_work_make(run->t, &run->journal, &o, &run->work, err);
	if (rc < 0 || !run->work.items.n)
		return rc;
	struct wb_work_item again = run->work.items.v[run->work.items.n - 1];
	if (!again.migration)
		return wb_err_set(err, WB_EIRREVERSIBLE, "migration %s has no file here, so it cannot be applied again",
				  again.version);
	again.action = WB_APPLY;
	again.record = NULL;
	again.script = NULL;
	if (!wb_vec_push(&run->work.items, again))
		return wb_err_nomem(err);
	wb_work_digest(&run->work);
	return 0;
}
