/* SPDX-License-Identifier: Apache-2.0
 *
 * Quoting for text that goes into SQL.
 */
#include "sql/sql.h"

static void doubled(struct wb_str *out, struct wb_sv text, char quote, bool backslashes)
{
	wb_str_addc(out, quote);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == quote || (backslashes && text.p[i] == '\\'))
			wb_str_addc(out, text.p[i]);
		wb_str_addc(out, text.p[i]);
	}
	wb_str_addc(out, quote);
}

void wb_quote_ident(struct wb_str *out, struct wb_sv name)
{
	doubled(out, name, '"', false);
}

/* Without E, what a backslash means would depend on the session's standard_conforming_strings. The blank keeps
 * the E from becoming the end of a word before it. */
void wb_quote_literal(struct wb_str *out, enum wb_dialect dialect, struct wb_sv text)
{
	bool escaped = dialect == WB_DIALECT_POSTGRES && text.n > 0 && memchr(text.p, '\\', text.n);
	if (escaped)
		wb_str_add(out, out->n > 0 && out->p[out->n - 1] != ' ' && out->p[out->n - 1] != '(' ? " E" : "E");
	doubled(out, text, '\'', escaped);
}

struct wb_sv wb_token_bare(struct wb_token t)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
	struct wb_sv name = t.text;

	if (t.kind != WB_TOK_IDENT || t.flaw || name.n < 3)
		return t.text;
	name = wb_sv(name.p + 1, name.n - 2);
	for (size_t i = 0; i < name.n; i++)
		if (!memchr(plain, name.p[i], strlen(plain)))
			return t.text;
	return name;
}

/* Words that neither engine takes for a name as they are; more are quoted than must be. */
static bool is_reserved(const char *name)
{
	static const char *const words[] = {
		"all",     "analyse",    "analyze", "and",     "any",      "array",   "as",     "asc",        "between",
		"both",    "by",         "case",    "cast",    "check",    "collate", "column", "constraint", "create",
		"cross",   "current",    "default", "desc",    "distinct", "do",      "else",   "end",        "except",
		"false",   "fetch",      "for",     "foreign", "from",     "full",    "grant",  "group",      "having",
		"in",      "index",      "inner",   "into",    "is",       "join",    "left",   "like",       "limit",
		"natural", "not",        "null",    "offset",  "on",       "only",    "or",     "order",      "outer",
		"primary", "references", "right",   "select",  "set",      "some",    "table",  "then",       "to",
		"true",    "union",      "unique",  "update",  "user",     "using",   "values", "verbose",    "view",
		"when",    "where",      "window",  "with",
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(words); i++) {
		if (!strcmp(words[i], name))
			return true;
	}
	return false;
}

static bool is_plain(const char *name)
{
	const char *p = name;
	for (; *p; p++) {
		bool letter = (*p >= 'a' && *p <= 'z') || *p == '_';
		if (!letter && !(p > name && *p >= '0' && *p <= '9'))
			return false;
	}
	return p > name && !is_reserved(name);
}

void wb_quote_where_needed(struct wb_str *out, const char *name)
{
	if (is_plain(name))
		wb_str_add(out, name);
	else
		wb_quote_ident(out, wb_sv_str(name));
}
