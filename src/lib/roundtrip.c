/* SPDX-License-Identifier: Apache-2.0
 *
 * validate --round-trip: up, down, up on a scratch database of its own, beside
 * the real one. After everything is reverted no object may be left, and the
 * second up must give what the first gave.
 */
#include "context.h"

static int list_object(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct wb_str *s = user;
	wb_str_addf(s, "%s %s\n", row->v[0].p ? row->v[0].p : "", row->n > 1 && row->v[1].p ? row->v[1].p : "");
	return s->failed ? wb_err_nomem(err) : 0;
}

static int objects(struct wb_context *c, struct wb_str *ret_list, struct wb_error *err)
{
	return wb_query_named(c->conn, WB_SQL_USER_OBJECTS, NULL, 0, list_object, ret_list, NULL, err);
}

static int differs(struct wb_problem_list *p, const char *what, const struct wb_str *left, struct wb_error *err)
{
	struct wb_error e;
	wb_err_set(&e, WB_ENO, "%s", what);
	wb_err_detail(&e, "%.*s", (int)(left->n < 800 ? left->n : 800), left->p);
	wb_err_hint(&e, "let every down part undo all that its up part made");
	return wb_problems_add_error(p, "round_trip", &e, err);
}

static int failed(struct wb_problem_list *p, const char *way, struct wb_error *cause, struct wb_error *err)
{
	/* These say nothing about the files. */
	bool could_not_look = cause->code == WB_ENOMEM || cause->code == WB_ECONN || cause->code == WB_ECANCELLED;
	if (could_not_look && err)
		*err = *cause;
	if (could_not_look)
		return cause->code;
	wb_err_prefix(cause, "%s", way);
	return wb_problems_add_error(p, "round_trip", cause, err);
}

static const char *newest(const struct wb_source *s, enum wb_mig_kind kind)
{
	const char *version = NULL;
	for (size_t i = 0; i < s->n; i++)
		version = s->v[i]->kind == kind ? s->v[i]->version : version;
	return version;
}

static int go(struct wb_context *c, bool down, const char *to, struct wb_str *ret_objects, const char *way,
	      struct wb_problem_list *p, bool *ret_went, struct wb_error *err)
{
	struct wb_run_options o = { .size = sizeof(o), .plan = { .size = sizeof(o.plan), .to = to } };
	struct wb_error e = { 0 };
	*ret_went = (down ? wb_down : wb_up)(c, &o, NULL, &e) == 0;
	return *ret_went ? objects(c, ret_objects, err) : failed(p, way, &e, err);
}

/* Repeatables are untouched by down, and a baseline cannot be reverted: the trip is from there to the last versioned
 * migration and back, and only then all the rest runs. */
static int trip(struct wb_context *c, const struct wb_source *files, struct wb_problem_list *p, struct wb_error *err)
{
	wb_autostr start = WB_STR_INIT, first = WB_STR_INIT, back = WB_STR_INIT, second = WB_STR_INIT,
		   all = WB_STR_INIT;
	const char *base = newest(files, WB_MIG_BASELINE), *last = newest(files, WB_MIG_VERSIONED);
	bool went = true;
	int rc = 0;
	if (base)
		rc = go(c, false, base, &start, "the baseline on an empty scratch database failed", p, &went, err);
	if (rc == 0 && went && last)
		rc = go(c, false, last, &first, "up on an empty scratch database failed", p, &went, err);
	if (rc == 0 && went && last)
		rc = go(c, true, base ? base : "0", &back, "down to nothing failed", p, &went, err);
	if (rc == 0 && went && last && !wb_sv_eq(wb_str_sv(&start), wb_str_sv(&back)))
		rc = differs(p, "objects are left after everything was reverted", &back, err);
	if (rc == 0 && went && last)
		rc = go(c, false, last, &second, "up failed after everything had been reverted", p, &went, err);
	if (rc == 0 && went && !wb_sv_eq(wb_str_sv(&first), wb_str_sv(&second)))
		rc = differs(p, "the second up made other objects than the first", &second, err);
	return rc == 0 && went ? go(c, false, NULL, &all, "the repeatable migrations failed", p, &went, err) : rc;
}

int wb_validate_round_trip(struct wb_context *c, struct wb_problem_list *p, struct wb_error *err)
{
	struct wb_trial t;
	if (!c->has_url)
		return wb_err_set(err, WB_EUSAGE, "--round-trip needs a database server: pass --url");
	int rc = wb_trial_open(c, NULL, &t, err);
	if (rc == 0)
		rc = trip(t.context, c->source, p, err);
	wb_trial_close(&t);
	return rc;
}
