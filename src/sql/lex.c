/* SPDX-License-Identifier: Apache-2.0
 *
 * The lexer. Each first byte has a class, each class a scanner that finds where
 * its token ends. Whenever a scanner would have looked past the end it says so
 * (hungry), so that a caller who holds only a window of the text knows which
 * tokens to read again with more of it.
 */
#include "sql/sql.h"

/* What a byte may be part of. */
enum {
	BLANK = 1, /* blanks and line ends */
	START = 2, /* starts a word */
	DIGIT = 4,
	DOLLAR = 8,
	OPERATOR = 16, /* PostgreSQL's operator characters */
	NAME = START | DIGIT | DOLLAR /* continues a word */
};

static const unsigned char bits[256] = {
	[' '] = BLANK,    ['\t' ... '\r'] = BLANK, ['a' ... 'z'] = START, ['A' ... 'Z'] = START,
	['_'] = START,    [0x80 ... 0xff] = START, ['0' ... '9'] = DIGIT, ['$'] = DOLLAR,
	['~'] = OPERATOR, ['!'] = OPERATOR,        ['@'] = OPERATOR,      ['#'] = OPERATOR,
	['^'] = OPERATOR, ['&'] = OPERATOR,        ['|'] = OPERATOR,      ['`'] = OPERATOR,
	['?'] = OPERATOR, ['+'] = OPERATOR,        ['-'] = OPERATOR,      ['*'] = OPERATOR,
	['/'] = OPERATOR, ['%'] = OPERATOR,        ['<'] = OPERATOR,      ['>'] = OPERATOR,
	['='] = OPERATOR,
};

/* ---- looking ahead ---------------------------------------------------- */

static inline int peek(struct wb_lexer *lx, const char *p)
{
	if (p < lx->end)
		return (unsigned char)*p;
	lx->hungry = true;
	return -1;
}

static inline bool peek_is(struct wb_lexer *lx, const char *p, unsigned mask)
{
	int c = peek(lx, p);
	return c >= 0 && (bits[c] & mask);
}

static inline const char *skip(struct wb_lexer *lx, const char *p, unsigned mask)
{
	while (p < lx->end && (bits[(unsigned char)*p] & mask))
		p++;
	if (p == lx->end)
		lx->hungry = true;
	return p;
}

/* The token reaches the end, because nothing closes it. */
static const char *unclosed(struct wb_lexer *lx, struct wb_token *t, enum wb_token_flaw flaw)
{
	lx->hungry = true;
	t->flaw = flaw;
	return lx->end;
}

static const char *find(struct wb_lexer *lx, const char *p, char c)
{
	return p < lx->end ? memchr(p, c, (size_t)(lx->end - p)) : NULL;
}

/* ---- blanks and comments -------------------------------------------------- */

static const char *scan_blank(struct wb_lexer *lx, const char *p, struct wb_token *t)
{
	t->kind = WB_TOK_SPACE;
	for (; p < lx->end && (bits[(unsigned char)*p] & BLANK); p++) {
		if (*p == '\n' || *p == '\r')
			lx->at_line_start = true;
	}
	if (p == lx->end)
		lx->hungry = true;
	return p;
}

/* Where the line ends. A lone carriage return ends it for PostgreSQL, not for SQLite. */
static const char *line_end(struct wb_lexer *lx, const char *p)
{
	const char *lf = find(lx, p, '\n');
	const char *end = lf ? lf : lx->end;
	const char *cr = lx->dialect == WB_DIALECT_POSTGRES ? memchr(p, '\r', (size_t)(end - p)) : NULL;
	if (!lf && !cr)
		lx->hungry = true;
	if (cr)
		return cr;
	return lf && lf > p && lf[-1] == '\r' ? lf - 1 : end;
}

static const char *block_comment(struct wb_lexer *lx, const char *p, struct wb_token *t)
{
	bool nests = lx->dialect == WB_DIALECT_POSTGRES;
	size_t depth = 1;
	t->kind = WB_TOK_BLOCK_COMMENT;
	for (p += 2; lx->end - p >= 2; p++) {
		if (p[0] == '*' && p[1] == '/') {
			p++;
			if (--depth == 0)
				return p + 1;
		} else if (nests && p[0] == '/' && p[1] == '*') {
			p++;
			depth++;
		}
	}
	/* SQLite takes the end of its input for the end of the comment. */
	return unclosed(lx, t, nests ? WB_FLAW_UNTERMINATED_COMMENT : WB_FLAW_NONE);
}

