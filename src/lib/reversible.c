/* SPDX-License-Identifier: Apache-2.0
 *
 * validate --reversible: which migrations have no way down, and why. Of applied
 * ones the journal knows; of the others their text tells, and where it does not,
 * all are run on a scratch database. The database itself is only read.
 */
#include "context.h"
#include "migrate/undo.h"

struct reversible {
	struct wb_context *c;
	const struct wb_journal *j;
	struct wb_problem_list *p;
	bool try; /* some are only known by trying */
	struct wb_error *err;
};

static int report(struct reversible *r, const struct wb_migration *m, const char *why, const struct wb_pos *pos,
		  bool warning)
{
	struct wb_error e;
	wb_err_set(&e, WB_EIRREVERSIBLE, "migration %s %s", m->version,
		   warning ? "may be impossible to undo" : "has no down part, and cannot be undone without one");
	wb_err_detail(&e, "%s", why);
	wb_err_hint(&e, warning ? "pass --url: it is tried on a scratch database then"
				: "write a `-- migrate:down` section");
	wb_err_place(&e, m->file, pos ? pos->line : 0, pos ? pos->column : 0);
	(void)wb_sv_copy(wb_sv_str(m->version), e.version, sizeof(e.version));
	int rc = wb_problems_add_error(r->p, "irreversible", &e, r->err);
	if (rc == 0)
		r->p->list.v.v[r->p->list.v.n - 1].warning = warning;
	return rc;
}

/* Rows that are dropped: whether there are any is only known on the day. */
static const char *what_is_lost(const struct wb_undo *u)
{
	const char *why = NULL;
	for (size_t i = 0; i < u->conditions.n && !why; i++)
		why = u->conditions.v[i].why;
	return u->way == WB_UNDO_CATALOG || u->way == WB_UNDO_ASK ? why : NULL;
}

static int judge(struct reversible *r, const struct wb_migration *m, const struct wb_undo *u)
{
	wb_autoarena a = WB_ARENA_INIT;
	const char *lost = what_is_lost(u);
	if (u->why)
		return report(r, m, u->why, &u->pos, false);
	if (lost) {
		const char *why = wb_arena_printf(&a, "%s, unless it has none when it is applied", lost);
		return why ? report(r, m, why, NULL, false) : wb_err_nomem(r->err);
	}
	r->try |= u->way != WB_UNDO_TEXT;
	return 0;
}

static int draft_of(struct reversible *r, const struct wb_migration *m, struct wb_script **ret_script)
{
	struct wb_script_options o = { .mode = WB_TRANSACTION_FILE, .undo = true };
	struct wb_error e = { 0 };
	int rc = wb_script_of_migration(&r->c->target, m, WB_UP_SECTIONS, &o, ret_script, &e);
	if (rc == WB_ENOMEM)
		return wb_err_nomem(r->err);
	return 0; /* what is wrong with the file is told elsewhere */
}

static const char mark[] = "no undo: ";

static bool is_checked(const struct wb_migration *m)
{
	return m->kind == WB_MIG_VERSIONED && !m->has_down && m->has_up;
}

static int look_at(struct reversible *r, const struct wb_migration *m)
{
	const struct wb_record *record = wb_journal_find(r->j, m->sort_key);
	bool applied = record && wb_record_is_done(record);
	struct wb_script *s = NULL;
	if (!is_checked(m) || (applied && (record->has_down || record->state == WB_STATE_BASELINE)))
		return 0;
	if (applied && record->reason && wb_sv_starts(wb_sv_str(record->reason), mark))
		return report(r, m, record->reason + strlen(mark), NULL, false);
	int rc = draft_of(r, m, &s);
	if (rc < 0 || !s)
		return rc;
	if (!s->undo)
		rc = report(r, m, "undo is switched off", NULL, false);
	else if (applied && s->undo->drafted != WB_UNDO_TEXT && !s->undo->draft.why)
		rc = report(r, m, "it was applied when nobody looked at the schema before it", NULL, false);
	else
		rc = judge(r, m, &s->undo->draft);
	wb_script_free(s);
	return rc;
}

/* ---- tried ------------------------------------------------------------------------------ */

static bool is_known(const struct reversible *r, const struct wb_migration *m)
{
	for (size_t i = 0; i < r->p->list.v.n; i++) {
		const struct wb_problem *p = &r->p->list.v.v[i];
		if (!strcmp(p->kind, "irreversible") && p->version && !strcmp(p->version, m->version))
			return true;
	}
	return false;
}

static int take_reasons(struct reversible *r, const struct wb_journal *tried)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < r->c->source->n; i++) {
		const struct wb_migration *m = r->c->source->v[i];
		const struct wb_record *was = wb_journal_find(r->j, m->sort_key);
		const struct wb_record *record = wb_journal_find(tried, m->sort_key);
		if (!is_checked(m) || is_known(r, m) || (was && wb_record_is_done(was)) || !record || record->has_down)
			continue;
		bool told = record->reason && wb_sv_starts(wb_sv_str(record->reason), mark);
		if (record->state == WB_STATE_APPLIED)
			rc = report(r, m, told ? record->reason + strlen(mark) : "nothing tells why", NULL, false);
	}
	return rc;
}

static int try_all(struct reversible *r)
{
	struct wb_run_options o = { .size = sizeof(o) };
	struct wb_journal tried = { 0 };
	struct wb_trial t;
	struct wb_error why = { 0 };
	int rc = wb_trial_open(r->c, NULL, &t, r->err);
	if (rc == 0) {
		t.context->o.keep_snapshots = false;
		rc = wb_up(t.context, &o, NULL, &why);
	}
	if (rc < 0 && why.code && why.code != WB_ENOMEM && why.code != WB_ECONN && why.code != WB_ECANCELLED) {
		bool told = wb_problems_tell(r->p, &why);
		wb_err_prefix(&why, "how migrations can be undone is not seen: up on an empty scratch database failed");
		rc = told ? 0 : wb_problems_add_error(r->p, "irreversible", &why, r->err);
	} else if (rc < 0 && why.code && r->err) {
		*r->err = why;
	}
	if (rc == 0)
		rc = wb_journal_load(&t.context->target, false, &tried, r->err);
	if (rc == 0)
		rc = take_reasons(r, &tried);
	wb_journal_done(&tried);
	wb_trial_close(&t);
	return rc;
}

static int warn_all(struct reversible *r)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < r->c->source->n; i++) {
		const struct wb_migration *m = r->c->source->v[i];
		struct wb_script *s = NULL;
		if (!is_checked(m) || is_known(r, m))
			continue;
		rc = draft_of(r, m, &s);
		if (rc == 0 && s && s->undo && s->undo->drafted != WB_UNDO_TEXT)
			rc = report(r, m, "that depends on the schema before it", NULL, true);
		wb_script_free(s);
	}
	return rc;
}

int wb_validate_reversible(struct wb_context *c, const struct wb_journal *j, struct wb_problem_list *p,
			   struct wb_error *err)
{
	struct reversible r = { .c = c, .j = j, .p = p, .err = err };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < c->source->n; i++)
		rc = look_at(&r, c->source->v[i]);
	if (rc < 0 || !r.try)
		return rc;
	return c->has_url ? try_all(&r) : warn_all(&r);
}
