/* SPDX-License-Identifier: Apache-2.0
 *
 * Findings: their level, their place, and whether a comment takes them back.
 */
#include "safety/lint.h"

#include <stdio.h>

#define CONFIGURED 4u

static const char *format(struct wb_lint_run *run, const char *fmt, va_list ap) WB_PRINTF(2, 0);

static const char *format(struct wb_lint_run *run, const char *fmt, va_list ap)
{
	wb_autostr text = WB_STR_INIT;
	wb_str_vaddf(&text, fmt, ap);
	char *copy = text.failed ? NULL : wb_arena_sv(&run->arena, wb_str_sv(&text));
	run->failed |= !copy;
	return copy ? copy : "";
}

static const char *path_of(const struct wb_look *l)
{
	const struct wb_section *s = l->stmt ? l->stmt->section : NULL;
	return s && s->in_down_file && l->file->down_path ? l->file->down_path : l->file->path;
}

static void place(struct wb_look *l, struct wb_lint_finding *f, size_t offset)
{
	struct wb_error at = { 0 };
	wb_sql_error_place(&at, f->file, l->stmt->pos, l->stmt->text, offset);
	f->line = at.line;
	f->column = at.column;
	f->caret = at.caret;
	f->excerpt = wb_arena_str(&l->run->arena, at.excerpt);
	l->run->failed |= !f->excerpt;
}

static struct wb_lint_finding *add(struct wb_look *l, enum wb_lint_level level)
{
	struct wb_lint_run *run = l->run;
	const struct wb_rule *r = wb_rule_at(l->rule);
	unsigned set = run->levels[l->rule];
	if (set & CONFIGURED || set == WB_LINT_OFF)
		level = (enum wb_lint_level)(set & 3);
	if (level == WB_LINT_OFF)
		return NULL;
	if (l->file && wb_ignored(l->file, r->id, l->stmt)) {
		run->ignored++;
		return NULL;
	}
	struct wb_found *found = wb_arena_alloc(&run->arena, sizeof(*found));
	if (!found || !wb_vec_push(&run->findings, found)) {
		run->failed = true;
		return NULL;
	}
	found->file = l->file ? l->file->number : 0;
	found->n = run->findings.n;
	struct wb_lint_finding *f = &found->f;
	*f = (struct wb_lint_finding){ .rule = r->id, .level = level };
	f->loses_data = r->flags & WB_RULE_LOSES;
	if (l->file) {
		f->file = path_of(l);
		f->version = l->file->m ? wb_arena_str(&run->arena, l->file->m->version) : NULL;
	}
	if (l->stmt) {
		f->statement = l->stmt->ordinal;
		place(l, f, l->op ? l->op->offset : 0);
	}
	return f;
}

struct wb_lint_finding *wb_find_at(struct wb_look *l, enum wb_lint_level level, const char *fmt, ...)
{
	struct wb_lint_finding *f = add(l, level);
	va_list ap;
	if (!f)
		return NULL;
	va_start(ap, fmt);
	f->message = format(l->run, fmt, ap);
	va_end(ap);
	return f;
}

struct wb_lint_finding *wb_find(struct wb_look *l, const char *fmt, ...)
{
	struct wb_lint_finding *f = add(l, wb_rule_at(l->rule)->level);
	va_list ap;
	if (!f)
		return NULL;
	va_start(ap, fmt);
	f->message = format(l->run, fmt, ap);
	va_end(ap);
	return f;
}

struct wb_lint_finding *wb_find_kept(struct wb_look *l, const char *fmt, ...)
{
	struct wb_lint_finding *f = add(l, WB_LINT_INFO);
	va_list ap;
	if (!f)
		return NULL;
	va_start(ap, fmt);
	f->message = format(l->run, fmt, ap);
	va_end(ap);
	f->loses_data = false;
	wb_hint(l, f,
		"`whimbrel down` brings it all back, `whimbrel trash --restore` one thing, until `whimbrel trash "
		"--purge` takes what is older than 30 days, or than it is told");
	return f;
}

void wb_find_move(struct wb_look *l, struct wb_lint_finding *f, size_t offset)
{
	if (f && offset <= l->stmt->text.n)
		place(l, f, offset);
}

void wb_hint(struct wb_look *l, struct wb_lint_finding *f, const char *fmt, ...)
{
	va_list ap;
	if (!f)
		return;
	va_start(ap, fmt);
	f->hint = format(l->run, fmt, ap);
	va_end(ap);
}

void wb_safe(struct wb_look *l, struct wb_lint_finding *f, const char *fmt, ...)
{
	va_list ap;
	if (!f)
		return;
	va_start(ap, fmt);
	f->safe_sql = format(l->run, fmt, ap);
	va_end(ap);
}