/* ---- strings ------------------------------------------------------------------ */

/* PostgreSQL goes on with a string after blanks that hold a line end (comments count as blanks
 * there), under the rules of the piece before. The next opening quote, or NULL. */
static const char *continuation(struct wb_lexer *lx, const char *p)
{
	bool line = false;
	for (;;) {
		int c = peek(lx, p);
		if (c == '\n' || c == '\r')
			line = true;
		if (c == '\'')
			return line ? p : NULL;
		if (c >= 0 && (bits[c] & BLANK))
			p++;
		else if (c == '-' && peek(lx, p + 1) == '-')
			p = line_end(lx, p);
		else
			return NULL;
	}
}

/* What two quotes in a row are: one quote; the same, and a backslash takes what follows it; the end and a start. */
enum rules { DOUBLED, ESCAPED, BARE };

/* From the opening quote. */
static const char *quoted(struct wb_lexer *lx, const char *p, struct wb_token *t, enum rules rules)
{
	char quote = *p;
	for (p++; p < lx->end; p++) {
		if (rules == ESCAPED) {
			while (p < lx->end && *p != quote && *p != '\\')
				p++;
		} else {
			p = find(lx, p, quote);
		}
		if (!p || p == lx->end)
			break;
		if (*p == '\\' || (rules != BARE && peek(lx, p + 1) == quote)) {
			p++;
			continue;
		}
		const char *more = NULL;
		if (quote == '\'' && lx->dialect == WB_DIALECT_POSTGRES &&
		    (peek_is(lx, p + 1, BLANK) || peek(lx, p + 1) == '-'))
			more = continuation(lx, p + 1);
		if (!more)
			return p + 1;
		p = more;
	}
	return unclosed(lx, t, t->kind == WB_TOK_IDENT ? WB_FLAW_UNTERMINATED_IDENT : WB_FLAW_UNTERMINATED_STRING);
}

static const char *scan_string(struct wb_lexer *lx, const char *p, struct wb_token *t)
{
	t->kind = WB_TOK_STRING;
	return quoted(lx, p, t, DOUBLED);
}

static const char *scan_ident(struct wb_lexer *lx, const char *p, struct wb_token *t)
{
	t->kind = WB_TOK_IDENT;
	return quoted(lx, p, t, DOUBLED);
}

/* SQLite's [name] */
static const char *scan_bracket(struct wb_lexer *lx, const char *p, struct wb_token *t)
{
	t->kind = WB_TOK_IDENT;
	p = find(lx, p, ']');
	return p ? p + 1 : unclosed(lx, t, WB_FLAW_UNTERMINATED_IDENT);
}

/* $tag$ … $tag$; open is the first $, body the byte past the second. */
static const char *dollar_string(struct wb_lexer *lx, const char *open, const char *body, struct wb_token *t)
{
	size_t n = (size_t)(body - open);
	t->kind = WB_TOK_STRING;
	for (const char *p = body; (p = find(lx, p, '$')); p++) {
		if ((size_t)(lx->end - p) >= n && memcmp(p, open, n) == 0)
			return p + n;
	}
	return unclosed(lx, t, WB_FLAW_UNTERMINATED_DOLLAR);
}

/* PostgreSQL's $: a parameter, a dollar quote, or nothing known. */
static const char *scan_dollar(struct wb_lexer *lx, const char *p, struct wb_token *t)
{
	const char *tag = p + 1;
	if (peek_is(lx, tag, DIGIT)) {
		t->kind = WB_TOK_PARAM;
		return skip(lx, tag, DIGIT);
	}
	if (peek_is(lx, tag, START))
		tag = skip(lx, tag, START | DIGIT);
	return peek(lx, tag) == '$' ? dollar_string(lx, p, tag + 1, t) : p + 1;
}

/* ---- words, numbers, parameters ---------------------------------------------------- */

static const char *scan_word(struct wb_lexer *lx, const char *p, struct wb_token *t)
{
	t->kind = WB_TOK_WORD;
	return skip(lx, p + 1, NAME);
}

/* Letters that can stand before a quote: E'…', B'…', X'…', U&'…', U&"…". */
static const char *scan_prefix(struct wb_lexer *lx, const char *p, struct wb_token *t)
{
	char letter = (char)(*p | 0x20);
	const char *open = p + 1;
	if (letter == 'u') {
		if (peek(lx, open) != '&')
			return scan_word(lx, p, t);
		open++;
		if (peek(lx, open) == '"')
			return scan_ident(lx, open, t);
	}
	if (peek(lx, open) != '\'')
		return scan_word(lx, p, t);
	t->kind = WB_TOK_STRING;
	return quoted(lx, open, t, letter == 'e' ? ESCAPED : letter == 'u' ? DOUBLED : BARE);
}

