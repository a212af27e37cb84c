/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts of SQL written in one way: the same tokens give the same text, however
 * they were typed. The list of keywords is ours, not the library's, which grows:
 * a text must not depend on who reads it.
 */
#include "driver/sqlite/parse.h"

#include <strings.h>

enum {
	UPPER = 1, /* written in upper case in expressions */
	GLUED = 2, /* its parenthesis follows it at once, as a function's does */
	OPENS = 4, /* a sign after it is one, not an operator */
	VALUE = 8
};

static const struct word {
	const char *text;
	unsigned flags;
} words[] = {
	{ "ABORT", 0 },
	{ "ACTION", 0 },
	{ "ADD", 0 },
	{ "AFTER", 0 },
	{ "ALL", OPENS },
	{ "ALTER", 0 },
	{ "ALWAYS", 0 },
	{ "ANALYZE", 0 },
	{ "AND", UPPER | OPENS },
	{ "AS", UPPER },
	{ "ASC", 0 },
	{ "ATTACH", 0 },
	{ "AUTOINCREMENT", 0 },
	{ "BEFORE", 0 },
	{ "BEGIN", 0 },
	{ "BETWEEN", UPPER | OPENS },
	{ "BY", OPENS },
	{ "CASCADE", 0 },
	{ "CASE", UPPER | OPENS },
	{ "CAST", UPPER | GLUED },
	{ "CHECK", 0 },
	{ "COLLATE", UPPER },
	{ "COLUMN", 0 },
	{ "COMMIT", 0 },
	{ "CONFLICT", 0 },
	{ "CONSTRAINT", 0 },
	{ "CREATE", 0 },
	{ "CROSS", 0 },
	{ "CURRENT", 0 },
	{ "CURRENT_DATE", UPPER | VALUE },
	{ "CURRENT_TIME", UPPER | VALUE },
	{ "CURRENT_TIMESTAMP", UPPER | VALUE },
	{ "DATABASE", 0 },
	{ "DEFAULT", 0 },
	{ "DEFERRABLE", 0 },
	{ "DEFERRED", 0 },
	{ "DELETE", 0 },
	{ "DESC", 0 },
	{ "DETACH", 0 },
	{ "DISTINCT", UPPER | OPENS },
	{ "DO", 0 },
	{ "DROP", 0 },
	{ "EACH", 0 },
	{ "ELSE", UPPER | OPENS },
	{ "END", UPPER },
	{ "ESCAPE", UPPER },
	{ "EXCEPT", 0 },
	{ "EXCLUDE", 0 },
	{ "EXCLUSIVE", 0 },
	{ "EXISTS", 0 },
	{ "EXPLAIN", 0 },
	{ "FAIL", 0 },
	{ "FALSE", UPPER | VALUE },
	{ "FILTER", 0 },
	{ "FIRST", 0 },
	{ "FOLLOWING", 0 },
	{ "FOR", 0 },
	{ "FOREIGN", 0 },
	{ "FROM", UPPER | OPENS },
	{ "FULL", 0 },
	{ "GENERATED", 0 },
	{ "GLOB", UPPER | OPENS },
	{ "GROUP", 0 },
	{ "GROUPS", 0 },
	{ "HAVING", OPENS },
	{ "IF", GLUED },
	{ "IGNORE", 0 },
	{ "IMMEDIATE", 0 },
	{ "IN", UPPER | OPENS },
	{ "INDEX", 0 },
	{ "INDEXED", 0 },
	{ "INITIALLY", 0 },
	{ "INNER", 0 },
	{ "INSERT", 0 },
	{ "INSTEAD", 0 },
	{ "INTERSECT", 0 },
	{ "INTO", 0 },
	{ "IS", UPPER | OPENS },
	{ "ISNULL", UPPER },
	{ "JOIN", 0 },
	{ "KEY", 0 },
	{ "LAST", 0 },
	{ "LEFT", GLUED },
	{ "LIKE", UPPER | OPENS },
	{ "LIMIT", OPENS },
	{ "MATCH", UPPER | OPENS },
	{ "MATERIALIZED", 0 },
	{ "NATURAL", 0 },
	{ "NO", 0 },
	{ "NOT", UPPER | OPENS },
	{ "NOTHING", 0 },
	{ "NOTNULL", UPPER },
	{ "NULL", UPPER | VALUE },
	{ "NULLS", 0 },
	{ "OF", 0 },
	{ "OFFSET", OPENS },
	{ "ON", OPENS },
	{ "OR", UPPER | OPENS },
	{ "ORDER", 0 },
	{ "OTHERS", 0 },
	{ "OUTER", 0 },
	{ "OVER", 0 },
	{ "PARTITION", 0 },
	{ "PLAN", 0 },
	{ "PRAGMA", 0 },
	{ "PRECEDING", 0 },
	{ "PRIMARY", 0 },
	{ "QUERY", 0 },
	{ "RAISE", GLUED },
	{ "RANGE", 0 },
	{ "RECURSIVE", 0 },
	{ "REFERENCES", 0 },
	{ "REGEXP", UPPER | OPENS },
	{ "REINDEX", 0 },
	{ "RELEASE", 0 },
	{ "RENAME", 0 },
	{ "REPLACE", GLUED },
	{ "RESTRICT", 0 },
	{ "RETURNING", OPENS },
	{ "RIGHT", GLUED },
	{ "ROLLBACK", 0 },
	{ "ROW", 0 },
	{ "ROWS", 0 },
	{ "SAVEPOINT", 0 },
	{ "SELECT", OPENS },
	{ "SET", 0 },
	{ "TABLE", 0 },
	{ "TEMP", 0 },
	{ "TEMPORARY", 0 },
	{ "THEN", UPPER | OPENS },
	{ "TIES", 0 },
	{ "TO", 0 },
	{ "TRANSACTION", 0 },
	{ "TRIGGER", 0 },
	{ "TRUE", UPPER | VALUE },
	{ "UNBOUNDED", 0 },
	{ "UNION", 0 },
	{ "UNIQUE", 0 },
	{ "UPDATE", 0 },
	{ "USING", 0 },
	{ "VACUUM", 0 },
	{ "VALUES", 0 },
	{ "VIEW", 0 },
	{ "VIRTUAL", 0 },
	{ "WHEN", UPPER | OPENS },
	{ "WHERE", OPENS },
	{ "WINDOW", 0 },
	{ "WITH", 0 },
	{ "WITHOUT", 0 },
};

