/* SPDX-License-Identifier: Apache-2.0
 *
 * What the planner would conclude from expressions, as far as it can be told from
 * their tokens: is a USING just the column, does a CHECK say that a column is not
 * null, does it keep rows within a partition's bound. What cannot be told is
 * unknown.
 */
#include "safety/facts.h"

#include "sql/sql.h"

#include "base/banned.h"

#define TOKENS_MAX ((size_t)256)
#define DEPTH_MAX 16

struct tokens {
	struct wb_token v[TOKENS_MAX];
	size_t n;
	bool more; /* than fit */
};
/* A stretch of tokens. */
struct stretch {
	const struct wb_token *v;
	size_t n;
};

static void read_tokens(struct tokens *t, const char *text)
{
	struct wb_lexer lx;
	struct wb_token token;

	t->n = 0;
	t->more = false;
	wb_lex_init(&lx, WB_DIALECT_POSTGRES, wb_sv_str(text));
	while (token = wb_lex_next_solid(&lx), token.kind != WB_TOK_END && !t->more) {
		t->more = t->n == TOKENS_MAX;
		if (!t->more)
			t->v[t->n++] = token;
	}
}

static bool is_word(const struct wb_token *t, const char *word)
{
	return t->kind == WB_TOK_WORD && wb_sv_ieq(t->text, word);
}

/* "::" is two tokens. */
static bool is_cast(struct stretch s, size_t i)
{
	return i + 1 < s.n && wb_sv_eq(s.v[i].text, WB_SV(":")) && wb_sv_eq(s.v[i + 1].text, WB_SV(":"));
}

static bool is_other(const struct wb_token *t, const char *text)
{
	return t->kind == WB_TOK_OTHER && wb_sv_eq(t->text, wb_sv_str(text));
}

