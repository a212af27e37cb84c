/* SPDX-License-Identifier: Apache-2.0
 *
 * Safer forms of the steps of a plan. The rules of lint that know one look at
 * each operation just before it is judged, in the world as it is by then; what
 * they find belongs to the step, unless a comment of its file takes it back.
 */
#include "plan.h"

#define TEXT_MAX ((size_t)256 << 20)

/* Whichever way the plan goes: this is what is to be run now. */
static const struct wb_section runs = { .kind = WB_SEC_UP };

static unsigned line_ends(const char *text)
{
	unsigned n = 0;
	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

/* Steps as lint reads statements. */
static void show_step(const struct planning *p, size_t i, unsigned ordinal, struct wb_lint_stmt *st)
{
	const struct wb_plan_step *s = &p->b->steps.v[i];
	*st = (struct wb_lint_stmt){ .text = wb_sv_str(s->sql),
				     .pos = p->b->places.v[i],
				     .end_line = s->line + line_ends(s->sql),
				     .ordinal = ordinal,
				     .section = &runs,
				     .ops = p->b->operations.v[i],
				     .transaction = (unsigned)s->transaction };
	if (s->sql_cut)
		st->ops.n = 0; /* where they are in the text is not to be had */
}

static int show_parts(struct plan_safer *s)
{
	const struct plan_box *b = s->p->b;
	for (size_t i = 0; i < b->parts.n; i++) {
		const struct plan_part *part = &b->parts.v[i];
		size_t end = i + 1 < b->parts.n ? b->parts.v[i + 1].first : b->steps.n;
		for (size_t k = part->first; k < end; k++)
			show_step(s->p, k, (unsigned)(k - part->first) + 1, &s->stmts[k]);
		s->files[i] = (struct wb_lint_file){ .m = part->m,
						     .path = part->path,
						     .number = (unsigned)i + 1,
						     .judged = true,
						     .v = s->stmts + part->first,
						     .n = end - part->first };
		if (!wb_vec_push(&s->run.paths, part->path))
			return wb_err_nomem(s->p->err);
	}
	return 0;
}

int wb_plan_safer_begin(struct planning *p, struct plan_safer *s, struct wb_world *world)
{
	const struct plan_box *b = p->b;
	*s = (struct plan_safer){ .p = p, .part = SIZE_MAX };
	s->run.driver = p->driver;
	s->run.settings = p->settings;
	s->run.n_settings = p->n_settings;
	s->run.all_new = true;
	s->run.world = world->surveyed || world->relations.n ? world : NULL;
	bool keeps = b->view.direction && !strcmp(b->view.direction, "up"); /* no other statements set anything aside */
	int rc = keeps ? wb_trash_place(p->c, &s->run.arena, &s->run.trash, p->err) : 0;
	if (rc == 0)
		rc = wb_lint_begin(&s->run, p->err);
	if (rc < 0)
		return rc;
	s->files = wb_arena_array(&s->run.arena, b->parts.n + 1, sizeof(*s->files));
	s->stmts = wb_arena_array(&s->run.arena, b->steps.n + 1, sizeof(*s->stmts));
	s->found = wb_arena_array(&s->run.arena, b->steps.n + 1, sizeof(*s->found));
	return s->files && s->stmts && s->found ? show_parts(s) : wb_err_nomem(p->err);
}

/* ---- looking ------------------------------------------------------------------------------ */

static void before(void *user, const struct wb_operation *op)
{
	struct plan_safer *s = user;
	if (s->stmts[s->step].ops.n)
		wb_lint_look(&s->run, &s->files[s->part], &s->stmts[s->step], op);
}

static void after(void *user, const struct wb_operation *op)
{
	struct plan_safer *s = user;
	wb_seen_apply(&s->run.seen, &s->files[s->part], &s->stmts[s->step], op);
}

struct wb_judge_watch wb_plan_safer_watch(struct plan_safer *s, size_t step)
{
	const struct plan_box *b = s->p->b;
	size_t part = s->part == SIZE_MAX ? 0 : s->part;
	while (part + 1 < b->parts.n && b->parts.v[part + 1].first <= step)
		part++;
	if (part != s->part)
		wb_lint_levels(&s->run, b->parts.v[part].path);
	s->part = part;
	s->step = step;
	s->found[step] = s->run.findings.n;
	return (struct wb_judge_watch){ before, after, s };
}

/* ---- what was found ------------------------------------------------------------------------- */

/* Read only where there is something to take back. */
static int read_ignores(struct plan_safer *s, struct wb_lint_file *f)
{
	wb_autostr text = WB_STR_INIT;
	const struct wb_migration *m = f->m;
	if (!m)
		return 0;
	bool back = s->p->b->view.direction && !strcmp(s->p->b->view.direction, "down") && m->down_file;
	const char *memory = back ? m->down_memory : m->memory, *path = back ? m->down_file : m->file;
	int rc = memory || !path ? 0 : wb_fs_read(path, TEXT_MAX, &text, s->p->err);
	if (rc < 0 || !(memory || path))
		return rc == WB_EIO ? 0 : rc; /* it has gone since it was planned */
	return wb_ignores_read(&s->run, f, memory ? wb_sv_str(memory) : wb_str_sv(&text), false, s->p->err);
}

static bool is_told(const struct wb_lint_file *f, const struct wb_lint_stmt *st, const struct wb_lint_finding *finding)
{
	return finding->level >= WB_LINT_WARNING && (finding->safe_sql || finding->hint) &&
	       !wb_ignored(f, finding->rule, st);
}

static int take_findings(struct plan_safer *s, const struct wb_lint_file *f, size_t step)
{
	struct wb_plan_step *out = &s->p->b->steps.v[step];
	size_t from = s->found[step];
	size_t to = step + 1 < s->p->b->steps.n ? s->found[step + 1] : s->run.findings.n;
	if (from == to)
		return 0;
	struct wb_plan_safe *v = wb_arena_array(&s->run.arena, to - from, sizeof(*v));
	if (!v)
		return wb_err_nomem(s->p->err);
	out->safe = v;
	for (size_t i = from; i < to; i++) {
		const struct wb_lint_finding *finding = &s->run.findings.v[i]->f;
		if (is_told(f, &s->stmts[step], finding))
			v[out->n_safe++] = (struct wb_plan_safe){ finding->rule, finding->message, finding->hint,
								  finding->safe_sql };
	}
	return 0;
}

static int take_part(struct plan_safer *s, size_t i)
{
	struct wb_lint_file *f = &s->files[i];
	size_t first = s->p->b->parts.v[i].first, end = first + f->n;
	size_t before_it = f->n ? s->found[first] : 0;
	size_t after_it = end < s->p->b->steps.n ? s->found[end] : s->run.findings.n;
	int rc = f->n && before_it != after_it ? read_ignores(s, f) : 0;
	for (size_t k = first; rc == 0 && k < end && before_it != after_it; k++)
		rc = take_findings(s, f, k);
	return rc;
}

int wb_plan_safer_end(struct plan_safer *s)
{
	int rc = s->run.failed || s->run.seen.failed ? wb_err_nomem(s->p->err) : 0;
	for (size_t i = 0; rc == 0 && i < s->p->b->parts.n; i++)
		rc = take_part(s, i);
	if (rc == 0)
		wb_arena_merge(&s->p->b->arena, &s->run.arena);
	return rc;
}

void wb_plan_safer_done(struct plan_safer *s)
{
	s->run.world = NULL;
	wb_lint_done(&s->run);
}
