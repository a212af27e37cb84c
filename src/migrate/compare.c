/* SPDX-License-Identifier: Apache-2.0
 *
 * Files against journal: everything that `status` and `validate` report and that
 * makes `up` refuse. Looks at each file and each record once.
 */
#include "migrate.h"

struct compare {
	const struct wb_target *t;
	const struct wb_journal *j;
	struct wb_arena *a;
	struct wb_problems *p;
	const char *newest_file; /* highest version that has a file */
	const char *newest_applied; /* highest version that is applied, failed half way or running */
	const char *baseline; /* highest version declared or applied as baseline */
	const char *baseline_file; /* stands for all files up to it */
	size_t next; /* where the next record's file is expected */
};

void wb_problems_done(struct wb_problems *p)
{
	wb_vec_done(&p->v);
}

static void add(struct compare *c, struct wb_problem problem)
{
	if (!problem.message || !wb_vec_push(&c->p->v, problem))
		c->p->failed = true;
}

/* An empty file that is applied, or part of a baseline, has done all the harm it can. */
static bool is_settled(const struct compare *c, const struct wb_source_problem *s)
{
	const struct wb_migration *m =
		s->warning && s->version && !strcmp(s->kind, "empty") ? wb_source_find(c->t->source, s->version) : NULL;
	const struct wb_record *r = m ? wb_journal_find(c->j, m->sort_key) : NULL;
	return r && wb_record_is_done(r);
}

static void add_source_problems(struct compare *c)
{
	for (size_t i = 0; i < c->t->source->n_problems; i++) {
		const struct wb_source_problem *s = &c->t->source->problems[i];
		if (is_settled(c, s))
			continue;
		add(c, (struct wb_problem){ .kind = s->kind,
					    .version = s->version,
					    .file = s->file,
					    .message = s->message,
					    .hint = s->hint,
					    .line = s->line,
					    .column = s->column,
					    .warning = s->warning,
					    .code = s->code });
	}
}

static const char *higher(const char *a, const char *b)
{
	return !a || wb_version_cmp(b, a) > 0 ? b : a;
}

static void survey(struct compare *c)
{
	for (size_t i = 0; i < c->t->source->n; i++) {
		const struct wb_migration *m = c->t->source->v[i];
		if (m->kind != WB_MIG_REPEATABLE)
			c->newest_file = higher(c->newest_file, m->version);
		if (m->kind == WB_MIG_BASELINE)
			c->baseline_file = higher(c->baseline_file, m->version);
	}
	for (size_t i = 0; i < c->j->n; i++) {
		const struct wb_record *r = &c->j->v[i];
		if (r->kind == WB_MIG_REPEATABLE || !wb_record_is_done(r) || !wb_version_orders(r->version))
			continue;
		c->newest_applied = higher(c->newest_applied, r->version);
		if (r->state == WB_STATE_BASELINE || r->kind == WB_MIG_BASELINE)
			c->baseline = higher(c->baseline, r->version);
	}
}

static void missing(struct compare *c, const struct wb_record *r)
{
	if (r->state == WB_STATE_BASELINE || r->state == WB_STATE_MISSING || r->kind == WB_MIG_REPEATABLE)
		return;
	if (c->baseline_file && wb_version_cmp(r->version, c->baseline_file) <= 0)
		return;
	bool newer = !c->newest_file || wb_version_cmp(r->version, c->newest_file) > 0;
	add(c,
	    (struct wb_problem){
		    .kind = "missing",
		    .version = r->version,
		    .file = r->file,
		    .warning = newer,
		    .code = WB_EORDER,
		    .message = newer ? wb_arena_printf(c->a, "migration %s is applied and newer than every file here",
						       r->version)
				     : wb_arena_printf(c->a, "migration %s is applied but its file is missing",
						       r->version),
		    .hint = newer ? "an older checkout against a newer database: nothing will be done to it"
				  : "bring the file back, or `whimbrel repair` records it as missing" });
}

