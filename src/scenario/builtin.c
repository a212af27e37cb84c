/* SPDX-License-Identifier: Apache-2.0
 *
 * Suites that nobody has to write: round trip, idempotence, data. Each looks at
 * one migration on a database where everything before it has been applied.
 */
#include "scenario.h"

/* ---- round trip ------------------------------------------------------------------------------ */

/* The first problem decides; remarks are told where there is none. */
static int judge_trip(const struct wb_problem_list *p, bool stays, struct verdict *v)
{
	const struct wb_problem *first = NULL;
	for (size_t i = 0; i < p->list.v.n; i++) {
		const struct wb_problem *one = &p->list.v.v[i];
		if (!first || (first->warning && !one->warning))
			first = one;
	}
	if (!first)
		return 0;
	verdict_say(v,
		    first->warning ? WB_TEST_PASSED
		    : stays        ? WB_TEST_SKIPPED
				   : WB_TEST_FAILED,
		    "%s%s", first->warning ? "remark: " : "", first->message);
	(void)wb_sv_copy(wb_sv_str(first->hint), v->hint, sizeof(v->hint));
	(void)wb_sv_copy(wb_sv_str(first->file), v->file, sizeof(v->file));
	v->line = first->line;
	return 0;
}

int roundtrip_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err)
{
	struct wb_problem_list p = { .arena = &b->arena };
	bool stays = false;
	int rc = bed_ready(b, err);
	if (rc == 0)
		rc = wb_trip_one(b->c, b->o->schema, j->m, j->before, &p, &stays, err);
	if (rc == 0)
		rc = judge_trip(&p, stays, v);
	wb_problems_done(&p.list);
	return rc;
}

int roundtrip_all_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err)
{
	struct wb_problem_list p = { .arena = &b->arena };
	bool stays = false;
	int rc = bed_ready(b, err);
	(void)j;
	if (rc == 0)
		rc = wb_trip_all(b->c, b->o->schema, b->owner->source, &p, &stays, err);
	if (rc == 0)
		rc = judge_trip(&p, stays, v);
	wb_problems_done(&p.list);
	return rc;
}

/* ---- idempotence -------------------------------------------------------------------------------- */

struct state {
	struct wb_model *model;
	struct counts counts;
};

static int look(struct bed *b, bool columns, struct state *ret, struct wb_error *err)
{
	int rc = bed_model(b, &ret->model, err);
	return rc < 0 ? rc : counts_take(b, ret->model, columns, &ret->counts, err);
}

static void state_done(struct state *s)
{
	wb_model_free(s->model);
	counts_done(&s->counts);
}

static int nothing_changed(const struct state *was, const struct state *is, const char *what, struct wb_error *err)
{
	wb_autostr s = WB_STR_INIT;
	int rc = same_schema(was->model, is->model, what, err);
	counts_compare(&was->counts, &is->counts, true, &s);
	if (rc == 0 && s.failed)
		return wb_err_nomem(err);
	if (rc == 0 && s.n) {
		wb_err_set(err, WB_ENO, "%s", what);
		wb_err_detail(err, "%s", s.p);
		return WB_ENO;
	}
	return rc;
}

static int up_again(struct bed *b, size_t wanted, const char *what, struct wb_error *err)
{
	struct state was = { 0 }, is = { 0 };
	struct wb_run_result *r = NULL;
	int rc = look(b, false, &was, err);
	if (rc == 0)
		rc = bed_up(b, NULL, &r, err);
	if (rc == 0 && (r ? r->n_applied : 0) != wanted) {
		wb_err_set(err, WB_ENO, "%s", what);
		wb_err_detail(err, "%zu were applied", r ? r->n_applied : 0);
		rc = WB_ENO;
	}
	if (rc == 0)
		rc = look(b, false, &is, err);
	if (rc == 0)
		rc = nothing_changed(&was, &is, what, err);
	wb_run_result_free(r);
	state_done(&was);
	state_done(&is);
	return rc;
}

static int fill(struct bed *b, const struct wb_model *m, struct wb_error *err)
{
	struct trip_rows rows = { .arena = WB_ARENA_INIT };
	int rc = wb_trip_fill(b->c, m, &rows, err);
	wb_trip_rows_done(&rows);
	return rc;
}

int again_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err)
{
	struct wb_model *m = NULL;
	int rc = bed_model(b, &m, err);
	(void)j, (void)v;
	if (rc == 0)
		rc = fill(b, m, err);
	wb_model_free(m);
	return rc < 0 ? rc : up_again(b, 0, "the second up does something", err);
}

/* The journal is told another checksum: the file counts as changed, and runs again. */
static int forget_checksum(struct bed *b, const struct wb_migration *m, struct wb_error *err)
{
	static const char other[] = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
	const struct wb_value params[] = {
		wb_v_text(b->c->o.project), wb_v_text(m->version),     wb_v_text(other), WB_V_NULL,
		wb_v_text(m->name),         wb_v_text(m->description), WB_V_NULL,
	};
	return wb_query_named(b->c->conn, WB_SQL_MIGRATION_REPAIR, params, (int)WB_ARRAY_LEN(params), NULL, NULL, NULL,
			      err);
}

int repeatable_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err)
{
	int rc = bed_ready(b, err);
	(void)v;
	if (rc == 0)
		rc = forget_checksum(b, j->m, err);
	if (rc == 0)
		rc = up_again(b, 1, "run again, it makes something else", err);
	if (rc < 0 && !*err->file)
		wb_err_place(err, j->m->file, 0, 0);
	return rc;
}

/* ---- data ------------------------------------------------------------------------------------------- */

static int compare(const struct job *j, const struct state *was, const struct state *is, struct verdict *v,
		   struct wb_error *err)
{
	wb_autostr s = WB_STR_INIT;
	counts_compare(&was->counts, &is->counts, false, &s);
	if (s.failed)
		return wb_err_nomem(err);
	if (!s.n)
		return was->counts.rows
			       ? 0
			       : verdict_say(v, WB_TEST_SKIPPED, "there are no tables yet that could have rows");
	wb_err_set(err, WB_ENO, "it loses data");
	wb_err_detail(err, "%s", s.p);
	wb_err_place(err, j->m->file, 0, 0);
	return WB_ENO;
}

int data_run(struct bed *b, const struct job *j, struct verdict *v, struct wb_error *err)
{
	struct state was = { 0 }, is = { 0 };
	struct wb_error why;
	struct wb_model *m = NULL;
	int rc = bed_model(b, &m, err);
	if (rc == 0)
		rc = fill(b, m, err);
	wb_model_free(m);
	if (rc == 0)
		rc = look(b, true, &was, err);
	int up = rc < 0 ? rc : bed_up(b, j->m->version, NULL, &why);
	if (rc == 0 && up == 0)
		rc = look(b, true, &is, err);
	if (rc == 0 && up == 0)
		rc = compare(j, &was, &is, v, err);
	else if (rc == 0 && could_not_look(up))
		*err = why, rc = up;
	else if (rc == 0)
		/* Where they are worse than real ones they say nothing. */
		verdict_say(v, WB_TEST_SKIPPED, "made-up rows are in its way: %s", why.message);
	state_done(&was);
	state_done(&is);
	return rc;
}