static int word_cmp(const void *key, const void *member)
{
	const struct wb_sv *k = key;
	const char *text = ((const struct word *)member)->text;
	int c = strncasecmp(k->p, text, k->n);

	return c ? c : -(text[k->n] != '\0');
}

/* NULL: no keyword. */
static const struct word *find_word(struct wb_sv text)
{
	return text.n < 2 || text.n > 17 ? NULL : bsearch(&text, words, WB_ARRAY_LEN(words), sizeof(*words), word_cmp);
}

static bool has_flag(const struct wb_token *t, unsigned flag)
{
	const struct word *w = t->kind == WB_TOK_WORD ? find_word(t->text) : NULL;

	return w && (w->flags & flag);
}

bool wb_sqlite_is_value(struct wb_sv word)
{
	const struct word *w = find_word(word);

	return w && (w->flags & VALUE);
}

/* ---- tokens ----------------------------------------------------------------------- */

/* The lexer gives an operator's characters one by one. */
static void join_operator(struct wb_lexer *lx, struct wb_token *t)
{
	static const char *const operators[] = { "->>", "->", "||", "<<", ">>", "<=", "<>", ">=", "==", "!=" };
	static const char second[] = { '>', '|', '<', '=' };
	struct wb_sv rest = wb_sv(t->text.p, (size_t)(lx->end - t->text.p));

	if (rest.n < 2 || !memchr(second, rest.p[1], sizeof(second)))
		return;
	for (size_t i = 0; i < WB_ARRAY_LEN(operators); i++) {
		if (!wb_sv_starts(rest, operators[i]))
			continue;
		t->text.n = strlen(operators[i]);
		lx->p = t->text.p + t->text.n;
		return;
	}
}

