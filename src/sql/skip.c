/* SPDX-License-Identifier: Apache-2.0
 *
 * The fast way through a plain statement: bytes that cannot be or hide a ';' or a
 * comment are passed over without making tokens. Whatever is unusual is left to
 * the lexer: the answer is then the start of the token that holds it. Only for
 * text that the window has checked.
 */
#include "sql/split.h"

enum action {
	PASS, /* nothing of note */
	LEXER, /* the lexer must see it */
	OPEN,
	CLOSE,
	QUOTE, /* a string or quoted identifier */
	TWICE, /* starts a comment when it comes twice: - */
	SLASH /* starts a comment before a star */
};

#define COMMON \
	['('] = OPEN, [')'] = CLOSE, ['\''] = QUOTE, ['"'] = QUOTE, ['-'] = TWICE, ['/'] = SLASH, [';'] = LEXER, \
	['$'] = LEXER

static const unsigned char actions[][256] = {
	[WB_DIALECT_POSTGRES] = { COMMON, ['['] = OPEN, [']'] = CLOSE, ['\\'] = LEXER },
	[WB_DIALECT_SQLITE] = { COMMON, ['['] = LEXER, ['`'] = LEXER, [':'] = LEXER, ['@'] = LEXER, ['#'] = LEXER },
};

static inline bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
	       (c & 0x80);
}

/* Back to the start of the word, number or ?1 that ends at p, maybe with an & between: a string's prefix. */
static const char *token_start(const char *from, const char *p)
{
	if (p > from && p[-1] == '&')
		p--;
	for (;;) {
		while (p > from && (in_word(p[-1]) || p[-1] == '.' || p[-1] == '?'))
			p--;
		if (p - from < 2 || (p[-1] != '+' && p[-1] != '-') || (p[-2] | 0x20) != 'e')
			return p;
		p -= 2; /* an exponent */
	}
}

/* Past the closing quote; NULL when the lexer must decide. */
static const char *past_quoted(const char *p, const char *end)
{
	char quote = *p;
	for (p++; (p = memchr(p, quote, (size_t)(end - p))); p += 2) {
		if (end - p < 3)
			return NULL;
		if (p[1] == quote)
			continue;
		/* A string may go on after a line end or comment. */
		if (quote == '"' || !(is_blank(p[1]) || p[1] == '-') || (p[1] == ' ' && !is_blank(p[2]) && p[2] != '-'))
			return p + 1;
		return NULL;
	}
	return NULL;
}

/* From p to the first byte of a token that the lexer must read, at the latest one at the end. */
static const char *pass(const char *from, const char *end, const unsigned char *action, size_t *parens)
{
	for (const char *p = from;;) {
		while (p < end && action[(unsigned char)*p] == PASS)
			p++;
		if (end - p < 2)
			return token_start(from, p);
		const char *next = p + 1;
		switch ((enum action)action[(unsigned char)*p]) {
		case OPEN:
			++*parens;
			break;
		case CLOSE:
			*parens -= *parens > 0;
			break;
		case QUOTE:
			if (token_start(from, p) != p || !(next = past_quoted(p, end)))
				return token_start(from, p);
			break;
		case TWICE:
			if (*next == '-')
				return p;
			break;
		case SLASH:
			if (*next == '*')
				return p;
			break;
		default:
			return *p == '$' ? token_start(from, p) : p;
		}
		p = next;
	}
}

void wb_split_skip(struct wb_splitter *s)
{
	const char *from = s->lx.p;
	const char *p = pass(from, s->lx.end, actions[s->o.dialect], &s->body.parens);
	const char *solid = p;
	while (solid > from && is_blank(solid[-1]))
		solid--;
	if (solid > from) {
		s->length = (size_t)(solid - s->w.p) - s->start;
		s->lx.at_line_start = false;
	}
	for (const char *q = solid; q < p; q++) {
		if (*q == '\n' || *q == '\r')
			s->lx.at_line_start = true;
	}
	s->lx.p = p;
}