/* Two files of one version: which of them was applied is not the question. */
static bool stands_twice(const struct compare *c, const struct wb_migration *m)
{
	const struct wb_source *s = c->t->source;
	for (size_t i = 0; i < s->n_problems; i++) {
		const struct wb_source_problem *p = &s->problems[i];
		if (!p->warning && !strcmp(p->kind, "duplicate") && p->version &&
		    wb_version_cmp(p->version, m->version) == 0)
			return true;
	}
	return false;
}

static void modified(struct compare *c, const struct wb_record *r, const struct wb_migration *m)
{
	bool down_differs = r->has_down_checksum && m->has_down && memcmp(r->down_checksum, m->down_checksum, 32) != 0;
	if (m->kind != WB_MIG_REPEATABLE && r->has_checksum && memcmp(r->checksum, m->checksum, 32) != 0 &&
	    !stands_twice(c, m))
		add(c, (struct wb_problem){ .kind = "modified",
					    .version = r->version,
					    .file = m->file,
					    .code = WB_ECHECKSUM,
					    .message = wb_arena_printf(
						    c->a, "migration %s was changed after it was applied", r->version),
					    .hint = "put the old text back and write a new migration; or accept the "
						    "change with `whimbrel repair`" });
	else if (down_differs && !stands_twice(c, m))
		add(c,
		    (struct wb_problem){
			    .kind = "modified",
			    .version = r->version,
			    .file = m->file,
			    .warning = true,
			    .code = WB_ECHECKSUM,
			    .message = wb_arena_printf(
				    c->a, "the down part of migration %s was changed after it was applied", r->version),
			    .hint = "`whimbrel down` will use the file's new text" });
}

static const char *failed_hint(const struct wb_record *r, const struct wb_migration *m)
{
	if (m)
		return "mend the file, then run `whimbrel up` again";
	return r->statements_done ? "its file is gone: put it back, mended, then run `whimbrel up` again"
				  : "its file is gone: put it back, or let `whimbrel repair` clear the entry";
}

/* Of one that is rolled back as a whole nothing is left; how many statements had run says nothing. */
static char *failed_message(struct compare *c, const struct wb_record *r, const char *way)
{
	long long done = (long long)r->statements_done;
	const char *cause = r->error ? r->error : "no cause was recorded";
	if (!done)
		return wb_arena_printf(c->a, "%s migration %s failed, and nothing of it stayed: %s", way, r->version,
				       cause);
	return wb_arena_printf(c->a, "%s migration %s failed after %lld of its %lld statements, which stay: %s", way,
			       r->version, done, (long long)r->statements_total, cause);
}

static void unfinished(struct compare *c, const struct wb_record *r, const struct wb_migration *m)
{
	const char *file = m ? m->file : r->file;
	const char *way = r->down ? "reverting" : "applying";
	if (r->state == WB_STATE_FAILED)
		add(c, (struct wb_problem){ .kind = "failed",
					    .version = r->version,
					    .file = file,
					    .warning = true,
					    .code = WB_EFAILED,
					    .message = failed_message(c, r, way),
					    .hint = failed_hint(r, m) });
	else if (r->state == WB_STATE_RUNNING)
		add(c,
		    (struct wb_problem){
			    .kind = "half_done",
			    .version = r->version,
			    .file = file,
			    .warning = true,
			    .code = WB_ESTATE,
			    .message = wb_arena_printf(
				    c->a,
				    "%s migration %s is under way, or was interrupted, after %lld of %lld statements",
				    way, r->version, (long long)r->statements_done, (long long)r->statements_total),
			    .hint = "if no run is active (`whimbrel locks`), `whimbrel up` goes on where it stopped" });
}

/* Records and files mostly have one order, so the next file is mostly the one. */
static const struct wb_migration *file_of(struct compare *c, const struct wb_record *r)
{
	const struct wb_source *s = c->t->source;
	const struct wb_migration *m = c->next < s->n ? s->v[c->next] : NULL;
	if (!m || strcmp(m->sort_key, r->key) != 0 || (m->kind == WB_MIG_BASELINE) != (r->kind == WB_MIG_BASELINE))
		return wb_target_file(c->t, r);
	c->next++;
	return m;
}

