/* SPDX-License-Identifier: Apache-2.0
 *
 * "-- whimbrel:ignore RULE reason": on a line of the statement or on the lines
 * right above it; for the whole file before its first statement, with an empty
 * line or a section heading between. The comments that stand between statements
 * are not kept by the splitter, so the text is searched for the word, which most
 * files do not hold.
 */
#include "safety/lint.h"

static const char mark[] = "whimbrel:ignore";

static struct wb_sv line_around(struct wb_sv text, size_t at, unsigned *ret_line)
{
	size_t start = at, end = at;
	*ret_line = 1;
	for (size_t i = 0; i < at; i++)
		*ret_line += text.p[i] == '\n';
	while (start > 0 && text.p[start - 1] != '\n')
		start--;
	while (end < text.n && text.p[end] != '\n')
		end++;
	return wb_sv(text.p + start, end - start);
}

/* The mark begins a line comment: only blanks between it and the dashes. */
static bool begins_comment(struct wb_sv line, size_t at, size_t *ret_dashes)
{
	size_t i = at;
	while (i > 0 && (line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
		i--;
	while (i > 0 && line.p[i - 1] == '-')
		i--;
	*ret_dashes = i;
	return at - i >= 2 && line.p[i] == '-' && line.p[i + 1] == '-';
}

static bool in_file(const struct wb_lint_stmt *st, bool down)
{
	return (st->section && st->section->in_down_file) == down;
}

/* A text may hold the words, too. */
static bool in_string(const struct wb_lint_run *run, const struct wb_lint_stmt *st, uint64_t offset)
{
	struct wb_lexer lx;
	if (offset < st->pos.offset || offset >= st->pos.offset + st->text.n)
		return false;
	wb_lex_init(&lx, run->driver->dialect, st->text);
	for (struct wb_token t = wb_lex_next(&lx); t.kind != WB_TOK_END; t = wb_lex_next(&lx)) {
		uint64_t from = st->pos.offset + (uint64_t)(t.text.p - st->text.p);
		if (offset >= from && offset < from + t.text.n)
			return t.kind != WB_TOK_LINE_COMMENT && t.kind != WB_TOK_BLOCK_COMMENT;
	}
	return false;
}

static struct wb_sv line_number(struct wb_sv text, unsigned line)
{
	struct wb_sv piece = { 0 };
	while (line-- && wb_sv_cut(&text, '\n', &piece))
		;
	return wb_sv_trim(piece);
}

/* Only comments that are no headings between the two lines. */
static bool is_right_above(struct wb_sv text, unsigned line, unsigned statement)
{
	for (unsigned i = line + 1; i < statement; i++) {
		struct wb_sv between = line_number(text, i);
		if (!wb_sv_starts(between, "--") || wb_sv_starts(between, "-- migrate:"))
			return false;
	}
	return line < statement;
}

/* Which statement an ignore on this line means: one whose lines hold it, else the one right below. */
static void settle(const struct wb_lint_file *f, struct wb_sv text, struct wb_ignore *ig)
{
	bool first = true;
	for (size_t i = 0; i < f->n; i++) {
		const struct wb_lint_stmt *st = &f->v[i];
		if (!in_file(st, ig->down_file))
			continue;
		bool inside = ig->line >= st->pos.line && ig->line <= st->end_line;
		if (inside || is_right_above(text, ig->line, st->pos.line)) {
			ig->statement = st->ordinal;
			return;
		}
		if (ig->line < st->pos.line) {
			ig->whole = first;
			return;
		}
		first = false;
	}
	ig->whole = first; /* a file without statements */
}

static int add_ignore(struct wb_lint_run *run, struct wb_lint_file *f, const struct wb_ignore *ig, struct wb_error *err)
{
	struct wb_ignore *all = wb_arena_array(&run->arena, f->n_ignores + 1, sizeof(*all));
	if (!all)
		return wb_err_nomem(err);
	if (f->n_ignores)
		memcpy(all, f->ignores, f->n_ignores * sizeof(*all));
	all[f->n_ignores++] = *ig;
	f->ignores = all;
	return 0;
}

static int read_one(struct wb_lint_run *run, struct wb_lint_file *f, struct wb_sv text, size_t at, bool down,
		    struct wb_error *err)
{
	struct wb_ignore ig = { .down_file = down };
	struct wb_sv line = line_around(text, at, &ig.line), rest, rules;
	size_t column = (size_t)(text.p + at - line.p), dashes;
	if (!begins_comment(line, column, &dashes))
		return 0;
	for (size_t i = 0; i < f->n; i++) {
		if (in_file(&f->v[i], down) && in_string(run, &f->v[i], at))
			return 0;
	}
	rest = wb_sv_trim(wb_sv(line.p + column + sizeof(mark) - 1, line.n - column - (sizeof(mark) - 1)));
	rules = wb_sv(rest.p, 0);
	while (rules.n < rest.n && rest.p[rules.n] != ' ' && rest.p[rules.n] != '\t')
		rules.n++;
	ig.column = (unsigned)dashes + 1;
	ig.rules = wb_arena_sv(&run->arena, rules);
	ig.reason = wb_sv_trim(wb_sv(rest.p + rules.n, rest.n - rules.n)).n > 0;
	settle(f, text, &ig);
	return ig.rules ? add_ignore(run, f, &ig, err) : wb_err_nomem(err);
}

int wb_ignores_read(struct wb_lint_run *run, struct wb_lint_file *f, struct wb_sv text, bool down, struct wb_error *err)
{
	const char *p = text.p, *end = text.p + text.n;
	int rc = 0;
	while (rc == 0 && p < end && (p = memmem(p, (size_t)(end - p), mark, sizeof(mark) - 1))) {
		rc = read_one(run, f, text, (size_t)(p - text.p), down, err);
		p += sizeof(mark) - 1;
	}
	return rc;
}

static bool names(const char *rules, const char *rule)
{
	struct wb_sv rest = wb_sv_str(rules), one;
	while (wb_sv_cut(&rest, ',', &one)) {
		if (wb_sv_eq(one, wb_sv_str(rule)))
			return true;
	}
	return false;
}

bool wb_ignored(const struct wb_lint_file *f, const char *rule, const struct wb_lint_stmt *stmt)
{
	bool found = false;
	for (size_t i = 0; i < f->n_ignores; i++) {
		struct wb_ignore *ig = &f->ignores[i];
		bool here = ig->whole || (stmt && ig->statement == stmt->ordinal);
		if (!ig->reason || !here || !names(ig->rules, rule))
			continue;
		ig->used = found = true;
	}
	return found;
}
