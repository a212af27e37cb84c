/* SPDX-License-Identifier: Apache-2.0
 *
 * Names for messages, and SQL made out of the statement that a rule looks at.
 */
#include "safety/lint.h"

#include <stdio.h>

const char *wb_texts(struct wb_look *l, const char *fmt, ...)
{
	wb_autostr text = WB_STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	wb_str_vaddf(&text, fmt, ap);
	va_end(ap);
	char *copy = text.failed ? NULL : wb_arena_sv(&l->run->arena, wb_str_sv(&text));
	l->run->failed |= !copy;
	return copy ? copy : "";
}

const char *wb_shown(struct wb_look *l, const struct wb_name *name)
{
	if (!name->name)
		return "?";
	return name->schema ? wb_texts(l, "%s.%s", name->schema, name->name) : wb_texts(l, "%s", name->name);
}

const char *wb_ident(struct wb_look *l, const char *name)
{
	wb_autostr out = WB_STR_INIT;
	wb_quote_where_needed(&out, name);
	return wb_texts(l, "%s", out.p);
}

const char *wb_ref(struct wb_look *l, const struct wb_name *name)
{
	const char *own = name->name ? wb_ident(l, name->name) : "?";
	return name->schema ? wb_texts(l, "%s.%s", wb_ident(l, name->schema), own) : own;
}

const char *wb_columns(struct wb_look *l, const struct wb_operation *op)
{
	wb_autostr out = WB_STR_INIT;
	for (size_t i = 0; i < op->n_columns; i++)
		wb_str_addf(&out, "%s%s", i ? ", " : "", wb_ident(l, op->columns[i]));
	l->run->failed |= out.failed;
	return wb_texts(l, "%s", out.p);
}

/* ---- the statement's own words ------------------------------------------------------ */

size_t wb_word_at(struct wb_look *l, const char *word, size_t from)
{
	struct wb_sv text = l->stmt->text;
	struct wb_lexer lx;
	if (from > text.n)
		return SIZE_MAX;
	wb_lex_init(&lx, l->run->driver->dialect, wb_sv(text.p + from, text.n - from));
	for (struct wb_token t = wb_lex_next_solid(&lx); t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx)) {
		if (t.kind == WB_TOK_WORD && wb_sv_ieq(t.text, word))
			return (size_t)(t.text.p - text.p);
	}
	return SIZE_MAX;
}

const char *wb_with(struct wb_look *l, const char *word, const char *text)
{
	struct wb_sv s = l->stmt->text;
	size_t at = wb_word_at(l, word, 0), n = strlen(word);
	if (at == SIZE_MAX)
		return wb_texts(l, "%.*s;", WB_SV_ARG(s));
	return wb_texts(l, "%.*s%s%.*s;", (int)(at + n), s.p, text, WB_SV_ARG(wb_sv(s.p + at + n, s.n - at - n)));
}

const char *wb_without(struct wb_look *l, const char *word)
{
	struct wb_sv s = l->stmt->text;
	size_t at = wb_word_at(l, word, 0), to = at == SIZE_MAX ? 0 : at + strlen(word);
	if (at == SIZE_MAX)
		return wb_texts(l, "%.*s;", WB_SV_ARG(s));
	while (to < s.n && (s.p[to] == ' ' || s.p[to] == '\t'))
		to++;
	return wb_texts(l, "%.*s%.*s;", (int)at, s.p, WB_SV_ARG(wb_sv(s.p + to, s.n - to)));
}

/* Where the pieces between commas at top level end; the first begins with ALTER TABLE itself. */
static struct wb_sv piece_around(enum wb_dialect dialect, struct wb_sv text, size_t offset)
{
	struct wb_lexer lx;
	size_t start = 0, depth = 0;
	wb_lex_init(&lx, dialect, text);
	for (struct wb_token t = wb_lex_next_solid(&lx); t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx)) {
		size_t at = (size_t)(t.text.p - text.p);
		depth += t.kind == WB_TOK_OPEN;
		depth -= t.kind == WB_TOK_CLOSE && depth > 0;
		if (depth || t.kind != WB_TOK_OTHER || !wb_sv_eq(t.text, WB_SV(",")))
			continue;
		if (at > offset)
			return wb_sv(text.p + start, at - start);
		start = at + 1;
	}
	return wb_sv(text.p + start, text.n - start);
}

/* ALTER TABLE [IF EXISTS] [ONLY] name [*] and what follows it. */
static struct wb_sv behind_table(enum wb_dialect dialect, struct wb_sv piece)
{
	struct wb_lexer lx;
	struct wb_token t;
	bool name = false;
	wb_lex_init(&lx, dialect, piece);
	t = wb_lex_next_solid(&lx);
	if (t.kind != WB_TOK_WORD || !wb_sv_ieq(t.text, "ALTER"))
		return piece;
	(void)wb_lex_next_solid(&lx); /* TABLE */
	for (t = wb_lex_next_solid(&lx); t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx)) {
		bool filler = t.kind == WB_TOK_WORD && !name &&
			      (wb_sv_ieq(t.text, "IF") || wb_sv_ieq(t.text, "EXISTS") || wb_sv_ieq(t.text, "ONLY"));
		bool dot = wb_sv_eq(t.text, WB_SV(".")), star = wb_sv_eq(t.text, WB_SV("*"));
		if (filler || star)
			continue;
		if (name && !dot)
			return wb_sv(t.text.p, (size_t)(piece.p + piece.n - t.text.p));
		name = !dot;
	}
	return piece;
}

struct wb_sv wb_actions(struct wb_look *l, const struct wb_lint_stmt *st)
{
	return wb_sv_trim(behind_table(l->run->driver->dialect, st->text));
}

struct wb_sv wb_clause(struct wb_look *l)
{
	enum wb_dialect d = l->run->driver->dialect;
	return wb_sv_trim(behind_table(d, piece_around(d, l->stmt->text, l->op ? l->op->offset : 0)));
}
