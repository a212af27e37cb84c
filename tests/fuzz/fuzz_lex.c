/* SPDX-License-Identifier: Apache-2.0
 *
 * The lexer on any bytes (the first one chooses the dialect: P or S). Tokens
 * joined are the text, a flaw reaches to the end, and a token that is not hungry
 * stays the same when more text follows.
 */
#include "sql/sql.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "%s\n", what);
	abort();
}

static void check_tokens(enum wb_dialect dialect, struct wb_sv text)
{
	const char *p = text.p, *end = text.p + text.n;
	struct wb_lexer lx;
	struct wb_token t;

	wb_lex_init(&lx, dialect, text);
	while ((t = wb_lex_next(&lx)).kind != WB_TOK_END) {
		require(t.text.p == p && t.text.n > 0, "a gap between tokens");
		p += t.text.n;
		require(!t.flaw || t.flaw == WB_FLAW_NUL_BYTE || p == end, "a flaw that does not reach to the end");
	}
	require(p == end, "tokens that do not reach to the end");
}

static void check_start(enum wb_dialect dialect, struct wb_sv text, size_t cut)
{
	struct wb_lexer part, whole;

	wb_lex_init(&part, dialect, wb_sv(text.p, cut));
	wb_lex_init(&whole, dialect, text);
	for (;;) {
		struct wb_token a = wb_lex_next(&part), b = wb_lex_next(&whole);

		if (part.hungry)
			return;
		require(a.kind == b.kind && a.text.n == b.text.n && a.flaw == b.flaw,
			"a token that was hungry after all");
		require(part.at_line_start == whole.at_line_start, "another start of line");
	}
}

static void check_questions(enum wb_dialect dialect, struct wb_sv text)
{
	struct wb_head head;
	int i;

	wb_sql_head(dialect, text, &head);
	require(head.n >= 0 && head.n <= WB_HEAD_WORDS, "too many words");
	for (i = 0; i < WB_HEAD_WORDS; i++)
		require((head.words[i][0] != '\0') == (i < head.n), "words that are not there");
	(void)wb_sql_has_word(dialect, text, "select");
	(void)wb_sql_is_copy_from_stdin(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wb_sv text = { (const char *)data + 1, size - 1 };
	enum wb_dialect dialect;
	size_t cut;

	if (size < 1)
		return 0;
	dialect = data[0] & 1 ? WB_DIALECT_SQLITE : WB_DIALECT_POSTGRES;
	check_tokens(dialect, text);
	for (cut = 0; cut < text.n && cut < 200; cut++)
		check_start(dialect, text, cut);
	check_questions(dialect, text);
	return 0;
}
