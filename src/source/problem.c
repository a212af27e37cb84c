/* SPDX-License-Identifier: Apache-2.0
 *
 * Problems: what is wrong with single files, collected so that all of them can
 * be listed, and told as one error when something is to be run.
 */
#include "source/internal.h"

int wb_problem_add(struct wb_load *l, struct wb_source_problem p, const char *hint, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	p.message = wb_arena_str(&l->s->arena, text);
	p.hint = wb_arena_str(&l->s->arena, hint);
	if (!p.message || (hint && !p.hint) || !wb_vec_push(&l->problems, p))
		return wb_err_nomem(l->err);
	return 0;
}

static int text_cmp(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int problem_cmp(const void *pa, const void *pb)
{
	const struct wb_source_problem *a = pa, *b = pb;
	int c = text_cmp(a->file, b->file);

	if (c)
		return c;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	c = strcmp(a->kind, b->kind);
	return c ? c : strcmp(a->message, b->message);
}

/* A folder's listing has no order; what is told about it has. */
void wb_problems_sort(struct wb_load *l)
{
	if (l->problems.n > 1)
		qsort(l->problems.v, l->problems.n, sizeof(*l->problems.v), problem_cmp);
}

/* Text of the file that a problem is in: embedded, or read again as it is now. */
static bool text_of(const struct wb_source *s, const char *file, struct wb_str *text)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct wb_migration *m = s->v[i];
		const char *memory = strcmp(m->file, file) == 0                        ? m->memory
				     : m->down_file && strcmp(m->down_file, file) == 0 ? m->down_memory
										       : NULL;
		if (memory) {
			wb_str_add(text, memory);
			return !text->failed;
		}
	}
	return wb_fs_read(file, WB_FILE_SMALL, text, NULL) == 0;
}

/* A file too large or gone shows none. */
void wb_source_excerpt(const struct wb_source *s, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	size_t at = 0;

	if (!err || !*err->file || err->line == 0 || !text_of(s, err->file, &text))
		return;
	for (unsigned line = 1; line < err->line && at < text.n; line++) {
		const char *nl = memchr(text.p + at, '\n', text.n - at);
		at = nl ? (size_t)(nl - text.p) + 1 : text.n;
	}
	at += err->column ? err->column - 1 : 0;
	if (at < text.n)
		wb_err_excerpt(err, wb_str_sv(&text), at);
}

int wb_source_check(const struct wb_source *s, struct wb_error *err)
{
	for (size_t i = 0; i < s->n_problems; i++) {
		const struct wb_source_problem *p = &s->problems[i];
		if (p->warning)
			continue;
		wb_err_set(err, p->code, "%s", p->message);
		if (p->hint)
			wb_err_hint(err, "%s", p->hint);
		if (p->file)
			wb_err_place(err, p->file, p->line, p->column);
		if (err && p->version)
			(void)wb_sv_copy(wb_sv_str(p->version), err->version, sizeof(err->version));
		wb_source_excerpt(s, err);
		return p->code;
	}
	return 0;
}
