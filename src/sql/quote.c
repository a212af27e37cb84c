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