static void compare_record(struct compare *c, const struct wb_record *r)
{
	const struct wb_migration *m = file_of(c, r);
	if (wb_record_is_done(r) && !m)
		missing(c, r);
	if (wb_record_is_done(r) && m)
		modified(c, r, m);
	unfinished(c, r, m);
}

static void late(struct compare *c, const struct wb_migration *m)
{
	if (m->kind != WB_MIG_VERSIONED || !c->newest_applied || wb_version_cmp(m->version, c->newest_applied) >= 0)
		return;
	if (c->baseline && wb_version_cmp(m->version, c->baseline) <= 0)
		return;
	const struct wb_record *r = wb_journal_find(c->j, m->sort_key);
	if (r && (wb_record_is_done(r) || r->state == WB_STATE_RUNNING || r->state == WB_STATE_FAILED ||
		  r->state == WB_STATE_REVERTED))
		return;
	add(c, (struct wb_problem){
		       .kind = "out_of_order",
		       .version = m->version,
		       .file = m->file,
		       .code = WB_EORDER,
		       .message = wb_arena_printf(c->a, "migration %s is not applied but older than %s, which is",
						  m->version, c->newest_applied),
		       .hint = "give it a newer version; or apply it late with `whimbrel up --out-of-order`" });
}

/* Do files lead from version `at` to the baseline? Those that `squash` replaces end at its version and are removed
 * newest first, so that the newest tells whether all are there; what people write may stand for any. */
static bool leads_to(const struct wb_source *files, const char *at, const char *base)
{
	bool some = false, newest = false, squashed = false;
	for (size_t i = 0; i < files->n; i++) {
		const struct wb_migration *m = files->v[i];
		int cmp = m->kind == WB_MIG_REPEATABLE ? 1 : wb_version_cmp(m->version, base);
		if (m->kind == WB_MIG_BASELINE)
			squashed |= cmp == 0 && !strcmp(m->description, "squashed");
		else if (cmp <= 0 && wb_version_cmp(m->version, at) > 0)
			some = true;
		newest |= m->kind == WB_MIG_VERSIONED && cmp == 0;
	}
	return some && (newest || !squashed);
}

/* A baseline file is run on an empty database alone. One that has some of what it stands for needs the rest of the
 * files: without them it would go on past a hole. */
static void behind(struct compare *c)
{
	const char *base = c->baseline_file, *at = c->newest_applied;
	if (!base || !at || wb_version_cmp(at, base) >= 0 || leads_to(c->t->source, at, base))
		return;
	add(c, (struct wb_problem){
		       .kind = "missing",
		       .version = base,
		       .code = WB_EORDER,
		       .message = wb_arena_printf(c->a,
						  "the database stands at %s, and the files from there to %s are gone: "
						  "baseline %s is for empty databases",
						  at, base, base),
		       .hint = "check out the commit before they were squashed, run `whimbrel up` there, come back" });
}

int wb_compare(const struct wb_target *t, const struct wb_journal *j, struct wb_arena *a,
	       struct wb_problems *ret_problems, struct wb_error *err)
{
	struct wb_problems p = { 0 };
	struct compare c = { .t = t, .j = j, .a = a, .p = &p };
	add_source_problems(&c);
	survey(&c);
	for (size_t i = 0; i < j->n; i++)
		compare_record(&c, &j->v[i]);
	for (size_t i = 0; i < t->source->n; i++)
		late(&c, t->source->v[i]);
	behind(&c);
	if (p.failed) {
		wb_problems_done(&p);
		return wb_err_nomem(err);
	}
	*ret_problems = p;
	return 0;
}

int wb_problems_check(const struct wb_problems *p, struct wb_error *err)
{
	for (size_t i = 0; i < p->v.n; i++) {
		const struct wb_problem *problem = &p->v.v[i];
		if (problem->warning)
			continue;
		wb_err_set(err, problem->code, "%s", problem->message);
		wb_err_hint(err, "%s", problem->hint ? problem->hint : "");
		if (problem->file)
			wb_err_place(err, problem->file, problem->line, problem->column);
		if (err && problem->version)
			(void)wb_sv_copy(wb_sv_str(problem->version), err->version, sizeof(err->version));
		return problem->code;
	}
	return 0;
}
