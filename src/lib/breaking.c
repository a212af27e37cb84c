/* SPDX-License-Identifier: Apache-2.0
 *
 * validate --breaking: a migration after which programs that worked before may
 * fail has to say so at its head. What each one does to the schema is seen by
 * running them on a scratch database, with a look before and after. Those that
 * cannot be edited any more, because a database or the given revision has them,
 * are run but not judged; where none is left to judge, nothing is run.
 */
#include "schema.h"

struct replaying {
	struct wb_context *c;
	const struct wb_journal *journal;
	struct wb_problem_list *p;
	struct wb_str known; /* names that the revision has, each ended by a NUL */
	struct wb_trial trial;
	struct wb_model *model; /* of the scratch database, NULL: to be looked at */
	bool stopped; /* a migration failed there: what comes after it cannot be seen */
	struct wb_error *err;
};

static bool is_known(const struct replaying *r, const char *name)
{
	for (size_t at = 0; at < r->known.n; at += strlen(r->known.p + at) + 1)
		if (!strcmp(r->known.p + at, name))
			return true;
	return false;
}

static bool is_judged(const struct replaying *r, const struct wb_migration *m)
{
	const struct wb_record *record = wb_journal_find(r->journal, m->sort_key);
	return m->kind == WB_MIG_VERSIONED && m->has_up && m->header.breaking != WB_YES &&
	       !(record && wb_record_is_done(record)) && !is_known(r, m->name);
}

static int read_known(struct replaying *r, const char *revision)
{
	const char *list[] = { "git", "-C", r->c->o.dir, "ls-tree", "-z", "--name-only", revision, "./", NULL };
	return revision ? wb_proc_output(list, (size_t)64 << 20, &r->known, r->err) : 0;
}

/* ---- the scratch database ------------------------------------------------------------------ */

static int look(struct replaying *r)
{
	struct wb_schema_options o = { .size = sizeof(o) };
	return r->model ? 0 : wb_schema_model(r->trial.context, &o, &r->model, r->err);
}

/* That a migration fails there is a problem of the files, unless it says nothing about them. */
static int failed(struct replaying *r, struct wb_error *cause)
{
	bool could_not_look = cause->code == WB_ENOMEM || cause->code == WB_ECONN || cause->code == WB_ECANCELLED;
	r->stopped = true;
	if (could_not_look && r->err)
		*r->err = *cause;
	if (could_not_look)
		return cause->code;
	if (wb_problems_tell(r->p, cause))
		return 0;
	wb_err_prefix(cause, "up on an empty scratch database failed");
	return wb_problems_add_error(r->p, "breaking", cause, r->err);
}

static int go_to(struct replaying *r, const char *version)
{
	struct wb_run_options o = { .size = sizeof(o), .plan = { .size = sizeof(o.plan), .to = version } };
	struct wb_error e = { 0 };
	wb_model_free(r->model);
	r->model = NULL;
	return wb_up(r->trial.context, &o, NULL, &e) == 0 ? 0 : failed(r, &e);
}

/* ---- one migration ---------------------------------------------------------------------------- */

static int tell(struct replaying *r, const struct wb_migration *m, const struct wb_difference *d, const char *why,
		size_t n)
{
	const struct wb_object *o = d->expected ? d->expected : d->actual;
	wb_autostr path = WB_STR_INIT;
	struct wb_error e = { 0 };
	char more[48] = "";
	if (!wb_object_path(o, &path))
		return wb_err_nomem(r->err);
	if (n > 1)
		snprintf(more, sizeof(more), " (and %zu more)", n - 1);
	wb_err_set(&e, WB_ENO, "migration %s breaks and is %s", m->version,
		   m->header.breaking == WB_NO ? "marked as if it did not" : "not marked");
	wb_err_detail(&e, "%s %s %s: %s%s", wb_kind_name(o->kind), path.p,
		      d->attribute                 ? d->attribute
		      : d->type == WB_DIFF_MISSING ? "added"
						   : "removed",
		      why, more);
	wb_err_hint(&e, "write `-- Breaking: true` at its head, or let programs change first: add now, remove later");
	wb_err_place(&e, m->file, 0, 0);
	(void)wb_sv_copy(wb_sv_str(m->version), e.version, sizeof(e.version));
	return wb_problems_add_error(r->p, "breaking", &e, r->err);
}