/* A column's name as written: folded, or quoted (a quote inside it is never found equal). */
static bool is_name(const struct wb_token *t, const char *name)
{
	if (t->kind == WB_TOK_WORD)
		return wb_sv_ieq(t->text, name) && strpbrk(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL;
	return t->kind == WB_TOK_IDENT && t->text.n == strlen(name) + 2 && !memcmp(t->text.p + 1, name, t->text.n - 2);
}

/* Where the parenthesis that opens at i is closed; n where it is not. */
static size_t closing(struct stretch s, size_t i)
{
	size_t depth = 0;

	for (; i < s.n; i++) {
		depth += s.v[i].kind == WB_TOK_OPEN;
		if (s.v[i].kind == WB_TOK_CLOSE && --depth == 0)
			break;
	}
	return i;
}

static struct stretch unwrapped(struct stretch s)
{
	while (s.n >= 2 && s.v[0].kind == WB_TOK_OPEN && closing(s, 0) == s.n - 1)
		s = (struct stretch){ s.v + 1, s.n - 2 };
	return s;
}

/* Outside parentheses, from i on; n where it is not. */
static size_t find_word(struct stretch s, size_t i, const char *word)
{
	while (i < s.n && !is_word(&s.v[i], word))
		i = s.v[i].kind == WB_TOK_OPEN ? closing(s, i) + 1 : i + 1;
	return i < s.n ? i : s.n;
}

static bool same_tokens(struct stretch a, struct stretch b)
{
	bool same = a.n == b.n;

	for (size_t i = 0; same && i < a.n; i++)
		same = a.v[i].text.n == b.v[i].text.n && !strncasecmp(a.v[i].text.p, b.v[i].text.p, a.v[i].text.n);
	return same;
}

/* column, column::type, CAST(column AS type): nothing but the cast that would be there anyhow */
enum wb_tri wb_expr_is_column(const char *expr, const char *column, const char *type)
{
	struct tokens t, u;
	struct stretch s;

	read_tokens(&t, expr);
	read_tokens(&u, type ? type : "");
	s = unwrapped((struct stretch){ t.v, t.n });
	if (t.more || u.more || !column)
		return WB_UNKNOWN;
	if (s.n > 4 && is_word(&s.v[0], "cast") && s.v[1].kind == WB_TOK_OPEN && is_word(&s.v[3], "as"))
		s = (struct stretch){ s.v + 2, s.n - 3 };
	if (!s.n || !is_name(&s.v[0], column))
		return WB_NO;
	if (s.n == 1)
		return WB_YES;
	if (!is_cast(s, 1) && !is_word(&s.v[1], "as"))
		return WB_NO;
	return same_tokens((struct stretch){ s.v + 2 + is_cast(s, 1), s.n - 2 - is_cast(s, 1) },
			   (struct stretch){ u.v, u.n })
		       ? WB_YES
		       : WB_UNKNOWN;
}

/* ---- what a CHECK says ------------------------------------------------------------------------ */

/* Calls piece for each part of what AND joins; it says YES (that is it), NO (not this) or UNKNOWN. */
typedef enum wb_tri (*piece_fn)(struct stretch s, const void *user);

static enum wb_tri each_piece(struct stretch s, int depth, piece_fn piece, const void *user)
{
	enum wb_tri is = WB_NO;

	s = unwrapped(s);
	if (depth > DEPTH_MAX)
		return WB_UNKNOWN;
	if (find_word(s, 0, "or") < s.n || find_word(s, 0, "and") == s.n)
		return piece(s, user);
	for (size_t i = 0; i <= s.n;) {
		size_t end = find_word(s, i, "and");
		enum wb_tri one = each_piece((struct stretch){ s.v + i, end - i }, depth + 1, piece, user);

		if (one == WB_YES)
			return WB_YES;
		is = one == WB_UNKNOWN ? WB_UNKNOWN : is;
		i = end + 1;
	}
	return is;
}

static enum wb_tri check_says(const char *expr, piece_fn piece, const void *user)
{
	struct tokens t;
	struct stretch s;

	read_tokens(&t, expr);
	if (t.more)
		return WB_UNKNOWN;
	s = (struct stretch){ t.v, t.n };
	if (s.n && is_word(&s.v[0], "check"))
		s = (struct stretch){ s.v + 1, closing(s, 1) < s.n ? closing(s, 1) : s.n - 1 };
	return each_piece(s, 0, piece, user);
}

static bool is_not_null(const struct wb_token *v, size_t n, const char *column)
{
	return n >= 4 && is_name(&v[0], column) && is_word(&v[1], "is") && is_word(&v[2], "not") &&
	       is_word(&v[3], "null");
}

/* Somewhere inside an OR, say: the planner may see more in it than we do. */
static enum wb_tri piece_not_null(struct stretch s, const void *column)
{
	if (s.n == 4 && is_not_null(s.v, s.n, column))
		return WB_YES;
	for (size_t i = 0; i < s.n; i++)
		if (is_not_null(s.v + i, s.n - i, column))
			return WB_UNKNOWN;
	return WB_NO;
}

enum wb_tri wb_check_not_null(const char *expr, const char *column)
{
	return column ? check_says(expr, piece_not_null, column) : WB_UNKNOWN;
}

/* ---- bounds ------------------------------------------------------------------------------------- */

/* column op value, or column = value */
struct wanted {
	const char *column;
	const char *op;
	struct wb_sv value; /* without quotes */
};

/* A constant, its cast and quotes left out; NULL where it is none. */
static struct wb_sv constant(struct stretch s)
{
	s = unwrapped(s);
	for (size_t i = 1; i < s.n; i++)
		if (is_cast(s, i))
			s = unwrapped((struct stretch){ s.v, i });
	if (s.n == 1 && s.v[0].kind == WB_TOK_NUMBER)
		return s.v[0].text;
	if (s.n == 1 && s.v[0].kind == WB_TOK_STRING && s.v[0].text.n >= 2 && s.v[0].text.p[0] == '\'')
		return wb_sv(s.v[0].text.p + 1, s.v[0].text.n - 2);
	return (struct wb_sv){ NULL, 0 };
}

/* 2024-01-01 and 2024-01-01 00:00:00 are one to a column of a time without zone, and to nobody two. */
static struct wb_sv without_midnight(struct wb_sv v)
{
	return wb_sv_ends(v, " 00:00:00") ? wb_sv(v.p, v.n - 9) : v;
}

static bool same_constant(struct wb_sv a, struct wb_sv b)
{
	return a.p && b.p && wb_sv_eq(without_midnight(a), without_midnight(b));
}

static bool speaks_of(struct stretch s, const char *column)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_name(&s.v[i], column))
			return true;
	return false;
}

