/* SPDX-License-Identifier: Apache-2.0
 *
 * Random token soup: what must hold for any text at all.
 */
#include "tests.h"

#include "sql/split.h"

#define ROUNDS 6000

static void check_tokens(enum wb_dialect dialect, struct wb_sv text)
{
	struct wb_lexer lx;
	struct wb_token t;
	const char *p = text.p;

	wb_lex_init(&lx, dialect, text);
	while ((t = wb_lex_next(&lx)).kind != WB_TOK_END) {
		assert_ptr_equal(t.text.p, p);
		assert_true(t.text.n > 0);
		p += t.text.n;
		assert_true(t.flaw == WB_FLAW_NONE || p == text.p + text.n);
	}
	assert_ptr_equal(p, text.p + text.n);
}

/* As far as its tokens are not hungry, a start of the text reads like the whole. */
static void check_hunger(enum wb_dialect dialect, struct wb_sv text, size_t cut)
{
	struct wb_lexer part, whole;

	wb_lex_init(&part, dialect, wb_sv(text.p, cut));
	wb_lex_init(&whole, dialect, text);
	for (;;) {
		struct wb_token a = wb_lex_next(&part), b;

		if (part.hungry)
			return;
		b = wb_lex_next(&whole);
		assert_int_equal(a.kind, b.kind);
		assert_int_equal(a.text.n, b.text.n);
		assert_int_equal(a.flaw, b.flaw);
	}
}

static void tokens(void **state)
{
	uint64_t seed = 1;
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		enum wb_dialect dialect = i % 2 ? PG : LITE;
		wb_autostr soup = WB_STR_INIT;

		make_soup(&soup, &seed, dialect);
		check_tokens(dialect, wb_str_sv(&soup));
		check_hunger(dialect, wb_str_sv(&soup), soup.n ? next_random(&seed) % soup.n : 0);
	}
}

/* The splitter as it would be without window, and without the fast way: every token goes through the lexer. */
static void split_simply(struct wb_str *out, enum wb_dialect dialect, struct wb_sv text)
{
	struct wb_lexer lx;
	struct wb_token t;
	struct wb_body body;
	const char *start = NULL, *end = NULL;

	wb_lex_init(&lx, dialect, text);
	for (;;) {
		bool line_start = lx.at_line_start;

		t = wb_lex_next(&lx);
		if (t.flaw || t.kind == WB_TOK_META ||
		    (dialect == LITE && !start && line_start && t.kind == WB_TOK_OTHER && t.text.p[0] == '.')) {
			wb_str_addc(out, '!');
			return;
		}
		if (t.kind == WB_TOK_END)
			break;
		if (t.kind == WB_TOK_SPACE || t.kind == WB_TOK_LINE_COMMENT || t.kind == WB_TOK_BLOCK_COMMENT)
			continue;
		if (!start) {
			if (t.kind == WB_TOK_SEMICOLON)
				continue;
			start = end = t.text.p;
			wb_body_init(&body, dialect);
		}
		if (wb_body_take(&body, &t)) {
			wb_str_addf(out, "S %.*s|", (int)(end - start), start);
			start = NULL;
		} else {
			end = t.text.p + t.text.n;
		}
	}
	if (start)
		wb_str_addf(out, "s %.*s|", (int)(end - start), start);
}

static void statements(void **state)
{
	uint64_t seed = 2;
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		enum wb_dialect dialect = i % 2 ? PG : LITE;
		wb_autostr soup = WB_STR_INIT, simple = WB_STR_INIT, whole = WB_STR_INIT;
		char *error;

		make_soup(&soup, &seed, dialect);
		split_simply(&simple, dialect, wb_str_sv(&soup));
		render_texts(&whole, dialect, wb_str_sv(&soup), 0, false);
		error = strstr(whole.p, "! ");
		if (simple.n > 0 && simple.p[simple.n - 1] == '!') {
			if (!error)
				print_message("text: %s\n", soup.p);
			assert_non_null(error);
			assert_memory_equal(whole.p, simple.p, simple.n);
		} else {
			assert_string_equal(whole.p, simple.p);
		}
	}
}

static void pieces(void **state)
{
	uint64_t seed = 3;
	int i;

	(void)state;
	for (i = 0; i < ROUNDS / 4; i++) {
		enum wb_dialect dialect = i % 2 ? PG : LITE;
		wb_autostr soup = WB_STR_INIT, whole = WB_STR_INIT, byte = WB_STR_INIT, some = WB_STR_INIT;

		make_soup(&soup, &seed, dialect);
		render_items(&whole, dialect, wb_str_sv(&soup), 0, true);
		render_items(&byte, dialect, wb_str_sv(&soup), 1, true);
		render_items(&some, dialect, wb_str_sv(&soup), 1 + next_random(&seed) % 9, true);
		assert_string_equal(whole.p, byte.p);
		assert_string_equal(whole.p, some.p);
	}
}

/* The same soup round the edges of the window: behind a long comment, and inside a long statement. */
static void edges(void **state)
{
	uint64_t seed = 4;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		enum wb_dialect dialect = i % 2 ? PG : LITE;
		wb_autostr soup = WB_STR_INIT, text = WB_STR_INIT, simple = WB_STR_INIT, whole = WB_STR_INIT;
		size_t n;

		make_soup(&soup, &seed, dialect);
		n = ((size_t)64 << 10) - next_random(&seed) % (soup.n + 2);
		if (i % 4 < 2)
			wb_str_addf(&text, "/*%*s*/", (int)n - 4, "");
		else
			wb_str_addf(&text, "x%*s", (int)n - 1, "");
		wb_str_addsv(&text, wb_str_sv(&soup));
		split_simply(&simple, dialect, wb_str_sv(&text));
		render_texts(&whole, dialect, wb_str_sv(&text), 0, false);
		if (simple.n > 0 && simple.p[simple.n - 1] == '!')
			assert_memory_equal(whole.p, simple.p, simple.n);
		else
			assert_string_equal(whole.p, simple.p);
	}
}

int test_soup(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens),
		cmocka_unit_test(statements),
		cmocka_unit_test(pieces),
		cmocka_unit_test(edges),
	};
	return RUN_GROUP("soup");
}