bool wb_sqlite_tokens_read(struct wb_sqlite_tokens *t, struct wb_sv sql)
{
	struct wb_lexer lx;
	struct wb_token one;

	t->n = 0;
	t->flawed = false;
	wb_lex_init(&lx, WB_DIALECT_SQLITE, sql);
	while ((one = wb_lex_next_solid(&lx)).kind != WB_TOK_END) {
		if (one.kind == WB_TOK_OTHER)
			join_operator(&lx, &one);
		t->flawed |= one.flaw != WB_FLAW_NONE;
		if (!wb_vec_push(t, one))
			return false;
	}
	return true;
}

/* ---- names ------------------------------------------------------------------------- */

bool wb_sqlite_is_name(const struct wb_token *t)
{
	return t->kind == WB_TOK_WORD || t->kind == WB_TOK_IDENT || (t->kind == WB_TOK_STRING && t->text.p[0] == '\'');
}

char *wb_sqlite_name(struct wb_arena *a, const struct wb_token *t)
{
	const char *p = t->text.p + 1;
	char quote = t->text.p[0], *name, *to;

	if (t->kind == WB_TOK_WORD)
		return wb_arena_sv(a, t->text);
	name = to = wb_arena_alloc(a, t->text.n);
	for (; name && p < t->text.p + t->text.n - 1; p++) {
		*to++ = *p;
		p += *p == quote && quote != '['; /* doubled */
	}
	return name;
}

static bool is_plain(const char *name)
{
	const unsigned char *p = (const unsigned char *)name;

	if (!*p || (*p >= '0' && *p <= '9') || *p == '$')
		return false;
	for (; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || *p == '_' ||
		      *p >= 0x80 || *p == '$'))
			return false;
	return !find_word(wb_sv_str(name));
}

void wb_sqlite_add_name(struct wb_str *out, const char *name)
{
	if (is_plain(name))
		wb_str_add(out, name);
	else
		wb_quote_ident(out, wb_sv_str(name));
}

/* ---- canonical texts ------------------------------------------------------------------- */

static bool is_one(const struct wb_token *t, const char *chars)
{
	return t->text.n == 1 && strchr(chars, t->text.p[0]);
}

/* Is the plus or minus v[i] a sign? */
static bool is_sign(const struct wb_token *v, size_t i)
{
	if (v[i].kind != WB_TOK_OTHER || !is_one(&v[i], "+-~"))
		return false;
	return i == 0 || v[i - 1].kind == WB_TOK_OPEN || v[i - 1].kind == WB_TOK_OTHER || has_flag(&v[i - 1], OPENS);
}

/* Of v[i] and what is before it. */
static bool are_apart(const struct wb_token *v, size_t i)
{
	const struct wb_token *before = &v[i - 1], *t = &v[i];

	if (before->kind == WB_TOK_OPEN || t->kind == WB_TOK_CLOSE || t->kind == WB_TOK_SEMICOLON)
		return false;
	if (is_one(before, ".") || is_one(t, ".,"))
		return false;
	if (is_sign(v, i - 1))
		return is_one(before, "-") && is_one(t, "-"); /* no comment */
	if (t->kind == WB_TOK_OPEN)
		return !(before->kind == WB_TOK_IDENT || has_flag(before, GLUED) ||
			 (before->kind == WB_TOK_WORD && !find_word(before->text)));
	return true;
}

void wb_sqlite_canonical(struct wb_str *out, const struct wb_token *v, size_t n, bool upper)
{
	for (size_t i = 0; i < n; i++) {
		const struct word *w = upper && has_flag(&v[i], UPPER) ? find_word(v[i].text) : NULL;

		if (i && are_apart(v, i))
			wb_str_addc(out, ' ');
		if (w)
			wb_str_add(out, w->text);
		else
			wb_str_addsv(out, v[i].text);
	}
}
