/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions about one statement that its tokens can answer.
 */
#include "sql/sql.h"

static void upper(struct wb_sv word, char *buf, size_t size)
{
	size_t n = word.n < size - 1 ? word.n : size - 1;
	for (size_t i = 0; i < n; i++)
		buf[i] = word.p[i] >= 'a' && word.p[i] <= 'z' ? (char)(word.p[i] - 32) : word.p[i];
	buf[n] = '\0';
}

void wb_sql_head(enum wb_dialect dialect, struct wb_sv statement, struct wb_head *ret_head)
{
	struct wb_lexer lx;
	struct wb_token t;
	*ret_head = (struct wb_head){ .n = 0 };
	wb_lex_init(&lx, dialect, statement);
	while (ret_head->n < WB_HEAD_WORDS && (t = wb_lex_next_solid(&lx)).kind == WB_TOK_WORD)
		upper(t.text, ret_head->words[ret_head->n++], sizeof(ret_head->words[0]));
}

bool wb_sql_has_word(enum wb_dialect dialect, struct wb_sv statement, const char *word)
{
	struct wb_lexer lx;
	struct wb_token t;
	wb_lex_init(&lx, dialect, statement);
	while ((t = wb_lex_next_solid(&lx)).kind != WB_TOK_END) {
		if (t.kind == WB_TOK_WORD && wb_sv_ieq(t.text, word))
			return true;
	}
	return false;
}

bool wb_sql_is_copy_from_stdin(struct wb_sv statement)
{
	struct wb_lexer lx;
	struct wb_token t;
	unsigned depth = 0;
	bool from = false;
	wb_lex_init(&lx, WB_DIALECT_POSTGRES, statement);
	t = wb_lex_next_solid(&lx);
	if (t.kind != WB_TOK_WORD || !wb_sv_ieq(t.text, "copy"))
		return false;
	while ((t = wb_lex_next_solid(&lx)).kind != WB_TOK_END) {
		if (t.kind == WB_TOK_OPEN)
			depth++;
		else if (t.kind == WB_TOK_CLOSE)
			depth -= depth > 0;
		if (from && t.kind == WB_TOK_WORD && wb_sv_ieq(t.text, "stdin"))
			return true;
		from = depth == 0 && t.kind == WB_TOK_WORD && wb_sv_ieq(t.text, "from");
	}
	return false;
}
