/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel_batch(a, b) in a statement that is run for one piece of a table
 * after the other: the place where it says which rows a piece is about. The
 * call is replaced by a condition on what stands in its brackets.
 */
#include "sql.h"

#define PIECE "whimbrel_batch"

/* One call: its keys, and where it begins and ends. */
struct call {
	struct wb_sv whole;
	struct wb_sv keys[WB_PIECE_KEYS_MAX];
	size_t n;
};

/* Reads what stands in the brackets, after the opening one. */
static bool read_keys(struct wb_lexer *lx, struct call *c)
{
	const char *start = lx->p;
	int depth = 1;
	for (;;) {
		struct wb_token t = wb_lex_next_solid(lx);
		bool comma = depth == 1 && wb_sv_eq(t.text, WB_SV(","));
		if (t.kind == WB_TOK_END)
			return false;
		depth += (t.kind == WB_TOK_OPEN) - (t.kind == WB_TOK_CLOSE);
		if (!comma && depth)
			continue;
		if (c->n == WB_PIECE_KEYS_MAX)
			return false;
		c->keys[c->n] = wb_sv_trim(wb_sv(start, (size_t)(t.text.p - start)));
		start = t.text.p + 1;
		if (!c->keys[c->n++].n)
			return false;
		if (!depth)
			break;
	}
	c->whole.n = (size_t)(start - c->whole.p);
	return true;
}

static bool next_call(struct wb_lexer *lx, struct call *c)
{
	struct wb_token t = wb_lex_next_solid(lx);
	*c = (struct call){ 0 };
	while (t.kind != WB_TOK_END) {
		bool named = t.kind == WB_TOK_WORD && wb_sv_ieq(t.text, PIECE);
		c->whole = t.text;
		t = wb_lex_next_solid(lx);
		if (named && t.kind == WB_TOK_OPEN)
			return read_keys(lx, c);
	}
	return false;
}

size_t wb_sql_piece_keys(enum wb_dialect dialect, struct wb_sv statement)
{
	struct wb_lexer lx;
	struct call c;
	size_t n = 0;
	wb_lex_init(&lx, dialect, statement);
	while (next_call(&lx, &c)) {
		if (n && n != c.n)
			return 0;
		n = c.n;
	}
	return n;
}

/* (a, b) */
static void add_row(const struct call *c, struct wb_str *out)
{
	for (size_t i = 0; i < c->n; i++) {
		wb_str_add(out, i ? ", " : "(");
		wb_str_addsv(out, c->keys[i]);
	}
	wb_str_addc(out, ')');
}

static void add_nulls(const struct call *c, const char *between, const char *test, struct wb_str *out)
{
	for (size_t i = 0; i < c->n; i++) {
		wb_str_add(out, i ? between : "");
		wb_str_addc(out, '(');
		wb_str_addsv(out, c->keys[i]);
		wb_str_add(out, test);
	}
}

static void add_condition(const struct call *c, const char *from, const char *to, struct wb_str *out)
{
	wb_str_addc(out, '(');
	if (!to) {
		add_nulls(c, " OR ", ") IS NULL", out);
	} else {
		if (from) {
			add_row(c, out);
			wb_str_addf(out, " > (%s) AND ", from);
		}
		add_row(c, out);
		wb_str_addf(out, " <= (%s)", to);
		/* Of several columns one may be NULL and the row still be less. */
		wb_str_add(out, c->n > 1 ? " AND " : "");
		if (c->n > 1)
			add_nulls(c, " AND ", ") IS NOT NULL", out);
	}
	wb_str_addc(out, ')');
}

void wb_sql_piece(enum wb_dialect dialect, struct wb_sv statement, const char *from, const char *to, struct wb_str *out)
{
	const char *rest = statement.p, *end = statement.p + statement.n;
	struct wb_lexer lx;
	struct call c;
	wb_lex_init(&lx, dialect, statement);
	while (next_call(&lx, &c)) {
		wb_str_addn(out, rest, (size_t)(c.whole.p - rest));
		add_condition(&c, from, to, out);
		rest = c.whole.p + c.whole.n;
	}
	wb_str_addn(out, rest, (size_t)(end - rest));
}

void wb_sql_piece_blank(enum wb_dialect dialect, char *statement, size_t n)
{
	static const char instead[] = "NULL       IN ";
	struct wb_lexer lx;
	struct call c;
	wb_lex_init(&lx, dialect, wb_sv(statement, n));
	while (next_call(&lx, &c))
		memcpy(statement + (c.whole.p - statement), instead, strlen(PIECE));
}