static int compare(struct replaying *r, const struct wb_migration *m, const struct wb_model *before)
{
	const struct wb_difference *worst = NULL;
	const char *worst_why = NULL, *why;
	struct wb_diff diff;
	size_t n = 0;
	int rc = wb_schema_diff(r->model, before, &diff, r->err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < diff.n; i++) {
		if (wb_difference_impact(before, &diff.v[i], &why) != WB_IMPACT_MAJOR)
			continue;
		worst_why = n++ ? worst_why : why;
		worst = worst ? worst : &diff.v[i];
	}
	rc = worst ? tell(r, m, worst, worst_why, n) : 0;
	wb_diff_done(&diff);
	return rc;
}

static int judge(struct replaying *r, const struct wb_migration *m, const char *previous)
{
	int rc = !r->model && previous ? go_to(r, previous) : 0;
	if (rc == 0 && !r->stopped)
		rc = look(r);
	if (rc < 0 || r->stopped)
		return rc;
	struct wb_model *before = r->model;
	r->model = NULL;
	rc = go_to(r, m->version);
	if (rc == 0 && !r->stopped)
		rc = look(r);
	if (rc == 0 && !r->stopped)
		rc = compare(r, m, before);
	wb_model_free(before);
	return rc;
}

/* ---- all ---------------------------------------------------------------------------------------- */

static int judge_all(struct replaying *r)
{
	const struct wb_source *s = r->c->source;
	const char *previous = NULL;
	int rc = 0;
	for (size_t i = 0; rc == 0 && !r->stopped && i < s->n; i++) {
		const struct wb_migration *m = s->v[i];
		if (m->kind == WB_MIG_REPEATABLE)
			continue;
		if (is_judged(r, m)) {
			rc = judge(r, m, previous);
		} else {
			wb_model_free(r->model);
			r->model = NULL;
		}
		previous = m->version;
	}
	return rc;
}

static bool has_judged(const struct replaying *r)
{
	bool any = false;
	for (size_t i = 0; i < r->c->source->n && !any; i++)
		any = is_judged(r, r->c->source->v[i]);
	return any;
}

static int replay(struct replaying *r, struct wb_context *owner)
{
	if (owner->has_server && !owner->has_url) {
		wb_err_set(r->err, WB_EUSAGE, "whether a migration breaks is seen by running it on a scratch database");
		wb_err_hint(r->err, "pass --url or --scratch-url: a server on which databases may be made");
		return WB_EUSAGE;
	}
	int rc = wb_trial_open(owner, NULL, &r->trial, r->err);
	wb_trial_hint(rc, r->err);
	if (rc == 0) {
		r->trial.context->o.keep_snapshots = false;
		rc = judge_all(r);
	}
	wb_model_free(r->model);
	wb_trial_close(&r->trial);
	return rc;
}

int wb_validate_breaking(struct wb_context *c, const struct wb_validate_options *o, const struct wb_journal *j,
			 struct wb_problem_list *p, struct wb_error *err)
{
	struct replaying r = { .c = c, .journal = j, .p = p, .known = WB_STR_INIT, .err = err };
	struct wb_context *other = NULL;
	int rc = read_known(&r, o->against);
	if (rc == 0 && has_judged(&r)) {
		rc = o->scratch_url ? wb_open_like(c, o->scratch_url, &other, err) : 0;
		if (rc == 0)
			rc = replay(&r, other ? other : c);
		wb_close(other);
	}
	wb_str_done(&r.known);
	return rc;
}