/* Generous: letters and underscores belong to it (0x1F, 1_000), as the engines refuse what is no number. */
static const char *scan_number(struct wb_lexer *lx, const char *p, struct wb_token *t)
{
	bool hex = *p == '0' && (peek(lx, p + 1) | 0x20) == 'x';
	bool point = false; /* seen, or none can follow: after a letter */
	t->kind = WB_TOK_NUMBER;
	for (;; p++) {
		int c = peek(lx, p);
		if (c == '.') {
			if (point || peek(lx, p + 1) == '.')
				return p;
			point = true;
			continue;
		}
		if (c < 0 || c >= 0x80 || !(bits[c] & (START | DIGIT)))
			return p;
		if (bits[c] & START && c != '_')
			point = true;
		if ((c | 0x20) == 'e' && !hex && (peek(lx, p + 1) == '+' || peek(lx, p + 1) == '-') &&
		    peek_is(lx, p + 2, DIGIT))
			p++;
	}
}

/* SQLite's ?, ?1 */
static const char *scan_question(struct wb_lexer *lx, const char *p, struct wb_token *t)
{
	t->kind = WB_TOK_PARAM;
	return skip(lx, p + 1, DIGIT);
}

/* SQLite's :name, @name, #name and $name, the last also as Tcl writes it: $a::b(c) */
static const char *scan_param(struct wb_lexer *lx, const char *p, struct wb_token *t)
{
	const char *name = p + 1;
	for (p = skip(lx, name, NAME); peek(lx, p) == ':' && peek(lx, p + 1) == ':';)
		p = skip(lx, p + 2, NAME);
	if (p == name)
		return p;
	t->kind = WB_TOK_PARAM;
	if (peek(lx, p) == '(') {
		const char *close = p + 1;
		while (close < lx->end && *close != ')' && !(bits[(unsigned char)*close] & BLANK))
			close++;
		p = peek(lx, close) == ')' ? close + 1 : close;
	}
	return p;
}

/* ---- the rest ------------------------------------------------------------------------- */

static const char *scan_other(struct wb_lexer *lx WB_UNUSED, const char *p, struct wb_token *t WB_UNUSED)
{
	return p + 1;
}

static const char *scan_semicolon(struct wb_lexer *lx WB_UNUSED, const char *p, struct wb_token *t)
{
	t->kind = WB_TOK_SEMICOLON;
	return p + 1;
}

static const char *scan_open(struct wb_lexer *lx WB_UNUSED, const char *p, struct wb_token *t)
{
	t->kind = WB_TOK_OPEN;
	return p + 1;
}

static const char *scan_close(struct wb_lexer *lx WB_UNUSED, const char *p, struct wb_token *t)
{
	t->kind = WB_TOK_CLOSE;
	return p + 1;
}

/* .5 is a number, the second point of 1..5 starts none. */
static const char *scan_point(struct wb_lexer *lx, const char *p, struct wb_token *t)
{
	if (peek_is(lx, p + 1, DIGIT))
		return scan_number(lx, p, t);
	return peek(lx, p + 1) == '.' ? p + 2 : p + 1;
}

/* To SQLite a slash and a star at the very end are no comment. */
static bool starts_comment(struct wb_lexer *lx, const char *p)
{
	if (*p == '-')
		return peek(lx, p + 1) == '-';
	return *p == '/' && peek(lx, p + 1) == '*' && (lx->dialect == WB_DIALECT_POSTGRES || peek(lx, p + 2) >= 0);
}

/* A run of operator characters; a comment may start inside it. SQLite's are one character each to us. */
static const char *scan_operator(struct wb_lexer *lx, const char *p, struct wb_token *t)
{
	if (starts_comment(lx, p)) {
		if (*p == '/')
			return block_comment(lx, p, t);
		t->kind = WB_TOK_LINE_COMMENT;
		return line_end(lx, p);
	}
	if (lx->dialect == WB_DIALECT_SQLITE)
		return p + 1;
	do {
		p++;
	} while (peek_is(lx, p, OPERATOR) && !starts_comment(lx, p));
	return p;
}

