/* SPDX-License-Identifier: Apache-2.0
 *
 * Quoting: as expected, and read back as one token.
 */
#include "tests.h"

static void identifiers(void **state)
{
	wb_autostr s = WB_STR_INIT;

	(void)state;
	wb_quote_ident(&s, WB_SV("a"));
	wb_str_addc(&s, ' ');
	wb_quote_ident(&s, WB_SV("a\"b\"\"c"));
	wb_str_addc(&s, ' ');
	wb_quote_ident(&s, WB_SV("SELECT 'é' \\"));
	wb_str_addc(&s, ' ');
	wb_quote_ident(&s, wb_sv(NULL, 0));
	assert_string_equal(s.p, "\"a\" \"a\"\"b\"\"\"\"c\" \"SELECT 'é' \\\" \"\"");
}

static void literals(void **state)
{
	static const struct {
		const char *before, *text, *pg, *lite;
	} v[] = {
		{ "", "a", "'a'", "'a'" },
		{ "", "", "''", "''" },
		{ "", "it's", "'it''s'", "'it''s'" },
		{ "", "a\\b", "E'a\\\\b'", "'a\\b'" },
		{ "=", "\\'", "= E'\\\\'''", "='\\'''" },
		{ "(", "\\", "(E'\\\\'", "('\\'" },
		{ "in ", "\\", "in E'\\\\'", "in '\\'" },
		{ "in", "\\", "in E'\\\\'", "in'\\'" },
		{ "", "\"$$\"", "'\"$$\"'", "'\"$$\"'" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(v); i++) {
		wb_autostr pg = WB_STR_INIT, lite = WB_STR_INIT;

		wb_str_add(&pg, v[i].before);
		wb_quote_literal(&pg, PG, wb_sv_str(v[i].text));
		assert_string_equal(pg.p, v[i].pg);
		wb_str_add(&lite, v[i].before);
		wb_quote_literal(&lite, LITE, wb_sv_str(v[i].text));
		assert_string_equal(lite.p, v[i].lite);
	}
}

static void check_one_token(enum wb_dialect dialect, const struct wb_str *s, enum wb_token_kind kind)
{
	struct wb_lexer lx;
	struct wb_token t;

	assert_false(s->failed);
	wb_lex_init(&lx, dialect, wb_str_sv(s));
	t = wb_lex_next(&lx);
	assert_int_equal(t.kind, kind);
	assert_int_equal(t.flaw, WB_FLAW_NONE);
	assert_int_equal(t.text.n, s->n);
}

static void whatever_is_quoted_is_one_token(void **state)
{
	uint64_t seed = 20251121;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		enum wb_dialect dialect = i % 2 ? PG : LITE;
		wb_autostr soup = WB_STR_INIT, out = WB_STR_INIT;

		make_soup(&soup, &seed, dialect);
		wb_quote_literal(&out, dialect, wb_str_sv(&soup));
		check_one_token(dialect, &out, WB_TOK_STRING);
		wb_str_clear(&out);
		wb_quote_ident(&out, wb_str_sv(&soup));
		check_one_token(dialect, &out, WB_TOK_IDENT);
	}
}

static int quote_all(void *user)
{
	wb_autostr s = WB_STR_INIT;

	wb_quote_ident(&s, wb_sv_str(user));
	wb_quote_literal(&s, PG, wb_sv_str(user));
	return s.failed ? WB_ENOMEM : 0;
}

static void no_memory(void **state)
{
	char text[] =
		"a rather long text, so that the buffer has to grow: 'x' \"y\" \\z .................................";

	(void)state;
	assert_true(wb_oom_run(quote_all, text) >= 2);
}

int test_quote(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(identifiers),
		cmocka_unit_test(literals),
		cmocka_unit_test(whatever_is_quoted_is_one_token),
		cmocka_unit_test(no_memory),
	};
	return RUN_GROUP("quote");
}