static enum wb_tri piece_bound(struct stretch s, const void *user)
{
	const struct wanted *w = user;

	if (s.n >= 3 && is_name(&s.v[0], w->column) && is_other(&s.v[1], w->op) &&
	    same_constant(constant((struct stretch){ s.v + 2, s.n - 2 }), w->value))
		return WB_YES;
	return speaks_of(s, w->column) && !is_not_null(s.v, s.n, w->column) ? WB_UNKNOWN : WB_NO;
}

static enum wb_tri any_check(const struct wb_relation *r, piece_fn piece, const void *user)
{
	enum wb_tri is = WB_NO;

	for (size_t i = 0; i < r->constraints.n; i++) {
		const struct wb_world_constraint *k = &r->constraints.v[i];

		if (k->kind != 'c' || k->invalid || k->not_enforced)
			continue;
		enum wb_tri one = k->expr ? check_says(k->expr, piece, user) : WB_UNKNOWN;
		if (one == WB_YES)
			return WB_YES;
		is = one == WB_UNKNOWN ? WB_UNKNOWN : is;
	}
	return is;
}

static enum wb_tri all_of(enum wb_tri a, enum wb_tri b)
{
	return a == WB_NO || b == WB_NO ? WB_NO : a == WB_YES && b == WB_YES ? WB_YES : WB_UNKNOWN;
}

/* The constant in the parentheses after the word: FROM (…), TO (…), IN (…). */
static struct wb_sv bound_value(struct stretch s, const char *word)
{
	size_t i = find_word(s, 0, word), end;

	if (i + 1 >= s.n || s.v[i + 1].kind != WB_TOK_OPEN)
		return (struct wb_sv){ NULL, 0 };
	end = closing(s, i + 1);
	return end < s.n ? constant((struct stretch){ s.v + i + 2, end - i - 2 }) : (struct wb_sv){ NULL, 0 };
}

static enum wb_tri bound_holds(const struct wb_relation *r, struct stretch bound, const char *column)
{
	struct wanted from = { column, ">=", bound_value(bound, "from") },
		      to = { column, "<", bound_value(bound, "to") }, in = { column, "=", bound_value(bound, "in") };

	if (in.value.p)
		return any_check(r, piece_bound, &in);
	return all_of(any_check(r, piece_bound, &from), any_check(r, piece_bound, &to));
}

static bool has_check(const struct wb_relation *r)
{
	for (size_t i = 0; i < r->constraints.n; i++)
		if (r->constraints.v[i].kind == 'c' && !r->constraints.v[i].invalid)
			return true;
	return false;
}

/* key: "RANGE (at)", "LIST (kind)"; one column only, the rest is unknown unless no CHECK speaks of anything. */
enum wb_tri wb_bound_implied(const struct wb_relation *r, const char *key, const char *bound)
{
	struct tokens k, b;
	char column[256];
	enum wb_tri not_null, holds;

	read_tokens(&k, key);
	read_tokens(&b, bound);
	if (!has_check(r))
		return WB_NO;
	if (k.n != 4 || b.more || k.v[1].kind != WB_TOK_OPEN || k.v[2].kind != WB_TOK_WORD ||
	    !wb_sv_copy(k.v[2].text, column, sizeof column))
		return WB_UNKNOWN;
	const struct wb_world_column *c = wb_relation_column(r, column);
	not_null = c && c->flags & WB_COL_NOT_NULL ? WB_YES : any_check(r, piece_not_null, column);
	holds = bound_holds(r, (struct stretch){ b.v, b.n }, column);
	return all_of(not_null, holds);
}