static const char *scan_backslash(struct wb_lexer *lx, const char *p, struct wb_token *t)
{
	if (!lx->at_line_start)
		return p + 1;
	t->kind = WB_TOK_META;
	return line_end(lx, p);
}

static const char *scan_nul(struct wb_lexer *lx WB_UNUSED, const char *p, struct wb_token *t)
{
	t->flaw = WB_FLAW_NUL_BYTE;
	return p + 1;
}

/* ---- first bytes ------------------------------------------------------------------------ */

typedef const char *scan_fn(struct wb_lexer *lx, const char *p, struct wb_token *t);

#define COMMON_FIRST_BYTES \
	[0] = scan_nul, [' '] = scan_blank, ['\t' ... '\r'] = scan_blank, ['0' ... '9'] = scan_number, \
	['A' ... 'Z'] = scan_word, ['a' ... 'z'] = scan_word, ['_'] = scan_word, \
	[0x80 ... 0xff] = scan_word, ['\''] = scan_string, ['"'] = scan_ident, [';'] = scan_semicolon, \
	['('] = scan_open, [')'] = scan_close, ['.'] = scan_point, ['-'] = scan_operator, ['/'] = scan_operator, \
	[1 ... 8] = scan_other, \
	[14 ... 31] = scan_other, [','] = scan_other, ['{'] = scan_other, ['}'] = scan_other, [127] = scan_other

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init" /* single letters out of the ranges */
static scan_fn *const scanners[][256] = {
	[WB_DIALECT_POSTGRES] = {
		COMMON_FIRST_BYTES,
		['e'] = scan_prefix, ['E'] = scan_prefix, ['b'] = scan_prefix, ['B'] = scan_prefix, ['x'] = scan_prefix,
		['X'] = scan_prefix, ['u'] = scan_prefix, ['U'] = scan_prefix, ['$'] = scan_dollar, ['['] = scan_open,
		[']'] = scan_close, ['\\'] = scan_backslash, ['~'] = scan_operator, ['!'] = scan_operator,
		['@'] = scan_operator, ['#'] = scan_operator, ['^'] = scan_operator, ['&'] = scan_operator,
		['|'] = scan_operator, ['`'] = scan_operator, ['?'] = scan_operator, ['+'] = scan_operator,
		['*'] = scan_operator, ['%'] = scan_operator, ['<'] = scan_operator, ['>'] = scan_operator,
		['='] = scan_operator, [':'] = scan_other,
	},
	[WB_DIALECT_SQLITE] = {
		COMMON_FIRST_BYTES,
		['x'] = scan_prefix, ['X'] = scan_prefix, ['$'] = scan_param, [':'] = scan_param, ['@'] = scan_param,
		['#'] = scan_param, ['?'] = scan_question, ['['] = scan_bracket, [']'] = scan_other, ['`'] = scan_ident,
		['\\'] = scan_other, ['~'] = scan_other, ['!'] = scan_other, ['^'] = scan_other, ['&'] = scan_other,
		['|'] = scan_other, ['+'] = scan_other, ['*'] = scan_other, ['%'] = scan_other, ['<'] = scan_other,
		['>'] = scan_other, ['='] = scan_other,
	},
};
#pragma GCC diagnostic pop

void wb_lex_init(struct wb_lexer *lx, enum wb_dialect dialect, struct wb_sv text)
{
	*lx = (struct wb_lexer){ .dialect = dialect, .p = text.p, .end = text.p, .at_line_start = true };
	if (text.n > 0)
		lx->end += text.n; /* text.p may be NULL */
}

struct wb_token wb_lex_next(struct wb_lexer *lx)
{
	const char *p = lx->p;
	struct wb_token t = { .kind = WB_TOK_OTHER };
	lx->hungry = false;
	if (p == lx->end) {
		lx->hungry = true;
		return (struct wb_token){ .kind = WB_TOK_END, .text = { p, 0 } };
	}
	lx->p = scanners[lx->dialect][(unsigned char)*p](lx, p, &t);
	if (t.kind != WB_TOK_SPACE)
		lx->at_line_start = false;
	t.text = wb_sv(p, (size_t)(lx->p - p));
	return t;
}

struct wb_token wb_lex_next_solid(struct wb_lexer *lx)
{
	struct wb_token t;
	do {
		t = wb_lex_next(lx);
	} while (t.kind == WB_TOK_SPACE || t.kind == WB_TOK_LINE_COMMENT || t.kind == WB_TOK_BLOCK_COMMENT);
	return t;
}
