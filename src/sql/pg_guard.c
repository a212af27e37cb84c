/* SPDX-License-Identifier: Apache-2.0
 *
 * The parser's tree is written and read by recursion, on the stack of whoever
 * calls. Measured with libpg_query 15-4.0.0: 2 to 5 KB of stack for each unit
 * counted here, so that the cap keeps within 640 KB (a thread with 1 MiB lives).
 * Memory goes with tokens, about 1 KB each at worst.
 *
 * What is counted is an upper bound of the tree's depth. Operators pile up
 * until a comma or, as AND and OR make flat lists, until one of these; CASE,
 * JOIN, UNION and their like pile up until a comma; parentheses add what is
 * inside them.
 */
#include "sql/pg_internal.h"

#define MAX_BYTES ((size_t)1 << 20)
#define MAX_TOKENS 20000u
#define MAX_DEPTH 128u
#define TOO_DEEP "the statement is too deeply nested for the parser"

/* Words that stay open over AND and OR. */
static const char *const structure[] = {
	"between", "case", "except", "intersect", "join", "over", "select", "union",
};
static const char *const operators[] = {
	"at", "collate", "ilike", "in", "is", "isnull", "like", "not", "notnull", "operator", "similar",
};

/* One level of parentheses. */
struct level {
	unsigned structure; /* since the last comma */
	unsigned operators; /* since the last AND or OR */
	unsigned inner; /* deepest parentheses closed since then */
	unsigned part; /* the most that operators + inner were between two of them */
	unsigned deepest; /* the most that the whole was between two commas */
};

static inline unsigned max(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static void end_part(struct level *l)
{
	l->part = max(l->part, l->operators + l->inner);
	l->operators = l->inner = 0;
}

static unsigned end_element(struct level *l)
{
	end_part(l);
	l->deepest = max(l->deepest, l->structure + l->part);
	l->structure = l->part = 0;
	return l->deepest;
}

static bool among(struct wb_sv word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (wb_sv_ieq(word, words[i]))
			return true;
	}
	return false;
}

static void count_word(struct level *l, struct wb_sv word)
{
	if (word.n > 9)
		return;
	if (wb_sv_ieq(word, "and") || wb_sv_ieq(word, "or")) {
		end_part(l);
	} else if (among(word, structure, WB_ARRAY_LEN(structure))) {
		/* What stands before CASE stays open over the AND inside it. */
		l->structure += l->operators + 1;
		l->operators = 0;
	} else if (among(word, operators, WB_ARRAY_LEN(operators))) {
		l->operators++;
	}
}

static void count(struct level *l, const struct wb_token *t)
{
	if (t->kind == WB_TOK_WORD)
		count_word(l, t->text);
	else if (t->kind == WB_TOK_SEMICOLON || (t->kind == WB_TOK_OTHER && t->text.p[0] == ','))
		end_element(l);
	else if (t->kind == WB_TOK_OTHER && t->text.p[0] != '.')
		l->operators++;
}

/* libpg_query's scanner, unlike the server's, does not go on with a string after a comment. */
static bool goes_on_after_comment(struct wb_sv string)
{
	const char *end = string.p + string.n, *open = memchr(string.p, '\'', string.n);
	for (const char *p = open; string.p[0] != '$' && (p = memmem(p, (size_t)(end - p), "--", 2)); p++) {
		const char *before = p;
		while (before - 1 > open && (before[-1] == ' ' || (before[-1] >= '\t' && before[-1] <= '\r')))
			before--;
		if (before - 1 > open && before[-1] == '\'')
			return true;
	}
	return false;
}

static const char *measure(struct wb_lexer *lx)
{
	struct level levels[MAX_DEPTH] = { 0 };
	unsigned n = 0, tokens = 0;
	struct wb_token t;
	while ((t = wb_lex_next_solid(lx)).kind != WB_TOK_END) {
		if (++tokens > MAX_TOKENS)
			return "the statement has too many terms for the parser";
		if (t.kind == WB_TOK_OPEN) {
			if (++n == MAX_DEPTH)
				return TOO_DEEP;
			levels[n] = (struct level){ 0 };
		} else if (t.kind == WB_TOK_CLOSE && n > 0) {
			unsigned inside = end_element(&levels[n--]) + 1;
			levels[n].inner = max(levels[n].inner, inside);
		} else if (t.kind == WB_TOK_STRING && goes_on_after_comment(t.text)) {
			return "a string goes on after a comment, which the parser does not know";
		} else {
			count(&levels[n], &t);
		}
	}
	for (; n > 0; n--)
		levels[n - 1].inner = max(levels[n - 1].inner, end_element(&levels[n]) + 1);
	return end_element(&levels[0]) > MAX_DEPTH ? TOO_DEEP : NULL;
}

const char *wb_pg_guard(struct wb_sv statement)
{
	struct wb_lexer lx;
	if (statement.n > MAX_BYTES)
		return "the statement is too long for the parser";
	if (statement.n > 0 && memchr(statement.p, '\0', statement.n))
		return "the statement holds a NUL byte";
	wb_lex_init(&lx, WB_DIALECT_POSTGRES, statement);
	return measure(&lx);
}
