/* SPDX-License-Identifier: Apache-2.0
 *
 * Pieces of SQL that checks put together, and decimal numbers as they stand in
 * suites and as databases write them.
 */
#include "check/check.h"

#include "base/banned.h"

/* Names are quoted part by part; what somebody has quoted already stays as it is. */
void wb_check_add_table(struct wb_str *out, const char *table)
{
	struct wb_sv rest = wb_sv_str(table), part;
	bool first = true;
	if (strchr(table, '"')) {
		wb_str_add(out, table);
		return;
	}
	while (wb_sv_cut(&rest, '.', &part)) {
		if (!first)
			wb_str_addc(out, '.');
		wb_quote_ident(out, part);
		first = false;
	}
}

const char *wb_check_bare_table(const char *table)
{
	const char *point = strrchr(table, '.');
	return point && !strchr(table, '"') ? point + 1 : table;
}

void wb_check_add_column(struct wb_str *out, const char *table, const char *column)
{
	wb_check_add_table(out, table);
	wb_str_addc(out, '.');
	wb_quote_ident(out, wb_sv_str(column));
}

void wb_check_add_columns(struct wb_str *out, const char *table, const struct wb_texts *columns)
{
	for (size_t i = 0; i < columns->n; i++) {
		wb_str_add(out, i ? ", " : "");
		wb_check_add_column(out, table, columns->v[i]);
	}
}

/* The line end closes a comment at the end of the condition. */
void wb_check_add_where(struct wb_str *out, const char *word, const char *condition)
{
	if (condition)
		wb_str_addf(out, " %s (%s\n)", word, condition);
}

struct wb_sv wb_check_query(const char *text)
{
	struct wb_sv query = wb_sv_trim(wb_sv_str(text));
	while (query.n && query.p[query.n - 1] == ';')
		query = wb_sv_trim(wb_sv(query.p, query.n - 1));
	return query;
}

bool wb_check_reads(enum wb_dialect dialect, const char *text, const char **ret_why)
{
	static const char *const words[] = { "SELECT", "WITH", "VALUES", "TABLE" };
	struct wb_lexer lx;
	struct wb_head head;
	struct wb_token t;
	bool reads = false;
	wb_sql_head(dialect, wb_check_query(text), &head);
	for (size_t i = 0; i < WB_ARRAY_LEN(words); i++)
		reads |= !strcmp(head.words[0], words[i]);
	*ret_why = head.n == 0 ? "it begins with no word of SQL" : "a check may only read: SELECT, WITH, VALUES, TABLE";
	if (!reads)
		return false;
	wb_lex_init(&lx, dialect, wb_check_query(text));
	for (t = wb_lex_next_solid(&lx); t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx)) {
		*ret_why = t.flaw ? "a string, name or comment has no end" : "it is more than one statement";
		if (t.flaw || t.kind == WB_TOK_SEMICOLON)
			return false;
	}
	return true;
}

#define MICRO 1000000

bool wb_check_micros(struct wb_sv text, int64_t *ret)
{
	const char *point;
	int64_t whole = 0, part = 0, unit = MICRO;
	bool minus = text.n && text.p[0] == '-';
	size_t i, n;
	text = minus ? wb_sv(text.p + 1, text.n - 1) : text;
	point = text.n ? memchr(text.p, '.', text.n) : NULL;
	n = point ? (size_t)(point - text.p) : text.n;
	if (n == 0 || !(text.p[0] >= '0' && text.p[0] <= '9') || !wb_sv_i64(wb_sv(text.p, n), &whole) ||
	    whole > INT64_MAX / MICRO - 1)
		return false;
	for (i = n + 1; i < text.n; i++) {
		if (!(text.p[i] >= '0' && text.p[i] <= '9'))
			return false;
		unit /= 10;
		part += unit * (text.p[i] - '0');
	}
	*ret = (minus ? -1 : 1) * (whole * MICRO + part);
	return !point || n + 1 < text.n;
}

bool wb_check_tolerance(const char *text, int64_t *ret, bool *ret_percent)
{
	struct wb_sv t = wb_sv_trim(wb_sv_str(text));
	*ret_percent = wb_sv_ends(t, "%");
	if (*ret_percent)
		t = wb_sv_trim(wb_sv(t.p, t.n - 1));
	return wb_check_micros(t, ret) && *ret >= 0;
}

const char *wb_check_keep(struct wb_checking *k, const struct wb_str *s)
{
	const char *text = s->failed ? NULL : wb_arena_sv(&k->arena, wb_str_sv(s));
	k->nomem |= !text;
	return text;
}

const char *wb_check_join(struct wb_checking *k, const struct wb_texts *t)
{
	wb_autostr s = WB_STR_INIT;
	for (size_t i = 0; i < t->n; i++)
		wb_str_addf(&s, "%s%s", i ? ", " : "", t->v[i]);
	return wb_check_keep(k, &s);
}
